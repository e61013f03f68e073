// Random commits and random queries: the SQLite store answers what the naive store answers.
import fc from 'fast-check'
import t from 'tap'
import {
  SEE_EVERYTHING,
  typedCondition,
  type Commit,
  type Expectation,
  type Store,
} from '../../src/store/index.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { historyAnswers, PLAIN, readAnswers, searchAnswers } from '../contract/answers.ts'
import { content, filter, IDS, keys, nameOf, START, step, TICK } from '../contract/arbitraries.ts'
import { openNaiveStore } from '../contract/naive-store.ts'
import { asked } from '../contract/questions.ts'
import { agree } from '../contract/non-interference.ts'
import { ABSENT, ANY, handClock, indexOf, put, remove } from '../contract/world.ts'

const LONG = process.env.ALCOVE_TEST_LONG !== undefined

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

/** One time in four. */
const sometimes = <Value>(value: fc.Arbitrary<Value>) =>
  fc.oneof({ arbitrary: fc.constant(undefined), weight: 3 }, { arbitrary: value, weight: 1 })

/** A commit; the ids of an assertion are mostly those that match when the round begins. */
const turn = fc.record({
  step,
  expects: fc.array(expectation, { minLength: 4, maxLength: 4 }),
  needs: fc.array(fc.record({ of: fc.integer({ min: 0, max: 20 }), key: keys }), { maxLength: 3 }),
  access: fc.oneof({ arbitrary: fc.constant(SEE_EVERYTHING), weight: 3 }, { arbitrary: filter, weight: 1 }),
  asserts: sometimes(fc.record({ about: asked, ids: sometimes(fc.subarray([...IDS])) })),
})

/** New index rows for some version, the current one or not. */
const reindexed = fc.record({
  key: keys,
  versionId: fc.integer({ min: 1, max: 4 }),
  index: content.map(indexOf),
})

type Turn = typeof turn extends fc.Arbitrary<infer Value> ? Value : never

async function commitOf(
  { step: { writes }, expects, needs, access, asserts }: Turn,
  oracle: Store,
): Promise<Commit> {
  const assertions = []
  if (asserts !== undefined) {
    const { type, where } = asserts.about.from[0]!
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

t.setTimeout(LONG ? 3_600_000 : 600_000)
t.test('random histories, random questions: the same answers', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          turns: fc.array(turn, { minLength: 1, maxLength: 5 }),
          reindex: fc.uniqueArray(reindexed, { maxLength: 2, selector: ({ key }) => nameOf(key) }),
        }),
        { minLength: 6, maxLength: 12, size: 'max' },
      ),
      fc.array(fc.tuple(asked, filter), { minLength: 10, maxLength: 25, size: 'max' }),
      async (rounds, questions) => {
        const clock = handClock(START)
        const naive = openNaiveStore({ now: clock.now })
        const sqlite = await openSqliteStore({ file: ':memory:', now: clock.now })
        try {
          for (const { turns, reindex } of rounds) {
            clock.time += turns[0]!.step.wait * TICK
            const commits = await Promise.all(turns.map(async (one) => commitOf(one, naive)))
            const asOne = async (store: Store) => Promise.all(commits.map(async (one) => store.commit(one)))
            agree(await asOne(sqlite), await asOne(naive))
            const replaced = async (store: Store) => store.maintenance.replaceIndexes(reindex)
            agree(await replaced(sqlite), await replaced(naive))
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
    { numRuns: LONG ? 500 : 6, seed: 20_261_124 },
  )
  t.pass('they agree')
})

t.test('among thousands, where a search has several ways to go: the same answers', async (t) => {
  const seed = 20_261_124
  const clock = handClock(START)
  const naive = openNaiveStore({ now: clock.now })
  const sqlite = await openSqliteStore({ file: ':memory:', now: clock.now })
  try {
    const contents = fc.sample(content, { seed, numRuns: 2500 })
    const puts = contents.map((one, at) => put(at % 10 ? 'Observation' : 'Group', `o${at % 2000}`, one))
    const deletes = contents.slice(0, 150).map((_, at) => remove('Observation', `o${at * 3}`))
    const writes = [...puts, ...deletes]
    for (let at = 0; at < writes.length; at += 50) {
      clock.time += TICK
      const commit = { access: SEE_EVERYTHING, assertions: [], writes: writes.slice(at, at + 50) }
      agree(await sqlite.commit(commit), await naive.commit(commit))
    }
    const questions = fc.sample(fc.tuple(asked, filter), { seed, numRuns: LONG ? 500 : 15 })
    for (const [{ includes, ...query }, access] of questions) {
      const from = [typedCondition('Observation', query.from[0]!.where)]
      const question = { ...query, from, includes }
      agree(
        await searchAnswers(sqlite, question, access, 400),
        await searchAnswers(naive, question, access, 400),
      )
    }
  } finally {
    await sqlite.close()
  }
  t.pass('they agree')
})
