// The band that the value of a score lies in.
import { isJsonObject, type JsonValue } from '../../fhir/index.ts'
import type { Formula } from './formula.ts'
import type { Band, Coding, ScoreRule } from './instrument.ts'

/**
 * The first band that holds the value and is for this patient. `evaluate` is handed the condition of a band that is for
 * some only, which sees `%score`; throws what it throws.
 */
export function bandOf(
  { bands }: Pick<ScoreRule, 'bands'>,
  value: number | Coding | boolean,
  evaluate: (condition: Formula) => readonly JsonValue[],
): Band | undefined {
  return bands.find((band) => {
    if (!holds(band, value)) return false
    if (band.when === undefined) return true
    const values = evaluate(band.when)
    return values.length === 1 && values[0] === true
  })
}

function holds({ low, high, code }: Band, value: number | Coding | boolean): boolean {
  if (typeof value !== 'number') return code === (isJsonObject(value) ? value.code : String(value))
  return code === undefined && (low === undefined || value >= low) && (high === undefined || value <= high)
}
