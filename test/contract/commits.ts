// Contract: a commit is decided in its turn, and done whole or not at all.
import { or, SEE_EVERYTHING, tokenMatch, type IndexEntry, type Store } from '../../src/store/index.ts'
import { ABSENT, commit, EVERY, history, ids, put, remove, search, steps, storeTest, tally } from './world.ts'
import { version, write, type OpenStore, type Tester } from './world.ts'

const KEY = { type: 'Patient', id: 'a' }
const MRN: IndexEntry = { kind: 'token', param: 'identifier', system: 'urn:mrn', code: '7' }
const HAS_MRN = tokenMatch('identifier', 'urn:mrn', '7')
const NO_MATCH = { type: 'Patient', where: HAS_MRN, ids: [] }

export function commitsContract(t: Tester, open: OpenStore): void {
  expectations(t, open)
  assertions(t, open)
  wholeness(t, open)
  references(t, open)
}

function expectations(t: Tester, open: OpenStore): void {
  storeTest(t, open, 'expectations are told from what is there', async (t, store) => {
    const tries = async (
      expected: readonly (readonly ['absent' | number, number | undefined])[],
      what: string,
    ) => {
      for (const [expect, current] of expected) {
        const wanted = expect === 'absent' ? ABSENT : version(expect)
        for (const one of [
          put('Patient', 'a', { text: '"new":1' }, { expect: wanted }),
          remove('Patient', 'a', wanted),
        ])
          t.strictSame(
            await store.commit(commit([put('Patient', 'other'), one])),
            { kind: 'unexpected-version', write: 1, current },
            `${one.kind}, ${what}, expecting ${expect}`,
          )
      }
    }
    await tries([[1, undefined]], 'never there')
    await write(store, put('Patient', 'a'))
    await tries(
      [
        ['absent', 1],
        [2, 1],
        [0, 1],
      ],
      'one version',
    )
    await write(store, put('Patient', 'a', { text: '"a":2' }))
    await tries(
      [
        ['absent', 2],
        [1, 2],
        [3, 2],
      ],
      'two versions',
    )
    await write(store, remove('Patient', 'a'))
    await tries(
      [
        [2, undefined],
        [3, undefined],
      ],
      'deleted',
    )
    t.equal(
      await store.read({ type: 'Patient', id: 'other' }, SEE_EVERYTHING),
      undefined,
      'nothing else was written',
    )
    t.match(await write(store, remove('Patient', 'a', ABSENT)), [{ outcome: 'absent' }])
    t.match(await write(store, put('Patient', 'a', {}, { expect: ABSENT })), [
      { outcome: 'created', versionId: 4 },
    ])
  })

  storeTest(t, open, '100 blind updates at once make versions 1 to 100', async (t, store) => {
    const all = await Promise.all(
      Array.from({ length: 100 }, (_, at) => write(store, put('Patient', 'a', { text: `"at":${at}` }))),
    )
    const made = all.map(([result]) => result!.versionId).toSorted((a, b) => a - b)
    t.strictSame(
      made,
      Array.from({ length: 100 }, (_, at) => at + 1),
    )
    t.strictSame(all.filter(([result]) => result!.outcome === 'created').length, 1)
    const { versions } = await history(store, { scope: { kind: 'instance', ...KEY } })
    t.strictSame(
      versions.map(({ versionId }) => versionId),
      made.toReversed(),
    )
  })

  storeTest(t, open, '100 updates at once that expect the same version: one wins', async (t, store) => {
    await write(store, put('Patient', 'a'))
    const all = await Promise.all(
      Array.from({ length: 100 }, (_, at) =>
        store.commit(commit([put('Patient', 'a', { text: `"at":${at}` }, { expect: version(1) })])),
      ),
    )
    t.strictSame(tally(all), { committed: 1, 'unexpected-version': 99 })
    t.equal((await store.read(KEY, SEE_EVERYTHING))!.versionId, 2)
  })

  storeTest(t, open, '100 puts at once that expect nothing: one wins', async (t, store) => {
    const all = await Promise.all(
      Array.from({ length: 100 }, (_, at) =>
        store.commit(commit([put('Patient', 'a', { text: `"at":${at}` }, { expect: ABSENT })])),
      ),
    )
    t.strictSame(tally(all), { committed: 1, 'unexpected-version': 99 })
  })
}

