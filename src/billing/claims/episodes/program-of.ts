// What an episode of care is billed as: a service by the day, the week or the month, and at which level of care.
import type { Issue, Resource } from '../../../fhir/index.ts'
import { objectsAt } from '../../elements.ts'
import { type Census, type Coding, type RulesInForce, type ServiceRule, unitOf } from '../../rules/index.ts'
import { codingsOf } from '../people.ts'
import { LEVELS_OF_CARE } from '../urls.ts'
import { mapped } from './concept-maps.ts'
import { programProblem } from './program-problems.ts'

export type Scheme = 'midnight' | 'attendance' | 'week' | 'month'

export interface Program {
  readonly scheme: Scheme
  /** What is billed unless a visit or a drug says otherwise; none of what is billed by the month. */
  readonly service?: Coding
  /** The rule by which days are counted and the claim is chosen; none of what is billed by the month. */
  readonly rule?: ServiceRule
  readonly census: Census
  readonly level?: Coding
}

/** Where a rule says nothing: days on which the patient came, each with its note. */
const USUAL: Census = { counts: 'attendance', dischargeDay: false, needsNote: true, withinMonth: false }

/** One claim is one month's. */
const MONTHLY: Census = { ...USUAL, withinMonth: true }

/**
 * By `EpisodeOfCare.type`: a kind of service or a code that a rule bills by the day or week, else what `levels` maps its
 * level of care to, else by the month whatever its visits say.
 */
export function programOf(
  episode: Resource,
  rules: RulesInForce,
  levels: Resource | undefined,
): { readonly program: Program; readonly refusals: readonly Issue[] } {
  const types = objectsAt(episode, 'type')
  const level = levelOf(types.flatMap(codingsOf))
  const told = types.flatMap(codingsOf).map((coding) => [coding, periodRuleOf(coding, rules)] as const)
  const [service, rule] = told.find(([, found]) => found !== undefined) ?? []
  const withLevel = level === undefined ? {} : { level }
  if (service !== undefined && rule !== undefined)
    return { program: { ...schemeOf(rule, rules), service, rule, ...withLevel }, refusals: [] }
  const usual = level && mapped(levels, { coding: [{ ...level }] })
  const usualRule = usual && periodRuleOf(usual, rules)
  if (usual !== undefined && usualRule !== undefined)
    return {
      program: { ...schemeOf(usualRule, rules), service: usual, rule: usualRule, ...withLevel },
      refusals: [],
    }
  const program: Program = { scheme: 'month', census: MONTHLY, ...withLevel }
  return {
    program,
    refusals:
      usual === undefined
        ? []
        : [
            programProblem(
              'program-missing',
              'EpisodeOfCare.type',
              `No rule in force for this payer bills ${usual.code}, which is what its level of care is billed as.`,
            ),
          ],
  }
}

/** The first that says how days are counted, of those that bill the coding by the day or the week. */
export function periodRuleOf(coding: Coding, rules: RulesInForce): ServiceRule | undefined {
  const named = rules.ofCode(coding)
  const serving = [...(named?.isBillable === true ? [named] : []), ...rules.ofKind(coding)].filter((rule) => {
    const { basis } = unitOf(rule, rules.general)
    return basis === 'day' || basis === 'week'
  })
  return serving.find(({ census }) => census !== undefined) ?? serving[0]
}

function schemeOf(rule: ServiceRule, rules: RulesInForce): Pick<Program, 'scheme' | 'census'> {
  const census = rule.census ?? USUAL
  const isWeekly = unitOf(rule, rules.general).basis === 'week'
  return { scheme: isWeekly ? 'week' : census.counts, census }
}

export function levelOf(codings: readonly Coding[]): Coding | undefined {
  return codings.find(({ system }) => system === LEVELS_OF_CARE)
}
