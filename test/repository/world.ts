// A Repository on a fresh store, for tests: everything real but the store, which is arrays and loops.
import { createTerminology, createValidator } from '../../src/conformance/index.ts'
import { loadDefinitions, parseJson, type Resource } from '../../src/fhir/index.ts'
import {
  Repository,
  WriteLines,
  type RepositoryParts,
  type WriteOutcome,
} from '../../src/repository/index.ts'
import { createSearch } from '../../src/search/index.ts'
import { UNAUTHENTICATED } from '../../src/access/index.ts'
import { openNaiveStore } from '../contract/naive-store.ts'

const BASE = 'http://127.0.0.1:8080/fhir'

export function world(settings: Partial<RepositoryParts> = {}): {
  repository: Repository
  parts: RepositoryParts
} {
  const definitions = loadDefinitions()
  let made = 0
  const parts: RepositoryParts = {
    store: openNaiveStore(),
    definitions,
    validator: createValidator(definitions),
    search: createSearch({ definitions, baseUrl: BASE }),
    terminology: createTerminology(),
    lines: new WriteLines(),
    newId: () => `made-${++made}`,
    validation: 'enforce',
    references: 'enforce',
    baseUrl: BASE,
    ...settings,
  }
  return { repository: new Repository(parts, UNAUTHENTICATED), parts }
}

export function patient(more: object = {}): Resource {
  return { resourceType: 'Patient', ...more } as Resource
}

export function identified(value: string, more: object = {}): Resource {
  return patient({ identifier: [{ system: 'urn:test', value }], ...more })
}

export function bodyOf(outcome: WriteOutcome | undefined): Resource {
  return parseJson(outcome?.version?.body as Buffer) as Resource
}
