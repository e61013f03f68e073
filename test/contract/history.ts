// Contract: history shows every version, newest first, of an instance, a type or all.
import { SEE_EVERYTHING, type HistoryQuery } from '../../src/store/index.ts'
import {
  commit,
  history,
  historyPages,
  put,
  remove,
  steps,
  storeTest,
  version,
  write,
  type OpenStore,
  type Tester,
} from './world.ts'

const A = { kind: 'instance', type: 'Patient', id: 'a' } as const
const SYSTEM = { kind: 'system' } as const

export function historyContract(t: Tester, open: OpenStore): void {
  storeTest(t, open, 'instance, type and system', async (t, store) => {
    await write(store, put('Patient', 'a'))
    await write(store, put('Group', 'a'), put('Patient', 'b'))
    await write(store, put('Patient', 'a', { text: '"v":2' }))
    await write(store, remove('Patient', 'b'), remove('Patient', 'a'))
    await store.commit(commit([put('Patient', 'a', {}, { expect: version(9) })]))
    await write(store, put('Patient', 'a', { text: '"v":4' }), put('Group', 'a'))
    const of = async (scope: HistoryQuery['scope']) => {
      const { versions, total } = await history(store, { scope })
      if (total !== undefined) t.equal(total, versions.length)
      return versions.map(({ type, id, versionId, change }) => `${type[0]}${id}${versionId} ${change}`)
    }
    t.strictSame(await of(A), ['Pa4 create', 'Pa3 delete', 'Pa2 update', 'Pa1 create'])
    t.equal((await history(store, { scope: A })).total, 4, 'an instance always has a total')
    t.strictSame(await of({ kind: 'instance', type: 'Patient', id: 'none' }), [])
    const patients = ['Pa4 create', 'Pa3 delete', 'Pb2 delete', 'Pa2 update', 'Pb1 create', 'Pa1 create']
    t.strictSame(await of({ kind: 'type', type: 'Patient' }), patients)
    t.strictSame(await of({ kind: 'type', type: 'Group' }), ['Ga1 create'])
    t.strictSame(await of({ kind: 'type', type: 'Device' }), [])
    t.strictSame(await of(SYSTEM), [...patients.slice(0, 5), 'Ga1 create', 'Pa1 create'])
    const { versions } = await history(store, { scope: SYSTEM })
    for (const { type, id, versionId, ...rest } of versions)
      t.match(
        await store.readVersion({ type, id }, versionId, SEE_EVERYTHING),
        rest,
        'as readVersion gives it',
      )
  })

  storeTest(t, open, 'since and at', async (t, store, clock) => {
    const start = clock.time
    // a: [0, 1000) v1, [1000, 3000) v2, [3000, ...) deleted; b: [2000, 2000) v1, [2000, ...) v2
    await write(store, put('Patient', 'a'))
    clock.time = start + 1000
    await write(store, put('Patient', 'a', { text: '"v":2' }))
    clock.time = start + 2000
    await write(store, put('Patient', 'b'))
    await write(store, put('Patient', 'b', { text: '"v":2' }))
    clock.time = start + 3000
    await write(store, remove('Patient', 'a'))
    const since = async (at: number, scope: HistoryQuery['scope'] = SYSTEM) =>
      steps((await history(store, { scope, since: start + at })).versions).join(' ')
    t.equal(await since(-1), 'a@3- b@2 b@1 a@2 a@1')
    t.equal(await since(0), 'a@3- b@2 b@1 a@2 a@1')
    t.equal(await since(1), 'a@3- b@2 b@1 a@2')
    t.equal(await since(2000), 'a@3- b@2 b@1')
    t.equal(await since(2000, { kind: 'type', type: 'Patient' }), 'a@3- b@2 b@1')
    t.equal(await since(2001, A), 'a@3-')
    t.equal(await since(3001), '')
    t.equal((await history(store, { scope: A, since: start + 1 })).total, 2)

    const at = async (low: number, high: number, scope: HistoryQuery['scope'] = SYSTEM) =>
      steps((await history(store, { scope, at: { low: start + low, high: start + high } })).versions).join(
        ' ',
      )
    t.equal(await at(-10, 0), '')
    t.equal(await at(-10, 1), 'a@1')
    t.equal(await at(0, 1), 'a@1')
    t.equal(await at(999, 1000), 'a@1')
    t.equal(await at(999, 1001), 'a@2 a@1')
    t.equal(await at(1000, 1001), 'a@2')
    t.equal(await at(1500, 2001), 'b@2 b@1 a@2')
    t.equal(await at(2000, 2001), 'b@2 a@2')
    t.equal(await at(2500, 2501, A), 'a@2')
    t.equal(await at(3000, 9000, A), 'a@3-')
    t.equal(await at(5000, 9000), 'a@3- b@2')
    t.equal(await at(500, 501, { kind: 'type', type: 'Patient' }), 'a@1')
    const both = await history(store, {
      scope: SYSTEM,
      since: start + 2000,
      at: { low: start, high: start + 2001 },
    })
    t.equal(steps(both.versions).join(' '), 'b@2 b@1', 'both')
  })

  storeTest(t, open, 'pages of every size walk every version once', async (t, store, clock) => {
    for (let turn = 0; turn < 6; turn++) {
      clock.time += turn % 2
      await write(
        store,
        put('Patient', 'a', { text: `"v":${turn}` }),
        put('Patient', `p${turn}`),
        put('Group', `g${turn}`),
      )
      if (turn % 3 === 2) await write(store, remove('Patient', `p${turn}`))
    }
    for (const scope of [A, { kind: 'type', type: 'Patient' }, SYSTEM] as const) {
      const whole = (await history(store, { scope })).versions
      t.equal(whole.length, { instance: 6, type: 14, system: 20 }[scope.kind])
      for (const count of [1, 2, 3, 4, 5, 6, 7, 14, 20]) {
        const walked = await historyPages(store, { scope, count })
        t.strictSame(walked.flat(), whole, `${scope.kind}, pages of ${count}`)
        t.equal(walked.length, Math.ceil(whole.length / count), 'no empty last page')
      }
      const since = whole[3]!.lastUpdated
      const late = whole.filter(({ lastUpdated }) => lastUpdated >= since)
      t.strictSame((await historyPages(store, { scope, since, count: 2 })).flat(), late, 'with since')
    }
    for (const [scope, total] of [
      [A, 6],
      [{ kind: 'type', type: 'Patient' }, 14],
      [{ kind: 'type', type: 'Device' }, 0],
      [{ kind: 'instance', type: 'Device', id: 'a' }, 0],
      [SYSTEM, 20],
    ] as const) {
      const none = await history(store, { scope, count: 0 })
      t.strictSame(
        [none.versions, none.total, none.next],
        [[], total, undefined],
        `a count of 0 tells the total only: ${scope.kind}`,
      )
    }
    const late = await history(store, { scope: SYSTEM, count: 0, since: clock.time })
    t.equal(late.total, 4, 'of those since then')
  })

  storeTest(t, open, 'what is written while one pages does not shift the pages', async (t, store, clock) => {
    for (let turn = 0; turn < 9; turn++) await write(store, put('Patient', 'a', { text: `"v":${turn}` }))
    const before = (await history(store, { scope: SYSTEM })).versions
    let turn = 0
    const walked = await historyPages(store, { scope: SYSTEM, count: 2 }, SEE_EVERYTHING, async () => {
      clock.time += 1
      await write(store, put('Patient', turn++ % 2 ? 'a' : `n${turn}`, { text: `"late":${turn}` }))
    })
    t.strictSame(walked.flat(), before)
  })
}
