// How many resources a second `alcove load` takes into a fresh store, from the start of the process to its end.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { environment } from './processes.ts'
import { familyOf } from './practice.ts'
import { patient, score, transaction, type Record } from './records.ts'

export interface Loading {
  readonly resources: number
  readonly resourcesPerSecond: number
  /** User and system, all threads, the start of the process too; NaN where the system does not tell. */
  readonly cpuMsPerResource: number
}

const SCORES = 24
const CODE = '44261-6'
const BUNDLES_A_FILE = 40
/** Fields of /proc/self/stat after the command's name: processor ticks of children that have ended. */
const CHILD_TICKS = [13, 14] as const
const TICKS_A_SECOND = 100

/** Writes what is loaded: patients with their scores as NDJSON, or a transaction a patient. About `resources` of them. */
export async function writeRecords(
  folder: string,
  form: 'NDJSON' | 'transactions',
  resources: number,
): Promise<string> {
  const target = path.join(folder, form)
  mkdirSync(target, { recursive: true })
  const patients = Math.ceil(resources / (1 + SCORES))
  const all = Array.from({ length: patients }, (_, p) => recordsOf(p))
  if (form === 'NDJSON') {
    const lines = (records: readonly Record[]): string =>
      records.map((it) => `${JSON.stringify(it)}\n`).join('')
    await pipeline(Readable.from(all.map(lines)), createWriteStream(path.join(target, 'records.ndjson')))
  } else
    for (let file = 0; file * BUNDLES_A_FILE < all.length; file++) {
      const bundles = all
        .slice(file * BUNDLES_A_FILE, (file + 1) * BUNDLES_A_FILE)
        .map((records) => `${transaction(records.map((resource) => ({ resource })))}\n`)
      await pipeline(Readable.from(bundles), createWriteStream(path.join(target, `bundles-${file}.ndjson`)))
    }
  return target
}

function recordsOf(p: number): readonly Record[] {
  const id = `loaded-${p}`
  const scores = Array.from({ length: SCORES }, (_, n) =>
    score(p * SCORES + n, { id: `${id}-${n}`, subject: `Patient/${id}`, code: CODE }),
  )
  return [patient(p, { id, family: familyOf(p) }), ...scores]
}

/** @throws Error when something was refused */
export async function load(main: string, source: string, database: string): Promise<Loading> {
  const ticks = childTicks()
  const started = performance.now()
  const child = spawn(process.execPath, [main, 'load', '--json', '--quiet', source], {
    env: environment(database),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (output += text))
  const [code] = (await once(child, 'close')) as [number | null]
  const seconds = (performance.now() - started) / 1000
  const summary = /^\{"files".*$/m.exec(output)?.[0]
  if (code !== 0 || summary === undefined)
    throw new Error(`loading ended with ${code}: ${output.slice(0, 1000)}`)
  const { created: resources } = JSON.parse(summary) as { readonly created: number }
  const cpuMs = ((childTicks() - ticks) * 1000) / TICKS_A_SECOND
  return { resources, resourcesPerSecond: resources / seconds, cpuMsPerResource: cpuMs / resources }
}

function childTicks(): number {
  if (process.platform !== 'linux') return NaN
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? []
  return CHILD_TICKS.reduce((sum, at) => sum + Number(fields[at]), 0)
}
