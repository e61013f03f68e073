// A claim as revenue counts it: its lines with their day, service, clinician and charge.
import { FhirError, isDate, type JsonObject, type Resource } from '../../fhir/index.ts'
import { codingsOf, localKeyOf, priorOf } from '../claims/index.ts'
import { hasCode, numbersAt, objectAt, objectsAt, textAt } from '../elements.ts'
import { moneyAt, NO_MONEY, quantityTimesToTheCent, sumMoney, writtenDecimal, type Money } from '../money.ts'
import { isSuperseded, totalOf } from '../remittance/index.ts'
import type { Coding } from '../rules/index.ts'

export interface BilledLine {
  /** Of the line; undefined for a claim that has none. */
  readonly sequence: number | undefined
  /** Its first day: `YYYY-MM-DD`. */
  readonly date: string
  /** Of the service; of the revenue code, where there is no other. */
  readonly code: Coding | undefined
  /** `Practitioner/[id]`, `PractitionerRole/[id]` or `Organization/[id]`. */
  readonly clinician: string | undefined
  readonly charged: Money
}

export interface BilledClaim {
  readonly id: string
  /** `Organization/[id]`. */
  readonly payer: string | undefined
  /** It was replaced or voided, or only voids another. */
  readonly isSuperseded: boolean
  /** `Claim/[id]` of the claim that it replaces. */
  readonly prior: string | undefined
  /** The last day of service: `YYYY-MM-DD`. */
  readonly lastDay: string
  readonly total: Money
  readonly lines: readonly [BilledLine, ...BilledLine[]]
}

/**
 * undefined for a claim that tells no day of service.
 * @throws FhirError `business-rule` for an amount that is none
 */
export function readBilledClaim(claim: Resource, baseUrl: string): BilledClaim | undefined {
  const items = objectsAt(claim, 'item')
  const period = daysOf(objectAt(claim, 'billablePeriod'))
  const days = items.map((item) => daysOf(objectAt(item, 'servicedPeriod'), textAt(item, 'servicedDate')))
  const first = period?.first ?? days.find((one) => one !== undefined)?.first
  if (first === undefined) return undefined
  const lasts = days.flatMap((one) => one?.last ?? [])
  const [line, ...lines] = items.map((item, at) => lineOf(claim, item, days[at]?.first ?? first, baseUrl))
  const charged = line === undefined ? totalOf(claim) : sumMoney([line, ...lines].map((one) => one.charged))
  return {
    id: String(claim['id']),
    payer: localKeyOf(objectAt(claim, 'insurer'), baseUrl),
    isSuperseded: isSuperseded(claim),
    prior: priorOf(claim, baseUrl),
    lastDay: lasts.length > 0 ? lasts.reduce((a, b) => (a > b ? a : b)) : (period?.last ?? first),
    total: charged,
    lines: [line ?? wholeOf(claim, first, charged, baseUrl), ...lines],
  }
}

function lineOf(claim: Resource, item: JsonObject, date: string, baseUrl: string): BilledLine {
  const { sequence } = item
  return {
    sequence: typeof sequence === 'number' ? sequence : undefined,
    date,
    code: codingsOf(objectAt(item, 'productOrService'))[0] ?? codingsOf(objectAt(item, 'revenue'))[0],
    clinician: clinicianOf(claim, numbersAt(item, 'careTeamSequence'), baseUrl),
    charged: chargeOf(item),
  }
}

/** A claim without lines is one of its total. */
function wholeOf(claim: Resource, date: string, charged: Money, baseUrl: string): BilledLine {
  return { sequence: undefined, date, code: undefined, clinician: clinicianOf(claim, [], baseUrl), charged }
}

function chargeOf(item: JsonObject): Money {
  const [net, price, quantity] = [
    objectAt(item, 'net'),
    objectAt(item, 'unitPrice'),
    objectAt(item, 'quantity'),
  ]
  if (net !== undefined) return moneyAt(net, 'value', 'Claim.item.net.value')
  if (price === undefined) return NO_MONEY
  const element = 'Claim.item.quantity.value'
  const units = quantity === undefined ? '1' : writtenDecimal(quantity, 'value', element)
  return quantityTimesToTheCent(moneyAt(price, 'value', 'Claim.item.unitPrice.value'), units, element)
}

/** Of http://terminology.hl7.org/CodeSystem/claimcareteamrole: whose work it is, in this order. */
const ROLES = ['rendering', 'attending', 'primary']

/** Of those that the line names, else of all: the one of the first of these roles, else the first; else the provider. */
function clinicianOf(claim: Resource, sequences: readonly number[], baseUrl: string): string | undefined {
  const team = objectsAt(claim, 'careTeam')
  const ofLine = team.filter(({ sequence }) => sequences.includes(sequence as number))
  const some = ofLine.length > 0 ? ofLine : team
  const byRole = ROLES.map((role) => some.find((one) => hasCode(objectAt(one, 'role'), role)))
  const member = byRole.find((one) => one !== undefined) ?? some[0]
  return localKeyOf(objectAt(member ?? claim, 'provider'), baseUrl)
}

interface Days {
  readonly first: string
  readonly last: string
}

/** As they are written where they were: a time's zone moves no day. */
function daysOf(period: JsonObject | undefined, day?: string): Days | undefined {
  const [start, end] = day === undefined ? [textAt(period, 'start'), textAt(period, 'end')] : [day, day]
  const first = start ?? end
  if (first === undefined) return undefined
  return { first: wholeDay(first), last: wholeDay(end ?? first) }
}

/** `2026` and `2026-03` begin with their first day. */
function wholeDay(text: string): string {
  const day = `${text.slice(0, 10)}${'-01-01'.slice(0, Math.max(0, 10 - text.length))}`
  const full = text.length === 7 ? `${text}-01` : day
  if (!isDate(full)) throw new FhirError('business-rule', 'A day of service is no date.')
  return full
}
