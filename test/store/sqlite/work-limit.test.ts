// Searches that no index serves stop when they have looked at too much, and say of what; others are never stopped.
import t from 'tap'
import {
  and,
  chainMatch,
  compartmentMatch,
  containsMatch,
  hasMatch,
  idMatch,
  lastUpdatedMatch,
  localReferenceMatch,
  not,
  SEE_EVERYTHING,
  stringMatch,
  tokenMatch,
  typedCondition,
  type AccessFilter,
  type Expression,
  type SortKey,
  type Store,
} from '../../../src/store/index.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { put, search } from '../../contract/world.ts'

const COUNT = 300
const HIDDEN = { system: 'l', code: 'hidden' }
const NO_HIDDEN: AccessFilter = { anyOf: [{ types: '*', patients: '*', withoutLabels: [HIDDEN] }] }
/** More compartments than a search starts from. */
const OF_MANY: AccessFilter = {
  anyOf: [{ types: '*', patients: Array.from({ length: 20 }, (_, n) => `p${n}`), withoutLabels: [] }],
}

/** Observations that all look alike, and as many Claims that are hidden from some. */
async function fill(store: Store): Promise<void> {
  const writes = Array.from({ length: COUNT }, (_, n) => [
    put('Observation', `o${n}`, {
      entries: [
        { kind: 'token', param: 'status', system: 's', code: 'final' },
        { kind: 'token', param: 'code', system: 's', code: `c${n}` },
        { kind: 'reference', param: 'subject', target: { kind: 'local', type: 'Patient', id: `p${n % 3}` } },
        { kind: 'string', param: 'note', folded: `note ${n}`, exact: `note ${n}` },
      ],
      contained: [
        {
          type: 'Device',
          id: 'd',
          entries: [{ kind: 'token', param: 'status', system: 's', code: 'active' }],
        },
      ],
    }),
    put('Claim', `c${n}`, {
      entries: [
        { kind: 'token', param: 'status', system: 's', code: 'active' },
        {
          kind: 'reference',
          param: 'insurer',
          target: { kind: 'local', type: 'Organization', id: 'insurer' },
        },
      ],
      labels: [HIDDEN],
      contained: [
        {
          type: 'Device',
          id: 'd',
          entries: [{ kind: 'token', param: 'status', system: 's', code: 'active' }],
        },
      ],
    }),
  ]).flat()
  const patients = ['p0', 'p1', 'p2'].map((id) =>
    put('Patient', id, { entries: [{ kind: 'string', param: 'name', folded: id, exact: id }] }),
  )
  const insurer = put('Organization', 'insurer')
  await store.commit({
    access: SEE_EVERYTHING,
    assertions: [],
    writes: [...patients, insurer, ...writes],
  })
}

const final = tokenMatch('status', 's', 'final')
const active = tokenMatch('status', 's', 'active')

async function limited(t: Tap, mostExamined: number): Promise<Store> {
  const store = await openSqliteStore({ file: ':memory:', mostExamined })
  t.teardown(() => store.close())
  await fill(store)
  return store
}

type Tap = { teardown(end: () => Promise<void>): void }

t.setTimeout(60_000)

t.test('one search has one bound, however many types it is of, and its total within', async (t) => {
  const store = await limited(t, COUNT + COUNT / 2)
  const dear = not(tokenMatch('status', 's', 'never'))
  const ofTypes = (...types: string[]) => ({ from: types.map((type) => typedCondition(type, dear)) })
  const seek = (query: Parameters<typeof search>[1]) => search(store, { count: COUNT, ...query })
  for (const type of ['Observation', 'Claim'])
    t.equal((await seek(ofTypes(type))).matches.length, COUNT, `${type} alone`)
  await t.rejects(seek(ofTypes('Observation', 'Claim')), { code: 'too-costly' }, 'both')
  await t.rejects(
    seek({ ...ofTypes('Observation'), count: COUNT - 1, total: 'accurate' }),
    { code: 'too-costly' },
    'counted and shown',
  )
  t.equal((await seek(ofTypes('Observation'))).matches.length, COUNT, 'the next search has it whole again')
})

