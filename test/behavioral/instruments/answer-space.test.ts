// Every assessment that ships against what its authors published: all answers where they are few; else every edge of every
// band, nothing and everything, each question left out, each at its most, and answers drawn by chance from a seed.
import t from 'tap'
import { expected, type ExpectedScore } from './naive.ts'
import {
  type Answers,
  answersTo,
  combinations,
  extreme,
  linkIdOf,
  type Question,
  QUESTIONS,
  questionsOf,
  type Sex,
} from './questions.ts'
import { found, questionnaires, scored } from './shipped.ts'
import { TABLES } from './tables.ts'

const MOST_TRIED_WHOLE = 2500
const DRAWN = 300

/** Where the score depends on it. */
const SEXES: Readonly<Record<string, readonly Sex[]>> = {
  'audit-c': ['female', 'male', 'other', 'unknown', undefined],
  'taps-1': ['female', 'male', 'other', undefined],
}

t.test('what ships is what there is a table of', async (t) => {
  t.same(questionnaires.map(({ id }) => String(id)).toSorted(), [...QUESTIONS.keys()].toSorted())
})

for (const id of QUESTIONS.keys()) {
  t.test(id, async (t) => {
    let tried = 0
    const wrong: unknown[] = []
    const seen = new Set<string>()
    for (const sex of SEXES[id] ?? [undefined])
      for (const answers of trials(id)) {
        tried++
        const [is, should] = [comparable(found(id, scored(id, answers, sex))), expectation(id, answers, sex)]
        for (const text of bandsIn(should)) seen.add(text)
        if (JSON.stringify(is) !== JSON.stringify(should)) wrong.push({ answers, sex, is, should })
      }
    t.same(wrong.slice(0, 3), [], `${wrong.length} of ${tried}`)
    t.ok(tried > 20, `${tried} responses`)
    for (const band of TABLES[id]?.bands ?? []) {
      const [, , text] = /^(\S+) (.*)$/.exec(band) ?? []
      t.ok(seen.has(String(text)), `some of them are in the band ${band}`)
    }
  })
}

function* trials(id: string): Generator<Answers> {
  const questions = questionsOf(id)
  const size = questions.reduce((product, it) => product * (answersTo(it).length + 1), 1)
  if (size <= MOST_TRIED_WHOLE)
    return yield* combinations(questions.map((it) => [it.name, [...answersTo(it), undefined]]))
  const least = all(questions, 'least')
  const most = all(questions, 'most')
  yield* [{}, least, most]
  for (const { name } of questions) {
    for (const answers of [least, most]) {
      const { [name]: left, ...rest } = answers
      yield rest
      yield { ...answers, [name]: (answers === least ? most : least)[name] ?? '' }
      if (left !== undefined) yield { [name]: left }
    }
  }
  for (const question of questions)
    for (const answer of answersTo(question)) {
      yield { ...least, [question.name]: answer }
      yield { ...most, [question.name]: answer }
    }
  // From all at the least, one answer one step higher at a time: every sum that there is comes by.
  yield* climb(questions, least)
  yield* climb(questions.toReversed(), least)
  const random = generator(0x5eed)
  for (let n = 0; n < DRAWN; n++) yield draw(questions, random, n % 2 === 0 ? 0 : 0.08)
}

function all(questions: readonly Question[], which: 'most' | 'least'): Answers {
  return Object.fromEntries(questions.map((it) => [it.name, extreme(it, which)]))
}

function* climb(questions: readonly Question[], from: Answers): Generator<Answers> {
  let answers = from
  for (const question of questions) {
    const { name, options } = question
    const steps =
      options.length === 0
        ? answersTo(question)
        : options.toSorted((a, b) => (a.weight ?? 0) - (b.weight ?? 0)).map(({ code }) => code)
    for (const step of steps) {
      answers = { ...answers, [name]: step }
      yield answers
    }
  }
}

function draw(questions: readonly Question[], random: () => number, leftOut: number): Answers {
  const answers: Record<string, string | number> = {}
  for (const question of questions) {
    const choices = answersTo(question)
    const answer = choices[Math.floor(random() * choices.length)]
    if (answer !== undefined && random() >= leftOut) answers[question.name] = answer
  }
  return answers
}

/** Mulberry32: the same numbers for the same seed. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

interface Comparable {
  readonly scores: readonly unknown[]
  readonly alerts: readonly string[]
}

function comparable({ scores, alerts }: ReturnType<typeof found>): Comparable {
  return {
    scores: Object.entries(scores)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { value, missing, positive, band }]: [string, ExpectedScore]) => ({
        name,
        value,
        missing: missing.toSorted(),
        positive,
        band,
      })),
    alerts: alerts.toSorted(),
  }
}

function expectation(id: string, answers: Answers, sex: Sex): Comparable {
  const { scores, alerts } = expected(id, answers, sex)
  const codes = TABLES[id]?.scores ?? {}
  const named = Object.entries(scores).map(
    ([name, score]) => [linkIdOf(name, codes[name] ?? ''), score] as const,
  )
  return comparable({ scores: Object.fromEntries(named), alerts })
}

function bandsIn({ scores }: Comparable): readonly string[] {
  return scores.flatMap((it) => (it as ExpectedScore).band ?? [])
}
