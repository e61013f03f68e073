// Contract: what operators need: counts, reindexing, settings, backup and verification.
import { join } from 'node:path'
import { SEE_EVERYTHING, tokenMatch, type IndexEntry } from '../../src/store/index.ts'
import { FhirError } from '../../src/fhir/errors.ts'
import {
  ABSENT,
  history,
  ids,
  indexOf,
  put,
  remove,
  search,
  steps,
  storeTest,
  write,
  type OpenStore,
  type Tester,
} from './world.ts'

const token = (code: string): IndexEntry => ({ kind: 'token', param: 'code', system: 'urn:s', code })

export function maintenanceContract(t: Tester, open: OpenStore): void {
  storeTest(t, open, 'counts tell current resources and all versions', async (t, store) => {
    t.strictSame(await store.maintenance.counts(), { resources: 0, versions: 0 })
    await write(store, put('Patient', 'a'), put('Group', 'a'))
    await write(store, put('Patient', 'a', { text: '"v":2' }), remove('Group', 'a'))
    t.strictSame(await store.maintenance.counts(), { resources: 1, versions: 4 })
    await write(store, put('Group', 'a'))
    t.strictSame(await store.maintenance.counts(), { resources: 2, versions: 5 })
  })

  storeTest(t, open, 'current resources come in batches, in the order of creation', async (t, store) => {
    const created = ['g', 'c', 'f', 'a', 'e', 'b', 'd']
    for (const id of created) await write(store, put(id < 'd' ? 'Patient' : 'Group', id))
    await write(store, put('Group', 'g', { text: '"v":2' }), remove('Patient', 'c'), remove('Group', 'f'))
    await write(store, put('Patient', 'c', { text: '"again":1' }))
    const expected = ['g@2', 'c@3', 'a@1', 'e@1', 'b@1', 'd@1']
    for (const batchSize of [1, 2, 3, 6, 100]) {
      const batches = await Array.fromAsync(store.maintenance.currentResources(batchSize))
      t.strictSame(steps(batches.flat()), expected, `batches of ${batchSize}`)
      t.ok(batches.every((batch) => batch.length > 0 && batch.length <= batchSize))
      for (const one of batches.flat()) t.strictSame(one, await store.read(one, SEE_EVERYTHING))
    }
    const walked = async (type: string, after?: string) =>
      steps((await Array.fromAsync(store.maintenance.currentResources(2, { type, after }))).flat())
    t.strictSame(await walked('Patient'), ['c@3', 'a@1', 'b@1'], 'of one type')
    t.strictSame(await walked('Group'), ['g@2', 'e@1', 'd@1'])
    t.strictSame(await walked('Patient', 'c'), ['a@1', 'b@1'])
    t.strictSame(await walked('Group', 'f'), ['e@1', 'd@1'], 'behind a deleted one')
    t.strictSame(await walked('Group', 'd'), [])
    t.strictSame(await walked('Group', 'never'), ['g@2', 'e@1', 'd@1'], 'behind one that never was')
    t.strictSame(await walked('Observation'), [])
  })

  storeTest(t, open, 'writes go on while current resources are walked', async (t, store) => {
    for (let at = 0; at < 6; at++) await write(store, put('Patient', `p${at}`))
    const seen: string[] = []
    for await (const batch of store.maintenance.currentResources(2)) {
      seen.push(...batch.map(({ id }) => id))
      await write(store, put('Patient', batch[0]!.id, { text: '"touched":1' }))
    }
    t.strictSame(seen, ['p0', 'p1', 'p2', 'p3', 'p4', 'p5'])
  })

  storeTest(
    t,
    open,
    'replaced indexes take effect, for resources still at that version',
    async (t, store) => {
      const is = async (code: string) =>
        (await store.matches('Patient', tokenMatch('code', 'urn:s', code), 9, SEE_EVERYTHING))
          .toSorted()
          .join()
      for (const id of ['a', 'b', 'c', 'd'])
        await write(store, put('Patient', id, { entries: [token('old')] }))
      await write(
        store,
        put('Patient', 'b', { entries: [token('old')], text: '"v":2' }),
        remove('Patient', 'c'),
      )
      const replace = (id: string, versionId: number, code: string) => ({
        key: { type: 'Patient', id },
        versionId,
        index: indexOf({ entries: [token(code)], date: 5 }),
      })
      const before = (await history(store, { scope: { kind: 'system' } })).versions
      const replaced = await store.maintenance.replaceIndexes([
        replace('a', 1, 'new'),
        replace('b', 1, 'new'),
        replace('c', 1, 'new'),
        replace('c', 2, 'new'),
        replace('d', 2, 'new'),
        replace('never', 1, 'new'),
      ])
      t.equal(replaced, 1)
      t.strictSame([await is('new'), await is('old')], ['a', 'b,d'])
      t.strictSame(
        (await history(store, { scope: { kind: 'system' } })).versions,
        before,
        'no version, no new body',
      )
      t.equal(await store.maintenance.replaceIndexes([replace('b', 2, 'newer'), replace('d', 1, 'newer')]), 2)
      t.strictSame([await is('new'), await is('newer'), await is('old')], ['a', 'b,d', ''])
      await write(
        store,
        put('Patient', 'a', { entries: [token('old')], text: '"v":2' }),
        remove('Patient', 'b'),
      )
      t.strictSame(
        [await is('new'), await is('newer'), await is('old')],
        ['', 'd', 'a'],
        'writes follow upon them',
      )
      t.strictSame(await store.maintenance.verify(), [])
      t.equal(await store.maintenance.replaceIndexes([]), 0)
      await store.maintenance.clearStrays()
      t.equal(await store.maintenance.replaceIndexes([replace('d', 1, 'newest')], 'anew'), 1)
      await store.maintenance.indexWordsAnew()
      t.strictSame([await is('newer'), await is('newest'), await is('old')], ['', 'd', 'a'], 'all of it')
      t.strictSame(await store.maintenance.verify(), [])
    },
  )

  storeTest(
    t,
    open,
    'replaced compartments and labels decide who sees the current version, and earlier ones',
    async (t, store) => {
      const label = { system: 'urn:l', code: 'R' }
      const key = { type: 'Observation', id: 'o' }
      await write(store, put('Observation', 'o', { patients: ['p'] }))
      await write(store, put('Observation', 'o', { patients: ['p'], text: '"v":2' }))
      const ofP = { anyOf: [{ types: '*', patients: ['p'], withoutLabels: [] }] } as const
      const ofQ = { anyOf: [{ types: '*', patients: ['q'], withoutLabels: [label] }] } as const
      const seen = async (access: typeof ofP | typeof ofQ) => [
        (await store.read(key, access))?.versionId,
        steps((await history(store, { scope: { kind: 'system' } }, access)).versions).join(' '),
        ids((await search(store, { type: 'Observation' }, access)).matches).join(),
      ]
      t.strictSame(
        [await seen(ofP), await seen(ofQ)],
        [
          [2, 'o@2 o@1', 'o'],
          [undefined, '', ''],
        ],
      )
      await store.maintenance.replaceIndexes([{ key, versionId: 2, index: indexOf({ patients: ['q'] }) }])
      t.strictSame(
        [await seen(ofP), await seen(ofQ)],
        [
          [undefined, '', ''],
          [2, 'o@2', 'o'],
        ],
      )
      await store.maintenance.replaceIndexes([
        { key, versionId: 2, index: indexOf({ patients: ['p', 'q'], labels: [label] }) },
      ])
      t.strictSame(
        [await seen(ofP), await seen(ofQ)],
        [
          [2, 'o@2 o@1', 'o'],
          [undefined, '', ''],
        ],
      )
      t.strictSame(await store.maintenance.verify(), [])
    },
  )

  storeTest(t, open, 'settings are kept', async (t, store) => {
    t.equal(await store.maintenance.getSetting('a'), undefined)
    await store.maintenance.setSetting('a', 'one')
    await store.maintenance.setSetting('b/c', '')
    await store.maintenance.setSetting('a', 'zwei "ü" 🙂')
    t.strictSame(
      [
        await store.maintenance.getSetting('a'),
        await store.maintenance.getSetting('b/c'),
        await store.maintenance.getSetting('A'),
      ],
      ['zwei "ü" 🙂', '', undefined],
    )
  })

  storeTest(t, open, 'a sound store has nothing wrong with it', async (t, store) => {
    t.strictSame(await store.maintenance.verify(), [])
    await write(
      store,
      put('Patient', 'a', { entries: [token('x')], patients: ['a'], date: 1 }),
      put('Group', 'g'),
    )
    await write(store, remove('Patient', 'a'))
    await write(store, put('Patient', 'a', { entries: [token('y')], labels: [{ system: 's', code: 'l' }] }))
    t.strictSame(await store.maintenance.verify(), [])
  })

  storeTest(t, open, 'a backup opens with all that was there', async (t, store, clock) => {
    const label = { system: 'urn:l', code: 'R' }
    for (let at = 0; at < 30; at++) {
      clock.time += 7
      await write(
        store,
        put('Patient', `p${at % 10}`, {
          entries: [token(`${at % 4}`)],
          date: at,
          patients: [`p${at % 10}`],
          labels: at % 5 ? [] : [label],
          text: `"v":${at}`,
        }),
      )
    }
    await write(store, remove('Patient', 'p3'))
    await store.maintenance.setSetting('index-version', '7')
    const file = join(t.testdir({}), 'backup.db')
    const told: number[] = []
    const report = await store.maintenance.backup(file, (done, total) => told.push(done / total))
    t.match(report, { resources: 9, versions: 31 })
    t.ok(report.bytes > 0)
    t.ok(told.every((part) => part >= 0 && part <= 1))
    await t.rejects(store.maintenance.backup(file), FhirError, 'it overwrites nothing')
    await write(store, put('Patient', 'late'))

    clock.time -= 1_000_000
    const copy = await open({ file, now: clock.now })
    try {
      const original = (await history(store, { scope: { kind: 'system' } })).versions.filter(
        ({ id }) => id !== 'late',
      )
      t.strictSame((await history(copy, { scope: { kind: 'system' } })).versions, original)
      t.strictSame(await copy.maintenance.counts(), { resources: 9, versions: 31 })
      t.equal(await copy.maintenance.getSetting('index-version'), '7')
      t.strictSame(await copy.maintenance.verify(), [])
      const unlabelled = { anyOf: [{ types: '*', patients: '*', withoutLabels: [label] }] } as const
      for (const access of [
        SEE_EVERYTHING,
        unlabelled,
        { anyOf: [{ types: '*', patients: ['p1', 'p3'], withoutLabels: [] }] },
      ] as const)
        for (const code of ['0', '1', '2', '3']) {
          const query = {
            type: 'Patient',
            where: tokenMatch('code', 'urn:s', code),
            total: 'accurate',
          } as const
          t.strictSame(await search(copy, query, access), await search(store, query, access))
        }
      const [made] = await write(copy, put('Patient', 'p3', {}, { expect: ABSENT }))
      t.match(made, { outcome: 'created', lastUpdated: original[0]!.lastUpdated })
      t.ok(made!.versionId > 2, 'versions count on')
    } finally {
      await copy.close()
    }
  })

  storeTest(t, open, 'a backup while writes go on is of one moment', async (t, store) => {
    await write(store, ...Array.from({ length: 50 }, (_, at) => put('Patient', `p${at}`)))
    const file = join(t.testdir({}), 'backup.db')
    let done = false
    const pairs = (async () => {
      for (let at = 0; !done && at < 200; at++)
        await write(store, put('Group', `g${at}`), put('Device', `d${at}`))
    })()
    await store.maintenance.backup(file)
    done = true
    await pairs
    const copy = await open({ file })
    try {
      const groups = ids((await search(copy, { type: 'Group' })).matches)
      const devices = ids((await search(copy, { type: 'Device' })).matches)
      t.strictSame(
        groups.map((id) => id.slice(1)),
        devices.map((id) => id.slice(1)),
        'no commit is there by half',
      )
      t.equal((await search(copy, { type: 'Patient', total: 'accurate' })).total, 50)
      t.strictSame(await copy.maintenance.verify(), [])
    } finally {
      await copy.close()
    }
  })

  storeTest(t, open, 'what was accepted is finished before the store closes', async (t) => {
    const own = await open()
    const writes = Array.from({ length: 20 }, (_, at) => write(own, put('Patient', `p${at}`)))
    await own.close()
    t.strictSame(
      (await Promise.all(writes)).flat().map(({ outcome }) => outcome),
      Array.from({ length: 20 }, () => 'created'),
    )
  })
}
