// Contract: however others write meanwhile, the pages of a search show the moment of the first, there and back.
import {
  and,
  chainMatch,
  compartmentMatch,
  compositeMatch,
  containsMatch,
  hasMatch,
  idMatch,
  lastUpdatedMatch,
  localReferenceMatch,
  nearMatch,
  not,
  or,
  presenceMatch,
  SEE_EVERYTHING,
  stringMatch,
  textMatch,
  tokenMatch,
  tokenSetMatch,
  typedCondition,
  type AccessFilter,
  type Expression,
  type Include,
  type IndexEntry,
  type SearchPage,
  type SortKey,
  type Store,
  type StoredVersion,
} from '../../src/store/index.ts'
import { FhirError } from '../../src/fhir/errors.ts'
import { only, R } from './access-world.ts'
import {
  EVERY,
  put,
  remove,
  search,
  storeTest,
  walk,
  write,
  type AskedQuery,
  type Clock,
  type Content,
  type OpenStore,
  type Tester,
} from './world.ts'

const COUNT = 16

const code = (of: string): IndexEntry => ({ kind: 'token', param: 'code', system: 'urn:s', code: of })
const is = (of: string) => tokenMatch('code', undefined, of)
const refers = (param: string, type: string, id: string): IndexEntry => ({
  kind: 'reference',
  param,
  target: { kind: 'local', type, id },
})

/**
 * One of the resources that are searched; `round` counts how often it was changed. Who sees it depends on `of` alone,
 * which stays the same for a resource: what is hidden meanwhile is not shown any more.
 */
function told(at: number, round: number, of: number): Content {
  const n = at + round * 7
  return {
    date: n % 5 === 4 ? undefined : n % 9,
    patients: [`p${of % 3}`],
    labels: of % 6 === 5 ? [R] : [],
    entries: [
      code('all'),
      code(n % 2 === 0 ? 'even' : 'odd'),
      { kind: 'string', param: 'name', folded: `name ${n % 4}`, exact: `Name ${n % 4}` },
      ...(n % 5 === 0 ? [] : [{ kind: 'date', param: 'date', low: n % 7, high: (n % 7) + 1 } as const]),
      refers('subject', 'Patient', `p${n % 3}`),
      ...(n % 4 === 0
        ? [{ kind: 'reference', param: 'device', target: { kind: 'contained', id: 'd' } } as const]
        : []),
      { kind: 'position', param: 'near', latitude: n % 3, longitude: 0 },
      {
        kind: 'composite',
        param: 'pair',
        components: [
          { kind: 'token', param: '0', system: '', code: n % 2 === 0 ? 'even' : 'odd' },
          { kind: 'number', param: '1', low: n % 3, high: n % 3 },
        ],
      },
    ],
    contained:
      n % 4 === 0 ? [{ type: 'Device', id: 'd', entries: [code(n % 8 === 0 ? 'pump' : 'scale')] }] : [],
    notes: [n % 2 === 0 ? 'slept well' : 'slept badly'],
    narrative: n % 3 === 0 ? 'well' : undefined,
  }
}

const patient = (at: number, round: number): Content => ({
  patients: [`p${at}`],
  entries: [code((at + round) % 2 === 0 ? 'ann' : 'bob')],
})

async function build(store: Store, clock: Clock): Promise<void> {
  for (let at = 0; at < 3; at++) await write(store, put('Patient', `p${at}`, patient(at, 0)))
  for (let at = 0; at < COUNT; at++) {
    if (at % 3 === 0) clock.time += 1000
    await write(
      store,
      put('Observation', `o${(at * 7) % COUNT}`, told(at, 0, (at * 7) % COUNT)),
      put('Condition', `c${at}`, { ...told(at, 1, at), text: '"other":1' }),
      put('Provenance', `v${at}`, {
        entries: [refers('target', 'Observation', `o${at}`), code(`${at % 2}`)],
      }),
    )
  }
}

/** Everything that can happen to what is being read, a bit of it with each call. */
function others(store: Store, clock: Clock): () => Promise<void> {
  let turn = 0
  return async () => {
    turn++
    clock.time += turn % 2 === 0 ? 500 : 0
    const at = (turn * 5) % COUNT
    const after = (at + 1) % COUNT
    const next = `o${after}`
    await write(
      store,
      put('Observation', `o${at}`, told(at, turn, at)),
      turn % 3 === 0 ? remove('Observation', next) : put('Observation', next, told(at + 3, turn, after)),
      put('Observation', `new${turn}`, told(turn, 0, turn)),
      put('Patient', `p${turn % 3}`, patient(turn % 3, turn)),
      turn % 4 === 0 ? remove('Provenance', `v${at}`) : put('Provenance', `v${at}`, { entries: [code('1')] }),
      turn % 5 === 0 ? remove('Condition', `c${at}`) : put('Condition', `c${at}`, told(at, turn, at)),
    )
    if (turn % 6 === 0) await write(store, remove('Patient', 'p2'))
    if (turn % 3 === 0) await write(store, put('Observation', next, told(at, 0, after)))
  }
}

