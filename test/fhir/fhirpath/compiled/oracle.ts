// The fhirpath library, with its known faults mended, and the comparison of compiled expressions with it.
import fhirpath from 'fhirpath'
import model from 'fhirpath/fhir-context/r4'
import {
  BeyondSubset,
  compileFhirPath,
  type Environment,
  FhirError,
  type JsonObject,
  type JsonValue,
} from '../../../../src/fhir/index.ts'

/** What came of an evaluation: the values, or no more than that it failed. */
export type Outcome = readonly JsonValue[] | 'fails'

interface Context {
  $index: number
}

/** The library takes an item where criteria select a boolean element that is false. */
function where(this: Context, items: unknown[], criteria: (item: unknown) => unknown[]): unknown[] {
  return items.filter((item, index) => {
    this.$index = index
    const [first] = criteria(item)
    return first !== undefined && data(first) !== false
  })
}

function exists(this: Context, items: unknown[], criteria?: (item: unknown) => unknown[]): boolean {
  return (criteria === undefined ? items : where.call(this, items, criteria)).length > 0
}

const MENDED = {
  where: { fn: where, arity: { 1: ['Expr'] }, internalStructures: true },
  exists: { fn: exists, arity: { 0: [], 1: ['Expr'] }, internalStructures: true },
}

/** An expression on several resources; the library takes longest to read it. */
export function byLibrary(
  expression: string,
  resources: readonly JsonObject[],
  environment: Environment,
): readonly Outcome[] {
  const evaluate = reading(expression)
  return resources.map((resource) => {
    try {
      const selected = evaluate?.(resource, { resource, rootResource: resource, ...environment })
      if (selected === undefined) return 'fails'
      return selected.map(data).filter((value) => value !== null && value !== undefined) as JsonValue[]
    } catch {
      return 'fails'
    }
  })
}

type LibraryExpression = (focus: JsonObject, environment: Environment) => unknown[]

function reading(expression: string): LibraryExpression | undefined {
  try {
    return fhirpath.compile(expression, model, {
      resolveInternalTypes: false,
      traceFn: () => {},
      async: false,
      userInvocationTable: MENDED as never,
    }) as LibraryExpression
  } catch {
    return undefined
  }
}

/** Undefined where the expression is not compiled, or asks for more on this data. */
export function byUs(expression: string, focus: JsonObject, environment: Environment): Outcome | undefined {
  try {
    return compileFhirPath(expression)?.(focus, environment)
  } catch (cause) {
    if (cause instanceof BeyondSubset) return undefined
    if (cause instanceof FhirError && (cause.code === 'invalid' || cause.code === 'malformed')) return 'fails'
    throw cause
  }
}

/** The library leaves the noise of binary fractions in its numbers. */
export function agree(ours: Outcome, theirs: Outcome): boolean {
  if (ours === 'fails' || theirs === 'fails') return ours === theirs
  return ours.length === theirs.length && ours.every((value, at) => isSame(value, theirs[at] as JsonValue))
}

function isSame(a: JsonValue, b: JsonValue): boolean {
  if (typeof a === 'number' && typeof b === 'number') {
    return a === b || Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b))
  }
  if (typeof a === 'string' && typeof b === 'string' && NUMBER.test(a) && NUMBER.test(b)) {
    return isSame(Number(a), Number(b))
  }
  return JSON.stringify(a) === JSON.stringify(b)
}

const NUMBER = /^-?\d+\.\d+$/

/** The JSON of the library's own values. */
function data(selected: unknown): unknown {
  const held =
    typeof selected === 'object' && selected !== null && 'parentResNode' in selected
      ? (selected as unknown as { data: unknown }).data
      : selected
  const isComputed =
    typeof held === 'object' && held !== null && Object.getPrototypeOf(held) !== Object.prototype
  return isComputed && !Array.isArray(held) ? (held as { toJSON(): unknown }).toJSON() : held
}
