// Links the compiled definitions of R4 into types, each at its first use.
import type {
  Definitions,
  ElementDefinition,
  Property,
  TypeDefinition,
  TypeReference,
  ValueSetCodes,
} from './definition.ts'
import codesJson from './generated/codes.json' with { type: 'json' }
import compartmentsJson from './generated/compartments.json' with { type: 'json' }
import structuresJson from './generated/structures.json' with { type: 'json' }
import { parseElement } from './notation.ts'
import { enumerateCodes } from './value-set-codes.ts'
import type { EnumeratedValueSet } from './value-set-codes.ts'

// Read as tables, not as the thousands of literal types that the compiler would infer.
const STRUCTURES: Readonly<Record<string, readonly string[]>> = structuresJson as object as Record<
  string,
  string[]
>
const CODES: Readonly<Record<string, EnumeratedValueSet>> = codesJson as object as Record<
  string,
  EnumeratedValueSet
>
const COMPARTMENTS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> =
  compartmentsJson as object as Record<string, Record<string, string[]>>

/** R4 (4.0.1) as the server knows it. Costs next to nothing until a type is asked for. */
export function loadDefinitions(): Definitions {
  const types = new Map<string, TypeDefinition>()
  const valueSets = new Map<string, ValueSetCodes>()
  const resourceTypes = Object.keys(STRUCTURES)
    .filter((name) => STRUCTURES[name]?.[0]?.startsWith('resource '))
    .sort()
  const resourceTypeSet = new Set(resourceTypes)

  function type(name: string): TypeDefinition | undefined {
    const known = types.get(name)
    if (known) return known
    const lines = Object.hasOwn(STRUCTURES, name) && name !== '' ? STRUCTURES[name] : undefined
    const linked = lines && linkType(name, lines, type)
    if (linked) types.set(name, linked)
    return linked
  }

  function codes(valueSet: string): ValueSetCodes | undefined {
    const known = valueSets.get(valueSet)
    if (known) return known
    const enumerated = Object.hasOwn(CODES, valueSet) && valueSet !== '' ? CODES[valueSet] : undefined
    const linked = enumerated && enumerateCodes(enumerated)
    if (linked) valueSets.set(valueSet, linked)
    return linked
  }

  return {
    resourceTypes,
    isResourceType: (name) => resourceTypeSet.has(name),
    type,
    codes,
    compartment: (code, name) => {
      const members = COMPARTMENTS[code] ?? {}
      return Object.hasOwn(members, name) ? (members[name] ?? []) : []
    },
  }
}

type TypeLookup = (name: string) => TypeDefinition | undefined

function linkType(name: string, lines: readonly string[], lookup: TypeLookup): TypeDefinition {
  const [header = '', ...own] = lines
  const words = header.split(' ')
  const abstract = words[0] === 'abstract'
  const [kind = '', base = ''] = abstract ? words.slice(1) : words
  const inherited = lookup(base)?.elements ?? []
  const elements = [...inherited, ...own.map((line) => parseElement(line, name))]
  return {
    name,
    kind: kind as TypeDefinition['kind'],
    abstract,
    base: base === '' ? undefined : base,
    elements,
    properties: linkProperties(elements),
  }
}

function linkProperties(elements: readonly ElementDefinition[]): ReadonlyMap<string, Property> {
  const properties = new Map<string, Property>()
  for (const element of elements) {
    for (const type of element.types) {
      const suffix = element.choice ? type.code.charAt(0).toUpperCase() + type.code.slice(1) : ''
      properties.set(element.name + suffix, {
        element,
        type,
        array: element.max > 1,
        primitive: isPrimitive(type),
        // https://hl7.org/fhir/R4/json.html#primitive; xhtml has no extensions
        sibling: isPrimitive(type) && type.attribute !== true && type.code !== 'xhtml',
      })
    }
  }
  return properties
}

/** R4's primitive types are those whose name starts small. */
function isPrimitive(type: TypeReference): boolean {
  return /^[a-z]/.test(type.code)
}
