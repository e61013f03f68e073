// Pages of large resources end early, so that none outgrows the memory; following `next` still gives every one.
import t from 'tap'
import { SEE_EVERYTHING, searchQuery } from '../../../src/store/index.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { historyPages, pages, put, remove, write } from '../../contract/world.ts'

const LARGE = { text: `"data":"${'x'.repeat(1000)}"` }

t.test('pages end early', async (t) => {
  const store = await openSqliteStore({ file: ':memory:', pageBytes: 2500 })
  for (let n = 0; n < 5; n++) await write(store, put('Binary', `b${n}`, LARGE))
  await write(store, put('Binary', 'small'), put('Binary', 'small2'))
  await write(store, put('Binary', 'huge', { text: `"data":"${'x'.repeat(9000)}"` }))
  await write(store, remove('Binary', 'b0'))

  const idsOf = (found: readonly (readonly { readonly id: string }[])[]): string[] =>
    found.map((page) => page.map(({ id }) => id).join(' '))
  t.strictSame(idsOf(await pages(store, { type: 'Binary', count: 100 })), [
    'huge',
    'small2 small b4 b3',
    'b2 b1',
  ])
  for (const count of [1, 2, 3])
    t.strictSame(
      (await pages(store, { type: 'Binary', count })).flat().map(({ id }) => id),
      ['huge', 'small2', 'small', 'b4', 'b3', 'b2', 'b1'],
      `at most ${count}`,
    )
  for (const scope of [{ kind: 'system' }, { kind: 'type', type: 'Binary' }] as const)
    t.strictSame(idsOf(await historyPages(store, { scope, count: 100 })), [
      'b0',
      'huge',
      'small2 small b4 b3',
      'b2 b1',
      'b0',
    ])
  await store.close()
})

t.test('a page says what its bodies stand in, and nothing else does', async (t) => {
  const store = await openSqliteStore({ file: ':memory:' })
  t.teardown(() => store.close())
  for (let n = 0; n < 30; n++) await write(store, put('Binary', `b${n}`, LARGE))
  for (const count of [1, 7, 30]) {
    const ask = () => store.search(searchQuery({ type: 'Binary', count }), SEE_EVERYTHING)
    const [page, other] = [await ask(), await ask()]
    const texts = other.matches.map(({ body }) => String(body))
    const read = await store.read({ type: 'Binary', id: 'b29' }, SEE_EVERYTHING)
    const stand = new Set(page.matches.map(({ body }) => body?.buffer as unknown))
    t.strictSame(stand, new Set<unknown>(page.memory))
    for (const memory of page.memory ?? []) memory.transfer(0)
    t.ok(page.matches.every(({ body }) => body?.length === 0))
    t.strictSame(
      other.matches.map(({ body }) => String(body)),
      texts,
    )
    t.match(String(read?.body), '"id":"b29"')
    t.strictSame(
      (await ask()).matches.map(({ body }) => String(body)),
      texts,
    )
  }
})
