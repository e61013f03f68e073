// Reads of one turn share a transaction; nobody who knows of a write reads what was before it.
import t from 'tap'
import { SEE_EVERYTHING, searchQuery } from '../../../src/store/index.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { put, write } from '../../contract/world.ts'

const KEY = { type: 'Patient', id: 'p' }

t.test('a write that was answered is read at once, however many others are reading', async (t) => {
  const store = await openSqliteStore({ file: ':memory:' })
  t.teardown(() => store.close())
  let reading = true
  // Microtasks, turns and reads in each of them keep a transaction open nearly always.
  const others = Array.from({ length: 4 }, async () => {
    while (reading) {
      await store.read(KEY, SEE_EVERYTHING)
      await Promise.resolve()
      await store.read(KEY, SEE_EVERYTHING)
      await new Promise((resolve) => setImmediate(resolve))
    }
  })
  let stale = 0
  for (let n = 1; n <= 300; n++) {
    const [result] = await write(store, put('Patient', 'p', { text: `"n":"${n}"` }))
    if ((await store.read(KEY, SEE_EVERYTHING))?.versionId !== result?.versionId) stale++
  }
  reading = false
  await Promise.all(others)
  t.equal(stale, 0)
  t.ok(((await store.read(KEY, SEE_EVERYTHING))?.versionId ?? 0) > 0)
})

t.test('reads of one turn see one moment', async (t) => {
  const store = await openSqliteStore({ file: ':memory:' })
  t.teardown(() => store.close())
  await write(store, put('Patient', 'p'), put('Patient', 'q'))
  const [p, q] = await Promise.all([
    store.read(KEY, SEE_EVERYTHING),
    store.read({ ...KEY, id: 'q' }, SEE_EVERYTHING),
  ])
  t.equal(p?.lastUpdated, q?.lastUpdated)
  await t.rejects(
    store.search(searchQuery({ type: 'Patient', count: 1, cursor: 'no cursor' }), SEE_EVERYTHING),
    { code: 'invalid-search' },
  )
  t.equal((await store.read(KEY, SEE_EVERYTHING))?.versionId, 1, 'a failed read leaves nothing behind')
})
