// The claims that revenue is asked of, as the store is asked for them.
import { FhirError, parseDateRange, type Resource } from '../../fhir/index.ts'
import { breathe, type Repository } from '../../repository/index.ts'
import type { Search } from '../../search/index.ts'
import {
  and,
  dateMatch,
  localReferenceMatch,
  or,
  searchQuery,
  tokenMatch,
  type Expression,
  type SearchQuery,
} from '../../store/index.ts'
import { readBody } from './read-body.ts'

export interface ClaimsAsked {
  /** Days of service, both inclusive: `YYYY-MM-DD`. */
  readonly start: string
  readonly end: string
  /** Ids of Organizations; empty for all. */
  readonly payers: readonly string[]
  /** Keys such as `Practitioner/1`; undefined for all. */
  readonly clinicians: ReadonlySet<string> | undefined
}

export interface ClaimsFound {
  readonly claims: readonly Resource[]
  /** ClaimResponses to these claims. */
  readonly responses: readonly Resource[]
}

const PAGE = 500
/** Past ten answers a claim something is wrong. */
const MOST_RESPONSES = 10 * PAGE
/** Two years of a large practice. */
const MOST_CLAIMS = 200_000
const DAY = 86_400_000

/**
 * Claims that were sent, or replaced since, with days of service in the period or next to it.
 * @throws FhirError `too-costly`
 */
export async function* claimsOf(
  asked: ClaimsAsked,
  { repository, search }: { readonly repository: Repository; readonly search: Search },
): AsyncGenerator<ClaimsFound> {
  const query = searchQuery({
    type: 'Claim',
    where: and(conditionsOf(asked, search)),
    count: PAGE,
    includes: [
      {
        direction: 'reverse',
        iterate: false,
        source: 'ClaimResponse',
        param: 'request',
        target: 'Claim',
      },
    ],
    mostIncluded: MOST_RESPONSES,
  })
  let seen = 0
  let cursor: SearchQuery['cursor']
  do {
    const page = await repository.search({ ...query, cursor })
    seen += page.matches.length
    if (seen > MOST_CLAIMS || page.includedCut)
      throw new FhirError(
        'too-costly',
        `There are more than ${MOST_CLAIMS} claims, or than ${MOST_RESPONSES} answers to ${PAGE} of them. Ask for a shorter period, or for one payer or clinician.`,
      )
    yield { claims: await resourcesOf(page.matches), responses: await resourcesOf(page.included) }
    cursor = page.next
  } while (cursor !== undefined)
}

type Versions = Awaited<ReturnType<Repository['search']>>['matches']

async function resourcesOf(versions: Versions): Promise<readonly Resource[]> {
  const resources: Resource[] = []
  for (const [step, version] of versions.entries()) {
    await breathe(step)
    if (version.body !== undefined) resources.push(readBody(version.body))
  }
  return resources
}

function conditionsOf({ start, end, payers, clinicians }: ClaimsAsked, search: Search): Expression[] {
  const status = ['active', 'cancelled'].map((code) => tokenMatch('status', undefined, code))
  return [
    tokenMatch('use', undefined, 'claim'),
    or(status),
    ...(isOffered(search, 'Claim', 'service-date') ? servedBetween(start, end) : []),
    ...(payers.length === 0
      ? []
      : [or(payers.map((id) => localReferenceMatch('insurer', ['Organization'], id)))]),
    ...(clinicians === undefined ? [] : [or([...clinicians].flatMap(namedAs))]),
  ]
}

/** A day more at both ends: where it was written, it may have been another day than by UTC. */
function servedBetween(start: string, end: string): Expression[] {
  const [{ low, high }, last] = [rangeOf(start), rangeOf(end)]
  return [
    dateMatch('service-date', { comparator: 'ge', low: low - DAY, high: high - DAY }),
    dateMatch('service-date', { comparator: 'le', low: last.low + DAY, high: last.high + DAY }),
  ]
}

function rangeOf(day: string): { readonly low: number; readonly high: number } {
  return parseDateRange(day) as { low: number; high: number }
}

function namedAs(key: string): Expression[] {
  const [type = '', id = ''] = key.split('/')
  return ['care-team', 'provider'].map((param) => localReferenceMatch(param, [type], id))
}

const OURS = 'https://alcove.health/fhir/SearchParameter/'

/** Whether searches may use a parameter that ships: a practice may have retired it, or it is being indexed. */
export function isOffered(search: Search, type: string, code: string): boolean {
  return search.parameters(type).get(code)?.url === `${OURS}${type}-${code}`
}
