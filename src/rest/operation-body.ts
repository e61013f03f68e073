// What is sent to an operation: parameters in the query, as a form or in a Parameters resource; for some a resource
// (https://hl7.org/fhir/R4/operations.html#executing).
import {
  FhirError,
  isJsonObject,
  type Definitions,
  type JsonObject,
  type JsonValue,
  type Resource,
} from '../fhir/index.ts'
import type { Level, Operation, PostedParameter } from '../operations/index.ts'
import { asResource } from './body.ts'
import { readPairs, type Pair } from './query-string.ts'
import type { RestRequest } from './request.ts'

export interface OperationBody {
  /** Of a query or body as a query would have them. */
  readonly pairs: readonly Pair[]
  readonly resource: Resource | undefined
  /** Resources by the name of their parameter, for an operation that has such. */
  readonly parts: ReadonlyMap<string, readonly Resource[]>
  /** Its other parameters that are not simple, by name. */
  readonly structures: ReadonlyMap<string, readonly PostedParameter[]>
  /** A file of X12 as it came. */
  readonly x12?: Buffer | undefined
}

/** The parameters of an operation that may be other than simple; `bare`, where it is taken, is of the type `type`. */
export interface Structured {
  readonly names: readonly string[]
  readonly bare?: string
  readonly type: string
  readonly takesBare: boolean
}

const NOTHING: OperationBody = { pairs: [], resource: undefined, parts: new Map(), structures: new Map() }

/** What is sent to this operation. @throws FhirError `invalid`, `malformed`, `unsupported-media-type` */
export function operationBody(
  request: RestRequest,
  { takesResource, structured, takesX12 }: Operation,
  type: string,
  level: Level,
  definitions: Definitions,
): OperationBody {
  if (request.body?.kind === 'x12' && takesX12 === true) return { ...NOTHING, x12: request.body.bytes }
  if (takesResource.includes(level)) return resourceOperand(request, type, definitions)
  if (structured === undefined) return parametersBody(request)
  return structuredBody(request, { ...structured, type, takesBare: level === 'type' }, definitions)
}

/** Parameters alone. @throws FhirError `invalid`, `malformed`, `unsupported-media-type` */
function parametersBody({ method, body }: RestRequest): OperationBody {
  if (method !== 'POST' || body === undefined) return NOTHING
  if (body.kind === 'form') return { ...NOTHING, pairs: readPairs(body.text) }
  const parameters = body.kind === 'json' ? asResource(body.value) : undefined
  if (parameters?.resourceType !== 'Parameters')
    throw new FhirError(
      'unsupported-media-type',
      'The parameters of an operation are sent in the query, as a form, or as a Parameters resource.',
    )
  return { ...NOTHING, pairs: listOf(parameters).map(({ item, place }) => pairOf(item, place)) }
}

/**
 * Parameters of which some may be resources, complex or have parts; or the one that may stand alone.
 * @throws FhirError `invalid`, `malformed`, `unsupported-media-type`
 */
function structuredBody(
  request: RestRequest,
  structured: Structured,
  definitions: Definitions,
): OperationBody {
  const { body, method } = request
  const sent = method === 'POST' && body?.kind === 'json' ? asResource(body.value) : undefined
  if (sent === undefined || sent.resourceType === 'Parameters')
    return sent === undefined ? parametersBody(request) : splitParameters(sent, structured, definitions)
  const { bare, type, takesBare } = structured
  if (bare === undefined || !takesBare) return parametersBody(request)
  const resource = requireType(sent, type, type, definitions)
  return { ...NOTHING, parts: new Map([[bare, [resource]]]) }
}

function splitParameters(sent: Resource, { names }: Structured, definitions: Definitions): OperationBody {
  const pairs: Pair[] = []
  const parts = new Map<string, Resource[]>()
  const structures = new Map<string, PostedParameter[]>()
  for (const { item, place } of listOf(sent)) {
    const name = isJsonObject(item) && typeof item.name === 'string' ? item.name : undefined
    if (!isJsonObject(item) || name === undefined || !names.includes(name) || isSimple(item)) {
      pairs.push(pairOf(item, place))
      continue
    }
    if (item.resource === undefined) {
      addTo(structures, name, { item, place })
      continue
    }
    const resource = asResource(item.resource)
    if (resource === undefined)
      throw wrong(`${place}.resource`, 'The parameter must have a resource with a resourceType.')
    requireType(resource, `${place}.resource`, '', definitions)
    addTo(parts, name, resource)
  }
  return { ...NOTHING, pairs, parts, structures }
}

