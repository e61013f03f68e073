// A response as an instrument understands it: its own linkIds and answers, each with its weight, and nothing else.
import { isJsonObject, type Issue, type JsonObject, type JsonValue, type Resource } from '../../fhir/index.ts'
import { Found } from './found-items.ts'
import type { AnswerValue, GivenValue, Instrument, Question } from './instrument.ts'
import type { RecognisedAnswer } from './scored.ts'

export interface UnderstoodResponse {
  /**
   * What expressions see: each item where the Questionnaire has it, with the answers that count. Its items are its own,
   * and may be changed; their answers are shared.
   */
  readonly response: Resource
  readonly answers: ReadonlyMap<string, RecognisedAnswer>
  /** Questions that may be answered once and have answers that differ: none of them counts for a score. */
  readonly disputed: readonly DisputedItem[]
  /** What the response itself says of scores, by linkId. */
  readonly claims: ReadonlyMap<string, Claim>
  readonly warnings: readonly Issue[]
}

export interface DisputedItem {
  /** The item in `response`; it has no answer. */
  readonly item: JsonObject
  /** Those that are known answers. */
  readonly alternatives: readonly AnswerValue[]
}

export interface Claim extends GivenValue {
  /** FHIRPath in the response as it was sent. */
  readonly element: string
}

/** Who sends more than this need not hear of each. */
const MOST_WARNINGS = 200
/** Options that a warning lists. */
const MOST_LISTED = 12

/** The response is not changed. */
export function understand(instrument: Instrument, response: Resource): UnderstoodResponse {
  const { itemsByName, questions } = instrument
  const scores = new Set(instrument.scores.map(({ linkId }) => linkId))
  const root = new Found(undefined, undefined)
  /** By linkId; several only where they may repeat. */
  const answered = new Map<string, Found[]>()
  const claims = new Map<string, Claim>()
  const warnings: Issue[] = []

  function warn(element: string, diagnostics: string): void {
    if (warnings.length < MOST_WARNINGS)
      warnings.push({ severity: 'warning', code: 'value', diagnostics, expression: element })
  }

  function walkItems(list: JsonValue | undefined, owner: string, at: Found): void {
    if (!Array.isArray(list)) return
    for (const [index, item] of list.entries())
      if (isJsonObject(item)) walkItem(item, `${owner}.item[${index}]`, at)
  }

  /** `at`: the known item around this one. */
  function walkItem(item: JsonObject, element: string, at: Found): void {
    const { linkId } = item
    const own = typeof linkId === 'string' ? itemsByName.get(linkId) : undefined
    if (own !== undefined && scores.has(own.linkId)) {
      noteClaim(own.linkId, item, element)
      return
    }
    if (own === undefined && Array.isArray(item['answer']))
      warn(element, `The Questionnaire has no item '${shown(linkId)}': its answer does not count.`)
    const found = own === undefined ? at : at.home(own).child(own)
    const question = own && questions.get(own.linkId)
    for (const [index, answer] of answersOf(item).entries()) {
      const place = `${element}.answer[${index}]`
      if (question !== undefined) takeAnswer(question, found, answer, place)
      walkItems(answer['item'], place, found)
    }
    walkItems(item['item'], element, found)
  }

  function takeAnswer(question: Question, found: Found, answer: JsonObject, element: string): void {
    const given = valueOf(answer)
    if (given === undefined) return
    const value = question.recognise(given)
    if (value === undefined) {
      found.hasUnknown = true
      warn(element, notAnAnswer(question))
      return
    }
    found.element ??= element
    found.values.push(value)
    if (found.values.length > 1) return
    const others = answered.get(question.linkId)
    if (others === undefined) answered.set(question.linkId, [found])
    else others.push(found)
  }

  function noteClaim(linkId: string, item: JsonObject, element: string): void {
    for (const [index, answer] of answersOf(item).entries()) {
      const given = valueOf(answer)
      if (given !== undefined && !claims.has(linkId))
        claims.set(linkId, { ...given, element: `${element}.answer[${index}]` })
    }
  }

  walkItems(response['item'], 'QuestionnaireResponse', root)
  const { answers, disputed } = settle(instrument, answered, warn)
  const items = root.toItems()
  return {
    response: { ...response, item: items },
    answers,
    disputed: disputed.map((found) => ({ item: found.toItem(), alternatives: found.values })),
    claims,
    warnings,
  }
}

/** What counts as each question's answer; where answers differ none does, and its place has no answer. */
function settle(
  { questions }: Instrument,
  answered: ReadonlyMap<string, readonly Found[]>,
  warn: (element: string, diagnostics: string) => void,
): { readonly answers: ReadonlyMap<string, RecognisedAnswer>; readonly disputed: readonly Found[] } {
  const answers = new Map<string, RecognisedAnswer>()
  const disputed: Found[] = []
  for (const question of questions.values()) {
    const places = answered.get(question.linkId)
    if (places === undefined) continue
    const [found] = places as [Found]
    const [first] = found.values as [AnswerValue]
    if (question.repeats) {
      answers.set(question.linkId, { question, values: places.flatMap(({ values }) => values) })
      for (const it of places) it.counts = it.values
    } else if (!found.hasUnknown && found.values.every((it) => isSame(it, first))) {
      found.counts = [first]
      answers.set(question.linkId, { question, values: found.counts })
    } else {
      disputed.push(found)
      warn(
        found.element ?? '',
        `Item '${question.linkId}' has answers that differ: none of them counts for a score.`,
      )
    }
  }
  return { answers, disputed }
}

function isSame(a: AnswerValue, b: AnswerValue): boolean {
  if (a === b) return true
  return (
    a.option === b.option && a.property === b.property && JSON.stringify(a.value) === JSON.stringify(b.value)
  )
}

function answersOf({ answer }: JsonObject): readonly JsonObject[] {
  return Array.isArray(answer) ? answer.map((it) => (isJsonObject(it) ? it : {})) : []
}

function valueOf(answer: JsonObject): GivenValue | undefined {
  for (const property in answer) {
    if (!property.startsWith('value')) continue
    const value = answer[property]
    if (value !== undefined && value !== null) return { property, value }
  }
  return undefined
}

function notAnAnswer({ linkId, options, type }: Question): string {
  if (options.length === 0)
    return `Item '${linkId}' takes an answer of type ${type}: this one does not count.`
  const listed = options.slice(0, MOST_LISTED).map(({ value, text }) => {
    return isJsonObject(value) && typeof value['code'] === 'string' ? `${value['code']} (${text})` : text
  })
  const more = options.length > MOST_LISTED ? ', ...' : ''
  return `This is no answer to item '${linkId}', and does not count. Its answers are: ${listed.join(', ')}${more}`
}

function shown(linkId: JsonValue | undefined): string {
  return typeof linkId === 'string' ? linkId.slice(0, 100) : ''
}
