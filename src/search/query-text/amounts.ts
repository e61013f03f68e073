// Numbers and quantities as search values (https://hl7.org/fhir/R4/search.html#number, #quantity).
import { numberMatch, quantityMatch, type Expression, type RangeComparison } from '../../store/index.ts'
import { canonicalOf } from '../derived-parameters.ts'
import { canonicalQuantity, UCUM } from '../ucum.ts'
import { splitUnescaped, unescaped } from './escapes.ts'
import { justAbove, numberComparison } from './implied-range.ts'
import { splitPrefix } from './prefix.ts'
import type { ValueTarget } from './reading.ts'
import { quoted, SearchFault } from './refusal.ts'
import { PREFIXES } from './support.ts'

export function numberExpression({ name, param }: ValueTarget, text: string): Expression {
  return numberMatch(param, comparison(name, text, '5.4'))
}

/**
 * `5.4` (or `5.4||`), `5.4|system|code`, `5.4||code`, each perhaps behind a prefix. With a unit of UCUM, quantities
 * in whatever unit of the same kind are compared.
 */
export function quantityExpression({ name, param }: ValueTarget, text: string): Expression {
  const parts = splitUnescaped(text, '|').map(unescaped)
  const [number = '', system = '', code = ''] = parts
  const right = '5.4, 5.4|http://unitsofmeasure.org|mg or 5.4||mg'
  if (parts.length > 3 || parts.length === 2) {
    throw new SearchFault(name, 'value', `${quoted(text)} is not a quantity. Right would be ${right}.`)
  }
  const compared = comparison(name, number, right)
  const canonical = system === UCUM && code !== '' ? inBaseUnits(compared, code) : undefined
  if (canonical !== undefined)
    return quantityMatch(canonicalOf(param), canonical.comparison, UCUM, canonical.code)
  return quantityMatch(param, compared, system === '' ? undefined : system, code === '' ? undefined : code)
}

function inBaseUnits({ comparator, low, high }: RangeComparison, unit: string) {
  const [from, to] = [canonicalQuantity(low, unit), canonicalQuantity(high, unit)]
  if (from === undefined || to === undefined) return undefined
  // Rounding must not make a range so narrow that the value that was asked for is outside.
  const middle = low < high ? canonicalQuantity(low + (high - low) / 2, unit) : undefined
  const end = comparator === 'ap' ? justAbove(to.value) : to.value
  const above = middle === undefined ? end : Math.max(end, justAbove(middle.value))
  return { comparison: { comparator, low: from.value, high: above }, code: from.code }
}

function comparison(parameter: string, text: string, right: string): RangeComparison {
  const { comparator, rest } = splitPrefix(text)
  const read = numberComparison(comparator, rest)
  if (read === undefined) {
    throw new SearchFault(
      parameter,
      'value',
      `${quoted(rest)} is not a number. Right would be ${right}, perhaps behind a prefix (${PREFIXES.join(', ')}).`,
    )
  }
  return read
}
