// `_contained` and `_containedType`: resources within others (https://hl7.org/fhir/R4/search.html#contained).
import type { Definitions } from '../../fhir/index.ts'
import {
  and,
  containsMatch,
  or,
  typedCondition,
  type Expression,
  type TypedCondition,
} from '../../store/index.ts'
import type { Budget } from './budget.ts'
import { quoted, SearchFault } from './refusal.ts'
import { scopeCondition, type SearchScope } from './scope.ts'

export interface ContainedSearch {
  /** `true`: contained resources alone match; `both`: others do as well. */
  readonly match: 'true' | 'both'
  /** What an answer shows of a contained match: what contains it, or itself with the fullUrl `[container]#[id]`. */
  readonly show: 'container' | 'contained'
  /** What a contained resource is to meet, by its type. */
  readonly conditions: readonly TypedCondition[]
}

export function readContained(value: string): 'false' | 'true' | 'both' {
  if (value === 'false' || value === 'true' || value === 'both') return value
  throw new SearchFault('_contained', 'value', `${quoted(value)} is none of false, true, both.`)
}

export function readContainedType(value: string): 'container' | 'contained' {
  if (value === 'container' || value === 'contained') return value
  throw new SearchFault('_containedType', 'value', `${quoted(value)} is none of container, contained.`)
}

/** What only other resources tell of a contained one cannot be asked when it is shown by itself. @throws SearchFault */
export function requireOwnConditions({ show, conditions }: ContainedSearch): void {
  if (show === 'container' || !conditions.some(({ where }) => asksOthers(where))) return
  throw new SearchFault(
    '_containedType',
    'not-supported',
    'contained resources are not shown by themselves in a search with chains, _has or _list. Right would be ' +
      '_containedType=container.',
  )
}

function asksOthers(where: Expression): boolean {
  switch (where.kind) {
    case 'chain':
    case 'has':
      return true
    case 'and':
      return where.all.some(asksOthers)
    case 'or':
      return where.any.some(asksOthers)
    case 'not':
      return asksOthers(where.node)
    default:
      return false
  }
}

/**
 * What to search for contained matches: resources of all types that contain one of the conditions' types, within the
 * scope if that is a compartment; with `both`, whatever meets the conditions itself too.
 */
export function containers(
  { match, conditions }: Pick<ContainedSearch, 'match' | 'conditions'>,
  scope: SearchScope,
  definitions: Definitions,
  types: readonly string[],
  budget: Budget,
): readonly TypedCondition[] {
  const contains = conditions.map(({ type, where }) => containsMatch(type, where))
  return types.flatMap((type) => {
    budget.another().spend(contains.length)
    const own = match === 'both' ? conditions.filter((it) => it.type === type).map(({ where }) => where) : []
    const mayContain = definitions.type(type)?.properties.has('contained') ?? false
    const any: readonly Expression[] = mayContain ? [...own, ...contains] : own
    if (any.length === 0) return []
    const where = any.length === 1 ? (any[0] as Expression) : or(any)
    const within = scopeCondition(scope, type, definitions)
    return [typedCondition(type, within === undefined ? where : and([within, where]))]
  })
}
