// $score: what a response scores and what that means; and on demand, all that follows from it written in one commit.
import { createHash } from 'node:crypto'
import { isDone, withId, type Assessments, type ScoredResponse } from '../behavioral/index.ts'
import { FhirError, isJsonObject, parseJson, writeJson, type Resource } from '../fhir/index.ts'
import type { Repository, WorldView } from '../repository/index.ts'
import { callerView } from './caller-view.ts'
import {
  BY_ANY_METHOD,
  BY_POST,
  type Operation,
  type OperationAnswer,
  type OperationCall,
} from './operation.ts'
import { refused, refuseOthers, single } from './parameters.ts'
import { postedPart } from './posted-part.ts'
import { scoreParameters } from './score-parameters.ts'

const TYPE = 'QuestionnaireResponse'

export const SCORE: Operation = {
  name: 'score',
  type: TYPE,
  levels: { type: BY_POST, instance: BY_ANY_METHOD },
  takesResource: [],
  structured: { names: ['response', 'resource'], bare: 'response' },
  affectsState: true,
  answers: 'Parameters',
  definition: 'https://alcove.health/fhir/OperationDefinition/score',
  summary:
    'What a stored or posted response scores, what that means, and what follows from it; with persist by POST, that is written.',
  parameters: [
    {
      name: 'persist',
      documentation:
        'true: what follows from the response is written, with the response where it was posted.',
    },
  ],
  run: score,
}

/** How often a stored response is read again that others change at the same time. */
const MOST_ATTEMPTS = 20

async function score(call: OperationCall): Promise<OperationAnswer> {
  const { repository, method, id, pairs, handling, assessments } = call
  if (assessments === undefined) throw new FhirError('not-implemented', 'This server does not score.')
  const own = refuseOthers(pairs, ['persist'], handling)
  const persists = readPersist(single(own, 'persist'), method)
  const view = callerView(repository)
  const given = id === '' ? postedResponse(call) : await storedResponse(repository, id)
  const scored = await scoredOf(assessments, given, view)
  if (!persists) {
    const at = typeof given['id'] === 'string' ? given['id'] : contentId(given)
    const made = isDone(given) ? await assessments.resultsOf(scored, given, at, view) : []
    const posted = id === '' && made.length > 0 ? [withId(given, at)] : []
    return answerOf(scored, [...posted, ...made])
  }
  requireDone(given)
  const response = await persist(call, given)
  const made = await assessments.madeFrom(String(response['id']), view)
  const valid = made.filter(({ status }) => status !== 'entered-in-error')
  // What was written may be a later version than what was looked at first.
  return answerOf(await scoredOf(assessments, response, view), [response, ...valid])
}

function answerOf(scored: ScoredResponse, resources: readonly Resource[]): OperationAnswer {
  return { kind: 'resource', resource: scoreParameters(scored, resources) }
}

function readPersist(text: string | undefined, method: string): boolean {
  if (text === undefined || text === 'false') return false
  if (text !== 'true') throw refused('persist', 'it must be true or false.')
  if (method !== 'POST') throw refused('persist', 'only a POST writes.')
  return true
}

/** @throws FhirError `invalid`, `malformed` */
function postedResponse(call: OperationCall): Resource {
  const [response, other] = ['response', 'resource'].flatMap((name) => postedPart(call, name, TYPE) ?? [])
  if (response === undefined)
    throw new FhirError('malformed', `A ${TYPE} was expected: as the body, or as the parameter response.`)
  if (other !== undefined) throw new FhirError('invalid', 'One response is scored at a time.')
  return response
}

async function storedResponse(repository: Repository, id: string): Promise<Resource> {
  const { body } = await repository.read(TYPE, id)
  return parseJson(body as Buffer) as Resource
}

/** @throws FhirError `business-rule` when it does not name a Questionnaire that scores */
async function scoredOf(
  assessments: Assessments,
  response: Resource,
  view: WorldView,
): Promise<ScoredResponse> {
  const scored = await assessments.score(response, view)
  if (scored !== undefined) return scored
  const { questionnaire } = response
  throw new FhirError('business-rule', [
    {
      severity: 'error',
      code: 'not-found',
      diagnostics:
        typeof questionnaire === 'string'
          ? `No Questionnaire ${questionnaire} that says how it is scored is known here.`
          : 'The response names no Questionnaire, so nothing is known of how it is scored.',
      expression: `${TYPE}.questionnaire`,
    },
  ])
}

function requireDone(response: Resource): void {
  if (isDone(response)) return
  throw new FhirError('business-rule', [
    {
      severity: 'error',
      code: 'business-rule',
      diagnostics: 'Something follows only from a response that is completed or amended.',
      expression: `${TYPE}.status`,
    },
  ])
}

/** Writes the response with what follows from it; resolves to it as it is stored. */
async function persist({ repository, id }: OperationCall, given: Resource): Promise<Resource> {
  if (id === '') {
    const outcome = await repository.write(
      typeof given['id'] === 'string'
        ? { kind: 'update', target: { type: TYPE, id: given['id'] }, resource: given, follows: true }
        : { kind: 'create', type: TYPE, resource: given, follows: true },
    )
    return parseJson(outcome.version?.body as Buffer) as Resource
  }
  let response = given
  for (let attempt = 1; ; attempt++)
    try {
      const meta = isJsonObject(response.meta) ? response.meta : {}
      await repository.write({
        kind: 'update',
        target: { type: TYPE, id },
        resource: response,
        ifMatch: { versions: [String(meta['versionId'])] },
        follows: true,
      })
      return response
    } catch (error) {
      const isRace = error instanceof FhirError && error.code === 'precondition-failed'
      if (!isRace || attempt === MOST_ATTEMPTS) throw error
      response = await storedResponse(repository, id)
      requireDone(response)
    }
}

/** For a response that has none: the same for the same response. */
function contentId(response: Resource): string {
  return createHash('sha256').update(writeJson(response)).digest('hex').slice(0, 40)
}
