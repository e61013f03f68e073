// What billing does by itself: sends files that wait, reads what payers have answered, and keeps the worklist.
import type { Logger } from 'pino'
import { tellOfFiles, type JobName } from './background.ts'
import {
  importReceived,
  resumeFiles,
  sweepWorklist,
  type BillingParts,
  type ImportedFile,
} from './billing/index.ts'
import type { Health } from './http/index.ts'
import { callerView } from './operations/index.ts'
import type { Repository } from './repository/index.ts'
import { Rounds, type Round } from './rounds.ts'
import type { Asker } from './store/index.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

export interface BillingRoundsParts {
  /** The server's own: it sees everything. */
  readonly repository: Repository
  readonly billing: BillingParts
  readonly logger: Logger
  readonly health: Health<JobName>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** The first of them sends what the process before left in the middle: it is to be made before requests are answered. */
export function billingRounds(parts: BillingRoundsParts): Rounds {
  const { health, now } = parts
  const reports = {
    worked: () => health.worked('billing'),
    failed: (error: unknown) => health.failed('billing', error),
  }
  return new Rounds([sendingLeftFiles(parts), readingAnswers(parts), keepingWorklist(parts)], reports, now)
}

function sendingLeftFiles({ repository, billing, logger, health, now }: BillingRoundsParts): Round {
  let endedBefore: number | undefined = now()
  return {
    everyMs: 10 * MINUTE,
    firstMs: 0,
    async work() {
      const resumed = resumeFiles(repository, callerView(repository), billing, now(), endedBefore)
      await tellOfFiles(logger, health, resumed)
      endedBefore = undefined
    },
  }
}

function readingAnswers({ repository, billing, logger, now }: BillingRoundsParts): Round {
  return {
    everyMs: MINUTE,
    firstMs: 0,
    async work(signal) {
      const own = repository.askedBy(leavingWith(signal))
      tellOfReceived(logger, await importReceived(own, callerView(own), billing, now()))
    },
  }
}

function keepingWorklist({ repository, billing, now }: BillingRoundsParts): Round {
  return {
    everyMs: HOUR,
    // Whoever waits for the server to start is served first.
    firstMs: MINUTE,
    async work(signal) {
      const own = repository.askedBy(leavingWith(signal))
      const { failures } = await sweepWorklist(own, callerView(own), billing, now(), () => signal.aborted)
      const [first] = failures
      // Its words may name a record.
      if (first !== undefined)
        throw Object.assign(new Error(`${failures.length} pieces of the worklist could not be kept.`), {
          code: first.code,
        })
    },
  }
}

/** Who waits until the signal. */
function leavingWith(signal: AbortSignal): Asker {
  return {
    name: 'billing',
    get gone() {
      return signal.aborted
    },
    onGone(call) {
      signal.addEventListener('abort', call, { once: true })
      return () => signal.removeEventListener('abort', call)
    },
  }
}

/** Without their names, which are somebody else's. */
function tellOfReceived(logger: Logger, files: readonly ImportedFile[]): void {
  const read = files.filter(({ faults }) => faults.length === 0).length
  if (read > 0) logger.info({ files: read }, 'files of payers are read')
  const failed = files.filter(
    ({ report, faults }) =>
      faults.length > 0 && (report !== undefined || faults.some(({ code }) => code !== 'not-supported')),
  ).length
  if (failed > 0)
    logger.warn({ files: failed }, 'files of payers could not be read, or not all of them: see in/failed')
}