function addTo<Value>(lists: Map<string, Value[]>, name: string, value: Value): void {
  const list = lists.get(name)
  if (list === undefined) lists.set(name, [value])
  else list.push(value)
}

function isSimple(item: JsonObject): boolean {
  return Object.entries(item).some(([key, value]) => key.startsWith('value') && typeof value !== 'object')
}

/**
 * A resource, as it is or as the part `resource` of Parameters beside others.
 * @param type that it must have; '' for any
 * @throws FhirError `invalid`, `malformed`, `unsupported-media-type`
 */
function resourceOperand({ body }: RestRequest, type: string, definitions: Definitions): OperationBody {
  const what = type === '' ? 'A resource' : `A ${type}`
  if (body === undefined) throw new FhirError('malformed', `The body is empty. ${what} was expected.`)
  if (body.kind !== 'json')
    throw new FhirError(
      'unsupported-media-type',
      `${what} is sent as application/fhir+json or application/fhir+xml.`,
    )
  const sent = asResource(body.value)
  if (sent === undefined)
    throw wrong(type === '' ? 'Resource' : type, 'The body must be one JSON object with a resourceType.')
  if (sent.resourceType !== 'Parameters')
    return { ...NOTHING, resource: requireType(sent, type === '' ? 'Resource' : type, type, definitions) }
  const list = listOf(sent)
  const operands = list.filter(({ item }) => isJsonObject(item) && item.name === 'resource')
  const [operand] = operands
  if (operand === undefined || operands.length > 1)
    throw wrong(
      'Parameters.parameter',
      'Parameters need one parameter of the name resource, which has a resource.',
    )
  const { resource: value } = operand.item as JsonObject
  const resource = asResource(value)
  if (resource === undefined)
    throw wrong(`${operand.place}.resource`, 'The parameter must have a resource with a resourceType.')
  return {
    ...NOTHING,
    pairs: list.filter((one) => one !== operand).map(({ item, place }) => pairOf(item, place)),
    resource: requireType(resource, `${operand.place}.resource`, type, definitions),
  }
}

function requireType(resource: Resource, place: string, type: string, definitions: Definitions): Resource {
  if (!definitions.isResourceType(resource.resourceType))
    throw wrong(`${place}.resourceType`, 'R4 has no resource type of that name.')
  if (type !== '' && resource.resourceType !== type)
    throw wrong(`${place}.resourceType`, `The resourceType is not that of the URL, which is ${type}.`)
  return resource
}

interface Item {
  readonly item: JsonValue
  /** FHIRPath. */
  readonly place: string
}

function listOf({ parameter }: JsonObject): readonly Item[] {
  const list = parameter ?? []
  if (!Array.isArray(list)) throw wrong('Parameters.parameter', 'parameter must be an array.')
  return list.map((item, index) => ({ item, place: `Parameters.parameter[${index}]` }))
}

function pairOf(item: JsonValue, place: string): Pair {
  if (!isJsonObject(item) || typeof item.name !== 'string') throw wrong(place, 'A parameter needs a name.')
  const values = Object.entries(item).filter(([key]) => key.startsWith('value'))
  const [key, value] = values[0] ?? []
  if (key === undefined || values.length > 1)
    throw wrong(place, 'A parameter needs one value, such as valueString.')
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return [item.name, String(value)]
  if (key === 'valueReference' && isJsonObject(value) && typeof value.reference === 'string')
    return [item.name, value.reference]
  if (key === 'valueCoding' && isJsonObject(value)) return [item.name, codingText(value)]
  throw wrong(`${place}.${key}`, 'Its value must be of a primitive type, a Reference or a Coding.')
}

function codingText({ system, code }: JsonObject): string {
  const escape = (text: JsonValue | undefined): string =>
    typeof text === 'string' ? text.replaceAll(/[\\,|$]/g, String.raw`\$&`) : ''
  return typeof system === 'string' ? `${escape(system)}|${escape(code)}` : escape(code)
}

function wrong(expression: string, diagnostics: string): FhirError {
  return new FhirError('invalid', [{ severity: 'error', code: 'structure', diagnostics, expression }])
}
