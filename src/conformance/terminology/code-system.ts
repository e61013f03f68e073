// A CodeSystem as codes are looked up in it (https://hl7.org/fhir/R4/codesystem.html).
import { isJsonObject, type JsonObject, type JsonValue, type Resource } from '../../fhir/index.ts'
import type { Versioned } from './canonical.ts'

export interface Concept {
  readonly code: string
  readonly display: string | undefined
  /** Keys (see `keyOf`) of the concepts next above and below: by nesting and by the properties parent and child. */
  readonly parents: Set<string>
  readonly children: Set<string>
  /** By property code, each value as text. */
  readonly properties: ReadonlyMap<string, readonly string[]>
}

export interface CodeSystem extends Versioned {
  readonly url: string
  /** Only of a `complete` one is every code here. */
  readonly content: string
  readonly caseSensitive: boolean
  /** `is-a` when it does not say, as codes are nested for that. */
  readonly hierarchyMeaning: string
  /** By key. */
  readonly concepts: ReadonlyMap<string, Concept>
}

/** What `codeSystemOf` makes one of. */
export interface CodeSystemHead extends Versioned {
  readonly url: string
  readonly content: string
  readonly caseSensitive: boolean
  readonly hierarchyMeaning: string | undefined
  /** Codes of the properties whose values are the codes of parents, and of children. */
  readonly parentProperties: ReadonlySet<string>
  readonly childProperties: ReadonlySet<string>
}

export interface ConceptRow {
  readonly code: string
  readonly display: string | undefined
  /** The code under which it is nested. */
  readonly parent: string | undefined
  readonly properties: ReadonlyMap<string, readonly string[]>
}

/** By what a code is found: itself, or its lower case where the system's codes do not differ by case. */
export function keyOf(caseSensitive: boolean, code: string): string {
  return caseSensitive ? code : code.toLowerCase()
}

export function codeSystemOf(head: CodeSystemHead, rows: Iterable<ConceptRow>): CodeSystem {
  const { parentProperties, childProperties, hierarchyMeaning = 'is-a', ...plain } = head
  const key = (code: string): string => keyOf(head.caseSensitive, code)
  const concepts = new Map<string, Concept>()
  const edges: (readonly [parent: string, child: string])[] = []
  for (const { code, display, parent, properties } of rows) {
    const own = key(code)
    if (parent !== undefined) edges.push([key(parent), own])
    for (const name of parentProperties)
      for (const it of properties.get(name) ?? []) edges.push([key(it), own])
    for (const name of childProperties)
      for (const it of properties.get(name) ?? []) edges.push([own, key(it)])
    if (!concepts.has(own))
      concepts.set(own, { code, display, parents: new Set(), children: new Set(), properties })
  }
  for (const [parent, child] of edges) {
    concepts.get(parent)?.children.add(child)
    concepts.get(child)?.parents.add(parent)
  }
  return { ...plain, hierarchyMeaning, concepts }
}

/** Keys of the concept itself and of all above or below it. */
export function reachable({ concepts }: CodeSystem, from: string, direction: 'above' | 'below'): Set<string> {
  const found = new Set([from])
  // A set gives what is added while it is gone through, and each once.
  for (const key of found) {
    const concept = concepts.get(key)
    for (const next of (direction === 'above' ? concept?.parents : concept?.children) ?? [])
      if (concepts.has(next)) found.add(next)
  }
  return found
}

const PARENT = /(^|#)parent$/
const CHILD = /(^|#)child$/

/** A stored one; undefined for a supplement, which has no codes of its own. */
export function readCodeSystem(resource: Resource): CodeSystem | undefined {
  const { url, version, status, content, caseSensitive, hierarchyMeaning } = resource
  if (typeof url !== 'string' || content === 'supplement') return undefined
  const properties = objects(resource['property'])
  const named = (pattern: RegExp): ReadonlySet<string> =>
    new Set(
      properties.flatMap(({ code, uri }) =>
        typeof code === 'string' && pattern.test(typeof uri === 'string' ? uri : code) ? [code] : [],
      ),
    )
  return codeSystemOf(
    {
      url,
      version: text(version),
      status: text(status) ?? 'unknown',
      content: text(content) ?? 'not-present',
      caseSensitive: caseSensitive !== false,
      hierarchyMeaning: text(hierarchyMeaning),
      parentProperties: named(PARENT),
      childProperties: named(CHILD),
    },
    rowsOf(objects(resource['concept']), undefined),
  )
}

function* rowsOf(concepts: readonly JsonObject[], parent: string | undefined): Iterable<ConceptRow> {
  for (const { code, display, property, concept } of concepts) {
    if (typeof code !== 'string') continue
    yield { code, display: text(display), parent, properties: propertiesOf(objects(property)) }
    yield* rowsOf(objects(concept), code)
  }
}

const NO_PROPERTIES: ReadonlyMap<string, readonly string[]> = new Map()

function propertiesOf(properties: readonly JsonObject[]): ReadonlyMap<string, readonly string[]> {
  if (properties.length === 0) return NO_PROPERTIES
  const found = new Map<string, string[]>()
  for (const { code, ...rest } of properties) {
    const [, value] = Object.entries(rest).find(([name]) => name.startsWith('value')) ?? []
    // Of a Coding its code.
    const plain = isJsonObject(value) ? value['code'] : value
    if (typeof code !== 'string' || plain === undefined || plain === null) continue
    const values = found.get(code)
    if (values === undefined) found.set(code, [String(plain)])
    else values.push(String(plain))
  }
  return found
}

export function objects(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}

export function text(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}
