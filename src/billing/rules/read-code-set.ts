// Reads what an add-on needs beside it and what may not stand beside it: codes, or a range of them, and how near.
import {
  type ExtensionParts,
  extensionPartsOf,
  type Faults,
  type FoundElement,
  type JsonObject,
  oneOfCodes,
} from '../../fhir/index.ts'
import { keyOf } from './codes.ts'
import { type CodeSet, type Exclusion, type Primary, SCOPES } from './service-rule.ts'

const CODES = { code: 'Coding', first: 'Coding', last: 'Coding', scope: 'code', denial: 'code' } as const
const PRIMARY = { ...CODES, startsAt: 'positiveInt' } as const
const EXCLUSION = { ...CODES, severity: 'code' } as const

export function readPrimary(found: FoundElement<JsonObject>, faults: Faults): Primary {
  const parts = extensionPartsOf(found, PRIMARY, faults)
  const startsAt = parts.one('startsAt')?.value
  return {
    ...codesOf(parts, faults),
    ...(startsAt === undefined ? {} : { startsAt }),
  }
}

export function readExclusion(found: FoundElement<JsonObject>, faults: Faults): Exclusion {
  const parts = extensionPartsOf(found, EXCLUSION, faults)
  const severity = oneOfCodes(parts.one('severity'), ['error', 'warning'], faults) ?? 'error'
  return { ...codesOf(parts, faults), severity }
}

function codesOf(
  parts: ExtensionParts<typeof CODES>,
  faults: Faults,
): CodeSet & { readonly scope: Primary['scope']; readonly denial?: string } {
  const codes = parts.all('code').map(({ value }) => value)
  const first = parts.one('first')
  const last = parts.one('last')
  const scope = oneOfCodes(parts.one('scope'), SCOPES, faults) ?? 'day'
  const denial = parts.one('denial')?.value
  const told = { scope, ...(denial === undefined ? {} : { denial }) }
  if (first === undefined && last === undefined) {
    if (codes.length === 0)
      faults.add(parts.element, `a 'code', or a 'first' and a 'last', is needed`, 'required')
    return { codes, ...told }
  }
  if (first === undefined || last === undefined) {
    faults.add(parts.element, `'first' and 'last' are needed together`, 'required')
    return { codes, ...told }
  }
  const isOfOneSystem = keyOf({ ...first.value, code: '' }) === keyOf({ ...last.value, code: '' })
  if (
    !isOfOneSystem ||
    first.value.code.length !== last.value.code.length ||
    first.value.code > last.value.code
  )
    faults.add(last.element, `it must be of the system and length of 'first', and not before it`)
  return { codes, range: { first: first.value, last: last.value }, ...told }
}
