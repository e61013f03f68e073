// A Measure as it is evaluated (https://hl7.org/fhir/R4/measure.html): variables, and groups of populations by FHIRPath.
import type { JsonObject, JsonValue, Resource } from '../../fhir/index.ts'

/** The codes of http://terminology.hl7.org/CodeSystem/measure-population that are evaluated. */
export const POPULATIONS = [
  'initial-population',
  'denominator',
  'denominator-exclusion',
  'denominator-exception',
  'numerator',
  'numerator-exclusion',
] as const

export type PopulationCode = (typeof POPULATIONS)[number]

/** Of http://terminology.hl7.org/CodeSystem/measure-scoring. */
export type Scoring = 'proportion' | 'ratio' | 'cohort'

/** FHIRPath of the Measure, ready to be evaluated. */
export interface Criteria {
  /** Where it stands in the Measure, as FHIRPath, for errors. */
  readonly path: string
  /** The names after `%` that it looks up, without those that it defines itself. */
  readonly names: readonly string[]
  /** @throws FhirError `business-rule` that names `path` */
  readonly evaluate: (focus: JsonObject, environment: Readonly<Record<string, JsonValue>>) => JsonValue[]
}

export interface QueryVariable {
  readonly kind: 'query'
  readonly name: string
  readonly path: string
  readonly type: string
  /** The search parameter that leads to the patient. */
  readonly patientParameter: string
  /** All other parameters; texts, and what is put between them for the period that is measured. */
  readonly parameters: readonly { readonly name: string; readonly value: readonly (string | Criteria)[] }[]
  /** Without any of these a patient is in no population. */
  readonly isRequired: boolean
}

export interface ComputedVariable {
  readonly kind: 'computed'
  readonly name: string
  readonly criteria: Criteria
}

export type Variable = QueryVariable | ComputedVariable

export interface Population {
  readonly id: string | undefined
  readonly code: PopulationCode
  /** As it stands in the Measure. */
  readonly concept: JsonObject
  readonly criteria: Criteria
}

export interface Stratifier {
  readonly id: string | undefined
  /** One; of a stratifier with components, one each. */
  readonly parts: readonly { readonly concept: JsonObject | undefined; readonly criteria: Criteria }[]
  readonly hasComponents: boolean
}

export interface Group {
  readonly id: string | undefined
  readonly concept: JsonObject | undefined
  readonly populations: readonly Population[]
  readonly stratifiers: readonly Stratifier[]
}

export interface Measure {
  readonly resource: Resource
  /** With its version; `Measure/[id]` for one without a url. */
  readonly canonical: string
  readonly scoring: Scoring
  /** What is counted: `boolean` for patients, else the type of the resources that criteria yield. */
  readonly basis: string
  readonly improvementNotation: JsonObject | undefined
  /** By name, in the order in which they stand; each looks up only those before it. */
  readonly variables: ReadonlyMap<string, Variable>
  readonly groups: readonly Group[]
}
