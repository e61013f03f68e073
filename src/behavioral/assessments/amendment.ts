// An Observation that was made before, as it is to be after its response has been changed.
import { isDeepStrictEqual } from 'node:util'
import { isJsonObject, type JsonObject, type JsonValue, type Resource } from '../../fhir/index.ts'

/** What is made anew; all else that somebody has added since, such as a note, stays. */
const MADE = [
  'identifier',
  'category',
  'code',
  'subject',
  'encounter',
  'effectiveDateTime',
  'performer',
  'device',
  'dataAbsentReason',
  'interpretation',
  'hasMember',
  'derivedFrom',
] as const

/** States of an Observation that has been released (https://hl7.org/fhir/R4/valueset-observation-status.html). */
const RELEASED: ReadonlySet<unknown> = new Set(['final', 'amended', 'corrected'])

/** undefined when it is as it is to be. */
export function amended(stored: Resource, made: Resource): Resource | undefined {
  const next: Resource = { ...stored, meta: mergedMeta(stored.meta, made.meta) }
  for (const element of Object.keys(stored)) if (element.startsWith('value')) delete next[element]
  for (const element of Object.keys(made)) if (element.startsWith('value')) next[element] = made[element]
  for (const element of MADE)
    if (made[element] === undefined) delete next[element]
    else next[element] = made[element]
  if (RELEASED.has(stored['status']) && isDeepStrictEqual(next, stored)) return undefined
  return { ...next, status: 'amended' }
}

/** Labels and tags stay; those that it is made with are added. */
function mergedMeta(stored: unknown, made: unknown): JsonObject {
  const { profile: kept, security: known, ...meta } = isJsonObject(stored) ? stored : {}
  const { profile, security } = isJsonObject(made) ? made : {}
  const profiles = new Set([...listOf(profile), ...listOf(kept)])
  const labels = [...listOf(known)]
  for (const label of listOf(security)) if (!labels.some((it) => isSameCode(it, label))) labels.push(label)
  return {
    ...meta,
    ...(profiles.size === 0 ? {} : { profile: [...profiles] }),
    ...(labels.length === 0 ? {} : { security: labels }),
  }
}

function isSameCode(a: JsonValue, b: JsonValue): boolean {
  return isJsonObject(a) && isJsonObject(b) && a['system'] === b['system'] && a['code'] === b['code']
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : []
}
