// Whether a rule lets a service be billed at this visit, apart from what else is billed.
import type { JsonObject } from '../../fhir/index.ts'
import { isIn, isSameCode } from './codes.ts'
import type { Coding, PerformedService, ServiceFacts, ServiceProblem } from './service-facts.ts'
import type { PlaceRule, ServiceRule } from './service-rule.ts'

export interface Refusal {
  readonly problem: ServiceProblem
  readonly why: string
  readonly denial?: string
}

/** What conditions of rules see. */
export type RuleEnvironment = Readonly<Record<string, JsonObject>>

export function environmentOf(facts: ServiceFacts, service: PerformedService): RuleEnvironment {
  const { resources = {} } = facts
  return {
    encounter: resources.encounter ?? {},
    patient: resources.patient ?? {},
    coverage: resources.coverage ?? {},
    payer: resources.payer ?? {},
    service: defined({
      codes: service.codings.map(({ code }) => code),
      date: facts.date,
      minutes: service.minutes,
      quantity: service.quantity,
      modality: facts.modality,
      place: facts.place?.code,
      atHome: facts.atHome,
      participants: facts.participants,
      programs: (facts.programs ?? []).map(({ code }) => code),
      levelOfCare: facts.levelOfCare?.code,
      taxonomies: (facts.taxonomies ?? []).map(({ code }) => code),
      providerLevel: facts.providerLevel,
    }),
  }
}

/** Place of service of a line: what a condition gives it, of the rule itself first, else what was recorded. */
export function placeOf(
  rule: ServiceRule,
  general: readonly ServiceRule[],
  environment: RuleEnvironment,
  recorded: Coding | undefined,
): Coding | undefined {
  const places = [rule, ...general].flatMap((it): readonly PlaceRule[] => it.places)
  return places.find(({ when }) => when?.(environment) === true)?.codes[0] ?? recorded
}

/** Why the rule does not apply; undefined when it does. Minutes and other lines are not looked at. */
export function refusalOf(
  rule: ServiceRule,
  general: readonly ServiceRule[],
  facts: ServiceFacts,
  environment: RuleEnvironment,
): Refusal | undefined {
  for (const { applicability } of [rule, ...general])
    for (const { description, holds } of applicability)
      if (!holds(environment)) return { problem: 'not-applicable', why: description }
  const allowed = rule.places.filter(({ when }) => when === undefined)
  if (allowed.length > 0) {
    const place = placeOf(rule, general, environment, facts.place)
    if (place === undefined || !allowed.some((it) => isIn(it, place)))
      return {
        problem: 'place-not-allowed',
        why: `it is billed only with the place of service ${codesOf(allowed.flatMap(({ codes }) => codes))}`,
      }
  }
  const { taxonomies = [] } = facts
  if (
    rule.providers.length > 0 &&
    !rule.providers.some((it) => taxonomies.some((own) => isSameCode(it, own)))
  )
    return {
      problem: 'provider-not-allowed',
      why: `who rendered it needs one of the taxonomies ${codesOf(rule.providers)}`,
    }
  return undefined
}

export function codesOf(codings: readonly Coding[]): string {
  return codings.map(({ code }) => code).join(', ')
}

function defined(values: Readonly<Record<string, JsonObject[string]>>): JsonObject {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}
