// The store contract on the SQLite store.
import t from 'tap'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { storeContract } from './store-contract.ts'

t.setTimeout(600_000)
storeContract(t, 'SQLite', async ({ file = ':memory:', now } = {}) =>
  openSqliteStore({ file, ...(now === undefined ? {} : { now }) }),
)
