// Reads the notation of `generated/structures.json`: one line an element, written by scripts/build-definitions.
//
//   <name> <min>..<max> <flags> <types> [<strength>:<value set>]
//   gender 0..1 S code required:administrative-gender
//
// A name ends in [x] for a choice. Flags are S (summary), M (modifier) or -. Types stand apart by `|`:
// `Reference(Patient,Group)` with targets, `Quantity{SimpleQuantity}` with a profile, `@Patient.contact` a
// backbone or a content reference, `$uri` a value of a FHIRPath system type, which has no `_name` sibling.
import type { Binding, ElementDefinition, TypeReference } from './definition.ts'

const VALUE_SET_URL = 'http://hl7.org/fhir/ValueSet/'

/** `owner` is the type that the element belongs to, for its path. */
export function parseElement(line: string, owner: string): ElementDefinition {
  const [written = '', cardinality = '', flags = '', types = '', binding] = line.split(' ')
  const choice = written.endsWith('[x]')
  const [min = '0', max = '1'] = cardinality.split('..')
  return {
    name: choice ? written.slice(0, -3) : written,
    path: `${owner}.${written}`,
    min: Number(min),
    max: max === '*' ? Number.POSITIVE_INFINITY : Number(max),
    types: types.split('|').map(parseType),
    choice,
    summary: flags.includes('S'),
    modifier: flags.includes('M'),
    ...(binding === undefined ? {} : { binding: parseBinding(binding) }),
  }
}

function parseType(text: string): TypeReference {
  if (text.startsWith('@')) return { code: text.slice(1), targets: [] }
  if (text.startsWith('$')) return { code: text.slice(1), targets: [], attribute: true }
  const [, code = '', profile, targets] = /^(\w+)(?:\{(\w+)\})?(?:\((.*)\))?$/.exec(text) ?? []
  return {
    code,
    targets: targets?.split(',') ?? [],
    ...(profile === undefined ? {} : { profile }),
  }
}

function parseBinding(text: string): Binding {
  const colon = text.indexOf(':')
  const valueSet = text.slice(colon + 1)
  return {
    strength: text.slice(0, colon) as Binding['strength'],
    valueSet: valueSet.includes(':') ? valueSet : VALUE_SET_URL + valueSet,
  }
}
