// Runs batches of jobs: one transaction and one sync for all, each job all or nothing.
import type { Answer, Job } from './jobs.ts'
import { isStorageError, requestFailed, storageFailed } from './failures.ts'
import type { FhirError } from '../../fhir/errors.ts'
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
      const answer = failed(storageFailed(error))
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

function failed({ code, message, detail = '', cause }: FhirError): Answer {
  const stack = cause instanceof Error ? (cause.stack ?? '') : ''
  return { kind: 'failed', code, message, detail: `${detail}\n${stack}` }
}
