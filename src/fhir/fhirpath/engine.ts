// The full FHIRPath engine, loaded only when an expression needs it (https://hl7.org/fhirpath/N1/).
import { createRequire } from 'node:module'
import { FhirError } from '../errors.ts'
import type { JsonObject, JsonValue } from '../resource.ts'
import { type FhirPathLocation, locationOf } from './locate.ts'
import { MENDED } from './mended.ts'
import { parseFhirPath } from './syntax.ts'
import { shortFhirPath } from './tokens.ts'

export interface FhirPathEngine {
  /**
   * The values an expression selects in a resource, as they stand in its JSON; computed ones as JSON values
   * (a date is a string). A primitive that has only extensions has no value and is left out.
   * `%resource` and `%rootResource` are the resource unless `environment` says otherwise.
   * Throws FhirError('malformed') for bad syntax, FhirError('invalid') where evaluation fails.
   */
  evaluate(resource: JsonObject, expression: string, environment?: Environment): JsonValue[]
  /**
   * Where in a resource the elements stand that an expression selects, in the expression's order.
   * Throws as `evaluate` does, and FhirError('invalid') when a value is computed rather than selected.
   */
  locate(resource: JsonObject, expression: string, environment?: Environment): FhirPathLocation[]
  /**
   * Reads an expression once for many resources. It may use `functions`, which are given each value of their input
   * and their one string argument, and hold when they do for any.
   * Throws FhirError('malformed') for bad syntax; what it returns throws FhirError('invalid') where evaluation fails.
   */
  compile(
    expression: string,
    functions: FhirPathFunctions,
  ): (resource: JsonObject, environment?: Environment) => TypedValue[]
}

export interface TypedValue {
  /** null for a primitive that has only extensions. */
  readonly value: JsonValue
  /** FHIR type, as in `FhirPathLocation`; of a computed value that of its kind: `string`, `dateTime`, `Quantity`. */
  readonly type: string | undefined
}

export type FhirPathFunctions = Readonly<
  Record<string, (value: JsonValue, argument: string, environment: Environment) => boolean>
>

export type Environment = Readonly<Record<string, JsonValue>>

/** FHIR's names for the types of computed values. */
const COMPUTED: Readonly<Record<string, string>> = {
  Boolean: 'boolean',
  String: 'string',
  Integer: 'integer',
  Decimal: 'decimal',
  Date: 'date',
  DateTime: 'dateTime',
  Time: 'time',
  Quantity: 'Quantity',
}

type Library = typeof import('fhirpath').default
type Model = typeof import('fhirpath/fhir-context/r4').default

/** Loads the engine (some 200 ms the first time); afterwards its functions answer at once. */
export async function loadFhirPath(): Promise<FhirPathEngine> {
  const [{ default: fhirpath }, { default: model }] = await Promise.all([
    import('fhirpath'),
    import('fhirpath/fhir-context/r4'),
  ])
  return engineOf(fhirpath, model)
}

/** The engine at once, for what can not wait and nearly never asks for it: the first time nothing else runs meanwhile. */
export function requireFhirPath(): FhirPathEngine {
  required ??= engineOf(require('fhirpath') as Library, require('fhirpath/fhir-context/r4') as Model)
  return required
}

const require = createRequire(import.meta.url)
let required: FhirPathEngine | undefined

function engineOf(fhirpath: Library, model: Model): FhirPathEngine {
  /** Nodes of the resource as the library's ResourceNode, computed values as its own types. */
  function select(resource: JsonObject, expression: string, environment: Environment): unknown[] {
    parseFhirPath(expression) // the library's own syntax errors do not name the place well
    try {
      return fhirpath.evaluate(
        resource,
        expression,
        { resource, rootResource: resource, ...environment },
        model,
        // Nothing is printed, nothing is fetched, and the resource is not marked by the library.
        { resolveInternalTypes: false, traceFn: () => {}, async: false, userInvocationTable: MENDED },
      )
    } catch (cause) {
      throw failed(expression, cause)
    }
  }

  function typed(selected: unknown): TypedValue {
    const location = locationOf(selected, model)
    if (location !== undefined) {
      const { type } = location
      return { value: location.value ?? null, type: type?.startsWith('System.') ? systemType(type) : type }
    }
    const type = systemType(fhirpath.types(selected as never)[0] ?? '')
    const value = fhirpath.resolveInternalTypes(selected) as JsonValue
    return { value: type === 'Quantity' ? computedQuantity(String(value)) : value, type }
  }

  const failed = (expression: string, cause: unknown): FhirError => {
    return new FhirError(
      'invalid',
      `FHIRPath '${shortFhirPath(expression)}' cannot be evaluated: ${reasonOf(cause)}`,
      { cause },
    )
  }

  return {
    compile(expression, functions) {
      parseFhirPath(expression)
      // The library binds functions when it compiles; what they may look at is known when it evaluates.
      let around: Environment = {}
      const table = Object.fromEntries(
        Object.entries(functions).map(([name, holds]) => [
          name,
          {
            arity: { 1: ['String' as const] },
            fn: (inputs: unknown[], argument: string) =>
              inputs.some((input) => holds(dataOf(input), argument, around)),
          },
        ]),
      )
      let evaluate: (resource: JsonObject, environment: Environment) => unknown
      try {
        evaluate = fhirpath.compile(expression, model, {
          resolveInternalTypes: false,
          traceFn: () => {},
          async: false,
          userInvocationTable: { ...MENDED, ...table },
        }) as typeof evaluate
      } catch (cause) {
        throw failed(expression, cause)
      }
      return (resource, environment = {}) => {
        around = environment
        try {
          return (evaluate(resource, { resource, rootResource: resource, ...environment }) as unknown[]).map(
            typed,
          )
        } catch (cause) {
          throw failed(expression, cause)
        }
      }
    },
    evaluate(resource, expression, environment = {}) {
      const values: JsonValue[] = []
      for (const selected of select(resource, expression, environment)) {
        const value = locationOf(selected, model)?.value ?? fhirpath.resolveInternalTypes(selected)
        if (value !== null && value !== undefined) values.push(value as JsonValue)
      }
      return values
    },
    locate(resource, expression, environment = {}) {
      return select(resource, expression, environment).map((selected) => {
        const location = locationOf(selected, model)
        if (location?.root === resource) return location
        throw new FhirError(
          'invalid',
          `FHIRPath '${shortFhirPath(expression)}' computes a value; an element is needed`,
        )
      })
    },
  }
}

/** The library's own words; not those by which JavaScript says that it was led where it knows nothing. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  if (cause instanceof RangeError) return 'it takes more memory than there is'
  if (cause instanceof SyntaxError) return 'it holds no regular expression where one is expected'
  return cause instanceof TypeError ? 'a function is used on what it cannot take' : cause.message
}

function systemType(name: string): string | undefined {
  return COMPUTED[name.replace('System.', '')]
}

/** `3 'mg'`; the unit of a UCUM quantity stands in quotes, unlike a calendar word. */
function computedQuantity(text: string): JsonObject {
  const [, value, code, word] = /^(\S+)(?: '(.*)'| (.*))?$/.exec(text) ?? []
  const unit = code ?? word
  return {
    value: Number(value),
    ...(unit === undefined ? {} : { unit }),
    ...(code === undefined ? {} : { system: 'http://unitsofmeasure.org', code }),
  }
}

/** The JSON behind a value that the library hands to a function. */
function dataOf(input: unknown): JsonValue {
  const held = typeof input === 'object' && input !== null && 'data' in input ? input.data : input
  return held as JsonValue
}
