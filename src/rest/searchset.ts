// A page of a search as the searchset that answers it: entries, links, total
// (https://hl7.org/fhir/R4/search.html#searchset).
import { operationOutcome } from '../fhir/index.ts'
import type { ContainedSearch } from '../search/index.ts'
import type { SearchQuery, StoredVersion } from '../store/index.ts'
import { containedMatches } from './contained-entries.ts'
import { bundleBytes, pageLinks, type BundleEntry } from './bundle.ts'
import type { Exchange } from './context.ts'
import { pageScope } from './page-links.ts'
import { cursorOf, type Pair } from './query-string.ts'
import { resourceBytes, type RestResponse } from './response.ts'
import { viewBytes, WHOLE, type View } from './view.ts'

export interface AskedSearch {
  /** Below the base, such as `Patient` or `Patient/1/Observation`; '' for the system. */
  readonly path: string
  /** Without a cursor. */
  readonly query: SearchQuery
  /** As they came, decoded. */
  readonly pairs: readonly Pair[]
  /** What was really used, for the links. */
  readonly used: readonly Pair[]
  readonly view: View
  /** When contained resources match, and are to be shown themselves. */
  readonly contained?: ContainedSearch | undefined
}

/** @throws FhirError `invalid-search`, `expired`, `too-costly` */
export async function answerSearch(
  { repository, context }: Exchange,
  asked: AskedSearch,
): Promise<RestResponse> {
  const { definitions, baseUrl } = context
  const { path, query, used, view } = asked
  const scope = pageScope(repository.principal.name, path, used)
  const cursor = cursorOf(asked.pairs)
  const page = await repository.search(
    view.kind === 'count'
      ? { ...query, count: 0, total: 'accurate', includes: [], cursor: undefined }
      : { ...query, cursor: cursor === undefined ? undefined : context.pageLinks.open(scope, cursor) },
  )
  const url = path === '' ? baseUrl : `${baseUrl}/${path}`
  const seal = (place: string | undefined): string | undefined =>
    place === undefined || view.kind === 'count' ? undefined : context.pageLinks.seal(scope, place)
  const links = pageLinks(url, used, {
    self: cursor,
    next: seal(page.next),
    previous: seal(page.previous),
  })
  const isWhole = cursor === undefined && page.next === undefined && query.count > 0 && view.kind !== 'count'
  const entry = (version: StoredVersion, mode: 'match' | 'include'): BundleEntry => ({
    fullUrl: { base: baseUrl, type: version.type, id: version.id },
    // The list of _elements does not apply to included resources.
    resource: viewBytes(
      version.body as Buffer,
      mode === 'include' && view.kind === 'elements' ? WHOLE : view,
      definitions,
    ),
    search: { mode },
  })
  const matches = page.matches.flatMap((version) => {
    const matching = entry(version, 'match')
    if (asked.contained?.show !== 'contained') return [matching]
    const fullUrl = `${baseUrl}/${version.type}/${version.id}`
    const found = containedMatches(version, asked.contained, context.search, fullUrl)
    return found.itself ? [matching, ...found.entries] : found.entries
  })
  const body = bundleBytes(
    {
      type: 'searchset',
      timestamp: context.now(),
      // Of containers, each of which may stand for several.
      total: page.total ?? (isWhole ? matches.length : undefined),
      links,
    },
    view.kind === 'count'
      ? []
      : [
          ...matches,
          ...page.included.map((version) => entry(version, 'include')),
          ...(page.includedCut ? [includesCut(query.mostIncluded)] : []),
        ],
  )
  // All of it is in the Bundle. To wait for a collection would bring that about: V8 counts what stands outside its heap.
  for (const memory of page.memory ?? []) memory.transfer(0)
  return { status: 200, body, ownsBody: true, bodyKind: 'resource' }
}

/** Matches that are not pages of a search, all of them. */
export function answerMatches(
  { context }: Exchange,
  { path, used, view }: Pick<AskedSearch, 'path' | 'used' | 'view'>,
  versions: readonly StoredVersion[],
): RestResponse {
  const { definitions, baseUrl } = context
  const entries = versions.map(({ type, id, body }) => ({
    fullUrl: { base: baseUrl, type, id },
    resource: viewBytes(body as Buffer, view, definitions),
    search: { mode: 'match' as const },
  }))
  const links = pageLinks(`${baseUrl}/${path}`, used, {})
  const head = { type: 'searchset', timestamp: context.now(), total: versions.length, links } as const
  const body = bundleBytes(head, view.kind === 'count' ? [] : entries)
  return { status: 200, body, ownsBody: true, bodyKind: 'resource' }
}

function includesCut(most: number): BundleEntry {
  const outcome = operationOutcome([
    {
      severity: 'warning',
      code: 'too-costly',
      diagnostics: `More than ${most} resources were to be included with this page; the others were left out. Ask for fewer matches a page (_count) or fewer includes.`,
    },
  ])
  return { resource: resourceBytes(outcome), search: { mode: 'outcome' } }
}
