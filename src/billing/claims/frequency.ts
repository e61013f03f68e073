// Whether a claim is the first of its kind, replaces one or takes one back: the last digit of a type of bill.
import type { JsonObject } from '../../fhir/index.ts'
import { SYSTEMS } from '../systems.ts'

/** X12's CLM05-3. */
export const FREQUENCIES = { original: '1', replacement: '7', void: '8' } as const

/** `Claim.supportingInfo` of a professional claim, without its sequence. */
export function frequencyInformation(kind: keyof typeof FREQUENCIES): JsonObject {
  return {
    category: { coding: [{ system: SYSTEMS.informationPct, code: 'claimFrequency' }] },
    code: { coding: [{ system: SYSTEMS.typeOfBill, code: FREQUENCIES[kind] }] },
  }
}
