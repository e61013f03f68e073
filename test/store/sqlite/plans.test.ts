// Searches over enough resources that every plan is chosen: each gives the same matches as loops over arrays, in one order.
import t from 'tap'
import {
  and,
  dateMatch,
  idMatch,
  lastUpdatedMatch,
  localReferenceMatch,
  numberMatch,
  or,
  quantityMatch,
  SEE_EVERYTHING,
  stringMatch,
  tokenMatch,
  uriMatch,
  type AccessFilter,
  type Expression,
  type IndexEntry,
  type SortKey,
  type Store,
} from '../../../src/store/index.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { openNaiveStore } from '../../contract/naive-store.ts'
import { handClock, put, search, write, type AskedQuery, type Content } from '../../contract/world.ts'

const COUNT = 1500
const DAY = 86_400_000
const START = Date.UTC(2025, 0, 1)

/** Skewed on purpose: some values in nearly all, some in a few, some in one. */
function contentOf(n: number): Content {
  const low = START + (n % 365) * DAY
  const high = n % 10 === 0 ? Infinity : n % 7 === 0 ? low + 30 * DAY : low + 1
  const entries: IndexEntry[] = [
    { kind: 'token', param: 'category', system: 'http://a.test', code: n % 50 === 0 ? 'rare' : 'common' },
    { kind: 'token', param: 'code', system: `http://${n % 2}.test`, code: `c${n % 80}` },
    { kind: 'token', param: 'identifier', system: n % 3 === 0 ? 'http://i.test' : '', code: `i${n}` },
    { kind: 'string', param: 'name', folded: `n${n % 2 === 0 ? 'even' : 'odd'} ${n}`, exact: '' },
    { kind: 'string', param: 'name', folded: `nother ${n % 9}`, exact: '' },
    { kind: 'date', param: 'date', low, high },
    { kind: 'number', param: 'score', low: n % 100, high: n % 100 },
    { kind: 'uri', param: 'url', value: `http://u.test/${n % 600}` },
    {
      kind: 'quantity',
      param: 'dose',
      low: n % 40,
      high: n % 5 === 0 ? Infinity : n % 40,
      system: 'u',
      code: n % 4 === 0 ? 'g' : 'mg',
      unit: 'x',
    },
    { kind: 'reference', param: 'subject', target: { kind: 'local', type: 'Patient', id: `p${n % 300}` } },
  ]
  const patients = n % 11 === 0 ? [] : n % 13 === 0 ? [`p${n % 300}`, 'p1'] : [`p${n % 300}`]
  const labels = n % 6 === 0 ? [{ system: 'l', code: `l${n % 60}` }] : []
  return { entries, patients, labels, ...(n % 4 === 0 ? {} : { date: low }) }
}

