// What each type of search parameter takes (https://hl7.org/fhir/R4/search.html#modifiers, #prefix): the one table that
// searches are read by, and that documentation is made from.
import type { SearchParameterType } from '../../fhir/index.ts'
import type { Comparator } from '../../store/index.ts'

export type Modifier =
  | 'missing'
  | 'exact'
  | 'contains'
  | 'text'
  | 'not'
  | 'in'
  | 'not-in'
  | 'above'
  | 'below'
  | 'of-type'
  | 'identifier'
  /** The name of a resource type stands in its place: `subject:Patient`. */
  | '[type]'

export interface ParameterSupport {
  readonly modifiers: readonly Modifier[]
  readonly prefixes: readonly Comparator[]
}

export const PREFIXES: readonly Comparator[] = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap']

/** A composite takes the prefixes of its components. */
export const SUPPORT: Readonly<Record<SearchParameterType, ParameterSupport>> = {
  string: { modifiers: ['missing', 'exact', 'contains'], prefixes: [] },
  token: {
    modifiers: ['missing', 'text', 'not', 'in', 'not-in', 'above', 'below', 'of-type'],
    prefixes: [],
  },
  reference: { modifiers: ['missing', '[type]', 'identifier', 'above', 'below'], prefixes: [] },
  date: { modifiers: ['missing'], prefixes: PREFIXES },
  number: { modifiers: ['missing'], prefixes: PREFIXES },
  quantity: { modifiers: ['missing'], prefixes: PREFIXES },
  uri: { modifiers: ['missing', 'above', 'below'], prefixes: [] },
  composite: { modifiers: [], prefixes: [] },
  special: { modifiers: [], prefixes: [] },
}

/** Parameters for every type that R4 has no SearchParameter resource for. */
export const GENERAL_PARAMETERS = ['_list', '_has', '_filter'] as const

/** Parameters that say what a result holds, and in which order. */
export const RESULT_PARAMETERS = [
  '_sort',
  '_count',
  '_total',
  '_include',
  '_revinclude',
  '_contained',
  '_containedType',
] as const

/** Parameters that shape what is sent; they are taken out before a search is read. */
export const SHAPING_PARAMETERS = ['_summary', '_elements', '_format', '_pretty'] as const

/** Of `_include` and `_revinclude`; `recurse` is how STU3 wrote `iterate`. */
export const INCLUDE_MODIFIERS = ['iterate', 'recurse'] as const

/** A custom parameter whose expression does not tell what it selects. */
const ANYTHING = 'Element'
const CODED = ['CodeableConcept', 'Coding', 'code']

/**
 * The modifiers that one parameter takes: those of its type that make sense for its values.
 * `hierarchical`: whether some resource that it refers to may be part of another of its type.
 */
export function modifiersOf(parameter: {
  readonly type: SearchParameterType
  readonly phonetic: boolean
  /** FHIR types of the values. */
  readonly valueTypes: readonly string[]
  readonly hierarchical: boolean
}): readonly Modifier[] {
  const { type, phonetic, valueTypes, hierarchical } = parameter
  const some = (...types: readonly string[]) => valueTypes.some((it) => it === ANYTHING || types.includes(it))
  if (phonetic) return ['missing']
  return SUPPORT[type].modifiers.filter((modifier) => {
    switch (modifier) {
      case 'text':
        return some('CodeableConcept', 'Coding', 'Identifier')
      case 'in':
      case 'not-in':
        return some(...CODED)
      case 'above':
      case 'below':
        return type === 'token'
          ? some(...CODED)
          : type === 'uri' || hierarchical || (modifier === 'below' && some('canonical'))
      case 'of-type':
        return some('Identifier')
      case 'identifier':
        return some('Reference')
      default:
        return true
    }
  })
}
