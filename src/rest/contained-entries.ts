// What a search with `_containedType=contained` shows of a match: the contained resources themselves
// (https://hl7.org/fhir/R4/search.html#contained).
import { isJsonObject, parseJson, writeJson, type JsonObject, type Resource } from '../fhir/index.ts'
import { containedIn, matchesIndex, type ContainedSearch, type Search } from '../search/index.ts'
import type { StoredVersion } from '../store/index.ts'
import type { BundleEntry } from './bundle.ts'

export interface ContainedMatches {
  /** Each with the fullUrl `[container]#[id]`. */
  readonly entries: readonly BundleEntry[]
  /** Whether the container is a match of its own (`_contained=both`). */
  readonly itself: boolean
}

/** @throws FhirError `invalid-search` for a chain or `_has`: what one resource says of itself cannot decide them */
export function containedMatches(
  { type, id, body }: StoredVersion,
  { match, conditions }: ContainedSearch,
  search: Search,
  fullUrl: string,
): ContainedMatches {
  const container = parseJson(body as Buffer) as Resource
  const index = search.extract(container)
  const entries: BundleEntry[] = []
  for (const { type: wanted, where } of conditions)
    for (const candidate of containedIn(index, wanted)) {
      const resource = partOf(container, candidate.id)
      if (resource === undefined || !matchesIndex(where, candidate)) continue
      entries.push({
        fullUrl: `${fullUrl}#${candidate.id}`,
        resource: Buffer.from(writeJson(resource)),
        search: { mode: 'match' },
      })
    }
  const own = match === 'both' ? conditions.find((one) => one.type === type)?.where : undefined
  return { entries, itself: own !== undefined && matchesIndex(own, { id, index, resource: container }) }
}

function partOf({ contained }: Resource, id: string): JsonObject | undefined {
  if (!Array.isArray(contained)) return undefined
  return contained.filter(isJsonObject).find((part) => part.id === id)
}
