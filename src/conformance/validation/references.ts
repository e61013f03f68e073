// What a Reference may say (https://hl7.org/fhir/R4/references.html). Whether the target exists is asked elsewhere.
import type { Definitions, JsonObject, ParsedReference } from '../../fhir/index.ts'
import { nearestName, parseReference } from '../../fhir/index.ts'
import type { Report } from './report.ts'
import type { Scope } from './scope.ts'
import { listNames, quote } from './wording.ts'

const TYPE_URL = 'http://hl7.org/fhir/StructureDefinition/'

/** `targets` are the types that the element allows; undefined for any. */
export function checkReference(
  node: JsonObject,
  targets: ReadonlySet<string> | undefined,
  scope: Scope,
  definitions: Definitions,
  report: Report,
): void {
  const { reference, type } = node
  const literal = typeof reference === 'string' && reference !== '' ? parseReference(reference) : undefined
  const problem = literal && literalProblem(String(reference), literal, targets, scope, definitions)
  if (problem !== undefined) report.add('error', 'value', problem, 'reference')
  if (typeof type !== 'string') return
  const named = type.startsWith(TYPE_URL) ? type.slice(TYPE_URL.length) : type
  const found = literal && typeOf(literal, scope)
  // Relative to that URL, and no other: absolute URLs are for logical models (datatype Reference, element type).
  if (type !== '' && definitions.type(named)?.kind !== 'resource') {
    const meant = nearestName(named, definitions.resourceTypes)
    report.add(
      'error',
      'value',
      `${quote(type)} is no resource type of R4.${meant === undefined ? '' : ` Did you mean ${meant}?`}`,
      'type',
    )
  } else if (
    found !== undefined &&
    definitions.isResourceType(found) &&
    definitions.isResourceType(named) &&
    found !== named
  )
    report.add('error', 'value', `The type is ${quote(type)}, but the reference is to ${found}.`, 'type')
  else if (problem === undefined && targets && definitions.isResourceType(named) && !targets.has(named))
    report.add(
      'error',
      'value',
      `A reference to ${named} may not stand here, only to ${listNames([...targets])}.`,
      'type',
    )
}

function literalProblem(
  text: string,
  reference: ParsedReference,
  targets: ReadonlySet<string> | undefined,
  scope: Scope,
  definitions: Definitions,
): string | undefined {
  if (reference.kind === 'invalid')
    return `${quote(text)} is no reference: write Type/id, an absolute URL, urn:uuid:…, urn:oid:… or #id.`
  if (reference.kind === 'fragment' && reference.id !== '' && !scope.containedById(reference.id))
    return `ref-1: ${quote(text)} must be the id of a contained resource, and none has it.`
  const type = typeOf(reference, scope)
  if (type === undefined) return undefined
  if (!definitions.isResourceType(type)) {
    // Elsewhere the path of a URL may look like a type and be none.
    if (reference.kind === 'absolute' || reference.kind === 'fragment') return undefined
    const meant = nearestName(type, definitions.resourceTypes)
    return `${type} is no resource type of R4.${meant === undefined ? '' : ` Did you mean ${meant}?`}`
  }
  if (targets === undefined || targets.has(type)) return undefined
  return `A reference to ${type} may not stand here, only to ${listNames([...targets])}.`
}

function typeOf(reference: ParsedReference, scope: Scope): string | undefined {
  if (reference.kind === 'fragment') {
    const target = reference.id === '' ? scope.rootResource : scope.containedById(reference.id)
    return typeof target?.['resourceType'] === 'string' ? target['resourceType'] : undefined
  }
  return 'type' in reference ? reference.type : undefined
}
