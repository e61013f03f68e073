// Conditions on a parameter, asked of the names under which its values are kept.
import {
  and,
  not,
  or,
  presenceMatch,
  tokenMatch,
  unlikeMatch,
  type Expression,
  type IndexEntry,
} from '../../store/index.ts'
import { valuelessOf } from '../derived-parameters.ts'
import type { Registry } from '../registry.ts'

/**
 * The same condition with any of `names` for `param`, derived names included (`param:text`); conditions on other
 * parameters, and those that lead to other resources, stay as they are.
 */
export function whereKept(condition: Expression, param: string, names: readonly string[]): Expression {
  if (names.length === 1 && names[0] === param) return condition
  const again = (part: Expression): Expression => whereKept(part, param, names)
  switch (condition.kind) {
    case 'and':
      return and(condition.all.map(again))
    case 'or':
      return anyOf(condition.any.map(again))
    case 'not':
      return not(again(condition.node))
    case 'unlike': {
      const { leaf } = condition
      return anyOf(named(leaf.param, param, names).map((name) => unlikeMatch({ ...leaf, param: name })))
    }
    case 'token':
    case 'token-set':
    case 'string':
    case 'string-order':
    case 'number':
    case 'quantity':
    case 'date':
    case 'reference':
    case 'uri':
    case 'uri-below':
    case 'presence':
      return anyOf(
        named(condition.param, param, names).map((name) => Object.freeze({ ...condition, param: name })),
      )
    default:
      return condition
  }
}

/** Whether there is a value, be it one that no search compares with. */
export function presenceExpression(
  { base, code, type }: { readonly base: string; readonly code: string; readonly type: IndexEntry['kind'] },
  registry: Registry,
): Expression {
  if (code === '_id' || code === '_lastUpdated') return and([])
  const valueless = tokenMatch(valuelessOf(code), undefined, 'true')
  return whereKept(or([presenceMatch(code, type), valueless]), code, registry.kept(base).names(code))
}

/** Any of several conditions, those that are the same kind of choice taken in. */
export function anyOf(conditions: readonly Expression[]): Expression {
  const [only] = conditions
  if (only !== undefined && conditions.length === 1 && only.kind !== 'or') return only
  const any = conditions.flatMap((it) => (it.kind === 'or' ? it.any : [it]))
  return any.length === 1 ? (any[0] as Expression) : or(any)
}

function named(own: string, param: string, names: readonly string[]): readonly string[] {
  if (own === param) return names
  const derived = own.startsWith(`${param}:`) ? own.slice(param.length) : undefined
  return derived === undefined ? [own] : names.map((name) => name + derived)
}
