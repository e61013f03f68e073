// How far a long command has come, as text.
import t from 'tap'
import { duration, grouped, progressLine, progressOn } from '../../src/cli/progress.ts'

const HALF = { done: 50, total: 100, count: 1234, noun: 'resources', refused: 0, elapsedMs: 10_000 }

t.test('a line says share, count, rate and time left', async (t) => {
  t.equal(progressLine(HALF), '50%, 1,234 resources, 123/s, 0:10 left')
  t.equal(progressLine({ ...HALF, refused: 2 }), '50%, 1,234 resources, 123/s, 0:10 left, 2 refused')
  t.equal(progressLine({ ...HALF, count: 5 }), '50%, 5 resources, 0.5/s, 0:10 left')
  t.equal(progressLine({ ...HALF, done: 0 }), '0%, 1,234 resources, 123/s', 'no time left before a start')
  t.equal(progressLine({ ...HALF, total: 0 }), '1,234 resources, 123/s', 'nothing of a total not known')
  t.equal(
    progressLine({ ...HALF, done: 300 }),
    '100%, 1,234 resources, 123/s, 0:00 left',
    'never past the end',
  )
  t.equal(progressLine({ ...HALF, elapsedMs: 0 }), '50%, 1,234 resources, 0.0/s')
})

t.test('a bar stands in front where there is room', async (t) => {
  t.equal(progressLine(HALF, 80), '[############------------] 50%, 1,234 resources, 123/s, 0:10 left')
  t.equal(progressLine({ ...HALF, done: 100 }, 80).slice(0, 26), `[${'#'.repeat(24)}]`)
  t.equal(progressLine(HALF, 60), '50%, 1,234 resources, 123/s, 0:10 left')
  t.equal(progressLine(HALF, 21), '50%, 1,234 resources', 'never as wide as the terminal, which would wrap')
})

t.test('durations and counts', async (t) => {
  const durations: readonly [number, string][] = [
    [0, '0:00'],
    [499, '0:00'],
    [7_000, '0:07'],
    [65_000, '1:05'],
    [3_599_600, '1:00:00'],
    [36_061_000, '10:01:01'],
  ]
  for (const [ms, text] of durations) t.equal(duration(ms), text)
  const counts: readonly [number, string][] = [
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [1234567, '1,234,567'],
  ]
  for (const [count, text] of counts) t.equal(grouped(count), text)
})

t.test('a terminal is redrawn in place, elsewhere a line comes every few seconds', async (t) => {
  const written: string[] = []
  let clock = 0
  const output = (isTTY: boolean) => ({ isTTY, columns: 40, write: (text: string) => written.push(text) })
  const state = { done: 1, total: 2, count: 1, noun: 'resources', refused: 0 }

  const onTerminal = progressOn(output(true), () => clock)
  for (clock of [50, 150, 200, 260]) onTerminal.report(state)
  onTerminal.clear()
  t.equal(written.length, 3, 'two drawings and one wiping')
  t.ok(written.every((it) => it.startsWith('\r\u001b[2K') && !it.includes('\n')))

  written.length = 0
  clock = 0
  const elsewhere = progressOn(output(false), () => clock)
  for (clock = 0; clock <= 11_000; clock += 1000) elsewhere.report(state)
  elsewhere.clear()
  t.equal(written.length, 2)
  t.ok(written.every((it) => it.endsWith('\n') && !it.includes('\u001b')))

  written.length = 0
  const quiet = progressOn(output(true), () => clock, true)
  clock += 60_000
  quiet.report(state)
  quiet.clear()
  t.same(written, [])
})
