// Runs every test file in a process of its own, two at a time, and ends with 'N passed, N failed'.
// Usage: npm test [-- part-of-a-path ...]; with --long, random tests draw far more and real records are all asked for.
import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { Parser } from 'tap-parser'

interface Report {
  readonly file: string
  readonly passed: number
  readonly failed: number
  readonly skipped: readonly string[]
  readonly output: string
  readonly seconds: number
}

const LONG = '--long'
const wanted = process.argv.slice(2).filter((argument) => argument !== LONG)
const environment = {
  ...process.env,
  // Seconds after which a file is held to hang: far beyond what a busy machine needs for any.
  TAP_TIMEOUT: '900',
  // Nearly all files import the same few hundred modules: what one has had compiled, the next finds.
  NODE_COMPILE_CACHE: path.resolve('node_modules/.cache/compiled'),
  ...(process.argv.includes(LONG) ? { ALCOVE_TEST_LONG: '1' } : {}),
}
const files = globSync('test/**/*.test.ts')
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort()

const reports: Report[] = []
const queue = [...files]
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, runQueue))

async function runQueue(): Promise<void> {
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    const report = await run(file)
    reports.push(report)
    const verdict = report.failed === 0 ? 'ok    ' : 'FAILED'
    console.log(
      `${verdict} ${file} (${report.passed} passed${report.failed > 0 ? `, ${report.failed} failed` : ''})`,
    )
    for (const reason of report.skipped) console.log(`       skipped: ${reason}`)
    if (report.failed > 0) console.log(report.output.replace(/^/gm, '       '))
  }
}

/** A file that ends badly, plans wrongly or asserts nothing counts as one failure even when no assertion failed. */
function run(file: string): Promise<Report> {
  const began = performance.now()
  return new Promise((resolve) => {
    let passed = 0
    let failed = 0
    let output = ''
    const skipped: string[] = []
    const parser = new Parser()
    count(parser)
    parser.on('complete', (results) => {
      closed.then((status) => {
        if (failed === 0 && (status !== 0 || !results.ok || passed + skipped.length === 0)) failed = 1
        resolve({ file, passed, failed, skipped, output, seconds: (performance.now() - began) / 1000 })
      })
    })

    const child = spawn(process.execPath, [file], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: environment,
    })
    const closed = new Promise<number | null>((done) => child.on('close', done))
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk
      parser.write(chunk)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk
    })
    child.stdout.on('end', () => parser.end())

    /** Assertions only: the line that sums a subtest up is not one. */
    function count(level: Parser): void {
      let subtests = 0
      level.on('child', (child) => {
        subtests++
        count(child)
      })
      level.on('assert', (result) => {
        if (subtests > 0 && result.name !== undefined && result.time !== undefined) {
          subtests--
          if (result.skip) skipped.push(`${result.name}: ${result.skip}`)
        } else if (result.skip) skipped.push(`${result.name}: ${result.skip}`)
        else if (result.ok || result.todo) passed++
        else failed++
      })
    }
  })
}

const sum = (of: (report: Report) => number): number =>
  reports.reduce((total, report) => total + of(report), 0)
const failed = sum((report) => report.failed)
const slowest = reports.toSorted((a, b) => b.seconds - a.seconds).slice(0, 10)
console.log('\nthe slowest:')
for (const { file, seconds } of slowest) console.log(`${seconds.toFixed(1).padStart(6)} s  ${file}`)
console.log(`\n${sum((report) => report.passed)} passed, ${failed} failed`)
process.exitCode = failed > 0 || files.length === 0 ? 1 : 0
