// Sorting by the clinical date, which walks an index in its order: the same pages as loops over arrays give.
import t from 'tap'
import {
  and,
  localReferenceMatch,
  not,
  or,
  tokenMatch,
  type Expression,
  type IndexEntry,
  type SearchPage,
  type SortKey,
  type Store,
} from '../../../src/store/index.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { put, remove, search, walk, write, type Content } from '../../contract/world.ts'
import { openBesideNaive } from './beside-naive.ts'

const DAY = 86_400_000
const START = Date.UTC(2025, 0, 1)
/** More than are counted before a walk is tried. */
const COUNT = 1500

/** Several begin on each day; some at no time, some have no date, some another than they are sorted by. */
function contentOf(n: number): Content {
  const entries: IndexEntry[] = [
    { kind: 'token', param: 'code', system: '', code: n % 9 === 0 ? 'c0' : 'c1' },
    { kind: 'token', param: 'status', system: '', code: `s${n % 3}` },
    { kind: 'reference', param: 'subject', target: { kind: 'local', type: 'Patient', id: `p${n % 40}` } },
  ]
  const labels = n % 7 === 0 ? [HIDDEN] : []
  const low = START + ((n * 37) % 100) * DAY
  if (n % 13 === 0) return { entries, labels }
  if (n % 17 === 0) return { entries, labels, date: low }
  if (n % 19 === 0)
    return {
      entries: [...entries, { kind: 'date', param: 'date', low: -Infinity, high: low }],
      labels,
      date: low,
    }
  return {
    entries: [...entries, { kind: 'date', param: 'date', low, high: low + (n % 5) * DAY + 1 }],
    labels,
    date: low,
  }
}

const HIDDEN = { system: 'l', code: 'hidden' }
const SEE_MOST = { anyOf: [{ types: '*', patients: '*', withoutLabels: [HIDDEN] }] } as const

async function fill(store: Store): Promise<void> {
  for (let n = 0; n < COUNT; n += 500)
    await write(
      store,
      ...Array.from({ length: 500 }, (_, at) => put('Observation', `r${n + at}`, contentOf(n + at))),
    )
}

const BY_DATE: SortKey = { by: 'entry', entry: 'date', param: 'date', descending: true, clinical: true }
const BY_STATUS: SortKey = { by: 'entry', entry: 'token', param: 'status', descending: false }
const SEARCHES: Record<string, Expression> = {
  'a common code': tokenMatch('code', undefined, 'c1'),
  'a less common code': tokenMatch('code', undefined, 'c0'),
  'one of two codes': or([tokenMatch('code', undefined, 'c0'), tokenMatch('code', undefined, 'c1')]),
  'a code and no status': and([
    tokenMatch('code', undefined, 'c1'),
    not(tokenMatch('status', undefined, 's0')),
  ]),
  'a patient': localReferenceMatch('subject', ['Patient'], 'p3'),
  'no condition': and([]),
}

const idsOf = (pages: readonly SearchPage[]): string[] =>
  pages.flatMap(({ matches }) => matches.map(({ id }) => id))

t.setTimeout(120_000)

t.test('sorted by the clinical date', async (t) => {
  const { naive, store } = await openBesideNaive(t, START, fill)
  for (const [what, where] of Object.entries(SEARCHES)) {
    for (const sort of [[BY_DATE], [BY_DATE, BY_STATUS]]) {
      for (const access of [undefined, SEE_MOST]) {
        const query = { type: 'Observation', where, sort }
        const expected = idsOf([await search(naive, { ...query, count: COUNT }, access)])
        const { forth, back } = await walk(store, { ...query, count: 60 }, access)
        const name = `${what}, ${sort.length} keys, ${access === undefined ? 'all' : 'most'} seen`
        t.strictSame(idsOf(forth), expected, name)
        t.strictSame(idsOf(back), expected, `${name}, from the end`)
        const first = await search(store, { ...query, count: 3 }, access)
        t.strictSame(idsOf([first]), expected.slice(0, 3), `${name}, a few`)
      }
    }
  }
})

t.test('pages go on as they began while others write', async (t) => {
  const store = await openSqliteStore({ file: ':memory:' })
  t.teardown(() => store.close())
  await fill(store)
  const query = { type: 'Observation', where: tokenMatch('code', undefined, 'c1'), sort: [BY_DATE] }
  const expected = idsOf([await search(store, { ...query, count: COUNT })])
  let n = 1
  const { forth, back } = await walk(store, { ...query, count: 90 }, undefined, async () => {
    n += 3
    await write(
      store,
      put('Observation', `r${n}`, contentOf(n + 6)),
      put('Observation', `x${n}`, contentOf(n)),
      remove('Observation', `r${n + 1}`),
    )
  })
  t.strictSame(idsOf(forth), expected)
  t.strictSame(idsOf(back), expected)
})
