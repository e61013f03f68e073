// Runs batches of jobs: one transaction and one sync for all, each job all or nothing.
import type { Answer, Job } from './jobs.ts'
import { STORAGE_FAILED } from './jobs.ts'
import { FhirError } from '../../fhir/errors.ts'
import { sqliteCode } from './connection.ts'
import type { GrowingDictionary } from './dictionary.ts'
import { sql } from './sql.ts'
import type { Turn } from './turn.ts'
import type { Statements } from './statements.ts'

export class Batches {
  readonly #statements: Statements
  readonly #dictionary: GrowingDictionary
  readonly #turn: Turn

  constructor(statements: Statements, dictionary: GrowingDictionary, turn: Turn) {
    this.#statements = statements
    this.#dictionary = dictionary
    this.#turn = turn
  }

  /** One answer for each job; durable when it returns. When the disk refuses, nothing of the batch is there. */
  run(jobs: readonly Job[]): Answer[] {
    try {
      this.#do('BEGIN IMMEDIATE')
      const answers = jobs.map((job) => this.#run(job))
      this.#do('COMMIT')
      this.#dictionary.keep()
      return answers
    } catch (error) {
      this.#dictionary.forgetSince(0)
      if (this.#statements.db.inTransaction) this.#do('ROLLBACK')
      const answer = failed(error, 'storage-failed', STORAGE_FAILED)
      return jobs.map(() => answer)
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
      return error instanceof FhirError
        ? failed(error, error.code, error.message)
        : failed(error, 'internal', 'The server failed to store this.')
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

/** A full or failing disk, memory at its end: no fault of what was to be written. */
function isStorageError(error: unknown): boolean {
  const code = sqliteCode(error)
  return (
    code !== undefined &&
    /^SQLITE_(FULL|IOERR|READONLY|NOMEM|CANTOPEN|BUSY|CORRUPT|NOTADB|PROTOCOL)/.test(code)
  )
}

function failed(error: unknown, code: FhirError['code'], message: string): Answer {
  const detail = error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error)
  return { kind: 'failed', code, message, detail }
}
