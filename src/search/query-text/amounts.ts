// Numbers and quantities as search values (https://hl7.org/fhir/R4/search.html#number, #quantity).
import { numberMatch, quantityMatch, type Expression, type RangeComparison } from '../../store/index.ts'
import { splitUnescaped, unescaped } from './escapes.ts'
import { numberComparison } from './implied-range.ts'
import { PREFIXES, splitPrefix } from './prefix.ts'
import { quoted, SearchFault } from './refusal.ts'

export function numberExpression(parameter: string, text: string): Expression {
  return numberMatch(parameter, comparison(parameter, text, '5.4'))
}

/** `5.4`, `5.4|system|code`, `5.4||code`, each perhaps behind a prefix. */
export function quantityExpression(parameter: string, text: string): Expression {
  const [number = '', system = '', code = '', ...others] = splitUnescaped(text, '|').map(unescaped)
  const bars = splitUnescaped(text, '|').length - 1
  const right = '5.4, 5.4|http://unitsofmeasure.org|mg or 5.4||mg'
  if (others.length > 0 || bars === 1 || (bars === 2 && system === '' && code === '')) {
    throw new SearchFault(parameter, 'value', `${quoted(text)} is not a quantity. Right would be ${right}.`)
  }
  return quantityMatch(
    parameter,
    comparison(parameter, number, right),
    system === '' ? undefined : system,
    code === '' ? undefined : code,
  )
}

function comparison(parameter: string, text: string, right: string): RangeComparison {
  const { comparator, rest } = splitPrefix(text)
  const read = numberComparison(comparator, rest)
  if (read === undefined) {
    throw new SearchFault(
      parameter,
      'value',
      `${quoted(rest)} is not a number. Right would be ${right}, perhaps behind a prefix (${PREFIXES}).`,
    )
  }
  return read
}
