// The way to the writer's thread: one batch in flight, and what comes meanwhile makes the next.
import type { Worker } from 'node:worker_threads'
import { FhirError } from '../../fhir/errors.ts'
import { NOBODY, type Asker } from '../asker.ts'
import { UNHEARD, type StoreReports } from '../background.ts'
import { FairLine } from '../fair-line.ts'
import { Shares } from '../shares.ts'
import {
  type Answer,
  type FailedAnswer,
  type FromWriter,
  type Job,
  type ToWriter,
  type WriterData,
} from './jobs.ts'
import { askerGone, outcomeUnknown, requestFailed, storageFailed } from './failures.ts'
import { unpackAnswers } from './sent-answers.ts'
import { handedOver, JobPacker } from './sent-jobs.ts'
import { startThread } from './thread-entry.ts'

export interface WriteQueueOptions {
  readonly data: WriterData
  /** Jobs that may wait. */
  readonly maxQueued: number
  /** Bytes of bodies that may wait. */
  readonly maxQueuedBytes: number
  /** Called before the writer gets hold of these: from now on others may see what they write. */
  readonly handed?: (jobs: readonly Job[]) => void
  /**
   * Called before anyone is told of an answer: what is read from now on must show it. `answers` stand in the order of
   * `jobs`; none when they are lost.
   */
  readonly answered?: (jobs: readonly Job[], answers: readonly Answer[]) => void
  /** Told of work that nobody waits for. */
  readonly reports?: StoreReports | undefined
}

interface Waiting {
  readonly job: Job
  readonly bytes: number
  readonly asker: Asker
  /** Stops to listen for the asker's leaving. */
  readonly stay: () => void
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: FhirError) => void
}

/** Of what waits, or goes together. */
interface Load {
  readonly jobs: number
  /** Of bodies. */
  readonly bytes: number
}

/** A batch larger than this would keep its first commits waiting. */
const MOST_JOBS = 500
const MOST_BYTES = 16 * 1024 * 1024
/** A batch as large as this is not worth waiting for more: each further job would save little. */
const ENOUGH: Load = { jobs: 64, bytes: 256 * 1024 }
/** A batch smaller than this is worth waiting for more: most of its cost is the disk's. */
const FEW: Load = { jobs: 8, bytes: 64 * 1024 }
const MOST_TURNS = 4
/** A writer that is lost while nothing waits is started again after this, and after twice as long each time it fails. */
const SHORTEST_RESTART_MS = 1_000
const LONGEST_RESTART_MS = 30_000

export class WriteQueue {
  readonly #options: WriteQueueOptions
  readonly #reports: StoreReports
  #thread: Worker | undefined
  /** For that thread. */
  #packer = new JobPacker()
  /** Whether it has the database open. */
  #opened = false
  #error: unknown
  #restart: NodeJS.Timeout | undefined
  #restartMs = SHORTEST_RESTART_MS
  /** Whoever writes much waits behind others' few. */
  readonly #waiting = new FairLine<Waiting>()
  readonly #places: Shares
  readonly #bytes: Shares
  #inFlight: readonly Waiting[] = []
  #scheduled = false
  /** What waits is sent without delay once it is one or the other. */
  #enough = ENOUGH
  /** These go before all that wait, each alone. */
  #alone: Waiting[] = []
  #closing: (() => void) | undefined
  #closed: Promise<void> | undefined

  constructor(options: WriteQueueOptions) {
    this.#options = options
    this.#reports = options.reports ?? UNHEARD
    this.#places = new Shares(options.maxQueued)
    this.#bytes = new Shares(options.maxQueuedBytes)
    this.#startThread()
  }

