// What a caller's searches look up in stored resources, seen through the caller's own filter.
import type { StoredTerminology } from '../conformance/index.ts'
import { FhirError, parseJson, type Resource } from '../fhir/index.ts'
import type { SearchLookup } from '../search/index.ts'
import {
  localReferenceMatch,
  or,
  searchQuery,
  uriMatch,
  type AccessFilter,
  type ReferenceEntry,
  type StoredVersion,
} from '../store/index.ts'
import type { RepositoryParts } from './parts.ts'

/** Versions of one CodeSystem or ValueSet that are looked at. */
const MOST_VERSIONS = 100

/** Places above and below one; a search by more is refused. */
const MOST_PLACES = 10_000

/** Places asked for at a time, so that no query grows without bound. */
const PLACES_AT_ONCE = 200

/** The reference parameters by which a resource is part of another of its type. */
const PART_OF = ['partof', 'part-of']

export function createSearchLookup(
  { store, search, terminology, baseUrl }: RepositoryParts,
  access: AccessFilter,
): SearchLookup {
  const current = async (type: string, id: string): Promise<StoredVersion | undefined> => {
    const version = await store.read({ type, id }, access)
    return version?.body === undefined ? undefined : version
  }
  const stored: StoredTerminology = {
    async byUrl(type, url) {
      const query = searchQuery({ type, where: uriMatch('url', url), count: MOST_VERSIONS })
      return (await store.search(query, access)).matches
    },
    byId: current,
  }

  /** @throws FhirError `invalid-search` when resources of this type are not part of one another */
  const partOf = (type: string): string => {
    const parameters = search.parameters(type)
    const code = PART_OF.find((it) => parameters.get(it)?.targets.includes(type))
    if (code === undefined)
      throw new FhirError(
        'invalid-search',
        `${type} resources are not part of one another: there is no above or below.`,
      )
    return code
  }

  const above = async (type: string, id: string, param: string): Promise<readonly string[]> => {
    const version = await current(type, id)
    if (version === undefined) return []
    const { entries } = search.extract(parseJson(version.body as Buffer) as Resource)
    return entries.flatMap((entry) => {
      if (entry.kind !== 'reference' || entry.param !== param) return []
      const { target }: ReferenceEntry = entry
      return target.kind === 'local' && target.type === type ? [target.id] : []
    })
  }

  return {
    codesIn: (valueSet) =>
      terminology.codesIn(
        valueSet.startsWith(`${baseUrl}/`) ? valueSet.slice(baseUrl.length + 1) : valueSet,
        stored,
      ),
    codesBy: (direction, system, code) => terminology.codesBy(direction, system, code, stored),

    async placesBy(direction, type, id) {
      const param = partOf(type)
      const found = new Set([id])
      let outer: readonly string[] = [id]
      while (outer.length > 0) {
        const next: string[] = []
        for (let at = 0; at < outer.length; at += PLACES_AT_ONCE) {
          const some = outer.slice(at, at + PLACES_AT_ONCE)
          const neighbours =
            direction === 'above'
              ? (await Promise.all(some.map((it) => above(type, it, param)))).flat()
              : await store.matches(
                  type,
                  or(some.map((it) => localReferenceMatch(param, [type], it))),
                  MOST_PLACES + 1,
                  access,
                )
          for (const it of neighbours) if (!found.has(it)) next.push(it)
          for (const it of next) found.add(it)
          if (found.size > MOST_PLACES)
            throw new FhirError(
              'too-costly',
              `More than ${MOST_PLACES} resources are ${direction} ${type}/${id}: too many to search by.`,
            )
        }
        outer = [...new Set(next)]
      }
      return [...found]
    },
  }
}
