// The benefits of a 271 as items of a CoverageEligibilityResponse: one for each service and circumstances.
import type { JsonObject } from '../../../fhir/index.ts'
import { compareMoney, fhirMoney, printShortest, readMoney, subtractMoney } from '../../money.ts'
import { SYSTEMS } from '../../systems.ts'
import { modifierConcept, serviceConcept } from '../claim-837/to-bundle.ts'
import { X12_CODES } from '../code-systems.ts'
import type { Benefit } from './answer.ts'
import { measuresOf, type Measure } from './measures.ts'
import {
  BENEFIT_PLACE,
  benefitType,
  concept,
  excluded,
  networkConcept,
  REMAINING,
  termConcept,
  unitConcept,
  USED,
} from './terms.ts'

/** The service type of the plan as a whole, where a benefit names none. */
export const WHOLE_PLAN = '30'

/** What is said of one service: a benefit, and one of its measures, or none. */
interface Statement {
  readonly benefit: Benefit
  readonly service: Service
  readonly measure: Measure | undefined
  /** EB06, or of its measure. */
  readonly period: string | undefined
}

type Service = { readonly type: string } | { readonly procedure: NonNullable<Benefit['procedure']> }

/**
 * An item for each service, level, network, period, place, need of authorization and message, in the order of the 271:
 * payers tell by messages what a service type does not. What is left (or used so far) of an amount stands beside the amount
 * that it belongs to, which then says what is used; where none, or more than one, can be meant it stands by itself,
 * without a period.
 */
export function benefitItems(benefits: readonly Benefit[]): readonly JsonObject[] {
  const statements = benefits.flatMap(statementsOf)
  const totals = totalsOf(statements)
  const groups = new Map<string, Statement[]>()
  const used = new Map<Statement, Statement[]>()
  for (const statement of statements) {
    const whole = isPartial(statement) ? wholeOf(statement, totals) : undefined
    if (whole !== undefined) addTo(used, whole, statement)
    if (whole === undefined || statement.period !== USED)
      addTo(groups, itemKey(whole ?? statement), statement)
  }
  return [...groups.values()].map((group) => itemOf(group, used))
}

function statementsOf(benefit: Benefit): readonly Statement[] {
  const { procedure } = benefit
  const types = benefit.serviceTypes.length === 0 ? [WHOLE_PLAN] : benefit.serviceTypes
  const services: readonly Service[] =
    procedure === undefined ? [...new Set(types)].map((type) => ({ type })) : [{ procedure }]
  const measures: readonly (Measure | undefined)[] = measuresOf(benefit)
  return services.flatMap((service) =>
    (measures.length === 0 ? [undefined] : measures).map((measure) => ({
      benefit,
      service,
      measure,
      period: measure?.period ?? benefit.period,
    })),
  )
}

function isPartial({ period }: Statement): boolean {
  return period !== undefined && (REMAINING.has(period) || period === USED)
}

/** The only whole amount with the same words, else the only one, that this is a part of. */
function wholeOf(
  statement: Statement,
  totals: ReadonlyMap<string, readonly Statement[]>,
): Statement | undefined {
  for (const key of [wordedKey(statement), measureKey(statement)]) {
    const [only, ...others] = totals.get(key) ?? []
    if (others.length === 0 && only !== undefined) return only
  }
  return undefined
}

/** The statements of whole amounts, by what a part of them would have in common with them, with words and without. */
function totalsOf(statements: readonly Statement[]): ReadonlyMap<string, readonly Statement[]> {
  const totals = new Map<string, Statement[]>()
  for (const statement of statements) {
    if (statement.measure === undefined || isPartial(statement)) continue
    addTo(totals, measureKey(statement), statement)
    addTo(totals, wordedKey(statement), statement)
  }
  return totals
}

function addTo<K>(map: Map<K, Statement[]>, key: K, statement: Statement): void {
  const all = map.get(key)
  if (all === undefined) map.set(key, [statement])
  else all.push(statement)
}

function measureKey({ benefit, service, measure }: Statement): string {
  const { information, level, network, places } = benefit
  return JSON.stringify([service, information, level, network, places, measure?.kind, measure?.qualifier])
}

function wordedKey(statement: Statement): string {
  return `${measureKey(statement)} ${JSON.stringify(wordsOf(statement.benefit))}`
}

function itemKey({ benefit, service, period }: Statement): string {
  const { level, network, places, authorization } = benefit
  return JSON.stringify([service, level, network, places, authorization, period, wordsOf(benefit)])
}

