// A response as an instrument understands it: its own linkIds and answers, each with its weight, and nothing else.
import { isJsonObject, type Issue, type JsonObject, type JsonValue, type Resource } from '../../fhir/index.ts'
import type { AnswerValue, GivenValue, Instrument, Question } from './instrument.ts'
import type { QuestionnaireItem } from './items.ts'
import type { RecognisedAnswer } from './scored.ts'

export interface UnderstoodResponse {
  /** What expressions see. Its items are its own, and may be changed; their answers are shared. */
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

/** An occurrence of a question: its item as expressions will see it, and what was answered there. */
interface Occurrence {
  readonly out: JsonObject
  readonly values: AnswerValue[]
  readonly element: string
  /** An answer that is none of the question's. */
  hasUnknown: boolean
}

type Items = JsonObject[]

/** The response is not changed. */
export function understand(instrument: Instrument, response: Resource): UnderstoodResponse {
  const { itemsByName, questions } = instrument
  const scores = new Set(instrument.scores.map(({ linkId }) => linkId))
  const root: Items = []
  const occurrences = new Map<string, Occurrence[]>()
  const claims = new Map<string, Claim>()
  const warnings: Issue[] = []

  function warn(element: string, diagnostics: string): void {
    if (warnings.length < MOST_WARNINGS)
      warnings.push({ severity: 'warning', code: 'value', diagnostics, expression: element })
  }

  function walkItems(
    list: JsonValue | undefined,
    owner: string,
    around: string | undefined,
    into: Items,
  ): void {
    if (!Array.isArray(list)) return
    for (const [index, item] of list.entries())
      if (isJsonObject(item)) walkItem(item, `${owner}.item[${index}]`, around, into)
  }

  /** `around`: the linkId of the instrument's item that `into` belongs to. */
  function walkItem(item: JsonObject, element: string, around: string | undefined, into: Items): void {
    const { linkId } = item
    const own = typeof linkId === 'string' ? itemsByName.get(linkId) : undefined
    if (own === undefined) return walkUnknown(item, element, around, into)
    if (scores.has(own.linkId)) return noteClaim(own.linkId, item, element)
    const isInPlace = own.parent?.linkId === around
    const out: JsonObject = { linkId: own.linkId }
    ;(isInPlace ? into : homeOf(own)).push(out)
    const question = questions.get(own.linkId)
    const within: Items = []
    walkItems(item['item'], element, own.linkId, within)
    if (question === undefined) walkAnswerItems(item, element, own.linkId, within)
    else walkAnswers(question, item, element, out, within)
    if (question === undefined && within.length > 0) out['item'] = within
  }

  /** An item that the instrument does not know may hold some that it knows. */
  function walkUnknown(item: JsonObject, element: string, around: string | undefined, into: Items): void {
    if (Array.isArray(item['answer']))
      warn(element, `The Questionnaire has no item '${shown(item['linkId'])}': its answer does not count.`)
    walkItems(item['item'], element, around, into)
    walkAnswerItems(item, element, around, into)
  }

  function walkAnswerItems(item: JsonObject, element: string, around: string | undefined, into: Items): void {
    for (const [index, answer] of answersOf(item).entries())
      walkItems(answer['item'], `${element}.answer[${index}]`, around, into)
  }

  /** Items within a question stand within its answers; `within` are those that stood beside them. */
  function walkAnswers(
    question: Question,
    item: JsonObject,
    element: string,
    out: JsonObject,
    within: Items,
  ): void {
    const found: Occurrence = { out, values: [], element, hasUnknown: false }
    const others = occurrences.get(question.linkId)
    if (others === undefined) occurrences.set(question.linkId, [found])
    else others.push(found)
    const answers: JsonObject[] = []
    for (const [index, answer] of answersOf(item).entries()) {
      const at = `${element}.answer[${index}]`
      const given = valueOf(answer)
      const value = given && question.recognise(given)
      let inner = within
      if (value !== undefined) {
        found.values.push(value)
        inner = []
      } else if (given !== undefined) {
        found.hasUnknown = true
        warn(at, notAnAnswer(question))
      }
      walkItems(answer['item'], at, question.linkId, inner)
      if (value !== undefined)
        answers.push(inner.length > 0 ? { ...value.answer, item: inner } : value.answer)
    }
    if (answers.length > 0) out['answer'] = answers
    if (within.length > 0) out['item'] = within
  }

  function noteClaim(linkId: string, item: JsonObject, element: string): void {
    for (const [index, answer] of answersOf(item).entries()) {
      const given = valueOf(answer)
      if (given !== undefined && !claims.has(linkId))
        claims.set(linkId, { ...given, element: `${element}.answer[${index}]` })
    }
  }

  /** Where the instrument has the item, for one that stood elsewhere; groups that are not there are made. */
  function homeOf({ parent }: QuestionnaireItem): Items {
    return itemsWithin(root, parent)
  }

  walkItems(response['item'], 'QuestionnaireResponse', undefined, root)
  const { answers, disputed } = settle(instrument, occurrences, warn)
  return {
    response: { ...response, item: root },
    answers,
    disputed,
    claims,
    warnings,
  }
}

/** The list in which items within this one stand; it, and what is around it, is made where it is missing. */
export function itemsWithin(root: JsonObject[], item: QuestionnaireItem | undefined): JsonObject[] {
  if (item === undefined) return root
  const siblings = itemsWithin(root, item.parent)
  let own = siblings.find(({ linkId }) => linkId === item.linkId)
  if (own === undefined) {
    own = { linkId: item.linkId }
    siblings.push(own)
  }
  if (!Array.isArray(own['item'])) own['item'] = []
  return own['item'] as JsonObject[]
}

/** What counts as each question's answer; answers that are in dispute are taken out of what expressions see. */
function settle(
  { questions }: Instrument,
  occurrences: ReadonlyMap<string, readonly Occurrence[]>,
  warn: (element: string, diagnostics: string) => void,
): Pick<UnderstoodResponse, 'answers' | 'disputed'> {
  const answers = new Map<string, RecognisedAnswer>()
  const disputed: DisputedItem[] = []
  for (const question of questions.values()) {
    const found = occurrences.get(question.linkId)
    if (found === undefined) continue
    const values = found.length === 1 ? (found[0] as Occurrence).values : found.flatMap((it) => it.values)
    const [first] = values
    if (first === undefined) continue
    if (question.repeats) answers.set(question.linkId, { question, values })
    else if (!found.some((it) => it.hasUnknown) && values.every((it) => isSame(it, first))) {
      answers.set(question.linkId, { question, values: [first] })
      keepOne(found, first)
    } else {
      const [{ out, element }] = found as [Occurrence]
      for (const it of found) delete it.out['answer']
      warn(element, `Item '${question.linkId}' has answers that differ: none of them counts for a score.`)
      disputed.push({ item: out, alternatives: values })
    }
  }
  return { answers, disputed }
}

/** The same answer given twice is one answer. */
function keepOne(found: readonly Occurrence[], value: AnswerValue): void {
  let isKept = false
  for (const { out, values } of found) {
    if (isKept) delete out['answer']
    else if (values.length > 1) out['answer'] = [value.answer]
    isKept ||= values.length > 0
  }
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
