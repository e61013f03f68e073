// Reads FHIRPath conditions of a rule; they see what was done and for whom by names, and no focus.
import {
  type Faults,
  FhirError,
  type FhirPathEvaluator,
  type FoundElement,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from '../../fhir/index.ts'
import type { Applicability, Condition } from './service-rule.ts'

/** Reads an expression once for many evaluations. */
export type PrepareExpression = (expression: string) => FhirPathEvaluator

const FHIRPATH = 'text/fhirpath'
const NOTHING: JsonObject = {}

/** Of an Expression. */
export function readCondition(
  { value, element }: FoundElement<JsonObject>,
  prepare: PrepareExpression,
  faults: Faults,
): Condition | undefined {
  if (value['language'] !== FHIRPATH) {
    faults.add(`${element}.language`, `only ${FHIRPATH} is evaluated here`, 'not-supported')
    return undefined
  }
  return conditionOf(value['expression'], `${element}.expression`, prepare, faults)
}

/** Of `applicability`; one without an expression says nothing that can be checked, and always holds. */
export function readApplicability(
  list: readonly FoundElement<JsonObject>[],
  prepare: PrepareExpression,
  faults: Faults,
): readonly Applicability[] {
  return list.flatMap(({ value: { language, expression, description }, element }) => {
    if (expression === undefined) return []
    if (language !== undefined && language !== FHIRPATH) {
      faults.add(`${element}.language`, `only ${FHIRPATH} is evaluated here`, 'not-supported')
      return []
    }
    const holds = conditionOf(expression, `${element}.expression`, prepare, faults)
    return holds === undefined
      ? []
      : [{ holds, description: typeof description === 'string' ? description : `${element} does not hold` }]
  })
}

function conditionOf(
  expression: JsonValue | undefined,
  element: string,
  prepare: PrepareExpression,
  faults: Faults,
): Condition | undefined {
  if (typeof expression !== 'string' || expression === '') {
    faults.add(element, 'it must be a FHIRPath expression')
    return undefined
  }
  let evaluate: FhirPathEvaluator
  try {
    evaluate = prepare(expression)
  } catch (cause) {
    if (!(cause instanceof FhirError)) throw cause
    faults.add(element, cause.issues[0]?.diagnostics ?? 'it cannot be read')
    return undefined
  }
  return (environment) => {
    const focus = environment['encounter'] ?? NOTHING
    const [first, ...more] = evaluate(focus, environment)
    if (more.length > 0 || isJsonObject(first) || (first !== undefined && typeof first !== 'boolean'))
      throw new FhirError('business-rule', `${element}: a condition must be true, false or empty`)
    return first === true
  }
}
