// `is`, `as` and `ofType` (https://hl7.org/fhirpath/N1/#types, https://hl7.org/fhir/R4/fhirpath.html#types).
import { FALSE, type Item, Node, NONE, TRUE } from './item.ts'
import type { Run, Step } from './run.ts'
import { isSubtype, isTypeName } from './shape.ts'

const SYSTEM: ReadonlySet<string> = new Set([
  'Boolean',
  'String',
  'Integer',
  'Decimal',
  'Date',
  'DateTime',
  'Time',
  'Quantity', // biome-ignore format: a list
])

/** FHIR's primitives as FHIRPath's own types, which `ofType` takes them for. */
const CONVERTED: Readonly<Record<string, string>> = {
  boolean: 'Boolean',
  string: 'String',
  uri: 'String',
  code: 'String',
  oid: 'String',
  id: 'String',
  uuid: 'String',
  markdown: 'String',
  base64Binary: 'String',
  integer: 'Integer',
  unsignedInt: 'Integer',
  positiveInt: 'Integer',
  decimal: 'Decimal',
  date: 'DateTime',
  dateTime: 'DateTime',
  instant: 'DateTime',
  time: 'Time',
  Quantity: 'Quantity',
}

interface TypeName {
  readonly namespace: 'FHIR' | 'System' | undefined
  readonly name: string
}

/** A test for a type; undefined for a name that no type has. */
export function typeTest(
  operator: 'is' | 'as' | 'ofType',
  specifier: string,
): ((run: Run, items: ReturnType<Step>) => ReturnType<Step>) | undefined {
  const wanted = typeName(specifier)
  if (wanted === undefined) return undefined
  if (operator === 'ofType') {
    return (run, items) => {
      run.spend(items.length)
      return items.filter((item) => isConvertible(typeOf(item), wanted))
    }
  }
  return (run, items) => {
    const [item] = items
    if (item === undefined) return NONE
    if (items.length > 1) throw run.fault(`'${operator}' is used on ${items.length} items`)
    const matches = isA(typeOf(item), wanted)
    return operator === 'is' ? (matches ? TRUE : FALSE) : matches ? items : NONE
  }
}

function typeName(specifier: string): TypeName | undefined {
  const [first = '', second, ...more] = specifier.split('.')
  if (more.length > 0) return undefined
  const name = second ?? first
  const namespace = second === undefined ? undefined : first
  if (namespace !== undefined && namespace !== 'FHIR' && namespace !== 'System') return undefined
  const isSystem = namespace !== 'FHIR' && SYSTEM.has(name)
  const isFhir = namespace !== 'System' && isTypeName(name)
  return isSystem || isFhir ? { namespace, name } : undefined
}

function typeOf(item: Item): TypeName {
  if (!(item instanceof Node)) return { namespace: 'System', name: systemType(item) }
  const type = item.shape?.type
  if (type === undefined) return { namespace: 'System', name: systemType(item.data) }
  return type.startsWith('System.')
    ? { namespace: 'System', name: type.slice('System.'.length) }
    : { namespace: 'FHIR', name: type }
}

function systemType(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'Integer' : 'Decimal'
  return typeof value === 'boolean' ? 'Boolean' : typeof value === 'string' ? 'String' : 'Object'
}

function isA(type: TypeName, wanted: TypeName): boolean {
  if (wanted.namespace !== undefined && wanted.namespace !== type.namespace) return false
  return type.namespace === 'FHIR' ? isSubtype(type.name, wanted.name) : type.name === wanted.name
}

function isConvertible(type: TypeName, wanted: TypeName): boolean {
  if (type.namespace === 'FHIR' && wanted.namespace !== 'FHIR' && CONVERTED[type.name] === wanted.name)
    return true
  return isA(type, wanted)
}
