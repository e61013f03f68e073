// What a 270 (005010X279A1) asks: whether and how a plan covers a patient's services.
import type { Resource } from '../../../fhir/index.ts'
import type { Party, Period, Provider } from '../claim-837/content.ts'
import type { DependentOf, Insured, InsuredResources, Relationships } from '../insured.ts'
import type { Trace } from '../traces.ts'

export const INQUIRY_GUIDE = '005010X279A1'

/** A CoverageEligibilityRequest with the resources that it speaks of. References between them are not followed. */
export interface EligibilityBundle extends InsuredResources {
  readonly request: Resource
  /** Organization or Practitioner, with NPI. */
  readonly provider: Resource
}

export interface Inquiry {
  readonly payer: Party
  readonly provider: Provider
  readonly subscriber: Insured
  /** The patient, when not the subscriber. */
  readonly dependent?: DependentOf
  readonly trace?: Trace
  readonly serviced?: Period
  readonly asked: readonly Asked[]
}

/** By service type (EQ01), or by the service itself (EQ02). */
export type Asked =
  | { readonly serviceType: string }
  | {
      /** CPT or HCPCS. */
      readonly code: string
      readonly modifiers: readonly string[]
    }

/** What is asked for where a request names nothing: mental health, psychotherapy and substance use in their service types. */
export const USUAL_SERVICE_TYPES: readonly string[] = ['MH', 'A4', 'A6', 'A8', 'AI', '98']

/** A 270 knows spouses and children, and calls all others `34`. */
export const RELATIONSHIPS_270: Relationships = {
  codes: { spouse: '01', child: '19' },
  other: '34',
  own: false,
}
