// The resources that a search finds for somebody who asks, all pages of it.
import { FhirError, parseJson, type Resource } from '../../fhir/index.ts'
import type { Repository } from '../../repository/index.ts'
import type { Search } from '../../search/index.ts'

/** What a course is looked up with: it sees what whoever asks may see. */
export interface Sources {
  readonly repository: Repository
  readonly search: Search
}

/** More resources than this are not gone through for one answer. */
const MOST = 20_000
const PAGE = 1000

/** Counts what is gone through for one answer. */
export class Allowance {
  #left = MOST

  /** @throws FhirError `too-costly` */
  take(count: number): void {
    this.#left -= count
    if (this.#left < 0)
      throw new FhirError(
        'too-costly',
        `More than ${MOST} resources tell of this course; ask for less of it, as by start=2024-01-01.`,
      )
  }
}

/** In no order. @throws FhirError `invalid-search` for a fault of the parameters, `too-costly` */
export async function found(
  { repository, search }: Sources,
  type: string,
  pairs: readonly (readonly [name: string, value: string])[],
  allowance: Allowance,
): Promise<readonly Found[]> {
  const { query } = await search.parse(
    { kind: 'type', type },
    pairs,
    { handling: 'strict', defaultCount: PAGE, maxCount: PAGE },
    repository.lookup,
  )
  const all: Found[] = []
  let cursor: string | undefined
  do {
    const page = await repository.search({ ...query, cursor })
    allowance.take(page.matches.length)
    for (const { id, versionId, body } of page.matches)
      all.push({ id, versionId, resource: parseJson(body as Buffer) as Resource })
    cursor = page.next
  } while (cursor !== undefined)
  return all
}

export interface Found {
  readonly id: string
  readonly versionId: number
  readonly resource: Resource
}

/** A token as a search parameter takes it. */
export function tokenOf({ system, code }: { readonly system?: string; readonly code?: string }): string {
  const escaped = (text = ''): string => text.replaceAll(/[\\,|$]/g, String.raw`\$&`)
  return `${escaped(system)}|${escaped(code)}`
}
