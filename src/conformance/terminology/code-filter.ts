// The filters by which a ValueSet picks codes of a CodeSystem (https://hl7.org/fhir/R4/valueset-filter-operator.html).
import { runInNewContext } from 'node:vm'
import { FhirError } from '../../fhir/index.ts'
import { keyOf, reachable, type CodeSystem, type Concept } from './code-system.ts'
import { Undecidable } from './members.ts'
import type { ValueSetFilter } from './value-set.ts'

/** For all codes of one filter. A pattern can be written that would take longer than the world has been. */
const REGEX_MS = 200

/**
 * Keys of the concepts that pass. The system must be complete.
 * @throws Undecidable for a property, operator or value that has no meaning in this system
 * @throws FhirError `too-costly` for a pattern that takes too long
 */
export function passing(system: CodeSystem, filter: ValueSetFilter): Set<string> {
  const { op, value, property } = filter
  switch (op) {
    case 'is-a':
      return byHierarchy(system, filter, 'below')
    case 'descendent-of': {
      const below = byHierarchy(system, filter, 'below')
      below.delete(keyOf(system.caseSensitive, value))
      return below
    }
    case 'is-not-a':
      return without(system, byHierarchy(system, filter, 'below'))
    case 'generalizes':
      return byHierarchy(system, filter, 'above')
    case '=':
      return having(system, property, [value])
    case 'in':
      return having(system, property, listed(value))
    case 'not-in':
      return without(system, having(system, property, listed(value)))
    case 'regex':
      return matching(system, property, value)
    case 'exists': {
      if (value !== 'true' && value !== 'false')
        throw new Undecidable(`The filter "${property} exists" takes true or false, not ${shown(value)}.`)
      const present = keysWhere(system, valuesReader(system, property), (values) => values.length > 0)
      return value === 'true' ? present : without(system, present)
    }
    default:
      throw new Undecidable(`R4 has no filter operator ${shown(op)}.`)
  }
}

function byHierarchy(
  system: CodeSystem,
  { property, op, value }: ValueSetFilter,
  direction: 'above' | 'below',
): Set<string> {
  if (property !== 'concept' && property !== 'code')
    throw new Undecidable(`The filter operator ${op} is for concept, not for ${shown(property)}.`)
  requireHierarchy(system)
  const from = keyOf(system.caseSensitive, value)
  if (!system.concepts.has(from)) throw new Undecidable(`${system.url} has no code ${shown(value)}.`)
  return reachable(system, from, direction)
}

/** @throws Undecidable where codes stand below others for another reason than that they are narrower */
export function requireHierarchy({ url, hierarchyMeaning }: CodeSystem): void {
  if (hierarchyMeaning !== 'is-a')
    throw new Undecidable(
      `The hierarchy of ${url} is "${hierarchyMeaning}", so no code is a kind of another.`,
    )
}

function having(system: CodeSystem, property: string, wanted: readonly string[]): Set<string> {
  const codes = property === 'concept' || property === 'code' || property === 'parent' || property === 'child'
  const key = (value: string): string => (codes ? keyOf(system.caseSensitive, value) : value)
  const set = new Set(wanted.map(key))
  return keysWhere(system, valuesReader(system, property), (values) => values.some((it) => set.has(key(it))))
}

function matching(system: CodeSystem, property: string, pattern: string): Set<string> {
  const read = valuesReader(system, property)
  let regex: RegExp
  try {
    regex = new RegExp(`^(?:${pattern})$`, system.caseSensitive ? 'u' : 'iu')
  } catch {
    throw new Undecidable(`${shown(pattern)} is no regular expression.`)
  }
  const rows = [...system.concepts].map(([key, concept]) => ({ key, values: read(concept) }))
  try {
    const found = runInNewContext(
      'rows.filter(({ values }) => values.some((it) => regex.test(it))).map(({ key }) => key)',
      { rows, regex },
      { timeout: REGEX_MS },
    ) as string[]
    return new Set(found)
  } catch (cause) {
    throw new FhirError(
      'too-costly',
      `The regular expression ${shown(pattern)} of a value set takes too long.`,
      {
        cause,
      },
    )
  }
}

function keysWhere(
  { concepts }: CodeSystem,
  read: (concept: Concept) => readonly string[],
  holds: (values: readonly string[]) => boolean,
): Set<string> {
  const found = new Set<string>()
  for (const [key, concept] of concepts) if (holds(read(concept))) found.add(key)
  return found
}

function without({ concepts }: CodeSystem, keys: ReadonlySet<string>): Set<string> {
  return new Set([...concepts.keys()].filter((key) => !keys.has(key)))
}

/** @throws Undecidable when no concept has the property: then it is not known here rather than absent everywhere */
function valuesReader(system: CodeSystem, property: string): (concept: Concept) => readonly string[] {
  switch (property) {
    case 'concept':
    case 'code':
      return ({ code }) => [code]
    case 'parent':
      return ({ parents }) => [...parents]
    case 'child':
      return ({ children }) => [...children]
  }
  const own = (concept: Concept): readonly string[] => concept.properties.get(property) ?? []
  const display = ({ display: text }: Concept): readonly string[] => (text === undefined ? [] : [text])
  const read = property === 'display' ? display : own
  for (const concept of system.concepts.values()) if (read(concept).length > 0) return read
  throw new Undecidable(`No code of ${system.url} has a property ${shown(property)} here.`)
}

function listed(value: string): readonly string[] {
  return value.split(',').map((it) => it.trim())
}

function shown(text: string): string {
  return `'${text.length > 80 ? `${text.slice(0, 80)}...` : text}'`
}
