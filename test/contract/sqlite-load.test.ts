// The store contract on the SQLite store as a load opens it: index rows are held back, and no answer tells.
import t from 'tap'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { storeContract } from './store-contract.ts'

t.setTimeout(600_000)
storeContract(t, 'SQLite under a load', async ({ file = ':memory:', now } = {}) =>
  openSqliteStore({ file, loads: true, ...(now === undefined ? {} : { now }) }),
)
