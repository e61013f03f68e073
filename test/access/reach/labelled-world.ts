// Everything that labels, on a real store, put together as the server does it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { UNAUTHENTICATED, withLabelLinks } from '../../../src/access/index.ts'
import { createTerminology, createValidator } from '../../../src/conformance/index.ts'
import { loadDefinitions } from '../../../src/fhir/index.ts'
import {
  createLabelling,
  Repository,
  WriteLines,
  type LabelRulesInForce,
  type Relabelling,
  type RepositoryParts,
} from '../../../src/repository/index.ts'
import { createSearch } from '../../../src/search/index.ts'
import type { Store } from '../../../src/store/index.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { shipped } from '../labels/rules.ts'

const BASE = 'http://127.0.0.1:8080/fhir'

export interface LabelledWorld {
  readonly store: Store
  readonly file: string
  readonly repository: Repository
  readonly parts: RepositoryParts
  readonly relabelling: Relabelling
  readonly labelRules: LabelRulesInForce
  /** Work in the background that has failed. */
  readonly failures: unknown[]
  close(): Promise<void>
}

export interface WorldOptions {
  /** Resources that one commit relabels. */
  readonly mostDependents?: number
  readonly references?: 'enforce' | 'off'
  readonly file?: string
}

const definitions = loadDefinitions()
const validator = createValidator(definitions)

/** A store that is gone when it is closed, with the rules that ship in it, unless a file is named. */
export async function labelledWorld({
  mostDependents = 1000,
  references = 'enforce',
  file,
}: WorldOptions = {}): Promise<LabelledWorld> {
  const folder = mkdtempSync(path.join(tmpdir(), 'alcove-labels-'))
  const place = file ?? path.join(folder, 'a.db')
  const store = await openSqliteStore({ file: place })
  const search = withLabelLinks(createSearch({ definitions, baseUrl: BASE }), definitions, BASE)
  const failures: unknown[] = []
  const labels = createLabelling({
    store,
    definitions,
    search,
    baseUrl: BASE,
    references,
    mostDependents,
    now: Date.now,
    retryMs: 10,
    reportRules: (event) => void (event.kind === 'failed' && failures.push(event.error)),
    reportLabels: (event) => void (event.kind === 'interrupted' && failures.push(event.error)),
  })
  const { labelling, labelRules, relabelling } = labels
  let made = 0
  const parts: RepositoryParts = {
    store,
    definitions,
    validator,
    search,
    terminology: createTerminology(),
    labelling,
    relabelling,
    lines: new WriteLines(),
    newId: () => `made-${++made}`,
    validation: 'enforce',
    references,
    baseUrl: BASE,
  }
  const repository = new Repository(parts, UNAUTHENTICATED)
  const isNew = (await store.maintenance.counts()).versions === 0
  if (isNew)
    await repository.transaction(
      shipped.map((resource, entry) => ({
        kind: 'update',
        target: { type: resource.resourceType, id: String(resource.id) },
        resource,
        entry,
      })),
    )
  await labels.load()
  relabelling.start()
  return {
    store,
    file: place,
    repository,
    parts,
    relabelling,
    labelRules,
    failures,
    async close() {
      await labels.stop()
      await store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
