// Brings what is kept of a claim up to all answers that there are to it: how far each sending came, and the work that a
// refusal or denial makes. What is written depends on the answers alone, not on which came first.
import { isJsonObject, type Resource } from '../../fhir/index.ts'
import type { KnownVersion, Repository, WorldView } from '../../repository/index.ts'
import { madeName } from '../made.ts'
import type { BillingParts } from '../parts.ts'
import { settleReplacement, tasksOfClaims } from '../submission/index.ts'
import { answersTo, type ClaimAnswer } from './claim-answers.ts'
import { claimPosition, isSuperseded } from './claim-position.ts'
import { setAnswersOn, stateConcept, stateOf, statesOf, type ClaimState } from './claim-state.ts'
import { workWrite } from './claim-work.ts'
import { denialFindings, rejectionFindings } from './findings.ts'
import { priorOf } from '../claims/replacement.ts'
import type { Replacements } from './replacements.ts'
import { madePlace, modifiedAt, writePlanned, writeTo, type PlannedWrite } from './made-place.ts'

export interface Settling {
  readonly repository: Repository
  readonly view: WorldView
  readonly parts: BillingParts
  /** Milliseconds since 1970. */
  readonly now: number
  readonly replacements: Replacements
}

/** Claims that replace each other in a row. */
const MOST_IN_ROW = 20

/** The claim, and those that it replaces. */
export async function settleClaim(settling: Settling, claimId: string): Promise<void> {
  const { repository, view, parts } = settling
  let id: string | undefined = claimId
  for (let step = 0; id !== undefined && step < MOST_IN_ROW; step++) {
    const current: string = id
    await writePlanned(repository, () => plan(settling, current))
    id = priorOf((await view.read('Claim', current))?.resource, parts.baseUrl)?.split('/')[1]
  }
}

/** What is kept is read before the answers: who writes later has seen more of them, or is told that others have. */
async function plan(
  { view, parts, now, replacements }: Settling,
  claimId: string,
): Promise<readonly PlannedWrite[]> {
  const known = await view.read('Claim', claimId)
  if (known === undefined) return []
  const [rejectionName, denialName] = [madeName('rejection', claimId), madeName('denial', claimId)]
  const rejection = await madePlace(view, 'Task', rejectionName)
  const denial = await madePlace(view, 'Task', denialName)
  const tasks = await submissions(view, claimId)
  const answers = await answersTo(view, claimId)
  const claim = known.resource
  const position = claimPosition(claim, answers)
  const states = statesOf(tasks, answers, position)
  const state = tasks.length === 0 ? stateOf(answers, position) : states.at(-1)
  const isDenied = position.state === 'denied' || position.state === 'partly-paid'
  const isReplaced = position.isTakenBack && isSuperseded(claim)
  const isMended = isDenied && (await isPaidByAnother(view, claim, replacements))
  return [
    ...tasks.flatMap((task, at) => submissionWrite(task, states[at], now)),
    ...workWrite(rejection, {
      kind: 'claim-rejection',
      name: rejectionName,
      claim,
      description: 'The claim was not taken on: mend it, and submit it again.',
      findings: rejectionFindings(answers, tasks.flatMap(setAnswersOn)),
      isOpen: state === 'rejected',
      state,
      now,
    }),
    ...workWrite(denial, {
      kind: 'claim-denial',
      name: denialName,
      claim,
      description: 'The payer denied the claim or lines of it: correct it, appeal, or write it off.',
      findings: denialFindings(position),
      isOpen: isDenied && !isMended && !isReplaced,
      state: isMended ? 'paid' : state,
      now,
    }),
    ...(answers.some(isTakenOn) ? await replacedWrites(view, claim, parts.baseUrl) : []),
  ]
}

/** Whatever is decided or said later: what was taken on once has taken the place of what it replaces. */
function isTakenOn(answer: ClaimAnswer): boolean {
  return answer.kind === 'decision' || answer.accepted
}

async function replacedWrites(
  view: WorldView,
  claim: Resource,
  baseUrl: string,
): Promise<readonly PlannedWrite[]> {
  const replaced = await settleReplacement(view, claim, baseUrl)
  return replaced.map((wanted) => {
    const { resourceType, id, meta } = wanted
    const versionId = isJsonObject(meta) ? String(meta['versionId']) : ''
    return { type: resourceType, id: String(id), resource: wanted, versionId }
  })
}

/** In the order of sending. */
async function submissions(view: WorldView, claimId: string): Promise<readonly Resource[]> {
  const found = (await tasksOfClaims(view, [claimId])).get(claimId) ?? []
  return found.map(({ resource }: KnownVersion) => resource).toReversed()
}

const STATUS_OF: Readonly<Record<ClaimState, string>> = {
  acknowledged: 'in-progress',
  accepted: 'in-progress',
  rejected: 'failed',
  paid: 'completed',
  'partly-paid': 'completed',
  denied: 'completed',
}

function submissionWrite(
  task: Resource,
  state: ClaimState | undefined,
  now: number,
): readonly PlannedWrite[] {
  if (state === undefined) return []
  const wanted: Resource = {
    ...task,
    status: STATUS_OF[state],
    businessStatus: stateConcept(state),
    lastModified: modifiedAt(task, now),
  }
  return writeTo({ type: 'Task', id: String(task['id']), stored: task }, wanted)
}

/** Whether a claim that replaces this one is paid, or one that replaces that. */
async function isPaidByAnother(
  view: WorldView,
  claim: Resource,
  replacements: Replacements,
): Promise<boolean> {
  let replaced: readonly Resource[] = [claim]
  for (let step = 0; step < MOST_IN_ROW && replaced.length > 0; step++) {
    const replacing: Resource[] = []
    for (const one of replaced)
      for (const id of await replacements.of(one)) {
        const resource = (await view.read('Claim', id))?.resource
        if (resource === undefined) continue
        const { state } = claimPosition(resource, await answersTo(view, id))
        if (state === 'paid' || state === 'partly-paid') return true
        replacing.push(resource)
      }
    replaced = replacing
  }
  return false
}
