// Is a QuestionnaireResponse one to its Questionnaire: items, nesting, answers, options, limits, what is required
// (https://hl7.org/fhir/R4/questionnaireresponse.html#notes, https://hl7.org/fhir/R4/questionnaire.html#notes).
import { Report } from '../../conformance/index.ts'
import {
  nearestName,
  parseReference,
  type Issue,
  type JsonObject,
  type JsonValue,
  type Resource,
} from '../../fhir/index.ts'
import type { Evaluators } from '../assessments/formula.ts'
import { CALCULATED_EXPRESSION } from '../assessments/urls.ts'
import { limitFaults } from './answer-limits.ts'
import { readOptions, type AnswerOptions } from './answer-options.ts'
import { propertiesOf } from './answer-types.ts'
import { extensionsOf, extensionValue, objectOf, objectsOf, textOf, valueOf } from './elements.ts'
import { enablementIn, readEnablement, type Enablement } from './enablement.ts'
import { isQuestion, readForm, type Form, type FormItem, type FormItems } from './form.ts'

const CORE = 'http://hl7.org/fhir/StructureDefinition'
const COMPLETE: ReadonlySet<unknown> = new Set(['completed', 'amended'])
/** Looking for the linkId that was meant takes time with the number of linkIds that there are. */
const MOST_GUESSES = 5
const MOST_LINK_IDS_GUESSED = 2000
/** So that no fault goes untold for warnings before it. */
const MOST_WARNINGS = 50

/** Faults and warnings of a response, in document order; empty when there are none. */
export type ResponseValidator = (response: Resource) => readonly Issue[]

/**
 * A validator for responses to this Questionnaire, which is read once and must not change. Errors are faults; a warning
 * is worth a look. Answers by ValueSets that are not contained are not looked up.
 */
export function responseValidator(questionnaire: Resource, evaluators: Evaluators): ResponseValidator {
  const form = readForm(questionnaire)
  const rules = readEnablement(questionnaire, evaluators)
  const options = new Map<FormItem, AnswerOptions | undefined>()
  const optionsOf = (item: FormItem): AnswerOptions | undefined => {
    if (!options.has(item)) options.set(item, readOptions(item, questionnaire))
    return options.get(item)
  }
  return (response) => new ResponseCheck(form, optionsOf, enablementIn(rules, response), response).issues()
}

/** What is wrong with one response, as `responseValidator` tells it. */
export function validateResponse(
  questionnaire: Resource,
  response: Resource,
  evaluators: Evaluators,
): readonly Issue[] {
  return responseValidator(questionnaire, evaluators)(response)
}

/** How often an item of the Questionnaire stands on one level: items of a group, answers to a question. */
interface Tally {
  count: number
  items: number
  /** The place of the first in its list. */
  readonly first: number
}

class ResponseCheck {
  readonly #form: Form
  readonly #optionsOf: (item: FormItem) => AnswerOptions | undefined
  readonly #response: Resource
  readonly #report = new Report('QuestionnaireResponse')
  readonly #enabled: Enablement
  /** Only a response that is complete must have what is required. */
  readonly #isComplete: boolean
  #guesses = 0
  #warnings = 0

  constructor(
    form: Form,
    optionsOf: (item: FormItem) => AnswerOptions | undefined,
    enabled: Enablement,
    response: Resource,
  ) {
    this.#form = form
    this.#optionsOf = optionsOf
    this.#response = response
    this.#enabled = enabled
    this.#isComplete = COMPLETE.has(response.status)
  }

  issues(): readonly Issue[] {
    this.#level(this.#response, this.#form.items, undefined)
    return this.#report.issues
  }

