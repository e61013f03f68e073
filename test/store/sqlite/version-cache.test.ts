// What is kept in memory is never shown where the database would not show it, however writes and reads fall together.
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import { SEE_EVERYTHING, type AccessFilter, type StoredVersion } from '../../../src/store/index.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import type { Job } from '../../../src/store/sqlite/jobs.ts'
import { VersionCache } from '../../../src/store/sqlite/version-cache.ts'
import { only, R, S } from '../../contract/access-world.ts'
import { naiveVisible } from '../../contract/naive-access.ts'
import { indexOf, put, remove, search, write, type Content } from '../../contract/world.ts'

const LONG = process.env.ALCOVE_TEST_LONG !== undefined
const TYPE = 'Observation'
const IDS = ['a', 'b', 'c']
/** The same said by two objects, too. */
const FILTERS: readonly AccessFilter[] = [
  SEE_EVERYTHING,
  only({ withoutLabels: [R] }),
  only({ withoutLabels: [R] }),
  only({ patients: ['p'] }),
  only({ patients: ['p'], withoutLabels: [S] }, { types: ['Patient'] }),
]
const CONTENTS: readonly Content[] = [
  {},
  { labels: [R] },
  { patients: ['p'] },
  { patients: ['p', 'q'], labels: [S] },
]

/** What one resource is at some time. */
interface State {
  /** 0 before there is one. */
  readonly versionId: number
  readonly isThere: boolean
  readonly content: Content
}

interface Life {
  /** In the order in which the writes were asked for. */
  readonly states: State[]
  /** Nobody may be shown a state before this any more: a later one was answered, or shown to somebody. */
  earliest: number
  writing: boolean
}

const action = fc.record({
  kind: fc.oneof(
    { arbitrary: fc.constantFrom('put', 'remove', 'reindex'), weight: 3 },
    { arbitrary: fc.constantFrom('read', 'read version', 'at hand', 'version at hand'), weight: 6 },
    { arbitrary: fc.constantFrom('search', 'turn', 'turn', 'rest'), weight: 4 },
  ),
  id: fc.constantFrom(...IDS),
  content: fc.constantFrom(...CONTENTS),
  access: fc.constantFrom(...FILTERS),
})

