// A ValueSet as its codes are worked out (https://hl7.org/fhir/R4/valueset.html).
import { isJsonObject, type JsonObject, type JsonValue, type Resource } from '../../fhir/index.ts'
import type { Versioned } from './canonical.ts'
import { objects, text } from './code-system.ts'

export interface ValueSetFilter {
  readonly property: string
  readonly op: string
  readonly value: string
}

/** One include or exclude: the codes that all of its conditions hold for. */
export interface ValueSetPart {
  readonly system: string | undefined
  readonly version: string | undefined
  /** undefined: not by a list. */
  readonly concept: readonly string[] | undefined
  readonly filter: readonly ValueSetFilter[]
  /** Canonical URLs of other value sets. */
  readonly valueSet: readonly string[]
}

export interface ValueSet extends Versioned {
  /** '' when it has none. */
  readonly url: string
  /** undefined: it is given by its expansion alone. */
  readonly compose:
    | {
        /** Whether codes not in use any more are left out. */
        readonly activeOnly: boolean
        readonly include: readonly ValueSetPart[]
        readonly exclude: readonly ValueSetPart[]
      }
    | undefined
  /** The stored expansion, when it holds every code. */
  readonly expansion: readonly { readonly system: string; readonly code: string }[] | undefined
}

export function readValueSet(resource: Resource): ValueSet {
  const { url, version, status, compose, expansion } = resource
  return {
    url: text(url) ?? '',
    version: text(version),
    status: text(status) ?? 'unknown',
    compose: isJsonObject(compose)
      ? {
          activeOnly: compose['inactive'] === false,
          include: objects(compose['include']).map(partOf),
          exclude: objects(compose['exclude']).map(partOf),
        }
      : undefined,
    expansion: isJsonObject(expansion) && isComplete(expansion) ? expansionCodes(expansion) : undefined,
  }
}

function partOf({ system, version, concept, filter, valueSet }: JsonObject): ValueSetPart {
  return {
    system: text(system),
    version: text(version),
    concept: Array.isArray(concept) ? objects(concept).flatMap(({ code }) => text(code) ?? []) : undefined,
    filter: objects(filter).map((it) => ({
      property: text(it['property']) ?? '',
      op: text(it['op']) ?? '',
      value: text(it['value']) ?? '',
    })),
    valueSet: Array.isArray(valueSet) ? valueSet.flatMap((it) => text(it) ?? []) : [],
  }
}

/** Parameters of an expansion that leave codes out. */
const LIMITING = new Set(['count', 'offset', 'filter', 'activeOnly', 'limitedExpansion', 'excludeNotForUI'])

/** Extensions by which an expansion says that it is not all. */
const NOT_ALL = /\/valueset-(unclosed|toocostly)$/

function isComplete(expansion: JsonObject): boolean {
  const limited = objects(expansion['parameter']).some(
    ({ name, valueBoolean, valueInteger }) =>
      LIMITING.has(text(name) ?? '') && valueBoolean !== false && !(name === 'offset' && valueInteger === 0),
  )
  const cut = objects(expansion['extension']).some(
    ({ url, valueBoolean }) => NOT_ALL.test(text(url) ?? '') && valueBoolean !== false,
  )
  const { total, offset } = expansion
  return (
    !limited &&
    !cut &&
    (offset === undefined || offset === 0) &&
    (total === undefined || total === countOf(expansion['contains']))
  )
}

/** Groups, which have no code, are not counted. */
function countOf(contains: JsonValue | undefined): number {
  return objects(contains).reduce(
    (sum, it) => sum + (it['code'] === undefined ? 0 : 1) + countOf(it['contains']),
    0,
  )
}

function expansionCodes({ contains }: JsonObject): { readonly system: string; readonly code: string }[] {
  return objects(contains).flatMap((it) => {
    const code = text(it['code'])
    // What is abstract stands there to group the others, and may not be chosen.
    const own =
      code === undefined || it['abstract'] === true ? [] : [{ system: text(it['system']) ?? '', code }]
    return [...own, ...expansionCodes(it)]
  })
}
