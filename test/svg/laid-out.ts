// Charts as a real browser lays them out: no text over another or cut off, and a name and words for who cannot see them.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

export const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome']
export const browser = BROWSERS.find((name) => spawnSync(name, ['--version']).status === 0)

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
export function look(charts: readonly string[]): {
  readonly charts: number
  readonly faults: readonly string[]
} {
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
