// The main thread's side of the reader threads: started when first needed, one search at a time each, the rest in line.
import type { Worker } from 'node:worker_threads'
import { askerGone, requestFailed, tookTooLong } from './failures.ts'
import type { FromReader, ReaderData, ReadJob, ToReader } from './reader-thread.ts'
import { startThread } from './thread-entry.ts'
import { FhirError } from '../../fhir/errors.ts'
import { NOBODY, type Asker } from '../asker.ts'
import type { StoreReports } from '../background.ts'
import { FairLine } from '../fair-line.ts'
import { Shares } from '../shares.ts'

type Answer = Exclude<FromReader, { kind: 'failed' }>

interface Waiting {
  readonly job: ReadJob
  readonly asker: Asker
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: FhirError) => void
}

interface Thread {
  /** Not 0: what it is at is to be given up. */
  readonly stop: Int32Array
  at: Waiting | undefined
  deadline: NodeJS.Timeout | undefined
}

export interface ReadersOptions {
  readonly data: Omit<ReaderData, 'stop'>
  /** Milliseconds that a search may take in its thread. */
  readonly longest?: number | undefined
  /** Told of a thread that ended by itself; another is started with the next search. */
  readonly reports?: StoreReports | undefined
}

const MOST_THREADS = 2
/** Counting those that do not end. */
const MOST_EVER = 4
/** Each may take seconds. */
const MOST_WAITING = 64
const LONGEST_MS = 30_000
/** After it was told to give up; then its thread is ended. */
const MS_TO_GIVE_UP = 5_000

export class Readers {
  readonly #options: ReadersOptions
  readonly #threads = new Map<Worker, Thread>()
  readonly #waiting = new FairLine<Waiting>()
  readonly #places = new Shares(MOST_WAITING)
  /** Threads that were told to end and have not yet. */
  #ending = 0
  #closing: (() => void) | undefined
  #closed: Promise<void> | undefined

  constructor(options: ReadersOptions) {
    this.#options = options
  }

  /**
   * When the asker leaves, it is given up.
   * @throws FhirError `overloaded` when too many wait, `too-costly`, or what the search failed with
   */
  do(job: ReadJob, asker: Asker = NOBODY): Promise<Answer> {
    if (asker.gone) return Promise.reject(askerGone())
    if (this.#closed !== undefined || !this.#places.take(asker.name, 1)) {
      return Promise.reject(
        new FhirError('overloaded', 'Too many dear searches are waiting. Try again later.', {
          retryAfterSeconds: 1,
        }),
      )
    }
    return new Promise((resolve, reject) => {
      const ended = (): void => {
        stay()
        this.#places.give(asker.name, 1)
      }
      const waiting: Waiting = {
        job,
        asker,
        resolve: (answer) => {
          ended()
          resolve(answer)
        },
        reject: (error) => {
          ended()
          reject(error)
        },
      }
      const stay = asker.onGone(() => {
        if (this.#waiting.leave(asker.name, waiting)) return waiting.reject(askerGone())
        for (const { at, stop } of this.#threads.values()) if (at === waiting) Atomics.store(stop, 0, 1)
      })
      this.#waiting.join(asker.name, waiting)
      this.#hand()
    })
  }

  /** Searches that wait or are made. */
  get pending(): number {
    return this.#places.total
  }

  /** Finishes what was accepted. */
  close(): Promise<void> {
    this.#closed ??= new Promise<void>((resolve) => {
      this.#closing = resolve
      this.#hand()
    })
    return this.#closed
  }

  #hand(): void {
    while (this.#waiting.length > 0) {
      const free = this.#free()
      if (free === undefined) return
      this.#give(free, this.#waiting.next()!)
    }
    if (this.#closing === undefined || [...this.#threads.values()].some(({ at }) => at !== undefined)) return
    if (this.#threads.size === 0) return this.#closing()
    for (const worker of this.#threads.keys()) {
      worker.ref()
      worker.postMessage({ kind: 'close' } satisfies ToReader)
    }
  }

  #give([worker, thread]: readonly [Worker, Thread], next: Waiting): void {
    Atomics.store(thread.stop, 0, 0)
    try {
      worker.postMessage(next.job satisfies ToReader)
    } catch (error) {
      next.reject(requestFailed(error))
      return
    }
    worker.ref()
    thread.at = next
    thread.deadline = setTimeout(() => {
      Atomics.store(thread.stop, 0, 1)
      thread.deadline = setTimeout(() => this.#end(worker), MS_TO_GIVE_UP)
    }, this.#options.longest ?? LONGEST_MS)
  }

  #free(): readonly [Worker, Thread] | undefined {
    for (const one of this.#threads) if (one[1].at === undefined) return one
    const mayStart = this.#threads.size < MOST_THREADS && this.#threads.size + this.#ending < MOST_EVER
    return mayStart ? this.#start() : undefined
  }

  #start(): readonly [Worker, Thread] {
    const stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
    const worker = startThread({ ...this.#options.data, stop } satisfies ReaderData)
    const thread: Thread = { stop, at: undefined, deadline: undefined }
    this.#threads.set(worker, thread)
    worker.on('message', (answer: FromReader) => {
      const at = this.#freed(thread)
      worker.unref()
      this.#options.reports?.worked('reader')
      if (answer.kind === 'failed') at?.reject(failure(answer))
      else at?.resolve(answer)
      this.#hand()
    })
    worker.on('error', (error) => this.#lost(worker, error))
    worker.on('exit', () => this.#lost(worker, new Error('the reader ended')))
    worker.unref()
    return [worker, thread]
  }

  #freed(thread: Thread): Waiting | undefined {
    clearTimeout(thread.deadline)
    const { at } = thread
    thread.at = undefined
    return at
  }

  /** It does not come to where it could give up: another thread takes its place. */
  #end(worker: Worker): void {
    const thread = this.#threads.get(worker)
    this.#threads.delete(worker)
    this.#ending++
    void worker.terminate().finally(() => {
      this.#ending--
      this.#hand()
    })
    if (thread !== undefined) this.#freed(thread)?.reject(tookTooLong())
    this.#hand()
  }

  /** Another is started with the next search. */
  #lost(worker: Worker, error: unknown): void {
    const thread = this.#threads.get(worker)
    if (thread === undefined) return
    this.#threads.delete(worker)
    if (this.#closing === undefined) this.#options.reports?.failed('reader', requestFailed(error))
    this.#freed(thread)?.reject(
      new FhirError('overloaded', 'The search was ended by a fault of its thread. Try again.', {
        retryAfterSeconds: 1,
        cause: error,
      }),
    )
    this.#hand()
  }
}

function failure(failed: Extract<FromReader, { kind: 'failed' }>): FhirError {
  const { code, issues, detail, retryAfterSeconds } = failed
  return new FhirError(code, issues, {
    ...(detail === undefined ? {} : { detail }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  })
}
