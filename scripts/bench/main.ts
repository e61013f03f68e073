// Measures the built server. npm run bench -- --help says how.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { driveByAutocannon } from './autocannon-driver.ts'
import { compare } from './against.ts'
import { againstChart } from './against-chart.ts'
import { benchChart } from './bench-chart.ts'
import { scaleChart } from './scale-chart.ts'
import { bench, OTHERS } from './bench.ts'
import { verdicts } from './goals.ts'
import { drive } from './load-client.ts'
import { BUILT } from './processes.ts'
import { buildRevision, checkedOut, type Revision } from './revision.ts'
import { againstTable, goalTable, scaleTable, workloadTable } from './report.ts'
import { STEP_OF_SIZES } from './scale-practice.ts'
import { scale } from './scale.ts'
import { SCALE_CONNECTIONS } from './scale-workloads.ts'
import { WORKLOADS } from './workloads.ts'

const SIZES = '10000,100000,1000000'
const HELP = `npm run bench -- [OPTION...]

  --seconds N       each workload is measured for so long, floors and rounds together (default 6)
  --rounds N        in so many rounds, in turns with the floors (default 3; 5 with --against)
  --only NAME,...   of the workloads and other things below, those whose names hold one of these
  --driver NAME     what puts the load on: own (default) or autocannon
  --against REV     instead, compares with that commit, in turns
  --scale [SIZE,..] instead, how cost grows with the size of the store (default ${SIZES})
  --stores FOLDER   with --scale: where its stores are kept, and used again
  --main FILE       the built server (default dist/main.js)
  --of REV          or a commit, which is built first
  --json FILE       writes the figures
  --svg FILE        writes a chart
  --help            says this

Measured are: ${[...WORKLOADS, ...OTHERS.map((name) => ({ name }))].map(({ name }) => name).join('; ')}
`

/** `--scale` may stand alone. */
const args = process.argv
  .slice(2)
  .flatMap((arg, n, all) =>
    arg === '--scale' && !/^\d/.test(all[n + 1] ?? '') ? [`--scale=${SIZES}`] : [arg],
  )
const { values } = parseArgs({
  args,
  options: {
    seconds: { type: 'string', default: '6' },
    rounds: { type: 'string' },
    only: { type: 'string' },
    against: { type: 'string' },
    of: { type: 'string' },
    scale: { type: 'string' },
    stores: { type: 'string' },
    driver: { type: 'string', default: 'own' },
    main: { type: 'string', default: BUILT },
    json: { type: 'string' },
    svg: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(HELP)
  process.exit()
}
const seconds = positive('--seconds', values.seconds)
const rounds = positive('--rounds', values.rounds ?? (values.against === undefined ? '3' : '5'))
const driver = values.driver === 'autocannon' ? driveByAutocannon : drive
const only = values.only?.split(',').map((name) => name.trim().toLowerCase())
const wanted = (name: string): boolean => only?.some((it) => name.toLowerCase().includes(it)) ?? true
const workloads = WORKLOADS.filter(({ name }) => wanted(name))
if (values.scale === undefined && workloads.length === 0 && !OTHERS.some(wanted))
  fail(`--only names nothing that is measured; ${HELP}`)
const folder = mkdtempSync(path.join(tmpdir(), 'alcove-bench-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
const started = performance.now()
const [loadAverage = NaN] = loadavg()
const busy = loadAverage > availableParallelism() / 2
if (busy)
  console.error(
    `The machine is busy (load ${loadAverage.toFixed(1)}): believe processor time and ratios, not rates and latencies.`,
  )
if (values.against !== undefined) await runAgainst(values.against)
else if (values.scale !== undefined) await runScale(values.scale)
else await runBench()

/** What is measured. */
function measured(): Revision {
  if (values.of !== undefined) return buildRevision(values.of, folder)
  return { name: 'this build', main: path.resolve(values.main) }
}

async function runBench(): Promise<void> {
  const results = await bench({
    main: measured().main,
    folder,
    seconds,
    rounds,
    driver,
    workloads,
    wanted,
    progress,
  })
  progress('')
  console.log(`${workloadTable(results)}\n\n${goalTable(results)}\n`)
  console.log(
    `Medians of ${rounds} rounds; CPU and floors in ms of processor a request, all threads of the process.`,
  )
  write({ ...results, verdicts: verdicts(results) }, (conditions) => benchChart(results, conditions))
}

async function runAgainst(revision: string): Promise<void> {
  const before = buildRevision(revision, folder)
  const after = measured()
  const options = { before, after, folder, seconds, rounds, driver, workloads, wanted, progress }
  const comparisons = await compare(options)
  progress('')
  console.log(againstTable(before.name, after.name, comparisons))
  console.log(`\nMedians of ${rounds} rounds in turns; the spread is that of the rounds.`)
  write({ before: before.name, after: after.name, comparisons }, (conditions) =>
    againstChart(before.name, after.name, comparisons, conditions),
  )
}

async function runScale(text: string): Promise<void> {
  const sizes = text.split(',').map((size) => positive('--scale', size))
  if (sizes.some((size) => size % STEP_OF_SIZES !== 0)) fail(`--scale takes multiples of ${STEP_OF_SIZES}`)
  sizes.sort((a, b) => a - b)
  const stores = path.resolve(values.stores ?? path.join(folder, 'stores'))
  const results = await scale({
    main: measured().main,
    folder: stores,
    sizes,
    seconds,
    rounds,
    driver,
    wanted,
    progress,
  })
  progress('')
  console.log(`${scaleTable(results)}\n\n${SCALE_CONNECTIONS} connections; medians of ${rounds} rounds.`)
  console.log(
    'Each store is asked of all its patients alike, and so a small one of few, of whom it remembers everything; ' +
      '"of as many patients": the largest is asked of as many as the smallest has.',
  )
  write(results, (conditions) => scaleChart(results, conditions))
}

/** With what must be known to understand them. */
function write(results: object, chart: (conditions: string) => string): void {
  const date = new Date().toISOString()
  const cpu = cpus()[0]?.model ?? 'unknown processor'
  const cores = availableParallelism()
  if (values.json !== undefined) {
    const tookSeconds = Math.round((performance.now() - started) / 1000)
    const commit = values.of ?? checkedOut()
    const settings = {
      commit,
      node: process.version,
      cpu,
      cores,
      loadAverage,
      seconds,
      rounds,
      driver: values.driver,
    }
    writeFileSync(
      values.json,
      `${JSON.stringify({ date, tookSeconds, ...settings, ...results }, undefined, 2)}\n`,
    )
  }
  if (values.svg !== undefined) {
    const machine = `${cores} cores of ${cpu}, shared with what puts the load on, Node ${process.version}`
    const others = busy ? ` Other work kept it busy (load ${loadAverage.toFixed(0)}).` : ''
    writeFileSync(
      values.svg,
      chart(`${date.slice(0, 10)}, ${machine}; medians of ${rounds} rounds.${others}`),
    )
  }
}

/** What is under way, on a terminal. */
function progress(doing: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${doing}`)
}

function positive(option: string, text: string): number {
  const number = Number(text)
  if (!(number > 0)) fail(`${option} takes a number above 0`)
  return number
}

function fail(message: string): never {
  console.error(message)
  process.exit(2)
}
