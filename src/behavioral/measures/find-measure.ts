// The Measure that a caller names: by id, or by its canonical URL.
import { newestOf, splitCanonical } from '../../conformance/index.ts'
import { FhirError, ID_PATTERN, parseJson, type Resource } from '../../fhir/index.ts'
import type { Repository } from '../../repository/index.ts'
import { searchQuery, uriMatch } from '../../store/index.ts'

/** Versions of one Measure that are looked at. */
const MOST_VERSIONS = 100

/**
 * @param name an id, `Measure/[id]`, or a canonical URL, perhaps with `|version`
 * @throws FhirError `not-found`, `deleted`
 */
export async function findMeasure(name: string, repository: Repository): Promise<Resource> {
  const id = name.startsWith('Measure/') ? name.slice('Measure/'.length) : name
  if (ID_PATTERN.test(id)) {
    const { body } = await repository.read('Measure', id)
    return parseJson(body as Buffer) as Resource
  }
  const { url, version } = splitCanonical(name)
  const query = searchQuery({ type: 'Measure', where: uriMatch('url', url), count: MOST_VERSIONS })
  const { matches } = await repository.search(query)
  const found = matches
    .map(({ body }) => parseJson(body as Buffer) as Resource)
    .filter((measure) => version === undefined || measure['version'] === version)
    .map((resource) => ({
      resource,
      status: String(resource['status']),
      version: typeof resource['version'] === 'string' ? resource['version'] : undefined,
    }))
  const newest = newestOf(found)
  if (newest !== undefined) return newest.resource
  throw new FhirError('not-found', 'There is no Measure with that URL and version here.')
}
