// The score items of a Questionnaire: what they are computed from, how, and what results mean.
import {
  extensionPartsOf,
  extensionsOf,
  extensionValueOf,
  type Faults,
  type FoundElement,
  isJsonObject,
  type JsonObject,
  oneOfCodes,
} from '../../fhir/index.ts'
import { codingOf, codingsOf } from './coding.ts'
import { type Evaluators, type Formula, readFormula } from './formula.ts'
import type { Coding, Question, ScoreRule } from './instrument.ts'
import { isManifold, type QuestionnaireItem } from './items.ts'
import { readBands } from './read-bands.ts'
import { readChanges } from './read-changes.ts'
import { CALCULATED_EXPRESSION, POSITIVE, SCORE } from './urls.ts'

const SCORE_PARTS = {
  over: 'string',
  mostMissing: 'unsignedInt',
  lowest: 'decimal',
  highest: 'decimal',
  direction: 'code',
  primary: 'boolean',
  reference: 'string',
} as const

const MOST_SCORES = 200
const MOST_OVER = 1000

export function isScoreItem({ item, element }: QuestionnaireItem): boolean {
  return extensionsOf(item, element, SCORE).length > 0
}

/** The name by which expressions know a score: `%score_44261_6` of `/44261-6`. */
export function scoreVariable(linkId: string): string {
  return `score_${linkId.replaceAll('/', '').replaceAll('-', '_')}`
}

/** `known`: what expressions may ask for; the names of the scores read are added to it. */
export function readScores(
  items: readonly QuestionnaireItem[],
  questions: ReadonlyMap<string, Question>,
  known: Set<string>,
  evaluators: Evaluators,
  faults: Faults,
): readonly ScoreRule[] {
  if (items.length > MOST_SCORES) {
    faults.add('Questionnaire', `it has more than ${MOST_SCORES} scores`, 'too-costly')
    return []
  }
  const scores: ScoreRule[] = []
  for (const item of items) {
    const score = readScore(item, questions, scores, known, evaluators, faults)
    if (score === undefined) continue
    if (known.has(score.variable))
      faults.add(`${item.element}.linkId`, `%${score.variable} is another score already`, 'duplicate')
    if (score.primary && scores.some(({ primary }) => primary))
      faults.add(item.element, 'another score of this Questionnaire is the primary one', 'duplicate')
    scores.push(score)
    known.add(score.variable)
  }
  return scores
}

function readScore(
  found: QuestionnaireItem,
  questions: ReadonlyMap<string, Question>,
  earlier: readonly ScoreRule[],
  known: ReadonlySet<string>,
  evaluators: Evaluators,
  faults: Faults,
): ScoreRule | undefined {
  const { linkId, item, element } = found
  const type = oneOfCodes(
    { value: found.type, element: `${element}.type` },
    ['decimal', 'integer', 'choice', 'boolean'] as const,
    faults,
  )
  const [extension, second] = extensionsOf(item, element, SCORE)
  if (second !== undefined) faults.add(second.element, 'an item is one score', 'duplicate')
  if (isManifold(found)) faults.add(element, 'a score may not repeat, nor a group around it')
  const codes = codingsOf(item['code']).filter(({ code }) => code !== undefined)
  if (codes.length === 0) faults.add(element, 'a score needs a code', 'required')
  const formula = onlyFormula(found, CALCULATED_EXPRESSION, known, evaluators, faults)
  if (formula === undefined && extensionsOf(item, element, CALCULATED_EXPRESSION).length === 0)
    faults.add(element, 'a score needs a calculatedExpression', 'required')
  if (extension === undefined || type === undefined) return undefined

  const parts = extensionPartsOf(extension, SCORE_PARTS, faults)
  const over = parts.all('over')
  for (const it of over) checkPart(it, questions, earlier, faults)
  if (over.length > MOST_OVER)
    faults.add(extension.element, `it is computed from more than ${MOST_OVER} answers`, 'too-costly')
  if (over.length === 0)
    faults.add(extension.element, "it needs an 'over': what it is computed from", 'required')
  if (new Set(over.map(({ value }) => value)).size < over.length)
    faults.add(extension.element, "it names one 'over' twice", 'duplicate')
  const mostMissing = parts.one('mostMissing')
  if (mostMissing !== undefined && mostMissing.value >= over.length)
    faults.add(mostMissing.element, `of ${over.length} answers, one at least must be there`)
  const [lowest, highest] = [parts.one('lowest'), parts.one('highest')]
  if (lowest !== undefined && highest !== undefined && lowest.value > highest.value)
    faults.add(highest.element, 'the highest score is lower than the lowest')
  const options = type === 'choice' ? resultsOf(item, element, faults) : []
  const own = new Set([...known, 'score'])
  const positive = onlyFormula(found, POSITIVE, own, evaluators, faults)
  const scale = { type, options }
  const bands = readBands(found, scale, own, evaluators, faults)
  const changes = readChanges(found, scale, faults)
  if (formula === undefined) return undefined
  return {
    linkId,
    variable: scoreVariable(linkId),
    text: typeof item['text'] === 'string' ? item['text'] : undefined,
    codes,
    type,
    options,
    over: over.map(({ value }) => value),
    mostMissing: mostMissing?.value ?? 0,
    lowest: lowest?.value,
    highest: highest?.value,
    direction: oneOfCodes(parts.one('direction'), ['lower-is-better', 'higher-is-better'], faults),
    primary: parts.one('primary')?.value ?? false,
    references: parts.all('reference').map(({ value }) => value),
    bands,
    changes,
    formula,
    positive,
  }
}

/** One of `over`: a question of known answers, or a score that comes before. */
function checkPart(
  { value, element }: FoundElement<string>,
  questions: ReadonlyMap<string, Question>,
  earlier: readonly ScoreRule[],
  faults: Faults,
): void {
  if (earlier.some(({ linkId }) => linkId === value)) return
  const question = questions.get(value)
  const shown = value.slice(0, 100)
  if (question === undefined)
    faults.add(
      element,
      `'${shown}' is the linkId of no question, and of no score that comes before`,
      'not-found',
    )
  else if (question.type.endsWith('choice') && question.options.length === 0)
    faults.add(
      element,
      `the answers to '${shown}' are not told here: list them in answerOption, or in a contained ValueSet`,
    )
}

function onlyFormula(
  { item, element }: QuestionnaireItem,
  url: string,
  known: ReadonlySet<string>,
  evaluators: Evaluators,
  faults: Faults,
): Formula | undefined {
  const [extension, second] = extensionsOf(item, element, url)
  if (second !== undefined) faults.add(second.element, 'it may be there once', 'duplicate')
  if (extension === undefined) return undefined
  const read = extensionValueOf(extension, 'Expression', faults)
  return read && readFormula(read.value, read.element, known, evaluators, faults)
}

/** The codings that a choice may result in. */
function resultsOf(item: JsonObject, element: string, faults: Faults): readonly Coding[] {
  const { answerOption } = item
  const results = (Array.isArray(answerOption) ? answerOption : []).flatMap((option, index) => {
    const coding = isJsonObject(option) ? option['valueCoding'] : undefined
    if (isJsonObject(coding) && typeof coding['code'] === 'string') return [codingOf(coding)]
    faults.add(`${element}.answerOption[${index}]`, 'a result must be a valueCoding with a code', 'required')
    return []
  })
  if (results.length === 0)
    faults.add(element, 'a score that is a choice needs its results as answerOption', 'required')
  if (new Set(results.map(({ code }) => code)).size < results.length)
    faults.add(element, 'two results have the same code', 'duplicate')
  return results
}
