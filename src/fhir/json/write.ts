// Writes JSON, each number as it was written when it came in.
import type { JsonObject, JsonValue } from '../resource.ts'
import { decimalText, hasWrittenForms } from './numerals.ts'

export interface WriteOptions {
  /** Two spaces a level, as `JSON.stringify(value, null, 2)`; otherwise no space at all. */
  readonly pretty?: boolean
}

/** The JSON text; `undefined` properties are left out. */
export function writeJson(value: JsonValue, options: WriteOptions = {}): string {
  const indent = options.pretty === true ? '  ' : ''
  if (!keepsNumerals(value)) return JSON.stringify(value, undefined, indent)
  return write(value, indent, '\n')
}

function keepsNumerals(value: JsonValue): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (hasWrittenForms(value)) return true
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object' && keepsNumerals(item)) return true
    return false
  }
  for (const key in value) {
    const child = value[key]
    if (typeof child === 'object' && keepsNumerals(child)) return true
  }
  return false
}

/** `lineStart` is the line break and the indentation of the value's own line. */
function write(value: JsonValue, indent: string, lineStart: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const inner = indent === '' ? '' : lineStart + indent
  const outer = indent === '' ? '' : lineStart
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    const items = value.map((item, index) => writeAt(value, index, item ?? null, indent, inner))
    return `[${inner}${items.join(`,${inner}`)}${outer}]`
  }
  return writeObject(value, indent, inner, outer)
}

function writeObject(value: JsonObject, indent: string, inner: string, outer: string): string {
  const colon = indent === '' ? ':' : ': '
  let text = ''
  for (const key of Object.keys(value)) {
    const child = value[key]
    if (child === undefined) continue
    text += `${text === '' ? '' : ','}${inner}${JSON.stringify(key)}${colon}${writeAt(value, key, child, indent, inner)}`
  }
  return text === '' ? '{}' : `{${text}${outer}}`
}

function writeAt(
  container: JsonObject | JsonValue[],
  key: string | number,
  child: JsonValue,
  indent: string,
  inner: string,
): string {
  if (typeof child !== 'number') return write(child, indent, inner)
  return decimalText(container, key) ?? JSON.stringify(child)
}
