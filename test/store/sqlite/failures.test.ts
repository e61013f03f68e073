// What the log is told of a job that failed: where and how, and nothing of what is stored.
import t from 'tap'
import { failed } from '../../../src/store/sqlite/batches.ts'
import { outcomeUnknown, requestFailed, storageFailed } from '../../../src/store/sqlite/failures.ts'

const WAYS = { requestFailed, storageFailed, outcomeUnknown }

for (const [name, told] of Object.entries(WAYS)) {
  t.test(`${name}: what could not be parsed is not quoted`, async (t) => {
    let cause: unknown
    try {
      JSON.parse('Delgado')
    } catch (error) {
      cause = error
    }
    t.match(String(cause), /Delgado/, 'the parser quotes')
    const error = told(cause)
    t.notMatch(error.detail ?? '', /Delgado/)
    const { detail } = failed(error)
    t.notMatch(detail, /Delgado/)
    t.match(detail, /^\nSyntaxError\nat /)
  })

  t.test(`${name}: SQLite's words are told, for they name tables and rules`, async (t) => {
    const cause = new Error('UNIQUE constraint failed: res.type, res.id')
    t.match(failed(told(cause)).detail, /^UNIQUE constraint failed: res.type, res.id\nError\nat /)
  })
}
