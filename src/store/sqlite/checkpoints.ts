// Moves what is committed from the log into the database beside the writer, which else would wait for the disk twice.
import type { Worker } from 'node:worker_threads'
import type { FromCheckpointThread, CheckpointData, ToCheckpointThread } from './checkpoint-thread.ts'
import type { Statements } from './statements.ts'
import { startThread } from './thread-entry.ts'

/**
 * Pages of the log at which its move begins. A page that many commits write is moved once: with half as many, a write
 * costs nearly a tenth more.
 */
const PAGES_BEFORE_MOVE = 12_000
/** So many the writer moves by itself: what it has added to the log meanwhile, so that the log can begin anew. */
const FEW_PAGES = 1_000
/** Each leaves what was written meanwhile to the next. */
const MOST_MOVES = 4
/** After which the thread is let go, or what failed is tried again. */
const MILLISECONDS_OF_REST = 60_000

export interface CheckpointsOptions {
  /** On the writer's connection. */
  readonly statements: Statements
  readonly data: CheckpointData
  /** Told that a move failed, or that one has worked after such. */
  readonly tell: (error?: unknown) => void
}

interface Log {
  /** In pages. */
  readonly length: number
  /** Those of them that are not in the database. */
  readonly behind: number
}

/**
 * SQLite's own checkpoint after a commit is not waited for, and its limit must be far beyond this one's: should no thread
 * start, it takes over. The log begins anew with the next write after all of it has been moved, if nobody reads in it.
 */
export class Checkpoints {
  readonly #options: CheckpointsOptions
  #thread: Worker | undefined
  #rest: NodeJS.Timeout | undefined
  #isMoving = false
  #moves = 0
  #hasFailed = false
  /** The length at which the log is looked after. */
  #next = PAGES_BEFORE_MOVE
  #lastLength = 0
  #closing: (() => void) | undefined

  constructor(options: CheckpointsOptions) {
    this.#options = options
  }

  /** Whether the log is being moved now: whoever wants all of it moved would have to wait. */
  get isMoving(): boolean {
    return this.#isMoving
  }

  /** To be called after commits. */
  look(): void {
    if (this.#isMoving || this.#closing !== undefined) return
    try {
      const { length, behind } = this.#log('NOOP')
      if (length < this.#lastLength) this.#next = PAGES_BEFORE_MOVE
      this.#lastLength = length
      if (length < this.#next) return
      if (behind <= 2 * FEW_PAGES) this.#moveRest()
      else this.#begin()
    } catch (error) {
      this.#done(error)
    }
  }

  /** Resolves when the thread has ended. */
  async close(): Promise<void> {
    if (this.#isMoving) await new Promise<void>((resolve) => (this.#closing = resolve))
    await this.#letGo()
  }

  #begin(): void {
    this.#isMoving = true
    this.#moves = 0
    clearTimeout(this.#rest)
    this.#move()
  }

  #move(): void {
    this.#moves++
    try {
      this.#thread ??= this.#start()
      this.#thread.postMessage({ kind: 'move' } satisfies ToCheckpointThread)
    } catch (error) {
      this.#done(error)
    }
  }

  #start(): Worker {
    const thread = startThread(this.#options.data)
    thread.on('message', ({ error }: FromCheckpointThread) => this.#moved(error))
    thread.on('error', (error) => {
      if (this.#thread === thread) this.#thread = undefined
      if (this.#isMoving) this.#done(error)
    })
    thread.unref()
    return thread
  }

  #moved(error: FromCheckpointThread['error']): void {
    if (error !== undefined || this.#closing !== undefined) return this.#done(error)
    try {
      const { behind } = this.#log('NOOP')
      if (behind > FEW_PAGES && this.#moves < MOST_MOVES) return this.#move()
      this.#moveRest()
      this.#done()
    } catch (thrown) {
      this.#done(thrown)
    }
  }

  #moveRest(): void {
    const { length } = this.#log('PASSIVE')
    this.#lastLength = length
    // Should somebody read in it, it only goes on.
    this.#next = length + FEW_PAGES
  }

  #done(error?: unknown): void {
    this.#isMoving = false
    if (error !== undefined) this.#next = this.#lastLength + PAGES_BEFORE_MOVE
    if (error !== undefined || this.#hasFailed) this.#options.tell(error)
    this.#hasFailed = error !== undefined
    clearTimeout(this.#rest)
    this.#rest = setTimeout(() => this.#rested(), MILLISECONDS_OF_REST).unref()
    this.#closing?.()
  }

  #rested(): void {
    if (this.#isMoving) return
    if (this.#hasFailed) this.#begin()
    else void this.#letGo()
  }

  #letGo(): Promise<void> {
    clearTimeout(this.#rest)
    const thread = this.#thread
    if (thread === undefined) return Promise.resolve()
    this.#thread = undefined
    return new Promise((resolve) => {
      thread.once('exit', () => resolve())
      thread.ref()
      thread.postMessage({ kind: 'close' } satisfies ToCheckpointThread)
    })
  }

  /** @see https://sqlite.org/pragma.html#pragma_wal_checkpoint */
  #log(mode: 'NOOP' | 'PASSIVE'): Log {
    const [, length, moved] = this.#options.statements.prepared(`PRAGMA wal_checkpoint(${mode})`).get() as [
      busy: number,
      length: number,
      moved: number,
    ]
    return { length, behind: length - moved }
  }
}
