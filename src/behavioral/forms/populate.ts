// A response to a form as far as its answers are known (https://hl7.org/fhir/uv/sdc/populate.html).
import {
  cloneJson,
  copyValue,
  type Definitions,
  type Issue,
  type JsonObject,
  type JsonValue,
  type Resource,
} from '../../fhir/index.ts'
import { breathe } from '../../repository/index.ts'
import type { Evaluators } from '../assessments/formula.ts'
import { readOptions, type AnswerOptions } from './answer-options.ts'
import { extensionsOf, objectOf, objectsOf, textOf, valueOf } from './elements.ts'
import { FormExpressions, tooCostly, type Values } from './expressions.ts'
import { isQuestion, readForm, type Form, type FormItem, type FormItems } from './form.ts'
import { observedFor, observedValue, type Observed } from './observed-answers.ts'
import { OutputLimit } from './output-limit.ts'
import { answerFrom } from './populated-answer.ts'
import type { FormLookup } from './reader.ts'
import { validateResponse } from './response-validation.ts'
import { INITIAL_EXPRESSION, ITEM_POPULATION_CONTEXT } from './sdc.ts'
import { isVariableName, selectBy, withVariables, type FormTools } from './variables.ts'

/** Items of a response: each of the form, and those of groups that repeat. */
const MOST_ITEMS = 200_000

export interface PopulationParts {
  readonly definitions: Definitions
  readonly evaluators: Evaluators
  readonly reader: FormLookup
  /** Of whom the response is. */
  readonly subject: JsonObject | undefined
  /** What is handed to expressions by name: launch contexts, and values for variables. */
  readonly contexts: Values
  /** Milliseconds since 1970. */
  readonly now: number
}

export interface Populated {
  readonly response: Resource
  /** What could not be filled in, and why. */
  readonly issues: readonly Issue[]
}

/**
 * The Questionnaire must be valid R4.
 * @throws FhirError `too-costly`
 */
export async function populate(questionnaire: Resource, parts: PopulationParts): Promise<Populated> {
  const population = new Population(questionnaire, parts)
  const response = await population.run()
  const faults = validateResponse(questionnaire, response, parts.evaluators)
    .filter(({ severity }) => severity === 'error')
    .map((issue): Issue => ({ ...issue, severity: 'warning' }))
  return { response, issues: [...population.issues, ...faults] }
}

/** Where an item is filled in. */
interface Place {
  /** FHIRPath of the element that holds the items, with a point behind it; '' for the response. */
  readonly prefix: string
  readonly values: Values
  readonly observed: Observed | undefined
}

class Population {
  readonly #form: Form
  readonly #parts: PopulationParts
  readonly #tools: FormTools
  readonly #response: Resource
  readonly #options = new Map<FormItem, AnswerOptions | undefined>()
  readonly #limit = new OutputLimit()
  #left = MOST_ITEMS

