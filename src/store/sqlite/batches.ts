// Runs batches of jobs: one transaction and one sync for all, each job all or nothing.
import type { Answer, FailedAnswer, Job } from './jobs.ts'
import { CommitGuard } from './commit-guard.ts'
import { isStorageError, outcomeUnknown, requestFailed, storageFailed } from './failures.ts'
import { clearStrays, clearWords } from './index-clearing.ts'
import { stackFrames, type FhirError } from '../../fhir/errors.ts'
import type { GrowingDictionary } from './dictionary.ts'
import { sql } from './sql.ts'
import { TEXT_INDEX_BYTES } from './text-index.ts'
import { TextIndexer } from './text-indexer.ts'
import type { Turn } from './turn.ts'
import type { Statements } from './statements.ts'

/** Bytes of bodies whose words are taken in at once when no write waits, but one may come: a few milliseconds. */
const TEXT_INDEX_BYTES_WHEN_IDLE = 64 * 1024

export class Batches {
  readonly #statements: Statements
  readonly #dictionary: GrowingDictionary
  readonly #turn: Turn
  readonly #textIndexer: TextIndexer
  readonly #guard: CommitGuard

  constructor(statements: Statements, dictionary: GrowingDictionary, turn: Turn) {
    this.#statements = statements
    this.#dictionary = dictionary
    this.#turn = turn
    this.#textIndexer = new TextIndexer(statements)
    this.#guard = new CommitGuard(statements)
  }

  /** One answer for each job; durable when it returns. When the disk refuses, nothing of the batch is there. */
  run(jobs: readonly Job[]): Answer[] {
    try {
      this.#do('BEGIN IMMEDIATE')
      const answers = this.#together(jobs) ?? this.#apart(jobs)
      this.#guard.check()
      this.#do('COMMIT')
      this.#dictionary.keep()
      return jobs.map((job) => answers.get(job)!)
    } catch (error) {
      this.#takeBack()
      const answer = failed(this.#guard.refused(error) ? storageFailed(error) : outcomeUnknown(error))
      return jobs.map(() => answer)
    }
  }

  /** Undefined, with all taken back, when one that has written something fails: this is cheaper, and that is rare. */
  #together(jobs: readonly Job[]): Map<Job, Answer> | undefined {
    const answers = new Map<Job, Answer>()
    try {
      for (const job of inOrder(jobs)) {
        const answer = this.#answer(job)
        if (isRefused(answer) && this.#turn.wrote) break
        answers.set(job, answer)
      }
      if (answers.size === jobs.length) {
        this.#turn.rest()
        return answers
      }
    } catch (error) {
      if (isStorageError(error)) throw error
    }
    this.#takeBack()
    this.#do('BEGIN IMMEDIATE')
    return undefined
  }

  /** Each with a savepoint of its own. */
  #apart(jobs: readonly Job[]): Map<Job, Answer> {
    const answers = new Map<Job, Answer>()
    for (const job of inOrder(jobs)) answers.set(job, this.#alone(job))
    return answers
  }

  /**
   * Takes in words that are not in the full-text table yet. It waits for no disk: a step that a power failure takes
   * back is done again. Whether none remain. @throws what SQLite throws, and then nothing of the step is there
   */
  indexWords(): boolean {
    const { db } = this.#statements
    const synchronous = db.pragma('synchronous', { simple: true }) as number
    db.pragma(`synchronous = ${Math.min(synchronous, SYNCHRONOUS_NORMAL)}`)
    try {
      this.#do('BEGIN IMMEDIATE')
      const done = this.#textIndexer.step(TEXT_INDEX_BYTES_WHEN_IDLE)
      this.#do('COMMIT')
      return done
    } catch (error) {
      if (db.inTransaction) this.#do('ROLLBACK')
      throw error
    } finally {
      db.pragma(`synchronous = ${synchronous}`)
    }
  }

  /** Index rows that are held back, put into their tables. @throws what SQLite throws, and then they are found again at the next start */
  putRows(): void {
    try {
      this.#do('BEGIN IMMEDIATE')
      this.#turn.flush()
      this.#do('COMMIT')
    } catch (error) {
      this.#takeBack()
      throw error
    }
  }

  #alone(job: Job): Answer {
    this.#do('SAVEPOINT job')
    const mark = this.#dictionary.mark()
    try {
      const answer = this.#answer(job)
      this.#turn.flush()
      if (isRefused(answer)) this.#takeBackTo(mark)
      this.#do('RELEASE job')
      return answer
    } catch (error) {
      // What the disk refuses to one it refuses to all; anything else is this job's own fault.
      if (isStorageError(error) || !this.#statements.db.inTransaction) throw error
      this.#takeBackTo(mark)
      this.#do('RELEASE job')
      return failed(requestFailed(error))
    }
  }

  #answer(job: Job): Answer {
    this.#turn.begin()
    switch (job.kind) {
      case 'commit':
        return { kind: 'commit', result: this.#turn.commit(job.commit, job.time) }
      case 'replace-indexes':
        return { kind: 'replace-indexes', replaced: this.#turn.replaceIndexes(job.items, job.how) }
      case 'clear-strays':
        this.#turn.flush()
        return { kind: 'clear-strays', behind: clearStrays(this.#statements, job.behind) }
      case 'clear-words':
        clearWords(this.#statements)
        return { kind: 'clear-words' }
      case 'set':
        this.#statements.run(
          sql`INSERT INTO setting (name, value) VALUES (${job.name}, ${job.value}) ON CONFLICT DO UPDATE SET value = excluded.value`,
        )
        return { kind: 'set' }
      case 'put-rows':
        this.#turn.flush()
        return { kind: 'put-rows' }
      case 'index-words':
        this.#turn.flush()
        this.#textIndexer.step(TEXT_INDEX_BYTES)
        return { kind: 'index-words' }
    }
  }

  #takeBackTo(mark: number): void {
    this.#do('ROLLBACK TO job')
    this.#turn.forget()
    this.#dictionary.forgetSince(mark)
  }

  #takeBack(): void {
    this.#turn.forget()
    this.#dictionary.forgetSince(0)
    if (this.#statements.db.inTransaction) this.#do('ROLLBACK')
  }

  #do(text: string): void {
    this.#statements.prepared(text).run()
  }
}

/** Words last: behind all that the batch writes, so that the table knows of it. */
function inOrder(jobs: readonly Job[]): readonly Job[] {
  if (!jobs.some(isAboutWords)) return jobs
  return [...jobs.filter((job) => !isAboutWords(job)), ...jobs.filter(isAboutWords)]
}

function isAboutWords({ kind }: Job): boolean {
  return kind === 'index-words'
}

function isRefused(answer: Answer): boolean {
  return answer.kind === 'commit' && answer.result.kind !== 'committed'
}

/** https://sqlite.org/pragma.html#pragma_synchronous */
const SYNCHRONOUS_NORMAL = 1

export function failed({ code, message, detail = '', retryAfterSeconds, cause }: FhirError): FailedAnswer {
  const told = [detail, ...(cause instanceof Error ? [cause.name, ...stackFrames(cause)] : [])]
  return { kind: 'failed', code, message, detail: told.join('\n'), retryAfterSeconds }
}
