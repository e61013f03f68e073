// Evaluates FHIRPath by compiled closures where they reach, else by the full engine, which is much slower.
import { FhirError } from '../errors.ts'
import type { JsonObject, JsonValue } from '../resource.ts'
import { timeLimit } from '../time-limit.ts'
import { BeyondSubset, compileFhirPath } from './compiled/index.ts'
import { type Environment, type FhirPathEngine, requireFhirPath } from './engine.ts'
import { shortFhirPath } from './tokens.ts'

/**
 * The values that an expression selects in `focus`, as they stand in JSON. `%name` is `environment[name]`, an array
 * there a collection; `%resource` and `%rootResource` are the focus unless the environment says otherwise.
 * Throws FhirError('invalid') where evaluation fails, FhirError('too-costly') where it takes too long.
 */
export type FhirPathEvaluator = (focus: JsonObject, environment?: Environment) => JsonValue[]

/** For one evaluation by the full engine. */
const MOST_MILLISECONDS = 500

const inTime = timeLimit(MOST_MILLISECONDS)

/**
 * Reads an expression once for many evaluations; throws FhirError('malformed') for bad syntax. Without an engine, what
 * is beyond the compiled subset throws FhirError('invalid').
 */
export function prepareFhirPath(expression: string, engine?: () => FhirPathEngine): FhirPathEvaluator {
  const compiled = compileFhirPath(expression)
  const full = once(() => engine && byEngine(expression, engine()))
  return (focus, environment) => {
    if (compiled !== undefined) {
      try {
        return compiled(focus, environment)
      } catch (cause) {
        if (!(cause instanceof BeyondSubset)) throw cause
      }
    }
    const evaluate = full()
    if (evaluate === undefined) throw notCompiled(expression)
    return evaluate(focus, environment)
  }
}

/** `prepareFhirPath` with the full engine behind it, loaded when data ask for it: what ships never does. */
export function evaluatorOnDemand(expression: string): FhirPathEvaluator {
  return prepareFhirPath(expression, requireFhirPath)
}

function byEngine(expression: string, engine: FhirPathEngine): FhirPathEvaluator {
  const evaluate = engine.compile(expression, {})
  return (focus, environment = {}) => {
    const values = inTime(
      () => evaluate(focus, { sct: 'http://snomed.info/sct', loinc: 'http://loinc.org', ...environment }),
      (cause) => tooLong(expression, cause),
    )
    return values.map(({ value }) => value).filter((value) => value !== null)
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}

function notCompiled(expression: string): FhirError {
  return new FhirError('invalid', `FHIRPath '${shortFhirPath(expression)}' uses what is not supported here`)
}

function tooLong(expression: string, cause: unknown): FhirError {
  return new FhirError('too-costly', `FHIRPath '${shortFhirPath(expression)}' takes too long`, { cause })
}
