// Compares codings as billing does.
import type { CodeSet } from './service-rule.ts'
import type { Coding } from './service-facts.ts'

/** Some payers' guides write the system of HCPCS with https; both mean one. */
const SYSTEM_ALIASES: Readonly<Record<string, string>> = {
  'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets':
    'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
}

/** A text that two codings share when they mean the same. */
export function keyOf({ system = '', code }: Coding): string {
  return `${SYSTEM_ALIASES[system] ?? system}|${code}`
}

/** As `keyOf`, where either may come without a system. */
export function isSameCode(one: Coding, other: Coding): boolean {
  if (one.code !== other.code) return false
  return one.system === undefined || other.system === undefined || keyOf(one) === keyOf(other)
}

export function isIn({ codes, range }: CodeSet, coding: Coding): boolean {
  const key = keyOf(coding)
  if (codes.some((code) => keyOf(code) === key)) return true
  if (range === undefined) return false
  const { first, last } = range
  const ofSystem = keyOf({ ...coding, code: first.code }) === keyOf(first)
  return (
    ofSystem &&
    coding.code.length === first.code.length &&
    coding.code >= first.code &&
    coding.code <= last.code
  )
}
