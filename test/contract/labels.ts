// Contract: whoever plans a write learns which labels guard a resource and who refers to it, and the turn holds the write to that.
import type { IndexEntry, SecurityLabel, Store } from '../../src/store/index.ts'
import { keyOf, named, R, S } from './access-world.ts'
import { put, remove, storeTest, write, type OpenStore, type Tester } from './world.ts'

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
}
