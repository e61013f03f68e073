// Which question an answer is for: by the number that we gave it (TRN02), else by that of its file (BHT03).
import type { Resource } from '../../fhir/index.ts'
import type { KnownVersion, WorldView } from '../../repository/index.ts'
import { searchQuery, tokenMatch } from '../../store/index.ts'
import { localKeyOf } from '../claims/index.ts'
import { identifierOfType, objectAt, objectsAt } from '../elements.ts'
import type { AnsweredTrace } from '../x12/traces.ts'
import { isQuestion, QUESTIONS, type QuestionKind } from './question.ts'
import { tasksOfNumber } from './question-task.ts'

export interface NamedQuestion {
  /** TRN, of what is answered and of the answer itself. */
  readonly traces: readonly AnsweredTrace[]
  /** BHT03. */
  readonly reference: string
  /** Whether nothing else of its set could be what the file was asked. */
  readonly isOnly: boolean
}

/** Questions of several practices that may have one number. */
const MOST_FOUND = 1000

/** undefined: none is known here, or nobody could tell which of several is meant. @throws FhirError `too-costly` */
export async function findQuestion(
  view: WorldView,
  kind: QuestionKind,
  { traces, reference, isOnly }: NamedQuestion,
  baseUrl: string,
): Promise<KnownVersion | undefined> {
  const numbers = new Set(traces.filter((one) => one.referenced).map(({ number }) => number))
  const inFile = await questionOfFile(view, kind, reference, baseUrl)
  if (numbers.size === 0) return isOnly ? inFile : undefined
  const found = new Map<string, KnownVersion>()
  for (const number of numbers) {
    const where = tokenMatch('identifier', undefined, number)
    const all = await view.every(searchQuery({ type: QUESTIONS[kind].asks, where }), MOST_FOUND)
    for (const one of all) if (isNamed(one.resource, number, kind)) found.set(one.id, one)
  }
  const [first, other] = found.values()
  return other === undefined ? first : found.get(inFile?.id ?? '')
}

/** By the number that was told: that of type PLAC, or where there is none the first. */
function isNamed(resource: Resource, number: string, kind: QuestionKind): boolean {
  if (!isQuestion(kind, resource)) return false
  const placer = identifierOfType(resource, 'PLAC')
  return placer === undefined
    ? objectsAt(resource, 'identifier').some(({ value }) => value === number)
    : placer === number
}

async function questionOfFile(
  view: WorldView,
  kind: QuestionKind,
  reference: string,
  baseUrl: string,
): Promise<KnownVersion | undefined> {
  if (!/^\d{9}$/.test(reference)) return undefined
  const [task, other] = await tasksOfNumber(view, kind, Number(reference))
  if (task === undefined || other !== undefined) return undefined
  const [type = '', id = ''] = localKeyOf(objectAt(task.resource, 'focus'), baseUrl)?.split('/') ?? []
  const question = type === QUESTIONS[kind].asks ? await view.read(type, id) : undefined
  return question !== undefined && isQuestion(kind, question.resource) ? question : undefined
}
