// A FHIRPath expression as closures that are made once (https://hl7.org/fhirpath/N1/), as far as the subset goes that
// questionnaires and measures are written in.
import type { JsonObject, JsonValue } from '../../resource.ts'
import type { Environment } from '../engine.ts'
import { type FhirPathNode, parseFhirPath } from '../syntax.ts'
import { COLLECTIONS } from './collections.ts'
import type { FunctionCompiler } from './function.ts'
import { dataOf, type Item, type Items, NONE, Node, pushChildren } from './item.ts'
import { ITERATION } from './iteration.ts'
import { operator } from './operators.ts'
import { BeyondSubset, Frame, Run, type Step } from './run.ts'
import { isResourceTypeName } from './shape.ts'
import { typeTest } from './types.ts'
import { VALUES } from './values.ts'

/**
 * The values that an expression selects, as they stand in JSON; a primitive that has only extensions is left out.
 * Throws FhirError('invalid') where evaluation fails, FhirError('too-costly') where it takes too many steps, and
 * BeyondSubset where the data asks for what is not compiled: units, and some of dates.
 */
export type CompiledFhirPath = (focus: JsonObject, environment?: Environment) => JsonValue[]

/** Undefined for an expression beyond the subset; throws FhirError('malformed') for bad syntax. */
export function compileFhirPath(expression: string): CompiledFhirPath | undefined {
  const tree = parseFhirPath(expression)
  let step: Step
  try {
    step = compile(tree, OUTERMOST)
  } catch (cause) {
    if (cause instanceof BeyondSubset) return undefined
    throw cause
  }
  return (focus, environment = {}) => {
    const run = new Run(expression, focus, environment)
    const values: JsonValue[] = []
    for (const item of step(new Frame(run, run.focus, 0, NONE, undefined))) {
      const data = dataOf(item)
      if (data !== undefined && data !== null) values.push(data)
    }
    return values
  }
}

/** Which names are known at a place in the expression. */
interface Scope {
  readonly index: boolean
  readonly total: boolean
}

const OUTERMOST: Scope = { index: false, total: false }

const TABLES = [ITERATION, COLLECTIONS, VALUES]

/** Throws BeyondSubset. */
function compile(node: FhirPathNode, scope: Scope): Step {
  switch (node.kind) {
    case 'empty':
      return () => NONE
    case 'boolean':
    case 'string':
      return constant([node.value])
    case 'number':
      return constant([Number(node.text)])
    case 'this':
      return (frame) => frame.focus
    case 'index':
      if (!scope.index) throw new BeyondSubset()
      return (frame) => [frame.index]
    case 'total':
      if (!scope.total) throw new BeyondSubset()
      return (frame) => frame.total
    case 'environment':
      return variable(node.name)
    case 'member':
      return member(node, scope)
    case 'call':
      return call(node, scope)
    case 'indexer':
      return indexer(compile(node.input, scope), compile(node.index, scope))
    case 'unary':
      return polarity(node.operator, compile(node.operand, scope))
    case 'binary':
      return operator(
        node.operator,
        alone(node.left, compile(node.left, scope)),
        alone(node.right, compile(node.right, scope)),
      )
    case 'type':
      return typed(node, scope)
    default:
      throw new BeyondSubset()
  }
}

function constant(items: Items): Step {
  return () => items
}

function variable(name: string): Step {
  return ({ run, defined }) => {
    for (let known = defined; known !== undefined; known = known.earlier) {
      if (known.name === name) return known.items
    }
    return run.variable(name)
  }
}

function member({ input, name }: FhirPathNode & { kind: 'member' }, scope: Scope): Step {
  const from = input === undefined ? focus : compile(input, scope)
  const isType = /^[A-Z]/.test(name)
  // The first name may be a type of which the focus only derives.
  if (isType && input === undefined && !isResourceTypeName(name)) throw new BeyondSubset()
  return (frame) => {
    const items = from(frame)
    if (items.length === 0) return NONE
    const found: Item[] = []
    for (const item of items) {
      if (isType && isResource(item, name)) found.push(item)
      else pushChildren(found, item, name)
    }
    frame.run.spend(items.length + found.length)
    return found
  }
}

function isResource(item: Item, type: string): boolean {
  if (!(item instanceof Node)) return false
  return item.shape?.type === type && (item.data as JsonObject | null)?.['resourceType'] === type
}

const focus: Step = (frame) => frame.focus

function call(node: FhirPathNode & { kind: 'call' }, scope: Scope): Step {
  const found = functionNamed(node.name)
  const [least, most] = found.arity
  if (node.args.length < least || node.args.length > most) throw new BeyondSubset()
  const input = node.input === undefined ? focus : compile(node.input, scope)
  const inner: Scope = {
    index: scope.index || found.looksFrom === 'item' || found.looksFrom === 'aggregate',
    total: scope.total || found.looksFrom === 'aggregate',
  }
  return found.make(
    input,
    node.args.map((argument, at) => {
      // What an aggregation begins with is no part of it.
      const around = found.looksFrom === 'aggregate' && at === 1 ? scope : inner
      return alone(argument, compile(argument, around))
    }),
  )
}

/** What an argument or an operand defines is not known outside of it. */
function alone(node: FhirPathNode, step: Step): Step {
  if (!defines(node)) return step
  return (frame) => {
    const { defined } = frame
    const items = step(frame)
    frame.defined = defined
    return items
  }
}

function defines(node: FhirPathNode): boolean {
  switch (node.kind) {
    case 'call':
      return node.name === 'defineVariable' || (node.input !== undefined && defines(node.input))
    case 'member':
    case 'type':
      return node.input !== undefined && defines(node.input)
    case 'indexer':
      return defines(node.input) || defines(node.index)
    case 'unary':
      return defines(node.operand)
    default:
      return false
  }
}

function functionNamed(name: string): FunctionCompiler {
  for (const table of TABLES) {
    const found = Object.hasOwn(table, name) ? table[name] : undefined
    if (found !== undefined) return found
  }
  throw new BeyondSubset()
}

function indexer(input: Step, index: Step): Step {
  return (frame) => {
    const items = input(frame)
    const [at, more] = index(frame)
    const position = at === undefined ? undefined : dataOf(at)
    if (position === undefined) return NONE
    if (typeof position !== 'number' || more !== undefined) throw new BeyondSubset()
    const found = items[Math.trunc(position)]
    return found === undefined ? NONE : [found]
  }
}

function polarity(sign: '+' | '-', operand: Step): Step {
  return (frame) => {
    const items = operand(frame)
    const value = items.length === 1 ? dataOf(items[0] as Item) : undefined
    if (typeof value !== 'number') throw new BeyondSubset()
    return sign === '-' ? [-value] : [value]
  }
}

function typed({ operator: kind, input, type }: FhirPathNode & { kind: 'type' }, scope: Scope): Step {
  const test = typeTest(kind, type)
  if (test === undefined) throw new BeyondSubset()
  const from = input === undefined ? focus : compile(input, scope)
  return (frame) => test(frame.run, from(frame))
}
