// Which populations one patient is in, or which of their resources are, and in which strata
// (https://hl7.org/fhir/us/cqfmeasures, criteria by scoring).
import { isJsonObject, type JsonObject, type JsonValue, type Resource } from '../../fhir/index.ts'
import type { Criteria, Group, Measure, PopulationCode, Stratifier } from './measure.ts'
import type { MeasurementPeriod, PatientData } from './patient-data.ts'

/** Of one group, of one patient. */
export interface Membership {
  /** `Type/id` of what is counted: the patient, or resources of theirs. */
  readonly populations: ReadonlyMap<PopulationCode, ReadonlySet<string>>
  /** By stratifier, the value of each of its parts; undefined where there is none. */
  readonly strata: readonly (readonly (JsonValue | undefined)[])[]
}

const NONE: ReadonlySet<string> = new Set()

/** @param data undefined for a patient without anything that the Measure requires @throws FhirError `business-rule` */
export function membershipOf(
  measure: Measure,
  patient: Resource,
  data: PatientData | undefined,
  period: MeasurementPeriod,
): readonly Membership[] {
  const record = new PatientRecord(measure, patient, data ?? new Map(), period)
  return measure.groups.map((group) =>
    data === undefined ? outside(group) : inGroup(measure, group, record),
  )
}

function outside({ populations, stratifiers }: Group): Membership {
  return {
    populations: new Map(populations.map(({ code }) => [code, NONE])),
    strata: stratifiers.map(() => []),
  }
}

function inGroup(
  { scoring, basis }: Measure,
  { populations, stratifiers }: Group,
  record: PatientRecord,
): Membership {
  /** Of these, those that meet a population's criteria; none where there are no such criteria. */
  const among = (code: PopulationCode, candidates: ReadonlySet<string> | undefined): ReadonlySet<string> => {
    const criteria = populations.find((it) => it.code === code)?.criteria
    if (criteria === undefined || candidates?.size === 0) return NONE
    const met = record.items(criteria, basis)
    return candidates === undefined ? met : met.intersection(candidates)
  }
  const initial = among('initial-population', undefined)
  const denominator = among('denominator', initial)
  const excluded = among('denominator-exclusion', denominator)
  // Of a ratio both are drawn from the initial population, each by itself.
  const eligible = scoring === 'ratio' ? initial : denominator.difference(excluded)
  const numerator = among('numerator', eligible)
  const found = new Map<PopulationCode, ReadonlySet<string>>([
    ['initial-population', initial],
    ['denominator', denominator],
    ['denominator-exclusion', excluded],
    // Who has met the numerator needs no exception.
    ['denominator-exception', among('denominator-exception', eligible.difference(numerator))],
    ['numerator', numerator],
    ['numerator-exclusion', among('numerator-exclusion', numerator)],
  ])
  return {
    populations: new Map(populations.map(({ code }) => [code, found.get(code) ?? NONE])),
    strata: stratifiers.map((one) => (initial.size === 0 ? [] : record.stratum(one))),
  }
}

/** What expressions see of one patient; variables are computed when one asks for them, once. */
class PatientRecord {
  readonly #measure: Measure
  readonly #patient: Resource
  readonly #key: string
  readonly #values: Map<string, JsonValue>

  constructor(measure: Measure, patient: Resource, data: PatientData, period: MeasurementPeriod) {
    this.#measure = measure
    this.#patient = patient
    this.#key = `Patient/${String(patient.id)}`
    this.#values = new Map<string, JsonValue>([
      ['patient', patient],
      ['measurementPeriod', { ...period }],
    ])
    for (const [name, resources] of data) this.#values.set(name, [...resources])
  }

  /** What of the patient meets criteria: themselves when these hold, or the resources of a type that they yield. */
  items(criteria: Criteria, basis: string): ReadonlySet<string> {
    const values = this.#evaluate(criteria)
    if (basis === 'boolean') return values[0] === true ? new Set([this.#key]) : NONE
    const keys = values.flatMap((value) =>
      isJsonObject(value) && value['resourceType'] === basis ? [`${basis}/${String(value['id'])}`] : [],
    )
    return new Set(keys)
  }

  stratum({ parts }: Stratifier): readonly (JsonValue | undefined)[] {
    return parts.map(({ criteria }) => this.#evaluate(criteria)[0])
  }

  #evaluate(criteria: Criteria): JsonValue[] {
    const environment: Record<string, JsonValue> = {}
    for (const name of criteria.names) {
      const value = this.#value(name)
      if (value !== undefined) environment[name] = value
    }
    return criteria.evaluate(this.#patient as JsonObject, environment)
  }

  /** undefined for what FHIRPath itself defines. */
  #value(name: string): JsonValue | undefined {
    const known = this.#values.get(name)
    if (known !== undefined) return known
    const variable = this.#measure.variables.get(name)
    if (variable === undefined) return undefined
    const value = variable.kind === 'query' ? [] : this.#evaluate(variable.criteria)
    this.#values.set(name, value)
    return value
  }
}
