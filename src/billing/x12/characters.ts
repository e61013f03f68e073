// What X12's character sets can say of a text: names folded to the basic set, identifiers as they are or not at all.
import { unwritable } from './fault.ts'
import { USUAL_DELIMITERS } from './segments.ts'

/** Letters that do not come apart into a base letter and its marks. */
const FOLDED: Readonly<Record<string, string>> = {
  Æ: 'AE',
  Œ: 'OE',
  Ø: 'O',
  Ł: 'L',
  Đ: 'D',
  Ð: 'D',
  Þ: 'TH',
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '–': '-',
  '—': '-',
}

/** X12's basic characters, less the usual delimiters. */
const NOT_BASIC = /[^A-Z0-9 !"&'()+,\-./;?=]/gu
const DELIMITERS = Object.values(USUAL_DELIMITERS)

/**
 * A name, address or note in upper case and X12's basic characters: marks are taken off letters, and what has no
 * place there, delimiters above all, becomes a space. Cut to `most` characters. 422 at the FHIR element `expression`
 * when nothing of it is left.
 */
export function x12Text(text: string, most: number, expression: string): string {
  const folded = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .replace(/[^\x20-\x7e]/gu, (letter) => FOLDED[letter] ?? ' ')
    .replace(NOT_BASIC, ' ')
    .replace(/ +/g, ' ')
    .trim()
    .slice(0, most)
    .trimEnd()
  if (folded === '') throw unwritable(expression, 'has no character that X12 can write')
  return folded
}

/** An identifier or code, unchanged. 422 when it has a delimiter, a character X12 lacks, or not `least` to `most`. */
export function x12Code(text: string, most: number, expression: string, least = 1): string {
  if (text.length > most || text.length < least)
    throw unwritable(expression, `must have ${least} to ${most} characters`)
  if (text === '' || text.trim() !== text || !/^[\x20-\x7e]+$/.test(text))
    throw unwritable(expression, 'must have characters of X12 only, and no spaces around them')
  if (DELIMITERS.some((one) => text.includes(one)))
    throw unwritable(expression, `must not have ${DELIMITERS.join(' ')}, which X12 uses between values`)
  return text
}
