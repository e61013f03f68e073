// All matches of a search, page after page.
import { FhirError } from '../fhir/index.ts'
import type { SearchPage, SearchQuery } from '../store/index.ts'
import { knownVersion } from './known-version.ts'
import type { KnownVersion } from './write-rules.ts'

const PAGE = 500

/** @throws FhirError `too-costly` when there are more than `most` */
export async function everyMatch(
  query: SearchQuery,
  most: number,
  ask: (query: SearchQuery) => Promise<SearchPage>,
): Promise<readonly KnownVersion[]> {
  const found: KnownVersion[] = []
  let cursor: string | undefined
  do {
    const { matches, next } = await ask({ ...query, count: PAGE, cursor })
    found.push(...matches.flatMap((version) => knownVersion(version) ?? []))
    if (found.length > most)
      throw new FhirError(
        'too-costly',
        `There are more than ${most} ${query.from.map(({ type }) => type).join(', ')} to look at.`,
      )
    cursor = next
  } while (cursor !== undefined)
  return found
}
