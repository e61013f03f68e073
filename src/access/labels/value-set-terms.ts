// What a ValueSet lists, as terms to be matched (https://hl7.org/fhir/R4/valueset.html).
import { isJsonObject, type JsonObject, type JsonValue, type Resource } from '../../fhir/index.ts'
import { isHierarchicalBySpelling, systemKey } from './code-systems.ts'
import { isAlways, isEmpty, readPeriod } from './clinical-span.ts'
import type { NoteFault } from './faults.ts'
import { intersection, term, type Term } from './term.ts'

/** On a concept of a ValueSet: the time in which the code counts (valuePeriod, both days included). */
export const CODE_VALIDITY = 'https://alcove.health/fhir/StructureDefinition/code-validity'

export interface ValueSetTerms {
  /** What the ValueSet of this canonical, perhaps with `|version`, lists; undefined when there is none such. */
  of(canonical: string): readonly Term[] | undefined
}

interface Listed {
  readonly terms: readonly Term[]
  /** Whether they are all that it lists; false when some of it cannot be told. */
  readonly whole: boolean
}

const UNTOLD: Listed = Object.freeze({ terms: [], whole: false })

interface Reading {
  readonly valueSet: Resource
  /** Value sets that led here, by which one that includes itself is known. */
  readonly within: readonly Resource[]
  readonly note: (path: string, message: string) => void
}

/**
 * Reads ValueSets, each when it is first asked for. What cannot be told of one is a fault. Where there is doubt it lists
 * more: of several conditions on one include, those that cannot be told are passed over, and an exclude of which anything
 * cannot be told excludes nothing. An include of which nothing can be told lists nothing: else it would be a whole system.
 */
export function valueSetTerms(valueSets: readonly Resource[], fault: NoteFault): ValueSetTerms {
  const read = new Map<Resource, Listed>()
  let circles = 0

  function find(canonical: string): Resource | undefined {
    const [url, version] = canonical.split('|')
    const named = valueSets.filter((it) => it['url'] === url)
    // The one of another version rather than none: which of them is the right one, nobody can tell here.
    return named.find((it) => it['version'] === version) ?? named.at(-1)
  }

  function listedBy(valueSet: Resource, within: readonly Resource[]): Listed {
    const known = read.get(valueSet)
    if (known !== undefined) return known
    if (within.includes(valueSet)) {
      circles++
      fault(valueSet, 'ValueSet.compose', 'It includes itself by way of others.')
      return UNTOLD
    }
    const before = circles
    const note = (path: string, message: string): void => fault(valueSet, path, message)
    const listed = listing({ valueSet, within, note })
    // In a circle, what was read on the way round lacks what it was read for.
    if (circles === before || within.length === 0) read.set(valueSet, listed)
    return listed
  }

  function listing(reading: Reading): Listed {
    const { compose, expansion } = reading.valueSet
    const composed = isJsonObject(compose) ? composition(compose, reading) : undefined
    if (composed?.whole === true) return composed
    const expanded = isJsonObject(expansion) ? expandedTerms(expansion['contains']) : undefined
    if (composed === undefined && expanded === undefined)
      reading.note('ValueSet', 'It has neither a compose nor an expansion, so it lists no code.')
    return {
      terms: [...(composed?.terms ?? []), ...(expanded ?? [])],
      whole: composed === undefined && expanded !== undefined,
    }
  }

  function composition(compose: JsonObject, reading: Reading): Listed {
    const include = objects(compose['include']).map((part, at) =>
      listedByPart(part, `ValueSet.compose.include[${at}]`, reading),
    )
    const exclude = objects(compose['exclude']).map((part, at) =>
      listedByPart(part, `ValueSet.compose.exclude[${at}]`, reading),
    )
    const except = exclude.flatMap(({ terms, whole }, at) => {
      const isForATime = terms.some(({ span }) => !isAlways(span))
      if (isForATime)
        reading.note(
          `ValueSet.compose.exclude[${at}]`,
          'What is excluded for a time only cannot be told; it stays included.',
        )
      return whole && !isForATime ? terms : []
    })
    const included = include.flatMap(({ terms }) => terms)
    return {
      terms:
        except.length === 0 ? included : included.map((it) => ({ ...it, except: [...it.except, ...except] })),
      whole: [...include, ...exclude].every(({ whole }) => whole),
    }
  }

  function listedByPart(part: JsonObject, path: string, reading: Reading): Listed {
    const bySets = valueSetConditions(part, path, reading)
    const bySystem = systemConditions(part, path, reading)
    // A whole system cannot stand in for value sets of which nothing can be told.
    const isSystemAlone = part['concept'] === undefined && part['filter'] === undefined
    const untold = bySets.length > 0 && bySets.every((it) => !it.whole)
    const conditions = isSystemAlone && untold ? bySets : [...bySets, ...bySystem]
    const whole = conditions.filter((it) => it.whole)
    if (whole.length === 0) return { terms: conditions.flatMap(({ terms }) => terms), whole: false }
    return {
      terms: whole.map(({ terms }) => terms).reduce(intersection),
      whole: whole.length === conditions.length,
    }
  }

  function valueSetConditions({ valueSet }: JsonObject, path: string, reading: Reading): readonly Listed[] {
    if (!Array.isArray(valueSet)) return []
    return valueSet.map((canonical, at) => {
      const found = typeof canonical === 'string' ? find(canonical) : undefined
      if (found !== undefined) return listedBy(found, [...reading.within, reading.valueSet])
      reading.note(`${path}.valueSet[${at}]`, `There is no ValueSet ${String(canonical)}.`)
      return UNTOLD
    })
  }

  return {
    of: (canonical) => {
      const valueSet = find(canonical)
      return valueSet && listedBy(valueSet, []).terms
    },
  }
}

/** What is asked of a code by its system, a list of codes, and filters. */
function systemConditions(
  { system, concept, filter }: JsonObject,
  path: string,
  { note }: Reading,
): readonly Listed[] {
  if (typeof system !== 'string') return []
  const key = systemKey(system)
  const conditions: Listed[] = []
  if (Array.isArray(concept)) conditions.push(listedConcepts(key, concept, path, note))
  objects(filter).forEach((it, at) => {
    const filtered = filterTerms(key, it)
    if (typeof filtered === 'string') note(`${path}.filter[${at}]`, filtered)
    conditions.push(typeof filtered === 'string' ? UNTOLD : { terms: filtered, whole: true })
  })
  return conditions.length > 0 ? conditions : [{ terms: [term(key, 'all', '')], whole: true }]
}

function listedConcepts(
  system: string,
  concepts: readonly JsonValue[],
  path: string,
  note: Reading['note'],
): Listed {
  let whole = true
  const terms = objects([...concepts]).flatMap(({ code, extension }, at) => {
    if (typeof code !== 'string') return []
    const validity = objects(extension).find(({ url }) => url === CODE_VALIDITY)
    if (validity === undefined) return [term(system, 'code', code)]
    const period = readPeriod(validity['valuePeriod'])
    if (period !== undefined && !isEmpty(period)) return [term(system, 'code', code, period)]
    whole = false
    note(
      `${path}.concept[${at}].extension`,
      'The period of the code cannot be read, so the code counts always.',
    )
    return [term(system, 'code', code)]
  })
  return { terms, whole }
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
