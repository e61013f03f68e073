// What a rule says of stays and programs: how days are counted, on which bill they stand, and which drug is given.
import type { Coding } from './service-facts.ts'

export const COUNTINGS = ['midnight', 'attendance'] as const
/** Days at whose midnight the patient is there, or days on which the patient came. */
export type Counting = (typeof COUNTINGS)[number]

/** As https://hl7.org/fhir/R4/codesystem-days-of-week.html, in the order of a week from Sunday on. */
export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
export type Weekday = (typeof WEEKDAYS)[number]

export interface Census {
  readonly counts: Counting
  /** Whether the day of discharge is billed beside the midnights. */
  readonly dischargeDay: boolean
  /** What a day of leave is billed as; without it such a day is not billed. */
  readonly leave?: Coding
  /** Whether each day billed needs a signed note of that day. */
  readonly needsNote: boolean
  /** Whether one claim may bill days of one month alone. */
  readonly withinMonth: boolean
  /** Of services billed by the week: the day on which all weeks begin; else each patient's begin with the first day. */
  readonly startsOn?: Weekday
}

export const BILLS = ['professional', 'institutional'] as const

/** On which claim a service stands; the first that fits holds. */
export interface BillRule {
  readonly claim: (typeof BILLS)[number]
  /** Of an institutional one: the type of bill without its last digit. */
  readonly billClass?: string
  readonly level?: Coding
  /** Taxonomies, of which who bills has one; empty for everybody. */
  readonly facilities: readonly Coding[]
}

/** A condition code of the claim, of every level of care or of one. */
export interface ConditionRule {
  readonly code: Coding
  readonly level?: Coding
}

/** A drug, by ingredient or product, whose giving makes the service. */
export interface DrugRule {
  readonly drugs: readonly Coding[]
  /** Of these one is needed, where there are any. */
  readonly routes: readonly Coding[]
  /** Of what is given to take home: a unit is the supply of so many days, or a part of it. */
  readonly daysPerUnit?: number
}

/** The part of a rule that stays and programs are billed by. */
export interface ProgramRule {
  readonly census?: Census
  readonly bills: readonly BillRule[]
  readonly conditionCodes: readonly ConditionRule[]
  readonly drugs: readonly DrugRule[]
}