const versions = (of: readonly StoredVersion[]) =>
  of.map(({ type, id, versionId }) => `${type}/${id}@${versionId}`)

const observations = typedCondition('Observation', EVERY)
const WHERES: Readonly<Record<string, Expression>> = {
  all: EVERY,
  'a token': is('all'),
  'a token of half of them': is('even'),
  'a set': tokenSetMatch('code', [{ system: 'urn:s', codes: ['even', 'never'] }]),
  'not a token': not(is('even')),
  'either of two': or([is('even'), stringMatch('name', 'name 1')]),
  'both of two': and([is('odd'), stringMatch('name', 'name')]),
  'the end of a string': stringMatch('name', '3', 'ends'),
  presence: presenceMatch('date', 'date'),
  absence: not(presenceMatch('date', 'date')),
  'a reference': localReferenceMatch('subject', ['Patient'], 'p1'),
  'a compartment': compartmentMatch(['p0', 'p2']),
  'when it was written': lastUpdatedMatch({
    comparator: 'ge',
    low: Date.UTC(2026, 0, 1) + 3000,
    high: Date.UTC(2026, 0, 2),
  }),
  ids: or(Array.from({ length: COUNT }, (_, at) => idMatch(`o${at}`))),
  words: textMatch('content', ['slept', 'well']),
  'no such words': not(textMatch('narrative', ['well'])),
  'a place': nearMatch('near', { latitude: 1, longitude: 0 }, 5),
  'a pair': compositeMatch('pair', [tokenMatch('0', '', 'even'), EVERY]),
  'a chain': chainMatch('subject', [typedCondition('Patient', is('ann'))]),
  'no such chain': not(chainMatch('subject', [typedCondition('Patient', is('ann'))])),
  'a chain to what is contained': chainMatch('device', [typedCondition('Device', is('pump'))]),
  'something contained': containsMatch('Device', EVERY),
  _has: hasMatch(typedCondition('Provenance', is('1')), 'target'),
  'no _has': not(hasMatch(typedCondition('Provenance', EVERY), 'target')),
  'a _has within a chain': chainMatch('subject', [
    typedCondition('Patient', hasMatch(observations, 'subject')),
  ]),
}

const SORTS: Readonly<Record<string, readonly SortKey[]>> = {
  'no sort': [],
  'newest first': [{ by: 'lastUpdated', descending: true }],
  'oldest first': [{ by: 'lastUpdated', descending: false }],
  'by id': [{ by: 'id', descending: false }],
  'by date, then by name': [
    { by: 'entry', entry: 'date', param: 'date', descending: true },
    { by: 'entry', entry: 'string', param: 'name', descending: false },
  ],
  'by subject': [{ by: 'entry', entry: 'reference', param: 'subject', descending: false }],
}

