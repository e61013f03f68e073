// A whole server that labels by the rules that ship, asked through `inject`.
import { UNAUTHENTICATED, withLabelLinks } from '../../src/access/index.ts'
import { createTerminology, createValidator } from '../../src/conformance/index.ts'
import { loadDefinitions } from '../../src/fhir/index.ts'
import {
  Labelling,
  LabelRulesInForce,
  Relabelling,
  Repository,
  type RepositoryParts,
} from '../../src/repository/index.ts'
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
  const labelRules = new LabelRulesInForce({ store, definitions, report: () => {} })
  const labelling = new Labelling({
    store,
    definitions,
    search,
    baseUrl: BASE,
    rules: labelRules,
    references: 'enforce',
    later: {
      note: (keys) => relabelling.note(keys),
      settled: (keys) => relabelling.settled(keys),
      recompute: (keys) => relabelling.recompute(keys),
      everything: () => relabelling.everything(),
    },
  })
  const relabelling = new Relabelling({
    store,
    resourceTypes: definitions.resourceTypes,
    digest: () => labelRules.digest,
    relabel: (key) => labelling.relabel(key),
    past: () => labelling.past(),
    report: () => {},
    now: () => clock.now,
  })
  const parts: RepositoryParts = {
    store,
    definitions,
    validator,
    search,
    terminology: createTerminology(),
    labelling,
    relabelling,
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
  await labelRules.load()
  await relabelling.load()
  labelRules.onChange(() => void relabelling.rulesChanged())
  const server = startServer(t, { kept: { store, clock }, repository: parts })
  t.teardown(async () => {
    await server.app.close()
    labelRules.stop()
    labelling.close()
    await relabelling.stop()
    await store.close()
  })
  relabelling.start()
  return server
}
