// What is kept between two commits is forgotten with the next, whoever makes it.
import { join } from 'node:path'
import t from 'tap'
import Database from 'better-sqlite3-multiple-ciphers'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { SnapshotMemory } from '../../../src/store/sqlite/snapshot-memory.ts'
import { and, chainMatch, stringMatch, tokenMatch, typedCondition } from '../../../src/store/index.ts'
import { ids, put, search, write } from '../../contract/world.ts'

function twoConnections(t: { testdir(): string; teardown(end: () => void): void }) {
  const file = join(t.testdir(), 'a.db')
  const [here, other] = [new Database(file), new Database(file)]
  t.teardown(() => {
    here.close()
    other.close()
  })
  here.pragma('journal_mode = WAL')
  here.exec('CREATE TABLE a (n INTEGER)')
  const memory = new SnapshotMemory(here)
  const count = here.prepare('SELECT count(*) FROM a').pluck()
  let asked = 0
  const ask = () => {
    asked++
    return count.get() as number
  }
  return {
    memory,
    add: () => other.exec('INSERT INTO a VALUES (1)'),
    /** In a transaction of its own: what is found, and how often the table was asked for it. */
    read: (times = 1, between = () => {}) => {
      asked = 0
      here.exec('BEGIN')
      memory.begin()
      const found: number[] = []
      for (let n = 0; n < times; n++) {
        found.push(memory.once('count', ask))
        between()
      }
      memory.end()
      here.exec('COMMIT')
      return { found, asked }
    },
    ask: () => memory.once('count', ask),
  }
}

t.test('holds until another connection commits', async (t) => {
  const { add, read } = twoConnections(t)
  t.strictSame(read(2), { found: [0, 0], asked: 1 })
  t.strictSame(read(), { found: [0], asked: 0 }, 'nothing was committed meanwhile')
  add()
  t.strictSame(read(), { found: [1], asked: 1 })
  t.strictSame(read(2, add), { found: [1, 1], asked: 0 }, 'a transaction reads one moment')
  t.strictSame(read(), { found: [3], asked: 1 })
  add()
  t.strictSame(read(0), { found: [], asked: 0 })
  t.strictSame(read(), { found: [4], asked: 1 }, 'also when a transaction between them asked for nothing')
})

t.test('outside of transactions nothing is kept', async (t) => {
  const { add, ask, read } = twoConnections(t)
  t.equal(ask(), 0)
  add()
  t.equal(ask(), 1)
  t.strictSame(read(), { found: [1], asked: 1 })
  add()
  t.equal(ask(), 2)
})

t.test('that there is none is kept too', async (t) => {
  const { memory, read } = twoConnections(t)
  read()
  memory.begin()
  let asked = 0
  const nothing = () => {
    asked++
    return undefined
  }
  t.strictSame([memory.once('x', nothing), memory.once('x', nothing), asked], [undefined, undefined, 1])
})

t.test('what is named at length is not kept', async (t) => {
  const { memory, read } = twoConnections(t)
  read()
  memory.begin()
  let asked = 0
  const ask = () => ++asked
  for (const length of [300, 301]) for (let n = 0; n < 2; n++) memory.once('x'.repeat(length), ask)
  t.equal(asked, 3, 'once the shorter, each time the longer')
})

t.test(
  'what is asked of one object is told apart by what is asked, and forgotten with the next commit',
  async (t) => {
    const { memory, add, read } = twoConnections(t)
    const [one, other, filter] = [{}, {}, {}]
    let asked = 0
    const ask = () => ++asked
    const all = () => {
      read()
      memory.begin()
      return [
        memory.onceOf(one, [1, filter], ask),
        memory.onceOf(one, [1, filter], ask),
        memory.onceOf(one, [1, {}], ask),
        memory.onceOf(one, [1], ask),
        memory.onceOf(other, [1, filter], ask),
      ]
    }
    t.strictSame(all(), [1, 1, 2, 3, 4])
    t.equal(memory.onceOf(one, [1, filter], ask), 1)
    memory.end()
    t.equal(memory.onceOf(one, [1, filter], ask), 5, 'not outside of a transaction')
    add()
    t.strictSame(all(), [6, 6, 7, 8, 9])
  },
)

t.test('a search finds what was not known to it a moment before', async (t) => {
  const store = await openSqliteStore({ file: ':memory:' })
  t.teardown(() => store.close())
  const byCode = (code: string) => ({ type: 'Observation', where: tokenMatch('code', undefined, code) })
  const byName = {
    type: 'Observation',
    where: and([
      chainMatch('subject', [typedCondition('Patient', stringMatch('name', 'ada'))]),
      tokenMatch('code', 's', 'c'),
    ]),
  }
  const found = async (query: Parameters<typeof search>[1]) => ids((await search(store, query)).matches)
  t.strictSame(await found(byCode('c')), [], 'no such type')
  const observation = (id: string, system: string, patient: string) =>
    put('Observation', id, {
      entries: [
        { kind: 'token', param: 'code', system, code: 'c' },
        { kind: 'reference', param: 'subject', target: { kind: 'local', type: 'Patient', id: patient } },
      ],
    })
  await write(store, observation('a', 's', 'p'))
  t.strictSame(await found(byCode('c')), ['a'])
  t.strictSame(await found(byName), [], 'no such patient')
  await write(
    store,
    put('Patient', 'p', { entries: [{ kind: 'string', param: 'name', folded: 'ada', exact: 'Ada' }] }),
  )
  t.strictSame(await found(byName), ['a'], 'referred to before it was there')
  await write(store, observation('b', 'another', 'p'))
  t.strictSame((await found(byCode('c'))).toSorted(), ['a', 'b'], 'the same code of another system')
})