const range = (low: number, high: number) => ({ low, high })
const CONDITIONS: Record<string, Expression> = {
  everything: and([]),
  'a common token': tokenMatch('category', 'http://a.test', 'common'),
  'a common token and a rare': and([
    tokenMatch('category', undefined, 'common'),
    tokenMatch('code', 'http://1.test', 'c7'),
  ]),
  'a code in any system': tokenMatch('code', undefined, 'c5'),
  'a whole system': tokenMatch('code', 'http://0.test', undefined),
  'a system of identifiers': tokenMatch('identifier', 'http://i.test', undefined),
  'a system of identifiers and a token': and([
    tokenMatch('category', undefined, 'rare'),
    tokenMatch('identifier', 'http://i.test', undefined),
  ]),
  'an identifier without a system': tokenMatch('identifier', '', 'i100'),
  'any identifier': tokenMatch('identifier', undefined, undefined),
  'a common prefix': stringMatch('name', 'n'),
  'a common prefix and another': and([stringMatch('name', 'neven'), stringMatch('name', 'nother 3')]),
  'a rare prefix': stringMatch('name', 'nodd 17'),
  'a prefix and a token': and([stringMatch('name', 'nother'), tokenMatch('category', undefined, 'rare')]),
  'dates in a month': dateMatch('date', { comparator: 'eq', ...range(START + 31 * DAY, START + 59 * DAY) }),
  'dates from a day': dateMatch('date', { comparator: 'ge', ...range(START + 360 * DAY, START + 361 * DAY) }),
  'dates overlapping a day': dateMatch('date', {
    comparator: 'ap',
    ...range(START + 200 * DAY, START + 201 * DAY),
  }),
  'dates not in a year': dateMatch('date', { comparator: 'ne', ...range(START, START + 300 * DAY) }),
  'numbers above': numberMatch('score', { comparator: 'gt', ...range(97, 97) }),
  'numbers but one': numberMatch('score', { comparator: 'ne', ...range(4.5, 5.5) }),
  'doses in a unit': quantityMatch('dose', { comparator: 'ge', ...range(39, 39) }, 'u', 'g'),
  'doses above, ranges too': quantityMatch('dose', { comparator: 'sa', ...range(30, 30) }, undefined, 'mg'),
  'a url': uriMatch('url', 'http://u.test/17'),
  'a patient': localReferenceMatch('subject', ['Patient', 'Group'], 'p7'),
  'a patient or another': or([
    localReferenceMatch('subject', ['Patient'], 'p7'),
    localReferenceMatch('subject', ['Patient'], 'p8'),
  ]),
  'two hundred codes': or(
    Array.from({ length: 200 }, (_, n) => tokenMatch('code', `http://${n % 2}.test`, `c${n}`)),
  ),
  'two hundred identifiers': or(
    Array.from({ length: 200 }, (_, n) => tokenMatch('identifier', undefined, `i${n * 7}`)),
  ),
  'kinds mixed': or([
    idMatch('r3'),
    tokenMatch('code', undefined, 'c9'),
    stringMatch('name', 'neven 10'),
    uriMatch('url', 'http://u.test/3'),
  ]),
  'an or within an and within an or': or([
    and([
      or([
        tokenMatch('category', undefined, 'rare'),
        numberMatch('score', { comparator: 'lt', ...range(3, 3) }),
      ]),
      stringMatch('name', 'neven'),
    ]),
    idMatch('r1'),
  ]),
  'thirty conditions': and(
    Array.from({ length: 30 }, (_, n) =>
      n % 2 === 0 ? stringMatch('name', 'n') : numberMatch('score', { comparator: 'ge', ...range(n, n) }),
    ),
  ),
  'written lately': lastUpdatedMatch({ comparator: 'ge', ...range(START + 1400, START + 1401) }),
  'written in between, and a token': and([
    lastUpdatedMatch({ comparator: 'eq', ...range(START + 100, START + 900) }),
    tokenMatch('category', undefined, 'rare'),
  ]),
  'not written then': lastUpdatedMatch({ comparator: 'ne', ...range(START + 10, START + 1490) }),
  nothing: or([]),
  'an unknown parameter': tokenMatch('shoe', undefined, 'c1'),
}

const SOME_LABELS = Array.from({ length: 60 }, (_, n) => ({ system: 'l', code: `l${n}` })).filter(
  (_, n) => n % 12 === 0,
)
const FILTERS: Record<string, AccessFilter> = {
  'everything may be seen': SEE_EVERYTHING,
  'one patient': { anyOf: [{ types: '*', patients: ['p1'], withoutLabels: [] }] },
  'two patients, without labels': {
    anyOf: [{ types: ['Observation'], patients: ['p7', 'p26'], withoutLabels: SOME_LABELS }],
  },
  'two hundred patients': {
    anyOf: [{ types: '*', patients: Array.from({ length: 200 }, (_, n) => `p${n}`), withoutLabels: [] }],
  },
  'all but labels': { anyOf: [{ types: '*', patients: '*', withoutLabels: SOME_LABELS }] },
  nothing: { anyOf: [] },
}

