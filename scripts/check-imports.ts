// Holds src/ to the order of its layers: imports go down, through a folder's index.ts, in no cycle, and each guarded
// package is imported by its owner alone. Exits 1 with one line for each import that breaks a rule.
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** Lower number, lower layer. Folders of one number may not import each other. */
const LAYERS: Readonly<Record<string, number>> = {
  fhir: 0,
  svg: 0,
  store: 1,
  search: 2,
  conformance: 3,
  access: 3,
  repository: 4,
  behavioral: 4.5,
  billing: 4.6,
  operations: 5,
  openapi: 6.5,
  rest: 6,
  http: 7,
  cli: 8,
}

/** Files at the top of src/: the composition root and what it reads. */
const TOP: Readonly<Record<string, number>> = {
  'config.ts': 0.5,
  'idle-memory.ts': 0.2,
  'rounds.ts': 0.2,
  'unoptimized-start.ts': 0.2,
  'background.ts': 7.2,
  'billing-parts.ts': 7.2,
  'billing-rounds.ts': 7.3,
  'server.ts': 7.5,
  'main.ts': 9,
}

const OWNERS: Readonly<Record<string, readonly string[]>> = {
  'better-sqlite3-multiple-ciphers': ['store/sqlite/'],
  mongodb: ['store/mongo/'],
  fhirpath: ['fhir/fhirpath/'],
  fastify: ['http/'],
  'd3-scale': ['behavioral/outcomes/chart/', 'billing/revenue/chart/'],
  'd3-shape': ['behavioral/outcomes/chart/'],
  'd3-time-format': ['behavioral/outcomes/chart/'],
  pino: ['background.ts', 'billing-rounds.ts', 'server.ts', 'http/'],
  jose: ['smart/', 'access/'],
}

/** May be imported past their folder's index.ts: a store's threads need them, and must not load R4's definitions too. */
const LIGHT: ReadonlySet<string> = new Set(['fhir/errors.ts', 'fhir/resource.ts', 'fhir/json/index.ts'])

const MOST_LINES = 500

const faults: string[] = []
const files = globSync('src/**/*.ts').map((file) => file.replaceAll('\\', '/').slice('src/'.length))
const graph = new Map<string, string[]>()

for (const file of files) {
  const text = readFileSync(`src/${file}`, 'utf8')
  const lines = text.split('\n').length
  if (!file.includes('/generated/')) {
    if (lines > MOST_LINES) faults.push(`${file}: ${lines} lines; a file past ${MOST_LINES} is two ideas`)
    if (!text.startsWith('//') && !text.startsWith('#!') && path.basename(file) !== 'index.ts')
      faults.push(`${file}: opens without a sentence that says what it is`)
  }
  const runtime: string[] = []
  for (const [statement, specifier] of importsOf(text)) {
    if (!specifier.startsWith('.')) {
      if (specifier === 'node:http' && !/^\s*import\s+type\b/.test(statement))
        faults.push(`${file}: take node:http by process.getBuiltinModule; imported, it loads all of fetch`)
      const name = specifier.startsWith('@')
        ? specifier.split('/').slice(0, 2).join('/')
        : (specifier.split('/')[0] as string)
      const owners = OWNERS[name]
      if (owners !== undefined && !owners.some((owner) => file.startsWith(owner)))
        faults.push(`${file}: only ${owners.join(' and ')} may import ${name}`)
      continue
    }
    const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier))
    if (target.endsWith('.json')) continue
    checkDirection(file, target)
    if (!/^\s*(import|export)\s+type\b/.test(statement)) runtime.push(target)
  }
  graph.set(file, runtime)
}
reportCycles()

for (const fault of faults) console.error(fault)
console.log(`${files.length} files, ${faults.length} faults`)
process.exitCode = faults.length > 0 ? 1 : 0

function* importsOf(text: string): Generator<[statement: string, specifier: string]> {
  const pattern =
    /^\s*(?:import|export)\b[^'"`;]*?from\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|^import\s*['"]([^'"]+)['"]/gm
  for (const match of text.matchAll(pattern)) yield [match[0], (match[1] ?? match[2] ?? match[3]) as string]
}

function checkDirection(file: string, target: string): void {
  const [from, to] = [folderOf(file), folderOf(target)]
  if (from === to) return
  const [fromLayer, toLayer] = [layerOf(file, from), layerOf(target, to)]
  if (fromLayer === undefined || toLayer === undefined) {
    faults.push(`${file}: ${target} is in no known layer`)
    return
  }
  if (toLayer >= fromLayer) faults.push(`${file}: imports ${target}, which is not below it`)
  const adapter = /^store\/(sqlite|mongo)\/index\.ts$/.test(target)
  if (adapter && file !== 'server.ts') faults.push(`${file}: only server.ts knows the store adapters`)
  if (to !== '' && !adapter && !LIGHT.has(target) && target !== `${to}/index.ts`)
    faults.push(`${file}: imports ${target} instead of ${to}/index.ts`)
}

function folderOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] as string) : ''
}

function layerOf(file: string, folder: string): number | undefined {
  return folder === '' ? TOP[file] : LAYERS[folder]
}

/** Tarjan's strongly connected components over runtime imports. */
function reportCycles(): void {
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const visit = (file: string): void => {
    index.set(file, index.size)
    low.set(file, index.get(file) as number)
    stack.push(file)
    for (const target of graph.get(file) ?? []) {
      if (!index.has(target)) {
        visit(target)
        low.set(file, Math.min(low.get(file) as number, low.get(target) as number))
      } else if (stack.includes(target))
        low.set(file, Math.min(low.get(file) as number, index.get(target) as number))
    }
    if (low.get(file) !== index.get(file)) return
    const cycle = stack.splice(stack.indexOf(file))
    if (cycle.length > 1 || (graph.get(file) ?? []).includes(file))
      faults.push(`import cycle: ${cycle.join(', ')}`)
  }
  for (const file of graph.keys()) if (!index.has(file)) visit(file)
}
