// A FHIRPath expression as closures that are made once (https://hl7.org/fhirpath/N1/), as far as the subset goes that
// questionnaires and measures are written in.
import { FhirError } from '../../errors.ts'
import type { JsonObject, JsonValue } from '../../resource.ts'
import type { Environment } from '../engine.ts'
import { type FhirPathNode, parseFhirPath } from '../syntax.ts'
import { shortFhirPath } from '../tokens.ts'
import { COLLECTIONS } from './collections.ts'
import type { FunctionCompiler } from './function.ts'
import { dataOf, type Item, type Items, NONE, Node, pushChildren } from './item.ts'
import { ITERATION } from './iteration.ts'
import { isListed, operator } from './operators.ts'
import { defines, isDeeper, sizeOf, tellsDigits } from './parts.ts'
import { BeyondSubset, Frame, Run, type Step } from './run.ts'
import { COMPUTED_DATE, isResourceTypeName } from './shape.ts'
import { type CalendarUnit, dateOf, later } from './temporal.ts'
import { typeTest } from './types.ts'
import { VALUES } from './values.ts'

/**
 * The values that an expression selects, as they stand in JSON; a primitive that has only extensions is left out.
 * Throws FhirError('invalid') where evaluation fails, FhirError('too-costly') where it takes too many steps, and
 * BeyondSubset where the data asks for what is not compiled: units, and some of dates.
 */
export type CompiledFhirPath = (focus: JsonObject, environment?: Environment) => JsonValue[]

/** Parts within parts: each takes some of the stack. */
const MOST_DEPTH = 1000

/** Undefined for an expression beyond the subset; throws FhirError('malformed') for bad syntax. */
export function compileFhirPath(expression: string): CompiledFhirPath | undefined {
  const tree = parseFhirPath(expression)
  if (isDeeper(tree, MOST_DEPTH)) {
    throw new FhirError('malformed', `FHIRPath '${shortFhirPath(expression)}' is nested too deeply`)
  }
  if (tellsDigits(tree)) return undefined
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
    case 'date':
      return literalDate(node.text)
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
      return binary(node, scope)
    case 'type':
      return typed(node, scope)
    default:
      throw new BeyondSubset()
  }
}

function binary(node: FhirPathNode & { kind: 'binary' }, scope: Scope): Step {
  if (node.right.kind === 'quantity') return counted(node, node.right, scope)
  const left = alone(node.left, compile(node.left, scope))
  const right = alone(node.right, compile(node.right, scope))
  const step = operator(node.operator, left, right)
  if (node.operator === '|' && isConstant(node)) return constant(valueOf(step))
  const list = node.operator === 'in' && isConstant(node.right) ? valueOf(right) : NONE
  return list.length > 0 && list.every((item) => typeof item === 'string') ? isListed(left, list) : step
}

/** `date + 3 months` */
function counted(
  { left, operator: sign }: FhirPathNode & { kind: 'binary' },
  { text, unit, calendar }: FhirPathNode & { kind: 'quantity' },
  scope: Scope,
): Step {
  const isCounted = calendar && CALENDAR_UNITS.has(unit) && /^\d{1,6}$/.test(text)
  if (!isCounted || (sign !== '+' && sign !== '-')) throw new BeyondSubset()
  const count = sign === '+' ? Number(text) : -Number(text)
  const from = alone(left, compile(left, scope))
  return (frame) => {
    const [item, more] = from(frame)
    if (item === undefined) return NONE
    const data = dataOf(item)
    if (more !== undefined || !isDate(item) || typeof data !== 'string') throw new BeyondSubset()
    return [later(data, count, unit as CalendarUnit)]
  }
}

const CALENDAR_UNITS: ReadonlySet<string> = new Set(['year', 'month', 'week', 'day'] satisfies CalendarUnit[])

/** Whether it is of type date, computed or not. */
function isDate(item: Item): boolean {
  return item instanceof Node && (item.shape?.path === 'date' || item.shape === COMPUTED_DATE)
}

/** A list of literals: `('/1' | '/2')`. */
function isConstant(node: FhirPathNode): boolean {
  if (node.kind === 'binary') return node.operator === '|' && isConstant(node.left) && isConstant(node.right)
  return node.kind === 'string' || node.kind === 'number' || node.kind === 'boolean' || node.kind === 'empty'
}

/** What a part selects that looks at nothing. */
function valueOf(step: Step): Items {
  return step(new Frame(new Run('', {}, {}), NONE, 0, NONE, undefined))
}

function constant(items: Items): Step {
  return () => items
}

/** Of a day alone; the others differ in precision from most of what they are compared with. */
function literalDate(text: string): Step {
  const date = dateOf(text)
  if (date === undefined) throw new BeyondSubset()
  return constant([date])
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
    node.args.reduce((size, argument) => size + sizeOf(argument), 1),
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
