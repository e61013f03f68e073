// What someone must not forget: a safety flag with its task after an answer about self-harm, and plan reviews.
import { selfHarmVisit } from './assessments.ts'
import { encounterReference, type Chart } from './chart.ts'
import { concept, hl7, reference, snomed, type Entry } from './concepts.ts'
import { staffReference } from './staff.ts'

export function followUp(chart: Chart): Entry[] {
  const visit = selfHarmVisit(chart)
  return [...(visit === undefined ? [] : safetyOf(chart, visit)), reviewOf(chart)]
}

function safetyOf(chart: Chart, visit: number): Entry[] {
  const { person, id, patient, calendar, visitDays } = chart
  const day = visitDays[visit] ?? 0
  const author = staffReference(person.therapist)
  const watched = visit >= visitDays.length - 2
  return [
    {
      resourceType: 'Flag',
      id: `${id}-safety-flag`,
      status: watched ? 'active' : 'inactive',
      category: [hl7('flag-category', 'safety', 'Safety')],
      code: concept(
        'Ask about thoughts of self-harm at every visit',
        snomed('225444004', 'At risk for suicide'),
      ),
      subject: patient,
      period: {
        start: calendar.day(day),
        ...(watched ? {} : { end: calendar.day(visitDays[visit + 2] ?? day) }),
      },
      encounter: encounterReference(chart, visit),
      author,
    },
    {
      resourceType: 'Task',
      id: `${id}-safety-task`,
      status: 'completed',
      intent: 'order',
      priority: 'urgent',
      code: { text: 'Safety plan' },
      description:
        'Question 9 of the PHQ-9 was answered other than "not at all": ask further, and write a safety plan.',
      focus: reference('QuestionnaireResponse', `${id}-visit-${visit + 1}-phq-9`),
      for: patient,
      encounter: encounterReference(chart, visit),
      executionPeriod: { start: calendar.time(day, '09:05'), end: calendar.time(day, '16:00') },
      authoredOn: calendar.time(day, '08:55'),
      lastModified: calendar.time(day, '16:00'),
      requester: author,
      owner: author,
    },
  ]
}

function reviewOf({ person, id, patient, calendar, began }: Chart): Entry {
  const due = began + 97
  const past = due < 0
  return {
    resourceType: 'Task',
    id: `${id}-plan-review`,
    status: past ? 'completed' : 'requested',
    intent: 'plan',
    priority: 'routine',
    code: { text: 'Treatment plan review' },
    description: 'Go over goals and progress with the patient, and sign the plan again.',
    focus: reference('CarePlan', `${id}-care-plan`),
    for: patient,
    authoredOn: calendar.time(began + 7, '12:00'),
    lastModified: calendar.time(past ? due : began + 7, '12:00'),
    restriction: { period: { end: calendar.day(due) } },
    requester: staffReference(person.therapist),
    owner: staffReference(person.therapist),
  }
}
