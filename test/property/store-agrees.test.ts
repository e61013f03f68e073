// Random commits and random queries: the SQLite store answers what the naive store answers.
import fc from 'fast-check'
import t from 'tap'
import { SEE_EVERYTHING, type Commit, type Expectation, type Store } from '../../src/store/index.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { historyAnswers, PLAIN, readAnswers, searchAnswers } from '../contract/answers.ts'
import { asked, filter, IDS, keys, START, step, TICK } from '../contract/arbitraries.ts'
import { openNaiveStore } from '../contract/naive-store.ts'
import { agree } from '../contract/non-interference.ts'
import { ABSENT, ANY, handClock, put, remove } from '../contract/world.ts'

const expectation = fc.oneof(
  { arbitrary: fc.constant(ANY), weight: 8 },
  { arbitrary: fc.constant(ABSENT), weight: 1 },
  {
    arbitrary: fc
      .integer({ min: 1, max: 3 })
      .map((versionId): Expectation => ({ kind: 'version', versionId })),
    weight: 1,
  },
)

/** A commit; its assertions hold at first for half of them, when the ids are asked for. */
const turn = fc.record({
  step,
  expects: fc.array(expectation, { minLength: 3, maxLength: 3 }),
  needs: fc.array(fc.record({ of: fc.integer({ min: 0, max: 8 }), key: keys }), { maxLength: 2 }),
  access: fc.oneof({ arbitrary: fc.constant(SEE_EVERYTHING), weight: 3 }, { arbitrary: filter, weight: 1 }),
  asserts: fc.option(fc.record({ about: asked, ids: fc.option(fc.subarray([...IDS]), { nil: undefined }) }), {
    nil: undefined,
  }),
})

type Turn = typeof turn extends fc.Arbitrary<infer Value> ? Value : never

async function commitOf(
  { step: { writes }, expects, needs, access, asserts }: Turn,
  oracle: Store,
): Promise<Commit> {
  const assertions = []
  if (asserts !== undefined) {
    const { type, where } = asserts.about
    assertions.push({ type, where, ids: asserts.ids ?? (await oracle.matches(type, where, 100, access)) })
  }
  return {
    access,
    assertions,
    writes: writes.map(({ key, content }, at) => {
      const expect = expects[at]!
      const mustExist = needs.filter(({ of }) => of === at).map(({ key: needed }) => needed)
      return content
        ? put(key.type, key.id, content, { expect, mustExist })
        : remove(key.type, key.id, expect)
    }),
  }
}

t.setTimeout(600_000)
t.test('random histories, random questions: the same answers', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(turn, { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 8 }),
      fc.array(fc.tuple(asked, filter), { minLength: 10, maxLength: 25 }),
      async (rounds, questions) => {
        const clock = handClock(START)
        const naive = openNaiveStore({ now: clock.now })
        const sqlite = await openSqliteStore({ file: ':memory:', now: clock.now })
        try {
          for (const round of rounds) {
            clock.time += round[0]!.step.wait * TICK
            const commits = await Promise.all(round.map(async (one) => commitOf(one, naive)))
            const asOne = async (store: Store) => Promise.all(commits.map(async (one) => store.commit(one)))
            agree(await asOne(sqlite), await asOne(naive))
          }
          for (const [query, access] of [
            ...questions,
            ...PLAIN.map((plain) => [plain, SEE_EVERYTHING] as const),
          ]) {
            agree(await searchAnswers(sqlite, query, access), await searchAnswers(naive, query, access))
            agree(
              await searchAnswers(sqlite, query, SEE_EVERYTHING),
              await searchAnswers(naive, query, SEE_EVERYTHING),
            )
          }
          for (const access of [SEE_EVERYTHING, questions[0]![1]]) {
            agree(await readAnswers(sqlite, access), await readAnswers(naive, access))
            agree(await historyAnswers(sqlite, access), await historyAnswers(naive, access))
          }
          agree(await sqlite.maintenance.counts(), await naive.maintenance.counts())
          agree(await sqlite.maintenance.verify(), [])
        } finally {
          await sqlite.close()
        }
      },
    ),
    { numRuns: 30, seed: 20_261_124 },
  )
  t.pass('they agree')
})
