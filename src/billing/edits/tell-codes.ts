// Codes of a rule as they are told.
import { codesOf, type CodeSet } from '../rules/index.ts'

export function tellCodes({ codes, range }: CodeSet): string {
  const span = range === undefined ? [] : [`${range.first.code} to ${range.last.code}`]
  return [...(codes.length === 0 ? [] : [codesOf(codes)]), ...span].join(', ')
}
