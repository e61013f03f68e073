// Puts the resources that ship with a release into the store, and leaves alone what a practice has made of them.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, type Dirent } from 'node:fs'
import path from 'node:path'
import {
  decimalText,
  FhirError,
  ID_PATTERN,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJson,
  type Resource,
  setDecimalText,
  writeJson,
} from '../fhir/index.ts'
import type { Store } from '../store/index.ts'
import { breathe } from './breathe.ts'
import { SEARCH_PARAMETER } from './custom-parameters.ts'
import type { Repository } from './repository.ts'
import type { TransactionRequest, UpdateRequest, WriteOutcome } from './requests.ts'

export interface ShippedReport {
  /** How many resources are in the store now that were not. */
  readonly created: number
  /** How many had stood as an earlier release left them, and are now as this one has them. */
  readonly updated: number
  /** `Type/id` of those that this release has otherwise, but that were edited, deleted or made by the practice. */
  readonly kept: readonly string[]
}

/** The setting that says what was put into the store: by `Type/id`, the hash of its content. */
const SHIPPED = 'shipped'

/** The setting that holds the digest of all files, once all that they ship is in the store: they need no reading then. */
const RELEASE = 'shipped-release'

const NOTHING_TO_DO: ShippedReport = Object.freeze({ created: 0, updated: 0, kept: Object.freeze([]) })

interface ShippedFile {
  /** Within the folder. */
  readonly name: string
  readonly bytes: Buffer
}

interface ShippedResource {
  /** `Type/id`. */
  readonly key: string
  readonly type: string
  readonly id: string
  readonly hash: string
  readonly resource: Resource
}

/** How often it is planned anew when another server on the same data writes between. */
const ATTEMPTS = 3

/**
 * Brings the resources of every `.json` file in `folder` and below it into the store, through `repository` as anyone
 * would: the SearchParameters in one commit, all others in another. A SearchParameter whose code or URL the practice
 * has given to one of its own is left out. Safe to repeat and to interrupt: what stands there as shipped is recognised
 * by its content. A folder that is not there ships nothing.
 * @throws FhirError `invalid` when a file holds no resource with an id, or the resource is not valid R4
 */
export async function installShipped(
  { store }: { readonly store: Store },
  repository: Repository,
  folder: string,
): Promise<ShippedReport> {
  const files = await readFiles(folder)
  const release = digestOf(files)
  if ((await store.maintenance.getSetting(RELEASE)) === release) return NOTHING_TO_DO
  const resources = await resourcesOf(files)
  for (let attempt = 1; ; attempt++) {
    try {
      const report = await install(store, repository, resources)
      // What was kept is told at every start.
      if (report.kept.length === 0) await store.maintenance.setSetting(RELEASE, release)
      return report
    } catch (error) {
      const isRace =
        error instanceof FhirError && (error.code === 'precondition-failed' || error.code === 'conflict')
      if (!isRace || attempt === ATTEMPTS) throw error
    }
  }
}

async function install(
  store: Store,
  repository: Repository,
  resources: readonly ShippedResource[],
): Promise<ShippedReport> {
  const installed = await installedBefore(store)
  const requests: Planned[] = []
  const settled: ShippedResource[] = []
  const kept: string[] = []
  const refused: ShippedResource[] = []
  for (const shipped of resources) {
    const before = installed.get(shipped.key)
    if (before === shipped.hash) continue
    const plan = await planFor(repository, shipped, before)
    if (plan === 'kept') kept.push(shipped.key)
    else if (plan === 'there') settled.push(shipped)
    else requests.push({ shipped, request: plan })
  }

  const others = requests.filter(({ shipped }) => shipped.type !== SEARCH_PARAMETER)
  const parameters = requests.filter(({ shipped }) => shipped.type === SEARCH_PARAMETER)
  const outcomes = [
    ...(await commit(repository, others)),
    ...(await commitParameters(repository, parameters)),
  ]
  const written = new Set(outcomes.map(({ shipped }) => shipped))
  for (const { shipped } of requests) (written.has(shipped) ? settled : refused).push(shipped)
  if (settled.length > 0) {
    for (const { key, hash } of settled) installed.set(key, hash)
    await store.maintenance.setSetting(SHIPPED, JSON.stringify(Object.fromEntries(installed)))
  }
  const created = outcomes.filter(({ outcome }) => outcome === 'created').length
  return { created, updated: outcomes.length - created, kept: [...kept, ...refused.map(({ key }) => key)] }
}

interface Planned {
  readonly shipped: ShippedResource
  readonly request: UpdateRequest
}

type Committed = { readonly shipped: ShippedResource; readonly outcome: WriteOutcome['outcome'] }

async function commit(repository: Repository, planned: readonly Planned[]): Promise<readonly Committed[]> {
  if (planned.length === 0) return []
  const outcomes = await repository.transaction(
    planned.map(({ request }, entry): TransactionRequest => ({ ...request, entry })),
  )
  return outcomes.map(({ outcome }, place) => ({ shipped: (planned[place] as Planned).shipped, outcome }))
}