function itemOf(group: readonly Statement[], used: ReadonlyMap<Statement, readonly Statement[]>): JsonObject {
  const first = group.find((one) => !isPartial(one)) ?? (group[0] as Statement)
  const { level, network, places, authorization } = first.benefit
  const own = [...new Set(group.map(({ benefit }) => benefit))]
  const out = own.map(({ information }) => excluded(information)).filter((one) => one !== undefined)
  const names = [...new Set(own.flatMap(({ plan }) => plan ?? []))]
  const messages = [...new Set(own.flatMap(wordsOf))]
  const term = isPartial(first) ? undefined : termConcept(first.period)
  const unit = unitConcept(level)
  const inNetwork = networkConcept(network)
  const benefits = group.flatMap((one) => benefitElement(one, used.get(one) ?? []))
  return {
    ...(places.length === 0
      ? {}
      : {
          extension: places.map((code) => ({
            url: BENEFIT_PLACE,
            valueCodeableConcept: concept([SYSTEMS.place, code]),
          })),
        }),
    ...serviceElements(first.service),
    ...(out.length === 0 ? {} : { excluded: out.includes(true) }),
    ...(names.length === 0 ? {} : { name: names.join('; ') }),
    ...(messages.length === 0 ? {} : { description: messages.join('\n') }),
    ...(inNetwork === undefined ? {} : { network: inNetwork }),
    ...(unit === undefined ? {} : { unit }),
    ...(term === undefined ? {} : { term }),
    ...(benefits.length === 0 ? {} : { benefit: benefits }),
    ...(authorization === undefined || authorization === 'U'
      ? {}
      : { authorizationRequired: authorization === 'Y' }),
  }
}

function serviceElements(service: Service): JsonObject {
  if ('type' in service) return { category: concept([X12_CODES.serviceType, service.type]) }
  const { qualifier, code, modifiers } = service.procedure
  return {
    productOrService: qualifier === 'HC' ? serviceConcept(code) : { text: code },
    ...(modifiers.length === 0 ? {} : { modifier: modifiers.map(modifierConcept) }),
  }
}

/** Messages, and whom the benefit names. */
function wordsOf({ messages, entities }: Benefit): readonly string[] {
  const named = entities.map(({ name, telephone }) => [name, telephone].filter(Boolean).join(' '))
  return [...messages, ...named].filter((text) => text.trim() !== '')
}

/** None for what says no more than that there is, or is no, coverage. */
function benefitElement(statement: Statement, parts: readonly Statement[]): readonly JsonObject[] {
  const { measure, period, benefit } = statement
  const { information } = benefit
  if (measure === undefined)
    return excluded(information) === undefined && !/^[678]$/.test(information)
      ? [{ type: benefitType(information, 'other', false) }]
      : []
  const remaining = period !== undefined && REMAINING.has(period)
  const element: JsonObject = { type: typeOf(information, measure, remaining) }
  Object.assign(element, valueElement(period === USED ? 'used' : 'allowed', measure))
  const usedUp = usedOf(measure, parts)
  if (usedUp !== undefined) Object.assign(element, valueElement('used', usedUp))
  return [element]
}

function typeOf(information: string, { kind, qualifier }: Measure, remaining: boolean): JsonObject {
  const type = benefitType(information, kind, remaining)
  if (kind !== 'other' || qualifier === undefined) return type
  return {
    coding: [{ system: X12_CODES.quantityQualifier, code: qualifier }, ...(type.coding as JsonObject[])],
  }
}

/** What is used of an amount: as the payer tells it, else the amount less what is left. */
function usedOf(measure: Measure, parts: readonly Statement[]): Measure | undefined {
  const told = parts.find(({ period }) => period === USED)?.measure
  if (told !== undefined) return told
  const left = parts.find(({ period }) => period !== USED)?.measure
  if (left === undefined || measure.text !== undefined || left.text !== undefined) return undefined
  if (measure.amount !== undefined && left.amount !== undefined) {
    if (compareMoney(left.amount, measure.amount) > 0) return undefined
    return { ...measure, amount: subtractMoney(measure.amount, left.amount) }
  }
  if (measure.count === undefined || left.count === undefined) return undefined
  const [all, rest] = [readMoney(measure.count, 'quantity'), readMoney(left.count, 'quantity')]
  return compareMoney(rest, all) > 0
    ? undefined
    : { ...measure, count: printShortest(subtractMoney(all, rest)) }
}

function valueElement(which: 'allowed' | 'used', { amount, count, text }: Measure): JsonObject {
  if (amount !== undefined) return { [`${which}Money`]: fhirMoney(amount) }
  if (text === undefined && count !== undefined && /^\d{1,9}$/.test(count))
    return { [`${which}UnsignedInt`]: Number(count) }
  return { [`${which}String`]: text ?? count ?? '' }
}
