// The chart: well-formed, read without colour, light, dark and sight, of every instrument that ships, whatever is written in it.
import { globSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import type { Courses, InstrumentCourse } from '../../../src/behavioral/index.ts'
import { chartOf } from '../../../src/behavioral/outcomes/chart/chart.ts'
import { SEVERITIES, TINTS } from '../../../src/behavioral/outcomes/chart/palette.ts'
import { runs } from '../../runs.ts'
import { band, changeRule, pointsOf, scoreRule } from './rules.ts'
import { courseOf, diary, numbers, primaryOf, resultsCourse, SHIPPED, words } from './shown-courses.ts'
import { contrast, drawnIn, luminance, paintedAt, type Drawn } from './svg-picture.ts'

const ELEMENTS = new Set(['svg', 'title', 'desc', 'rect', 'g', 'line', 'path', 'text', 'circle'])
const ATTRIBUTES = new Set(
  'xmlns width height viewBox role aria-labelledby lang font-family id x y x1 x2 y1 y2 cx cy r d fill stroke transform data-mark data-zone data-lane data-threshold'
    .split(' ')
    .concat(
      'font-size font-weight text-anchor paint-order stroke-width stroke-linejoin stroke-dasharray'.split(
        ' ',
      ),
    ),
)

const phq9 = SHIPPED.find(({ url }) => url.endsWith('/phq-9')) as (typeof SHIPPED)[number]
const cssrs = SHIPPED.find(({ url }) => url.endsWith('/c-ssrs-screener-recent')) as (typeof SHIPPED)[number]

function chart(courses: Partial<Courses>): { svg: string; all: readonly Drawn[]; root: Drawn; desc: string } {
  const svg = chartOf({ instruments: [], diaries: [], ...courses })
  const all = drawnIn(svg)
  return {
    svg,
    all,
    root: all[0] as Drawn,
    desc: all.find(({ name }) => name === 'desc')?.text ?? '',
  }
}

function texts(all: readonly Drawn[]): readonly string[] {
  return all.filter(({ name }) => name === 'text').map(({ text }) => text)
}

/** Each primary score at the edges of its bands, or each of its results. */
function wholeCourse(instrument: (typeof SHIPPED)[number]): InstrumentCourse {
  const rule = primaryOf(instrument)
  if (rule.type === 'choice') return resultsCourse(instrument)
  const edges = rule.bands.flatMap(({ low, high }) => [low, high]).filter((edge) => edge !== undefined)
  const all = [rule.lowest, rule.highest, ...edges].filter((value) => value !== undefined)
  return courseOf(
    instrument,
    [...new Set(all)].toSorted((a, b) => b - a),
    '2024-12-01',
  )
}

t.test('of every instrument that ships', (t) => {
  t.ok(SHIPPED.length > 20)
  for (const instrument of SHIPPED) {
    const course = wholeCourse(instrument)
    const { all, desc } = chart({ instruments: [course] })
    const said = texts(all).join(' ')
    for (const { text } of course.scores[0]?.bands ?? []) {
      t.ok(said.includes(text.slice(0, 12)), `${instrument.title}: ${text} beside its zone`)
      t.ok(desc.includes(text), `${instrument.title}: ${text} in words`)
    }
    t.ok(desc.startsWith(instrument.title))
    for (const words of ['NaN', 'undefined', 'Infinity']) t.notMatch(said + desc, words)
  }
  t.end()
})

t.test('a picture with a name and a text, and nothing that runs or comes from elsewhere', (t) => {
  const { svg, all, root } = chart({
    instruments: SHIPPED.map(wholeCourse),
    diaries: [diary('Mood', numbers(pointsOf([3, 4, 6])), '1'), diary('Triggers', words(['rain', 'work']))],
  })
  for (const { name, attributes } of all) {
    t.ok(ELEMENTS.has(name), name)
    for (const [key, value] of Object.entries(attributes)) {
      if (!ATTRIBUTES.has(key)) t.fail(key)
      if (/NaN|undefined|Infinity|url\(|javascript/i.test(value)) t.fail(`${key}="${value}"`)
    }
  }
  t.notMatch(svg.replace('http://www.w3.org/2000/svg', ''), /https?:|<style|<script/)
  t.equal(root.attributes.role, 'img')
  const ids = (root.attributes['aria-labelledby'] as string).split(' ')
  t.same(
    ids.map((id) => all.find(({ attributes }) => attributes.id === id)?.name),
    ['title', 'desc'],
  )
  t.equal(root.attributes.viewBox, `0 0 ${root.attributes.width} ${root.attributes.height}`)
  t.equal(chart({}).all.find(({ name }) => name === 'desc')?.text, 'There is nothing to show.')
  t.same(texts(chart({}).all), ['There is nothing to show.'])
  t.not(
    chart({ instruments: [wholeCourse(phq9)] }).root.attributes['aria-labelledby'],
    chart({ instruments: [wholeCourse(cssrs)] }).root.attributes['aria-labelledby'],
    'two charts on one page have ids of their own',
  )
  t.end()
})

t.test('all text stands inside, and on what it can be read on; all lines can be seen', (t) => {
  const { all, root } = chart({
    instruments: SHIPPED.map(wholeCourse),
    diaries: [
      diary('Mood', numbers(pointsOf(Array.from({ length: 200 }, (_, day) => (day * 7) % 11)))),
      diary('Triggers', words(['rain', 'work', 'rain'])),
    ],
  })
  const [width, height] = [Number(root.attributes.width), Number(root.attributes.height)]
  let [read, seen] = [0, 0]
  all.forEach(({ name, attributes, down }, index) => {
    if (name === 'text') {
      const [x, y] = [Number(attributes.x), Number(attributes.y) + down]
      const on = attributes['text-anchor'] === 'end' ? x - 3 : x + 1
      const ground = paintedAt(all, index, Math.min(on, width), y - 3)
      if (contrast(attributes.fill as string, ground) < 4.5) t.fail(`${attributes.fill} on ${ground}`)
      if (x < 0 || x > width || y < 0 || y > height) t.fail('text outside')
      read++
    }
    if (
      attributes['data-mark'] !== undefined ||
      attributes['stroke-dasharray'] !== undefined ||
      (name === 'path' && attributes['stroke-width'] === '2')
    ) {
      const colour =
        attributes['data-mark'] === 'worse' || name === 'line' || attributes.fill === 'none'
          ? attributes.stroke
          : attributes.fill
      for (const tint of Object.values(TINTS))
        if (contrast(colour as string, tint) < 3) t.fail(`${colour} on ${tint}`)
      seen++
    }
  })
  t.ok(read > 300, `${read} texts`)
  t.ok(seen > 100, `${seen} lines and marks`)
  t.end()
})

t.test('severities stay apart in grey, from light to dark', (t) => {
  const scale = SEVERITIES.filter((one) => one !== 'positive').map((one) => luminance(TINTS[one]))
  t.same(
    scale,
    scale.toSorted((a, b) => b - a),
  )
  for (const [place, light] of scale.entries())
    if (place > 0) t.ok((scale[place - 1] as number) - light > 0.06, String(SEVERITIES[place]))
  t.end()
})

t.test('zones lie where the bands do, and fill the plot', (t) => {
  const rule = scoreRule({
    bands: [band(0, 4, 'None', 'none'), band(5, 9, 'Mild', 'mild'), band(10, undefined, 'More', 'severe')],
  })
  const course = courseOf({ ...phq9, scores: [rule] }, [12, 3])
  const { all } = chart({ instruments: [course] })
  const areas = all.filter(
    ({ name, attributes }) =>
      name === 'rect' && Object.values(TINTS).includes(attributes.fill as string) && attributes.x === '64',
  )
  t.same(
    areas.map(({ attributes }) => attributes.fill),
    [TINTS.none, TINTS.mild, TINTS.severe],
  )
  const [none, mild, more] = areas.map(({ attributes }) => [
    Number(attributes.y),
    Number(attributes.y) + Number(attributes.height),
  ]) as [number, number][]
  t.equal(more?.[0], 0)
  const near = (a: number | undefined, b: number | undefined): boolean =>
    Math.abs((a ?? NaN) - (b ?? NaN)) < 0.02
  t.ok(near(more?.[1], mild?.[0]))
  t.ok(near(mild?.[1], none?.[0]))
  t.ok(near(none?.[1], 210))
  // 4.5 of 27, in a plot of 210 pixels with 14 to spare on either side.
  t.ok(near(mild?.[1], 196 - (4.5 / 27) * 182))
  t.ok(texts(all).includes('Mild (5–9)'))
  t.ok(texts(all).includes('More (10 or more)'))
  const bare = chart({
    instruments: [
      courseOf({ ...phq9, scores: [scoreRule({ bands: [band(20, 27, 'High', 'severe')] })] }, [3]),
    ],
  })
  t.ok(
    Number(bare.all.find(({ attributes }) => attributes.fill === TINTS.severe)?.attributes.height) < 70,
    'no zone where there is no band',
  )
  t.end()
})

t.test('baseline, response, remission and notable changes are marked, by form and in words', (t) => {
  const { all, desc } = chart({ instruments: [courseOf(phq9, [18, 15, 9, 4, 24], '2024-02-02')] })
  const marks = all.flatMap(({ attributes }) => attributes['data-mark'] ?? [])
  t.same(marks.slice(0, 5), ['baseline', 'value', 'better', 'better', 'worse'])
  t.same(marks.slice(5).toSorted(), ['baseline', 'better', 'value', 'worse'], 'each is explained')
  t.same(
    all.flatMap(({ attributes }) => attributes['data-threshold'] ?? []),
    ['response ≤ 9', 'remission < 5'],
  )
  t.equal(new Set(all.flatMap(({ attributes }) => attributes['stroke-dasharray'] ?? [])).size, 2)
  for (const told of [
    'Baseline 18, moderately severe, on 1 Jan 2024, last 24, severe, on 5 Jan 2024: +6 (+33%).',
    'Clinically significant change (worsening).',
    'No response now; there was on 3 Jan 2024.',
    'No remission now; there was on 4 Jan 2024.',
    'Next due 2 Feb 2024.',
    '2024-01-04: 4, None-minimal',
  ])
    t.ok(desc.includes(told), told)
  t.ok(texts(all).join(' ').includes('No response now; there was on 3 Jan 2024.'))
  t.ok(['18', '24', '4'].every((value) => texts(all).includes(value)))
  const rising = scoreRule({
    direction: 'higher-is-better',
    highest: 100,
    changes: [changeRule('reliable', { points: 10 }), changeRule('response', { percent: 50 })],
  })
  const up = chart({ instruments: [courseOf({ ...phq9, scores: [rising] }, [28, 40, 10])] })
  t.same(up.all.flatMap(({ attributes }) => attributes['data-mark'] ?? []).slice(0, 3), [
    'baseline',
    'better',
    'worse',
  ])
  t.same(
    up.all.flatMap(({ attributes }) => attributes['data-threshold'] ?? []),
    ['response ≥ 42'],
  )
  t.end()
})

t.test('results in words have lanes, the most severe at the top', (t) => {
  const { all, desc } = chart({ instruments: [resultsCourse(cssrs)] })
  const lanes = all.flatMap(({ attributes }) => attributes['data-lane'] ?? [])
  t.equal(lanes.length, primaryOf(cssrs).options.length)
  t.match(lanes[0], /high/i)
  t.match(lanes.at(-1), /no /i)
  t.match(desc, /\d entries, last/)
  const many = chart({
    diaries: [diary('Triggers', words(Array.from({ length: 60 }, (_, day) => `kind ${day % 20}`)))],
  })
  t.match(texts(many.all).join(' '), /other \(36\)/)
  t.end()
})

t.test('a long diary is drawn by fewer dots, between its lowest and its highest, and told by months', (t) => {
  const values = Array.from({ length: 20_000 }, (_, day) => (day === 7777 ? 99 : (day * 7919) % 10))
  const { svg, all, desc } = chart({ diaries: [diary('Mood', numbers(pointsOf(values)))] })
  t.ok(svg.length < 400_000, `${svg.length} characters`)
  const heights = all.filter(({ name }) => name === 'circle').map(({ attributes }) => Number(attributes.cy))
  t.equal(heights.filter((y) => y === Math.min(...heights)).length, 1, 'the one highest is there')
  t.match(desc, 'Jan 2024: 31 values, mean')
  t.match(desc, '20000 entries: mean')
  t.end()
})

t.test('whatever people write stays text', (t) => {
  const hostile = fc.oneof(
    fc.constantFrom(
      '</desc><script>alert(1)</script>',
      ']]>',
      '&amp;',
      '"\'<>',
      '\u0000\u0008\uFFFE',
      '\uD800',
      '\u202Eabc',
      'a'.repeat(3000),
      `${'b '.repeat(1500)}`,
    ),
    fc.string({ unit: 'binary', maxLength: 80 }),
  )
  fc.assert(
    fc.property(hostile, hostile, (title, other) => {
      const rule = scoreRule({
        text: other,
        bands: [band(0, 9, title, 'mild'), band(10, 27, other, undefined)],
      })
      const { svg, all } = chart({
        instruments: [courseOf({ ...phq9, title, scores: [rule] }, [3, 11])],
        diaries: [diary(other, numbers(pointsOf([1])), title), diary(title, words([other, title, other]))],
      })
      return all.every(({ name }) => ELEMENTS.has(name)) && svg.length < 40_000
    }),
    runs(150),
  )
  t.pass('each drawn text')
  t.end()
})

t.test('any course can be drawn', (t) => {
  const value = fc.oneof(fc.integer({ min: -5, max: 40 }), fc.double({ noNaN: true, min: -1e12, max: 1e12 }))
  fc.assert(
    fc.property(
      fc.array(value, { maxLength: 70 }),
      fc.boolean(),
      fc.integer({ min: 0, max: 2000 }),
      (values, isBounded, apart) => {
        const points = pointsOf(values).map((point, index) => {
          const at = Date.UTC(2024, 0, 1) + index * apart * 3_600_000
          return { ...point, at, wall: at, date: new Date(at).toISOString() }
        })
        const bounds = isBounded ? {} : { lowest: undefined, highest: undefined }
        const rule = scoreRule({
          ...bounds,
          bands: [band(undefined, 4, 'low'), band(5, 9, 'middle', 'mild'), band(12, undefined, 'high')],
        })
        const course = courseOf({ ...phq9, scores: [rule] }, values)
        const { all } = chart({ instruments: [course], diaries: [diary('d', numbers(points))] })
        return all.every(({ attributes }) =>
          Object.values(attributes).every((one) => !/NaN|Infinity|undefined/.test(one)),
        )
      },
    ),
    runs(150),
  )
  t.pass('each drawn course')
  t.end()
})

t.test('what draws is loaded with the first chart, and not before', (t) => {
  const src = new URL('../../../src/', import.meta.url)
  const drawing = globSync('**/*.ts', { cwd: src, exclude: ['**/chart/**'] })
    .map((file) => [file, readFileSync(new URL(file, src), 'utf8')] as const)
    .filter(([, text]) => /from '[^']*(?:\/chart\/|d3-)[^']*'/.test(text))
    .map(([file]) => file)
  t.same(drawing, [])
  t.end()
})
