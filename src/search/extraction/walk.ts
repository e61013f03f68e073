// Visits every value that a type's parameters are about in one pass: paths that begin alike are walked once.
import { isJsonObject, parseReference, type JsonObject, type JsonValue } from '../../fhir/index.ts'
import type { Condition, Segment, ValuePath } from './paths.ts'

interface Node<Leaf> {
  readonly segment: Segment
  readonly test: ((value: JsonValue) => boolean) | undefined
  readonly leaves: Leaf[]
  readonly children: Node<Leaf>[]
}

export interface Walk<Leaf> {
  /** Calls `visit` with each value found and what its path stands for; nulls are passed over. */
  (resource: JsonObject, visit: (leaf: Leaf, value: JsonValue) => void): void
}

/** One walk for all these paths. `baseUrl` as in `parseReference`. */
export function createWalk<Leaf>(
  paths: readonly { readonly path: ValuePath; readonly leaf: Leaf }[],
  baseUrl: string,
): Walk<Leaf> {
  const roots: Node<Leaf>[] = []
  for (const { path, leaf } of paths) {
    let level = roots
    let node: Node<Leaf> | undefined
    for (const segment of path.segments) {
      node = level.find((it) => sameSegment(it.segment, segment))
      if (node === undefined) {
        node = { segment, test: testOf(segment.conditions, baseUrl), leaves: [], children: [] }
        level.push(node)
      }
      level = node.children
    }
    node?.leaves.push(leaf)
  }
  return (resource, visit) => enterAll(roots, resource, visit)
}

function enterAll<Leaf>(
  nodes: readonly Node<Leaf>[],
  object: JsonObject,
  visit: (leaf: Leaf, value: JsonValue) => void,
): void {
  for (const node of nodes) {
    const value = object[node.segment.key]
    if (value === undefined || value === null) continue
    if (!Array.isArray(value)) {
      if (node.segment.position === undefined || node.segment.position === 0) enter(node, value, visit)
    } else if (node.segment.position === undefined) {
      for (const item of value) enter(node, item, visit)
    } else {
      const item = value[node.segment.position]
      if (item !== undefined) enter(node, item, visit)
    }
  }
}

function enter<Leaf>(
  node: Node<Leaf>,
  value: JsonValue,
  visit: (leaf: Leaf, value: JsonValue) => void,
): void {
  if (value === null || (node.test !== undefined && !node.test(value))) return
  for (const leaf of node.leaves) visit(leaf, value)
  if (node.children.length > 0 && isJsonObject(value)) enterAll(node.children, value, visit)
}

function sameSegment(a: Segment, b: Segment): boolean {
  return (
    a.key === b.key &&
    a.position === b.position &&
    JSON.stringify(a.conditions) === JSON.stringify(b.conditions)
  )
}

function testOf(
  conditions: readonly Condition[],
  baseUrl: string,
): ((value: JsonValue) => boolean) | undefined {
  if (conditions.length === 0) return undefined
  const tests = conditions.map((condition) =>
    condition[0] === 'equals'
      ? (value: JsonValue) => isJsonObject(value) && value[condition[1]] === condition[2]
      : (value: JsonValue) => isJsonObject(value) && refersTo(value, condition[1], baseUrl),
  )
  return (value) => tests.every((test) => test(value))
}

/** `resolve() is T` without resolving: by the reference's text or, where that does not tell, its `type`. */
function refersTo({ reference, type }: JsonObject, wanted: string, baseUrl: string): boolean {
  if (typeof reference === 'string') {
    const parsed = parseReference(reference, baseUrl)
    if (parsed.kind === 'local' || parsed.kind === 'conditional') return parsed.type === wanted
    if (parsed.kind === 'absolute' && parsed.type !== undefined) return parsed.type === wanted
  }
  return type === wanted
}
