// Conditions on the clinical date bound the walk in its order: the same matches as loops over arrays give, whatever the ranges.
import t from 'tap'
import {
  and,
  dateMatch,
  localReferenceMatch,
  tokenMatch,
  type Expression,
  type IndexEntry,
  type Store,
} from '../../../src/store/index.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { put, search, write, type Content } from '../../contract/world.ts'
import { openBesideNaive } from './beside-naive.ts'

const DAY = 86_400_000
const START = Date.UTC(2025, 0, 1)
const COUNT = 400

/** Of Observations a few are long or open, of Encounters most. */
function rangeOf(type: string, n: number): { readonly low: number; readonly high: number } {
  const low = START + ((n * 37) % 100) * DAY
  const isLong = type === 'Encounter' ? n % 5 > 0 : n % 40 === 0
  if (!isLong) return { low, high: low + [1, DAY, 2 * DAY][n % 3]! }
  return n % 4 === 0
    ? { low: -Infinity, high: low }
    : n % 4 === 1
      ? { low, high: Infinity }
      : { low, high: low + 20 * DAY }
}

function contentOf(type: string, n: number): Content {
  const entries: IndexEntry[] = [
    { kind: 'token', param: 'code', system: '', code: n % 4 === 0 ? 'c0' : 'c1' },
    { kind: 'reference', param: 'subject', target: { kind: 'local', type: 'Patient', id: `p${n % 5}` } },
  ]
  if (n % 11 === 0) return { entries, date: START + n * DAY }
  const { low, high } = rangeOf(type, n)
  entries.push({ kind: 'date', param: 'date', low, high })
  return { entries, date: Number.isFinite(low) ? low : high }
}

async function fill(store: Store): Promise<void> {
  for (const type of ['Observation', 'Encounter'])
    await write(store, ...Array.from({ length: COUNT }, (_, n) => put(type, `r${n}`, contentOf(type, n))))
}

const idsOf = (versions: readonly { readonly id: string }[]): string[] => versions.map(({ id }) => id)

const COMPARATORS = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'] as const

function* conditions(): Generator<readonly [what: string, where: Expression]> {
  const others = {
    code: tokenMatch('code', undefined, 'c1'),
    subject: localReferenceMatch('subject', ['Patient'], 'p3'),
  }
  for (const [name, other] of Object.entries(others)) {
    for (const day of [-30, 0, 2, 7, 10, 21, 52, 99, 130]) {
      for (const width of [1, DAY, 30 * DAY]) {
        const [low, high] = [START + day * DAY, START + day * DAY + width]
        for (const comparator of COMPARATORS)
          yield [
            `${name}, ${comparator} day ${day}, ${width} ms wide`,
            and([other, dateMatch('date', { comparator, low, high }, true)]),
          ]
      }
      const from = dateMatch(
        'date',
        { comparator: 'ge', low: START + day * DAY, high: START + (day + 1) * DAY },
        true,
      )
      const until = dateMatch(
        'date',
        { comparator: 'lt', low: START + (day + 9) * DAY, high: START + (day + 10) * DAY },
        true,
      )
      yield [`${name}, day ${day} and the eight after it`, and([other, from, until])]
    }
  }
}

t.setTimeout(120_000)

t.test('within bounds of the clinical date', async (t) => {
  const { naive, store } = await openBesideNaive(t, START, fill)

  const wrong: string[] = []
  let found = 0
  for (const type of ['Observation', 'Encounter']) {
    for (const [what, where] of conditions()) {
      const query = { type, where, count: COUNT, total: 'accurate' } as const
      const expected = idsOf((await search(naive, query)).matches).toSorted()
      const page = await search(store, query)
      const first = await search(store, { ...query, count: 5 })
      found += expected.length
      if (idsOf(page.matches).toSorted().join() !== expected.join()) wrong.push(`${type}: ${what}`)
      if (page.total !== expected.length || first.total !== expected.length)
        wrong.push(`${type}: ${what}: the total`)
      if (idsOf(first.matches).join() !== idsOf(page.matches).slice(0, 5).join())
        wrong.push(`${type}: ${what}: its first page`)
    }
  }
  t.strictSame(wrong, [])
  t.ok(found > 10_000, 'most find something')
})

t.test('pages go on as they began while others write', async (t) => {
  const store = await openSqliteStore({ file: ':memory:' })
  t.teardown(() => store.close())
  await fill(store)
  const where = and([
    tokenMatch('code', undefined, 'c1'),
    dateMatch('date', { comparator: 'ge', low: START + 20 * DAY, high: START + 21 * DAY }, true),
    dateMatch('date', { comparator: 'lt', low: START + 60 * DAY, high: START + 61 * DAY }, true),
  ])
  const query = { type: 'Observation', where, count: 7 }
  const expected = idsOf((await search(store, { ...query, count: COUNT })).matches)
  let page = await search(store, query)
  const shown = idsOf(page.matches)
  for (let n = 1; page.next !== undefined; n++) {
    await write(
      store,
      put('Observation', `r${n}`, contentOf('Observation', n + 6)),
      put('Observation', `x${n}`, contentOf('Observation', 1)),
    )
    page = await search(store, { ...query, cursor: page.next })
    shown.push(...idsOf(page.matches))
  }
  t.ok(shown.length > 20)
  t.strictSame(shown.toSorted(), expected.toSorted())
})
