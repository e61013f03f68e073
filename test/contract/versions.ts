// Contract: versions come and go one by one, and none is lost.
import { stampBody } from '../../src/store/index.ts'
import { SEE_EVERYTHING } from '../../src/store/index.ts'
import { ABSENT, bodyOf, history, put, remove, steps, storeTest, template, version, write } from './world.ts'
import type { OpenStore, Tester } from './world.ts'

const KEY = { type: 'Patient', id: 'a' }

export function versionsContract(t: Tester, open: OpenStore): void {
  storeTest(t, open, 'what never was, is undefined', async (t, store) => {
    t.equal(await store.read(KEY, SEE_EVERYTHING), undefined)
    t.equal(await store.readVersion(KEY, 1, SEE_EVERYTHING), undefined)
    t.strictSame((await history(store, { scope: { kind: 'instance', ...KEY } })).versions, [])
    t.strictSame(await write(store, remove('Patient', 'a')), [
      { outcome: 'absent', versionId: 0, lastUpdated: 0 },
    ])
    t.equal(await store.read(KEY, SEE_EVERYTHING), undefined, 'a delete of nothing leaves no trace')
    await write(store, put('Patient', 'a'))
    t.equal(await store.readVersion(KEY, 0, SEE_EVERYTHING), undefined)
    t.equal(await store.readVersion(KEY, 2, SEE_EVERYTHING), undefined)
    t.equal(await store.read({ type: 'Group', id: 'a' }, SEE_EVERYTHING), undefined, 'ids belong to a type')
    t.equal(
      await store.read({ type: 'Patient', id: 'A' }, SEE_EVERYTHING),
      undefined,
      'ids are told apart by case',
    )
  })

  storeTest(t, open, 'create, update, delete, re-create: versions count on', async (t, store, clock) => {
    const start = clock.time
    const outcomes = []
    for (const write1 of [
      put('Patient', 'a', { text: '"a":1' }, { expect: ABSENT }),
      put('Patient', 'a', { text: '"a":2' }, { expect: version(1) }),
      remove('Patient', 'a', version(2)),
      remove('Patient', 'a'),
      put('Patient', 'a', { text: '"a":3' }, { expect: ABSENT }),
    ]) {
      outcomes.push(...(await write(store, write1)))
      clock.time += 1000
    }
    t.strictSame(outcomes, [
      { outcome: 'created', versionId: 1, lastUpdated: start },
      { outcome: 'updated', versionId: 2, lastUpdated: start + 1000 },
      { outcome: 'deleted', versionId: 3, lastUpdated: start + 2000 },
      { outcome: 'absent', versionId: 0, lastUpdated: 0 },
      { outcome: 'created', versionId: 4, lastUpdated: start + 4000 },
    ])
    const seen = []
    for (const versionId of [1, 2, 3, 4]) seen.push(await store.readVersion(KEY, versionId, SEE_EVERYTHING))
    t.strictSame(
      seen.map((one) => [one?.versionId, one?.change, one?.lastUpdated, one?.body && bodyOf(one)['a']]),
      [
        [1, 'create', start, 1],
        [2, 'update', start + 1000, 2],
        [3, 'delete', start + 2000, undefined],
        [4, 'create', start + 4000, 3],
      ],
    )
    t.strictSame(await store.read(KEY, SEE_EVERYTHING), seen[3])
    t.strictSame((await history(store, { scope: { kind: 'instance', ...KEY } })).versions, seen.toReversed())
  })

  storeTest(t, open, 'each version tells by which method it came', async (t, store) => {
    await write(store, put('Patient', 'a', {}, { method: 'POST' }))
    await write(store, put('Patient', 'a', { text: '"a":1' }, { method: 'PUT' }))
    await write(store, put('Patient', 'a', { text: '"a":2' }, { method: 'PATCH' }))
    await write(store, remove('Patient', 'a'))
    await write(store, put('Patient', 'a', {}, { method: 'PUT' }))
    const { versions } = await history(store, { scope: { kind: 'type', type: 'Patient' } })
    t.strictSame(
      versions.map(({ change, method }) => `${change} by ${method}`),
      ['create by PUT', 'delete by DELETE', 'update by PATCH', 'update by PUT', 'create by POST'],
    )
    t.match(await store.read(KEY, SEE_EVERYTHING), { change: 'create', method: 'PUT' })
    t.match(await store.readVersion(KEY, 3, SEE_EVERYTHING), { change: 'update', method: 'PATCH' })
  })

  storeTest(t, open, 'a deletion is read as a version without a body', async (t, store) => {
    await write(store, put('Patient', 'a'))
    await write(store, remove('Patient', 'a'))
    t.match(await store.read(KEY, SEE_EVERYTHING), {
      ...KEY,
      versionId: 2,
      change: 'delete',
      body: undefined,
    })
    t.strictSame(await store.matches('Patient', { kind: 'id', id: 'a' }, 9, SEE_EVERYTHING), [])
  })

  storeTest(t, open, 'the stored bytes are the template with its two stamps', async (t, store, clock) => {
    const text = '"name":"Ünïcødé 漢字 🙂 \\u0000 \\" }","n":[1.00,1e3,-0,12345678901234567890.10],"z":null'
    const body = template('Patient', 'a', { text })
    for (let versionId = 1; versionId <= 12; versionId++) {
      await write(store, put('Patient', 'a', { text: `${text},"v":${versionId}` }))
      clock.time += 1
    }
    await write(store, put('Patient', 'b', { text: text }))
    const stored = await store.read(KEY, SEE_EVERYTHING)
    const stamped = stampBody(template('Patient', 'a', { text: `${text},"v":12` }), 12, stored!.lastUpdated)
    t.equal(stored!.body!.toString('utf8'), stamped.toString('utf8'))
    t.strictSame(bodyOf(stored)['meta'], {
      versionId: '12',
      lastUpdated: new Date(stored!.lastUpdated).toISOString(),
    })
    t.notOk(stamped.equals(Buffer.from(body.bytes)), 'the stamps are not in the template')
  })

  storeTest(t, open, 'a large body comes back whole', async (t, store) => {
    const text = `"data":"${'0123456789abcdef'.repeat(1 << 17)}"`
    await write(store, put('Binary', 'big', { text }))
    const read = await store.read({ type: 'Binary', id: 'big' }, SEE_EVERYTHING)
    t.ok(read!.body!.equals(stampBody(template('Binary', 'big', { text }), 1, read!.lastUpdated)))
  })

  storeTest(
    t,
    open,
    'lastUpdated never decreases, even when the clock steps back',
    async (t, store, clock) => {
      const start = clock.time
      await write(store, put('Patient', 'a'))
      clock.time = start - 60_000
      const [second] = await write(store, put('Patient', 'a', { text: '"a":2' }))
      const [other] = await write(store, put('Patient', 'b'))
      clock.time = start - 30_000
      const [gone] = await write(store, remove('Patient', 'b'))
      t.strictSame(
        [second, other, gone].map((result) => result!.lastUpdated),
        [start, start, start],
      )
      clock.time = start + 5
      const [later] = await write(store, put('Patient', 'c'))
      t.equal(later!.lastUpdated, start + 5)
      const times = (await history(store, { scope: { kind: 'system' } })).versions.map(
        (one) => one.lastUpdated,
      )
      t.strictSame(
        times,
        times.toSorted((a, b) => b - a),
      )
    },
  )

  storeTest(t, open, 'a put that changes nothing makes no version', async (t, store, clock) => {
    const text = '"a":1.0,"b":{"x":[1,2],"y":null},"c":"1"'
    await write(store, put('Patient', 'a', { text }))
    const first = await store.read(KEY, SEE_EVERYTHING)
    clock.time += 1000
    const same = await write(store, put('Patient', 'a', { text }))
    t.strictSame(same, [{ outcome: 'unchanged', versionId: 1, lastUpdated: first!.lastUpdated }])
    t.strictSame(
      await write(store, put('Patient', 'a', { text }, { expect: version(1) })),
      same,
      'with an expectation',
    )

    const reordered = { ...put('Patient', 'a'), body: template('Patient', 'a', { text }, false) }
    t.strictSame(await write(store, reordered), same, 'the order of properties says nothing')
    t.strictSame(await store.read(KEY, SEE_EVERYTHING), first)
    t.strictSame(await store.maintenance.counts(), { resources: 1, versions: 1 })
  })

  for (const [what, text] of [
    ['a value', '"a":1.0,"b":{"x":[1,2],"y":null},"c":"2"'],
    ['the way a decimal is written', '"a":1.00,"b":{"x":[1,2],"y":null},"c":"1"'],
    ['a decimal to an integer', '"a":1,"b":{"x":[1,2],"y":null},"c":"1"'],
    ['a string to a number', '"a":1.0,"b":{"x":[1,2],"y":null},"c":1'],
    ['the order of an array', '"a":1.0,"b":{"x":[2,1],"y":null},"c":"1"'],
    ['a null', '"a":1.0,"b":{"x":[1,2]},"c":"1"'],
    ['a new property', '"a":1.0,"b":{"x":[1,2],"y":null},"c":"1","d":""'],
  ] as const)
    storeTest(t, open, `a put that changes ${what} makes a version`, async (t, store) => {
      await write(store, put('Patient', 'a', { text: '"a":1.0,"b":{"x":[1,2],"y":null},"c":"1"' }))
      t.match(await write(store, put('Patient', 'a', { text })), [{ outcome: 'updated', versionId: 2 }])
      const { versions } = await history(store, { scope: { kind: 'instance', ...KEY } })
      t.strictSame(steps(versions), ['a@2', 'a@1'])
    })

  storeTest(t, open, 'the same content again after something else is a change', async (t, store) => {
    for (const text of ['"a":1', '"a":2', '"a":1']) await write(store, put('Patient', 'a', { text }))
    t.equal((await store.read(KEY, SEE_EVERYTHING))!.versionId, 3)
    await write(store, remove('Patient', 'a'))
    t.match(await write(store, put('Patient', 'a', { text: '"a":1' })), [
      { outcome: 'created', versionId: 5 },
    ])
  })
}
