// What somebody of the practice has to do about billing, as a Task.
import { formatInstant, type JsonObject, type Resource } from '../../fhir/index.ts'
import { madeIdentifier } from '../made.ts'

/** `Task.code`, of this CodeSystem. */
export const BILLING_TASKS = 'https://alcove.health/fhir/CodeSystem/billing-tasks'

export type WorkKind =
  /** A claim that was sent: `Task.businessStatus` says how far it came. Not work, until it is refused. */
  | 'claim-submission'
  /** A payer is asked to authorize services, or whether a patient is covered. Not work either. */
  | 'authorization-request'
  | 'eligibility-request'
  /** A claim is not fit to be sent. */
  | 'claim-edit'
  /** A payer, or who is between, did not take a claim on. */
  | 'claim-rejection'
  | 'claim-denial'
  /** A visit or stay of which no claim can be made yet. */
  | 'unbillable-visit'
  | 'late-note'
  | 'authorization-expiring'
  /** A claim that is not sent, or was not taken on, is soon too late for its payer. */
  | 'filing-limit-near'
  /** Something that a payer sent belongs to nothing here. */
  | 'unmatched-answer'

export interface WorkItem {
  readonly kind: WorkKind
  /** As `madeName` makes it: of one name there is one Task. */
  readonly name: string
  /** `Type/id` of what it is about; absent where nothing that is stored is. */
  readonly focus?: string
  readonly patient?: string
  readonly encounter?: string
  readonly owner?: string
  /** What to do, in a sentence. */
  readonly description: string
  /** Each with a code that programs know it by. Shown in this order. */
  readonly findings?: readonly WorkFinding[]
  readonly businessStatus?: { readonly code: string; readonly display: string }
  readonly priority?: 'routine' | 'urgent' | 'asap' | 'stat'
  /** `YYYY-MM-DD`. */
  readonly due?: string
  readonly status?: 'requested' | 'in-progress' | 'completed' | 'cancelled'
  /** Milliseconds since 1970. */
  readonly now: number
}

export interface WorkFinding {
  readonly code: string
  /** Of the code; that of the Tasks themselves where absent. */
  readonly system?: string
  readonly text: string
}

/** The Task, without an id. */
export function workTask(item: WorkItem): Resource {
  const { kind, name, focus, patient, encounter, owner, findings = [], businessStatus, due } = item
  const at = formatInstant(item.now)
  return {
    resourceType: 'Task',
    identifier: [madeIdentifier(name)],
    status: item.status ?? 'requested',
    ...(businessStatus === undefined ? {} : { businessStatus: concept(businessStatus) }),
    intent: 'order',
    priority: item.priority ?? 'routine',
    code: concept({ code: kind }),
    description: item.description,
    ...(focus === undefined ? {} : { focus: { reference: focus } }),
    ...(patient === undefined ? {} : { for: { reference: patient } }),
    ...(encounter === undefined ? {} : { encounter: { reference: encounter } }),
    authoredOn: at,
    lastModified: at,
    ...(owner === undefined ? {} : { owner: { reference: owner } }),
    ...(due === undefined ? {} : { restriction: { period: { end: due } } }),
    ...(findings.length === 0
      ? {}
      : { input: findings.map(({ text, ...code }) => ({ type: concept(code), valueString: text })) }),
  }
}

function concept({
  system = BILLING_TASKS,
  code,
  display,
}: {
  readonly system?: string
  readonly code: string
  readonly display?: string
}): JsonObject {
  return { coding: [{ system, code, ...(display === undefined ? {} : { display }) }] }
}
