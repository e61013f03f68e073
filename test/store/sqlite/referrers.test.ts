// More referrers than are looked for on the thread that answers everybody are found elsewhere, page by page.
import t from 'tap'
import type { ResourceKey } from '../../../src/store/index.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { put, remove, write } from '../../contract/world.ts'

const COUNT = 7000
const TARGET: ResourceKey = { type: 'Organization', id: 'org' }
const entries = [{ kind: 'reference', param: 'provider', target: { kind: 'local', ...TARGET } }] as const

t.test('a walk over many, while others write', async (t) => {
  const store = await openSqliteStore({ file: ':memory:' })
  t.teardown(() => store.close())
  for (let at = 0; at < COUNT; at += 1000)
    await write(
      store,
      ...Array.from({ length: 1000 }, (_, nth) => put('Encounter', `e${at + nth}`, { entries, date: -nth })),
    )
  await write(store, put(TARGET.type, TARGET.id))
  const found: string[] = []
  for (let behind: ResourceKey | undefined; ; ) {
    const page = await store.referrers(TARGET, 1500, behind)
    found.push(...page.map(({ id }) => id))
    behind = page.at(-1)
    if (page.length < 1500) break
    // Of what is behind, and what is still to come.
    await write(
      store,
      remove('Encounter', `e${found.length - 1}`),
      put('Encounter', `e${found.length}`, { entries, date: 9 }),
    )
  }
  t.strictSame(
    found,
    Array.from({ length: COUNT }, (_, at) => `e${at}`),
  )
})
