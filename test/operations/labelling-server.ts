// A whole server that labels by the rules that ship, asked through `inject`.
import { UNAUTHENTICATED, withLabelLinks } from '../../src/access/index.ts'
import { createTerminology, createValidator } from '../../src/conformance/index.ts'
import { loadDefinitions } from '../../src/fhir/index.ts'
import { createLabelling, Repository, WriteLines, type RepositoryParts } from '../../src/repository/index.ts'
import { createSearch } from '../../src/search/index.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { shipped } from '../access/labels/rules.ts'
import { BASE, START, startServer, type TestServer } from '../rest/server.ts'

const definitions = loadDefinitions()
const validator = createValidator(definitions)

export async function labellingServer(t: { teardown(work: () => unknown): void }): Promise<TestServer> {
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
  const parts: RepositoryParts = {
    store,
    definitions,
    validator,
    search,
    terminology: createTerminology(),
    labelling,
    relabelling,
    lines: new WriteLines(),
    newId: () => 'made',
    validation: 'enforce',
    references: 'enforce',
    baseUrl: BASE,
  }
  await new Repository(parts, UNAUTHENTICATED).transaction(
    shipped.map((resource, entry) => ({
      kind: 'update',
      target: { type: resource.resourceType, id: String(resource.id) },
      resource,
      entry,
    })),
  )
  await labels.load()
  const server = startServer(t, { kept: { store, clock }, repository: parts })
  t.teardown(async () => {
    await server.app.close()
    await labels.stop()
    await store.close()
  })
  relabelling.start()
  return server
}
