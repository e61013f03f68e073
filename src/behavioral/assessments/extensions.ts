// Reads extensions of a Questionnaire, simple ones and those of named parts (https://hl7.org/fhir/R4/extensibility.html).
import { isJsonObject, type JsonObject, type JsonValue, nearestName } from '../../fhir/index.ts'
import type { Faults } from './faults.ts'

/** A value, and the FHIRPath of the element that holds it. */
export interface Found<Value> {
  readonly value: Value
  readonly element: string
}

interface PartTypes {
  readonly string: string
  readonly code: string
  readonly id: string
  readonly canonical: string
  readonly decimal: number
  readonly unsignedInt: number
  readonly boolean: boolean
  readonly Duration: JsonObject
  readonly Expression: JsonObject
  readonly Coding: JsonObject
}

type PartType = keyof PartTypes

/** The parts that an extension may have, each with the type of its value. */
export type PartTable = Readonly<Record<string, PartType>>

type ValueOf<Table extends PartTable, Name extends keyof Table> = PartTypes[Table[Name]]

/** What one extension holds, by the names of its parts. */
export interface Parts<Table extends PartTable> {
  readonly element: string
  all<Name extends keyof Table>(name: Name): readonly Found<ValueOf<Table, Name>>[]
  /** The only one; a second is a fault. */
  one<Name extends keyof Table>(name: Name): Found<ValueOf<Table, Name>> | undefined
}

/** The extensions of this url that an element has; `element` is its FHIRPath. */
export function extensionsOf(owner: JsonObject, element: string, url: string): readonly Found<JsonObject>[] {
  const { extension } = owner
  if (!Array.isArray(extension)) return []
  const found: Found<JsonObject>[] = []
  for (const [index, value] of extension.entries()) {
    if (isJsonObject(value) && value['url'] === url)
      found.push({ value, element: `${element}.extension[${index}]` })
  }
  return found
}

/** The value of a simple extension; undefined, and a fault, where it has none of this type. */
export function valueOf<Type extends PartType>(
  { value, element }: Found<JsonObject>,
  type: Type,
  faults: Faults,
): Found<PartTypes[Type]> | undefined {
  const property = `value${type.charAt(0).toUpperCase()}${type.slice(1)}`
  const held = value[property]
  if (held !== undefined && isOfType(held, type))
    return { value: held as PartTypes[Type], element: `${element}.${property}` }
  faults.add(element, `it needs a ${property}`)
  return undefined
}

/** Reads an extension that has named parts; unknown names and values of another type are faults. */
export function partsOf<Table extends PartTable>(
  { value, element }: Found<JsonObject>,
  table: Table,
  faults: Faults,
): Parts<Table> {
  const byName = new Map<string, Found<never>[]>()
  const parts = Array.isArray(value['extension']) ? value['extension'] : []
  for (const [index, part] of parts.entries()) {
    const at = `${element}.extension[${index}]`
    const name = isJsonObject(part) ? part['url'] : undefined
    if (typeof name !== 'string' || !Object.hasOwn(table, name)) {
      faults.add(at, unknownPart(name, table), 'extension')
      continue
    }
    const read = valueOf({ value: part as JsonObject, element: at }, table[name] as PartType, faults)
    if (read === undefined) continue
    const others = byName.get(name)
    if (others === undefined) byName.set(name, [read as Found<never>])
    else others.push(read as Found<never>)
  }
  const all = (name: keyof Table): readonly Found<never>[] => byName.get(name as string) ?? []
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

function unknownPart(name: unknown, table: PartTable): string {
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
    case 'boolean':
      return typeof value === 'boolean'
    case 'Duration':
    case 'Expression':
    case 'Coding':
      return isJsonObject(value)
    default:
      return typeof value === 'string' && value !== ''
  }
}

/** The text, when it is one of those allowed; else undefined and a fault that lists them. */
export function oneOf<Allowed extends string>(
  found: Found<string> | undefined,
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
