// Visits every value that a type's parameters are about in one pass: paths that begin alike are walked once.
import { isJsonObject, type JsonObject, type JsonValue } from '../../fhir/index.ts'
import type { Condition, Segment, ValuePath } from './paths.ts'
import { refersTo, type Scope } from './refers-to.ts'

interface Node<Leaf> {
  readonly key: string
  /** The property that holds a primitive's extensions; undefined where there is none. */
  readonly sibling: string | undefined
  readonly position: number | undefined
  readonly test: ((value: JsonValue, scope: Scope) => boolean) | undefined
  readonly leaves: Leaf[]
  readonly children: Node<Leaf>[]
  readonly segment: Segment
}

/** A value that a path leads to; null for a primitive that has only extensions. */
type Visit<Leaf> = (leaf: Leaf, value: JsonValue, scope: Scope) => void

/**
 * Visits each value found with what its path stands for. `start` is what the paths lead from: the resource of the
 * scope, unless they lead from an element of it.
 */
export type Walk<Leaf> = (start: JsonObject, scope: Scope, visit: Visit<Leaf>) => void

/** One walk for all these paths. `baseUrl` as in `parseReference`. */
export function createWalk<Leaf>(
  paths: readonly { readonly path: ValuePath; readonly leaf: Leaf }[],
  baseUrl: string,
): Walk<Leaf> {
  const roots: Node<Leaf>[] = []
  const atStart: Leaf[] = []
  for (const { path, leaf } of paths) {
    let level = roots
    let leaves = atStart
    for (const segment of path.segments) {
      let node = level.find((it) => sameSegment(it.segment, segment))
      if (node === undefined) {
        node = nodeOf(segment, baseUrl)
        level.push(node)
      }
      level = node.children
      leaves = node.leaves
    }
    leaves.push(leaf)
  }
  return (start, scope, visit) => {
    for (const leaf of atStart) visit(leaf, start, scope)
    enterAll(roots, start, scope, visit)
  }
}

function nodeOf<Leaf>(segment: Segment, baseUrl: string): Node<Leaf> {
  const { key, sibling, position, conditions } = segment
  return {
    key,
    sibling: sibling ? `_${key}` : undefined,
    position,
    test: testOf(conditions, baseUrl),
    leaves: [],
    children: [],
    segment,
  }
}

function enterAll<Leaf>(
  nodes: readonly Node<Leaf>[],
  object: JsonObject,
  scope: Scope,
  visit: Visit<Leaf>,
): void {
  for (const node of nodes) {
    const value = object[node.key]
    if (value === undefined || value === null) {
      if (node.sibling !== undefined) enterSibling(node, object[node.sibling], scope, visit)
    } else if (!Array.isArray(value)) {
      if (node.position === undefined || node.position === 0) enter(node, value, scope, visit)
    } else if (node.position !== undefined) {
      enterItem(node, value, node.position, object, scope, visit)
    } else {
      for (let at = 0; at < value.length; at += 1) enterItem(node, value, at, object, scope, visit)
    }
  }
}

function enterItem<Leaf>(
  node: Node<Leaf>,
  items: readonly JsonValue[],
  at: number,
  object: JsonObject,
  scope: Scope,
  visit: Visit<Leaf>,
): void {
  const item = items[at]
  if (item !== undefined && item !== null) return enter(node, item, scope, visit)
  const siblings = node.sibling === undefined ? undefined : object[node.sibling]
  if (Array.isArray(siblings) && isJsonObject(siblings[at])) enter(node, null, scope, visit)
}

/** Values that are not there, though their extensions are. */
function enterSibling<Leaf>(
  node: Node<Leaf>,
  sibling: JsonValue | undefined,
  scope: Scope,
  visit: Visit<Leaf>,
): void {
  if (sibling === undefined || sibling === null) return
  const items = Array.isArray(sibling) ? sibling : [sibling]
  items.forEach((item, at) => {
    if (isJsonObject(item) && (node.position ?? at) === at) enter(node, null, scope, visit)
  })
}

function enter<Leaf>(node: Node<Leaf>, value: JsonValue, scope: Scope, visit: Visit<Leaf>): void {
  if (node.test !== undefined && !node.test(value, scope)) return
  for (const leaf of node.leaves) visit(leaf, value, scope)
  if (node.children.length > 0 && isJsonObject(value)) enterAll(node.children, value, scope, visit)
}

function sameSegment(a: Segment, b: Segment): boolean {
  return (
    a.key === b.key &&
    a.position === b.position &&
    JSON.stringify(a.conditions) === JSON.stringify(b.conditions)
  )
}

function testOf(conditions: readonly Condition[], baseUrl: string): Node<unknown>['test'] {
  if (conditions.length === 0) return undefined
  const tests = conditions.map((condition) =>
    condition[0] === 'equals'
      ? (value: JsonValue) => isJsonObject(value) && value[condition[1]] === condition[2]
      : (value: JsonValue, scope: Scope) => refersTo(value, condition[1], baseUrl, scope),
  )
  return (value, scope) => tests.every((test) => test(value, scope))
}
