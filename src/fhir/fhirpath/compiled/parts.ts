// What an expression consists of, for what must be known before it is compiled.
import type { FhirPathNode } from '../syntax.ts'

/** Whether a part names what is not forgotten at its end. */
export function defines(node: FhirPathNode): boolean {
  if (node.kind === 'call' && node.name === 'defineVariable') return true
  return node.kind !== 'binary' && partsOf(node).some(({ part, inside }) => !inside && defines(part))
}

/** How many parts it has, itself counted. */
export function sizeOf(node: FhirPathNode): number {
  return partsOf(node).reduce((size, { part }) => size + sizeOf(part), 1)
}

/** Whether a number is written in more digits than it needs, `1.50`, and may be told by them. */
export function tellsDigits(tree: FhirPathNode): boolean {
  return has(tree, isLonger) && has(tree, tellsWholeFromDecimal)
}

function isLonger(node: FhirPathNode): boolean {
  return node.kind === 'number' && node.text !== String(Number(node.text))
}

function tellsWholeFromDecimal(node: FhirPathNode): boolean {
  return node.kind === 'type' || (node.kind === 'call' && DIGITAL.has(node.name))
}

/** Calls for which 1.0 is not 1. */
const DIGITAL: ReadonlySet<string> = new Set(['toString', 'toInteger', 'skip', 'take', 'substring', 'round'])

function has(tree: FhirPathNode, sought: (node: FhirPathNode) => boolean): boolean {
  return sought(tree) || partsOf(tree).some(({ part }) => has(part, sought))
}

/** Whether parts stand in parts to more than so many levels. */
export function isDeeper(node: FhirPathNode, most: number): boolean {
  let level: readonly FhirPathNode[] = [node]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > most) return true
    level = level.flatMap((each) => partsOf(each).map(({ part }) => part))
  }
  return false
}

interface Part {
  readonly part: FhirPathNode
  /** It is an argument. */
  readonly inside: boolean
}

function partsOf(node: FhirPathNode): readonly Part[] {
  const outside = (...parts: readonly (FhirPathNode | undefined)[]): readonly Part[] =>
    parts.flatMap((part) => (part === undefined ? [] : [{ part, inside: false }]))
  switch (node.kind) {
    case 'call':
      return [...outside(node.input), ...node.args.map((part) => ({ part, inside: true }))]
    case 'member':
    case 'type':
      return outside(node.input)
    case 'indexer':
      return outside(node.input, node.index)
    case 'unary':
      return outside(node.operand)
    case 'binary':
      return outside(node.left, node.right)
    default:
      return []
  }
}
