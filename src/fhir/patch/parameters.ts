// A FHIRPath Patch as it is asked for: the Parameters of https://hl7.org/fhir/R4/fhirpatch.html, read.
import { FhirError } from '../errors.ts'
import { isJsonObject, type JsonObject, type JsonValue, type Resource } from '../resource.ts'
import { type Refusal, refusalOf, shown } from './refusal.ts'

interface OperationBase {
  /** FHIRPath: where. */
  readonly path: string
  readonly refusal: Refusal
}

/** `value` is the part named so, with its value[x], its own parts or its resource. */
export type FhirPathOperation =
  | (OperationBase & { readonly type: 'add'; readonly name: string; readonly value: JsonObject })
  | (OperationBase & { readonly type: 'insert'; readonly index: number; readonly value: JsonObject })
  | (OperationBase & { readonly type: 'delete' })
  | (OperationBase & { readonly type: 'replace'; readonly value: JsonObject })
  | (OperationBase & { readonly type: 'move'; readonly source: number; readonly destination: number })

const PARTS_OF = {
  add: ['type', 'path', 'name', 'value'],
  insert: ['type', 'path', 'index', 'value'],
  delete: ['type', 'path'],
  replace: ['type', 'path', 'value'],
  move: ['type', 'path', 'source', 'destination'],
} as const satisfies Record<FhirPathOperation['type'], readonly string[]>

/** @throws FhirError `invalid` for the first operation that is not as the specification has it */
export function readOperations(parameters: Resource): readonly FhirPathOperation[] {
  if (parameters.resourceType !== 'Parameters') {
    throw new FhirError(
      'invalid',
      `A FHIRPath Patch is a Parameters resource, not ${parameters.resourceType}.`,
    )
  }
  const list = parameters.parameter ?? []
  if (!Array.isArray(list)) throw new FhirError('invalid', 'Parameters.parameter must be an array.')
  return list.map(readOperation)
}

function readOperation(parameter: JsonValue, index: number): FhirPathOperation {
  const expression = `Parameters.parameter[${index}]`
  const anonymous = refusalOf(`Operation ${index}`, expression)
  if (!isJsonObject(parameter) || parameter.name !== 'operation') {
    throw anonymous.malformed("every parameter must be named 'operation'")
  }
  const parts = readParts(parameter.part, anonymous)
  const type = textOf(parts, 'type', anonymous)
  if (!Object.hasOwn(PARTS_OF, type)) {
    throw anonymous.malformed(`'type' must be one of ${Object.keys(PARTS_OF).join(', ')}`)
  }
  const known: readonly string[] = PARTS_OF[type as FhirPathOperation['type']]
  for (const name of parts.keys()) {
    if (!known.includes(name))
      throw anonymous.malformed(`'${type}' takes ${known.join(', ')}; not ${shown(name)}`)
  }
  const path = textOf(parts, 'path', anonymous)
  const base = { path, refusal: refusalOf(`Operation ${index} (${type} at ${shown(path)})`, expression) }
  const { refusal } = base
  switch (type as FhirPathOperation['type']) {
    case 'add':
      return {
        ...base,
        type: 'add',
        name: textOf(parts, 'name', refusal),
        value: partOf(parts, 'value', refusal),
      }
    case 'insert':
      return {
        ...base,
        type: 'insert',
        index: indexOf(parts, 'index', refusal),
        value: partOf(parts, 'value', refusal),
      }
    case 'delete':
      return { ...base, type: 'delete' }
    case 'replace':
      return { ...base, type: 'replace', value: partOf(parts, 'value', refusal) }
    case 'move': {
      const source = indexOf(parts, 'source', refusal)
      return { ...base, type: 'move', source, destination: indexOf(parts, 'destination', refusal) }
    }
  }
}

function readParts(list: JsonValue | undefined, refusal: Refusal): ReadonlyMap<string, JsonObject> {
  if (!Array.isArray(list)) throw refusal.malformed("'part' must say type, path and what they need")
  const parts = new Map<string, JsonObject>()
  for (const part of list) {
    if (!isJsonObject(part) || typeof part.name !== 'string')
      throw refusal.malformed('every part needs a name')
    if (parts.has(part.name)) throw refusal.malformed(`${shown(part.name)} stands twice`)
    parts.set(part.name, part)
  }
  return parts
}

function partOf(parts: ReadonlyMap<string, JsonObject>, name: string, refusal: Refusal): JsonObject {
  const part = parts.get(name)
  if (part === undefined) throw refusal.malformed(`the part '${name}' is missing`)
  return part
}

/** The specification has code for `type` and string for the others; clients mix them up, and nothing hangs on it. */
function textOf(parts: ReadonlyMap<string, JsonObject>, name: string, refusal: Refusal): string {
  const part = partOf(parts, name, refusal)
  const text = part.valueString ?? part.valueCode
  if (typeof text !== 'string' || text === '') throw refusal.malformed(`the part '${name}' needs a string`)
  return text
}

function indexOf(parts: ReadonlyMap<string, JsonObject>, name: string, refusal: Refusal): number {
  const part = partOf(parts, name, refusal)
  const index = part.valueInteger ?? part.valueUnsignedInt ?? part.valuePositiveInt
  if (typeof index !== 'number' || !Number.isInteger(index) || index < 0) {
    throw refusal.malformed(`the part '${name}' needs an integer, counted from 0`)
  }
  return index
}