  /**
   * Resolves when the job is durable, or was refused. When the asker leaves before its turn, nothing is done.
   * @throws FhirError `overloaded`, `storage-failed`, or what the job itself failed with
   */
  do<Kind extends Job['kind']>(
    job: Job & { readonly kind: Kind },
    asker: Asker = NOBODY,
  ): Promise<Extract<Answer, { kind: Kind }>> {
    if (this.#closed !== undefined) return Promise.reject(storageFailed('the store is closing'))
    if (asker.gone) return Promise.reject(askerGone())
    const bytes = sizeOf(job)
    if (!this.#admit(asker.name, bytes))
      return Promise.reject(
        new FhirError('overloaded', 'Too many writes are waiting. Nothing of this request was saved.', {
          retryAfterSeconds: 1,
        }),
      )
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        job,
        bytes,
        asker,
        stay: asker.onGone(() => {
          if (!this.#waiting.leave(asker.name, waiting)) return
          this.#release(waiting)
          reject(askerGone())
        }),
        resolve: resolve as (answer: Answer) => void,
        reject,
      }
      this.#waiting.join(asker.name, waiting)
      if (this.#isEnough) this.#send()
      else this.#schedule()
    })
  }

  #admit(name: string, bytes: number): boolean {
    if (!this.#places.take(name, 1)) return false
    if (this.#bytes.take(name, bytes)) return true
    this.#places.give(name, 1)
    return false
  }

  #release({ asker, bytes }: Waiting): void {
    this.#places.give(asker.name, 1)
    this.#bytes.give(asker.name, bytes)
  }

  /** Jobs that wait or are in the writer's hands. */
  get pending(): number {
    return this.#alone.length + this.#waiting.length + this.#inFlight.length
  }

  /** Finishes what was accepted. */
  close(): Promise<void> {
    this.#closed ??= new Promise<void>((resolve) => {
      this.#closing = resolve
      this.#schedule()
    })
    return this.#closed
  }

  /** Requests that arrive in the same turn of the event loop go together. */
  #schedule(): void {
    if (this.#scheduled || this.#inFlight.length > 0) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#send()
    })
  }

  /**
   * Whoever has just been answered asks again at once: these are waited for until they are enough, or as long as each
   * turn of the event loop brings some, for in larger batches a job costs less.
   */
  #gather(before = -1, turn = 0): void {
    const now = this.#waiting.length
    const isSent = this.#inFlight.length > 0
    if (isSent || this.#alone.length > 0 || turn === MOST_TURNS || (turn > 1 && now === before)) {
      this.#scheduled = false
      this.#send()
      return
    }
    this.#scheduled = true
    setImmediate(() => this.#gather(now, turn + 1))
  }

  get #isEnough(): boolean {
    return this.#waiting.length >= this.#enough.jobs || this.#bytes.total >= this.#enough.bytes
  }

  /**
   * Half of those who write at once: while the writer has that half, this thread answers the other and plans what it
   * asks next. Were all of them one batch, each thread would wait for the other.
   */
  #halfOf(done: readonly Waiting[]): Load {
    const jobs = (done.length + this.#waiting.length) / 2
    const bytes = (done.reduce((sum, waiting) => sum + waiting.bytes, 0) + this.#bytes.total) / 2
    return {
      jobs: Math.min(ENOUGH.jobs, Math.max(FEW.jobs, Math.floor(jobs))),
      bytes: Math.min(ENOUGH.bytes, Math.max(FEW.bytes, Math.floor(bytes))),
    }
  }

  #send(): void {
    if (this.#inFlight.length > 0) return
    this.#inFlight = this.#nextBatch()
    if (this.#inFlight.length === 0) {
      if (this.#closing !== undefined) this.#sendClose(this.#closing)
      return
    }
    const jobs = this.#inFlight.map(({ job }) => job)
    try {
      const thread = this.#thread ?? this.#startThread()
      thread.ref()
      this.#options.handed?.(jobs)
      const sent = this.#packer.pack(jobs)
      thread.postMessage({ kind: 'batch', sent } satisfies ToWriter, handedOver(sent))
    } catch (error) {
      this.#notSent(error)
    }
  }

  #nextBatch(): readonly Waiting[] {
    const alone = this.#alone.shift()
    if (alone !== undefined) return [alone]
    const batch: Waiting[] = []
    for (let bytes = 0; batch.length < MOST_JOBS && bytes < MOST_BYTES; ) {
      const waiting = this.#waiting.next()
      if (waiting === undefined) break
      // From here on it is done, whether anybody waits or not.
      waiting.stay()
      this.#release(waiting)
      batch.push(waiting)
      bytes += waiting.bytes
    }
    return batch
  }

  /** A commit among them is not plain data, or is too deep to be copied: each goes alone, so that only that one fails. */
  #notSent(error: unknown): void {
    const batch = this.#inFlight
    this.#inFlight = []
    this.#thread?.unref()
    // The thread has not seen what this one went on from.
    this.#packer = new JobPacker()
    if (batch.length === 1) {
      batch[0]!.reject(requestFailed(error))
    } else this.#alone = [...batch]
    this.#schedule()
  }

  #sendClose(closed: () => void): void {
    const thread = this.#thread
    clearTimeout(this.#restart)
    if (thread === undefined) return closed()
    thread.ref()
    thread.postMessage({ kind: 'close' } satisfies ToWriter)
  }

  #startThread(): Worker {
    clearTimeout(this.#restart)
    const thread = startThread(this.#options.data)
    this.#packer = new JobPacker()
    this.#opened = false
    this.#error = undefined
    thread.on('message', (message: FromWriter) => this.#receive(message))
    thread.on('error', (error) => {
      this.#error = error
      this.#fail(error)
    })
    thread.on('exit', () => this.#exited(thread))
    // Only what is in flight keeps the process going. Listening for messages does so too until this is said.
    thread.unref()
    this.#thread = thread
    return thread
  }

  #receive(message: FromWriter): void {
    if (message.kind === 'closed') return
    if (message.kind === 'opened') {
      this.#opened = true
      this.#restartMs = SHORTEST_RESTART_MS
      this.#reports.worked('writer')
      return
    }
    if (message.kind === 'background') {
      if (message.error === undefined) this.#reports.worked(message.job)
      else this.#reports.failed(message.job, failure(message.error))
      return
    }
    const done = this.#inFlight
    const answers = unpackAnswers(message.sent)
    this.#inFlight = []
    this.#thread?.unref()
    this.#options.answered?.(
      done.map(({ job }) => job),
      answers,
    )
    this.#reportWrites(answers)
    this.#enough = this.#halfOf(done)
    // Searches for words read first: what is written next they would have to wait for again.
    const isSearched = done.some(({ job }) => job.kind === 'index-words')
    if (!isSearched && this.#isEnough) this.#send()
    for (const isSearch of [true, false])
      for (const [at, { job, resolve, reject }] of done.entries()) {
        if ((job.kind === 'index-words') !== isSearch) continue
        const answer = answers[at]!
        if (answer.kind === 'failed') reject(failure(answer))
        else resolve(answer)
      }
    if (done.length > 1 && !this.#isEnough) this.#gather()
    else this.#send()
  }

  #reportWrites(answers: readonly Answer[]): void {
    const refused = answers.find((answer) => answer.kind === 'failed' && answer.code === 'storage-failed')
    if (refused === undefined) this.#reports.worked('writes')
    else this.#reports.failed('writes', failure(refused as FailedAnswer))
  }

  /** The thread is lost, and with it the answers. */
  #fail(error: unknown): void {
    const lost = this.#inFlight
    this.#inFlight = []
    this.#options.answered?.([], [])
    const outcome = this.#opened ? outcomeUnknown : storageFailed
    for (const { reject } of lost) reject(outcome(error))
  }

  /** Another is started at once when something waits, else after a while: the database may be in order again. */
  #exited(thread: Worker): void {
    if (this.#thread !== thread) return
    this.#thread = undefined
    const error = this.#error ?? new Error('the writer ended')
    if (this.#inFlight.length > 0) this.#fail(error)
    const waits = this.#alone.length + this.#waiting.length > 0
    if (!waits && this.#closing !== undefined) return this.#closing()
    this.#reports.failed('writer', storageFailed(error))
    if (waits) return this.#send()
    this.#restart = setTimeout(() => this.#startThread(), this.#restartMs)
    this.#restart.unref()
    this.#restartMs = Math.min(this.#restartMs * 2, LONGEST_RESTART_MS)
  }
}

function failure({ code, message, detail, retryAfterSeconds }: FailedAnswer): FhirError {
  return new FhirError(code, message, {
    detail,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  })
}

function sizeOf(job: Job): number {
  if (job.kind !== 'commit') return 0
  return job.commit.writes.reduce(
    (sum, write) => sum + (write.kind === 'put' ? write.body.bytes.length : 0),
    0,
  )
}