function assertions(t: Tester, open: OpenStore): void {
  storeTest(t, open, '100 conditional creates at once make one resource', async (t, store) => {
    const all = await Promise.all(
      Array.from({ length: 100 }, (_, at) =>
        store.commit(commit([put('Patient', `p${at}`, { entries: [MRN] })], { assertions: [NO_MATCH] })),
      ),
    )
    t.strictSame(tally(all), { committed: 1, 'matches-changed': 99 })
    t.equal((await search(store, { type: 'Patient', where: HAS_MRN, total: 'accurate' })).total, 1)
    t.strictSame(await store.maintenance.counts(), { resources: 1, versions: 1 })
  })

  storeTest(t, open, 'an assertion compares whole sets', async (t, store) => {
    await write(store, put('Patient', 'a', { entries: [MRN] }), put('Patient', 'b', { entries: [MRN] }))
    await write(
      store,
      put('Group', 'c', { entries: [MRN] }),
      put('Patient', 'd'),
      put('Patient', 'e', { entries: [MRN] }),
    )
    await write(store, remove('Patient', 'e'))
    const holds = async (...asserted: string[]) => {
      const assertions = [
        { type: 'Patient', where: EVERY, ids: ['a', 'b', 'd'] },
        { type: 'Patient', where: HAS_MRN, ids: asserted },
      ]
      const result = await store.commit(commit([], { assertions }))
      if (result.kind === 'matches-changed') t.equal(result.assertion, 1, 'the one that failed is named')
      return result.kind === 'committed'
    }
    t.ok(await holds('a', 'b'))
    t.ok(await holds('b', 'a'), 'in any order')
    for (const wrong of [[], ['a'], ['b'], ['a', 'c'], ['a', 'b', 'c'], ['a', 'b', 'e'], ['a', 'x'], ['x']])
      t.notOk(await holds(...wrong), wrong.join(' and ') || 'nothing')
  })

  storeTest(t, open, 'assertions speak of the time before the writes', async (t, store) => {
    const result = await store.commit(
      commit([put('Patient', 'a', { entries: [MRN] }), put('Patient', 'b', { entries: [MRN] })], {
        assertions: [NO_MATCH, { type: 'Patient', where: or([]), ids: [] }],
      }),
    )
    t.equal(result.kind, 'committed')
    t.strictSame(
      await store.commit(
        commit([remove('Patient', 'a'), remove('Patient', 'b')], { assertions: [NO_MATCH] }),
      ),
      { kind: 'matches-changed', assertion: 0 },
    )
    t.strictSame(ids((await search(store, { type: 'Patient' })).matches), ['a', 'b'])
  })

  storeTest(t, open, 'an assertion fails before an expectation', async (t, store) => {
    await write(store, put('Patient', 'a', { entries: [MRN] }))
    const writes = [
      put('Patient', 'a', {}, { expect: version(9), mustExist: [{ type: 'Group', id: 'none' }] }),
    ]
    t.match(await store.commit(commit(writes, { assertions: [NO_MATCH] })), {
      kind: 'matches-changed',
      assertion: 0,
    })
    t.match(await store.commit(commit(writes)), { kind: 'unexpected-version', write: 0, current: 1 })
  })

  storeTest(t, open, 'conditional updates of one another lose nothing', async (t, store) => {
    // Each asks who matches, then adds a member only if that still holds; a loser asks again.
    const add = async (id: string): Promise<void> => {
      for (;;) {
        const matched = await store.matches('Patient', HAS_MRN, 100, SEE_EVERYTHING)
        const asserted = { type: 'Patient', where: HAS_MRN, ids: matched }
        const text = `"seen":${matched.length}`
        const result = await store.commit(
          commit([put('Patient', id, { entries: [MRN], text })], { assertions: [asserted] }),
        )
        if (result.kind === 'committed') return
      }
    }
    await Promise.all(Array.from({ length: 12 }, (_, at) => add(`p${at}`)))
    const seen = (await search(store, { type: 'Patient' })).matches.map(
      ({ body }) => JSON.parse(body!.toString()).seen,
    )
    t.strictSame(
      seen.toSorted((a: number, b: number) => a - b),
      Array.from({ length: 12 }, (_, at) => at),
    )
  })
}

