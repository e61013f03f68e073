// How often an institutional claim bills a stay, and where it says the patient is: the last digit of its type of bill.

/** Digits of NUBC's frequency; `replacement` is also X12's CLM05-3. */
export const FREQUENCIES = {
  whole: '1',
  first: '2',
  continuing: '3',
  last: '4',
  replacement: '7',
} as const

export type Frequency = (typeof FREQUENCIES)[keyof typeof FREQUENCIES]

/** @param isFirst whether no day of the stay is billed before @param isLast whether the stay is over with these days */
export function frequencyOf(isFirst: boolean, isLast: boolean): Frequency {
  if (isFirst) return isLast ? FREQUENCIES.whole : FREQUENCIES.first
  return isLast ? FREQUENCIES.last : FREQUENCIES.continuing
}
