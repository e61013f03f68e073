// Evaluates the expressions of an instrument on one response.
import { FhirError, type JsonValue, type Resource } from '../../fhir/index.ts'
import type { Formula } from './formula.ts'
import type { Instrument } from './instrument.ts'

export interface ResponseFormulas {
  /** Throws FhirError where the evaluation fails, or that of a variable which the formula uses. */
  readonly evaluate: (formula: Formula) => readonly JsonValue[]
  /** Gives an expression `%name`; undefined is the empty collection. */
  readonly set: (name: string, value: JsonValue | undefined) => void
  /** Computes the variables anew, after the response has changed. */
  readonly recompute: () => void
}

/** All expressions on one response together: honest ones need less than one. */
const MOST_MILLISECONDS = 1000

/** `response`: as the instrument understands it. The variables are computed at once. */
export function formulasOn(
  { questionnaire, scores, variables }: Instrument,
  response: Resource,
  patient: Resource | undefined,
): ResponseFormulas {
  const environment: Record<string, JsonValue> = {
    resource: response,
    rootResource: response,
    context: response,
    questionnaire,
    patient: patient ?? [],
  }
  for (const { variable } of scores) environment[variable] = []
  const failed = new Map<string, FhirError>()

  const until = performance.now() + MOST_MILLISECONDS

  function evaluate(formula: Formula): readonly JsonValue[] {
    if (performance.now() > until)
      throw new FhirError(
        'too-costly',
        'The expressions of the Questionnaire take too long on this response.',
      )
    if (failed.size > 0) {
      for (const name of formula.names) {
        const error = failed.get(name)
        if (error !== undefined) throw error
      }
    }
    return formula.evaluate(response, environment)
  }

  function recompute(): void {
    failed.clear()
    for (const { name, formula } of variables) {
      try {
        environment[name] = [...evaluate(formula)]
      } catch (error) {
        if (!(error instanceof FhirError)) throw error
        failed.set(name, error)
      }
    }
  }
  recompute()
  return {
    evaluate,
    recompute,
    set(name, value) {
      environment[name] = value ?? []
    },
  }
}
