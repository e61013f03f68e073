// Contract: whoever plans a write learns which labels guard a resource and who refers to it, and the turn holds the write to that.
import {
  SEE_EVERYTHING,
  SEE_NOTHING,
  type AccessFilter,
  type Commit,
  type IndexEntry,
  type LabelAssertion,
  type Put,
  type ReferrerAssertion,
  type SecurityLabel,
  type Store,
} from '../../src/store/index.ts'
import { keyOf, named, only, R, S } from './access-world.ts'
import {
  commit,
  EVERY,
  put,
  remove,
  storeTest,
  version,
  write,
  type OpenStore,
  type Tester,
} from './world.ts'

const MANY: readonly SecurityLabel[] = Array.from({ length: 70 }, (_, at) => ({
  system: 'urn:many',
  code: `c${at}`,
}))

const told = (labels: readonly SecurityLabel[] | undefined) =>
  labels?.map(({ system, code }) => `${system}|${code}`).toSorted()

async function labelsOf(store: Store, ...names: string[]) {
  return (await store.labelsOf(names.map(keyOf))).map(told)
}

const refers = (to: string, param = 'subject'): IndexEntry => ({
  kind: 'reference',
  param,
  target: { kind: 'local', ...keyOf(to) },
})

async function referrers(store: Store, to: string, limit = 100, behind?: string) {
  const found = await store.referrers(keyOf(to), limit, behind === undefined ? undefined : keyOf(behind))
  return found.map(named).join(' ')
}

const labelled = (name: string, labels: readonly SecurityLabel[] | undefined): LabelAssertion => ({
  key: keyOf(name),
  labels,
})
const referred = (name: string, ...by: string[]): ReferrerAssertion => ({
  key: keyOf(name),
  referrers: by.map(keyOf),
})
const writing = (
  writes: Commit['writes'],
  labels: readonly LabelAssertion[],
  referrers: readonly ReferrerAssertion[] = [],
  access: AccessFilter = SEE_EVERYTHING,
): Commit => ({ ...commit(writes, { access }), labels, referrers })

/** The name of what has changed; else the kind of the result. */
async function outcome(store: Store, asked: Commit): Promise<string> {
  const result = await store.commit(asked)
  return result.kind === 'labels-changed' ? named(result.assertion) : result.kind
}

