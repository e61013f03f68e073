// One billable service as a ChargeItemDefinition states it (https://hl7.org/fhir/R4/chargeitemdefinition.html).
import type { JsonObject } from '../../fhir/index.ts'
import type { ProgramRule } from './program-rule.ts'
import type { Coding } from './service-facts.ts'

export const UNIT_BASES = [
  'event',
  'time-band',
  'time-minimum',
  'time-or-decision',
  'each-additional',
  'minutes',
  'quarter-hour',
  'hour',
  'day',
  'week',
  'month',
  'month-minimum',
  'instrument',
] as const
export type UnitBasis = (typeof UNIT_BASES)[number]

export const ROUNDINGS = ['eight-minute', 'full-unit', 'midpoint', 'ceiling'] as const
export type Rounding = (typeof ROUNDINGS)[number]

export const SCOPES = ['day', 'week', 'month'] as const
/** The same date, at most six days apart, or the same month. */
export type Scope = (typeof SCOPES)[number]

export const EVIDENCE = ['verified', 'partly', 'unverified'] as const
export type Evidence = (typeof EVIDENCE)[number]

/** How minutes, or a quantity, become units. Minutes are whole, and bounds are included. */
export interface ServiceUnit {
  readonly basis: UnitBasis
  readonly minMinutes?: number
  readonly maxMinutes?: number
  readonly minutesPerUnit?: number
  /** Of `each-additional`: minutes of the whole service from which there is one unit. */
  readonly startsAt?: number
  readonly rounding?: Rounding
  readonly maxUnitsPerDay?: number
  /** Whether minutes of one day are added before they are rounded. */
  readonly aggregate?: boolean
}

/** Codes one by one, or all from the first to the last of one length. */
export interface CodeSet {
  readonly codes: readonly Coding[]
  readonly range?: { readonly first: Coding; readonly last: Coding }
}

/** What an add-on needs beside it; where a rule has several, one is enough. */
export interface Primary extends CodeSet {
  readonly scope: Scope
  /** Instead of that of the unit, where the add-on follows one of these. */
  readonly startsAt?: number
  readonly denial?: string
}

/** What may not be billed beside it. */
export interface Exclusion extends CodeSet {
  readonly scope: Scope
  /** A warning leaves the line there. */
  readonly severity: 'error' | 'warning'
  readonly denial?: string
}

/** Whether it holds for `%service`, `%encounter`, `%patient`, `%coverage` and `%payer`. */
export type Condition = (environment: Readonly<Record<string, JsonObject>>) => boolean

export interface Applicability {
  readonly description: string
  readonly holds: Condition
}

export interface ModifierRule {
  readonly modifier: Coding
  readonly when?: Condition
}

export interface PlaceRule {
  readonly codes: readonly Coding[]
  /** With it the place of the line is the first code; without it the codes are those allowed. */
  readonly when?: Condition
}

export interface RevenueRule {
  readonly code: Coding
  readonly level?: Coding
}

export interface UnitLimit {
  readonly units: number
  readonly days: number
}

/** Whether the payer must have authorized the service. */
export interface AuthorizationRule {
  readonly isRequired: boolean
  readonly when?: Condition
}

/** The last day on which a claim is taken: so many days, or months, after the service. */
export interface FilingLimit {
  readonly days?: number
  readonly months?: number
  readonly when?: Condition
}

export interface ServicePrice {
  readonly applicability: readonly Applicability[]
  readonly amount: JsonObject
}

/** For whom a rule is: empty lists are everybody and everywhere. */
export interface ServiceScope {
  readonly payers: readonly PayerName[]
  readonly jurisdictions: readonly Coding[]
}

export interface PayerName {
  readonly reference?: string
  readonly identifier?: { readonly system?: string; readonly value: string }
}

export interface ServiceRule extends ServiceScope, ProgramRule {
  /** `url|version`. */
  readonly canonical: string
  readonly version: string
  /** False where the payer or state does not take the code: its status is retired. */
  readonly isBillable: boolean
  /** Undefined in a rule for all services of a payer or state. */
  readonly code?: Coding
  readonly kinds: readonly Coding[]
  /** `YYYY`, `YYYY-MM` or a longer date: the first and the last in force. */
  readonly start?: string
  readonly end?: string
  /** One, where the rule has a code; in one for all services one for each basis. */
  readonly units: readonly ServiceUnit[]
  readonly primaries: readonly Primary[]
  readonly exclusions: readonly Exclusion[]
  readonly modifiers: readonly ModifierRule[]
  readonly places: readonly PlaceRule[]
  readonly providers: readonly Coding[]
  readonly revenues: readonly RevenueRule[]
  readonly limits: readonly UnitLimit[]
  /** The first whose condition holds counts. */
  readonly authorizations: readonly AuthorizationRule[]
  /** Of a rule for all services; the first whose condition holds counts. */
  readonly filingLimits: readonly FilingLimit[]
  readonly applicability: readonly Applicability[]
  readonly prices: readonly ServicePrice[]
  readonly evidence?: Evidence
}