function wholeness(t: Tester, open: OpenStore): void {
  const footprint = async (store: Store) => ({
    counts: await store.maintenance.counts(),
    history: steps((await history(store, { scope: { kind: 'system' } })).versions),
    indexed: ids((await search(store, { type: 'Patient', where: HAS_MRN })).matches),
    all: ids((await search(store, { type: 'Patient' })).matches),
  })

  for (const [what, third] of [
    ['an expectation', put('Patient', 'c', {}, { expect: version(1) })],
    ['a reference', put('Patient', 'c', {}, { mustExist: [{ type: 'Group', id: 'none' }] })],
  ] as const)
    storeTest(t, open, `when ${what} of the third write fails, nothing is written`, async (t, store) => {
      await write(store, put('Patient', 'b', { text: '"old":1' }), put('Patient', 'd', { entries: [MRN] }))
      const before = await footprint(store)
      const writes = [
        put('Patient', 'a', { entries: [MRN] }),
        put('Patient', 'b', { entries: [MRN] }),
        third,
        remove('Patient', 'd'),
      ]
      t.match(await store.commit(commit(writes)), { write: 2 })
      t.strictSame(await footprint(store), before)
      t.equal(await store.read(KEY, SEE_EVERYTHING), undefined)
      t.strictSame(await store.maintenance.verify(), [])
      await write(store, put('Patient', 'a', {}, { expect: ABSENT }))
      t.equal((await store.read(KEY, SEE_EVERYTHING))!.versionId, 1, 'no version was used up')
    })

  storeTest(t, open, 'a failed commit does not touch its neighbours', async (t, store) => {
    const all = await Promise.all(
      Array.from({ length: 60 }, (_, at) =>
        store.commit(
          commit([
            put('Patient', `p${at}`, { entries: [MRN] }),
            put('Patient', `q${at}`, {}, { expect: at % 3 === 0 ? version(5) : ABSENT }),
          ]),
        ),
      ),
    )
    const good = Array.from({ length: 60 }, (_, at) => at).filter((at) => at % 3 !== 0)
    t.strictSame(tally(all), { committed: 40, 'unexpected-version': 20 })
    t.strictSame(
      ids((await search(store, { type: 'Patient', where: HAS_MRN })).matches),
      good.map((at) => `p${at}`).toSorted(),
    )
    t.strictSame(await store.maintenance.counts(), { resources: 80, versions: 80 })
  })

  storeTest(
    t,
    open,
    'the versions of one commit share one time; results stand in order',
    async (t, store, clock) => {
      await write(store, put('Patient', 'x'), put('Patient', 'y'))
      clock.time += 10
      const results = await write(
        store,
        remove('Patient', 'x'),
        put('Patient', 'y'),
        put('Patient', 'z'),
        remove('Patient', 'none'),
        put('Group', 'y', { text: '"a":1' }),
      )
      t.strictSame(
        results.map(({ outcome }) => outcome),
        ['deleted', 'unchanged', 'created', 'absent', 'created'],
      )
      t.strictSame(
        results.map(({ lastUpdated }) => lastUpdated - clock.time),
        [0, -10, 0, -clock.time, 0],
      )
    },
  )

  storeTest(t, open, 'an empty commit does nothing', async (t, store) => {
    t.strictSame(await store.commit(commit([])), { kind: 'committed', results: [] })
    t.strictSame(await store.maintenance.counts(), { resources: 0, versions: 0 })
  })
}

function references(t: Tester, open: OpenStore): void {
  const needs = (id: string, ...targets: string[]) =>
    put(
      'Group',
      id,
      { text: `"of":"${targets.join()}"` },
      { mustExist: targets.map((target) => ({ type: 'Patient', id: target })) },
    )

  storeTest(t, open, 'references must find something when the commit ends', async (t, store) => {
    t.match(await store.commit(commit([needs('g', 'a', 'b')])), {
      kind: 'missing-references',
      write: 0,
      missing: [
        { type: 'Patient', id: 'a' },
        { type: 'Patient', id: 'b' },
      ],
    })
    t.match(await write(store, needs('g', 'a', 'b'), put('Patient', 'a'), put('Patient', 'b')), [
      { outcome: 'created' },
      { outcome: 'created' },
      { outcome: 'created' },
    ])
    t.match(await store.commit(commit([put('Patient', 'c'), needs('h', 'a', 'd', 'c')])), {
      kind: 'missing-references',
      write: 1,
      missing: [{ type: 'Patient', id: 'd' }],
    })
    t.match(await store.commit(commit([needs('h', 'a'), remove('Patient', 'a')])), {
      kind: 'missing-references',
      write: 0,
      missing: [{ type: 'Patient', id: 'a' }],
    })
    await write(store, remove('Patient', 'a'))
    t.match(await store.commit(commit([needs('h', 'a')])), { missing: [{ type: 'Patient', id: 'a' }] })
    t.match(
      await store.commit(commit([needs('g', 'a', 'b')])),
      { kind: 'missing-references' },
      'also without a change',
    )
    t.match(await write(store, put('Patient', 'a'), needs('h', 'a')), [{ versionId: 3 }, { versionId: 1 }])
  })

  storeTest(t, open, 'a resource may refer to itself, and two to each other', async (t, store) => {
    const self = put('Patient', 'a', {}, { mustExist: [KEY] })
    const back = put('Patient', 'b', {}, { mustExist: [KEY, { type: 'Patient', id: 'b' }] })
    t.equal((await store.commit(commit([self, back]))).kind, 'committed')
  })

  storeTest(t, open, 'a target that is only referred to is not there', async (t, store) => {
    const entry: IndexEntry = {
      kind: 'reference',
      param: 'member',
      target: { kind: 'local', type: 'Patient', id: 'ghost' },
    }
    await write(store, put('Group', 'g', { entries: [entry] }))
    t.equal(await store.read({ type: 'Patient', id: 'ghost' }, SEE_EVERYTHING), undefined)
    t.strictSame((await search(store, { type: 'Patient' })).matches, [])
    t.match(await store.commit(commit([needs('h', 'ghost')])), { kind: 'missing-references' })
    t.strictSame(await store.maintenance.counts(), { resources: 1, versions: 1 })
    t.match(await write(store, put('Patient', 'ghost', {}, { expect: ABSENT })), [
      { outcome: 'created', versionId: 1 },
    ])
    t.equal((await store.commit(commit([needs('h', 'ghost')]))).kind, 'committed')
  })
}
