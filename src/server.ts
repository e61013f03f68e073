// The composition root: builds every part once and hands each what it needs. It alone knows every part.
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import { UNAUTHENTICATED, withLabelLinks, type LinkedSearch, type Principal } from './access/index.ts'
import {
  JOBS,
  labelGauges,
  labelNotes,
  parameterGauges,
  parameterNotes,
  tellOfLabels,
  tellOfParameter,
  type JobName,
} from './background.ts'
import { Assessments, createInstruments, type Instruments } from './behavioral/index.ts'
import { billingWriteRules, type BillingParts } from './billing/index.ts'
import { billingRounds } from './billing-rounds.ts'
import { createBilling } from './billing-parts.ts'
import { baseUrlOf, type Config } from './config.ts'
import { createTerminology, createValidator, type Validator } from './conformance/index.ts'
import { evaluatorOnDemand, loadDefinitions, type Definitions, type Resource } from './fhir/index.ts'
import { giveMemoryBackWhenIdle } from './idle-memory.ts'
import { buildHttp, createLogger, describeFailure, Disk, Health } from './http/index.ts'
import { openApiDocument } from './openapi/index.ts'
import {
  combinedRules,
  CustomParameters,
  indexIsStale,
  INDEX_VERSION,
  createLabelling,
  installShipped,
  reindex,
  Repository,
  TypeChanges,
  verifyIndex,
  WriteLines,
  type LabelRulesInForce,
  type Relabelling,
  type RepositoryParts,
} from './repository/index.ts'
import { capabilityBytes, createPageLinks } from './rest/index.ts'
import { createSearch, type Search } from './search/index.ts'
import { SEE_EVERYTHING, type SecurityLabel, type Store } from './store/index.ts'
import {
  DAMAGED,
  backupSqlite,
  inspectSqlite,
  isSqliteInUse,
  openSqliteStore,
  verifySqlite,
} from './store/sqlite/index.ts'
import { loadOptimized, startUnoptimized } from './unoptimized-start.ts'
import packageJson from '../package.json' with { type: 'json' }

const SOFTWARE = { name: 'Alcove', version: packageJson.version }

