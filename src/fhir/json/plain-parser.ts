// Parses JSON that the engine's own parser reads without loss, as most is that programs write: in less time than the
// exact parser takes, and less again as such a text needs not be written anew to be stored.
import type { JsonValue } from '../resource.ts'
import { isWithinDepth } from './measure.ts'

const BRACE = 0x7b
const QUOTE = 0x22
/** In characters. Of a longer one, to write it again would take more memory than the time is worth. */
const LONGEST = 1024 * 1024

/**
 * The value of an object's text, if writing the value gives the same text again: then no digit was lost, nor one of
 * two properties of the same name. undefined for any other text, JSON or not: the exact parser tells.
 */
export function parsePlain(text: string, maxDepth: number): JsonValue | undefined {
  if (text.length > LONGEST) return undefined
  // With a space here there are others, and the text would not be the same.
  if (text.charCodeAt(0) !== BRACE || text.charCodeAt(1) !== QUOTE || text.includes('__proto__'))
    return undefined
  try {
    const value = JSON.parse(text) as JsonValue
    if (mayBeDeep(text, maxDepth) && !isWithinDepth(value, maxDepth)) return undefined
    return JSON.stringify(value) === text ? value : undefined
  } catch {
    return undefined
  }
}

/** Whether as many objects and arrays begin in the text as may stand in one another. */
function mayBeDeep(text: string, maxDepth: number): boolean {
  let left = maxDepth
  for (const opening of ['{', '['])
    for (let at = text.indexOf(opening); at >= 0; at = text.indexOf(opening, at + 1))
      if (--left < 0) return true
  return false
}