const SORTS: Record<string, readonly SortKey[]> = {
  'as it comes': [],
  'newest first': [{ by: 'lastUpdated', descending: true }],
  'oldest first': [{ by: 'lastUpdated', descending: false }],
}

async function fill(store: Store, clock: { time: number }): Promise<void> {
  for (let n = 0; n < COUNT; n++) {
    clock.time = START + n
    // A wrong content first for some, so that rows are replaced; one in 25 is deleted.
    if (n % 20 === 0) await write(store, put('Observation', `r${n}`, contentOf(n + 1)))
    await write(store, put('Observation', `r${n}`, contentOf(n)))
    if (n % 25 === 24)
      await store.commit({
        access: SEE_EVERYTHING,
        assertions: [],
        writes: [{ kind: 'delete', type: 'Observation', id: `r${n}`, expect: { kind: 'any' } }],
      })
  }
}

async function walk(store: Store, query: AskedQuery, access: AccessFilter): Promise<string[]> {
  const found: string[] = []
  let cursor: string | undefined
  do {
    const page = await search(store, { type: 'Observation', ...query, cursor }, access)
    found.push(...page.matches.map(({ id }) => id))
    cursor = page.next
  } while (cursor !== undefined)
  return found
}

t.setTimeout(300_000)

t.test('every plan', async (t) => {
  const clock = handClock(START)
  const naive = openNaiveStore({ now: clock.now })
  const store = await openSqliteStore({ file: ':memory:', now: clock.now })
  t.teardown(() => store.close())
  await fill(naive, clock)
  await fill(store, clock)
  t.strictSame(await store.maintenance.verify(), [])

  for (const [who, access] of Object.entries(FILTERS)) {
    for (const [what, where] of Object.entries(CONDITIONS)) {
      const whole = await search(
        naive,
        { type: 'Observation', where, count: COUNT, sort: SORTS['newest first']!, total: 'accurate' },
        access,
      )
      const expected = whole.matches.map(({ id }) => id)
      for (const [order, sort] of Object.entries(SORTS)) {
        const inOne = await search(
          store,
          { type: 'Observation', where, sort, count: COUNT, total: 'accurate' },
          access,
        )
        const found = inOne.matches.map(({ id }) => id)
        const told = `${what}, ${order}, ${who}`
        if (sort.length === 0) t.strictSame(found.toSorted(), expected.toSorted(), told)
        else t.strictSame(found, sort[0]!.descending ? expected : expected.toReversed(), told)
        t.equal(inOne.total, expected.length, `${told}: total`)
        const count = Math.max(7, Math.ceil(expected.length / 4))
        t.strictSame(
          await walk(store, { where, sort, count }, access),
          found,
          `${told}: by pages of ${count}`,
        )
      }
      const ids = await store.matches('Observation', where, COUNT, access)
      t.strictSame(ids.toSorted(), expected.toSorted(), `${what}, ${who}: ids`)
    }
  }
})

t.test('more conditions than can be compiled are the fault of the request, and harm no other', async (t) => {
  const store = await openSqliteStore({ file: ':memory:' })
  t.teardown(() => store.close())
  await write(store, put('Observation', 'a', contentOf(1)))
  let deep: Expression = tokenMatch('code', undefined, 'c1')
  for (let n = 0; n < 20_000; n++) deep = n % 2 === 0 ? and([deep, idMatch('a')]) : or([deep, idMatch('b')])
  const wide = or(Array.from({ length: 20_000 }, (_, n) => stringMatch('name', `x${n}`)))
  for (const where of [deep, wide]) {
    await t.rejects(search(store, { type: 'Observation', where }), { code: 'too-costly' })
    await t.rejects(
      store.commit({
        access: SEE_EVERYTHING,
        assertions: [{ type: 'Observation', where, ids: [] }],
        writes: [],
      }),
      { code: 'too-costly' },
    )
  }
  const found = await search(store, { type: 'Observation', where: tokenMatch('code', undefined, 'c1') })
  t.equal(found.matches.length, 1)
})
