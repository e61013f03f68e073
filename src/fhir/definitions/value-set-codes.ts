// The codes of one enumerated value set, ready to be asked (https://hl7.org/fhir/R4/terminologies.html#required).
import type { ValueSetCodes } from './definition.ts'

/** A row of `generated/codes.json`: system -> codes, in the definition's order. */
export interface EnumeratedValueSet {
  readonly name: string
  readonly systems: Readonly<Record<string, readonly string[]>>
}

const SAMPLE_SIZE = 12

export function enumerateCodes(valueSet: EnumeratedValueSet): ValueSetCodes {
  const bySystem = new Map(
    Object.entries(valueSet.systems).map(([system, codes]) => [system, new Set(codes)]),
  )
  const all = new Set(Object.values(valueSet.systems).flat())
  return {
    name: valueSet.name,
    size: all.size,
    hasCode: (code) => all.has(code),
    has: (system, code) => system !== undefined && bySystem.get(system)?.has(code) === true,
    systems: [...bySystem.keys()],
    sample: [...all].slice(0, SAMPLE_SIZE),
  }
}
