// Which items of a form a response has to look at: enableWhen, with what expressions of it may ask for.
import { collectFaults, FhirError, type JsonObject, type JsonValue, type Resource } from '../../fhir/index.ts'
import { enabledItems, readEnabling, type Enabling } from '../assessments/enable-when.ts'
import type { Evaluators } from '../assessments/formula.ts'
import { itemsOf } from '../assessments/items.ts'
import { readVariables, type Variable } from '../assessments/variables.ts'
import { tooCostly } from './expressions.ts'
import type { FormItem } from './form.ts'

/** For all expressions of one response; what is left then is not known. */
const MOST_MILLISECONDS = 1000

/** The rules of a Questionnaire, read once. */
export interface EnablementRules {
  readonly questionnaire: Resource
  readonly enabling: Enabling
  readonly variables: readonly Variable[]
}

export interface Enablement {
  /** Whether it is asked where `at` stands, an item of the response; `unknown` where an expression cannot say. */
  of(item: FormItem, at: JsonObject | undefined): 'asked' | 'not asked' | 'unknown'
}

/** What of the rules cannot be followed is left out: it is the author's of the Questionnaire to hear of it. */
export function readEnablement(questionnaire: Resource, evaluators: Evaluators): EnablementRules {
  const faults = collectFaults()
  return {
    questionnaire,
    enabling: readEnabling(itemsOf(questionnaire), undefined, evaluators, faults),
    variables: readVariables(questionnaire, evaluators, faults),
  }
}

export function enablementIn(rules: EnablementRules, response: Resource): Enablement {
  let environment: Readonly<Record<string, JsonValue>> | undefined
  let spent = 0
  /** Places of items whose expression could not be evaluated. */
  const failed = new Set<string>()
  const enabled = enabledItems(rules.enabling, response, (formula) => {
    const startedAt = performance.now()
    try {
      if (spent > MOST_MILLISECONDS)
        throw tooCostly('The expressions take too long together.', formula.element)
      environment ??= environmentOf(rules, response)
      return formula.evaluate(response, environment)
    } catch (error) {
      failed.add(formula.element.replace(/\.extension\[.*$/s, ''))
      throw error
    } finally {
      spent += performance.now() - startedAt
    }
  })
  const hasFailed = (item: FormItem): boolean =>
    failed.has(item.place) || (item.parent !== undefined && hasFailed(item.parent))
  return {
    of(item, at) {
      if (!enabled.isEnabled(item.linkId, at)) return 'not asked'
      return failed.size > 0 && hasFailed(item) ? 'unknown' : 'asked'
    },
  }
}

/** A variable that fails is none, as are those of other languages: what asks for it fails in turn. */
function environmentOf(
  { questionnaire, variables }: EnablementRules,
  response: Resource,
): Readonly<Record<string, JsonValue>> {
  const environment: Record<string, JsonValue> = {
    resource: response,
    rootResource: response,
    context: response,
    questionnaire,
  }
  for (const { name, formula } of variables) {
    try {
      environment[name] = [...formula.evaluate(response, environment)]
    } catch (error) {
      if (!(error instanceof FhirError)) throw error
    }
  }
  return environment
}
