// From what a 278 answers to a ClaimResponse for preauthorization.
import type { JsonObject, Resource } from '../../../fhir/index.ts'
import { objectsAt } from '../../elements.ts'
import { X12_CODES } from '../code-systems.ts'
import { required, unwritable } from '../fault.ts'
import type { Rejection } from '../rejections.ts'
import { refuseAnswerToAnother, traceIdentifier } from '../traces.ts'
import type { AuthorizationAnswer, DecidedService, Decision } from './answer.ts'
import { addedItem, adjudicationsOf, authorizes, isPended, itemExtensions, wordsOf } from './decided-items.ts'
import { matchServices } from './match-services.ts'
import { PAS_EXTENSIONS } from './pas.ts'

/**
 * The response to this Claim, without an id, made on the day that the payer answered. Each item of the claim has its
 * service's decision, else the event's. `outcome` is `queued` while all is pended or nothing is said, and `partial` while
 * some is; a refusal is a decision, so `complete`; `error` is for requests that were rejected. `preAuthRef` is a number
 * under which services may be given. A cancelled authorization has the status `cancelled`. 422 when the answer names another
 * claim by its trace number.
 */
export function authorizationResponseOf(answer: AuthorizationAnswer, claim: Resource): Resource {
  if (claim.use !== 'preauthorization') throw unwritable('Claim.use', 'must be preauthorization')
  const { event } = answer
  refuseAnswerToAnother(event?.traces ?? [], claim)
  const made = new ItemMaker(event?.decision)
  made.makeAll(answer, claim)
  const { items, added, notes, decisions } = made
  const errors = [...answer.rejections.map((one) => errorOf(one, undefined)), ...made.errors]
  const preAuthRef = authorizationNumber(answer)
  const own = event?.traces.find((one) => !one.referenced && one.origin !== undefined)
  const words = event === undefined ? [] : wordsOf(event)
  return {
    resourceType: 'ClaimResponse',
    ...(own?.origin === undefined
      ? {}
      : { identifier: [traceIdentifier({ number: own.number, origin: own.origin })] }),
    status: event?.decision?.action === 'C' ? 'cancelled' : 'active',
    type: required(claim.type, 'Claim.type', 'is required'),
    use: 'preauthorization',
    patient: required(claim.patient, 'Claim.patient', 'is required'),
    created: answer.date,
    insurer: required(claim.insurer, 'Claim.insurer', 'is required'),
    ...(claim.provider === undefined ? {} : { requestor: claim.provider }),
    request: requestReference(claim),
    outcome: outcomeOf(decisions, errors.length > 0),
    ...(words.length === 0 ? {} : { disposition: words.join('\n') }),
    ...(preAuthRef === undefined ? {} : { preAuthRef }),
    ...(event?.effective === undefined ? {} : { preAuthPeriod: { ...event.effective } }),
    ...(items.length === 0 ? {} : { item: items }),
    ...(added.length === 0 ? {} : { addItem: added }),
    ...(notes.length === 0
      ? {}
      : { processNote: notes.map((text, index) => ({ number: index + 1, type: 'display', text })) }),
    ...(errors.length === 0 ? {} : { error: errors }),
  }
}

function requestReference(claim: Resource): JsonObject {
  if (claim.id !== undefined) return { reference: `Claim/${claim.id}` }
  const [identifier] = objectsAt(claim, 'identifier')
  return { identifier: required(identifier, 'Claim.id', 'is required') }
}

/** Makes the items of a response, with the notes and errors that belong to them. */
class ItemMaker {
  readonly #ofEvent: Decision | undefined
  readonly items: JsonObject[] = []
  readonly added: JsonObject[] = []
  readonly notes: string[] = []
  readonly errors: JsonObject[] = []
  /** Of all items; of the event where there are none. */
  readonly decisions: Decision[] = []

  constructor(ofEvent: Decision | undefined) {
    this.#ofEvent = ofEvent
  }

  makeAll({ services }: AuthorizationAnswer, claim: Resource): void {
    const items = objectsAt(claim, 'item')
    const { matched, rest } = matchServices(services, items)
    for (const item of items) this.#make(matched.get(item), item)
    for (const service of rest) this.#add(service)
    if (this.decisions.length === 0 && this.#ofEvent !== undefined) this.decisions.push(this.#ofEvent)
  }

  #make(service: DecidedService | undefined, item: JsonObject): void {
    const itemSequence = Number(item.sequence)
    for (const one of service?.rejections ?? []) this.errors.push(errorOf(one, itemSequence))
    const decision = service?.decision ?? this.#ofEvent
    if (decision === undefined) return
    this.decisions.push(decision)
    this.items.push({
      ...itemExtensions(service),
      itemSequence,
      ...this.#noteNumber(service),
      adjudication: adjudicationsOf(decision, service, item),
    })
  }

  #add(service: DecidedService): void {
    for (const one of service.rejections) this.errors.push(errorOf(one, undefined))
    const decision = service.decision ?? this.#ofEvent
    if (decision === undefined) return
    this.decisions.push(decision)
    this.added.push({ ...addedItem(service, decision), ...this.#noteNumber(service) })
  }

  #noteNumber(service: DecidedService | undefined): { readonly noteNumber?: number[] } {
    const words = service === undefined ? [] : wordsOf(service)
    if (words.length === 0) return {}
    return { noteNumber: [this.notes.push(words.join('\n'))] }
  }
}

function outcomeOf(decisions: readonly Decision[], rejected: boolean): string {
  if (decisions.length === 0) return rejected ? 'error' : 'queued'
  const pended = decisions.filter(isPended).length
  if (pended === decisions.length) return rejected ? 'partial' : 'queued'
  return pended > 0 || rejected ? 'partial' : 'complete'
}

/** The event's; else that of all services, when they have one only. */
function authorizationNumber({ event, services }: AuthorizationAnswer): string | undefined {
  const { decision } = event ?? {}
  if (decision?.number !== undefined) return authorizes(decision) ? decision.number : undefined
  const numbers = services.flatMap((one) =>
    one.decision !== undefined && authorizes(one.decision) ? (one.decision.number ?? []) : [],
  )
  return new Set(numbers).size === 1 ? numbers[0] : undefined
}

function errorOf({ loop, code, followUp }: Rejection, itemSequence: number | undefined): JsonObject {
  return {
    extension: [
      ...(followUp === undefined
        ? []
        : [
            {
              url: PAS_EXTENSIONS.followUp,
              valueCodeableConcept: { coding: [{ system: X12_CODES.followUp, code: followUp }] },
            },
          ]),
      { url: PAS_EXTENSIONS.errorElement, valueString: loop },
    ],
    ...(itemSequence === undefined ? {} : { itemSequence }),
    code: { coding: [{ system: X12_CODES.rejectReason, code }] },
  }
}
