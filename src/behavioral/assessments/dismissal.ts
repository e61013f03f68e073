// Keeps whoever works with the Flags and Tasks that alerts raised from putting one away without saying why.
import { isDeepStrictEqual } from 'node:util'
import { isJsonObject, type Issue, type JsonValue, type Resource } from '../../fhir/index.ts'
import type { DomainChange } from '../../repository/index.ts'
import { ALERT_IDENTIFIER, FLAG_DETAIL, hasIdentifier, RESPONSE_IDENTIFIER } from './made-from.ts'

/** On a Flag: why it is active no longer. */
export const DISMISSAL_REASON = 'https://alcove.health/fhir/StructureDefinition/dismissal-reason'

/** States of a Task in which nothing is to be done any more (https://hl7.org/fhir/R4/valueset-task-status.html). */
const DONE: ReadonlySet<JsonValue | undefined> = new Set([
  'rejected',
  'cancelled',
  'completed',
  'failed',
  'entered-in-error',
])

/** What an alert says, and stays as it is. */
const KEPT = {
  Flag: ['code', 'subject', 'category'],
  Task: ['code', 'focus', 'for', 'intent'],
} as const

type Raised = keyof typeof KEPT

/** From the least urgent (https://hl7.org/fhir/R4/valueset-request-priority.html). */
const PRIORITIES: readonly (JsonValue | undefined)[] = ['routine', 'urgent', 'asap', 'stat']

/** What is wrong with a change to a Flag or Task, where an alert raised it or it says so of itself. */
export function dismissalIssues({ type, before, after }: DomainChange): readonly Issue[] {
  const wasRaised = before !== undefined && isRaised(before)
  if (!wasRaised && (after === undefined || !isRaised(after))) return []
  const kind = type as Raised
  if (after === undefined)
    return [fault(`${kind}.status`, `A ${kind} that an alert raised is not deleted: ${HOW[kind]}`)]
  return [
    ...(wasRaised ? [...changedParts(kind, before, after), ...hidden(kind, before, after)] : []),
    ...unexplained(kind, wasRaised ? before : undefined, after),
  ]
}

const HOW: Readonly<Record<Raised, string>> = {
  Flag: `give it the status inactive, and say why in an extension ${DISMISSAL_REASON} (valueCodeableConcept or valueString).`,
  Task: 'give it a status such as completed or cancelled, and say why in statusReason; of a completed one note or output may tell.',
}

/** Whether an alert raised it. */
function isRaised(resource: Resource): boolean {
  return hasIdentifier(resource, ALERT_IDENTIFIER)
}

/** Whether it has been put away: it says nothing any more, or nothing is to be done any more. */
export function isPutAway(resource: Resource): boolean {
  return resource.resourceType === 'Flag'
    ? resource['status'] !== 'active' || hasEnd(resource)
    : DONE.has(resource['status'])
}

/** A Flag whose time is over is shown by nobody, whatever its status. */
function hasEnd({ period }: Resource): boolean {
  return isJsonObject(period) && period['end'] !== undefined
}

/** Whether it says why it has been put away. */
export function isExplained(resource: Resource): boolean {
  if (resource.resourceType === 'Flag')
    return listOf(resource['extension']).some(
      (it) => isJsonObject(it) && it['url'] === DISMISSAL_REASON && isReason(it),
    )
  if (saysSomething(resource['statusReason'])) return true
  return (
    resource['status'] === 'completed' &&
    (listOf(resource['output']).length > 0 ||
      listOf(resource['note']).some((it) => isJsonObject(it) && isText(it['text'])))
  )
}

function isReason(extension: { readonly [key: string]: JsonValue | undefined }): boolean {
  return isText(extension['valueString']) || saysSomething(extension['valueCodeableConcept'])
}

/** Of a CodeableConcept. */
function saysSomething(value: JsonValue | undefined): boolean {
  if (!isJsonObject(value)) return false
  return (
    isText(value['text']) ||
    listOf(value['coding']).some((it) => isJsonObject(it) && (isText(it['code']) || isText(it['display'])))
  )
}

function isText(value: JsonValue | undefined): boolean {
  return typeof value === 'string' && value.trim() !== ''
}

function unexplained(kind: Raised, before: Resource | undefined, after: Resource): readonly Issue[] {
  if (!isPutAway(after) || isExplained(after)) return []
  // Put away as it is already, and by no reason that would be taken away now.
  if (before !== undefined && isSamePlace(before, after) && !isExplained(before)) return []
  const at = kind === 'Flag' && after['status'] === 'active' ? 'Flag.period.end' : `${kind}.status`
  return [fault(at, `A ${kind} that an alert raised is put away with a reason alone: ${HOW[kind]}`)]
}

function isSamePlace(before: Resource, after: Resource): boolean {
  return before['status'] === after['status'] && hasEnd(before) === hasEnd(after)
}

function changedParts(kind: Raised, before: Resource, after: Resource): readonly Issue[] {
  const issues = KEPT[kind]
    .filter((element) => !isDeepStrictEqual(before[element], after[element]))
    .map((element) =>
      fault(`${kind}.${element}`, `An alert raised this ${kind}: its ${element} stays as it is.`),
    )
  if (kind === 'Flag' && !keepsDetail(before, after))
    issues.push(fault('Flag.extension', 'An alert raised this Flag: what it refers to stays as it is.'))
  if (!keepsIdentifiers(before, after))
    issues.push(
      fault(
        `${kind}.identifier`,
        `An alert raised this ${kind}: its identifiers of the systems ${ALERT_IDENTIFIER} and ${RESPONSE_IDENTIFIER} stay as they are.`,
      ),
    )
  return issues
}

/** Where it stays, but nobody comes upon it any more, or a reason of before would put it away again. */
function hidden(kind: Raised, before: Resource, after: Resource): readonly Issue[] {
  if (isPutAway(after)) return []
  if (kind === 'Flag')
    return isExplained(after)
      ? [
          fault(
            'Flag.extension',
            `A Flag that is active has no reason for being put away: leave ${DISMISSAL_REASON} out.`,
          ),
        ]
      : []
  const issues: Issue[] = []
  if (after['status'] === 'draft')
    issues.push(fault('Task.status', `A Task that an alert raised is no draft: ${HOW.Task}`))
  if (PRIORITIES.indexOf(after['priority']) < PRIORITIES.indexOf(before['priority']))
    issues.push(
      fault('Task.priority', 'A Task that an alert raised becomes no less urgent, but may become more so.'),
    )
  return issues
}

function keepsDetail(before: Resource, after: Resource): boolean {
  return isDeepStrictEqual(detailsOf(before), detailsOf(after))
}

function detailsOf(flag: Resource): readonly JsonValue[] {
  return listOf(flag['extension']).filter((it) => isJsonObject(it) && it['url'] === FLAG_DETAIL)
}

function keepsIdentifiers(before: Resource, after: Resource): boolean {
  return isDeepStrictEqual(ownIdentifiers(before), ownIdentifiers(after))
}

function ownIdentifiers(resource: Resource): readonly JsonValue[] {
  return listOf(resource['identifier']).filter(
    (it) => isJsonObject(it) && (it['system'] === ALERT_IDENTIFIER || it['system'] === RESPONSE_IDENTIFIER),
  )
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : []
}

function fault(expression: string, diagnostics: string): Issue {
  return { severity: 'error', code: 'business-rule', diagnostics, expression }
}
