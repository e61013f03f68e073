// Codes and identifiers as search values, and sets of them (https://hl7.org/fhir/R4/search.html#token).
import { stringMatch, tokenMatch, tokenSetMatch, type CodeSet, type Expression } from '../../store/index.ts'
import { mimeTypeOf, ofTypeOf, textOf } from '../derived-parameters.ts'
import { mimeTypeAlone } from '../mime-type.ts'
import { splitUnescaped, unescaped } from './escapes.ts'
import type { Reading, ValueTarget } from './reading.ts'
import { lookedUp, quoted, SearchFault } from './refusal.ts'
import { foldedText } from './strings.ts'

/** What has no system: a bar in its value means nothing. */
const WITHOUT_SYSTEM = ['boolean', 'ContactPoint', 'uri', 'url', 'canonical', 'oid', 'uuid']

/** Without parameters: what is below one with some is itself alone. */
const MIME_TYPE = /^[^\s/;|]+\/[^\s/;|]+$/

/** `code`, `system|code`, `|code`, `system|`. */
export function tokenExpression(target: ValueTarget, text: string): Expression {
  const { name, param, valueTypes } = target
  const parts = splitUnescaped(text, '|').map(unescaped)
  const [first = '', second] = parts
  if (parts.length > 2 || (second === undefined ? first === '' : first === '' && second === '')) {
    throw new SearchFault(
      name,
      'value',
      `${quoted(text)} is not a code. Right would be [code], [system]|[code], |[code] or [system]|; ` +
        'a bar within a code is written \\|.',
    )
  }
  if (second !== undefined && valueTypes.length > 0 && valueTypes.every((it) => WITHOUT_SYSTEM.includes(it)))
    throw new SearchFault(name, 'value', `${quoted(text)} names a system, and its values have none.`)
  const [system, code] = second === undefined ? [undefined, first] : [first, second]
  if (isBoolean(target) && code !== 'true' && code !== 'false')
    throw new SearchFault(name, 'value', `${quoted(text)} is neither true nor false.`)
  return tokenMatch(param, system, code === '' ? undefined : code)
}

function isBoolean({ valueTypes }: ValueTarget): boolean {
  return valueTypes.length > 0 && valueTypes.every((it) => it === 'boolean')
}

/** `:text`: what the display or text begins with. */
export function tokenText({ name, param }: ValueTarget, text: string): Expression {
  return stringMatch(textOf(param), foldedText(name, text))
}

/** `:of-type`: `system|code|value`, of an identifier's type and the identifier. */
export function tokenOfType({ name, param }: ValueTarget, text: string): Expression {
  const parts = splitUnescaped(text, '|').map(unescaped)
  const [system = '', code = '', value = ''] = parts
  if (parts.length !== 3 || parts.includes('')) {
    throw new SearchFault(
      name,
      'value',
      `${quoted(text)} lacks one of its three parts. Right would be [system]|[code]|[value], such as ` +
        'http://terminology.hl7.org/CodeSystem/v2-0203|MR|446053.',
    )
  }
  return tokenMatch(ofTypeOf(param), system, `${code}|${value}`)
}

/** `:in`: a value set by its URL or as `ValueSet/[id]`. @param text without escapes */
export async function tokenIn(target: ValueTarget, text: string, reading: Reading): Promise<Expression> {
  return tokenSet(target, await lookedUp(target.name, reading.lookup.codesIn(text)))
}

/** `:above` and `:below`: the code itself and those that it is a kind of, or that are a kind of it. */
export async function tokenBy(
  target: ValueTarget,
  direction: 'above' | 'below',
  text: string,
  { lookup }: Reading,
): Promise<Expression> {
  const parts = splitUnescaped(text, '|').map(unescaped)
  const [system = '', code = ''] = parts
  if (parts.length !== 2 || system === '' || code === '') {
    throw new SearchFault(
      target.name,
      'value',
      `${quoted(text)} does not name one code of a code system. Right would be [system]|[code].`,
    )
  }
  const codes = await lookedUp(target.name, lookup.codesBy(direction, system, code))
  return tokenSet(target, [{ system, codes }])
}

/** `:below` of a mime type: with whatever parameters (https://hl7.org/fhir/R4/search.html#mimetype). */
export function mimeTypeBelow({ name, param }: ValueTarget, text: string): Expression {
  if (!MIME_TYPE.test(text))
    throw new SearchFault(name, 'value', `${quoted(text)} is not a mime type. Right would be text/xml.`)
  return tokenMatch(mimeTypeOf(param), undefined, mimeTypeAlone(text))
}

/** A plain code whose system its element leaves open is kept without one. */
function tokenSet({ param, valueTypes }: ValueTarget, sets: readonly CodeSet[]): Expression {
  if (!valueTypes.includes('code')) return tokenSetMatch(param, sets)
  const codes = new Set(sets.flatMap((set) => (set.codes === 'all' ? [] : set.codes)))
  const plain = codes.size === 0 ? [] : [{ system: '', codes: [...codes] }]
  return tokenSetMatch(param, [...sets, ...plain])
}