t.test('reads, searches and writes in any order, at the same time', async (t) => {
  t.setTimeout(300_000)
  const store = await openSqliteStore({ file: ':memory:' })
  t.teardown(() => store.close())
  let runs = 0
  const plan = fc.array(action, { minLength: 30, maxLength: 90 })
  const holds = fc.asyncProperty(plan, async (actions) => {
    const run = `r${runs++}`
    const lives = new Map(
      IDS.map((id): [string, Life] => [
        id,
        { states: [{ versionId: 0, isThere: false, content: {} }], earliest: 0, writing: false },
      ]),
    )
    const lifeOf = (id: string): Life => lives.get(id) as Life
    // Resources of a run are its own.
    const keyOf = (id: string) => ({ type: TYPE, id: `${run}-${id}` })
    const faults: string[] = []
    const underWay: Promise<unknown>[] = []

    const begin = (life: Life, next: State, work: Promise<unknown>): void => {
      life.states.push(next)
      life.writing = true
      underWay.push(
        work.then(() => {
          life.writing = false
          life.earliest = life.states.length - 1
        }),
      )
    }
    /** That what is shown of a resource is one of its states since; and nobody is shown an earlier one from now on. */
    const shown = (
      id: string,
      access: AccessFilter,
      since: number,
      found: StoredVersion | undefined,
    ): void => {
      const life = lifeOf(id)
      const at = life.states.findIndex((state, nth) => nth >= since && view(state, access) === told(found))
      if (at === -1) faults.push(`${id}: ${told(found)} of ${JSON.stringify(life.states)} since ${since}`)
      else if (found !== undefined) life.earliest = Math.max(life.earliest, at)
    }

    for (const { kind, id, content, access } of actions) {
      const life = lifeOf(id)
      const last = life.states.at(-1) as State
      const since = life.earliest
      const key = keyOf(id)
      switch (kind) {
        case 'put': {
          if (life.writing) break
          const { versionId } = last
          const said = { ...content, text: `"n":${versionId}` }
          begin(
            life,
            { versionId: versionId + 1, isThere: true, content },
            write(store, put(TYPE, key.id, said)),
          )
          break
        }
        case 'remove':
          if (life.writing || !last.isThere) break
          begin(
            life,
            { ...last, versionId: last.versionId + 1, isThere: false },
            write(store, remove(TYPE, key.id)),
          )
          break
        case 'reindex': {
          if (life.writing || !last.isThere) break
          const { versionId } = last
          const index = indexOf(content)
          begin(life, { ...last, content }, store.maintenance.replaceIndexes([{ key, versionId, index }]))
          break
        }
        case 'read':
          underWay.push(store.read(key, access).then((found) => shown(id, access, since, found)))
          break
        case 'at hand': {
          const found = store.atHand?.(key, undefined, access)
          if (found !== undefined) shown(id, access, since, found)
          break
        }
        case 'read version':
        case 'version at hand': {
          const { versionId } = last
          const check = (found: StoredVersion | undefined): void => {
            // A version that is not the last keeps the index that it had last.
            if (found !== undefined && !life.writing && life.states.at(-1) === last)
              shown(id, access, since, found)
          }
          if (kind === 'version at hand') check(store.atHand?.(key, versionId, access))
          else underWay.push(store.readVersion(key, versionId, access).then(check))
          break
        }
        case 'search': {
          const before = new Map(IDS.map((one) => [one, lifeOf(one).earliest]))
          underWay.push(
            search(store, { type: TYPE }, access).then(({ matches }) => {
              for (const found of matches) {
                const one = IDS.find((each) => keyOf(each).id === found.id)
                if (one !== undefined) shown(one, access, before.get(one) as number, found)
              }
            }),
          )
          break
        }
        case 'turn':
          await turn()
          break
        case 'rest':
          await Promise.all(underWay)
          break
      }
    }
    await Promise.all(underWay)
    for (const id of IDS)
      for (const access of FILTERS) {
        const expected = view(lifeOf(id).states.at(-1) as State, access)
        for (let time = 0; time < 2; time++) {
          const found = told(await store.read(keyOf(id), access))
          if (found !== expected) faults.push(`${id} at last: ${found} instead of ${expected}`)
        }
      }
    if (faults.length > 0) throw new Error(faults.join('\n'))
  })
  await t.resolves(fc.assert(holds, { numRuns: LONG ? 2000 : 100, endOnFailure: true }))
})

/** Of a deletion as of what was deleted. */
function view({ versionId, isThere, content }: State, access: AccessFilter): string {
  if (versionId === 0 || !naiveVisible({ type: TYPE, index: indexOf(content) }, access)) return 'nothing'
  return `${versionId}${isThere ? '' : ' deleted'}`
}

function told(version: StoredVersion | undefined): string {
  if (version === undefined) return 'nothing'
  return `${version.versionId}${version.body === undefined ? ' deleted' : ''}`
}

const sized = (id: string, bytes: number): StoredVersion => ({
  type: TYPE,
  id,
  versionId: 1,
  lastUpdated: 0,
  change: 'create',
  method: 'PUT',
  body: Buffer.alloc(bytes),
})

t.test('the bytes are bounded, and what is read again stays longest', async (t) => {
  const most = 1024 * 1024
  const cache = new VersionCache(most)
  const holds = (id: string): boolean =>
    cache.get({ type: TYPE, id }, undefined, SEE_EVERYTHING) !== undefined
  const keep = (id: string, bytes: number): void =>
    cache.keep({ type: TYPE, id }, undefined, SEE_EVERYTHING, sized(id, bytes))
  keep('favourite', 2000)
  for (let n = 0; n < 5000; n++) {
    for (let time = 0; time < 2; time++) keep(`other-${n}`, (n * 37) % 12_000)
    if (cache.bytes > most) t.fail(`${cache.bytes} bytes`)
    if (!holds('favourite')) t.fail(`not kept at ${n}`)
  }
  t.ok(holds('other-4999'))
  t.notOk(holds('other-0'))
  t.ok(cache.bytes > most / 2, 'the room is used')
  for (let time = 0; time < 2; time++) keep('large', most / 8)
  t.notOk(holds('large'), 'one that would drive out many is not kept')
  cache.handed([jobOf(...Array.from({ length: 5000 }, (_, n) => `other-${n}`), 'favourite')])
  cache.answered()
  t.equal(cache.bytes, 0, 'what goes gives its room back')
})

