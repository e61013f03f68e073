// Reads the extensions of a ChargeItemDefinition that have named parts (https://hl7.org/fhir/R4/extensibility.html).
import { isJsonObject, type JsonObject, type JsonValue, nearestName } from '../../fhir/index.ts'
import type { RuleFaults } from './rule-faults.ts'
import type { Coding } from './service-facts.ts'

/** A value, and the FHIRPath of the element that holds it. */
export interface Found<Value> {
  readonly value: Value
  readonly element: string
}

interface PartTypes {
  readonly string: string
  readonly code: string
  readonly boolean: boolean
  readonly positiveInt: number
  readonly Coding: Coding
  readonly Expression: JsonObject
}

type PartType = keyof PartTypes

/** The parts that an extension may have, each with the type of its value. */
export type PartTable = Readonly<Record<string, PartType>>

/** What one extension holds, by the names of its parts. */
export interface Parts<Table extends PartTable> {
  readonly element: string
  all<Name extends keyof Table>(name: Name): readonly Found<PartTypes[Table[Name]]>[]
  /** The only one; a second is a fault. */
  one<Name extends keyof Table>(name: Name): Found<PartTypes[Table[Name]]> | undefined
}

/** The elements of a list, each with its FHIRPath; what is no object is a fault. */
export function elementsOf(
  list: JsonValue | undefined,
  element: string,
  faults: RuleFaults,
): readonly Found<JsonObject>[] {
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
export function valueOf<Type extends PartType>(
  { value, element }: Found<JsonObject>,
  type: Type,
  faults: RuleFaults,
): Found<PartTypes[Type]> | undefined {
  const property = `value${type.charAt(0).toUpperCase()}${type.slice(1)}`
  const held = value[property]
  if (held !== undefined && isOfType(held, type))
    return { value: held as PartTypes[Type], element: `${element}.${property}` }
  faults.add(element, `it needs a ${property}${type === 'Coding' ? ' with a code' : ''}`)
  return undefined
}

/** Reads an extension that has named parts; unknown names and values of another type are faults. */
export function partsOf<Table extends PartTable>(
  { value, element }: Found<JsonObject>,
  table: Table,
  faults: RuleFaults,
): Parts<Table> {
  const byName = new Map<string, Found<never>[]>()
  for (const part of elementsOf(value['extension'], `${element}.extension`, faults)) {
    const name = part.value['url']
    if (typeof name !== 'string' || !Object.hasOwn(table, name)) {
      faults.add(part.element, unknownPart(name, Object.keys(table)), 'extension')
      continue
    }
    const read = valueOf(part, table[name] as PartType, faults) as Found<never> | undefined
    if (read !== undefined) byName.set(name, [...(byName.get(name) ?? []), read])
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

/** The text, when it is one of those allowed; else undefined and a fault that lists them. */
export function oneOf<Allowed extends string>(
  found: Found<string> | undefined,
  allowed: readonly Allowed[],
  faults: RuleFaults,
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

function unknownPart(name: JsonValue | undefined, known: readonly string[]): string {
  const nearest = typeof name === 'string' ? nearestName(name, known) : undefined
  const shown = typeof name === 'string' ? `'${name.slice(0, 100)}'` : 'without a url'
  return nearest === undefined
    ? `a part ${shown} is none of: ${known.join(', ')}`
    : `a part ${shown} is not known; did you mean '${nearest}'?`
}

function isOfType(value: JsonValue, type: PartType): boolean {
  switch (type) {
    case 'positiveInt':
      return Number.isSafeInteger(value) && (value as number) > 0
    case 'boolean':
      return typeof value === 'boolean'
    case 'Coding':
      return isCoding(value)
    case 'Expression':
      return isJsonObject(value)
    default:
      return typeof value === 'string' && value !== ''
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
