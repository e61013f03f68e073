// What a claim is going to say, before it is a Claim.
import type { JsonObject, Resource } from '../../fhir/index.ts'
import type { Money } from '../money.ts'
import type { Coding, ServiceLine } from '../rules/index.ts'

export type ClaimType = 'professional' | 'institutional'

/** Whole resources, as they are stored. */
export interface ClaimParties {
  readonly patient: Resource
  readonly coverage: Resource
  /** Organization that pays. */
  readonly payer: Resource
  /** Organization or Practitioner that bills. */
  readonly provider: Resource
  /** In the order of their sequence, from 1. */
  readonly careTeam: readonly CareTeamMember[]
  /** Location or Organization, where the services were not given at the provider's own address. */
  readonly facility?: Resource
}

export interface CareTeamMember {
  /** Practitioner or Organization. */
  readonly resource: Resource
  /** Of http://terminology.hl7.org/CodeSystem/claimcareteamrole: `rendering`, `attending`, `supervisor`, `referring` ... */
  readonly role: string
  readonly taxonomy?: Coding
}

export interface PlannedDiagnosis {
  /** ICD-10-CM. */
  readonly code: Coding
  /** Of http://terminology.hl7.org/CodeSystem/diagnosistype. */
  readonly type: 'principal' | 'secondary' | 'admitting' | 'patientreasonforvisit' | 'externalcauseofinjury'
}

export interface PlannedLine {
  readonly line: ServiceLine
  /** `YYYY-MM-DD`. */
  readonly date: string
  readonly unitPrice: Money
  /** `line.units` times the price, to the cent. */
  readonly net: Money
  /** `Encounter/[id]` of what it bills. */
  readonly encounters: readonly string[]
  /** Sequences of `ClaimPlan.diagnoses`, from 1; four at most. */
  readonly diagnoses: readonly number[]
  /** Sequences of `ClaimParties.careTeam`, from 1. */
  readonly careTeam: readonly number[]
  /** `UN` units, `DA` days, `MJ` minutes: SV103 and SV204. */
  readonly unit: 'UN' | 'DA' | 'MJ'
}

export interface ClaimPlan {
  readonly type: ClaimType
  /** What it bills: `Encounter/[id]` or `EpisodeOfCare/[id]`. */
  readonly source: string
  /** Days of service, or the statement's; both `YYYY-MM-DD`. */
  readonly period: { readonly start: string; readonly end: string }
  readonly parties: ClaimParties
  readonly diagnoses: readonly PlannedDiagnosis[]
  readonly lines: readonly PlannedLine[]
  /** `Claim.supportingInfo` without sequences, the frequency (or type of bill) included. */
  readonly information: readonly JsonObject[]
  readonly authorizations: readonly string[]
  /** `Claim.related`: the claim that this one replaces or voids. */
  readonly related?: { readonly claim: string; readonly payerControlNumber: string }
  /** What its Provenance names: `Type/[id]/_history/[version]` of notes and visits. */
  readonly madeOf: readonly string[]
  /** Labels of what it bills for that do not reach it by its references. */
  readonly labels: readonly JsonObject[]
}