t.test('once there is no room, what is asked for once drives out nothing', async (t) => {
  const cache = new VersionCache(1024 * 1024)
  const keep = (id: string, versionId?: number): void =>
    cache.keep({ type: TYPE, id }, versionId, SEE_EVERYTHING, sized(id, 1000))
  const holds = (id: string, versionId?: number): boolean =>
    cache.get({ type: TYPE, id }, versionId, SEE_EVERYTHING) !== undefined
  for (let n = 0; n < 100; n++) keep(`early-${n}`)
  let once = 0
  for (let n = 0; n < 5000; n++) {
    keep(`once-${n}`)
    if (holds(`once-${n}`)) once++
  }
  t.ok(once > 400 && once < 800, `${once} of a megabyte, and no more`)
  t.ok(holds('early-0'))
  keep('late')
  t.notOk(holds('late'))
  keep('late')
  t.ok(holds('late'), 'but what is asked for again')
  keep('late', 2)
  t.notOk(holds('late', 2), 'another version is asked for anew')
})

t.test('the current version is at hand by its number, too', async (t) => {
  const cache = new VersionCache()
  const key = { type: TYPE, id: 'a' }
  const sees = (versionId: number | undefined, access: AccessFilter): boolean =>
    cache.get(key, versionId, access) !== undefined
  const some = only({ patients: ['p'] })
  cache.keep(key, undefined, SEE_EVERYTHING, sized('a', 10))
  t.ok(sees(1, SEE_EVERYTHING))
  t.notOk(sees(2, SEE_EVERYTHING))
  t.notOk(sees(1, some), 'to whom it was not shown')
  const { bytes } = cache
  cache.keep(key, 1, some, sized('a', 10))
  t.equal(cache.bytes, bytes, 'kept once')
  t.ok(sees(1, some))
  t.ok(sees(undefined, some))
  cache.handed([jobOf('a')])
  cache.answered()
  t.notOk(sees(1, SEE_EVERYTHING))
})

t.test('what is being written is asked of the database until the answer has come', async (t) => {
  const cache = new VersionCache()
  const key = { type: TYPE, id: 'a' }
  const keep = (versionId?: number): void => cache.keep(key, versionId, SEE_EVERYTHING, sized('a', 10))
  const has = (versionId?: number): boolean => cache.get(key, versionId, SEE_EVERYTHING) !== undefined
  keep()
  keep(1)
  t.ok(has())
  t.ok(has(1))
  cache.handed([jobOf('a')])
  keep()
  t.notOk(has(), 'what a read finds meanwhile may be replaced already')
  cache.answered()
  t.notOk(has())
  t.notOk(has(1), 'nor does an earlier one stay: who may not see the resource now may not see it either')
  keep()
  keep(1)
  t.ok(has())
  cache.handed([
    { kind: 'replace-indexes', items: [{ key, versionId: 1, index: indexOf({}) }], how: 'difference' },
  ])
  cache.answered()
  t.notOk(has())
  t.notOk(has(1), 'who sees it may be others now')
})

function jobOf(...ids: string[]): Job {
  const writes = ids.map((id) => remove(TYPE, id))
  return { kind: 'commit', commit: { access: SEE_EVERYTHING, assertions: [], writes }, time: 0 }
}

t.test('one filter is no other', async (t) => {
  const cache = new VersionCache()
  const key = { type: TYPE, id: 'a' }
  const sees = (access: AccessFilter): boolean => cache.get(key, undefined, access) !== undefined
  const many = (id: string) => only({ patients: Array.from({ length: 100 }, (_, n) => `${id}-${n}`) })
  cache.keep(key, undefined, many('p'), sized('a', 10))
  t.ok(sees(many('p')), 'the same said again')
  t.notOk(sees(many('q')))
  t.notOk(sees(SEE_EVERYTHING))
  cache.keep(key, undefined, SEE_EVERYTHING, sized('a', 10))
  t.ok(sees(SEE_EVERYTHING))
  t.ok(sees(many('p')))
  for (let n = 0; n < 50; n++) cache.keep(key, undefined, many(String(n)), sized('a', 10))
  t.notOk(sees(many('p')), 'of many filters the last ones are remembered')
  t.ok(sees(many('49')))
})
