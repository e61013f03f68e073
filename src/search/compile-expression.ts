// A search expression (https://hl7.org/fhir/R4/searchparameter.html) to the step program that extraction runs.
import type { FhirPathNode } from '../fhir/index.ts'
import type { Program, Step } from './steps.ts'

/** The sides of the unions at the top of an expression. */
export function unionBranches(node: FhirPathNode): FhirPathNode[] {
  return node.kind === 'binary' && node.operator === '|'
    ? [...unionBranches(node.left), ...unionBranches(node.right)]
    : [node]
}

/** The name that a branch begins with, of a type as a rule; undefined when it begins otherwise: `(a | b).c`. */
export function rootName(node: FhirPathNode): string | undefined {
  if (node.kind === 'binary') return rootName(node.left)
  if ('input' in node && node.input !== undefined) return rootName(node.input)
  return node.kind === 'member' ? node.name : undefined
}

/** A name that begins with a small letter is an element's; a type's begins with a capital. */
export function isElementName(name: string): boolean {
  return /^[a-z]/.test(name)
}

/**
 * The steps of an expression for a resource, `Patient.name`, or for an element, `code`; one branch a side of its
 * unions. undefined where it holds more than steps can say: the full FHIRPath engine is then needed.
 */
export function compileExpression(node: FhirPathNode): Program | undefined {
  switch (node.kind) {
    case 'member': {
      if (node.input !== undefined) return extended(node.input, ['child', node.name])
      return isElementName(node.name) ? [[['child', node.name]]] : [[]]
    }
    case 'this':
      return [[]]
    case 'environment':
      return node.name === 'resource' ? [[['root']]] : undefined
    case 'indexer':
      return node.index.kind === 'number' && /^\d+$/.test(node.index.text)
        ? indexed(node.input, Number(node.index.text))
        : undefined
    case 'type':
      return node.operator === 'is' || node.input === undefined
        ? undefined
        : extended(node.input, ['type', typeName(node.type)])
    case 'call':
      return compileCall(node)
    case 'binary': {
      if (node.operator === 'and') return compilePresence(node)
      if (node.operator !== '|') return undefined
      const [left, right] = [compileExpression(node.left), compileExpression(node.right)]
      return left === undefined || right === undefined ? undefined : [...left, ...right]
    }
    default:
      return undefined
  }
}

function extended(input: FhirPathNode, ...steps: readonly Step[]): Program | undefined {
  const program = compileExpression(input)
  if (program === undefined || program.some((branch) => branch.at(-1)?.[0] === 'present')) return undefined
  return program.map((branch) => [...branch, ...steps])
}

/** Only of one branch and behind one child: elsewhere the nth is not the nth of an array. */
function indexed(input: FhirPathNode, position: number): Program | undefined {
  const before = compileExpression(input)
  const [branch] = before ?? []
  const countable = before?.length === 1 && branch?.length === 1 && branch[0]?.[0] === 'child'
  return countable ? [[...(branch ?? []), ['index', position]]] : undefined
}

function compileCall({ input, name, args }: Extract<FhirPathNode, { kind: 'call' }>): Program | undefined {
  const [argument] = args
  if (input === undefined) return undefined
  if (name === 'first' && args.length === 0) return indexed(input, 0)
  if (argument === undefined || args.length > 1) return undefined
  if (name === 'extension' && argument.kind === 'string') {
    return extended(input, ['child', 'extension'], ['equals', 'url', argument.value])
  }
  if (name !== 'where') return undefined
  const conditions = compileConditions(argument)
  return conditions === undefined ? undefined : extended(input, ...conditions)
}

/** `resolve() is T`, `child = 'text'`, and several of them with `and`. */
function compileConditions(node: FhirPathNode): readonly Step[] | undefined {
  const resolved = resolvedType(node)
  if (resolved !== undefined) return [['resolves', resolved]]
  if (node.kind !== 'binary') return undefined
  const { left, right } = node
  if (node.operator === 'and') {
    const [first, second] = [compileConditions(left), compileConditions(right)]
    return first === undefined || second === undefined ? undefined : [...first, ...second]
  }
  const comparesChild =
    node.operator === '=' &&
    left.kind === 'member' &&
    left.input === undefined &&
    isElementName(left.name) &&
    right.kind === 'string'
  return comparesChild ? [['equals', left.name, right.value]] : undefined
}

/** The type in `resolve() is T`; undefined for any other expression. */
export function resolvedType(node: FhirPathNode): string | undefined {
  return node.kind === 'type' &&
    node.operator === 'is' &&
    node.input?.kind === 'call' &&
    node.input.name === 'resolve' &&
    node.input.input === undefined
    ? typeName(node.type)
    : undefined
}

/** Observation-code-value-date writes `DateTime` for `dateTime`. */
function typeName(name: string): string {
  const plain = name.replace(/^FHIR\./, '')
  return plain === 'DateTime' ? 'dateTime' : plain
}

/** `a.exists() and a != false` */
function compilePresence({ left, right }: Extract<FhirPathNode, { kind: 'binary' }>): Program | undefined {
  const presence =
    left.kind === 'call' &&
    left.name === 'exists' &&
    left.args.length === 0 &&
    left.input !== undefined &&
    right.kind === 'binary' &&
    right.operator === '!=' &&
    right.right.kind === 'boolean' &&
    !right.right.value &&
    JSON.stringify(left.input) === JSON.stringify(right.left)
  return presence ? extended(left.input, ['present']) : undefined
}
