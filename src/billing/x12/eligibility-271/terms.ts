// X12's words for benefits as FHIR has them: types, networks, levels and periods, each beside the code that the payer told.
import type { JsonObject } from '../../../fhir/index.ts'
import { BILLING_TERMS } from '../../rules/urls.ts'
import { X12_CODES } from '../code-systems.ts'

const THO = 'http://terminology.hl7.org/CodeSystem'

/** On an item: the places of service where it holds, `valueCodeableConcept`, once for each. */
export const BENEFIT_PLACE = 'https://alcove.health/fhir/StructureDefinition/benefit-place'

/** EB01 of services that the plan covers, and of those that it does not. */
const COVERED = new Set(['1', '2', '3', '4', '5'])
const INACTIVE = new Set(['6', '7', '8'])
const NOT_COVERED = new Set(['E', 'I'])

/** Whether EB01 says that there is coverage (`true`), that there is none (`false`), or neither. */
export function inForce(information: string): boolean | undefined {
  if (COVERED.has(information)) return true
  return INACTIVE.has(information) ? false : undefined
}

/** Whether EB01 says that a service is left out of (`true`) or within the plan (`false`), or neither. */
export function excluded(information: string): boolean | undefined {
  if (NOT_COVERED.has(information)) return true
  return COVERED.has(information) ? false : undefined
}

/** EB12 as R4's network; none where it is not known or the benefit is alike in both. */
export function networkConcept(network: string | undefined): JsonObject | undefined {
  if (network === 'Y') return concept([`${THO}/benefit-network`, 'in'])
  if (network === 'N') return concept([`${THO}/benefit-network`, 'out'])
  return undefined
}

const UNITS: Readonly<Record<string, string>> = { IND: 'individual', FAM: 'family' }

/** EB02: individual, family, or another group of insured. */
export function unitConcept(level: string | undefined): JsonObject | undefined {
  if (level === undefined) return undefined
  const known = UNITS[level]
  return concept(...(known === undefined ? [] : [[`${THO}/benefit-unit`, known] as const]), [
    X12_CODES.coverageLevel,
    level,
  ])
}

const TERMS: Readonly<Record<string, string>> = {
  '7': 'day',
  '13': 'day',
  '21': 'annual',
  '22': 'annual',
  '23': 'annual',
  '25': 'annual',
  '32': 'lifetime',
}

/** EB06: the time in which the benefit is reckoned. */
export function termConcept(period: string | undefined): JsonObject | undefined {
  if (period === undefined) return undefined
  const known = TERMS[period]
  return concept(...(known === undefined ? [] : [[`${THO}/benefit-term`, known] as const]), [
    X12_CODES.timePeriod,
    period,
  ])
}

/** EB06 of what is left, and of what was used so far: they tell no time of their own. */
export const REMAINING = new Set(['29', '33'])
export const USED = '24'

export type MeasureKind = 'amount' | 'part' | 'visits' | 'other'

/** R4's and our own types, by what is measured, for what EB01 says. */
const TYPES: Readonly<Record<'amount' | 'part', Readonly<Record<string, string>>>> = {
  amount: { B: 'copay', C: 'deductible', G: 'out-of-pocket', F: 'benefit' },
  part: { A: 'copay-percent', B: 'copay-percent' },
}
/** Those that R4 does not have. */
const OWN = new Set(['out-of-pocket'])
const REMAINING_TYPES: Readonly<Record<string, string>> = {
  deductible: 'deductible-remaining',
  'out-of-pocket': 'out-of-pocket-remaining',
  benefit: 'benefit-remaining',
  visit: 'visit-remaining',
}

/** `item.benefit.type`; what the payer said stands in it as well. */
export function benefitType(information: string, kind: MeasureKind, remaining: boolean): JsonObject {
  const type = kind === 'visits' ? 'visit' : kind === 'other' ? undefined : TYPES[kind][information]
  const left = remaining && type !== undefined ? REMAINING_TYPES[type] : undefined
  const known =
    left !== undefined
      ? [[BILLING_TERMS, left] as const]
      : type === undefined
        ? []
        : [[OWN.has(type) ? BILLING_TERMS : `${THO}/benefit-type`, type] as const]
  return concept(...known, [X12_CODES.benefitInformation, information])
}

export function concept(...codings: readonly (readonly [system: string, code: string])[]): JsonObject {
  return { coding: codings.map(([system, code]) => ({ system, code })) }
}

/** What AAA04 asks for, in our words. */
export const FOLLOW_UPS: Readonly<Record<string, string>> = {
  C: 'Correct it and send it again.',
  N: 'Do not send it again.',
  P: 'Send it again as it was.',
  R: 'It may be sent again.',
  S: 'Do not send it again: it was passed on to somebody else.',
  W: 'Wait 30 days, then send it again.',
  X: 'Wait 10 days, then send it again.',
  Y: 'Do not send it again: the answer will come.',
}
