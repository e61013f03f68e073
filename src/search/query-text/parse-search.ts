// The text of a search to the query that a store is asked (https://hl7.org/fhir/R4/search.html).
import {
  and,
  searchQuery,
  typedCondition,
  type Expression,
  type SearchQuery,
  type TypedCondition,
} from '../../store/index.ts'
import { Budget } from './budget.ts'
import { containers, requireOwnConditions, type ContainedSearch } from './contained.ts'
import { splitName } from './criterion.ts'
import { Criteria } from './criteria.ts'
import type { Reading, ReadingParts } from './reading.ts'
import { remembered } from './remembered-lookup.ts'
import { refusedSearch, SearchFault } from './refusal.ts'
import { isResultParameter, ResultReader } from './result.ts'
import { readTypes, scopeCondition, scopeTypes, takesTypes, type SearchScope } from './scope.ts'
import { RESULT_PARAMETERS, SHAPING_PARAMETERS } from './support.ts'

/** A search as asked, ready for the store, with what the response must repeat. */
export interface ParsedSearch {
  readonly query: SearchQuery
  /** The parameters really used, in order, for the `self` link; decoded names and values. */
  readonly used: readonly (readonly [name: string, value: string])[]
  /** Whether and how contained resources match (`_contained`); undefined when none does. */
  readonly contained: ContainedSearch | undefined
}

export interface SearchOptions {
  /** `lenient`: unknown parameters are left out instead of refused (Prefer: handling=lenient). */
  readonly handling: 'strict' | 'lenient'
  readonly defaultCount: number
  readonly maxCount: number
}

const BESIDE_CRITERIA = [...RESULT_PARAMETERS, ...SHAPING_PARAMETERS]

export type Pair = readonly [name: string, value: string]

/** See `Search.parse`. */
export async function parseSearch(
  scope: SearchScope,
  pairs: readonly Pair[],
  options: SearchOptions,
  parts: ReadingParts,
): Promise<ParsedSearch> {
  const { definitions } = parts
  const faults: SearchFault[] = []
  const everyType = scopeTypes(scope, definitions)
  const types = chosenTypes(scope, pairs, everyType, definitions, faults)
  const anyContainer =
    scope.kind === 'compartment' && scope.type !== '*'
      ? scopeTypes({ ...scope, type: '*' }, definitions)
      : scope.kind === 'type'
        ? definitions.resourceTypes
        : everyType
  const reader = new ResultReader(types, anyContainer, options.maxCount, parts)
  for (const [name, value] of pairs) {
    if (!name.startsWith('_contained')) continue
    const { code, modifier } = splitName(name)
    if (code !== '_contained' && code !== '_containedType') continue
    attempt(faults, () => reader.readContained({ name, value, code, modifier }))
  }
  const budget = new Budget()
  const reading: Reading = {
    ...parts,
    lookup: remembered(parts.lookup),
    budget,
    alsoKnown: takesTypes(scope) ? ['_type', ...BESIDE_CRITERIA] : BESIDE_CRITERIA,
  }
  const criteria = new Criteria(types, reading, options.handling === 'lenient')
  const used: Pair[] = []
  for (const [name, value] of pairs) {
    const { code, modifier, rest } = splitName(name)
    if (code === '_type' && name === '_type' && takesTypes(scope)) used.push([name, value])
    else if (rest === undefined && isResultParameter(code)) {
      if (code === '_contained' || code === '_containedType') used.push([name, value])
      else
        attempt(faults, () => {
          const shown = reader.read({ name, code, modifier, value })
          if (shown !== undefined) used.push(shown)
        })
    } else if (await criteria.add(name, value)) used.push([name, value])
  }
  faults.push(...criteria.faults)
  if (faults.length > 0) throw refusedSearch(faults)

  const { result } = reader
  const conditions = types.map((type) => typedCondition(type, and(criteria.of(type))))
  const contained: ContainedSearch | undefined =
    result.contained === 'false'
      ? undefined
      : { match: result.contained, show: result.containedType, conditions }
  if (contained !== undefined) attempt(faults, () => requireOwnConditions(contained))
  if (faults.length > 0) throw refusedSearch(faults)
  const from =
    contained === undefined
      ? conditions.map((condition) => within(scope, condition, parts))
      : containers(contained, scope, definitions, anyContainer, budget)
  const count = result.count ?? Math.min(options.defaultCount, options.maxCount)
  const query = searchQuery({
    from: Object.freeze(from),
    sort: Object.freeze(result.sort),
    count,
    // _count=0 asks for nothing else (https://hl7.org/fhir/R4/search.html#count).
    total: result.total ?? (count === 0 ? 'accurate' : 'none'),
    includes: Object.freeze(result.includes),
  })
  return { query, used, contained }
}

function within(
  scope: SearchScope,
  { type, where }: TypedCondition,
  { definitions }: ReadingParts,
): TypedCondition {
  const inside = scopeCondition(scope, type, definitions)
  if (inside === undefined) return typedCondition(type, where)
  const all: readonly Expression[] = where.kind === 'and' ? where.all : [where]
  return typedCondition(type, and([inside, ...all]))
}

/** Those of `_type`, or all. */
function chosenTypes(
  scope: SearchScope,
  pairs: readonly Pair[],
  everyType: readonly string[],
  definitions: ReadingParts['definitions'],
  faults: SearchFault[],
): readonly string[] {
  if (!takesTypes(scope)) return everyType
  const [chosen, ...others] = pairs.filter(([name]) => name === '_type')
  if (chosen === undefined) return everyType
  if (others.length > 0) faults.push(new SearchFault('_type', 'value', 'it stands more than once.'))
  let types = everyType
  attempt(faults, () => {
    if (chosen[1] === '') throw new SearchFault('_type', 'value', 'it has no value.')
    types = readTypes(chosen[1], everyType, definitions)
  })
  return types
}

function attempt(faults: SearchFault[], read: () => void): void {
  try {
    read()
  } catch (error) {
    if (!(error instanceof SearchFault)) throw error
    faults.push(error)
  }
}
