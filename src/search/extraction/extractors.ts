// The extractors of all types, each linked when its type is first used.
import type { Definitions, Resource } from '../../fhir/index.ts'
import type { ResourceIndex } from '../../store/index.ts'
import type { Registry } from '../registry.ts'
import { createExtractor, type Extractor } from './extractor.ts'

export interface Extractors {
  /** @throws FhirError `too-costly` for a resource with more values than any has */
  extract(resource: Resource): ResourceIndex
  /** The parameters of these types have changed. */
  forget(types: readonly string[]): void
}

export function createExtractors(parts: {
  readonly registry: Registry
  readonly definitions: Definitions
  readonly baseUrl: string
}): Extractors {
  const known = new Map<string, Extractor>()
  const create = (type: string): Extractor => createExtractor(type, { ...parts, extractorOf })
  const extractorOf = (type: string): Extractor | undefined => {
    const extractor = known.get(type)
    if (extractor !== undefined || !parts.definitions.isResourceType(type)) return extractor
    const created = create(type)
    known.set(type, created)
    return created
  }
  return {
    extract: (resource) => {
      const type = resource.resourceType
      return (extractorOf(type) ?? create(type)).index(resource)
    },
    forget: (types) => types.forEach((type) => known.delete(type)),
  }
}
