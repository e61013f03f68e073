// How deep and how large a JSON value is.
import type { JsonValue } from '../resource.ts'

/** Objects and arrays may stand this deep in one another: a hundred levels of questionnaire items. */
export const MAX_DEPTH = 200

/** Whether objects and arrays stand at most this many levels deep, so that the value can be read again. */
export function isWithinDepth(value: JsonValue | undefined, levels = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (levels === 0) return false
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object' && !isWithinDepth(item, levels - 1)) return false
    return true
  }
  // A list of the children would be made of each object of a Bundle.
  for (const name in value) {
    const child = value[name]
    if (typeof child === 'object' && !isWithinDepth(child, levels - 1)) return false
  }
  return true
}

/** About how many characters the value takes when written. */
export function roughSize(value: JsonValue | undefined): number {
  if (typeof value === 'string') return value.length + 2
  if (typeof value !== 'object' || value === null) return 4
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + 1 + roughSize(item), 2)
  return Object.keys(value).reduce((sum, name) => sum + name.length + 4 + roughSize(value[name]), 2)
}