export interface Parts {
  readonly store: Store
  readonly search: Search
  readonly validator: Validator
  readonly definitions: Definitions
  readonly customParameters: CustomParameters
  readonly labelRules: LabelRulesInForce
  readonly relabelling: Relabelling
  readonly instruments: Instruments
  readonly assessments: Assessments
  readonly billing: BillingParts
  readonly logger: Logger
  repositoryFor(principal: Principal): Repository
  readonly health: Health<JobName>
  /** Puts what ships with this release into the store, once; until that is done writes wait. */
  install(): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the store and builds what stands on it. Brings the store up to this release: its index, when that was made
 * by other rules, and the resources that ship in profiles/.
 * @param servesOthers false for a command, whose one task never waits for others'
 * @param loads whether it writes much and searches little
 * @param installs false to leave the resources that ship to who calls `install`
 * @throws Error in plain words when the database cannot be opened
 */
export async function openParts(
  config: Config,
  { servesOthers = true, installs = true, loads = false } = {},
): Promise<Parts> {
  // To standard error: standard output is for what a command prints.
  const logger = createLogger(config.logLevel)
  const { file } = config.database
  if (file !== ':memory:') mkdirSync(path.dirname(file), { recursive: true })
  const health = new Health(JOBS, logger, Date.now)
  const definitions = loadDefinitions()
  const baseUrl = fhirBaseOf(config)
  const search = searchOf(definitions, baseUrl)
  const store = await openSqliteStore({
    file,
    key: config.encryptionKey,
    firstSettings: { [INDEX_VERSION]: search.indexVersion, [PAGE_LINK_SECRET]: newPageLinkSecret() },
    maxQueued: config.maxQueuedWrites,
    loads,
    reports: health,
  })
  const validator = createValidator(definitions)
  const customParameters = new CustomParameters({
    store,
    search,
    definitions,
    report: (event) => tellOfParameter(logger, health, event),
  })
  const labels = createLabelling({
    store,
    definitions,
    search,
    baseUrl,
    references: config.references,
    servesOthers,
    now: Date.now,
    reportRules: (event) =>
      event.kind === 'worked' ? health.worked('label rules') : health.failed('label rules', event.error),
    reportLabels: (event) => tellOfLabels(logger, health, event),
  })
  const { labelling, labelRules, relabelling } = labels
  const instruments = createInstruments({ baseUrl, evaluators: evaluatorOnDemand })
  const labelsOf = async (resource: Resource): Promise<readonly SecurityLabel[]> =>
    (await labelling.explainPosted(resource, SEE_EVERYTHING)).labels.map(({ label }) => label)
  const assessments = new Assessments({
    baseUrl,
    scoresResponses: config.scoresResponses,
    instruments,
    labelsOf,
  })
  const billing = createBilling(config, { store, baseUrl, profiles: profilesFolder() })
  const { promise: installed, resolve: areInstalled, reject: areNotInstalled } = Promise.withResolvers<void>()
  const parts: RepositoryParts = {
    installed,
    store,
    definitions,
    validator,
    search,
    terminology: createTerminology(),
    customParameters,
    labelling,
    relabelling,
    writeRules: combinedRules([
      assessments.writeRules,
      billingWriteRules({
        billing,
        labelsOf,
        now: Date.now,
        report: (error) =>
          logger.error(describeFailure(error), 'the draft claim of a visit could not be made'),
      }),
    ]),
    typeChanges: new TypeChanges(),
    lines: new WriteLines(),
    newId: randomUUID,
    validation: config.validation,
    references: config.references,
    servesOthers,
    baseUrl,
  }
  const repositoryFor = (principal: Principal): Repository => new Repository(parts, principal)
  const installShipping = async (): Promise<void> => {
    // What ships refers to nothing of the practice's, nothing follows from it, and the server itself puts it there.
    const installing = { ...parts, installed: undefined, writeRules: undefined }
    const shipped = await installShipped(
      { store },
      new Repository(installing, UNAUTHENTICATED),
      profilesFolder(),
    )
    if (shipped.created + shipped.updated > 0)
      logger.info(shipped, 'resources of this release put into the store')
    for (const key of shipped.kept)
      logger.warn({ resource: key }, 'left as the practice has edited it; this release ships another version')
    await labels.load()
  }
  let isAsked = false
  const install = (): Promise<void> => {
    if (!isAsked) installShipping().then(areInstalled, areNotInstalled)
    isAsked = true
    return installed
  }
  try {
    await customParameters.load()
    if (await indexIsStale(store, search)) {
      logger.info('the search index was made by an earlier release: making it anew')
      loadOptimized()
      const { replaced } = await reindex(store, search, { how: 'difference' })
      logger.info({ resources: replaced }, 'the search index is made anew')
    }
    if (installs) await install()
  } catch (error) {
    await store.close()
    throw error
  }
  return {
    store,
    search,
    validator,
    definitions,
    customParameters,
    labelRules,
    relabelling,
    instruments,
    assessments,
    billing,
    logger,
    repositoryFor,
    health,
    install,
    async close() {
      if (isAsked) await installed.catch(() => {})
      await labels.stop()
      await customParameters.stop()
      await store.close()
    },
  }
}

/** Listens, then puts what ships into the store where that is not done. `url` has no `/fhir`; `close` finishes what was accepted. */
export async function startServer(
  config: Config,
  {
    store,
    search,
    definitions,
    customParameters,
    labelRules,
    relabelling,
    instruments,
    assessments,
    billing,
    logger,
    repositoryFor,
    health,
    install,
  }: Parts,
): Promise<{
  readonly url: string
  /** Resolves when all is ready; reading is possible at once. Rejects when what ships cannot be stored. */
  readonly ready: Promise<void>
  close(): Promise<void>
}> {
  const baseUrl = fhirBaseOf(config)
  const perParameters = <Value>(make: () => Value) => madeFor(() => customParameters.generation, make)
  const capability = perParameters(() =>
    capabilityBytes({
      baseUrl,
      definitions,
      search,
      software: SOFTWARE,
      date: Date.now(),
      enforcesReferences: config.references === 'enforce',
    }),
  )
  const openApi = perParameters(() =>
    Buffer.from(JSON.stringify(openApiDocument({ baseUrl, definitions, search, software: SOFTWARE }))),
  )
  const repository = repositoryFor(UNAUTHENTICATED)
  let isReady = false
  const disk = new Disk(folderOf(config), {
    worked: () => health.worked('disk'),
    failed: (error) => health.failed('disk', error),
  })
  const app = buildHttp({
    rest: {
      baseUrl,
      definitions,
      search,
      assessments,
      instruments,
      billing,
      pageLinks: createPageLinks(await pageLinkSecret(store)),
      now: Date.now,
      capabilityStatement: capability,
      reportFailure: (error) => logger.error(describeFailure(error), 'an entry of a batch failed'),
      mostEntries: config.maxBundleEntries,
    },
    repositoryFor: ({ asker }) => repository.askedBy(asker),
    logger,
    // Who may reach it may read it: at least no web page shall, by a name of its own for this machine.
    allowedHosts: [
      'localhost',
      '127.0.0.1',
      '::1',
      config.host,
      new URL(baseUrl).hostname.replace(/^\[|\]$/g, ''),
    ],
    version: SOFTWARE.version,
    newId: () => randomUUID().slice(0, 8),
    corsOrigins: config.corsOrigins.includes('*') ? '*' : config.corsOrigins,
    limits: {
      bodyBytes: config.maxBodyBytes,
      requestTimeoutMs: config.requestTimeoutSeconds * 1000,
      maxInFlight: config.maxInFlight,
      maxConnections: config.maxConnections,
      answerTimeoutMs: config.answerTimeoutSeconds * 1000,
    },
    gauges: () => [
      {
        name: 'alcove_store_pending_commits',
        help: 'Commits that wait for their turn or are in it.',
        value: store.pendingCommits,
      },
      ...(disk.free === undefined
        ? []
        : [{ name: 'alcove_disk_free_bytes', help: 'Room on the disk of the database.', value: disk.free }]),
      ...health.gauges(),
      ...parameterGauges(customParameters),
      ...labelGauges(labelRules, relabelling),
    ],
    ready: () => isReady && health.serves,
    notes: () => [
      ...(isReady ? [] : ['what ships with this release is being put into the store; writes wait for it']),
      ...health.notes(),
      ...parameterNotes(customParameters),
      ...(isReady ? labelNotes(labelRules, relabelling) : []),
    ],
    documents: new Map([['/openapi.json', { mediaType: 'application/json', body: openApi }]]),
  })
  const rounds = billingRounds({ repository, billing, logger, health, now: Date.now })
  await app.listen({ host: config.host, port: config.port })
  customParameters.start()
  const ready = install().then(() => {
    isReady = true
    relabelling.start()
    rounds.start()
  })
  const unoptimized = startUnoptimized(ready)
  await disk.start()
  const memory = giveMemoryBackWhenIdle()
  const { port } = app.server.address() as { port: number }
  return {
    url: baseUrlOf(config, port),
    ready,
    async close() {
      disk.stop()
      memory.stop()
      unoptimized.end()
      const stopped = rounds.stop()
      app.announceClosing()
      await setTimeout(config.drainSeconds * 1000)
      // Then those that wait are abandoned, and nothing is left to wait for.
      const limit = globalThis.setTimeout(() => {
        logger.warn('connections are cut off: what was accepted could not be finished in time')
        app.server.closeAllConnections()
      }, config.shutdownSeconds * 1000)
      await app.close()
      clearTimeout(limit)
      await stopped
    },
  }
}

/** Of the database; of a throwaway one, where temporary files are. */
function folderOf({ database }: Config): string {
  return database.file === ':memory:' ? tmpdir() : path.dirname(database.file)
}

/** A verified copy of the configured database, which another process may have open. @throws Error when `file` is there */
export function backupDatabase(
  config: Config,
  file: string,
  progress?: (done: number, total: number) => void,
): Promise<{ readonly resources: number; readonly versions: number; readonly bytes: number }> {
  return backupSqlite({ file: config.database.file, key: config.encryptionKey }, file, progress)
}

export interface VerifiedDatabase {
  /** What is wrong, a sentence each, without what resources hold; empty when nothing is. */
  readonly problems: readonly string[]
  /** What could not be compared, and why. */
  readonly notes: readonly string[]
  /** undefined where they were not counted, nor the index checked. */
  readonly counts: { readonly resources: number; readonly versions: number } | undefined
  /** False when `stop` ended it. */
  readonly finished: boolean
}

export interface VerifyStep {
  readonly done: number
  readonly total: number
  readonly what: 'steps' | 'resources'
}

/**
 * Whether bodies, history and index of the configured database agree; another process may have it open.
 * @throws Error in plain words when it cannot be opened
 */
export async function verifyDatabase(
  config: Config,
  progress: (step: VerifyStep) => void,
  stop: AbortSignal,
): Promise<VerifiedDatabase> {
  const source = { file: config.database.file, key: config.encryptionKey }
  const inspection = inspectSqlite(source)
  try {
    const problems = await verifySqlite(source, (done, total) => progress({ done, total, what: 'steps' }))
    if (inspection === undefined)
      return {
        problems,
        notes: [
          'an earlier release wrote this, or a load that was ended; its index is made whole when a server opens it, and was not checked',
        ],
        counts: undefined,
        finished: true,
      }
    const { store } = inspection
    const counts = await store.maintenance.counts()
    // A file that is damaged itself cannot be walked through.
    if (problems.some((line) => line.startsWith(DAMAGED)))
      return { problems, notes: [], counts, finished: true }
    const definitions = loadDefinitions()
    const search = searchOf(definitions, fhirBaseOf(config))
    await new CustomParameters({ store, search, definitions, report: () => {} }).load()
    const { faults, isCurrent, finished } = await verifyIndex(
      inspection,
      search,
      ({ done, total }) => progress({ done, total, what: 'resources' }),
      stop,
    )
    return {
      problems: [...problems, ...faults],
      notes: isCurrent
        ? []
        : [
            'the index was made by an earlier release; it is made anew when a server opens it, and was not compared',
          ],
      counts,
      finished,
    }
  } finally {
    await inspection?.store.close()
  }
}

/** Whether another process has the configured database open. */
export function databaseInUse(config: Config): Promise<boolean> {
  return Promise.resolve(isSqliteInUse(config.database.file))
}

/** As everything of this server is indexed. */
function searchOf(definitions: Definitions, baseUrl: string): LinkedSearch {
  return withLabelLinks(createSearch({ definitions, baseUrl }), definitions, baseUrl)
}

function fhirBaseOf(config: Config): string {
  return `${baseUrlOf(config, config.port)}/fhir`
}

/** `profiles/` beside src/ and beside dist/. */
function profilesFolder(): string {
  const here = path.dirname(fileURLToPath(import.meta.url))
  return path.join(here, path.basename(here) === 'chunks' ? '../..' : '..', 'profiles')
}

const PAGE_LINK_SECRET = 'page-link-secret'

/** Page links stay good over a restart, so their key lives with the data. */
async function pageLinkSecret({ maintenance }: Store): Promise<Buffer> {
  const known = await maintenance.getSetting(PAGE_LINK_SECRET)
  if (known !== undefined) return Buffer.from(known, 'base64')
  const secret = newPageLinkSecret()
  await maintenance.setSetting(PAGE_LINK_SECRET, secret)
  return Buffer.from(secret, 'base64')
}

function newPageLinkSecret(): string {
  return randomBytes(32).toString('base64')
}

/** Made at its first use, and anew when the generation is another. */
function madeFor<Value>(generation: () => number, make: () => Value): () => Value {
  let made: { readonly generation: number; readonly value: Value } | undefined
  return () => {
    const now = generation()
    if (made?.generation !== now) made = { generation: now, value: make() }
    return made.value
  }
}
