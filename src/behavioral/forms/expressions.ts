// The expressions of one form, for one call: what fails is told and has no value, and all together may cost so much.
import {
  FhirError,
  isJsonObject,
  parseFhirPath,
  type Issue,
  type JsonObject,
  type JsonValue,
  type Resource,
} from '../../fhir/index.ts'
import type { Evaluators, Expression } from '../assessments/formula.ts'
import { textOf } from './elements.ts'

/** All evaluations of one call together: a form is filled in by who waits for it, and others wait behind it. */
const MOST_MILLISECONDS = 2000
const MOST_ISSUES = 100

export type Values = Readonly<Record<string, JsonValue>>

/** An expression of the form, and where it stands in the Questionnaire (FHIRPath). */
export interface Written {
  readonly text: string
  readonly place: string
}

export class FormExpressions {
  /** Warnings of what could not be evaluated. */
  readonly issues: Issue[] = []
  readonly #evaluators: Evaluators
  readonly #ready = new Map<string, Expression | FhirError>()
  #spent = 0

  constructor(evaluators: Evaluators) {
    this.#evaluators = evaluators
  }

  /**
   * What an expression selects; none, and an issue, when it fails. `at` is the FHIRPath, below the resource, of the
   * element that it is about: `item[0].item[2]`.
   * @throws FhirError `too-costly` when the form's expressions take too long together
   */
  evaluate({ text, place }: Written, resource: Resource, at: string, values: Values): readonly JsonValue[] {
    const startedAt = performance.now()
    try {
      if (this.#spent > MOST_MILLISECONDS)
        throw tooCostly('The expressions of this Questionnaire take too long together.', place)
      return this.#prepared(text, at)(resource, { resource, rootResource: resource, ...values })
    } catch (error) {
      if (!(error instanceof FhirError) || this.#spent > MOST_MILLISECONDS) throw error
      this.warn(place, error.message)
      return []
    } finally {
      this.#spent += performance.now() - startedAt
    }
  }

  warn(place: string, diagnostics: string): void {
    if (this.issues.length < MOST_ISSUES)
      this.issues.push({ severity: 'warning', code: 'processing', diagnostics, expression: place })
  }

  /** Of an element of type Expression in FHIRPath; undefined, and an issue, when it is another language. */
  written(expression: JsonObject | undefined, place: string): Written | undefined {
    const text = textOf(expression?.expression)
    if (text === undefined) return undefined
    if (expression?.language === 'text/fhirpath') return { text, place }
    this.warn(place, 'Only expressions in text/fhirpath are evaluated here.')
    return undefined
  }

  /**
   * `select` lets an expression look from an element whose type is known by where it stands; %context is that element
   * (https://hl7.org/fhir/uv/sdc/expressions.html#fhirpath-and-questionnaire).
   */
  #prepared(text: string, at: string): Expression {
    const key = `${at} ${text}`
    let ready = this.#ready.get(key)
    if (ready === undefined) {
      try {
        parseFhirPath(text)
        ready = this.#evaluators(
          at === '' ? text : `${at}.select(${text.replaceAll(/%context\b/g, `%resource.${at}`)}\n)`,
        )
      } catch (error) {
        if (!(error instanceof FhirError)) throw error
        ready = error
      }
      this.#ready.set(key, ready)
    }
    if (ready instanceof FhirError) throw ready
    return ready
  }
}

/** That a form asks for more than it may; `place` is the FHIRPath of the element of the Questionnaire. */
export function tooCostly(diagnostics: string, place: string): FhirError {
  return new FhirError('too-costly', [
    { severity: 'error', code: 'too-costly', diagnostics, expression: place },
  ])
}

/**
 * A query of SDC, `Type?name=value`, with `{{expression}}` in it replaced by what they select, several values between
 * commas (https://hl7.org/fhir/uv/sdc/expressions.html#x-fhir-query-enhancements). undefined when one selects nothing:
 * without it the query would be wider than was meant.
 */
export function fillQuery(
  query: string,
  select: (expression: string) => readonly JsonValue[],
): string | undefined {
  let isWhole = true
  const filled = query.replaceAll(/\{\{(.*?)\}\}/gs, (_, expression: string) => {
    const texts = select(expression).flatMap(queryText)
    if (texts.length === 0) isWhole = false
    return texts.map(encodeURIComponent).join(',')
  })
  return isWhole ? filled : undefined
}

function queryText(value: JsonValue): readonly string[] {
  if (!isJsonObject(value)) return value === null || Array.isArray(value) ? [] : [String(value)]
  const { resourceType, id, reference, system, code } = value
  if (typeof resourceType === 'string' && typeof id === 'string') return [`${resourceType}/${id}`]
  if (typeof reference === 'string') return [reference]
  if (typeof code === 'string') return [typeof system === 'string' ? `${system}|${code}` : code]
  return []
}