/** All together; one by one where the practice's own stand against some, which are left out. */
async function commitParameters(
  repository: Repository,
  planned: readonly Planned[],
): Promise<readonly Committed[]> {
  try {
    return await commit(repository, planned)
  } catch (error) {
    if (!(error instanceof FhirError) || error.code !== 'business-rule') throw error
    if (planned.length === 1) return []
  }
  const done: Committed[] = []
  for (const one of planned) done.push(...(await commitParameters(repository, [one])))
  return done
}

/** What is to be written; or `there` when it is as shipped already, or `kept` when it is the practice's own. */
async function planFor(
  repository: Repository,
  { type, id, hash, resource }: ShippedResource,
  before: string | undefined,
): Promise<UpdateRequest | 'there' | 'kept'> {
  const update = { kind: 'update', target: { type, id }, resource } as const
  const current = await currentVersion(repository, type, id)
  // A deletion stays, also one of which no trace is left.
  if (current === 'absent') return before === undefined ? { ...update, ifNoneMatch: '*' } : 'kept'
  if (current === 'deleted') return 'kept'
  const content = contentHash(parseJson(current.body) as Resource)
  if (content === hash) return 'there'
  return content === before ? { ...update, ifMatch: { versions: [String(current.versionId)] } } : 'kept'
}

async function currentVersion(
  repository: Repository,
  type: string,
  id: string,
): Promise<{ readonly versionId: number; readonly body: Buffer } | 'absent' | 'deleted'> {
  try {
    const { versionId, body } = await repository.read(type, id)
    return body === undefined ? 'deleted' : { versionId, body }
  } catch (error) {
    if (error instanceof FhirError && error.code === 'not-found') return 'absent'
    if (error instanceof FhirError && error.code === 'deleted') return 'deleted'
    throw error
  }
}

async function installedBefore({ maintenance }: Pick<Store, 'maintenance'>): Promise<Map<string, string>> {
  const text = await maintenance.getSetting(SHIPPED)
  return new Map(Object.entries(text === undefined ? {} : (JSON.parse(text) as Record<string, string>)))
}

/** Whether what the store says of earlier releases can be read; else nothing can be installed. */
export async function shippedIsReadable(store: Pick<Store, 'maintenance'>): Promise<boolean> {
  try {
    await installedBefore(store)
    return true
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}

/** The same for the same content, whatever the order of its properties, and its version and time. */
function contentHash(resource: Resource): string {
  const { versionId: _versionId, lastUpdated: _lastUpdated, ...meta } = (resource.meta ?? {}) as JsonObject
  const { meta: _meta, ...rest } = resource
  const content = Object.keys(meta).length === 0 ? rest : { ...rest, meta }
  return createHash('sha256')
    .update(writeJson(sorted(content)))
    .digest('base64url')
}

function sorted(value: JsonValue): JsonValue {
  if (!isJsonObject(value) && !Array.isArray(value)) return value
  const copy: JsonObject | JsonValue[] = Array.isArray(value) ? [] : {}
  for (const key of Object.keys(value).toSorted()) {
    ;(copy as JsonObject)[key] = sorted((value as JsonObject)[key] as JsonValue)
    setDecimalText(copy, key, decimalText(value, key))
  }
  return copy
}

/** Each at once: some hundred small files take a third of the time that they take by promises. */
async function readFiles(folder: string): Promise<readonly ShippedFile[]> {
  const paths = entriesOf(folder)
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .toSorted()
  const files: ShippedFile[] = []
  for (const [step, file] of paths.entries()) {
    await breathe(step)
    files.push({ name: path.relative(folder, file), bytes: readFileSync(file) })
  }
  return files
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function digestOf(files: readonly ShippedFile[]): string {
  const digest = createHash('sha256')
  for (const { name, bytes } of files) digest.update(`${name} ${bytes.length}\n`).update(bytes)
  return digest.digest('base64url')
}

async function resourcesOf(files: readonly ShippedFile[]): Promise<readonly ShippedResource[]> {
  const found = new Map<string, ShippedResource>()
  for (const [step, { name, bytes }] of files.entries()) {
    await breathe(step)
    const shipped = readOne(name, bytes)
    if (found.has(shipped.key))
      throw new FhirError('invalid', `${name} holds ${shipped.key}, as another file does.`)
    found.set(shipped.key, shipped)
  }
  return [...found.values()]
}

function readOne(file: string, bytes: Buffer): ShippedResource {
  let value: JsonValue
  try {
    value = parseJson(bytes)
  } catch (cause) {
    throw new FhirError('invalid', `${file}: ${cause instanceof Error ? cause.message : 'cannot be read.'}`, {
      cause,
    })
  }
  const { resourceType, id } = isJsonObject(value) ? value : {}
  if (typeof resourceType !== 'string' || typeof id !== 'string' || !ID_PATTERN.test(id)) {
    throw new FhirError('invalid', `${file}: a shipped resource needs a resourceType, and an id that stays.`)
  }
  const resource = value as Resource
  return { key: `${resourceType}/${id}`, type: resourceType, id, hash: contentHash(resource), resource }
}
