// The main thread's side of the reader threads: started when first needed, one search at a time each, the rest in line.
import type { Worker } from 'node:worker_threads'
import { requestFailed } from './failures.ts'
import type { FromReader, ReaderData, ReadJob, ToReader } from './reader-thread.ts'
import { startThread } from './thread-entry.ts'
import { FhirError } from '../../fhir/errors.ts'

type Answer = Exclude<FromReader, { kind: 'failed' }>

interface Waiting {
  readonly job: ReadJob
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: FhirError) => void
}

const MOST_THREADS = 2
/** Each may take seconds. */
const MOST_WAITING = 64

export class Readers {
  readonly #data: ReaderData
  /** With what each is at. */
  readonly #threads = new Map<Worker, Waiting | undefined>()
  #waiting: Waiting[] = []
  #closing: (() => void) | undefined
  #closed: Promise<void> | undefined

  constructor(data: ReaderData) {
    this.#data = data
  }

  /** @throws FhirError `overloaded` when too many wait, or what the search failed with */
  do(job: ReadJob): Promise<Answer> {
    if (this.#closed !== undefined || this.#waiting.length >= MOST_WAITING) {
      return Promise.reject(
        new FhirError('overloaded', 'Too many dear searches are waiting. Try again later.', {
          retryAfterSeconds: 1,
        }),
      )
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject })
      this.#hand()
    })
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
      const thread = this.#free()
      if (thread === undefined) return
      const next = this.#waiting.shift()!
      try {
        thread.postMessage(next.job satisfies ToReader)
        thread.ref()
        this.#threads.set(thread, next)
      } catch (error) {
        next.reject(requestFailed(error))
      }
    }
    if (this.#closing === undefined || [...this.#threads.values()].some((at) => at !== undefined)) return
    if (this.#threads.size === 0) return this.#closing()
    for (const thread of this.#threads.keys()) {
      thread.ref()
      thread.postMessage({ kind: 'close' } satisfies ToReader)
    }
  }

  #free(): Worker | undefined {
    for (const [thread, at] of this.#threads) if (at === undefined) return thread
    return this.#threads.size < MOST_THREADS ? this.#start() : undefined
  }

  #start(): Worker {
    const thread = startThread(this.#data)
    this.#threads.set(thread, undefined)
    thread.on('message', (answer: FromReader) => {
      const at = this.#threads.get(thread)
      this.#threads.set(thread, undefined)
      thread.unref()
      if (answer.kind === 'failed') at?.reject(failure(answer))
      else at?.resolve(answer)
      this.#hand()
    })
    thread.on('error', (error) => this.#lost(thread, error))
    thread.on('exit', () => this.#lost(thread, new Error('the reader ended')))
    thread.unref()
    return thread
  }

  /** Another is started with the next search. */
  #lost(thread: Worker, error: unknown): void {
    const at = this.#threads.get(thread)
    this.#threads.delete(thread)
    at?.reject(requestFailed(error))
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
