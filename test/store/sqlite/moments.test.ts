// Pages under random writes: all that was there and is shown on later pages, or by the pages back, is as it was on the
// first; what has been hidden since is on none.
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import {
  searchQuery,
  SEE_EVERYTHING,
  type AccessFilter,
  type SearchPage,
  type Store,
} from '../../../src/store/index.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { filter, START, step, TICK } from '../../contract/arbitraries.ts'
import { putsHidden } from '../../contract/naive-access.ts'
import { agree } from '../../contract/non-interference.ts'
import { openNaiveStore } from '../../contract/naive-store.ts'
import { asked, type Asked } from '../../contract/questions.ts'
import { handClock, put, remove } from '../../contract/world.ts'
import { runs } from '../../runs.ts'

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

const RUNS = runs(15, 500).numRuns
const PAGE = 2
/** No page is read for longer. */
const MOST_PAGES = 100

function commitOf({ writes }: Step) {
  return {
    access: SEE_EVERYTHING,
    assertions: [],
    writes: writes.map(({ key, content }) =>
      content === undefined ? remove(key.type, key.id) : put(key.type, key.id, content),
    ),
  }
}

interface Reader {
  readonly query: Asked
  readonly access: AccessFilter
  /** All that matched when the first page was read. */
  readonly whole: SearchPage
  page: SearchPage
  readonly forth: SearchPage[]
}

/** The pages from the first to the last, each read when others have written again; then the way back. */
async function walked(
  store: Store,
  questions: readonly (readonly [Asked, AccessFilter])[],
  write: (round: number) => Promise<boolean>,
) {
  const ask = (query: Asked, access: AccessFilter, more: object) =>
    store.search(searchQuery({ ...query, total: 'accurate', ...more }), access)
  const readers: Reader[] = []
  for (const [query, access] of questions) {
    const whole = await ask(query, access, { count: 10_000 })
    const page = await ask(query, access, { count: PAGE })
    readers.push({ query, access, whole, page, forth: [page] })
  }
  for (let round = 0, going = true; going && round < MOST_PAGES; round++) {
    const written = await write(round)
    going = written
    for (const reader of readers) {
      const cursor = reader.page.next
      if (cursor === undefined) continue
      reader.page = await ask(reader.query, reader.access, { count: PAGE, cursor })
      reader.forth.push(reader.page)
      going = true
    }
  }
  const answers = []
  for (const { query, access, whole, forth } of readers) {
    const back = [forth.at(-1)!]
    while (back[0]!.previous !== undefined && back.length <= forth.length)
      back.unshift(await ask(query, access, { count: PAGE, cursor: back[0]!.previous }))
    answers.push({ query, access, whole, forth, back })
  }
  return answers
}

/** Whether something that may have been seen before is hidden by one of the writes. */
function isHidden(access: AccessFilter, steps: readonly Step[]): boolean {
  return putsHidden(
    access,
    steps.flatMap(({ writes }) => writes),
  )
}

const bodies = (pages: readonly SearchPage[]) => pages.flatMap(({ matches }) => matches)

const isAmong = (one: SearchPage['matches'][number], others: SearchPage['matches']) =>
  others.some((other) => isDeepStrictEqual(other, one))

/** What is included with a page, where an order is promised, so that pages of two stores hold the same. */
const includes = (query: Asked, pages: readonly SearchPage[]) =>
  query.sort.length === 0
    ? []
    : pages.map(({ included, includedCut }) =>
        includedCut
          ? [included.length]
          : included.toSorted((a, b) => (`${a.type}/${a.id}` < `${b.type}/${b.id}` ? -1 : 1)),
      )

