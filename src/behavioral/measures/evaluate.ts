// Evaluates a Measure for patients, as far as the caller sees them; nothing is stored.
import { setImmediate } from 'node:timers/promises'
import { FhirError, type Resource } from '../../fhir/index.ts'
import { cohortOf, type CohortAsked } from './cohort.ts'
import type { Measure } from './measure.ts'
import { membershipOf } from './membership.ts'
import { MeasureData, type DataParts, type MeasurementPeriod, type PatientData } from './patient-data.ts'
import { measureReport, type ReportType } from './report.ts'
import { Tally } from './tally.ts'

/** Reports of one patient each in one answer, and patients in the lists of one. */
const MOST_REPORTS = 1000
const MOST_LISTED = 50_000

export interface EvaluationAsked {
  readonly measure: Measure
  readonly period: MeasurementPeriod
  readonly type: ReportType
  readonly cohort: CohortAsked
  /** What each report is to tell beside it. */
  readonly warnings: readonly string[]
}

/**
 * A MeasureReport; of individual ones, unless for one patient alone, a Bundle with those of the patients who are in an
 * initial population.
 * @throws FhirError `not-found`, `deleted`, `business-rule` (the Measure cannot be evaluated), `too-costly`
 */
export async function evaluateMeasure(asked: EvaluationAsked, parts: DataParts): Promise<Resource> {
  const { measure, period, type, cohort, warnings } = asked
  const data = await MeasureData.of(measure, period, parts)
  if (type === 'individual') return individualReports(asked, data, parts)
  const tally = new Tally(measure, type === 'subject-list')
  let counted = 0
  for await (const patients of cohortOf(cohort, parts)) {
    for await (const { id, memberships } of evaluated(asked, patients, data, parts)) {
      tally.add(id, memberships)
      if (type !== 'subject-list' || !memberships.some(isInside)) continue
      if (++counted > MOST_LISTED) throw tooMany('list', MOST_LISTED)
    }
  }
  return measureReport({ measure, period, type, groups: tally.groups, warnings })
}

async function individualReports(
  asked: EvaluationAsked,
  data: MeasureData,
  parts: DataParts,
): Promise<Resource> {
  const { measure, period, cohort, warnings } = asked
  const isForOne = cohort.subject?.type === 'Patient'
  const reports: Resource[] = []
  for await (const patients of cohortOf(cohort, parts)) {
    for await (const { id, memberships, looked } of evaluated(asked, patients, data, parts)) {
      if (!isForOne && !memberships.some(isInside)) continue
      if (reports.length === MOST_REPORTS) throw tooMany('report on', MOST_REPORTS)
      const tally = new Tally(measure, false)
      tally.add(id, memberships)
      reports.push(
        measureReport({
          measure,
          period,
          type: 'individual',
          groups: tally.groups,
          subject: `Patient/${id}`,
          evaluated: [`Patient/${id}`, ...resourcesIn(looked)],
          warnings,
        }),
      )
    }
  }
  const [only] = reports
  if (isForOne && only !== undefined) return only
  return {
    resourceType: 'Bundle',
    type: 'collection',
    ...(reports.length === 0 ? {} : { entry: reports.map((resource) => ({ resource })) }),
  }
}

/** Each of these patients, with others' turns between: expressions take milliseconds. */
async function* evaluated(
  { measure, period }: EvaluationAsked,
  patients: readonly Resource[],
  data: MeasureData,
  { repository }: DataParts,
) {
  if (!repository.isAwaited) throw new FhirError('timed-out', 'Nobody waits for the answer any more.')
  const loaded = await data.load(patients.map(({ id }) => String(id)))
  for (const patient of patients) {
    const id = String(patient.id)
    const looked = loaded.get(id)
    yield { id, memberships: membershipOf(measure, patient, looked, period), looked }
    if (looked !== undefined) await setImmediate()
  }
}

function isInside({ populations }: ReturnType<typeof membershipOf>[number]): boolean {
  return (populations.get('initial-population')?.size ?? 0) > 0
}

function resourcesIn(data: PatientData | undefined): readonly string[] {
  const all = [...(data ?? new Map()).values()].flat() as readonly Resource[]
  return [...new Set(all.map(({ resourceType, id }) => `${resourceType}/${String(id)}`))]
}

function tooMany(what: string, most: number): FhirError {
  return new FhirError(
    'too-costly',
    `There are more than ${most} patients to ${what}; name a Group as subject, or a practitioner, or ask for a population report.`,
  )
}
