// JSON Pointer (https://www.rfc-editor.org/rfc/rfc6901), strictly: every step must exist, arrays know only indexes.
import { MAX_DEPTH } from '../json/index.ts'
import type { JsonObject, JsonValue } from '../resource.ts'
import { type Refusal, shown } from './refusal.ts'

export interface Place {
  readonly container: JsonObject | JsonValue[]
  /** A property's name, or an index at most the array's length. */
  readonly key: string | number
}

const INDEX = /^(?:0|[1-9][0-9]{0,8})$/
/** No element of FHIR is so named, and JavaScript gives them a meaning of their own. */
const UNSAFE: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** The reference tokens, the first of them '' for the root. */
export function parsePointer(pointer: string, refusal: Refusal): readonly string[] {
  if (pointer !== '' && !pointer.startsWith('/')) throw refusal.malformed("a JSON Pointer begins with '/'")
  if (/~(?![01])/.test(pointer))
    throw refusal.malformed("in a JSON Pointer '~' is written '~0', and '/' in a name '~1'")
  const steps = pointer.split('/', MAX_DEPTH + 2)
  if (steps.length > MAX_DEPTH + 1)
    throw refusal.malformed(`it leads deeper than the ${MAX_DEPTH} levels of a resource`)
  const tokens = steps.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
  if (tokens.some((token) => UNSAFE.has(token))) throw refusal.malformed('no element has this name')
  return tokens
}

/** The place that the tokens name below `holder`, whose property '' is the document; its last step need not exist. */
export function placeAt(holder: JsonObject, tokens: readonly string[], refusal: Refusal): Place {
  let container: JsonObject | JsonValue[] = holder
  let key: string | number = ''
  for (const token of tokens.slice(1)) {
    const next: JsonValue | undefined = valueAt(container, key)
    if (next === undefined) throw refusal.failed(`there is no ${shown(String(key))} on the way`)
    if (typeof next !== 'object' || next === null)
      throw refusal.failed(`${shown(String(key))} is a value with nothing in it`)
    container = next
    key = Array.isArray(next) ? indexIn(next, token, refusal) : token
  }
  return { container, key }
}

function indexIn(array: readonly JsonValue[], token: string, refusal: Refusal): number {
  if (token === '-') return array.length
  if (!INDEX.test(token)) throw refusal.failed(`${shown(token)} is no index of an array`)
  return Number(token)
}

/** What stands there; undefined for nothing. */
export function valueAt(
  container: JsonObject | readonly JsonValue[],
  key: string | number,
): JsonValue | undefined {
  return Object.hasOwn(container, key)
    ? (container as Record<string | number, JsonValue | undefined>)[key]
    : undefined
}
