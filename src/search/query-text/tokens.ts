// Codes and identifiers as search values: `code`, `system|code`, `|code`, `system|` (https://hl7.org/fhir/R4/search.html#token).
import { tokenMatch, type Expression } from '../../store/index.ts'
import { splitUnescaped, unescaped } from './escapes.ts'
import { quoted, SearchFault } from './refusal.ts'

/** `boolean`: whether the parameter has no values but true and false. */
export function tokenExpression(parameter: string, text: string, boolean: boolean): Expression {
  const parts = splitUnescaped(text, '|').map(unescaped)
  const [first = '', second] = parts
  if (parts.length > 2 || (second === undefined ? first === '' : first === '' && second === '')) {
    throw new SearchFault(
      parameter,
      'value',
      `${quoted(text)} is not a code. Right would be [code], [system]|[code], |[code] or [system]|; ` +
        'a bar within a code is written \\|.',
    )
  }
  const [system, code] = second === undefined ? [undefined, first] : [first, second]
  if (boolean && code !== 'true' && code !== 'false') {
    throw new SearchFault(parameter, 'value', `${quoted(text)} is neither true nor false.`)
  }
  return tokenMatch(parameter, system, code === '' ? undefined : code)
}
