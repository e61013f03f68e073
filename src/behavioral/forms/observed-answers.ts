// Observation-based population: the most recent Observation of an item's codes, within its period
// (https://hl7.org/fhir/uv/sdc/populate.html#observation-based-population).
import { formatInstant, type JsonObject, type JsonValue, type Resource } from '../../fhir/index.ts'
import { extensionValue, objectOf, objectsOf, textOf, valueOf } from './elements.ts'
import type { FormItem } from './form.ts'
import type { FormLookup } from './reader.ts'
import { OBSERVATION_LINK_PERIOD } from './sdc.ts'

const STATUSES: ReadonlySet<unknown> = new Set(['final', 'amended', 'corrected'])
const DAY = 86_400_000
/** Milliseconds of a UCUM unit that is always as long. */
const LENGTHS: Readonly<Record<string, number>> = { s: 1000, min: 60_000, h: 3_600_000, d: DAY, wk: 7 * DAY }

/** An Observation, or a component of one. */
export interface Observed {
  readonly observation: Resource
  readonly element: JsonObject
}

export interface ObservedParts {
  readonly reader: FormLookup
  /** Of whom: `Patient/1`. */
  readonly subject: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/**
 * What an item that asks for it is answered from, newest first; below an item that an Observation was found for, only
 * its components and members. undefined when the item does not ask.
 */
export async function observedFor(
  { item }: FormItem,
  around: Observed | undefined,
  parts: ObservedParts,
): Promise<readonly Observed[] | undefined> {
  const period = objectOf(extensionValue(item, OBSERVATION_LINK_PERIOD))
  const codes = objectsOf(item.code).filter((one) => textOf(one.code) !== undefined)
  if (period === undefined || codes.length === 0) return undefined
  if (around !== undefined) return partsOf(around, codes, parts)
  const since = startOf(period, parts.now)
  if (since === undefined) return []
  const tokens = codes.map(tokenOf).map(encodeURIComponent).join(',')
  const query = `Observation?subject=${encodeURIComponent(parts.subject)}&code=${tokens}&status=final,amended,corrected&date=ge${encodeURIComponent(since)}&_sort=-date`
  const found = await parts.reader.find(query)
  return found
    .filter((observation) => isOfSubject(observation, parts.subject))
    .map((observation) => ({ observation, element: observation }))
}

/** `value[x]` of an Observation or component. */
export function observedValue({ element }: Observed): JsonValue | undefined {
  return valueOf(element)?.[1]
}

async function partsOf(
  { observation }: Observed,
  codes: readonly JsonObject[],
  { reader, subject }: ObservedParts,
): Promise<readonly Observed[]> {
  const components = objectsOf(observation.component)
    .filter((component) => hasCode(component, codes))
    .map((element) => ({ observation, element }))
  const members: Observed[] = []
  for (const { reference } of objectsOf(observation.hasMember)) {
    const read = typeof reference === 'string' ? await reader.read(reference) : undefined
    const member = read?.resource
    if (member?.resourceType !== 'Observation' || !STATUSES.has(member.status)) continue
    if (hasCode(member, codes) && isOfSubject(member, subject))
      members.push({ observation: member, element: member })
  }
  return [...components, ...members]
}

/** A focus is somebody or something else, such as the child of a mother. */
function isOfSubject({ focus }: Resource, subject: string): boolean {
  return objectsOf(focus).every(({ reference }) => reference === subject)
}

function hasCode({ code }: JsonObject, codes: readonly JsonObject[]): boolean {
  return objectsOf(objectOf(code)?.coding).some((own) =>
    codes.some((wanted) => wanted.code === own.code && wanted.system === own.system),
  )
}

function tokenOf({ system, code }: JsonObject): string {
  const escaped = (text: JsonValue | undefined): string =>
    typeof text === 'string' ? text.replaceAll(/[\\,|$]/g, String.raw`\$&`) : ''
  return system === undefined ? escaped(code) : `${escaped(system)}|${escaped(code)}`
}

/** When a period that ends now begins; undefined for a unit that is none of time. */
function startOf({ value, code, unit }: JsonObject, now: number): string | undefined {
  if (typeof value !== 'number' || value < 0) return undefined
  const name = textOf(code) ?? textOf(unit) ?? ''
  const length = LENGTHS[name]
  if (length !== undefined) return formatted(now - value * length)
  if (name !== 'mo' && name !== 'a') return undefined
  const start = new Date(now)
  start.setUTCMonth(start.getUTCMonth() - Math.ceil(value * (name === 'a' ? 12 : 1)))
  return formatted(start.getTime())
}

/** The earliest year that a date can name bounds a period of hundreds of years. */
function formatted(time: number): string {
  return Number.isFinite(time) && time > Date.UTC(1000, 0) ? formatInstant(time) : '1000-01-01'
}
