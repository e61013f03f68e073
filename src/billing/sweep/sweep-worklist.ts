// Goes through what may be late or run out, and keeps a Task of each thing that somebody has to do about it.
import { FhirError } from '../../fhir/index.ts'
import type { Repository, WorldView } from '../../repository/index.ts'
import type { BillingParts } from '../parts.ts'
import { inTurns } from '../remittance/in-turns.ts'
import { EXPIRING_AUTHORIZATIONS } from './expiring-authorizations.ts'
import { FILING_LIMITS } from './filing-limits.ts'
import { keepWork, settleWork, type Kept } from './keep-work.ts'
import { LATE_NOTES } from './late-notes.ts'
import { draftMissed } from './missed-drafts.ts'
import { openWork } from './open-work.ts'
import { pagesOf } from './pages.ts'
import type { Sweeping, Watch } from './watch.ts'

const WATCHES: readonly Watch[] = [LATE_NOTES, EXPIRING_AUTHORIZATIONS, FILING_LIMITS]

/** Of Tasks. */
export interface SweepReport {
  readonly made: number
  /** They had been completed by a sweep, and are to be done again. */
  readonly opened: number
  readonly changed: number
  /** What they asked for is done. */
  readonly completed: number
  /** Why some could not be kept; the others are. */
  readonly failures: readonly FhirError[]
  /** Whether it came to its end. */
  readonly finished: boolean
}

/**
 * Asked twice, or by two at once, it makes nothing twice. What it may not see it does not know of: it is to be asked by
 * who sees everything.
 * @param now milliseconds since 1970
 * @param isStopped asked again and again: whether it is to end where it is
 * @throws FhirError `storage-failed`, `overloaded` and others where the store cannot be asked
 */
export async function sweepWorklist(
  repository: Repository,
  view: WorldView,
  parts: BillingParts,
  now: number,
  isStopped: () => boolean,
): Promise<SweepReport> {
  const sweeping = { repository, view, parts, now, isStopped }
  const tally = { made: 0, opened: 0, changed: 0, completed: 0, failures: [] as FhirError[] }
  await attempted(tally.failures, () => draftMissed(sweeping))
  for (const watch of WATCHES) {
    await attempted(tally.failures, () => keepAll(sweeping, watch, tally))
    await attempted(tally.failures, () => settleAll(sweeping, watch, tally))
  }
  return { ...tally, finished: !isStopped() }
}

type Tally = Record<Exclude<Kept, 'same'> | 'completed', number> & { readonly failures: FhirError[] }

async function keepAll(sweeping: Sweeping, { kind, found }: Watch, tally: Tally): Promise<void> {
  const { repository, now, isStopped } = sweeping
  for await (const work of found(sweeping)) {
    if (isStopped()) return
    await inTurns(work, (one) =>
      attempted(tally.failures, async () => {
        const kept = await keepWork(repository, kind, one, now)
        if (kept !== 'same') tally[kept]++
      }),
    )
  }
}

async function settleAll(sweeping: Sweeping, { kind, standing }: Watch, tally: Tally): Promise<void> {
  const { repository, now, isStopped } = sweeping
  for await (const page of pagesOf(repository, 'Task', openWork(kind), isStopped)) {
    const tasks = page.map(({ resource }) => resource)
    const left = await standing(sweeping, tasks)
    if (isStopped()) return
    const done = tasks.filter(({ id }) => !left.has(String(id)))
    await inTurns(done, (task) =>
      attempted(tally.failures, async () => {
        if (await settleWork(repository, task, now)) tally.completed++
      }),
    )
  }
}

/** What can be asked no more now; anything else is the fault of one thing, and the others go on. */
const FATAL: ReadonlySet<string> = new Set([
  'storage-failed',
  'overloaded',
  'not-in-time',
  'timed-out',
  'internal',
])

async function attempted(failures: FhirError[], work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof FhirError) || FATAL.has(error.code)) throw error
    failures.push(error)
  }
}
