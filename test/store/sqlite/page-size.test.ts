// Pages of large resources end early, so that none outgrows the memory; following `next` still gives every one.
import t from 'tap'
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
