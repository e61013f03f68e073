// What someone must not forget: to review the treatment plan.
import type { Chart } from './chart.ts'
import { reference, type Entry } from './concepts.ts'
import { staffReference } from './staff.ts'

export function planReview({ person, id, patient, calendar, began }: Chart): Entry {
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