export function labelsContract(t: Tester, open: OpenStore): void {
  storeTest(t, open, 'the labels of a resource are those of its last version', async (t, store) => {
    t.strictSame(await labelsOf(store, 'Patient/a', 'Nothing/a'), [undefined, undefined])
    await write(store, put('Patient', 'a'), put('Patient', 'b', { labels: [R, S] }))
    t.strictSame(await labelsOf(store, 'Patient/b', 'Patient/a', 'Patient/c', 'Patient/b'), [
      told([R, S]),
      [],
      undefined,
      told([R, S]),
    ])
    await write(store, put('Patient', 'a', { labels: [S] }), put('Patient', 'b', { text: '"v":2' }))
    t.strictSame(await labelsOf(store, 'Patient/a', 'Patient/b'), [told([S]), []])
    await write(store, remove('Patient', 'a'))
    t.strictSame(await labelsOf(store, 'Patient/a'), [told([S])], 'a deletion keeps them')
    await write(store, put('Patient', 'a'))
    t.strictSame(await labelsOf(store, 'Patient/a'), [[]])
    const { index } = put('Patient', 'a', { labels: [R] })
    await store.maintenance.replaceIndexes([{ key: keyOf('Patient/a'), versionId: 4, index }])
    t.strictSame(await labelsOf(store, 'Patient/a'), [told([R])], 'indexed anew')
  })

  storeTest(t, open, 'of more labels than any practice has', async (t, store) => {
    await write(store, put('Patient', 'all', { labels: MANY }))
    await write(store, put('Patient', 'first', { labels: [MANY[0]!, MANY[49]!] }))
    await write(store, put('Patient', 'last', { labels: [MANY[50]!, MANY[69]!] }))
    await write(store, put('Patient', 'mixed', { labels: [MANY[31]!, MANY[32]!, MANY[60]!] }))
    t.strictSame(await labelsOf(store, 'Patient/all', 'Patient/first', 'Patient/last', 'Patient/mixed'), [
      told(MANY),
      told([MANY[0]!, MANY[49]!]),
      told([MANY[50]!, MANY[69]!]),
      told([MANY[31]!, MANY[32]!, MANY[60]!]),
    ])
  })

  storeTest(t, open, 'who refers to a resource', async (t, store) => {
    t.equal(await referrers(store, 'Patient/a'), '', 'a type that nobody has heard of')
    await write(store, put('Group', 'before', { entries: [refers('Patient/a', 'member')] }))
    t.equal(await referrers(store, 'Patient/a'), 'Group/before', 'before it is there itself')
    await write(store, put('Patient', 'a', { entries: [refers('Patient/a', 'link'), refers('Patient/b')] }))
    await write(
      store,
      put('Observation', 'o', {
        entries: [refers('Patient/a'), refers('Patient/a', 'performer'), refers('Patient/b')],
      }),
      put('Observation', 'other', { entries: [refers('Patient/b')], text: '"of":"Patient/a"' }),
      put('Observation', 'by-source', { entries: [refers('Patient/a', '_security:source')] }),
      put('Observation', 'within', {
        contained: [
          { type: 'Medication', id: 'm', entries: [refers('Patient/a', 'manufacturer')] },
          { type: 'Medication', id: 'n', entries: [refers('Patient/a', 'manufacturer')] },
        ],
      }),
    )
    const all = ['Group/before', 'Observation/o', 'Observation/by-source', 'Observation/within']
    t.equal(await referrers(store, 'Patient/a'), all.join(' '), 'each once, and not the resource itself')
    t.equal(await referrers(store, 'Patient/b'), 'Patient/a Observation/o Observation/other')
    t.equal(await referrers(store, 'Observation/o'), '')
    for (let limit = 0; limit <= 5; limit++) {
      t.equal(await referrers(store, 'Patient/a', limit), all.slice(0, limit).join(' '))
      for (const [at, behind] of all.entries())
        t.equal(
          await referrers(store, 'Patient/a', limit, behind),
          all.slice(at + 1, at + 1 + limit).join(' '),
          `${limit} behind ${behind}`,
        )
    }

    await write(store, put('Observation', 'o', { entries: [refers('Patient/b')] }), remove('Group', 'before'))
    await write(store, put('Observation', 'other', { entries: [refers('Patient/a')] }))
    t.equal(
      await referrers(store, 'Patient/a'),
      'Observation/other Observation/by-source Observation/within',
      'as it is now, in the order in which they came to be',
    )
    t.equal(
      await referrers(store, 'Patient/a', 9, 'Observation/o'),
      'Observation/other Observation/by-source Observation/within',
      'behind one that does not refer any more',
    )
    await write(store, remove('Patient', 'a'))
    t.equal(
      await referrers(store, 'Patient/a'),
      'Observation/other Observation/by-source Observation/within',
      'also when it is deleted',
    )
  })

  storeTest(t, open, 'a commit holds labels to what is asserted of them', async (t, store) => {
    await write(
      store,
      put('Patient', 'plain'),
      put('Patient', 'r', { labels: [R] }),
      put('Patient', 'rs', { labels: [S, R] }),
      put('Patient', 'gone', { labels: [S] }),
    )
    await write(store, remove('Patient', 'gone'))
    const states: Readonly<Record<string, readonly SecurityLabel[] | undefined>> = {
      'Patient/plain': [],
      'Patient/r': [R],
      'Patient/rs': [R, S],
      'Patient/gone': [S],
      'Patient/never': undefined,
      'Nothing/ever': undefined,
    }
    const unknown: SecurityLabel = { system: 'urn:label', code: 'unknown' }
    for (const access of [SEE_EVERYTHING, SEE_NOTHING])
      for (const [name, held] of Object.entries(states))
        for (const asserted of [undefined, [], [R], [S], [R, S], [S, R, S], [R, unknown], [unknown]]) {
          const holds =
            JSON.stringify(told(held)) === JSON.stringify(told(asserted && [...new Set(asserted)]))
          t.equal(
            await outcome(
              store,
              writing([], [labelled('Patient/r', [R]), labelled(name, asserted)], [], access),
            ),
            holds ? 'committed' : name,
            `${name} ${told(asserted)}`,
          )
        }
    t.equal((await store.maintenance.counts()).versions, 5)
  })

  storeTest(t, open, 'and to the version that is named, where one is', async (t, store) => {
    await write(store, put('Patient', 'a', { labels: [R] }), put('Patient', 'gone'))
    await write(store, put('Patient', 'a', { labels: [R], text: '"v":2' }), remove('Patient', 'gone'))
    const outcomes = async (name: string, labels: readonly SecurityLabel[] | undefined) =>
      Promise.all(
        [undefined, 1, 2, 3].map((versionId) =>
          outcome(store, writing([], [{ ...labelled(name, labels), versionId }])),
        ),
      )
    const [done, changed] = ['committed', 'Patient/a']
    t.strictSame(await outcomes('Patient/a', [R]), [done, changed, done, changed])
    t.strictSame(await outcomes('Patient/a', []), [changed, changed, changed, changed], 'and to its labels')
    t.strictSame(
      await outcomes('Patient/gone', []),
      [done, 'Patient/gone', done, 'Patient/gone'],
      'a deletion is a version as well',
    )
    t.strictSame(
      await outcomes('Patient/never', undefined),
      [done, done, done, done],
      'what never was has none',
    )
    const held = (versionId: number) => [{ ...labelled('Patient/a', [R]), versionId }]
    t.strictSame(
      await Promise.all([
        outcome(store, writing([put('Patient', 'a', { labels: [R], text: '"v":3' })], held(2))),
        outcome(store, writing([put('Observation', 'one')], held(2))),
        outcome(store, writing([put('Observation', 'two')], held(3))),
      ]),
      [done, changed, done],
      'in the same batch too',
    )
  })

  storeTest(t, open, 'of many labels too, the last ones told apart', async (t, store) => {
    const some = MANY.slice(45, 60)
    await write(store, put('Patient', 'first', { labels: MANY }), put('Patient', 'a', { labels: some }))
    t.equal(await outcome(store, writing([], [labelled('Patient/a', some.toReversed())])), 'committed')
    for (const without of some) {
      const rest = some.filter((label) => label !== without)
      for (const asserted of [rest, [...rest, MANY[44]!], [...rest, MANY[60]!], [...some, MANY[61]!]])
        t.equal(await outcome(store, writing([], [labelled('Patient/a', asserted)])), 'Patient/a')
    }
  })

  storeTest(t, open, 'what another has changed meanwhile, in the same batch', async (t, store) => {
    const held = () => labelled('Patient/a', [])
    const observation = (id: string) => put('Observation', id, { entries: [refers('Patient/a')] })
    await write(store, put('Patient', 'a'), put('Observation', 'o'))
    const results = await Promise.all([
      outcome(store, writing([observation('one')], [held()])),
      outcome(store, writing([put('Patient', 'a', { labels: [R] })], [held()])),
      outcome(store, writing([observation('two')], [held()])),
      outcome(store, writing([observation('three')], [labelled('Patient/a', [R])])),
      outcome(store, writing([remove('Patient', 'a')], [labelled('Patient/a', [R])])),
      outcome(store, writing([observation('four')], [labelled('Patient/a', [R])])),
      outcome(store, writing([put('Patient', 'a')], [labelled('Patient/a', [R])])),
      outcome(store, writing([observation('five')], [labelled('Patient/a', [R])])),
      outcome(store, writing([observation('six')], [held()])),
    ])
    const [done, changed] = ['committed', 'Patient/a']
    t.strictSame(results, [done, done, changed, done, done, done, done, changed, done])
    t.equal(
      await referrers(store, 'Patient/a'),
      'Observation/one Observation/three Observation/four Observation/six',
    )
    t.strictSame(await labelsOf(store, 'Patient/a'), [[]])
  })

  storeTest(t, open, 'whatever another commit of the batch had to take back', async (t, store) => {
    await write(store, put('Patient', 'a'))
    const held = (labels: readonly SecurityLabel[]) => writing([], [labelled('Patient/a', labels)])
    // What it puts it hides, so that its own reference is missing only when all is written.
    const refused = commit([put('Patient', 'b', { labels: [R] }, { mustExist: [keyOf('Patient/b')] })], {
      access: only({ withoutLabels: [R] }),
    })
    const results = await Promise.all([
      outcome(store, commit([put('Patient', 'a', { text: '"v":2' }, { expect: version(1) })])),
      outcome(store, held([])),
      outcome(store, refused),
      outcome(store, held([])),
      outcome(store, held([S])),
      outcome(store, commit([put('Patient', 'a', { labels: [R] }, { expect: version(2) })])),
      outcome(store, held([R])),
    ])
    t.strictSame(results, [
      'committed',
      'committed',
      'missing-references',
      'committed',
      'Patient/a',
      'committed',
      'committed',
    ])
    t.strictSame(await labelsOf(store, 'Patient/a', 'Patient/b'), [told([R]), undefined])
  })

  storeTest(t, open, 'nor by an index made anew', async (t, store) => {
    await write(store, put('Patient', 'a'))
    t.equal(await outcome(store, writing([], [labelled('Patient/a', [])])), 'committed')
    const { index } = put('Patient', 'a', { labels: [S] })
    await store.maintenance.replaceIndexes([{ key: keyOf('Patient/a'), versionId: 1, index }])
    t.equal(await outcome(store, writing([], [labelled('Patient/a', [])])), 'Patient/a')
    t.equal(await outcome(store, writing([], [labelled('Patient/a', [S])])), 'committed')
  })

  storeTest(t, open, 'before what the commit itself writes', async (t, store) => {
    const asked = writing(
      [
        put('Patient', 'a', { labels: [R] }),
        put('Observation', 'o', { entries: [refers('Patient/a')] }, { mustExist: [keyOf('Patient/a')] }),
      ],
      [labelled('Patient/a', undefined)],
      [referred('Patient/a'), referred('Observation/o')],
    )
    t.equal(await outcome(store, asked), 'committed')
    t.equal(await outcome(store, asked), 'Patient/a')
    t.equal(await outcome(store, { ...asked, labels: [] }), 'Patient/a')
    t.equal(
      await outcome(store, {
        ...asked,
        labels: [labelled('Patient/a', [R])],
        referrers: [referred('Patient/a', 'Observation/o')],
      }),
      'committed',
    )
  })

  storeTest(t, open, 'a commit holds referrers to what is asserted of them', async (t, store) => {
    const observation = (id: string, ...to: string[]) =>
      put('Observation', id, { entries: to.map((one) => refers(one)) })
    await write(
      store,
      observation('o', 'Patient/a'),
      put('Patient', 'a'),
      observation('p', 'Patient/a', 'Patient/b'),
    )
    const [o, p] = ['Observation/o', 'Observation/p']
    for (const [name, by, holds] of [
      ['Patient/a', [o, p], true],
      ['Patient/a', [p, o, p], true],
      ['Patient/a', [o], false],
      ['Patient/a', [o, o], false],
      ['Patient/a', [], false],
      ['Patient/a', [o, p, 'Observation/q'], false],
      ['Patient/a', [o, 'Group/p'], false],
      ['Patient/b', [p], true],
      ['Patient/b', [], false],
      ['Patient/never', [], true],
      ['Nothing/ever', [], true],
      ['Nothing/ever', [o], false],
    ] as const)
      for (const access of [SEE_EVERYTHING, SEE_NOTHING])
        t.equal(
          await outcome(store, writing([], [], [referred('Patient/b', p), referred(name, ...by)], access)),
          holds ? 'committed' : name,
          `${name} ${by.join(' ')}`,
        )
    const one = () => writing([put('Patient', 'a', { text: `"v":2` })], [], [referred('Patient/a', o, p)])
    t.strictSame(
      await Promise.all([
        outcome(store, one()),
        outcome(store, writing([observation('q', 'Patient/a')], [labelled('Patient/a', [])])),
        outcome(store, one()),
        outcome(store, writing([remove('Observation', 'q'), observation('o', 'Patient/a')], [])),
        outcome(store, one()),
        outcome(store, writing([observation('o', 'Patient/b')], [])),
        outcome(store, one()),
      ]),
      ['committed', 'committed', 'Patient/a', 'committed', 'committed', 'committed', 'Patient/a'],
      'in one batch',
    )
  })

  storeTest(t, open, 'reasons in their order', async (t, store) => {
    await write(store, put('Patient', 'a', { labels: [R] }))
    const where = { type: 'Patient', where: EVERY, ids: [] }
    const asked: Commit = {
      access: SEE_NOTHING,
      assertions: [where],
      labels: [labelled('Patient/a', []), labelled('Patient/b', [])],
      referrers: [referred('Patient/c', 'Patient/a')],
      writes: [put('Patient', 'a', {}, { expect: version(3) })],
    }
    t.equal(await outcome(store, asked), 'Patient/a', 'the first of those about labels')
    t.equal(await outcome(store, { ...asked, access: SEE_EVERYTHING }), 'matches-changed')
    t.equal(await outcome(store, { ...asked, labels: [] }), 'Patient/c')
    t.equal(await outcome(store, { ...asked, labels: [], referrers: [] }), 'hidden')
  })

  storeTest(t, open, 'the server writes labels anew whoever sees the resource', async (t, store) => {
    await write(store, put('Patient', 'a', { labels: [R] }), put('Patient', 'b'))
    const relabels = (id: string, labels: readonly SecurityLabel[], expect = version(1)): Put => ({
      ...put('Patient', id, { labels }, { expect }),
      byServer: true,
    })
    const access = only({ withoutLabels: [R] })
    const asked = (...writes: Put[]) => store.commit(commit(writes, { access }))
    t.match(await asked(put('Patient', 'a', { labels: [R, S] })), { kind: 'hidden', write: 0 })
    t.match(
      await asked(put('Patient', 'b', { labels: [R] }, { expect: version(1) }), relabels('a', [R, S])),
      { results: [{ outcome: 'updated' }, { outcome: 'updated', versionId: 2 }] },
    )
    t.strictSame(await labelsOf(store, 'Patient/a', 'Patient/b'), [told([R, S]), told([R])])
    t.strictSame(
      await asked(relabels('b', [S], version(2)), relabels('a', [])),
      { kind: 'unexpected-version', write: 1, current: 2 },
      'which version it is made for is held to',
    )
    t.strictSame(await labelsOf(store, 'Patient/a', 'Patient/b'), [told([R, S]), told([R])])
    t.match(await asked(put('Patient', 'b', { labels: [] })), { kind: 'hidden', write: 0 })
  })
}
