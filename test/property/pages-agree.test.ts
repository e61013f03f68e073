// Random searches read page by page, there and back, while others write: each shows the moment of its first page, but
// for what has been hidden since, and the SQLite store shows what the naive store shows.
import fc from 'fast-check'
import t from 'tap'
import { searchQuery, type AccessFilter, type SearchPage, type Store } from '../../src/store/index.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { filter, nameOf, START, step, TICK, type Step } from '../contract/arbitraries.ts'
import { putsHidden } from '../contract/naive-access.ts'
import { openNaiveStore } from '../contract/naive-store.ts'
import { agree } from '../contract/non-interference.ts'
import { asked, type Asked } from '../contract/questions.ts'
import { handClock, put, remove, write } from '../contract/world.ts'

const LONG = process.env.ALCOVE_TEST_LONG !== undefined
const MOST_PAGES = 100

/** One search in one store, as far as it has been read. */
interface Reader {
  readonly store: Store
  readonly whole: SearchPage
  readonly forth: SearchPage[]
  readonly back: SearchPage[]
}

const told = (page: SearchPage) =>
  page.matches.map((one) => `${nameOf(one)}@${one.versionId} ${String(one.body)}`)

function shown(page: SearchPage, exact: boolean) {
  const { total, includedCut, included, next, previous } = page
  const names = included.map((one) => `${nameOf(one)}@${one.versionId}`).toSorted()
  return {
    matches: exact ? told(page) : page.matches.length,
    included: exact ? (includedCut ? names.length : names) : undefined,
    includedCut: exact ? includedCut : undefined,
    total,
    more: [next !== undefined, previous !== undefined],
  }
}

async function play(stores: readonly Store[], writes: Step): Promise<void> {
  for (const store of stores)
    await write(
      store,
      ...writes.map(({ key: { type, id }, content }) =>
        content === undefined ? remove(type, id) : put(type, id, content),
      ),
    )
}

t.setTimeout(LONG ? 3_600_000 : 600_000)
t.test('pages under writes: the moment of the first', async (t) => {
  let pages = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 8, maxLength: 20, size: 'max' }),
      fc.array(step, { minLength: 5, maxLength: 12, size: 'max' }),
      fc.array(fc.tuple(asked, filter, fc.integer({ min: 1, max: 3 })), {
        minLength: 6,
        maxLength: 10,
        size: 'max',
      }),
      async (before, meanwhile, questions) => {
        const clock = handClock(START)
        const naive = openNaiveStore({ now: clock.now })
        const sqlite = await openSqliteStore({ file: ':memory:', now: clock.now })
        const stores = [naive, sqlite]
        try {
          for (const { wait, writes } of before) {
            clock.time += wait * TICK
            await play(stores, writes)
          }
          const ask = (store: Store, query: Asked, access: AccessFilter, more: object) =>
            store.search(searchQuery({ ...query, total: 'accurate', ...more }), access)
          const readings = []
          for (const [query, access, count] of questions) {
            const readers: Reader[] = []
            for (const store of stores) {
              const whole = await ask(store, query, access, { count: 1000 })
              const first = await ask(store, query, access, { count })
              readers.push({ store, whole, forth: [first], back: [] })
            }
            readings.push({ query, access, count, readers })
          }
          for (let turn = 0, going = true; going; turn++) {
            if (turn > MOST_PAGES) throw new Error('the pages do not end')
            const { wait, writes } = meanwhile[turn % meanwhile.length]!
            clock.time += wait * TICK
            await play(stores, writes)
            going = false
            for (const { query, access, count, readers } of readings)
              for (const { store, forth, back } of readers) {
                const onward = back.length === 0 ? forth.at(-1)!.next : undefined
                const backward = onward === undefined ? (back.at(-1) ?? forth.at(-1)!).previous : undefined
                const cursor = onward ?? backward
                if (cursor === undefined) continue
                const page = await ask(store, query, access, { count, cursor })
                ;(onward === undefined ? back : forth).push(page)
                pages += 1
                going = true
              }
          }
          for (const { query, access, readers } of readings) {
            const exact = query.sort.length > 0
            const hidden = putsHidden(
              access,
              meanwhile.flatMap(({ writes }) => writes),
            )
            for (const { whole, forth, back } of readers) {
              agree(
                forth.flatMap(told).filter((one) => !hidden || !told(whole).includes(one)),
                hidden ? [] : told(whole),
              )
              agree(
                forth.map(({ total }) => total),
                forth.map(() => whole.matches.length),
              )
              if (hidden) continue
              agree(
                back.toReversed().map((page) => shown(page, true)),
                forth.slice(0, -1).map((page) => shown(page, true)),
              )
            }
            const [ours, theirs] = [readers[1]!, readers[0]!]
            agree(told(ours.whole).toSorted(), told(theirs.whole).toSorted())
            // What is hidden is on pages of its own in each store's own order.
            if (hidden && !exact) continue
            for (const way of ['forth', 'back'] as const)
              agree(
                ours[way].map((page) => shown(page, exact)),
                theirs[way].map((page) => shown(page, exact)),
              )
          }
        } finally {
          await sqlite.close()
        }
      },
    ),
    { numRuns: LONG ? 1000 : 25, seed: 20_261_124 },
  )
  t.ok(pages > 200, `${pages} pages`)
})
