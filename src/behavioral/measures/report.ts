// MeasureReports of what was counted (https://hl7.org/fhir/R4/measurereport.html).
import { isJsonObject, type JsonObject, type JsonValue, type Resource } from '../../fhir/index.ts'
import type { Measure, Population, Stratifier } from './measure.ts'
import type { MeasurementPeriod } from './patient-data.ts'
import type { Counts, GroupCounts, Stratum } from './tally.ts'

export type ReportType = 'individual' | 'subject-list' | 'summary'

/** Refers a report to an OperationOutcome that it contains. */
const MESSAGES = 'http://hl7.org/fhir/StructureDefinition/cqf-messages'

export interface Reported {
  readonly measure: Measure
  readonly period: MeasurementPeriod
  readonly type: ReportType
  readonly groups: readonly GroupCounts[]
  /** `Patient/[id]`, of an individual report. */
  readonly subject?: string
  /** `Type/id` of what was looked at, of an individual report. */
  readonly evaluated?: readonly string[]
  /** What the client is to know beside it. */
  readonly warnings: readonly string[]
}

export function measureReport(reported: Reported): Resource {
  const { measure, period, type, groups, subject, evaluated = [], warnings } = reported
  const lists = new PatientLists(type === 'subject-list')
  const group = groups.map((counts) => groupOf(counts, lists))
  const outcome: readonly Resource[] =
    warnings.length === 0
      ? []
      : [
          {
            resourceType: 'OperationOutcome',
            id: 'messages',
            issue: warnings.map((diagnostics) => ({
              severity: 'warning',
              code: 'informational',
              diagnostics,
            })),
          },
        ]
  const contained = [...outcome, ...lists.resources]
  return {
    resourceType: 'MeasureReport',
    ...(contained.length === 0 ? {} : { contained }),
    ...(outcome.length === 0
      ? {}
      : { extension: [{ url: MESSAGES, valueReference: { reference: '#messages' } }] }),
    status: 'complete',
    type,
    measure: measure.canonical,
    ...(subject === undefined ? {} : { subject: { reference: subject } }),
    period: { ...period },
    ...(measure.improvementNotation === undefined
      ? {}
      : { improvementNotation: measure.improvementNotation }),
    group,
    ...(evaluated.length === 0 ? {} : { evaluatedResource: evaluated.map((reference) => ({ reference })) }),
  }
}

/** The Lists of patients that populations refer to. */
class PatientLists {
  readonly resources: Resource[] = []
  readonly #isWanted: boolean

  constructor(isWanted: boolean) {
    this.#isWanted = isWanted
  }

  /** What a population says of who is in it. */
  of(ids: readonly string[]): JsonObject {
    if (!this.#isWanted) return {}
    const id = `subjects-${this.resources.length + 1}`
    this.resources.push({
      resourceType: 'List',
      id,
      status: 'current',
      mode: 'snapshot',
      ...(ids.length === 0
        ? {}
        : { entry: ids.map((patient) => ({ item: { reference: `Patient/${patient}` } })) }),
    })
    return { subjectResults: { reference: `#${id}` } }
  }
}

function groupOf(counts: GroupCounts, lists: PatientLists): JsonObject {
  const { group, strata } = counts
  const stratifier = group.stratifiers.map((one, at) =>
    stratifierOf(one, strata[at] ?? [], group.populations, lists),
  )
  return {
    ...idAs(group.id),
    ...(group.concept === undefined ? {} : { code: group.concept }),
    population: populationsOf(group.populations, counts, lists),
    ...scoreOf(counts),
    ...(stratifier.length === 0 ? {} : { stratifier }),
  }
}

function populationsOf(populations: readonly Population[], counts: Counts, lists: PatientLists): JsonValue[] {
  return populations.map(({ id, code, concept }) => {
    const { count = 0, patients = [] } = counts.populations.get(code) ?? {}
    return { ...idAs(id), code: concept, count, ...lists.of(patients) }
  })
}

function stratifierOf(
  { id, parts, hasComponents }: Stratifier,
  strata: readonly Stratum[],
  populations: readonly Population[],
  lists: PatientLists,
): JsonObject {
  const [first] = parts
  const stratum = strata.map((one) => ({
    ...(hasComponents
      ? {
          component: parts.map(({ concept }, at) => ({
            code: concept ?? {},
            value: conceptOf(one.values[at]),
          })),
        }
      : { value: conceptOf(one.values[0]) }),
    population: populationsOf(populations, one, lists),
    ...scoreOf(one),
  }))
  return {
    ...idAs(id),
    ...(hasComponents || first?.concept === undefined ? {} : { code: [first.concept] }),
    ...(stratum.length === 0 ? {} : { stratum }),
  }
}

/** A Coding, CodeableConcept or plain value as a CodeableConcept. */
function conceptOf(value: JsonValue | undefined): JsonObject {
  if (isJsonObject(value)) return 'coding' in value || 'text' in value ? value : { coding: [value] }
  return { text: value === undefined || value === null ? 'unknown' : String(value) }
}

function scoreOf({ score }: Counts): JsonObject {
  return score === undefined ? {} : { measureScore: { value: score } }
}

function idAs(id: string | undefined): JsonObject {
  return id === undefined ? {} : { id }
}