t.test('what no index serves is refused when it is too much', async (t) => {
  const store = await limited(t, COUNT - 100)
  const dear: Record<string, readonly [type: string, where: Expression, of: string]> = {
    'a value that none lacks': ['Observation', not(final), 'Observation'],
    'a chain that leads nowhere of the kind': [
      'Observation',
      not(chainMatch('subject', [typedCondition('Patient', stringMatch('name', 'p'))])),
      'Observation',
    ],
    'referrers of which none meets the condition': [
      'Patient',
      not(not(hasMatch(typedCondition('Observation', not(final)), 'subject'))),
      'Observation',
    ],
    'what is contained': ['Observation', not(containsMatch('Device', active)), 'Observation'],
  }
  for (const [what, [type, where, of]] of Object.entries(dear)) {
    await t.rejects(
      search(store, { type, where }),
      { code: 'too-costly', message: new RegExp(`too many ${of} resources`) },
      what,
    )
    await t.rejects(store.matches(type, where, 10, SEE_EVERYTHING), { code: 'too-costly' }, `${what}: ids`)
    await t.rejects(
      search(store, { type, where, count: 0, total: 'accurate' }),
      { code: 'too-costly' },
      `${what}: the total`,
    )
  }
})

t.test('with room enough the same searches are answered', async (t) => {
  const store = await limited(t, 10 * COUNT)
  const none = await search(store, { type: 'Observation', where: not(final), total: 'accurate' })
  t.match(none, { matches: [], total: 0 })
  const all = await search(store, { type: 'Observation', where: not(active), count: 0, total: 'accurate' })
  t.equal(all.total, COUNT)
})

t.test('what an index serves may be much', async (t) => {
  const store = await limited(t, 5)
  const served: Record<string, Expression> = {
    everything: and([]),
    'one value': final,
    'a value and another': and([final, tokenMatch('code', 's', 'c7')]),
    'a reference': localReferenceMatch('subject', ['Patient'], 'p1'),
    'a beginning': stringMatch('note', 'note 1'),
    'a chain': chainMatch('subject', [typedCondition('Patient', stringMatch('name', 'p1'))]),
  }
  for (const [what, where] of Object.entries(served)) {
    const page = await search(store, { type: 'Observation', where, count: 400 })
    t.ok(page.matches.length > 0, what)
  }
  const first = await search(store, { type: 'Observation', where: not(active), count: 3 })
  t.equal(first.matches.length, 3, 'a walk may end in time')
})

t.test('each search has the whole of it', async (t) => {
  const store = await limited(t, COUNT + 10)
  for (let n = 0; n < 5; n++)
    t.match(await search(store, { type: 'Observation', where: not(final) }), { matches: [] })
})

t.test('what is hidden does not count', async (t) => {
  const store = await limited(t, COUNT - 100)
  await t.rejects(search(store, { type: 'Claim', where: not(active) }), { code: 'too-costly' })
  // Also where the condition asks less of SQLite than whether the row may be seen.
  const open: Record<string, Expression> = {
    'a value': not(active),
    'an id': not(idMatch('none')),
    'a time': lastUpdatedMatch({ comparator: 'ne', low: 1, high: 2 }),
    'a compartment': not(compartmentMatch(['none'])),
    'what none has': not(tokenMatch('none', 's', 'none')),
    'what is contained': containsMatch('Device', not(active)),
  }
  const late: SortKey = { by: 'entry', entry: 'token', param: 'status', descending: true }
  for (const [what, where] of Object.entries(open))
    for (const access of [NO_HIDDEN, OF_MANY])
      for (const more of [{}, { sort: [late] }, { count: 0, total: 'accurate' as const }])
        t.match(await search(store, { type: 'Claim', where, ...more }, access), { matches: [] }, what)
  await t.rejects(search(store, { type: 'Claim', where: containsMatch('Device', not(active)) }), {
    code: 'too-costly',
  })
  t.match(
    await search(
      store,
      { type: 'Organization', where: not(hasMatch(typedCondition('Claim', not(active)), 'insurer')) },
      NO_HIDDEN,
    ),
    { matches: [{ id: 'insurer' }] },
    'among referrers',
  )
})
