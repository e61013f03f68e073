// The way to the writer's thread: one batch in flight, and what comes meanwhile makes the next.
import type { Worker } from 'node:worker_threads'
import { FhirError } from '../../fhir/errors.ts'
import {
  type Answer,
  type FailedAnswer,
  type FromWriter,
  type Job,
  type ToWriter,
  type WriterData,
} from './jobs.ts'
import { requestFailed, storageFailed } from './failures.ts'
import { startThread } from './thread-entry.ts'

export interface WriteQueueOptions {
  readonly data: WriterData
  /** Jobs that may wait. */
  readonly maxQueued: number
  /** Bytes of bodies that may wait. */
  readonly maxQueuedBytes: number
  /** Called before anyone is told of an answer: what is read from now on must show it. */
  readonly answered?: () => void
  /** Told of the failure of work that nobody waits for. */
  readonly backgroundFailed?: ((error: FhirError) => void) | undefined
}

interface Waiting {
  readonly job: Job
  readonly bytes: number
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: FhirError) => void
}

/** A batch larger than this would keep its first commits waiting. */
const MOST_JOBS = 500
const MOST_BYTES = 16 * 1024 * 1024

export class WriteQueue {
  readonly #options: WriteQueueOptions
  #thread: Worker | undefined
  #waiting: Waiting[] = []
  #waitingBytes = 0
  #inFlight: readonly Waiting[] = []
  #scheduled = false
  /** So many of those that wait must go alone. */
  #alone = 0
  #closing: (() => void) | undefined
  #closed: Promise<void> | undefined

  constructor(options: WriteQueueOptions) {
    this.#options = options
    this.#startThread()
  }

  /**
   * Resolves when the job is durable, or was refused.
   * @throws FhirError `overloaded`, `storage-failed`, or what the job itself failed with
   */
  do<Kind extends Job['kind']>(job: Job & { readonly kind: Kind }): Promise<Extract<Answer, { kind: Kind }>> {
    const { maxQueued, maxQueuedBytes } = this.#options
    const bytes = sizeOf(job)
    if (this.#closed !== undefined) return Promise.reject(storageFailed('the store is closing'))
    const full = this.#waiting.length >= maxQueued || this.#waitingBytes + bytes > maxQueuedBytes
    if (full && this.#waiting.length > 0) {
      return Promise.reject(
        new FhirError('overloaded', 'Too many writes are waiting. Nothing of this request was saved.', {
          retryAfterSeconds: 1,
        }),
      )
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, bytes, resolve: resolve as (answer: Answer) => void, reject })
      this.#waitingBytes += bytes
      this.#schedule()
    })
  }

  /** Jobs that wait or are in the writer's hands. */
  get pending(): number {
    return this.#waiting.length + this.#inFlight.length
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

  #send(): void {
    if (this.#inFlight.length > 0) return
    if (this.#waiting.length === 0) {
      if (this.#closing !== undefined) this.#sendClose(this.#closing)
      return
    }
    let count = 0
    let bytes = 0
    const most = this.#alone > 0 ? 1 : MOST_JOBS
    if (this.#alone > 0) this.#alone--
    while (count < this.#waiting.length && count < most && (count === 0 || bytes < MOST_BYTES)) {
      bytes += this.#waiting[count++]!.bytes
    }
    this.#inFlight = this.#waiting.splice(0, count)
    this.#waitingBytes -= bytes
    const { jobs, buffer } = packBodies(this.#inFlight)
    try {
      const thread = this.#thread ?? this.#startThread()
      thread.ref()
      thread.postMessage({ kind: 'batch', jobs } satisfies ToWriter, [buffer])
    } catch (error) {
      this.#notSent(error)
    }
  }

  /** A commit among them is not plain data, or is too deep to be copied: each goes alone, so that only that one fails. */
  #notSent(error: unknown): void {
    const batch = this.#inFlight
    this.#inFlight = []
    this.#thread?.unref()
    if (batch.length === 1) {
      batch[0]!.reject(requestFailed(error))
    } else {
      this.#waiting.unshift(...batch)
      this.#waitingBytes += batch.reduce((sum, { bytes }) => sum + bytes, 0)
      this.#alone = batch.length
    }
    this.#schedule()
  }

  #sendClose(closed: () => void): void {
    const thread = this.#thread
    if (thread === undefined) return closed()
    thread.ref()
    thread.postMessage({ kind: 'close' } satisfies ToWriter)
  }

  #startThread(): Worker {
    const thread = startThread(this.#options.data)
    thread.on('message', (message: FromWriter) => this.#receive(message))
    thread.on('error', (error) => this.#fail(error))
    thread.on('exit', () => this.#exited(thread))
    // Only what is in flight keeps the process going. Listening for messages does so too until this is said.
    thread.unref()
    this.#thread = thread
    return thread
  }

  #receive(message: FromWriter): void {
    if (message.kind === 'closed') return
    if (message.kind === 'background-failed') {
      this.#options.backgroundFailed?.(failure(message.error))
      return
    }
    const done = this.#inFlight
    this.#inFlight = []
    this.#thread?.unref()
    this.#options.answered?.()
    const told = done.map((waiting, at) => ({ ...waiting, answer: message.answers[at]! }))
    // Searches for words read first: what is written next they would have to wait for again.
    const searches = told.filter(({ job }) => job.kind === 'index-words')
    const others = searches.length === 0 ? told : told.filter(({ job }) => job.kind !== 'index-words')
    for (const { resolve, reject, answer } of [...searches, ...others]) {
      if (answer.kind !== 'failed') resolve(answer)
      else reject(failure(answer))
    }
    this.#send()
  }

  /** The thread is lost, and with it the answers; a new one is started with the next batch. */
  #fail(error: unknown): void {
    const lost = this.#inFlight
    this.#inFlight = []
    this.#options.answered?.()
    for (const { reject } of lost) reject(storageFailed(error))
  }

  #exited(thread: Worker): void {
    if (this.#thread !== thread) return
    this.#thread = undefined
    if (this.#inFlight.length > 0) this.#fail(new Error('the writer ended'))
    if (this.#waiting.length > 0) this.#send()
    else this.#closing?.()
  }
}

function failure({ code, message, detail }: FailedAnswer): FhirError {
  return code === 'storage-failed' ? storageFailed(detail) : new FhirError(code, message, { detail })
}

function sizeOf(job: Job): number {
  if (job.kind !== 'commit') return 0
  return job.commit.writes.reduce(
    (sum, write) => sum + (write.kind === 'put' ? write.body.bytes.length : 0),
    0,
  )
}

/** Moves all bodies into one buffer that is handed over: to clone a small Buffer would clone the pool it is cut from. */
function packBodies(waiting: readonly Waiting[]): { readonly jobs: Job[]; readonly buffer: ArrayBuffer } {
  const all = new Uint8Array(waiting.reduce((sum, { bytes }) => sum + bytes, 0))
  let at = 0
  const jobs = waiting.map(({ job }): Job => {
    if (job.kind !== 'commit') return job
    const writes = job.commit.writes.map((write) => {
      if (write.kind === 'delete') return write
      const bytes = all.subarray(at, at + write.body.bytes.length)
      bytes.set(write.body.bytes)
      at += bytes.length
      return { ...write, body: { ...write.body, bytes } }
    })
    return { ...job, commit: { ...job.commit, writes } }
  })
  return { jobs, buffer: all.buffer }
}
