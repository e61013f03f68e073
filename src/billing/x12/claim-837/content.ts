// What an 837 tells of a claim, as plain values in X12's own terms: between its segments and FHIR's resources.
import type { Money } from '../../money.ts'

export type ClaimKind = 'professional' | 'institutional'

/** The guides as HIPAA names them; later errata of one change no segment that is written here. */
export const GUIDES: Readonly<Record<ClaimKind, string>> = {
  professional: '005010X222A1',
  institutional: '005010X223A2',
}

/** The most lines that a claim can have. */
export const MOST_LINES: Readonly<Record<ClaimKind, number>> = { professional: 50, institutional: 999 }

export interface Address {
  /** One or two. */
  readonly lines: readonly string[]
  readonly city: string
  readonly state?: string
  readonly postalCode?: string
  /** Two letters; absent for the United States. */
  readonly country?: string
}

/** NM1 with its N3 and N4. */
export interface Party {
  readonly person: boolean
  /** A person's last name, or what an organization is called. */
  readonly name: string
  readonly first?: string
  readonly middle?: string
  readonly suffix?: string
  /** NPI, member id or payer id, as the party's place has it. */
  readonly id?: string
  readonly address?: Address
}

export interface Person extends Party {
  /** As FHIR writes it, `YYYY-MM-DD`. */
  readonly birthDate?: string
  readonly sex?: 'F' | 'M' | 'U'
}

export interface Provider extends Party {
  /** A NUCC code. */
  readonly taxonomy?: string
}

export interface BillingProvider extends Provider {
  readonly taxId: { readonly qualifier: 'EI' | 'SY'; readonly value: string }
}

/** By their NM101: referring, rendering, supervising, attending, operating, other operating. */
export type ProviderRole = 'DN' | '82' | 'DQ' | '71' | '72' | 'ZZ'

export interface Subscriber extends Person {
  /** SBR01: P, S, T, then A to H. */
  readonly responsibility: string
  readonly groupNumber?: string
  readonly groupName?: string
  /** SBR09. */
  readonly filingIndicator: string
}

/** A patient who is not the subscriber, with PAT01. */
export interface Dependent extends Person {
  readonly relationship: string
}

export interface Period {
  readonly start: string
  readonly end: string
}

export interface Diagnosis {
  readonly kind: 'principal' | 'other' | 'admitting' | 'reason' | 'external-cause'
  /** ICD-10-CM without its dot. */
  readonly code: string
  /** Y, N, U, W or 1; institutional only. */
  readonly presentOnAdmission?: string
}

export interface Procedure {
  readonly principal: boolean
  /** ICD-10-PCS. */
  readonly code: string
  readonly date: string
}

export interface Attachment {
  /** PWK01, PWK02, PWK06. */
  readonly type: string
  readonly transmission: string
  readonly control?: string
}

export interface Drug {
  /** Eleven digits. */
  readonly ndc: string
  readonly quantity: string
  /** CTP05-1: F2, GR, ME, ML or UN. */
  readonly unit: string
}

export interface Line {
  readonly revenue?: string
  /** CPT or HCPCS; an institutional line may have none. */
  readonly code?: string
  readonly modifiers: readonly string[]
  readonly charge: Money
  readonly unit: 'UN' | 'MJ' | 'DA'
  readonly quantity: string
  /** Where it differs from the claim's. */
  readonly place?: string
  /** Positions, from 1, among the claim's diagnoses. */
  readonly pointers: readonly number[]
  readonly serviced?: Period
  readonly controlNumber?: string
  readonly drug?: Drug
  /** Where it differs from the claim's. */
  readonly rendering?: Provider
}

export interface ClaimContent {
  readonly kind: ClaimKind
  readonly billingProvider: BillingProvider
  readonly subscriber: Subscriber
  readonly payer: Party
  readonly dependent?: Dependent
  readonly controlNumber: string
  readonly total: Money
  /** Place of service, or the first two digits of the type of bill. */
  readonly place: string
  readonly frequency: string
  /** CLM06; professional only. */
  readonly signature?: 'Y' | 'N'
  /** CLM07. */
  readonly assignment: 'A' | 'B' | 'C'
  /** CLM08. */
  readonly benefits: 'Y' | 'N'
  /** CLM09. */
  readonly release: 'Y' | 'I'
  /** A professional claim's; `YYYY-MM-DD`. */
  readonly onset?: string
  /** An institutional claim's. */
  readonly statement?: Period
  /** `YYYY-MM-DD`; an institutional claim's perhaps with `Thh:mm`. */
  readonly admission?: string
  /** A professional claim's day; of an institutional claim the time, `hh:mm`. */
  readonly discharge?: string
  readonly admissionType?: string
  readonly pointOfOrigin?: string
  readonly dischargeStatus?: string
  readonly attachments: readonly Attachment[]
  readonly referral?: string
  readonly authorization?: string
  /** The payer's number of the claim that this one replaces or voids. */
  readonly original?: string
  readonly medicalRecord?: string
  readonly note?: { readonly code: string; readonly text: string }
  readonly diagnoses: readonly Diagnosis[]
  readonly procedures: readonly Procedure[]
  readonly drg?: string
  readonly values: readonly { readonly code: string; readonly amount: Money }[]
  readonly conditions: readonly string[]
  readonly providers: Readonly<Partial<Record<ProviderRole, Provider>>>
  readonly facility?: Party
  readonly lines: readonly Line[]
}

/** Roles that a kind of claim has, in the order of their loops. The facility, NM101 77, stands where `77` is. */
export const ROLES: Readonly<Record<ClaimKind, readonly (ProviderRole | '77')[]>> = {
  professional: ['DN', '82', '77', 'DQ'],
  institutional: ['71', '72', 'ZZ', '82', '77', 'DN'],
}

/** PRV01 of a role whose specialty is told. */
export const TOLD_SPECIALTY: Readonly<Record<ClaimKind, Readonly<Partial<Record<ProviderRole, string>>>>> = {
  professional: { '82': 'PE' },
  institutional: { '71': 'AT' },
}
