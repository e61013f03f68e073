// Measures the built server. npm run bench -- --help says how.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { driveByAutocannon } from './autocannon-driver.ts'
import { bench, OTHERS } from './bench.ts'
import { verdicts } from './goals.ts'
import { drive } from './load-client.ts'
import { BUILT } from './processes.ts'
import { goalTable, workloadTable } from './report.ts'
import { WORKLOADS } from './workloads.ts'

const HELP = `npm run bench -- [OPTION...]

  --seconds N       each thing is measured for so long, its rounds together (default 6)
  --rounds N        in so many rounds, in turns with the floors (default 3)
  --only NAME,...   of the workloads and other things below, those whose names hold one of these
  --driver NAME     what puts the load on: own (default) or autocannon
  --main FILE       the built server (default dist/main.js)
  --json FILE       writes the figures
  --svg FILE        writes a chart
  --help            says this

Measured are: ${[...WORKLOADS, ...OTHERS.map((name) => ({ name }))].map(({ name }) => name).join('; ')}
`

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '6' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
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
const rounds = positive('--rounds', values.rounds)
const driver = values.driver === 'autocannon' ? driveByAutocannon : drive
const only = values.only?.split(',').map((name) => name.trim().toLowerCase())
const wanted = (name: string): boolean => only?.some((it) => name.toLowerCase().includes(it)) ?? true
const workloads = WORKLOADS.filter(({ name }) => wanted(name))
if (workloads.length === 0 && !OTHERS.some(wanted)) fail(`--only names nothing that is measured; ${HELP}`)

const folder = mkdtempSync(path.join(tmpdir(), 'alcove-bench-'))
try {
  const started = performance.now()
  const results = await bench({
    main: path.resolve(values.main),
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
  if (values.json !== undefined) {
    const machine = { node: process.version, cpu: cpus()[0]?.model, cores: availableParallelism() }
    const settings = { seconds, rounds, driver: values.driver }
    const tookSeconds = Math.round((performance.now() - started) / 1000)
    const date = new Date().toISOString()
    const json = { date, tookSeconds, ...machine, ...settings, ...results, verdicts: verdicts(results) }
    writeFileSync(values.json, `${JSON.stringify(json, undefined, 2)}\n`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
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
