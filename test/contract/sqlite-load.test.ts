// The store contract on the SQLite store as a load opens it: index rows are held back, and no answer tells.
import t from 'tap'
import { LONG } from '../runs.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { storeContract, type Part } from './store-contract.ts'

/**
 * What writes of every kind leave behind, and what is asked between them. The others ask in many ways of what was written
 * before: once the rows are in their tables, which the first question sees to, that is what sqlite.test.ts asks.
 */
const PARTS: readonly Part[] = [
  'versions',
  'commits',
  'values',
  'composites',
  'contained',
  'moments',
  'history',
  'labels',
  'non-interference',
  'maintenance',
]

t.setTimeout(600_000)
storeContract(
  t,
  'SQLite under a load',
  async ({ file = ':memory:', now } = {}) =>
    openSqliteStore({ file, loads: true, ...(now === undefined ? {} : { now }) }),
  LONG ? undefined : PARTS,
)