export function momentsContract(t: Tester, open: OpenStore): void {
  for (const [name, sort] of Object.entries(SORTS))
    storeTest(t, open, `${name}: the walk is what the first moment had`, async (t, store, clock) => {
      await build(store, clock)
      const filters: readonly (readonly [string, AccessFilter])[] = [
        ['everything', SEE_EVERYTHING],
        ['without R', only({ withoutLabels: [R] })],
        ['one patient', only({ patients: ['p0'] }, { types: ['Provenance', 'Patient'] })],
      ]
      const meanwhile = others(store, clock)
      let place = 0
      for (const [what, where] of Object.entries(WHERES)) {
        const [who, access] = filters[place++ % filters.length]!
        const query: AskedQuery = { type: 'Observation', where, sort, total: 'accurate' }
        const whole = await search(store, query, access)
        const { forth, back } = await walk(store, { ...query, count: 3 }, access, meanwhile)
        const pages = forth.map(({ matches }) => versions(matches))
        t.strictSame(pages.flat(), versions(whole.matches), `${what}, ${who}`)
        t.strictSame(
          forth.flatMap(({ matches }) => matches.map(({ body }) => String(body))),
          whole.matches.map(({ body }) => String(body)),
          `${what}: the bodies of then`,
        )
        t.strictSame(
          back.map(({ matches }) => versions(matches)),
          pages,
          `${what}: and back`,
        )
        t.ok(
          [...forth, ...back].every(({ total }) => total === whole.total),
          `${what}: one total`,
        )
        t.equal(whole.total, whole.matches.length)
        t.notOk(back[0]!.previous, `${what}: nothing before the first`)
      }
    })

  storeTest(t, open, 'what has been hidden since is on no page any more', async (t, store, clock) => {
    const content = (at: number): Content => ({
      date: at,
      entries: [code('all'), refers('subject', 'Patient', `p${at}`)],
    })
    const everyone = Array.from({ length: 12 }, (_, at) => at)
    for (const at of everyone)
      await write(
        store,
        put('Observation', `o${at}`, content(at)),
        put('Patient', `p${at}`, { entries: [code('ann')] }),
      )
    const includes: Include[] = [
      { direction: 'forward', iterate: false, source: 'Observation', param: 'subject', target: undefined },
    ]
    const sort = SORTS['by id']!
    const query: AskedQuery = { type: 'Observation', sort, includes, total: 'accurate', count: 2 }
    const chained = { ...query, where: chainMatch('subject', [typedCondition('Patient', is('ann'))]) }
    const access = only({ withoutLabels: [R] })
    const order = everyone.map((at) => `o${at}`).toSorted()
    const numbers = (page: SearchPage) => page.matches.map(({ id }) => id)
    const of = (page: SearchPage) => page.included.map(({ id }) => id).toSorted()

    const [first, chain, everything] = [
      await search(store, query, access),
      await search(store, chained, access),
      await search(store, query),
    ]
    clock.time += 1000
    // Hidden with another content; as it was but for the label; and then shown again; and deleted.
    await write(store, put('Observation', order[2]!, { labels: [R], text: '"v":2' }))
    await write(store, put('Observation', order[4]!, { ...content(99), labels: [R] }))
    await write(store, put('Observation', order[5]!, { labels: [R] }), put('Patient', 'p3', { labels: [R] }))
    await write(store, put('Observation', order[5]!, { text: '"v":3' }))
    await write(store, remove('Observation', order[6]!))
    await write(store, put('Observation', order[7]!, { labels: [R] }))
    await write(store, remove('Observation', order[7]!))
    const left = order.filter((_, at) => ![2, 4, 7].includes(at))

    const { forth, back } = await walk(store, { ...query, cursor: first.next }, access)
    t.strictSame(forth.flatMap(numbers), left.slice(2))
    t.strictSame(back.slice(-forth.length).flatMap(numbers), left.slice(2), 'and back')
    t.strictSame(back.flatMap(numbers), left, 'to the start')
    t.ok(
      forth.every(({ total, matches }) => total === 12 && matches.every(({ versionId }) => versionId === 1)),
    )
    t.strictSame(
      forth.flatMap(of).toSorted(),
      left
        .slice(2)
        .map((id) => id.replace('o', 'p'))
        .filter((id) => id !== 'p3')
        .toSorted(),
      'nor is it included',
    )
    const rest = await walk(store, { ...chained, cursor: chain.next }, access)
    t.strictSame(
      rest.forth.flatMap(numbers),
      left.slice(2).filter((id) => id !== 'o3'),
      'nor chained through',
    )
    const all = await walk(store, { ...query, cursor: everything.next })
    t.strictSame(all.forth.flatMap(numbers), order.slice(2), 'but by whoever may see it')
  })

  storeTest(t, open, 'several types, one moment', async (t, store, clock) => {
    await build(store, clock)
    const from = [
      typedCondition('Observation', is('even')),
      typedCondition('Condition', not(is('even'))),
      typedCondition('Patient', EVERY),
      typedCondition('Device', EVERY),
    ]
    const meanwhile = others(store, clock)
    for (const [name, sort] of Object.entries(SORTS)) {
      const whole = await search(store, { from, sort, total: 'accurate' })
      t.ok(new Set(whole.matches.map(({ type }) => type)).size >= 2, 'of several types')
      const { forth, back } = await walk(store, { from, sort, count: 4 }, SEE_EVERYTHING, meanwhile)
      t.strictSame(
        forth.flatMap(({ matches }) => versions(matches)),
        versions(whole.matches),
        name,
      )
      t.strictSame(
        back.map(({ matches }) => versions(matches)),
        forth.map(({ matches }) => versions(matches)),
        `${name}: and back`,
      )
      t.equal(whole.total, whole.matches.length)
    }
  })

  storeTest(t, open, 'what is included is of that moment too', async (t, store, clock) => {
    await build(store, clock)
    const includes: Include[] = [
      { direction: 'forward', iterate: false, source: 'Observation', param: 'subject', target: undefined },
      { direction: 'reverse', iterate: false, source: 'Provenance', param: 'target', target: undefined },
    ]
    const query: AskedQuery = { type: 'Observation', sort: SORTS['by id']!, includes, count: 5 }
    const quiet = await walk(store, query)
    const first = await search(store, query)
    const meanwhile = others(store, clock)
    const rest = await walk(store, { ...query, cursor: first.next }, SEE_EVERYTHING, meanwhile)
    const shown = ({ included }: (typeof quiet.forth)[number]) => versions(included).toSorted()
    t.strictSame([first, ...rest.forth].map(shown), quiet.forth.map(shown))
    t.strictSame(rest.back.map(shown), quiet.forth.map(shown))
  })

  storeTest(t, open, 'two readers who began at different moments', async (t, store, clock) => {
    await build(store, clock)
    const query: AskedQuery = {
      type: 'Observation',
      where: is('even'),
      sort: SORTS['newest first']!,
      count: 2,
    }
    const meanwhile = others(store, clock)
    const readers = []
    for (let reader = 0; reader < 3; reader++) {
      const whole = versions((await search(store, { ...query, count: 100 })).matches)
      const first = await search(store, query)
      readers.push({ whole, seen: versions(first.matches), cursor: first.next })
      await meanwhile()
    }
    for (let going = true; going; ) {
      going = false
      for (const reader of readers) {
        if (reader.cursor === undefined) continue
        const page = await search(store, { ...query, cursor: reader.cursor })
        reader.seen.push(...versions(page.matches))
        reader.cursor = page.next
        going = true
        await meanwhile()
      }
    }
    for (const { seen, whole } of readers) t.strictSame(seen, whole)
    t.notSame(readers[0]!.whole, readers[2]!.whole)
  })

  storeTest(
    t,
    open,
    'back from the middle, and forth again, with pages of other sizes',
    async (t, store, clock) => {
      await build(store, clock)
      const sort = SORTS['by date, then by name']!
      const query: AskedQuery = { type: 'Observation', sort }
      const order = versions((await search(store, query)).matches)
      const first = await search(store, { ...query, count: 5 })
      t.equal(first.previous, undefined)
      await others(store, clock)()
      const second = await search(store, { ...query, count: 5, cursor: first.next })
      const third = await search(store, { ...query, count: 4, cursor: second.next })
      t.strictSame(versions(third.matches), order.slice(10, 14))
      const before = await search(store, { ...query, count: 3, cursor: third.previous })
      t.strictSame(versions(before.matches), order.slice(7, 10))
      const again = await search(store, { ...query, count: 3, cursor: before.next })
      t.strictSame(versions(again.matches), order.slice(10, 13))
      const start = await search(store, { ...query, count: 100, cursor: before.previous })
      t.strictSame(versions(start.matches), order.slice(0, 7), 'all that is before')
      t.equal(start.previous, undefined)
      const on = await search(store, { ...query, count: 100, cursor: start.next })
      t.strictSame(versions(on.matches), order.slice(7))
      t.equal(on.next, undefined)
      const empty = await search(store, { ...query, count: 0, cursor: second.next, total: 'accurate' })
      t.strictSame([empty.matches, empty.next, empty.previous], [[], undefined, undefined])
    },
  )

  storeTest(t, open, 'a cursor is good for its own search alone', async (t, store, clock) => {
    await build(store, clock)
    const query: AskedQuery = { type: 'Observation', where: is('even'), sort: SORTS['by id']!, count: 2 }
    const { next } = await search(store, query)
    const { previous } = await search(store, { ...query, cursor: next })
    const differently: Readonly<Record<string, AskedQuery>> = {
      'another condition': { ...query, where: is('odd') },
      'a part of the condition': { ...query, where: and([is('even'), EVERY, is('all')]) },
      'another type': { ...query, type: 'Condition' },
      'another order': { ...query, sort: SORTS['newest first']! },
      'the other direction': { ...query, sort: [{ by: 'id', descending: true }] },
      'no order': { ...query, sort: [] },
      'more types': { ...query, from: [observations, typedCondition('Condition', EVERY)] },
    }
    for (const cursor of [next, previous]) {
      t.ok(cursor)
      for (const [what, other] of Object.entries(differently))
        await t.rejects(search(store, { ...other, cursor }), { code: 'invalid-search' }, what)
    }
  })

  storeTest(t, open, 'a cursor shows nobody what their own filter hides', async (t, store, clock) => {
    await build(store, clock)
    const query: AskedQuery = { type: 'Observation', where: is('even'), total: 'accurate', count: 2 }
    for (const sort of Object.values(SORTS)) {
      const { next } = await search(store, { ...query, sort })
      for (const filter of [only({ withoutLabels: [R], patients: ['p0'] }), only({ types: ['Patient'] })]) {
        const seen = await search(store, { ...query, sort, count: 100 }, filter)
        const page = await search(store, { ...query, sort, count: 100, cursor: next }, filter).catch(
          (error: unknown) => {
            if (error instanceof FhirError && error.code === 'invalid-search') return undefined
            throw error
          },
        )
        if (page === undefined) continue
        const shown = versions(seen.matches)
        t.ok(versions(page.matches).every((one) => shown.includes(one)))
        t.ok(page.total === undefined || page.total === seen.total, 'nor how much there is')
      }
    }
    t.pass('refused, or held to the filter')
  })
}
