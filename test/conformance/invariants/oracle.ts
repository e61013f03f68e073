// The fhirpath library as a second opinion on the invariants.
import fhirpath from 'fhirpath'
import model from 'fhirpath/fhir-context/r4'
import type { JsonObject, JsonValue } from '../../../src/fhir/index.ts'

type Oracle = (
  node: JsonValue,
  base: string,
  expression: string,
  context: { readonly resource: JsonObject; readonly rootResource: JsonObject },
  holdsWhenEmpty: boolean,
) => boolean | undefined

/** Whether the rule holds; undefined when the library cannot tell (it throws). Expressions are compiled once. */
export function newOracle(): Oracle {
  const compiled = new Map<string, (node: unknown, variables: Record<string, unknown>) => unknown[]>()
  return (node, base, expression, { resource, rootResource }, holdsWhenEmpty) => {
    const key = `${base}: ${expression}`
    let evaluate = compiled.get(key)
    if (evaluate === undefined) {
      const isResource =
        /^[A-Z][A-Za-z]*$/.test(base) && typeof node === 'object' && node !== null && 'resourceType' in node
      evaluate = fhirpath.compile(isResource ? expression : { base, expression }, model, {
        traceFn: () => {},
        async: false,
        resolveInternalTypes: false,
        userInvocationTable: {
          // The library reads patterns as Unicode's, in which some of R4's are not legal.
          matches: {
            fn: (texts: unknown[], pattern: string) =>
              texts
                .map((text) => fhirpath.util.valData(text))
                .filter((text) => typeof text === 'string')
                .map((text) => new RegExp(pattern, 's').test(text)),
            arity: { 1: ['String'] },
          },
        },
      })
      compiled.set(key, evaluate)
    }
    try {
      const result = fhirpath.resolveInternalTypes(evaluate(node, { resource, rootResource }))
      if (result.length === 0) return holdsWhenEmpty
      // A lone item that is no boolean counts as true.
      return result.length > 1 || result[0] !== false
    } catch {
      return undefined
    }
  }
}
