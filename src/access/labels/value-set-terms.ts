// What a ValueSet lists, as terms to be matched (https://hl7.org/fhir/R4/valueset.html).
import { isJsonObject, type JsonObject, type JsonValue, type Resource } from '../../fhir/index.ts'
import { isHierarchicalBySpelling, systemKey } from './code-systems.ts'
import { ALWAYS, readPeriod, type Span } from './clinical-span.ts'
import type { NoteFault } from './faults.ts'
import { intersection, term, type Term } from './term.ts'

/** On a concept of a ValueSet: the time in which the code counts (valuePeriod, both days included). */
export const CODE_VALIDITY = 'https://alcove.health/fhir/StructureDefinition/code-validity'

export interface ValueSetTerms {
  /** What the ValueSet of this canonical, perhaps with `|version`, lists; undefined when there is none such. */
  of(canonical: string): readonly Term[] | undefined
}

interface Reading {
  readonly valueSet: Resource
  /** Value sets that led here, by which one that includes itself is known. */
  readonly within: readonly Resource[]
}

/**
 * Reads ValueSets, each when it is first asked for. What cannot be told of one is a fault, and leaves the rest of it as
 * it is: nothing that can be told is left out, and no exclusion counts that cannot be told.
 */
export function valueSetTerms(valueSets: readonly Resource[], fault: NoteFault): ValueSetTerms {
  const read = new Map<Resource, readonly Term[]>()
  let circles = 0

  function find(canonical: string): Resource | undefined {
    const [url, version] = canonical.split('|')
    const named = valueSets.filter((it) => it['url'] === url)
    // The one of another version rather than none: which of them is the right one, nobody can tell here.
    return named.find((it) => it['version'] === version) ?? named.at(-1)
  }

  function termsOf(reading: Reading): readonly Term[] {
    const { valueSet, within } = reading
    const known = read.get(valueSet)
    if (known !== undefined) return known
    if (within.includes(valueSet)) {
      circles++
      fault(valueSet, 'ValueSet.compose', 'It includes itself by way of others.')
      return []
    }
    const { compose, expansion } = valueSet
    const before = circles
    const composed = isJsonObject(compose) ? composedTerms(compose, reading) : undefined
    const expanded = isJsonObject(expansion) ? expandedTerms(expansion['contains']) : undefined
    if (composed === undefined && expanded === undefined)
      fault(valueSet, 'ValueSet', 'It has neither a compose nor an expansion, so it lists no code.')
    const terms =
      composed?.whole === true ? composed.terms : [...(composed?.terms ?? []), ...(expanded ?? [])]
    // In a circle, what was read on the way round lacks what it was read for.
    if (circles === before || within.length === 0) read.set(valueSet, terms)
    return terms
  }

  /** `whole`: all of it could be told. */
  function composedTerms(compose: JsonObject, reading: Reading): { terms: readonly Term[]; whole: boolean } {
    let whole = true
    const note = (path: string, message: string): void => {
      whole = false
      fault(reading.valueSet, `ValueSet.compose.${path}`, message)
    }
    const include = objects(compose['include']).flatMap((part, at) =>
      partTerms(part, `include[${at}]`, reading, note, 'more'),
    )
    const exclude = objects(compose['exclude']).flatMap((part, at) =>
      partTerms(part, `exclude[${at}]`, reading, note, 'fewer'),
    )
    const terms =
      exclude.length === 0 ? include : include.map((it) => ({ ...it, except: [...it.except, ...exclude] }))
    return { terms, whole }
  }

  /** What cannot be told is read so that an include has more by it, or an exclude fewer. */
  function partTerms(
    part: JsonObject,
    path: string,
    reading: Reading,
    note: (path: string, message: string) => void,
    doubt: 'more' | 'fewer',
  ): readonly Term[] {
    const { system, concept, filter, valueSet } = part
    let terms: readonly Term[] | undefined
    let untold = false
    if (Array.isArray(valueSet))
      valueSet.forEach((canonical, at) => {
        const found = typeof canonical === 'string' ? find(canonical) : undefined
        if (found === undefined) {
          untold = true
          note(`${path}.valueSet[${at}]`, `There is no ValueSet ${String(canonical)}.`)
          return
        }
        const listed = termsOf({ valueSet: found, within: [...reading.within, reading.valueSet] })
        terms = terms === undefined ? listed : intersection(terms, listed)
      })
    if (typeof system === 'string') {
      const key = systemKey(system)
      const alternatives: (readonly Term[])[] = []
      if (Array.isArray(concept)) {
        const dated = doubt === 'fewer' && objects(concept).some((it) => it['extension'] !== undefined)
        if (dated)
          note(`${path}.concept`, 'What is excluded for a time only cannot be told; it stays included.')
        alternatives.push(
          dated
            ? []
            : objects(concept).flatMap((it, at) => conceptTerm(key, it, `${path}.concept[${at}]`, note)),
        )
      }
      objects(filter).forEach((it, at) => {
        const filtered = filterTerms(key, it)
        if (typeof filtered !== 'string') return alternatives.push(filtered)
        untold = true
        note(`${path}.filter[${at}]`, filtered)
      })
      if (alternatives.length === 0 && !untold) alternatives.push([term(key, 'all', '')])
      for (const listed of alternatives) terms = terms === undefined ? listed : intersection(terms, listed)
    }
    return untold && doubt === 'fewer' ? [] : (terms ?? [])
  }

  return {
    of: (canonical) => {
      const valueSet = find(canonical)
      return valueSet && termsOf({ valueSet, within: [] })
    },
  }
}

function conceptTerm(
  system: string,
  concept: JsonObject,
  path: string,
  note: (path: string, message: string) => void,
): readonly Term[] {
  const { code, extension } = concept
  if (typeof code !== 'string') return []
  let span: Span = ALWAYS
  for (const { url, valuePeriod } of objects(extension)) {
    if (url !== CODE_VALIDITY) continue
    const period = readPeriod(valuePeriod)
    if (period === undefined || period.low >= period.high)
      note(`${path}.extension`, 'The period of the code cannot be read, so the code counts always.')
    else span = period
  }
  return [term(system, 'code', code, span)]
}

/** What the filter picks of the system, or why that cannot be told. */
function filterTerms(system: string, { property, op, value }: JsonObject): readonly Term[] | string {
  if (typeof value !== 'string' || value.trim() === '') return 'A filter needs a value.'
  if (property !== 'concept' && property !== 'code')
    return `Codes are known here by themselves, not by a property ${String(property)}: use concept.`
  switch (op) {
    case '=':
      return [term(system, 'code', value)]
    case 'in':
      return value.split(',').map((code) => term(system, 'code', code))
    case 'is-a':
    case 'descendent-of': {
      if (!isHierarchicalBySpelling(system))
        return "What is below a code is known here for ICD alone, where a code's spelling tells it. List the codes."
      const below = term(system, 'below', value)
      return [op === 'is-a' ? below : { ...below, except: [term(system, 'code', value)] }]
    }
    default:
      return `The filter operator ${String(op)} is not known here: use is-a, descendent-of, = or in.`
  }
}

function expandedTerms(contains: JsonValue | undefined): readonly Term[] {
  return objects(contains).flatMap(({ system, code, abstract, contains: inner }) => {
    const own =
      typeof system === 'string' && typeof code === 'string' && abstract !== true
        ? [term(systemKey(system), 'code', code)]
        : []
    return [...own, ...expandedTerms(inner)]
  })
}

function objects(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}
