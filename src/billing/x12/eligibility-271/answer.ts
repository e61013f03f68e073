// What a 271 (005010X279A1) answers of one patient: whether and how the plan covers services, or why it does not say.
import type { Money } from '../../money.ts'
import type { Delivery } from '../deliveries.ts'
import type { Rejection } from '../rejections.ts'
import type { AnsweredTrace } from '../traces.ts'

export interface EligibilityAnswer {
  /** BHT03: of the set, alike for all its answers. */
  readonly reference: string
  /** `YYYY-MM-DD`. */
  readonly date: string
  readonly payer?: AnsweredParty
  readonly provider?: AnsweredParty
  /** As the payer knows them; absent when the payer or provider was already refused. */
  readonly subscriber?: AnsweredPerson
  /** The patient, when not the subscriber. */
  readonly dependent?: AnsweredPerson
  readonly traces: readonly AnsweredTrace[]
  /** Of this patient's level and of all above it. */
  readonly rejections: readonly Rejection[]
  /** DTP of the patient: `291` plan, `346` and `347` its begin and end, `307` eligibility, and others. */
  readonly dates: readonly AnsweredDate[]
  readonly benefits: readonly Benefit[]
}

export interface AnsweredParty {
  readonly name?: string
  readonly id?: string
}

export interface AnsweredPerson {
  readonly name?: string
  readonly first?: string
  readonly middle?: string
  readonly id?: string
  readonly birthDate?: string
  readonly sex?: string
  /** REF segments: `6P` group, `18` plan, `1L` policy ... */
  readonly references: readonly AnsweredReference[]
}

export interface AnsweredReference {
  readonly qualifier: string
  readonly value: string
}

export interface AnsweredDate {
  readonly qualifier: string
  readonly start: string
  readonly end: string
}

/** One EB segment with what follows it. */
export interface Benefit {
  /** The number of the segment in the file. */
  readonly position: number
  /** EB01: `1` to `5` covered, `6` to `8` not, `A` coinsurance, `B` copayment, `C` deductible, and others. */
  readonly information: string
  /** EB02: `IND`, `FAM` and others. */
  readonly level?: string
  /** EB03. */
  readonly serviceTypes: readonly string[]
  /** EB04. */
  readonly insuranceType?: string
  /** EB05: what the plan calls itself. */
  readonly plan?: string
  /** EB06: `23` calendar year, `29` remaining, `27` visit, and others. */
  readonly period?: string
  readonly amount?: Money
  /** EB08 as a decimal part: `0.2` is 20 %. */
  readonly part?: string
  /** EB09 and EB10. */
  readonly quantity?: { readonly qualifier: string; readonly value: string }
  /** EB11: whether an authorization is needed. */
  readonly authorization?: 'Y' | 'N' | 'U'
  /** EB12: within the network, outside, or (`W`) alike in both. */
  readonly network?: 'Y' | 'N' | 'U' | 'W'
  /** EB13. */
  readonly procedure?: {
    readonly qualifier: string
    readonly code: string
    readonly modifiers: readonly string[]
  }
  readonly deliveries: readonly Delivery[]
  readonly references: readonly AnsweredReference[]
  readonly dates: readonly AnsweredDate[]
  readonly rejections: readonly Rejection[]
  readonly messages: readonly string[]
  /** III of places of service: where the benefit holds. */
  readonly places: readonly string[]
  readonly entities: readonly BenefitEntity[]
}

/** Whom a benefit names: who administers it, the network, another payer ... */
export interface BenefitEntity {
  /** NM101. */
  readonly role: string
  readonly name?: string
  readonly id?: string
  readonly telephone?: string
}
