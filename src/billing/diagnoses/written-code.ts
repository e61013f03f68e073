// How ICD-10-CM codes are written: with a dot after the third character, or without it as X12 does.

/** https://www.cdc.gov/nchs/icd/icd-10-cm/: three characters, and up to four after the dot. */
const SHAPE = /^([A-Z][0-9A-Z]{2})(?:\.?([0-9A-Z]{1,4}))?$/

/** The code without its dot; undefined where it is not written as codes of ICD-10-CM are. */
export function withoutDot(written: string): string | undefined {
  const [, category, rest = ''] = SHAPE.exec(written) ?? []
  return category === undefined ? undefined : category + rest
}

export function withDot(code: string): string {
  return code.length > 3 ? `${code.slice(0, 3)}.${code.slice(3)}` : code
}

/** With X in the places that a code leaves free before its seventh character, where that was left out: `T1491XA`. */
export function withPlaceholders(code: string): string {
  return code.slice(0, -1).padEnd(6, 'X') + code.slice(-1)
}
