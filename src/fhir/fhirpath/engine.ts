// The full FHIRPath engine, loaded only when an expression needs it (https://hl7.org/fhirpath/N1/).
import { FhirError } from '../errors.ts'
import type { JsonObject, JsonValue } from '../resource.ts'
import { type FhirPathLocation, locationOf } from './locate.ts'
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
}

export type Environment = Readonly<Record<string, JsonValue>>

/** Loads the engine (some 200 ms the first time); afterwards its functions answer at once. */
export async function loadFhirPath(): Promise<FhirPathEngine> {
  const [{ default: fhirpath }, { default: model }] = await Promise.all([
    import('fhirpath'),
    import('fhirpath/fhir-context/r4'),
  ])

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
        { resolveInternalTypes: false, traceFn: () => {}, async: false },
      )
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new FhirError(
        'invalid',
        `FHIRPath '${shortFhirPath(expression)}' cannot be evaluated: ${reason}`,
        { cause },
      )
    }
  }

  return {
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

/** `FhirPathEngine.evaluate` with the engine loaded first. */
export async function evaluateFhirPath(
  resource: JsonObject,
  expression: string,
  environment?: Environment,
): Promise<JsonValue[]> {
  return (await loadFhirPath()).evaluate(resource, expression, environment)
}

/** `FhirPathEngine.locate` with the engine loaded first. */
export async function locateFhirPath(
  resource: JsonObject,
  expression: string,
  environment?: Environment,
): Promise<FhirPathLocation[]> {
  return (await loadFhirPath()).locate(resource, expression, environment)
}
