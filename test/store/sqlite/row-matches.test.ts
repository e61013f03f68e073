// A condition evaluated on the rows kept with a version says of every resource what the same condition says in SQL.
import fc from 'fast-check'
import t from 'tap'
import { SEE_EVERYTHING, typedCondition, type Expression } from '../../../src/store/index.ts'
import { AsOf } from '../../../src/store/sqlite/as-of.ts'
import { openConnection } from '../../../src/store/sqlite/connection.ts'
import { Dictionary } from '../../../src/store/sqlite/dictionary.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { meets } from '../../../src/store/sqlite/row-matches.ts'
import { sql } from '../../../src/store/sqlite/sql.ts'
import { Statements } from '../../../src/store/sqlite/statements.ts'
import { filter, START, step, TICK, TYPES } from '../../contract/arbitraries.ts'
import { expression } from '../../contract/questions.ts'
import { handClock, put, remove } from '../../contract/world.ts'
import { testFolder } from './folder.ts'
import { runs } from '../../runs.ts'

const RUNS = runs(8, 400).numRuns
const QUESTIONS = 250

t.setTimeout(600_000)
t.test('every node, of every resource', async (t) => {
  const file = testFolder(t)
  const matched = new Map<string, { yes: number; no: number }>()
  for (let run = 0; run < RUNS; run++) {
    const clock = handClock(START)
    const place = file(`${run}.db`)
    const store = await openSqliteStore({ file: place, now: clock.now })
    for (const { wait, writes } of fc.sample(step, { seed: run, numRuns: 30 })) {
      clock.time += wait * TICK
      await store.commit({
        access: SEE_EVERYTHING,
        assertions: [],
        writes: writes.map(({ key, content }) =>
          content === undefined ? remove(key.type, key.id) : put(key.type, key.id, content),
        ),
      })
    }
    const db = openConnection({ file: place, key: undefined, readonly: true })
    const statements = new Statements(db)
    const reading = {
      statements,
      dictionary: new Dictionary(statements),
    }
    const rids = statements.rows<[number]>(sql`SELECT rid FROM res WHERE owner = 0`).map(([rid]) => rid)
    const questions = fc.sample(fc.tuple(expression, fc.oneof(fc.constant(SEE_EVERYTHING), filter)), {
      seed: run,
      numRuns: QUESTIONS,
    })
    for (const [where, access] of questions) {
      const asOf = new AsOf(reading, access)
      const there = rids.map((rid) => asOf.at(rid)).filter((one) => one !== undefined)
      for (const type of TYPES) {
        const condition = typedCondition(type, where)
        const byRows = there.filter((one) => meets(one, condition, asOf)).map(({ id }) => id)
        const bySql = await store.matches(type, where, 1000, access)
        const same = byRows.toSorted().join() === bySql.toSorted().join()
        if (!same)
          t.strictSame(byRows.toSorted(), bySql.toSorted(), `${type} ${JSON.stringify([where, access])}`)
        const count = matched.get(where.kind) ?? { yes: 0, no: 0 }
        matched.set(where.kind, {
          yes: count.yes + byRows.length,
          no:
            count.no +
            there.filter((one) => one.type === reading.dictionary.type(type)).length -
            byRows.length,
        })
      }
    }
    db.close()
    await store.close()
  }
  const kinds: readonly Expression['kind'][] = [
    'and',
    'or',
    'not',
    'id',
    'last-updated',
    'compartment',
    'presence',
    'token',
    'token-set',
    'string',
    'string-order',
    'reference',
    'date',
    'number',
    'quantity',
    'uri',
    'uri-below',
    'unlike',
    'near',
    'text',
    'composite',
    'chain',
    'has',
    'contains',
  ]
  for (const kind of kinds) {
    const { yes = 0, no = 0 } = matched.get(kind) ?? {}
    t.ok(yes > 0 && no > 0, `${kind} held of some and not of others`)
  }
})
