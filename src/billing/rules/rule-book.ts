// The rules of all services, and of each code the one in force for a payer, a state and a day.
import type { Issue, Resource } from '../../fhir/index.ts'
import { isSameCode, keyOf } from './codes.ts'
import type { PrepareExpression } from './conditions.ts'
import { readServiceRule } from './read-service-rule.ts'
import type { Coding, PayerNames, ServiceFacts } from './service-facts.ts'
import type { ServiceRule, ServiceUnit } from './service-rule.ts'

/** What is wrong with one definition: it is left out of the book. */
export interface FaultyDefinition {
  /** `url|version`, or what there is of it. */
  readonly definition: string
  readonly issues: readonly Issue[]
}

export interface RuleBook {
  readonly faulty: readonly FaultyDefinition[]
  /** The rules that hold for these facts' payer, jurisdictions and date. */
  inForce(facts: Pick<ServiceFacts, 'date' | 'payer' | 'jurisdictions'>): RulesInForce
}

export interface RulesInForce {
  /** That of a code, also one that is not billable. */
  ofCode(code: Coding): ServiceRule | undefined
  /** Whether any rule of the book, of whatever day, payer or state, has the code. */
  isKnown(code: Coding): boolean
  /** Those that serve a kind and are billable. */
  ofKind(kind: Coding): readonly ServiceRule[]
  /** Those of all codes that are billable. */
  readonly all: readonly ServiceRule[]
  /** What holds for all services: of the most specific first. */
  readonly general: readonly ServiceRule[]
}

/**
 * Reads ChargeItemDefinitions. Drafts, and those with nothing of ours, are passed over; those with faults are told.
 * @param prepare for the expressions of rules
 */
export function readServiceRules(definitions: Iterable<Resource>, prepare: PrepareExpression): RuleBook {
  const faulty: FaultyDefinition[] = []
  const byCode = new Map<string, ServiceRule[]>()
  const general: ServiceRule[] = []
  for (const definition of definitions) {
    const { rule, faults } = readServiceRule(definition, prepare)
    if (faults.length > 0) faulty.push({ definition: nameOf(definition), issues: faults })
    if (rule === undefined) continue
    if (rule.code === undefined) general.push(rule)
    else {
      const key = keyOf(rule.code)
      const others = byCode.get(key)
      if (others === undefined) byCode.set(key, [rule])
      else others.push(rule)
    }
  }
  return { faulty, inForce: (facts) => inForce(byCode, general, facts) }
}

function inForce(
  byCode: ReadonlyMap<string, readonly ServiceRule[]>,
  general: readonly ServiceRule[],
  facts: Pick<ServiceFacts, 'date' | 'payer' | 'jurisdictions'>,
): RulesInForce {
  const winners = new Map<string, ServiceRule>()
  const byKind = new Map<string, ServiceRule[]>()
  for (const [key, rules] of byCode) {
    const [winner] = mostSpecificFirst(rules, facts)
    if (winner === undefined) continue
    winners.set(key, winner)
    for (const kind of winner.isBillable ? winner.kinds : []) {
      const serving = byKind.get(keyOf(kind))
      if (serving === undefined) byKind.set(keyOf(kind), [winner])
      else serving.push(winner)
    }
  }
  return {
    ofCode: (code) => winners.get(keyOf(code)),
    isKnown: (code) => byCode.has(keyOf(code)),
    ofKind: (kind) => byKind.get(keyOf(kind)) ?? [],
    all: [...winners.values()].filter(({ isBillable }) => isBillable),
    general: mostSpecificFirst(general, facts).filter(({ isBillable }) => isBillable),
  }
}

/** Those that hold, the most specific first; of equally specific ones the newest version. */
function mostSpecificFirst(
  rules: readonly ServiceRule[],
  { date, payer, jurisdictions = [] }: Pick<ServiceFacts, 'date' | 'payer' | 'jurisdictions'>,
): readonly ServiceRule[] {
  return rules
    .filter(
      (rule) => isOnDate(rule, date) && isForPayer(rule, payer) && isForJurisdiction(rule, jurisdictions),
    )
    .toSorted(
      (one, other) =>
        specificity(other) - specificity(one) ||
        other.version.localeCompare(one.version, 'en', { numeric: true }) ||
        (one.canonical < other.canonical ? -1 : 1),
    )
}

function specificity({ payers, jurisdictions }: ServiceRule): number {
  return (payers.length > 0 ? 2 : 0) + (jurisdictions.length > 0 ? 1 : 0)
}

/** Bounds may be a year or a month, and hold for all of it. */
function isOnDate({ start, end }: ServiceRule, date: string): boolean {
  return (
    (start === undefined || date.slice(0, start.length) >= start) &&
    (end === undefined || date.slice(0, end.length) <= end)
  )
}

function isForPayer({ payers }: ServiceRule, payer: PayerNames | undefined): boolean {
  if (payers.length === 0) return true
  if (payer === undefined) return false
  return payers.some(({ reference, identifier }) =>
    identifier === undefined
      ? payer.references.includes(reference as string)
      : payer.identifiers.some(
          ({ system, value }) =>
            value === identifier.value && (identifier.system === undefined || system === identifier.system),
        ),
  )
}

function isForJurisdiction({ jurisdictions }: ServiceRule, held: readonly Coding[]): boolean {
  if (jurisdictions.length === 0) return true
  return jurisdictions.some((one) => held.some((other) => isSameCode(one, other)))
}

/** The unit of a rule, with what it leaves open filled from the rules for all services. */
export function unitOf(rule: ServiceRule, general: readonly ServiceRule[]): ServiceUnit {
  const [unit] = rule.units as readonly [ServiceUnit]
  let filled = unit
  for (const { units } of general) {
    const wider = units.find(
      ({ basis, minutesPerUnit }) =>
        basis === unit.basis && (minutesPerUnit === undefined || minutesPerUnit === unit.minutesPerUnit),
    )
    if (wider !== undefined) filled = { ...wider, ...filled }
  }
  return filled
}

function nameOf({ url, version, id }: Resource): string {
  const name = typeof url === 'string' ? url : `ChargeItemDefinition/${String(id)}`
  return typeof version === 'string' ? `${name}|${version}` : name
}
