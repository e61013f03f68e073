// The demo practice: High Desert Behavioral Health, its two clinics and twelve patients, all of it made up.
import { assessments } from './assessments.ts'
import { calendarOf } from './calendar.ts'
import { chartOf } from './chart.ts'
import type { Entry } from './concepts.ts'
import { groupTherapy } from './groups.ts'
import { medications } from './medications.ts'
import { organizations } from './organizations.ts'
import { PEOPLE } from './people.ts'
import { planReview } from './plan-review.ts'
import { treatmentPlan } from './plan.ts'
import { registration } from './registration.ts'
import { staff } from './staff.ts'
import { visits } from './visits.ts'
import type { Resource } from '../../fhir/index.ts'

export { answerAlerts } from './answered-alerts.ts'
export { billPayers } from './payments.ts'
export { setPrices } from './prices.ts'

/**
 * The practice as it stands on a day (milliseconds since 1970), the same every time it is asked for that day, as
 * transaction Bundles in steps: the practice itself, the patients' charts, what they answered to questionnaires, the
 * therapy groups. Every id is given; each Bundle refers to itself and to those of the steps before it.
 */
export function demoPractice(today: number): readonly (readonly Resource[])[] {
  const calendar = calendarOf(today)
  const charts = PEOPLE.map((person) => chartOf(person, calendar))
  return [
    [transaction([...organizations(), ...staff()])],
    charts.map((chart, index) =>
      transaction([
        ...registration(chart, index + 1),
        ...treatmentPlan(chart),
        ...medications(chart),
        ...visits(chart, index),
        planReview(chart),
      ]),
    ),
    charts.map((chart) => transaction(assessments(chart))),
    [transaction(groupTherapy(charts, calendar))],
  ]
}

function transaction(entries: readonly Entry[]): Resource {
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: entries.map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    })),
  }
}
