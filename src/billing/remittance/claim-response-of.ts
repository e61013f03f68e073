// The ClaimResponse of a claim that a payer has decided on, or has only taken on or refused.
import type { JsonObject, Resource } from '../../fhir/index.ts'
import { madeIdentifier } from '../made.ts'
import {
  isRefusal,
  type AcknowledgedClaim,
  type ClaimAcknowledgement,
  type ClaimStatus,
} from '../x12/index.ts'
import { objectAt, objectsAt, textAt } from '../elements.ts'
import { LINE_CONTROL_NUMBER } from '../x12/index.ts'
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
import { ANSWERED, PAYER_CLAIM_NUMBERS, X12_BATCHES } from './urls.ts'

/** Of an 835: `complete`, also where all is denied, for the adjudications say that; `partial` where lines are missing. */
export function decidedResponse(decided: DecidedClaim, id: string): Resource {
  const { claim, insurer } = decided
  const { items, added, notes, isPartial } = decidedLines(decided)
  const adjustments = claimAdjustments(decided)
  return {
    resourceType: 'ClaimResponse',
    id,
    extension: [statusExtension(decided)],
    identifier: identifiersOf(decided),
    ...ofClaim(claim, useOf(decided), insurer),
    created: decidedOn(decided),
    outcome: isPartial ? 'partial' : 'complete',
    ...(items.length === 0
      ? {}
      : { item: items.map(({ sequence, said }) => ({ itemSequence: sequence, ...said })) }),
    ...(added.length === 0 ? {} : { addItem: [...added] }),
    ...(adjustments === undefined ? {} : { adjudication: adjustments }),
    total: claimTotals(decided),
    payment: paymentOf(decided),
    ...(notes.length === 0 ? {} : { processNote: [...notes] }),
  }
}

export interface AcknowledgedAnswer {
  readonly claim: Resource
  readonly said: AcknowledgedClaim
  readonly whole: ClaimAcknowledgement
  readonly name: string
}

/** Of a 277CA: `queued` once it is taken on, `error` with the codes of the refusal. */
export function acknowledgedResponse({ claim, said, whole, name }: AcknowledgedAnswer, id: string): Resource {
  const { payerControlNumber: number } = said
  const { trace } = whole.receiver
  const errors = errorsOf(claim, said)
  return {
    resourceType: 'ClaimResponse',
    id,
    identifier: [
      ...(number === undefined ? [] : [{ system: PAYER_CLAIM_NUMBERS, value: number }]),
      madeIdentifier(name),
      ...(trace === undefined ? [] : [{ system: X12_BATCHES, value: trace }]),
    ],
    ...ofClaim(claim, 'claim', objectAt(claim, 'insurer') ?? { display: whole.source.name ?? 'Payer' }),
    created: whole.date,
    outcome: said.accepted ? 'queued' : 'error',
    ...(errors.length === 0 ? {} : { error: errors }),
  }
}

function ofClaim(claim: Resource, use: string, insurer: JsonObject): JsonObject {
  return {
    status: 'active',
    type: claim['type'] as JsonObject,
    use,
    patient: claim['patient'] as JsonObject,
    insurer,
    ...(claim['provider'] === undefined ? {} : { requestor: claim['provider'] }),
    request: { reference: `Claim/${String(claim['id'])}` },
  }
}

/** Each reason of what refuses, with the line that it is said of. */
function errorsOf(claim: Resource, { statuses, lines }: AcknowledgedClaim): JsonObject[] {
  const errors = (of: readonly ClaimStatus[], sequence?: number): JsonObject[] =>
    of
      .filter(isRefusal)
      .flatMap(({ reasons }) => reasons)
      .map(({ category, status }) => ({
        ...(sequence === undefined ? {} : { itemSequence: sequence }),
        code: {
          coding: [
            { system: ANSWERED.statusCategory, code: category },
            { system: ANSWERED.status, code: status },
          ],
        },
      }))
  const sequences = new Map(
    objectsAt(claim, 'item').map((item) => {
      const control = objectsAt(item, 'extension').find(({ url }) => url === LINE_CONTROL_NUMBER)
      return [textAt(objectAt(control, 'valueIdentifier'), 'value'), Number(item['sequence'])]
    }),
  )
  return [
    ...errors(statuses),
    ...lines.flatMap((line) => errors(line.statuses, sequences.get(line.controlNumber))),
  ]
}
