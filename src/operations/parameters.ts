// Reads the parameters that operations have of their own.
import { FhirError, isInstant, nearestName, parseDateRange, type Definitions } from '../fhir/index.ts'
import type { Pair } from './operation.ts'

export function refused(parameter: string, rule: string): FhirError {
  return new FhirError('invalid-search', [
    {
      severity: 'error',
      code: 'value',
      diagnostics: `Parameter '${parameter}': ${rule}`,
      expression: `http.${parameter}`,
    },
  ])
}

/** The values under a name that may stand once. @throws FhirError `invalid-search` */
export function single(pairs: readonly Pair[], name: string): string | undefined {
  const values = pairs.filter(([known]) => known === name)
  if (values.length > 1) throw refused(name, 'it stands more than once.')
  if (values[0]?.[1] === '') throw refused(name, 'it has no value.')
  return values[0]?.[1]
}

/** @throws FhirError `invalid-search` for parameters that are not among these, unless handling is lenient */
export function refuseOthers(
  pairs: readonly Pair[],
  known: readonly string[],
  handling: 'strict' | 'lenient',
): readonly Pair[] {
  const unknown = pairs.find(([name]) => !known.includes(name))
  if (unknown === undefined) return pairs
  if (handling === 'lenient') return pairs.filter(([name]) => known.includes(name))
  const name = /^[\w.:-]{1,64}$/.test(unknown[0]) ? unknown[0] : '(unreadable)'
  const near = nearestName(name, known)
  const hint = near === undefined ? '' : ` Did you mean '${near}'?`
  throw refused(
    name,
    known.length === 0
      ? 'this operation has no parameters.'
      : `it is not known here.${hint} Known: ${known.join(', ')}.`,
  )
}

/** A date as its range of milliseconds. @throws FhirError `invalid-search` */
export function readDate(name: string, text: string | undefined) {
  if (text === undefined) return undefined
  const range = parseDateRange(text)
  if (range === undefined) throw refused(name, 'it must be a date, such as 2024, 2024-05 or 2024-05-31.')
  return range
}

/** Milliseconds since 1970. @throws FhirError `invalid-search` */
export function readInstant(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const restored = text.replace(/ (?=\d\d:\d\d$)/, '+')
  if (!isInstant(restored)) throw refused(name, 'it must be an instant, such as 2024-05-31T08:30:00Z.')
  return parseDateRange(restored)?.low
}

/** @throws FhirError `invalid-search` */
export function readWhole(name: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!/^\d{1,9}$/.test(text) || value < least)
    throw refused(name, `it must be a whole number of ${least} or more.`)
  return value
}

/** Resource types between commas, in one parameter or several; undefined when none is given. @throws FhirError `invalid-search` */
export function readTypes(pairs: readonly Pair[], definitions: Definitions): ReadonlySet<string> | undefined {
  const names = pairs.filter(([name]) => name === '_type').flatMap(([, value]) => value.split(','))
  if (names.length === 0) return undefined
  for (const name of names) {
    if (definitions.isResourceType(name)) continue
    const near = nearestName(name, definitions.resourceTypes)
    const shown = /^\w{1,64}$/.test(name) ? `'${name}'` : 'A value of it'
    throw refused(
      '_type',
      `${shown} is no resource type.${near === undefined ? '' : ` Did you mean ${near}?`}`,
    )
  }
  return new Set(names)
}
