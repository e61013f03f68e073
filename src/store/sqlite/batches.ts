// Runs batches of jobs: one transaction and one sync for all, each job all or nothing.
import type { Answer, FailedAnswer, Job } from './jobs.ts'
import { isStorageError, requestFailed, storageFailed } from './failures.ts'
import type { FhirError } from '../../fhir/errors.ts'
import type { GrowingDictionary } from './dictionary.ts'
import { sql } from './sql.ts'
import { TEXT_INDEX_BYTES } from './text-index.ts'
import { TextIndexer } from './text-indexer.ts'
import type { Turn } from './turn.ts'
import type { Statements } from './statements.ts'

/** Bytes of bodies whose words are taken in at once when no write waits, but one may come: a few milliseconds. */
const TEXT_INDEX_BYTES_WHEN_IDLE = 32 * 1024

export class Batches {
  readonly #statements: Statements
  readonly #dictionary: GrowingDictionary
  readonly #turn: Turn
  readonly #textIndexer: TextIndexer

  constructor(statements: Statements, dictionary: GrowingDictionary, turn: Turn) {
    this.#statements = statements
    this.#dictionary = dictionary
    this.#turn = turn
    this.#textIndexer = new TextIndexer(statements)
  }

  /** One answer for each job; durable when it returns. When the disk refuses, nothing of the batch is there. */
  run(jobs: readonly Job[]): Answer[] {
    try {
      this.#do('BEGIN IMMEDIATE')
      const answers = new Map<Job, Answer>()
      for (const job of jobs) if (job.kind !== 'index-words') answers.set(job, this.#run(job))
      // Behind all that the batch writes, so that the table knows of it.
      for (const job of jobs) if (job.kind === 'index-words') answers.set(job, this.#run(job))
      this.#do('COMMIT')
      this.#dictionary.keep()
      return jobs.map((job) => answers.get(job)!)
    } catch (error) {
      this.#dictionary.forgetSince(0)
      if (this.#statements.db.inTransaction) this.#do('ROLLBACK')
      const answer = failed(storageFailed(error))
      return jobs.map(() => answer)
    }
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

  #run(job: Job): Answer {
    this.#do('SAVEPOINT job')
    const mark = this.#dictionary.mark()
    try {
      const answer = this.#answer(job)
      if (answer.kind === 'commit' && answer.result.kind !== 'committed') this.#takeBack(mark)
      this.#do('RELEASE job')
      return answer
    } catch (error) {
      // What the disk refuses to one it refuses to all; anything else is this job's own fault.
      if (isStorageError(error) || !this.#statements.db.inTransaction) throw error
      this.#takeBack(mark)
      this.#do('RELEASE job')
      return failed(requestFailed(error))
    }
  }

  #answer(job: Job): Answer {
    switch (job.kind) {
      case 'commit':
        return { kind: 'commit', result: this.#turn.commit(job.commit, job.time) }
      case 'replace-indexes':
        return { kind: 'replace-indexes', replaced: this.#turn.replaceIndexes(job.items) }
      case 'set':
        this.#statements.run(
          sql`INSERT INTO setting (name, value) VALUES (${job.name}, ${job.value}) ON CONFLICT DO UPDATE SET value = excluded.value`,
        )
        return { kind: 'set' }
      case 'index-words':
        this.#textIndexer.step(TEXT_INDEX_BYTES)
        return { kind: 'index-words' }
    }
  }

  #takeBack(mark: number): void {
    this.#do('ROLLBACK TO job')
    this.#dictionary.forgetSince(mark)
  }

  #do(text: string): void {
    this.#statements.prepared(text).run()
  }
}

/** https://sqlite.org/pragma.html#pragma_synchronous */
const SYNCHRONOUS_NORMAL = 1

export function failed({ code, message, detail = '', cause }: FhirError): FailedAnswer {
  const stack = cause instanceof Error ? (cause.stack ?? '') : ''
  return { kind: 'failed', code, message, detail: `${detail}\n${stack}` }
}
