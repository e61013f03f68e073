// Which alerts hold in a response; where answers differ, those of either.
import { FhirError, type Issue } from '../../fhir/index.ts'
import type { AlertRule, Instrument } from './instrument.ts'
import type { ResponseFormulas } from './response-formulas.ts'
import type { UnderstoodResponse } from './understood.ts'

/** So many answers to one question are tried when they differ. */
const MOST_READINGS = 8

/**
 * Danger comes first: an alert holds when it does by any of several answers that differ, and when its expression fails.
 * Failures are added to `warnings`.
 */
export function alertsThatHold(
  { alerts }: Instrument,
  { disputed }: UnderstoodResponse,
  formulas: ResponseFormulas,
  warnings: Issue[],
): readonly AlertRule[] {
  if (alerts.length === 0) return []
  const held = new Set<AlertRule>()
  const look = (): void => {
    for (const alert of alerts) if (!held.has(alert) && holds(alert, formulas, warnings)) held.add(alert)
  }
  look()
  const readings = Math.min(
    MOST_READINGS,
    Math.max(0, ...disputed.map(({ alternatives }) => alternatives.length)),
  )
  for (let reading = 0; reading < readings; reading++) {
    for (const { item, alternatives } of disputed) {
      const value = alternatives[reading] ?? alternatives.at(-1)
      if (value !== undefined) item['answer'] = [value.answer]
    }
    formulas.recompute()
    look()
  }
  return alerts.filter((alert) => held.has(alert))
}

function holds({ id, when }: AlertRule, { evaluate }: ResponseFormulas, warnings: Issue[]): boolean {
  try {
    const values = evaluate(when)
    return values.length === 1 && values[0] === true
  } catch (error) {
    if (!(error instanceof FhirError)) throw error
    const diagnostics = `Whether alert '${id}' holds cannot be said, so it is taken to: ${error.message}`
    warnings.push({ severity: 'warning', code: 'processing', diagnostics, expression: when.element })
    return true
  }
}
