// The Flag and the Task that an alert raises: somebody may be in danger, and somebody is to do something about it.
import type { JsonObject, Resource } from '../../fhir/index.ts'
import type { AlertRule } from './instrument.ts'
import { FLAG_DETAIL, identifiersOf, partOf, type Part, type WantedPart } from './made-from.ts'
import { referenceTo, type ResponseSource } from './response-source.ts'

const DATA_ABSENT = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason'
const SAFETY = {
  coding: [
    { system: 'http://terminology.hl7.org/CodeSystem/flag-category', code: 'safety', display: 'Safety' },
  ],
}

/** Types that R4 lets a Flag be about. */
const FLAGGED = [
  'Patient',
  'Location',
  'Group',
  'Organization',
  'Practitioner',
  'PlanDefinition',
  'Medication',
  'Procedure',
]
const OF_WHOM = ['Patient', 'Group']

export function raisedBy(alerts: readonly AlertRule[], source: ResponseSource): readonly WantedPart[] {
  return alerts.flatMap((alert) => {
    const flag = partOf('Flag', source.id, alert.id)
    const task = partOf('Task', source.id, alert.id)
    const wanted: WantedPart[] = []
    if (alert.raisesFlag) wanted.push({ part: flag, build: () => flagOf(alert, source, flag) })
    if (alert.priority !== undefined)
      wanted.push({
        part: task,
        build: ({ idOf, owner }) =>
          taskOf(alert, source, task, owner, alert.raisesFlag ? idOf(flag) : undefined),
      })
    return wanted
  })
}

function flagOf({ title }: AlertRule, source: ResponseSource, part: Part): Resource {
  const { response, authored, encounter, reference } = source
  const unknown = { extension: [{ url: DATA_ABSENT, valueCode: 'unknown' }] }
  return {
    resourceType: 'Flag',
    extension: [{ url: FLAG_DETAIL, valueReference: { reference } }],
    identifier: identifiersOf(part),
    status: 'active',
    category: [SAFETY],
    code: { text: title },
    // Whoever it is: a danger is told all the same.
    subject: referenceTo(response['subject'], FLAGGED) ?? unknown,
    ...(authored === undefined ? {} : { period: { start: authored } }),
    ...(encounter === undefined ? {} : { encounter }),
  }
}

function taskOf(
  { title, action, priority }: AlertRule,
  source: ResponseSource,
  part: Part,
  owner: JsonObject | undefined,
  flagId: string | undefined,
): Resource {
  const { response, authored, encounter, reference } = source
  const patient = referenceTo(response['subject'], OF_WHOM)
  return {
    resourceType: 'Task',
    identifier: identifiersOf(part),
    status: 'requested',
    intent: 'order',
    priority,
    code: { text: title },
    ...(action === undefined ? {} : { description: action }),
    focus: { reference },
    ...(patient === undefined ? {} : { for: patient }),
    ...(encounter === undefined ? {} : { encounter }),
    ...(authored === undefined ? {} : { authoredOn: authored }),
    ...(owner === undefined ? {} : { owner }),
    ...(flagId === undefined
      ? { reasonCode: { text: title } }
      : { reasonReference: { reference: `Flag/${flagId}` } }),
  }
}
