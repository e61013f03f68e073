// What was done at a visit or in a program, as the rules of billing need to know it, and what is billed for it.
import type { Issue, JsonObject } from '../../fhir/index.ts'

/** A FHIR Coding. */
export type Coding = { readonly system?: string; readonly code: string; readonly display?: string }

/** One thing that was done. */
export interface PerformedService {
  /** A kind of https://alcove.health/fhir/CodeSystem/billable-services, or the code itself that the clinician chose. */
  readonly codings: readonly Coding[]
  /** Whole minutes of this alone; of services billed by the month those of the month. */
  readonly minutes?: number
  /** How many times, or how many instruments; 1 where it is not said. */
  readonly quantity?: number
}

/** Who pays, by whatever a rule may name it with. */
export interface PayerNames {
  /** Such as `Organization/1`. */
  readonly references: readonly string[]
  readonly identifiers: readonly { readonly system?: string; readonly value: string }[]
}

/** What a rule's expressions see as `%encounter`, `%patient`, `%coverage` and `%payer`. */
export interface FactResources {
  readonly encounter?: JsonObject
  readonly patient?: JsonObject
  readonly coverage?: JsonObject
  readonly payer?: JsonObject
}

/** A line that was billed before, or is about to be, for the same patient to the same payer. */
export interface EarlierLine {
  readonly code: Coding
  /** `YYYY-MM-DD`. */
  readonly date: string
  readonly units: number
  readonly minutes?: number
}

export interface ServiceFacts {
  /** `YYYY-MM-DD`, the day of service; of a bundle its first day. */
  readonly date: string
  readonly services: readonly PerformedService[]
  readonly modality?: 'in-person' | 'video' | 'audio'
  /** Place of service as it was recorded; a rule may give another, such as that of a visit by video. */
  readonly place?: Coding
  /** Whether the patient was at home. */
  readonly atHome?: boolean
  /** Patients treated together. */
  readonly participants?: number
  readonly payer?: PayerNames
  /** ISO 3166 codings of the state, or of the country. */
  readonly jurisdictions?: readonly Coding[]
  /** Programs whose marks belong on a claim. */
  readonly programs?: readonly Coding[]
  readonly levelOfCare?: Coding
  /** Taxonomies of who rendered it. */
  readonly taxonomies?: readonly Coding[]
  /** Such as the degree, in codes of the practice's own rules. */
  readonly providerLevel?: string
  readonly earlier?: readonly EarlierLine[]
  readonly resources?: FactResources
}

export interface ServiceLine {
  readonly code: Coding
  /** In the order in which they belong on the line. */
  readonly modifiers: readonly Coding[]
  readonly units: number
  readonly minutes?: number
  readonly revenue?: Coding
  readonly place?: Coding
  /** Money of one unit, as the rule has it: kept whole, with the text of its decimals. */
  readonly unitPrice?: JsonObject
  /** The ChargeItemDefinition by which it is billed: `url|version`. */
  readonly rule: string
  /** Which of `ServiceFacts.services` it is for. */
  readonly service: number
}

export type ServiceProblem =
  | 'no-rule'
  | 'not-applicable'
  | 'below-minimum'
  | 'above-maximum'
  | 'minutes-needed'
  | 'place-not-allowed'
  | 'provider-not-allowed'
  | 'without-primary'
  | 'excluded'
  | 'units-over-limit'
  | 'too-many-modifiers'
  | 'ambiguous'

/** An issue that a program can act on. An `error` took a line away; a `warning` left it. */
export interface ServiceIssue extends Issue {
  readonly problem: ServiceProblem
  /** Which of `ServiceFacts.services` it is about. */
  readonly service: number
  /** The denial that a payer would give, where the rule says it. */
  readonly denial?: string
}

export interface BilledServices {
  readonly lines: readonly ServiceLine[]
  readonly warnings: readonly ServiceIssue[]
}
