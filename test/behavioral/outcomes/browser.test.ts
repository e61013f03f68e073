// The charts as a real browser lays them out: no text over another or cut off, and a name and words for who cannot see them.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import type { Courses } from '../../../src/behavioral/index.ts'
import { chartOf } from '../../../src/behavioral/outcomes/chart/chart.ts'
import { pointsOf } from './rules.ts'
import { courseOf, diary, numbers, primaryOf, resultsCourse, SHIPPED, words } from './shown-courses.ts'

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome']
const browser = BROWSERS.find((name) => spawnSync(name, ['--version']).status === 0)

/** What a page finds out about its charts, a line for each fault. */
const LOOK = `
  const faults = []
  for (const svg of document.querySelectorAll('svg')) {
    const title = svg.querySelector('title').textContent
    const page = svg.getBoundingClientRect()
    const texts = [...svg.querySelectorAll('text')].map((text) => ({ words: text.textContent, box: text.getBoundingClientRect() }))
    for (const { words, box } of texts)
      if (box.left < page.left || box.right > page.right + 0.5 || box.top < page.top || box.bottom > page.bottom)
        faults.push(title + ': cut off: ' + words)
    texts.forEach(({ words, box }, index) => {
      for (const other of texts.slice(index + 1)) {
        const [wide, high] = [
          Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left),
          Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top),
        ]
        if (wide > 1 && high > 3) faults.push(title + ': ' + words + ' stands over ' + other.words)
      }
    })
    const labels = svg.getAttribute('aria-labelledby').split(' ').map((id) => document.getElementById(id))
    if (labels.some((label) => label === null || !svg.contains(label) || label.textContent === '')) faults.push(title + ': no words')
  }
  document.body.textContent = JSON.stringify({ charts: CHARTS, faults })
`

/** @throws Error when the browser does not say */
function look(charts: readonly string[]): { readonly charts: number; readonly faults: readonly string[] } {
  const folder = mkdtempSync(path.join(tmpdir(), 'alcove-chart-'))
  try {
    const file = path.join(folder, 'charts.html')
    const script = LOOK.replace('CHARTS', "document.querySelectorAll('svg').length")
    writeFileSync(
      file,
      `<!doctype html><meta charset="utf-8"><body>${charts.join('')}<script>${script}</script>`,
    )
    const { stdout, stderr } = spawnSync(
      browser as string,
      [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        `--user-data-dir=${folder}/profile`,
        '--dump-dom',
        pathToFileURL(file).href,
      ],
      { encoding: 'utf8', timeout: 120_000, maxBuffer: 64 * 1024 * 1024 },
    )
    const told = /<body>(\{.*\})<\/body>/s.exec(stdout)?.[1]
    if (told === undefined) throw new Error(`the browser says nothing: ${stderr.slice(0, 500)}`)
    return JSON.parse(told.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'))
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

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