  /** The items directly below an element of the response: itself, a group, or an answer; `around` is the item it is in. */
  #level(owner: JsonObject, expected: FormItems, around: JsonObject | undefined): void {
    const tallies = new Map<FormItem, Tally>()
    let furthest: FormItem | undefined
    for (const [index, element] of objectsOf(owner.item).entries()) {
      if (this.#report.isFull) return
      this.#report.enter('item')
      this.#report.enter(index)
      const linkId = textOf(element.linkId) ?? ''
      const item = expected.get(linkId)
      if (item === undefined) this.#misplaced(linkId, expected)
      else {
        if (furthest !== undefined && item.position < furthest.position)
          this.#fault(
            'structure',
            `The item ${quoted(linkId)} stands before ${quoted(furthest.linkId)} in the Questionnaire, and must do so here.`,
          )
        else furthest = item
        this.#count(tallies, item, element, index)
        this.#item(element, item)
      }
      this.#report.leave()
      this.#report.leave()
    }
    for (const item of expected.values()) this.#occurrences(item, tallies.get(item), around)
  }

  #count(tallies: Map<FormItem, Tally>, item: FormItem, element: JsonObject, index: number): void {
    const answers = isQuestion(item) ? objectsOf(element.answer).filter(isAnswered).length : 1
    const tally = tallies.get(item)
    if (tally === undefined) {
      tallies.set(item, { count: answers, items: 1, first: index })
      return
    }
    tally.count += answers
    tally.items += 1
    if (!item.repeats)
      this.#fault(
        'structure',
        `The item ${quoted(item.linkId)} may stand once: it does not repeat.`,
        'linkId',
      )
  }

  /** How often it must and may be there. */
  #occurrences(item: FormItem, tally: Tally | undefined, around: JsonObject | undefined): void {
    const most = extensionValue(item.item, `${CORE}/questionnaire-maxOccurs`)
    const count = tally?.count ?? 0
    const say = (code: 'required' | 'structure', message: string): void => {
      if (tally === undefined) this.#fault(code, message)
      else this.#fault(code, message, `item[${tally.first}]`)
    }
    const what = isQuestion(item) ? 'answers' : 'items'
    if (typeof most === 'number' && count > most)
      say('structure', `${quoted(item.linkId)} has ${count} ${what}; at most ${most} are allowed.`)
    const least = extensionValue(item.item, `${CORE}/questionnaire-minOccurs`)
    if (!this.#isComplete || (!item.required && least === undefined) || isComputed(item)) return
    if (this.#enabled.of(item, around) !== 'asked') return
    if (item.required && count === 0)
      say(
        'required',
        `A complete response needs the ${isQuestion(item) ? 'answer to' : 'item'} ${quoted(item.linkId)}${wordsOf(item)}.`,
      )
    if (typeof least === 'number' && count > 0 && count < least)
      say('required', `${quoted(item.linkId)} has ${count} ${what}; at least ${least} are needed.`)
  }

  #item(element: JsonObject, item: FormItem): void {
    if (this.#isUnasked(element, item)) {
      this.#warnings += 1
      this.#report.add(
        'warning',
        'business-rule',
        `${quoted(item.linkId)} is answered, and is not asked by what else is answered (enableWhen).`,
      )
    }
    if (isQuestion(item)) {
      this.#question(element, item)
      return
    }
    if (element.answer !== undefined)
      this.#fault(
        'structure',
        `${quoted(item.linkId)} is a ${item.type}, which has no answer; answers stand in the items of questions.`,
        'answer',
      )
    if (item.type === 'group') this.#level(element, item.children, element)
    else if (element.item !== undefined)
      this.#fault('structure', `${quoted(item.linkId)} is a display, which has no items.`, 'item')
  }

  /** Answered where its own condition does not hold. */
  #isUnasked(element: JsonObject, item: FormItem): boolean {
    if (item.item.enableWhen === undefined && item.item.extension === undefined) return false
    return (
      this.#warnings < MOST_WARNINGS && this.#enabled.of(item, element) === 'not asked' && hasAnswers(element)
    )
  }

  #question(element: JsonObject, item: FormItem): void {
    if (element.item !== undefined)
      this.#fault(
        'structure',
        `${quoted(item.linkId)} is a question: items below it stand in its answer (answer.item), not in the item.`,
        'item',
      )
    const answers = objectsOf(element.answer)
    if (answers.length > 1 && !item.repeats)
      this.#fault(
        'structure',
        `${quoted(item.linkId)} has ${answers.length} answers; it does not repeat, so that one is allowed.`,
        'answer',
      )
    for (const [index, answer] of answers.entries()) {
      if (this.#report.isFull) return
      this.#report.enter('answer')
      this.#report.enter(index)
      const value = valueOf(answer)
      if (value !== undefined) this.#answer(item, answer, value, answers.length)
      this.#level(answer, item.children, element)
      this.#report.leave()
      this.#report.leave()
    }
  }

  #answer(
    item: FormItem,
    answer: JsonObject,
    [property, value]: readonly [string, JsonValue],
    among: number,
  ): void {
    const options = this.#optionsOf(item)
    const allowed = propertiesOf(item, options)
    if (!allowed.includes(property)) {
      this.#fault(
        'structure',
        `An answer to ${quoted(item.linkId)}, which is of the type ${item.type}, is a ${allowed.join(' or ')}, not a ${property}.`,
        'value',
      )
      return
    }
    if (options !== undefined) this.#option(item, options, property, value, among)
    for (const fault of limitFaults(item, answer, property, value)) this.#fault('value', fault, 'value')
    if (property === 'valueReference') this.#reference(item, value)
  }

  #option(item: FormItem, options: AnswerOptions, property: string, value: JsonValue, among: number): void {
    const isFree = item.type === 'open-choice' && property === 'valueString'
    const limits = item.type === 'choice' || item.type === 'open-choice' || options.properties.has(property)
    if (!isFree && limits && options.has(property, value) === false)
      this.#fault(
        'code-invalid',
        `The answer is none of the options of ${quoted(item.linkId)}; they are: ${options.named}.`,
        'value',
      )
    if (among > 1 && options.isExclusive(property, value))
      this.#fault(
        'business-rule',
        `This answer to ${quoted(item.linkId)} admits no other beside it.`,
        'value',
      )
  }

  #reference(item: FormItem, value: JsonValue): void {
    const types = extensionsOf(item.item, `${CORE}/questionnaire-referenceResource`).map(
      (extension) => valueOf(extension)?.[1],
    )
    if (types.length === 0) return
    const reference = objectOf(value)
    const parsed = parseReference(textOf(reference?.reference) ?? '')
    const type = ('type' in parsed ? parsed.type : undefined) ?? textOf(reference?.type)
    if (type !== undefined && !types.includes(type))
      this.#fault('value', `The answer to ${quoted(item.linkId)} refers to a ${types.join(' or ')}.`, 'value')
  }

  #misplaced(linkId: string, expected: FormItems): void {
    const known = this.#form.byLinkId.get(linkId)
    if (known !== undefined) {
      const place = known.parent === undefined ? 'the top level of the response' : quoted(known.parent.linkId)
      const within = known.parent !== undefined && isQuestion(known.parent) ? 'an answer to ' : ''
      this.#fault(
        'structure',
        `The item ${quoted(linkId)} does not stand here: in the Questionnaire it is in ${within}${place}.`,
        'linkId',
      )
      return
    }
    const hint = this.#guess(linkId, expected)
    this.#fault('value', `The Questionnaire has no item of the linkId ${quoted(linkId)}.${hint}`, 'linkId')
  }

  /** Of those that could stand here if one of them is near, else of all. */
  #guess(linkId: string, expected: FormItems): string {
    const all = this.#form.byLinkId
    this.#guesses += 1
    if (this.#guesses > MOST_GUESSES || all.size > MOST_LINK_IDS_GUESSED) return ''
    const near = nearestName(linkId, expected.keys()) ?? nearestName(linkId, all.keys())
    return near === undefined ? '' : ` Did you mean ${quoted(near)}?`
  }

  #fault(code: Issue['code'], diagnostics: string, child?: string): void {
    this.#report.add('error', code, diagnostics, child)
  }
}

/** Whether the server computes it, so that nobody has to answer. */
function isComputed({ item }: FormItem): boolean {
  return item.readOnly === true && extensionsOf(item, CALCULATED_EXPRESSION).length > 0
}

/** A value, or at least the statement why there is none. */
function isAnswered(answer: JsonObject): boolean {
  return (
    answer.extension !== undefined ||
    Object.keys(answer).some((key) => key.startsWith('value') || key.startsWith('_value'))
  )
}

function hasAnswers(element: JsonObject): boolean {
  return objectsOf(element.answer).some(isAnswered) || objectsOf(element.item).some(hasAnswers)
}

function wordsOf({ item }: FormItem): string {
  const text = textOf(item.text)
  return text === undefined ? '' : ` (${text.length <= 80 ? text : `${text.slice(0, 80)}...`})`
}

function quoted(linkId: string): string {
  return `'${linkId.length <= 64 ? linkId : `${linkId.slice(0, 64)}...`}'`
}
