// Claims that are not sent, or were not taken on, and are soon too late for their payer.
import { setImmediate } from 'node:timers/promises'
import { FhirError, type Resource } from '../../fhir/index.ts'
import { and, dateMatch, tokenMatch } from '../../store/index.ts'
import { keyOfResource, localKeyOf } from '../claims/index.ts'
import { addDays, lastDayGoingOn } from '../edits/calendar.ts'
import { filingDays } from '../edits/filing.ts'
import { filedClaimOf } from '../edits/gather/filed-claim.ts'
import { isVoid } from '../claims/index.ts'
import { isCorrection } from '../edits/gather/other-claims.ts'
import { objectAt } from '../elements.ts'
import { madeName } from '../made.ts'
import { submissionState } from '../submission/submission-task.ts'
import { tasksOfClaims } from '../submission/submitted-tasks.ts'
import { openWork } from './open-work.ts'
import { pagesOf } from './pages.ts'
import { idsOf, type Sweeping, type Watch, type WatchedWork } from './watch.ts'

/** A claim is told of from so many days before its last on. */
const DAYS_BEFORE_LAST = 14
/** Drafts that are older are looked for no more; their Tasks stand until they are sent or given up. */
const LOOKS_BACK_DAYS = 800
const DAY = 86_400_000

export const FILING_LIMITS: Watch = {
  kind: 'filing-limit-near',

  async *found(sweeping) {
    const { repository, view, parts, now, isStopped } = sweeping
    const since = now - LOOKS_BACK_DAYS * DAY
    const drafts = and([
      tokenMatch('use', undefined, 'claim'),
      tokenMatch('status', undefined, 'draft'),
      dateMatch('created', { comparator: 'ge', low: since, high: since + 1 }),
    ])
    for await (const page of pagesOf(repository, 'Claim', drafts, isStopped))
      yield await workOfClaims(
        sweeping,
        page.map(({ resource }) => resource),
      )
    for await (const page of pagesOf(repository, 'Task', openWork('claim-rejection'), isStopped)) {
      const claims: Resource[] = []
      for (const { resource } of page) {
        const id = claimOf(resource, parts.baseUrl)
        const claim = id === undefined ? undefined : await view.read('Claim', id)
        if (claim !== undefined) claims.push(claim.resource)
      }
      yield await workOfClaims(sweeping, claims)
    }
  },

  async standing(sweeping, tasks) {
    const { view, parts } = sweeping
    const near = new Set<unknown>()
    const claims: Resource[] = []
    for (const id of new Set(tasks.map((task) => claimOf(task, parts.baseUrl)))) {
      const claim = id === undefined ? undefined : await view.read('Claim', id)
      if (claim !== undefined) claims.push(claim.resource)
    }
    for (const { focus } of await workOfClaims(sweeping, claims)) near.add(focus)
    return idsOf(tasks, (task) => near.has(`Claim/${claimOf(task, parts.baseUrl) ?? ''}`))
  },
}

/** The id of the Claim that a Task is about. */
function claimOf(task: Resource, baseUrl: string): string | undefined {
  const [type, id] = localKeyOf(objectAt(task, 'focus'), baseUrl)?.split('/') ?? []
  return type === 'Claim' ? id : undefined
}

async function workOfClaims(
  sweeping: Sweeping,
  claims: readonly Resource[],
): Promise<readonly WatchedWork[]> {
  const today = lastDayGoingOn(sweeping.now)
  const work: WatchedWork[] = []
  for (const claim of await unfiled(sweeping, claims)) {
    await setImmediate()
    const last = await lastDayOf(sweeping, claim)
    if (last !== undefined && last <= addDays(today, DAYS_BEFORE_LAST))
      work.push(workOf(sweeping, claim, last))
  }
  return work
}

/** Drafts, and those that were not taken on. What replaces an earlier claim has limits of its own. */
async function unfiled({ view, now }: Sweeping, claims: readonly Resource[]): Promise<readonly Resource[]> {
  const first = claims.filter((claim) => claim['use'] === 'claim' && !isVoid(claim) && !isCorrection(claim))
  const active = first.filter(({ status }) => status === 'active').map(({ id }) => String(id))
  const tasks = active.length === 0 ? new Map() : await tasksOfClaims(view, active)
  return first.filter(({ id, status }) => {
    if (status !== 'active') return status === 'draft'
    const [last] = tasks.get(String(id)) ?? []
    return last !== undefined && submissionState(last.resource, now) === 'rejected'
  })
}

/** Of its services that of which it is first too late; a rule that cannot be asked says nothing here, but in $check. */
async function lastDayOf({ view, parts }: Sweeping, claim: Resource): Promise<string | undefined> {
  try {
    const days = filingDays(await filedClaimOf(view, parts, claim))
    return days.map(({ last }) => last).toSorted()[0]
  } catch (error) {
    if (error instanceof FhirError && error.code === 'business-rule') return undefined
    throw error
  }
}

function workOf({ parts }: Sweeping, claim: Resource, last: string): WatchedWork {
  const patient = localKeyOf(objectAt(claim, 'patient'), parts.baseUrl)
  return {
    name: madeName('filing-limit-near', String(claim['id'])),
    focus: keyOfResource(claim),
    ...(patient === undefined ? {} : { patient }),
    description: 'Send the claim: after the day until which this is to be done its payer takes it no more.',
    priority: 'urgent',
    due: last,
  }
}
