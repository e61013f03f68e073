// Which items of a form are asked, by the answers given (https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen).
import {
  extensionsOf,
  extensionValueOf,
  type Faults,
  FhirError,
  isJsonObject,
  type Issue,
  type JsonObject,
  type JsonValue,
  type Resource,
} from '../../fhir/index.ts'
import { compareAnswers, type ComparableAnswer } from './compare-answers.ts'
import { type Evaluators, type Formula, readFormula } from './formula.ts'
import type { QuestionnaireItem } from './items.ts'
import { placesOf, type ResponsePlaces } from './response-places.ts'
import { ENABLE_WHEN_EXPRESSION } from './urls.ts'

/** The rules of a Questionnaire that say which items are asked. */
export interface Enabling {
  readonly items: ReadonlyMap<string, QuestionnaireItem>
  /** By linkId; items that are always asked have none. */
  readonly conditions: ReadonlyMap<string, Condition>
}

interface Condition {
  readonly tests: readonly Test[]
  /** Whether one test suffices. */
  readonly any: boolean
  readonly formula: Formula | undefined
}

interface Test {
  readonly question: string
  readonly operator: Operator
  readonly wanted: ComparableAnswer
}

const OPERATORS = ['exists', '=', '!=', '>', '<', '>=', '<='] as const
type Operator = (typeof OPERATORS)[number]

/** Answers of one response that are compared: far more than any form needs. */
const MOST_COMPARED = 1_000_000

/** What enableWhen says in one response. */
export interface EnabledItems {
  /**
   * Whether the item is asked, and every group around it. `at` is an item of the response: an occurrence of it, or what
   * holds it or would hold it, where groups repeat; without it, the item stands last in the response.
   * An item of no such linkId is not asked.
   * @throws FhirError `too-costly` for more rules on more answers than any form has
   */
  isEnabled(linkId: string, at?: JsonObject): boolean
  /** Expressions that could not be evaluated so far: their items are taken to be asked. */
  readonly failures: readonly Issue[]
}

/** `known`: the names that expressions may ask for; without it, any. What cannot be followed is a fault. */
export function readEnabling(
  items: ReadonlyMap<string, QuestionnaireItem>,
  known: ReadonlySet<string> | undefined,
  evaluators: Evaluators,
  faults: Faults,
): Enabling {
  const conditions = new Map<string, Condition>()
  for (const { linkId, item, element } of items.values()) {
    const tests = readTests(item, element, items, faults)
    const formula = readExpression(item, element, known, evaluators, faults)
    if (tests.length > 0 || formula !== undefined)
      conditions.set(linkId, { tests, any: item['enableBehavior'] !== 'all', formula })
  }
  return { items, conditions }
}

function readExpression(
  item: JsonObject,
  element: string,
  known: ReadonlySet<string> | undefined,
  evaluators: Evaluators,
  faults: Faults,
): Formula | undefined {
  const [extension] = extensionsOf(item, element, ENABLE_WHEN_EXPRESSION)
  if (extension === undefined) return undefined
  const expression = extensionValueOf(extension, 'Expression', faults)
  if (expression === undefined) return undefined
  return readFormula(expression.value, expression.element, known, evaluators, faults)
}

function readTests(
  item: JsonObject,
  element: string,
  items: ReadonlyMap<string, QuestionnaireItem>,
  faults: Faults,
): readonly Test[] {
  const { enableWhen } = item
  if (!Array.isArray(enableWhen)) return []
  return enableWhen.flatMap((condition, index): Test[] => {
    const at = `${element}.enableWhen[${index}]`
    if (!isJsonObject(condition)) return []
    const operator = OPERATORS.find((it) => it === condition['operator'])
    const property = Object.keys(condition).find((it) => /^answer[A-Z]/.test(it))
    const value = property === undefined ? undefined : condition[property]
    const { question } = condition
    if (operator === undefined) faults.add(`${at}.operator`, `it must be one of: ${OPERATORS.join(' ')}`)
    else if (property === undefined || value === undefined)
      faults.add(at, 'it needs an answer[x]', 'required')
    else if (operator === 'exists' && typeof value !== 'boolean')
      faults.add(`${at}.${property}`, 'with the operator exists the answer must be a boolean')
    else if (typeof question !== 'string' || !items.has(question))
      faults.add(`${at}.question`, 'it must be the linkId of an item of this Questionnaire')
    else return [{ question, operator, wanted: { type: property.slice('answer'.length), value } }]
    return []
  })
}

