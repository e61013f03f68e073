// Contract: what a filter hides leaves no trace; a store that never had it would answer the same.
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { SEE_EVERYTHING, type AccessFilter, type ResourceKey, type Store } from '../../src/store/index.ts'
import { historyAnswers, historyAt, PLAIN, readAnswers, searchAnswers } from './answers.ts'
import { accessOf, filter, KEYS, keys, nameOf, START, step, TICK, type Step } from './arbitraries.ts'
import { naiveVisible } from './naive-access.ts'
import { asked, type Asked } from './questions.ts'
import {
  bodyOf,
  commit,
  handClock,
  history,
  indexOf,
  put,
  remove,
  write,
  type Content,
  type OpenStore,
  type Tester,
} from './world.ts'

const SEED = 20_261_124
const RUNS = process.env.ALCOVE_TEST_LONG === undefined ? 10 : 300

export function nonInterferenceContract(t: Tester, open: OpenStore): void {
  void t.test('resources that are hidden always: every answer is the same', async (t) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 4, maxLength: 20 }),
        fc.array(accessOf, { minLength: KEYS.length, maxLength: KEYS.length }),
        filter,
        fc.array(asked, { minLength: 8, maxLength: 16 }),
        fc.array(
          fc.record({ key: keys, needs: fc.array(keys, { minLength: 1, maxLength: 3 }), about: asked }),
          {
            maxLength: 4,
          },
        ),
        async (steps, accesses, access, queries, probes) => {
          const accessAt = new Map(KEYS.map((key, at) => [nameOf(key), accesses[at]!]))
          const sees = (key: ResourceKey) =>
            naiveVisible({ type: key.type, index: indexOf(accessAt.get(nameOf(key))!) }, access)
          const contentAt = (key: ResourceKey, content: Content): Content => ({
            ...content,
            ...accessAt.get(nameOf(key)),
          })
          await withTwo(open, async (all, seen, clock) => {
            for (const { wait, writes } of steps) {
              clock.time += wait * TICK
              const own = writes.map(({ key, content }) => ({
                key,
                content: content && contentAt(key, content),
              }))
              await play(all, own)
              await play(
                seen,
                own.filter(({ key }) => sees(key)),
              )
            }
            const same = async <Answer>(ask: (store: Store, access: AccessFilter) => Promise<Answer>) =>
              agree(await ask(all, access), await ask(seen, SEE_EVERYTHING))
            await same(readAnswers)
            await same(historyAnswers)
            for (const query of [...PLAIN, ...queries])
              await same(async (store, access) => searchAnswers(store, query, access))
            for (const { key, needs, about } of probes.filter((probe) => sees(probe.key)))
              await same(async (store, access) => {
                const { type, where } = about.from[0]!
                const ids = await seen.matches(type, where, 100, SEE_EVERYTHING)
                const content = contentAt(key, { text: `"probe":"${needs.map(nameOf).join()}"` })
                return [
                  await store.commit(commit([], { access, assertions: [{ type, where, ids }] })),
                  await store.commit(
                    commit([put(key.type, key.id, content, { mustExist: needs })], { access }),
                  ),
                ]
              })
            await same(readAnswers)
          })
        },
      ),
      { numRuns: RUNS, seed: SEED },
    )
    t.pass('no trace')
  })

  void t.test(
    'resources that are hidden for a time: as if deleted then, and in history never written; in none when hidden at last',
    async (t) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 4, maxLength: 20 }),
          filter,
          fc.array(asked, { minLength: 8, maxLength: 16 }),
          async (steps, access, queries) => {
            await withTwo(open, async (all, instead, clock) => {
              const written = await open({ now: clock.now })
              try {
                const sees = new Map<string, boolean>()
                const seesAtLast = visibleAtLast(steps, access)
                for (const [serial, { wait, writes }] of steps.entries()) {
                  clock.time += wait * TICK
                  const own = writes.map(({ key, content }) => ({
                    key,
                    content: content && { ...content, text: `"serial":${serial}` },
                  }))
                  await play(all, own)
                  const visible: Step = own.filter(({ key, content }) =>
                    content
                      ? naiveVisible({ type: key.type, index: indexOf(content) }, access)
                      : sees.get(nameOf(key)),
                  )
                  await play(
                    written,
                    visible.filter(({ key }) => seesAtLast(key)),
                  )
                  await play(
                    instead,
                    own.map((one) => (visible.includes(one) ? one : { key: one.key, content: undefined })),
                  )
                  for (const one of own)
                    sees.set(nameOf(one.key), one.content !== undefined && visible.includes(one))
                }
                for (const query of [...PLAIN, ...queries].map(orderedByIds)) {
                  const answer = async (store: Store, filtered: AccessFilter) => {
                    const { matches, included, ...rest } = await searchAnswers(store, query, filtered)
                    return {
                      ...rest,
                      matches: matches.map(told),
                      included: Array.isArray(included) ? included.map(told) : included,
                    }
                  }
                  agree(await answer(all, access), await answer(instead, SEE_EVERYTHING))
                }
                for (const key of KEYS) {
                  const one = await all.read(key, access)
                  const other = await instead.read(key, SEE_EVERYTHING)
                  agree(one?.body && told(one), other?.body && told(other))
                }
                const scope = { kind: 'system' } as const
                agree(
                  (await history(all, { scope }, access)).versions.map(told),
                  (await history(written, { scope })).versions.map(told),
                )
                agree(
                  (await historyAt(all, scope, access)).filter(({ body }) => body).map(told),
                  (await historyAt(instead, scope, SEE_EVERYTHING))
                    .filter((one) => one.body !== undefined && seesAtLast(one))
                    .map(told),
                )
              } finally {
                await written.close()
              }
            })
          },
        ),
        { numRuns: RUNS, seed: SEED },
      )
      t.pass('no trace')
    },
  )
}

