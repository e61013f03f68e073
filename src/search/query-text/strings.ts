// Strings as search values, and names by their sound (https://hl7.org/fhir/R4/search.html#string).
import { and, or, stringMatch, type Expression, type StringMatch } from '../../store/index.ts'
import { foldString } from '../fold-string.ts'
import { soundsOfWords } from '../phonetic.ts'
import { quoted, SearchFault } from './refusal.ts'
import type { ValueTarget } from './reading.ts'

/** @param text as it is meant, without escapes */
export function stringExpression(target: ValueTarget, mode: StringMatch['mode'], text: string): Expression {
  const { name, param, phonetic } = target
  if (phonetic) return soundExpression(target, text)
  if (mode === 'exact') return stringMatch(param, text, mode)
  return stringMatch(param, foldedText(name, text), mode)
}

export function foldedText(parameter: string, text: string): string {
  const folded = foldString(text)
  if (folded === '') throw new SearchFault(parameter, 'value', `${quoted(text)} holds nothing to search for.`)
  return folded
}

/** Every word must sound like some word of the name, in one of the ways that it may be spoken. */
function soundExpression({ name, param }: ValueTarget, text: string): Expression {
  const words = soundsOfWords(text)
  if (words.length === 0)
    throw new SearchFault(name, 'value', `${quoted(text)} holds no word that could sound like a name.`)
  const each = words.map((keys) => {
    const any = keys.map((key) => stringMatch(param, key, 'equals'))
    return any.length === 1 ? (any[0] as Expression) : or(any)
  })
  return each.length === 1 ? (each[0] as Expression) : and(each)
}
