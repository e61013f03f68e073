// A whole server that scores and warns by what ships, and labels, asked through `inject`; and the same seen by who sees less.
import { readdirSync, readFileSync } from 'node:fs'
import { UNAUTHENTICATED, withLabelLinks } from '../../../src/access/index.ts'
import { Assessments, createInstruments } from '../../../src/behavioral/index.ts'
import { createTerminology, createValidator } from '../../../src/conformance/index.ts'
import {
  evaluatorOnDemand,
  loadDefinitions,
  parseJson,
  type JsonObject,
  type Resource,
} from '../../../src/fhir/index.ts'
import {
  createLabelling,
  Repository,
  WriteLines,
  type RepositoryParts,
} from '../../../src/repository/index.ts'
import { createSearch } from '../../../src/search/index.ts'
import { searchQuery, SEE_EVERYTHING, type AccessFilter, type Store } from '../../../src/store/index.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { BASE, START, startServer, type TestServer } from '../../rest/server.ts'

const definitions = loadDefinitions()
const validator = createValidator(definitions)

const profiles = new URL('../../../profiles/', import.meta.url)

/** What ships in these folders, as it would come from the store. */
function shippedIn(...folders: readonly string[]): readonly Resource[] {
  return folders.flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, profiles))
      .toSorted()
      .map((file) => parseJson(readFileSync(new URL(`${folder}/${file}`, profiles))) as Resource),
  )
}

const USED = new Set(['phq-9', 'audit-c', 'c-ssrs-screener-recent'])

const labelRules = shippedIn('labels')
const questionnaires = shippedIn('questionnaires').filter(({ id }) => USED.has(String(id)))

interface Teardown {
  teardown(work: () => unknown): void
}

export interface AssessingServer extends TestServer {
  readonly store: Store
  readonly repository: Repository
  /** The same server for a caller who sees no more than this. */
  seenBy(access: AccessFilter): TestServer
  /** @throws Error when it is not written */
  put(resource: JsonObject): Promise<JsonObject>
  /** What is stored and current of a type, by id. */
  all(type: string): Promise<readonly JsonObject[]>
}

export async function assessingServer(
  t: Teardown,
  {
    scoresResponses = true,
    labelsByRules = false,
    parts: more = {},
  }: {
    readonly scoresResponses?: boolean
    /** Else nothing is labelled but as it was sent, and by what it was made from. */
    readonly labelsByRules?: boolean
    readonly parts?: Partial<RepositoryParts>
  } = {},
): Promise<AssessingServer> {
  const clock = { now: START }
  const store = await openSqliteStore({ file: ':memory:', now: () => clock.now })
  const search = withLabelLinks(createSearch({ definitions, baseUrl: BASE }), definitions, BASE)
  const labels = createLabelling({
    store,
    definitions,
    search,
    baseUrl: BASE,
    references: 'enforce',
    now: () => clock.now,
    reportRules: () => {},
    reportLabels: () => {},
  })
  const { labelling, relabelling } = labels
  const assessments = new Assessments({
    baseUrl: BASE,
    scoresResponses,
    instruments: createInstruments({ baseUrl: BASE, evaluators: evaluatorOnDemand }),
    labelsOf: async (resource) =>
      (await labelling.explainPosted(resource, SEE_EVERYTHING)).labels.map(({ label }) => label),
  })
  let ids = 0
  const parts: RepositoryParts = {
    store,
    definitions,
    validator,
    search,
    terminology: createTerminology(),
    labelling,
    relabelling,
    writeRules: assessments.writeRules,
    lines: new WriteLines(),
    newId: () => `made-${++ids}`,
    validation: 'enforce',
    references: 'enforce',
    baseUrl: BASE,
    ...more,
  }
  const repository = new Repository(parts, UNAUTHENTICATED)
  const shipped = labelsByRules ? [...labelRules, ...questionnaires] : questionnaires
  await new Repository({ ...parts, writeRules: undefined }, UNAUTHENTICATED).transaction(
    shipped.map((resource, entry) => ({
      kind: 'update',
      target: { type: resource.resourceType, id: String(resource['id']) },
      resource,
      entry,
    })),
  )
  await labels.load()
  const kept = { store, clock }
  const common = { kept, repository: parts, rest: { assessments } }
  const server = startServer(t, common)
  const others: TestServer[] = []
  t.teardown(async () => {
    for (const { app } of [server, ...others]) await app.close()
    await labels.stop()
    await store.close()
  })
  relabelling.start()
  return {
    ...server,
    repository,
    seenBy(access) {
      const other = startServer(t, { ...common, access })
      others.push(other)
      return other
    },
    async put(resource) {
      const reply = await server.ask(
        `PUT ${String(resource['resourceType'])}/${String(resource['id'])}`,
        resource,
      )
      if (reply.status >= 300) throw new Error(reply.text)
      return reply.json
    },
    async all(type) {
      const { matches } = await repository.search(searchQuery({ type, count: 1000 }))
      const found = matches.map(({ body }) => JSON.parse(String(body)) as JsonObject)
      return found.toSorted((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1))
    },
  }
}
