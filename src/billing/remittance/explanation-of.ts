// The ExplanationOfBenefit of a claim that a payer has decided on: the claim's lines beside what became of them.
import type { JsonObject, Resource } from '../../fhir/index.ts'
import { objectsAt } from '../elements.ts'
import {
  claimAdjustments,
  claimTotals,
  decidedLines,
  decidedOn,
  identifiersOf,
  paymentOf,
  statusExtension,
  useOf,
  type DecidedClaim,
} from './decided-claim.ts'

/** Elements that stand in both, and say the same. */
const OF_CLAIM = [
  'subType',
  'patient',
  'billablePeriod',
  'provider',
  'payee',
  'facility',
  'careTeam',
  'diagnosis',
  'procedure',
] as const
const OF_ITEM = [
  'careTeamSequence',
  'diagnosisSequence',
  'procedureSequence',
  'revenue',
  'productOrService',
  'modifier',
  'servicedDate',
  'servicedPeriod',
  'locationCodeableConcept',
  'quantity',
  'unitPrice',
  'net',
  'encounter',
] as const

/** @param responseId of the ClaimResponse that is written with it */
export function explanationOf(decided: DecidedClaim, id: string, responseId: string): Resource {
  const { claim, insurer } = decided
  const { items, added, notes, isPartial } = decidedLines(decided)
  const adjustments = claimAdjustments(decided)
  const lines = claimLines(claim, items)
  return {
    resourceType: 'ExplanationOfBenefit',
    id,
    extension: [statusExtension(decided)],
    identifier: identifiersOf(decided),
    status: 'active',
    type: claim['type'] as JsonObject,
    use: useOf(decided),
    ...taken(claim, OF_CLAIM),
    created: decidedOn(decided),
    insurer,
    claim: { reference: `Claim/${String(claim['id'])}` },
    claimResponse: { reference: `ClaimResponse/${responseId}` },
    outcome: isPartial ? 'partial' : 'complete',
    insurance: objectsAt(claim, 'insurance').map((one) => taken(one, ['focal', 'coverage', 'preAuthRef'])),
    ...(lines.length === 0 ? {} : { item: lines }),
    ...(added.length === 0 ? {} : { addItem: [...added] }),
    ...(adjustments === undefined ? {} : { adjudication: adjustments }),
    total: claimTotals(decided),
    payment: paymentOf(decided),
    ...(notes.length === 0 ? {} : { processNote: [...notes] }),
  }
}

/** Every line of the claim; one that is decided on in parts stands once, with all that is said of it. */
function claimLines(
  claim: Resource,
  decided: readonly { readonly sequence: number; readonly said: JsonObject }[],
): JsonObject[] {
  return objectsAt(claim, 'item').map((item) => {
    const own = decided.filter(({ sequence }) => sequence === item['sequence']).map(({ said }) => said)
    const notes = [...new Set(own.flatMap((said) => (said['noteNumber'] ?? []) as number[]))]
    const adjudication = own.flatMap((said) => objectsAt(said, 'adjudication'))
    return {
      sequence: Number(item['sequence']),
      ...taken(item, OF_ITEM),
      ...(notes.length === 0 ? {} : { noteNumber: notes }),
      ...(adjudication.length === 0 ? {} : { adjudication }),
    }
  })
}

function taken(from: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = from[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}
