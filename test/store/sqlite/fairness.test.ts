// More work than the store can do: askers take turns, and what nobody waits for any more is not done.
import t from 'tap'
import {
  and,
  not,
  SEE_EVERYTHING,
  searchQuery,
  stringMatch,
  tokenMatch,
  type Store,
} from '../../../src/store/index.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { commit, put, write } from '../../contract/world.ts'
import { asker } from '../asking.ts'

const one = (id: string) => commit([put('Patient', id)])

/** No index serves it. */
const LONG = searchQuery({
  type: 'Observation',
  where: and([not(tokenMatch('code', undefined, 'c1')), not(not(stringMatch('name', '777 end', 'ends')))]),
})

async function fill(store: Store, count: number): Promise<void> {
  for (let n = 0; n < count; n += 500)
    await write(
      store,
      ...Array.from({ length: 500 }, (_, at) =>
        put('Observation', `o${n + at}`, {
          entries: [
            { kind: 'token', param: 'code', system: 'urn:s', code: `c${n % 7}` },
            { kind: 'string', param: 'name', folded: `name ${n + at} end`, exact: `name ${n + at} end` },
          ],
        }),
      ),
    )
}

t.test('a flood of writes does not hold up another who writes little', async (t) => {
  const store = await openSqliteStore({ file: ':memory:', maxQueued: 4000 })
  const done: string[] = []
  const greedy = asker('greedy')
  const flood = Array.from({ length: 2500 }, async (_, n) => {
    await store.commit(one(`g${n}`), greedy)
    done.push('greedy')
  })
  const modest = Array.from({ length: 10 }, async (_, n) => {
    await store.commit(one(`m${n}`), asker('modest'))
    done.push('modest')
  })
  await Promise.all(modest)
  t.ok(done.filter((name) => name === 'greedy').length <= 1000, 'it went with the first batches')
  await Promise.all(flood)
  t.equal((await store.maintenance.counts()).resources, 2510, 'and nothing was lost')
  await store.close()
})

t.test('one who floods the queue leaves places to others', async (t) => {
  const store = await openSqliteStore({ file: ':memory:', maxQueued: 160 })
  const outcomes = await Promise.allSettled([
    ...Array.from({ length: 400 }, (_, n) => store.commit(one(`g${n}`), asker('greedy'))),
    ...Array.from({ length: 20 }, (_, n) => store.commit(one(`m${n}`), asker('modest'))),
  ])
  const greedy = outcomes.slice(0, 400).filter(({ status }) => status === 'rejected')
  t.ok(greedy.length > 200, `${greedy.length} refused`)
  for (const refused of greedy)
    if ((refused as PromiseRejectedResult).reason.code !== 'overloaded') t.fail('refused otherwise')
  t.same(
    outcomes.slice(400).filter(({ status }) => status === 'rejected'),
    [],
    'the other is served',
  )
  await store.close()
})

t.test('a write whose asker leaves before its turn is not done, and gives its place back', async (t) => {
  const store = await openSqliteStore({ file: ':memory:', maxQueued: 1 })
  const left = asker('left')
  const write = store.commit(one('left'), left)
  left.leave()
  await t.rejects(write, { code: 'timed-out' })
  await t.rejects(store.commit(one('later'), left), { code: 'timed-out' }, 'nor is a later one of the same')
  await store.commit(one('there'))
  t.equal(await store.read({ type: 'Patient', id: 'left' }, SEE_EVERYTHING), undefined)
  t.equal((await store.maintenance.counts()).resources, 1)

  const late = asker('late')
  const handed = store.commit(one('handed'), late)
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  late.leave()
  t.match(await handed, { kind: 'committed' }, 'what the writer has is done all the same')
  await store.close()
})

t.test('long searches', async (t) => {
  const store = await openSqliteStore({ file: ':memory:' })
  await fill(store, 12_000)
  const search = (name: string) => store.search(LONG, SEE_EVERYTHING, asker(name))

  t.test('of one do not hold up another, and are refused beyond a bound', async (t) => {
    const done: string[] = []
    const told = async (name: string): Promise<void> => {
      await search(name)
      done.push(name)
    }
    const many = Promise.allSettled(Array.from({ length: 200 }, () => told('greedy')))
    const few = Array.from({ length: 2 }, () => told('modest'))
    await Promise.all(few)
    t.ok(done.length <= 10, `they were among the first ${done.length}`)
    const refused = (await many).filter((it) => it.status === 'rejected')
    t.ok(refused.length >= 136 && refused.length < 200, `${refused.length} refused`)
    for (const { reason } of refused) if (reason.code !== 'overloaded') t.fail(`${reason}`)
    t.equal((await search('later')).matches.length > 5, true, 'afterwards all is as before')
  })

  t.test('are not made, or given up, when their asker leaves', async (t) => {
    const leaving = Array.from({ length: 30 }, () => asker('leaving'))
    const searches = Promise.allSettled(leaving.map((it) => store.search(LONG, SEE_EVERYTHING, it)))
    // Two are in their threads; while no turn of the loop ends, the others wait, however quick the threads are.
    for (const it of leaving) it.leave()
    const told = (await searches).flatMap((it) => (it.status === 'rejected' ? [it.reason.code] : []))
    t.ok(told.length >= 28, `${told.length} of 30`)
    t.same(
      [...new Set(told)].toSorted().filter((code) => code !== 'timed-out' && code !== 'too-costly'),
      [],
    )
    t.ok((await search('other')).matches.length > 5)
  })
  t.teardown(() => store.close())
})

t.test('a search that takes longer than it may', async (t) => {
  const store = await openSqliteStore({ file: ':memory:', longestSearchMs: 1 })
  t.teardown(() => store.close())
  await fill(store, 12_000)
  let refusal: unknown
  for (let tries = 0; tries < 100 && refusal === undefined; tries++)
    try {
      t.ok((await store.search(LONG, SEE_EVERYTHING)).matches.length > 5, 'in time, and right')
    } catch (error) {
      refusal = error
    }
  t.match(refusal, { code: 'too-costly', message: /took too long/ })
  const quick = searchQuery({ type: 'Observation', where: tokenMatch('code', undefined, 'c2'), count: 5 })
  t.equal((await store.search(quick, SEE_EVERYTHING)).matches.length, 5, 'others are answered')
})