  constructor(questionnaire: Resource, parts: PopulationParts) {
    this.#form = readForm(questionnaire)
    this.#parts = parts
    this.#tools = { expressions: new FormExpressions(parts.evaluators), reader: parts.reader }
    this.#response = {
      resourceType: 'QuestionnaireResponse',
      ...canonicalOf(questionnaire),
      status: 'in-progress',
      ...(parts.subject === undefined ? {} : { subject: parts.subject }),
    }
  }

  get issues(): readonly Issue[] {
    return this.#tools.expressions.issues
  }

  async run(): Promise<Resource> {
    const { questionnaire, items } = this.#form
    const start = { questionnaire, ...this.#parts.contexts }
    const from = { resource: this.#response, at: '', values: start }
    const [values] = await this.#populationContext(questionnaire, 'Questionnaire', from.at, start, false)
    const known = await withVariables(
      questionnaire,
      'Questionnaire',
      { ...from, values: values ?? start },
      this.#tools,
    )
    await this.#level(this.#response, items, { prefix: '', values: known, observed: undefined })
    return this.#response
  }

  async #level(owner: JsonObject, items: FormItems, place: Place): Promise<void> {
    if (items.size === 0) return
    const list: JsonValue[] = []
    owner.item = list
    for (const item of items.values()) {
      await breathe(this.#left)
      if (item.type === 'group') await this.#groups(list, item, place)
      else await this.#single(list, item, place)
    }
  }

  /** As many as what its context selects, where it repeats; else one. */
  async #groups(list: JsonValue[], item: FormItem, place: Place): Promise<void> {
    const at = `${place.prefix}item[${list.length}]`
    const first = this.#push(list, item)
    const contexts = await this.#populationContext(item.item, item.place, at, place.values, item.repeats)
    for (const [index, values] of contexts.entries()) {
      const element = index === 0 ? first : this.#push(list, item)
      const here = `${place.prefix}item[${list.length - 1}]`
      const known = await withVariables(
        item.item,
        item.place,
        { resource: this.#response, at: here, values },
        this.#tools,
      )
      const [observed] = (await this.#observed(item, place.observed)) ?? []
      await this.#level(element, item.children, {
        prefix: `${here}.`,
        values: known,
        observed: observed ?? place.observed,
      })
    }
  }

  async #single(list: JsonValue[], item: FormItem, place: Place): Promise<void> {
    const at = `${place.prefix}item[${list.length}]`
    const element = this.#push(list, item)
    if (!isQuestion(item)) return
    const values = await withVariables(
      item.item,
      item.place,
      { resource: this.#response, at, values: place.values },
      this.#tools,
    )
    const { answers, observed } = await this.#answers(item, at, values, place.observed)
    if (answers.length === 0) return
    element.answer = [...answers]
    for (const [index, answer] of answers.entries())
      await this.#level(answer, item.children, {
        prefix: `${at}.answer[${index}].`,
        values,
        observed: observed ?? place.observed,
      })
  }

  #push(list: JsonValue[], { item, place }: FormItem): JsonObject {
    this.#left -= 1
    if (this.#left < 0) throw tooCostly(`More than ${MOST_ITEMS} items would be filled in.`, place)
    const element: JsonObject = {
      linkId: item.linkId,
      ...(item.definition === undefined ? {} : { definition: item.definition }),
      ...(item.text === undefined ? {} : { text: item.text }),
    }
    this.#limit.spend(element, place)
    list.push(element)
    return element
  }

  /** The values for each repetition of a group; at least one. */
  async #populationContext(
    owner: JsonObject,
    place: string,
    at: string,
    values: Values,
    repeats: boolean,
  ): Promise<readonly Values[]> {
    const [extension] = extensionsOf(owner, ITEM_POPULATION_CONTEXT)
    const expression = objectOf(extension?.valueExpression)
    if (expression === undefined) return [values]
    const name = isVariableName(textOf(expression.name)) ? textOf(expression.name) : undefined
    const found = await selectBy(expression, place, { resource: this.#response, at, values }, this.#tools)
    if (name === undefined || found.length === 0)
      return [name === undefined ? values : { ...values, [name]: [] }]
    if (found.length > 1 && !repeats)
      this.#tools.expressions.warn(
        place,
        'There are several to fill this group in from, and it does not repeat: the first is taken.',
      )
    return (repeats ? found : found.slice(0, 1)).map((value) => ({ ...values, [name]: value }))
  }

  async #answers(
    item: FormItem,
    at: string,
    values: Values,
    around: Observed | undefined,
  ): Promise<{ readonly answers: readonly JsonObject[]; readonly observed?: Observed }> {
    const initial = initialAnswers(item)
    if (initial.length > 0) return { answers: initial }
    const [extension] = extensionsOf(item.item, INITIAL_EXPRESSION)
    const expression = objectOf(extension?.valueExpression)
    if (expression !== undefined) {
      const found = await selectBy(
        expression,
        item.place,
        { resource: this.#response, at, values },
        this.#tools,
      )
      const answers = this.#fitting(found, item)
      if (answers.length > 0) return { answers }
    }
    if (item.repeats) return { answers: [] }
    for (const observed of (await this.#observed(item, around)) ?? []) {
      const value = observedValue(observed)
      const answer = value === undefined ? undefined : this.#answer(value, item)
      if (answer !== undefined) return { answers: [answer], observed }
    }
    return { answers: [] }
  }

  /** None where one is asked for and several are known: which is meant is for who fills in the form to say. */
  #fitting(found: readonly JsonValue[], item: FormItem): readonly JsonObject[] {
    const { expressions } = this.#tools
    if (found.length > 1 && !item.repeats) {
      expressions.warn(item.place, 'Several answers are known, and one is asked for: it is left open.')
      return []
    }
    const answers: JsonObject[] = []
    for (const value of found) {
      const answer = this.#answer(value, item)
      if (answer === undefined)
        expressions.warn(
          item.place,
          `What is known cannot answer a question of the type ${item.type}, or is none of its options.`,
        )
      else answers.push(answer)
    }
    return answers
  }

  #answer(value: JsonValue, item: FormItem): JsonObject | undefined {
    if (!this.#options.has(item)) this.#options.set(item, readOptions(item, this.#form.questionnaire))
    const answer = answerFrom(value, {
      item,
      options: this.#options.get(item),
      definitions: this.#parts.definitions,
    })
    if (answer === undefined) return undefined
    this.#limit.spend(answer, item.place)
    // What is selected may be a part of the response itself.
    return cloneJson(answer)
  }

  async #observed(item: FormItem, around: Observed | undefined): Promise<readonly Observed[] | undefined> {
    const { subject, reader, now } = this.#parts
    const reference = textOf(subject?.reference)
    if (reference === undefined) return undefined
    return observedFor(item, around, { reader, subject: reference, now })
  }
}

/** Of the Questionnaire: `initial`, or options that are selected from the start. */
function initialAnswers({ item, repeats }: FormItem): readonly JsonObject[] {
  const chosen = objectsOf(item.answerOption).filter(({ initialSelected }) => initialSelected === true)
  const answers: JsonObject[] = []
  for (const one of [...objectsOf(item.initial), ...chosen]) {
    const property = valueOf(one)?.[0]
    if (property === undefined) continue
    const answer: JsonObject = {}
    copyValue(one, property, answer, property)
    answers.push(answer)
  }
  return repeats ? answers : answers.slice(0, 1)
}

function canonicalOf({ url, version, id }: Resource): JsonObject {
  if (typeof url === 'string')
    return { questionnaire: typeof version === 'string' ? `${url}|${version}` : url }
  return typeof id === 'string' ? { questionnaire: `Questionnaire/${id}` } : {}
}
