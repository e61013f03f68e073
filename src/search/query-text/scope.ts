// Where a search looks: one type, all of them, or a compartment (https://hl7.org/fhir/R4/search.html#searching,
// https://hl7.org/fhir/R4/compartmentdefinition.html).
import { FhirError, nearestName, type Definitions } from '../../fhir/index.ts'
import { compartmentMatch, idMatch, localReferenceMatch, or, type Expression } from '../../store/index.ts'
import { few } from './parameter-value.ts'
import { quoted, SearchFault } from './refusal.ts'

export type CompartmentCode = Parameters<Definitions['compartment']>[0]

export type SearchScope =
  | { readonly kind: 'type'; readonly type: string }
  | { readonly kind: 'system' }
  | {
      readonly kind: 'compartment'
      readonly compartment: CompartmentCode
      readonly id: string
      /** `*`: every type of the compartment. */
      readonly type: string
    }

/** How R4's CompartmentDefinitions say that the resource of the compartment is in it. */
const ITSELF = '{def}'

/**
 * The types that are searched: those of `_type`, where it may stand, else all of the scope.
 * @throws FhirError `invalid-search` for a type outside its compartment
 */
export function scopeTypes(scope: SearchScope, definitions: Definitions): readonly string[] {
  if (scope.kind === 'type') return [scope.type]
  if (scope.kind === 'system') return definitions.resourceTypes
  const inside = definitions.resourceTypes.filter((type) => isInside(scope.compartment, type, definitions))
  if (scope.type === '*') return inside
  if (inside.includes(scope.type)) return [scope.type]
  throw new FhirError(
    'invalid-search',
    `${scope.type} is not in the compartment of ${scope.compartment}. In it are: ${inside.join(', ')}.`,
  )
}

/** Whether `_type` may stand in a search of the scope. */
export function takesTypes(scope: SearchScope): boolean {
  return scope.kind === 'system' || (scope.kind === 'compartment' && scope.type === '*')
}

/** `_type`: resource types between commas, each within the scope. @throws SearchFault */
export function readTypes(
  value: string,
  within: readonly string[],
  definitions: Definitions,
): readonly string[] {
  const types = value.split(',')
  for (const type of types) {
    if (within.includes(type)) continue
    if (definitions.isResourceType(type)) {
      throw new SearchFault(
        '_type',
        'value',
        `${type} is not in this compartment. In it are: ${within.join(', ')}.`,
      )
    }
    const near = nearestName(type, within)
    const hint = near === undefined ? ` There are ${few(within)}.` : ` Did you mean ${quoted(near)}?`
    throw new SearchFault('_type', 'value', `${quoted(type)} is no resource type.${hint}`)
  }
  return [...new Set(types)]
}

/** What makes a resource of the type part of the scope; undefined when nothing more is asked. */
export function scopeCondition(
  scope: SearchScope,
  type: string,
  definitions: Definitions,
): Expression | undefined {
  if (scope.kind !== 'compartment') return undefined
  const { compartment, id } = scope
  if (compartment === 'Patient') return compartmentMatch([id])
  const references: Expression[] = definitions
    .compartment(compartment, type)
    .filter((code) => code !== ITSELF)
    .map((code) => localReferenceMatch(code, [compartment], id))
  return or(type === compartment ? [idMatch(id), ...references] : references)
}

function isInside(compartment: CompartmentCode, type: string, definitions: Definitions): boolean {
  return type === compartment || definitions.compartment(compartment, type).length > 0
}
