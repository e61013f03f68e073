// What a person's chart is built from, piece by piece: the calendar, who they are, and what has been written so far.
import type { JsonObject } from '../../fhir/index.ts'
import type { Calendar } from './calendar.ts'
import { reference } from './concepts.ts'
import { diagnosisOf, type DiagnosisId } from './diagnoses.ts'
import { CLINIC_NAME } from './organizations.ts'
import { personId, personName, type Person } from './people.ts'

export interface Chart {
  readonly person: Person
  readonly id: string
  readonly calendar: Calendar
  readonly patient: JsonObject
  readonly clinic: JsonObject
  /** Whether they are treated for substance use in the clinic that is a Part 2 program. */
  readonly inProgram: boolean
  /** Days from today to the first visit. */
  readonly began: number
  /** The days of the individual visits, oldest first. */
  readonly visitDays: readonly number[]
}

export function chartOf(person: Person, calendar: Calendar): Chart {
  const id = personId(person)
  const { count, every, lastAgo } = person.visits
  const visitDays = Array.from({ length: count }, (_, i) => calendar.open(-lastAgo - every * (count - 1 - i)))
  const substance = person.diagnoses.map((it) => diagnosisOf(it).substance).find((it) => it !== undefined)
  return {
    person,
    id,
    calendar,
    patient: reference('Patient', id, personName(person)),
    clinic: reference('Organization', person.clinic, CLINIC_NAME[person.clinic]),
    // The counseling center is no Part 2 program; what its people drink is told there as anywhere.
    inProgram: substance !== undefined && person.clinic === 'copper-ridge',
    began: visitDays[0] ?? 0,
    visitDays,
  }
}

export function conditionId(chart: Chart, diagnosis: DiagnosisId): string {
  return `${chart.id}-${diagnosis.toLowerCase()}`
}

/** The diagnosis that the treatment is mainly for. */
export function mainCondition(chart: Chart): JsonObject {
  const [first = 'anxiety'] = chart.person.diagnoses
  return reference('Condition', conditionId(chart, first), diagnosisOf(first).text)
}

export function encounterId(chart: Chart, visit: number): string {
  return `${chart.id}-visit-${visit + 1}`
}

export function encounterReference(chart: Chart, visit: number): JsonObject {
  return reference('Encounter', encounterId(chart, visit))
}

/** Which of `visits` the given one of `count` evenly spread events falls on. */
export function spread(index: number, count: number, visits: number): number {
  return count <= 1 ? visits - 1 : Math.round((index * (visits - 1)) / (count - 1))
}