/** Whether what was put last of each resource is visible. */
function visibleAtLast(
  steps: readonly { readonly writes: Step }[],
  access: AccessFilter,
): (key: ResourceKey) => boolean {
  const sees = new Map<string, boolean>()
  for (const { key, content } of steps.flatMap(({ writes }) => writes))
    if (content !== undefined)
      sees.set(nameOf(key), naiveVisible({ type: key.type, index: indexOf(content) }, access))
  return (key) => sees.get(nameOf(key)) === true
}

/** When a resource first came to be also hidden versions tell: so ids decide between what is equal else. */
function orderedByIds(query: Asked): Asked {
  const told = query.sort.length > 0 && query.from.length === 1
  return { ...query, sort: told ? [...query.sort, { by: 'id', descending: false }] : [] }
}

/** A version without its number, which counts hidden ones too. */
function told(version: Parameters<typeof bodyOf>[0] & {}) {
  const { type, id, lastUpdated, body } = version
  return { type, id, lastUpdated, body: body && { ...bodyOf(version), meta: undefined } }
}

async function play(store: Store, writes: Step): Promise<void> {
  if (writes.length === 0) return
  await write(
    store,
    ...writes.map(({ key, content }) =>
      content ? put(key.type, key.id, content) : remove(key.type, key.id),
    ),
  )
}

async function withTwo(
  open: OpenStore,
  run: (a: Store, b: Store, clock: ReturnType<typeof handClock>) => Promise<void>,
) {
  const clock = handClock(START)
  const [a, b] = await Promise.all([open({ now: clock.now }), open({ now: clock.now })])
  try {
    await run(a, b, clock)
  } finally {
    await Promise.all([a.close(), b.close()])
  }
}

export function agree(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected))
    throw new Error(
      `they differ\n${JSON.stringify(actual, null, 1)}\nand\n${JSON.stringify(expected, null, 1)}`,
    )
}
