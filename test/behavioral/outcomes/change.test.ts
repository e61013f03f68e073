// What has become of a score since its baseline: each kind of rule at its edge, both ways round, and against a naive second reading.
import fc from 'fast-check'
import t from 'tap'
import type { ChangeRule, ScoreDirection } from '../../../src/behavioral/index.ts'
import { changeOf } from '../../../src/behavioral/outcomes/change.ts'
import { runs } from '../../runs.ts'
import { changeRule, pointsOf, scoreRule } from './rules.ts'

const PHQ_9 = [
  changeRule('clinically-significant', { points: 5 }),
  changeRule('response', { percent: 50 }),
  changeRule('remission', { below: 5 }),
]

function findingsOf(
  changes: readonly ChangeRule[],
  values: readonly number[],
  direction: ScoreDirection | 'unsaid' = 'lower-is-better',
): readonly string[] {
  const change = changeOf(
    scoreRule({ changes, direction: direction === 'unsaid' ? undefined : direction }),
    pointsOf(values),
  )
  return (change?.findings ?? []).map(
    ({ rule, holds, direction, first }) =>
      `${rule.kind} ${holds ?? 'unknown'}${direction === undefined ? '' : ` ${direction}`}${first === undefined ? '' : ` since ${first.date}`}`,
  )
}

t.test('a score that is to fall', (t) => {
  t.same(findingsOf(PHQ_9, [18, 14, 13, 9, 4]), [
    'clinically-significant true improvement since 2024-01-03',
    'response true improvement since 2024-01-04',
    'remission true improvement since 2024-01-05',
  ])
  t.same(findingsOf(PHQ_9, [18, 4, 23]), [
    'clinically-significant true worsening since 2024-01-02',
    'response false since 2024-01-02',
    'remission false since 2024-01-02',
  ])
  t.same(findingsOf(PHQ_9, [19, 9.5, 10]), [
    'clinically-significant true improvement since 2024-01-02',
    'response false since 2024-01-02',
    'remission false',
  ])
  t.end()
})

t.test('a score that is to rise', (t) => {
  const rules = [
    changeRule('reliable', { points: 10 }),
    changeRule('response', { percent: 50 }),
    changeRule('remission', { atLeast: 51 }),
    changeRule('deterioration', { points: 10 }),
  ]
  t.same(findingsOf(rules, [28, 37, 42, 51], 'higher-is-better'), [
    'reliable true improvement since 2024-01-03',
    'response true improvement since 2024-01-03',
    'remission true improvement since 2024-01-04',
    'deterioration false',
  ])
  t.same(findingsOf(rules, [28, 18], 'higher-is-better'), [
    'reliable true worsening since 2024-01-02',
    'response false',
    'remission false',
    'deterioration true worsening since 2024-01-02',
  ])
  t.end()
})

t.test('remission is come to from elsewhere, wherever the baseline was', (t) => {
  const remission = [changeRule('remission', { below: 5 })]
  t.same(findingsOf(remission, [3, 4]), ['remission false'])
  t.same(findingsOf(remission, [3, 12, 4]), ['remission true worsening since 2024-01-03'])
  t.same(findingsOf([changeRule('remission', { atMost: 12 })], [13, 12]), [
    'remission true improvement since 2024-01-02',
  ])
  t.same(findingsOf(remission, [5, 5]), ['remission false'])
  t.end()
})

t.test('a response is no partial one, and stays the day of the partial one', (t) => {
  const rules = [changeRule('response', { percent: 35 }), changeRule('partial-response', { percent: 25 })]
  t.same(findingsOf(rules, [20, 15]), [
    'response false',
    'partial-response true improvement since 2024-01-02',
  ])
  t.same(findingsOf(rules, [20, 15, 13]), [
    'response true improvement since 2024-01-03',
    'partial-response false since 2024-01-02',
  ])
  t.end()
})

