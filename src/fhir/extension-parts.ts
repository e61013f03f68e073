// Reads extensions of a definition, simple ones and those of named parts (https://hl7.org/fhir/R4/extensibility.html).
import type { Faults } from './element-faults.ts'
import { nearestName } from './nearest-name.ts'
import { isJsonObject, type JsonObject, type JsonValue } from './resource.ts'

/** A value, and the FHIRPath of the element that holds it. */
export interface FoundElement<Value> {
  readonly value: Value
  readonly element: string
}

/** A Coding that has a code. */
export interface CodedValue extends JsonObject {
  readonly code: string
}

interface PartTypes {
  readonly string: string
  readonly code: string
  readonly id: string
  readonly canonical: string
  readonly decimal: number
  readonly unsignedInt: number
  readonly positiveInt: number
  readonly boolean: boolean
  readonly Duration: JsonObject
  readonly Expression: JsonObject
  readonly Coding: CodedValue
}

type PartType = keyof PartTypes

/** The parts that an extension may have, each with the type of its value. */
export type ExtensionPartTable = Readonly<Record<string, PartType>>

type ValueOf<Table extends ExtensionPartTable, Name extends keyof Table> = PartTypes[Table[Name]]

/** What one extension holds, by the names of its parts. */
export interface ExtensionParts<Table extends ExtensionPartTable> {
  readonly element: string
  all<Name extends keyof Table>(name: Name): readonly FoundElement<ValueOf<Table, Name>>[]
  /** The only one; a second is a fault. */
  one<Name extends keyof Table>(name: Name): FoundElement<ValueOf<Table, Name>> | undefined
}

/** The extensions of this url that an element has; `element` is its FHIRPath. */
export function extensionsOf(
  owner: JsonObject,
  element: string,
  url: string,
): readonly FoundElement<JsonObject>[] {
  const { extension } = owner
  if (!Array.isArray(extension)) return []
  const found: FoundElement<JsonObject>[] = []
  for (const [index, value] of extension.entries()) {
    if (isJsonObject(value) && value['url'] === url)
      found.push({ value, element: `${element}.extension[${index}]` })
  }
  return found
}

/** The elements of a list, each with its FHIRPath; what is no object is a fault. */
export function elementsOf(
  list: JsonValue | undefined,
  element: string,
  faults: Faults,
): readonly FoundElement<JsonObject>[] {
  if (list === undefined) return []
  if (!Array.isArray(list)) {
    faults.add(element, 'it must be a list', 'structure')
    return []
  }
  return list.flatMap((value, at) => {
    if (isJsonObject(value)) return [{ value, element: `${element}[${at}]` }]
    faults.add(`${element}[${at}]`, 'it must be an object', 'structure')
    return []
  })
}

/** The value of a simple extension; undefined, and a fault, where it has none of this type. */
export function extensionValueOf<Type extends PartType>(
  { value, element }: FoundElement<JsonObject>,
  type: Type,
  faults: Faults,
): FoundElement<PartTypes[Type]> | undefined {
  const property = `value${type.charAt(0).toUpperCase()}${type.slice(1)}`
  const held = value[property]
  if (held !== undefined && isOfType(held, type))
    return { value: held as PartTypes[Type], element: `${element}.${property}` }
  faults.add(element, `it needs a ${property}${type === 'Coding' ? ' with a code' : ''}`)
  return undefined
}

/** Reads an extension that has named parts; unknown names and values of another type are faults. */
export function extensionPartsOf<Table extends ExtensionPartTable>(
  { value, element }: FoundElement<JsonObject>,
  table: Table,
  faults: Faults,
): ExtensionParts<Table> {
  const byName = new Map<string, FoundElement<never>[]>()
  for (const part of elementsOf(value['extension'], `${element}.extension`, faults)) {
    const name = part.value['url']
    if (typeof name !== 'string' || !Object.hasOwn(table, name)) {
      faults.add(part.element, unknownPart(name, table), 'extension')
      continue
    }
    const read = extensionValueOf(part, table[name] as PartType, faults)
    if (read === undefined) continue
    const others = byName.get(name)
    if (others === undefined) byName.set(name, [read as FoundElement<never>])
    else others.push(read as FoundElement<never>)
  }
  const all = (name: keyof Table): readonly FoundElement<never>[] => byName.get(name as string) ?? []
  return {
    element,
    all,
    one(name) {
      const [first, second] = all(name)
      if (second !== undefined) faults.add(second.element, `'${String(name)}' may be there once`, 'extension')
      return first
    },
  }
}

function unknownPart(name: unknown, table: ExtensionPartTable): string {
  const known = Object.keys(table)
  const nearest = typeof name === 'string' ? nearestName(name, known) : undefined
  const shown = typeof name === 'string' ? `'${name.slice(0, 100)}'` : 'without a url'
  return nearest === undefined
    ? `a part ${shown} is none of: ${known.join(', ')}`
    : `a part ${shown} is not known; did you mean '${nearest}'?`
}

function isOfType(value: JsonValue, type: PartType): boolean {
  switch (type) {
    case 'decimal':
      return typeof value === 'number' && Number.isFinite(value)
    case 'unsignedInt':
      return Number.isSafeInteger(value) && (value as number) >= 0
    case 'positiveInt':
      return Number.isSafeInteger(value) && (value as number) > 0
    case 'boolean':
      return typeof value === 'boolean'
    case 'Duration':
    case 'Expression':
      return isJsonObject(value)
    case 'Coding':
      return isCoding(value)
    default:
      return isText(value)
  }
}

function isCoding(value: JsonValue): boolean {
  if (!isJsonObject(value)) return false
  const { system, code, display } = value
  return (
    isText(code) && (system === undefined || isText(system)) && (display === undefined || isText(display))
  )
}

function isText(value: JsonValue | undefined): boolean {
  return typeof value === 'string' && value !== ''
}

/** The text, when it is one of those allowed; else undefined and a fault that lists them. */
export function oneOfCodes<Allowed extends string>(
  found: FoundElement<string> | undefined,
  allowed: readonly Allowed[],
  faults: Faults,
): Allowed | undefined {
  if (found === undefined) return undefined
  const known = allowed.find((it) => it === found.value)
  if (known === undefined)
    faults.add(
      found.element,
      `'${found.value.slice(0, 100)}' is none of: ${allowed.join(', ')}`,
      'code-invalid',
    )
  return known
}
