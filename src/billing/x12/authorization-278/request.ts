// What a 278 (005010X217) asks: whether the payer will cover services that are planned.
import type { Money } from '../../money.ts'
import type { ClaimBundle } from '../claim-837/claim-bundle.ts'
import { RELATIONSHIPS } from '../claim-837/claim-bundle.ts'
import type { ClaimKind, Attachment, Diagnosis, Party, Period, Provider } from '../claim-837/content.ts'
import type { DependentOf, Insured, Relationships } from '../insured.ts'
import type { Trace } from '../traces.ts'

export const AUTHORIZATION_GUIDE = '005010X217'

/** A Claim for preauthorization with the resources that it speaks of; the billing provider is the one who asks. */
export type AuthorizationBundle = Omit<ClaimBundle, 'terms'>

/** UM: what is to be reviewed. */
export interface Review {
  /** UM01: `AR` admission, `HS` services, `SC` specialty care. */
  readonly category: 'AR' | 'HS' | 'SC'
  /** UM02: `I` initial, `R` renewal, `S` revised, `3` cancelled, `4` extended, `1` and `2` appeals, `N` reconsideration. */
  readonly certification: string
  /** UM03. */
  readonly serviceType?: string
  /** UM04: a place of service (`B`), or the first two digits of a type of bill (`A`). */
  readonly place?: { readonly code: string; readonly kind: 'A' | 'B' }
}

/** By their NM101: who gives the services, referring, attending, operating, ordering, other. */
export type ReviewRole = 'SJ' | 'DN' | '71' | '72' | 'DK' | '73'

/** PRV01 of each role. */
export const SPECIALTIES: Readonly<Record<ReviewRole, string>> = {
  SJ: 'PE',
  DN: 'RF',
  '71': 'AT',
  '72': 'OP',
  DK: 'OR',
  '73': 'OT',
}

export interface AuthorizationRequest {
  readonly kind: ClaimKind
  readonly payer: Party
  readonly requester: Party
  readonly subscriber: Insured
  /** The patient, when not the subscriber. */
  readonly dependent?: DependentOf
  readonly trace: Trace
  readonly review: Review & {
    /** UM06: `03` emergency, `U` urgent, `E` elective. */
    readonly level?: string
  }
  /** REF BB: the payer's number of the authorization that this one changes. */
  readonly previous?: string
  /** DTP AAH: when the services are to be given. */
  readonly event?: Period
  /** `YYYY-MM-DD`. */
  readonly admission?: string
  readonly discharge?: string
  /** Twelve at most; ICD-10-CM without dots. */
  readonly diagnoses: readonly Pick<Diagnosis, 'kind' | 'code'>[]
  /** CL101 and CL102; institutional only. */
  readonly admissionType?: string
  readonly pointOfOrigin?: string
  readonly attachments: readonly Attachment[]
  /** MSG: words that go with it, in X12's characters; 264 at most. */
  readonly message?: string
  readonly providers: readonly { readonly role: ReviewRole; readonly provider: Provider }[]
  readonly facility?: Party
  readonly services: readonly RequestedService[]
}

export interface RequestedService {
  readonly trace?: Trace
  /** Where it differs from the event's. */
  readonly review?: Review
  /** REF BB and NT: the payer's numbers of an authorization and of a refusal that this changes. */
  readonly previous?: string
  readonly refused?: string
  readonly serviced?: Period
  readonly revenue?: string
  /** CPT or HCPCS. */
  readonly code?: string
  readonly modifiers: readonly string[]
  readonly charge?: Money
  /** `UN` units, `MJ` minutes, `DA` days, `F2` international units; or by HSD01 `VS` visits, `DY`, `HS`, `MN`. */
  readonly quantity?: { readonly unit: string; readonly value: string }
  /** Positions, from 1, among the diagnoses; professional only. */
  readonly pointers: readonly number[]
  /** Where it differs from the event's. */
  readonly provider?: Provider
}

/** Units that SV1 and SV2 have; and those that HSD has. */
export const SERVICE_UNITS: Readonly<Record<ClaimKind, readonly string[]>> = {
  professional: ['UN', 'MJ', 'F2'],
  institutional: ['UN', 'DA', 'F2'],
}
export const DELIVERY_UNITS: readonly string[] = ['VS', 'DY', 'HS', 'MN', 'FL']

/** HI composites by the kind of diagnosis, in their order. */
export const DIAGNOSIS_QUALIFIERS = { principal: 'ABK', admitting: 'ABJ', other: 'ABF' } as const

export const RELATIONSHIPS_278: Relationships = { codes: RELATIONSHIPS, other: 'G8', own: true }