t.setTimeout(600_000)
t.test('random worlds, random searches, random writes between the pages', async (t) => {
  let later = 0
  let hidden = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 10, maxLength: 25, size: 'max' }),
      fc.array(step, { minLength: 3, maxLength: 12, size: 'max' }),
      fc.array(fc.tuple(asked, fc.oneof(fc.constant(SEE_EVERYTHING), filter)), {
        minLength: 10,
        maxLength: 25,
        size: 'max',
      }),
      async (before, meanwhile, questions) => {
        const clock = handClock(START)
        const naive = openNaiveStore({ now: clock.now })
        const sqlite = await openSqliteStore({ file: ':memory:', now: clock.now })
        const write = async (store: Store, one: Step) => {
          clock.time += one.wait * TICK
          await store.commit(commitOf(one))
        }
        const both = async (store: Store) => {
          clock.time = START
          for (const one of before) await write(store, one)
          return walked(store, questions, async (round) => {
            const next = meanwhile[round]
            if (next !== undefined) await write(store, next)
            return next !== undefined
          })
        }
        try {
          const expected = await both(naive)
          const found = await both(sqlite)
          for (const [at, { query, access, whole, forth, back }] of found.entries()) {
            later += forth.length - 1
            const shown = JSON.stringify(query)
            const naive = expected[at]!
            const told = (pages: readonly SearchPage[]) => [shown, pages.map(({ matches }) => matches)]
            agree([shown, forth.map(({ total }) => total)], [shown, forth.map(() => whole.matches.length)])
            agree([shown, includes(query, forth)], [shown, includes(query, naive.forth)])
            agree([shown, includes(query, back)], [shown, includes(query, naive.back)])
            if (query.sort.length > 0) {
              agree(told(forth), told(naive.forth))
              agree(told(back), told(naive.back))
            }
            if (isHidden(access, meanwhile)) {
              hidden++
              const onPages = bodies(forth)
              agree([shown, onPages.filter((one) => !isAmong(one, whole.matches))], [shown, []])
              continue
            }
            agree([shown, bodies(forth)], [shown, whole.matches])
            agree(told(back), told(forth))
            agree([shown, includes(query, back)], [shown, includes(query, forth)])
          }
        } finally {
          await sqlite.close()
        }
      },
    ),
    { numRuns: RUNS, seed: 20_261_124 },
  )
  t.ok(later > RUNS, 'later pages were read')
  t.ok(hidden > RUNS, 'some were hidden meanwhile')
})

/** Rather those whose answer depends on other resources, which may change as well. */
const following = asked.filter(({ from }) =>
  /"(chain|has|contains|text|composite)"/.test(JSON.stringify(from)),
)

t.test('one page for all the rest, when all has been written over', async (t) => {
  let rest = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 20, maxLength: 30, size: 'max' }),
      fc.array(step, { minLength: 1, maxLength: 8, size: 'max' }),
      fc.array(
        fc.tuple(fc.oneof(asked, following, following), fc.oneof(fc.constant(SEE_EVERYTHING), filter)),
        { minLength: 60, maxLength: 90, size: 'max' },
      ),
      async (before, meanwhile, questions) => {
        const clock = handClock(START)
        const naive = openNaiveStore({ now: clock.now })
        const sqlite = await openSqliteStore({ file: ':memory:', now: clock.now })
        /** The first page, all that is behind it when others have written, and the way back. */
        const answersOf = async (store: Store) => {
          const write = async (one: Step) => {
            clock.time += one.wait * TICK
            await store.commit(commitOf(one))
          }
          clock.time = START
          for (const one of before) await write(one)
          const asking = []
          for (const [query, access] of questions) {
            const ask = (more: object) => store.search(searchQuery({ ...query, ...more }), access)
            const whole = await ask({ count: 10_000 })
            const first = await ask({ count: 1 })
            asking.push({ query, access, ask, whole, first })
          }
          for (const one of meanwhile) await write(one)
          const answers = []
          for (const { query, access, ask, whole, first } of asking) {
            if (first.next === undefined) {
              answers.push(undefined)
              continue
            }
            const behind = await ask({ count: 10_000, cursor: first.next, total: 'accurate' })
            const back =
              behind.previous === undefined
                ? undefined
                : await ask({ count: 10_000, cursor: behind.previous })
            answers.push({ query, access, whole, first, behind, back })
          }
          return answers
        }
        try {
          const expected = await answersOf(naive)
          for (const [at, answer] of (await answersOf(sqlite)).entries()) {
            if (answer === undefined) continue
            const { query, access, whole, first, behind, back } = answer
            const shown = JSON.stringify(query)
            const other = expected[at]!
            rest++
            if (query.sort.length > 0) {
              agree([shown, behind.matches], [shown, other.behind.matches])
              agree([shown, back?.matches], [shown, other.back?.matches])
            }
            if (isHidden(access, meanwhile)) continue
            agree([shown, bodies([first, behind])], [shown, whole.matches])
            agree([shown, behind.total], [shown, whole.matches.length])
            agree([shown, back?.matches, back?.previous], [shown, first.matches, undefined])
          }
        } finally {
          await sqlite.close()
        }
      },
    ),
    { numRuns: RUNS, seed: 20_261_125 },
  )
  t.ok(rest > 10 * RUNS, 'there was more than one page')
})
