// The number that a practice gives a claim: what payers repeat in their answers.

const LENGTH = 20

/**
 * Twenty of A-Z and 0-9, which is as much as payers repeat whole; the same for the same name, and in practice no other's.
 * @param name hexadecimal, as `madeName` makes it
 */
export function controlNumberOf(name: string): string {
  const digits = BigInt(`0x${name}`).toString(36).toUpperCase()
  return `C${digits.padStart(LENGTH, '0').slice(1 - LENGTH)}`
}