t.test('what cannot be said is not said', (t) => {
  t.same(findingsOf([changeRule('response', { percent: 50 })], [0, 0]), ['response unknown'])
  t.same(findingsOf([changeRule('response', { points: 5 })], [10, 1], 'unsaid'), ['response unknown'])
  t.same(findingsOf([changeRule('reliable', { points: 5 })], [10, 1], 'unsaid'), [
    'reliable true since 2024-01-02',
  ])
  t.equal(changeOf(scoreRule(), pointsOf([12])), undefined)
  t.equal(changeOf(scoreRule(), pointsOf([])), undefined)
  const flat = changeOf(scoreRule(), pointsOf([12, 12]))
  t.equal(flat?.points, 0)
  t.equal(flat?.percent, 0)
  t.equal(flat?.direction, undefined)
  t.equal(changeOf(scoreRule(), pointsOf([0, 3]))?.percent, undefined)
  t.end()
})

t.test('fractions make no noise', (t) => {
  const change = changeOf(
    scoreRule({ changes: [changeRule('reliable', { points: 0.2 })] }),
    pointsOf([0.3, 0.1]),
  )
  t.equal(change?.points, -0.2)
  t.equal(change?.findings[0]?.holds, true)
  t.equal(
    changeOf(scoreRule({ changes: [changeRule('response', { percent: 10 })] }), pointsOf([0.7, 0.63]))
      ?.findings[0]?.holds,
    true,
  )
  t.end()
})

/** Point by point, by what the words say, in whole numbers of points times 100. */
function naive(
  rule: ChangeRule,
  direction: ScoreDirection,
  values: readonly number[],
  at: number,
): boolean | undefined {
  const [from = 0] = values
  const now = values[at] as number
  const better = direction === 'lower-is-better' ? from - now : now - from
  if (rule.points !== undefined || rule.percent !== undefined) {
    if (rule.percent !== undefined && from === 0) return undefined
    const enough = (amount: number): boolean =>
      rule.points === undefined ? amount * 100 >= (rule.percent as number) * from : amount >= rule.points
    if (rule.kind === 'reliable' || rule.kind === 'clinically-significant')
      return enough(better) || enough(-better)
    return rule.kind === 'deterioration' ? enough(-better) : enough(better)
  }
  const isThere = (value: number): boolean => {
    if (rule.below !== undefined) return value < rule.below
    return rule.atMost === undefined ? value >= (rule.atLeast as number) : value <= rule.atMost
  }
  return isThere(now) && values.slice(0, at).some((value) => !isThere(value))
}

t.test('as a naive second reading says, for any course', (t) => {
  const measure = fc.constantFrom('points', 'percent', 'below', 'atMost', 'atLeast')
  const kind = fc.constantFrom('reliable', 'clinically-significant', 'response', 'remission', 'deterioration')
  fc.assert(
    fc.property(
      fc.record({ kind, measure, amount: fc.integer({ min: 1, max: 27 }) }),
      fc.constantFrom<ScoreDirection>('lower-is-better', 'higher-is-better'),
      fc.array(fc.integer({ min: 0, max: 27 }), { minLength: 2, maxLength: 9 }),
      ({ kind, measure, amount }, direction, values) => {
        const rule = changeRule(kind as ChangeRule['kind'], {
          [measure]: measure === 'percent' ? amount * 3 : amount,
        })
        const change = changeOf(scoreRule({ changes: [rule], direction }), pointsOf(values))
        const finding = change?.findings[0]
        const all = values.map((_, at) => (at === 0 ? false : naive(rule, direction, values, at)))
        const first = all.indexOf(true)
        return (
          finding?.holds === all.at(-1) &&
          finding?.first?.reference === (first < 0 ? undefined : `Observation/o${first}`) &&
          change?.points === (values.at(-1) as number) - (values[0] as number)
        )
      },
    ),
    runs(2000),
  )
  t.pass('each drawn course')
  t.end()
})