/**
 * Asks the rules about one response. `evaluate` is handed each enableWhenExpression, at most once.
 * An answer counts even where its own item is not asked.
 */
export function enabledItems(
  { items, conditions }: Enabling,
  response: Resource,
  evaluate: (formula: Formula) => readonly JsonValue[],
): EnabledItems {
  const failures: Issue[] = []
  const evaluated = new Map<Formula, boolean>()
  /** Of items wherever they stand. */
  const known = new Map<QuestionnaireItem, boolean>()
  let places: ResponsePlaces | undefined
  let compared = 0

  function isTrue(formula: Formula): boolean {
    let holds = evaluated.get(formula)
    if (holds === undefined) {
      try {
        const values = evaluate(formula)
        holds = values.length === 1 && values[0] === true
      } catch (error) {
        if (!(error instanceof FhirError)) throw error
        holds = true
        failures.push({
          severity: 'warning',
          code: 'processing',
          diagnostics: `Whether an item is asked cannot be said, so it is taken to be: ${error.message}`,
          expression: formula.element,
        })
      }
      evaluated.set(formula, holds)
    }
    return holds
  }

  function holds({ question, operator, wanted }: Test, of: string, at: JsonObject | undefined): boolean {
    places ??= placesOf(response)
    const answers = answersOf(places.nearest(question, of, at))
    compared += answers.length + 1
    if (compared > MOST_COMPARED)
      throw new FhirError(
        'too-costly',
        'Which items are asked takes too long to tell: too many rules, or answers.',
      )
    if (operator === 'exists') return answers.length > 0 === wanted.value
    // "True if no answer has a value that is equal to the enableWhen answer": also where there is none.
    if (operator === '!=') return !answers.some((it) => compareAnswers(it, wanted) === 0)
    return answers.some((it) => isInOrder(operator, compareAnswers(it, wanted)))
  }

  function isAsked(item: QuestionnaireItem, at: JsonObject | undefined): boolean {
    let asked = at === undefined ? known.get(item) : undefined
    if (asked === undefined) {
      asked = passes(item.linkId, at) && (item.parent === undefined || isAsked(item.parent, at))
      if (at === undefined) known.set(item, asked)
    }
    return asked
  }

  function passes(of: string, at: JsonObject | undefined): boolean {
    const condition = conditions.get(of)
    if (condition === undefined) return true
    const { tests, any, formula } = condition
    if (formula !== undefined && !isTrue(formula)) return false
    if (tests.length === 0) return true
    return any ? tests.some((it) => holds(it, of, at)) : tests.every((it) => holds(it, of, at))
  }

  return {
    failures,
    isEnabled(linkId, at) {
      const item = items.get(linkId)
      return item !== undefined && (conditions.size === 0 || isAsked(item, at))
    },
  }
}

/** `order`: of the answer and the answer wanted; undefined when they cannot be compared. */
function isInOrder(operator: Operator, order: number | undefined): boolean {
  if (order === undefined) return false
  switch (operator) {
    case '=':
      return order === 0
    case '>':
      return order > 0
    case '<':
      return order < 0
    case '>=':
      return order >= 0
    default:
      return order <= 0
  }
}

/** `value[x]` of the answers of a response's item. */
function answersOf(item: JsonObject | undefined): readonly ComparableAnswer[] {
  const answers = item?.['answer']
  if (!Array.isArray(answers)) return []
  const found: ComparableAnswer[] = []
  for (const answer of answers) {
    if (!isJsonObject(answer)) continue
    for (const property in answer) {
      const value = answer[property]
      if (/^value[A-Z]/.test(property) && value !== undefined && value !== null)
        found.push({ type: property.slice('value'.length), value })
    }
  }
  return found
}
