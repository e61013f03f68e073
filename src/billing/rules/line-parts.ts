// Modifiers, revenue code and price of a line.
import type { JsonObject } from '../../fhir/index.ts'
import { isSameCode, keyOf } from './codes.ts'
import type { RuleEnvironment } from './judge-rule.ts'
import type { Coding } from './service-facts.ts'
import type { ServiceRule } from './service-rule.ts'

/** A line of a claim has room for no more. */
const MOST_MODIFIERS = 4

/**
 * The rule's own first, which set the price, then those of the most specific rule for all services that has any:
 * each where its condition holds, once.
 */
export function modifiersOf(
  rule: ServiceRule,
  general: readonly ServiceRule[],
  environment: RuleEnvironment,
): { readonly modifiers: readonly Coding[]; readonly dropped: number } {
  const found = new Map<string, Coding>()
  const forAll = general.find(({ modifiers }) => modifiers.length > 0)?.modifiers ?? []
  for (const { modifier, when } of [...rule.modifiers, ...forAll])
    if (when === undefined || when(environment)) found.set(keyOf(modifier), modifier)
  const modifiers = [...found.values()]
  return {
    modifiers: modifiers.slice(0, MOST_MODIFIERS),
    dropped: Math.max(0, modifiers.length - MOST_MODIFIERS),
  }
}

/** That of the level of care, else the one that is for every level. */
export function revenueOf({ revenues }: ServiceRule, levelOfCare: Coding | undefined): Coding | undefined {
  const ofLevel = revenues.find(
    ({ level }) => level !== undefined && levelOfCare !== undefined && isSameCode(level, levelOfCare),
  )
  return (ofLevel ?? revenues.find(({ level }) => level === undefined))?.code
}

/** Of the first group of prices that applies. */
export function priceOf({ prices }: ServiceRule, environment: RuleEnvironment): JsonObject | undefined {
  return prices.find(({ applicability }) => applicability.every(({ holds }) => holds(environment)))?.amount
}
