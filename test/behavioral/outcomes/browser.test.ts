// The charts as a real browser lays them out: no text over another or cut off, and a name and words for who cannot see them.
import t from 'tap'
import type { Courses } from '../../../src/behavioral/index.ts'
import { chartOf } from '../../../src/behavioral/outcomes/chart/chart.ts'
import { BROWSERS, browser, look } from '../../svg/laid-out.ts'
import { pointsOf } from './rules.ts'
import { courseOf, diary, numbers, primaryOf, resultsCourse, SHIPPED, words } from './shown-courses.ts'

/** Scores up and down over its whole range. */
function courses(): readonly Courses[] {
  const ofInstruments = SHIPPED.map((instrument): Courses => {
    const rule = primaryOf(instrument)
    const [low, high] = [rule.lowest ?? 0, rule.highest ?? 10]
    const values = [0.9, 0.8, 0.85, 0.5, 0.3, 0, 0.1, 1].map((share) =>
      Math.round(low + share * (high - low)),
    )
    const course =
      rule.type === 'choice' ? resultsCourse(instrument) : courseOf(instrument, values, '2024-12-01')
    return { instruments: [course], diaries: [] }
  })
  const many = Array.from({ length: 400 }, (_, day) => 3 + ((day * 7919) % 5))
  return [
    ...ofInstruments,
    {
      instruments: [],
      diaries: [
        diary('Mood', numbers(pointsOf(many))),
        diary('Hours of sleep', numbers(pointsOf([7, 6.5, 8, 4, 5.25])), 'h'),
        diary('Triggers', words(['An argument with somebody of the family at home', 'Rain', 'Work', 'Rain'])),
        diary('W'.repeat(300), words(['W'.repeat(300)])),
      ],
    },
    { instruments: [], diaries: [] },
  ]
}

t.test(
  'as a browser lays them out',
  { skip: browser === undefined && `none of ${BROWSERS.join(', ')} is installed` },
  (t) => {
    const drawn = courses().map(chartOf)
    const { charts, faults } = look(drawn)
    t.equal(charts, drawn.length)
    t.same(faults, [])
    t.end()
  },
)
