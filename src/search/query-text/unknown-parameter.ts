// What is told of a parameter that a type does not have, or not yet.
import { nearestName } from '../../fhir/index.ts'
import type { Place, Reading } from './reading.ts'
import { quoted, SearchFault } from './refusal.ts'
import { GENERAL_PARAMETERS } from './support.ts'

/** Not for the type at hand: a chain that leads to several types leaves this one out. */
export class LackingHere extends SearchFault {}

/** A parameter that the type does not have: lenient handling leaves it out. */
export class UnknownParameter extends LackingHere {
  /** It is named by a value, as in `_filter`: then nothing is left out. */
  inValue = false
}

/** `name` as written behind the place's path; `code` its parameter alone. */
export function unknownParameter(
  { type, path, steps, single }: Place,
  name: string,
  code: string,
  { registry, alsoKnown }: Reading,
): UnknownParameter {
  const status = registry.statusOf(type, code)
  if (status !== undefined) return new UnknownParameter(path + name, 'not-supported', `it ${status}.`)
  const lacking = `${type} has no such parameter${path === '' ? '' : ` (${quoted(code)})`}.`
  const unknown = (more: string) => new UnknownParameter(path + name, 'not-supported', lacking + more)
  if (!single && steps > 0) return unknown('')
  const own = [...registry.offered(type).keys()]
  const common = [...GENERAL_PARAMETERS, ...(steps === 0 ? alsoKnown : [])]
  const known = [...(single ? own : own.filter((it) => it.startsWith('_'))), ...common]
  const near = nearestName(code, known)
  const hint = near === undefined ? '' : ` Did you mean ${quoted(near)}?`
  if (single) return unknown(`${hint} Supported for ${type}: ${known.join(', ')}.`)
  return unknown(`${hint} All types that are searched must have it; _type chooses them.`)
}
