// The text of a search to the query that a store is asked (https://hl7.org/fhir/R4/search.html).
import { FhirError } from '../../fhir/index.ts'
import {
  and,
  searchQuery,
  type Expression,
  type Include,
  type SearchQuery,
  type SortKey,
} from '../../store/index.ts'
import { splitUnescaped } from './escapes.ts'
import { criterion, splitModifier, UnknownParameter, type CriterionParts } from './criterion.ts'
import type { SearchScope } from './scope.ts'
import { quoted, refusedSearch, SearchFault } from './refusal.ts'
import {
  isResultParameter,
  readCount,
  readInclude,
  readSort,
  readTotal,
  RESULT_PARAMETERS,
  type ResultParameter,
} from './result-parameters.ts'

/** A search as asked, ready for the store, with what the response must repeat. */
export interface ParsedSearch {
  readonly query: SearchQuery
  /** The parameters really used, in order, for the `self` link; decoded names and values. */
  readonly used: readonly (readonly [name: string, value: string])[]
}

export interface SearchOptions {
  /** `lenient`: unknown parameters are left out instead of refused (Prefer: handling=lenient). */
  readonly handling: 'strict' | 'lenient'
  readonly defaultCount: number
  readonly maxCount: number
}

type Pair = readonly [name: string, value: string]

/** More alternatives than this, all parameters together, are refused. */
const MAX_VALUES = 1000

interface Result {
  count: number
  sort: readonly SortKey[]
  total: 'none' | 'accurate' | undefined
  after: string | undefined
  readonly includes: Include[]
}

/** See `Search.parse`. */
export async function parseSearch(
  scope: SearchScope,
  pairs: readonly Pair[],
  options: SearchOptions,
  parts: CriterionParts,
): Promise<ParsedSearch> {
  if (scope.kind !== 'type') throw new FhirError('not-implemented', 'Only one type is searched at a time.')
  const { type } = scope
  refuseTooMany(pairs)
  const result: Result = {
    count: Math.min(options.defaultCount, options.maxCount),
    sort: [],
    total: undefined,
    after: undefined,
    includes: [],
  }
  const seen = new Set<string>()
  const where: Expression[] = []
  const used: Pair[] = []
  const faults: SearchFault[] = []
  for (const [name, value] of pairs) {
    try {
      const [code, modifier] = splitModifier(name)
      if (!isResultParameter(code)) {
        where.push(criterion(type, name, value, RESULT_PARAMETERS, parts))
        used.push([name, value])
        continue
      }
      if (modifier !== undefined) {
        throw new SearchFault(name, 'not-supported', `the modifier ${quoted(modifier)} is not supported yet.`)
      }
      if (code !== '_include' && seen.has(code))
        throw new SearchFault(name, 'value', 'it stands more than once.')
      seen.add(code)
      readResult(type, code, value, result, options, parts)
      if (code === '_count') used.push([code, String(result.count)])
      else if (code !== '_cursor') used.push([code, value])
    } catch (error) {
      if (!(error instanceof SearchFault)) throw error
      if (!(error instanceof UnknownParameter && options.handling === 'lenient')) faults.push(error)
    }
  }
  if (faults.length > 0) throw refusedSearch(faults)
  const { total, count, sort, after, includes } = result
  const query = searchQuery({
    type,
    where: and(where),
    sort: Object.freeze(sort),
    count,
    cursor: after,
    // _count=0 asks for nothing else (https://hl7.org/fhir/R4/search.html#count).
    total: total ?? (count === 0 ? 'accurate' : 'none'),
    includes: Object.freeze(includes),
  })
  return { query, used }
}

function readResult(
  type: string,
  code: ResultParameter,
  value: string,
  result: Result,
  options: SearchOptions,
  parts: CriterionParts,
): void {
  if (value === '') throw new SearchFault(code, 'value', 'it has no value.')
  switch (code) {
    case '_count':
      result.count = readCount(value, options.maxCount)
      break
    case '_sort':
      result.sort = [readSort(value)]
      break
    case '_total':
      result.total = readTotal(value)
      break
    case '_cursor':
      result.after = value
      break
    case '_include':
      result.includes.push(readInclude(type, value, parts.registry, parts.definitions))
  }
}

/** See `Search.parseCriteria`. */
export async function parseCriteria(
  type: string,
  criteria: string,
  parts: CriterionParts,
): Promise<Expression> {
  const pairs = criteria
    .split('&')
    .filter((part) => part !== '')
    .map((part): Pair => {
      const equals = part.indexOf('=')
      return equals < 0
        ? [decoded(part), '']
        : [decoded(part.slice(0, equals)), decoded(part.slice(equals + 1))]
    })
  if (pairs.length === 0) {
    throw new FhirError('invalid-search', 'The criteria are empty: at least one search parameter is needed.')
  }
  refuseTooMany(pairs)
  const where: Expression[] = []
  const faults: SearchFault[] = []
  for (const [name, value] of pairs) {
    try {
      if (isResultParameter(splitModifier(name)[0])) {
        throw new SearchFault(name, 'not-supported', 'it shapes a result, and is no criterion.')
      }
      where.push(criterion(type, name, value, [], parts))
    } catch (error) {
      if (!(error instanceof SearchFault)) throw error
      faults.push(error)
    }
  }
  if (faults.length > 0) throw refusedSearch(faults)
  return and(where)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch (cause) {
    throw new FhirError(
      'invalid-search',
      `The criteria hold ${quoted(text)}, whose percent-encoding is broken.`,
      {
        cause,
      },
    )
  }
}

function refuseTooMany(pairs: readonly Pair[]): void {
  const values = pairs.reduce((sum, [, value]) => sum + splitUnescaped(value, ',').length, 0)
  if (values > MAX_VALUES) {
    throw new FhirError('too-costly', `The search has ${values} values; at most ${MAX_VALUES} are answered.`)
  }
}
