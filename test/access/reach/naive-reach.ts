// What the labels of a small world must be, worked out from scratch each time: every resource again and again, until
// nothing changes. It reads references in its own way, and knows a handful of codes by heart.
import type { JsonObject, JsonValue } from '../../../src/fhir/index.ts'

export interface NaiveResource {
  readonly resource: JsonObject
  /** Codes of labels that somebody has sent, now or before. */
  readonly sent: ReadonlySet<string>
  /** Those that it had when it was deleted. */
  readonly frozen: ReadonlySet<string> | undefined
}

/** By `Type/id`. */
export type NaiveWorld = ReadonlyMap<string, NaiveResource>

/** Codes of labels, by the codes of diagnoses that bring them. */
export type NaiveRules = Readonly<Record<string, readonly string[]>>

const OWN: NaiveRules = {
  'F10.20': ['ETHUD'],
  B20: ['HIV'],
  'F33.1': ['PSY'],
}
const BRINGS: Readonly<Record<string, readonly string[]>> = {
  ETHUD: ['SUD'],
  SUD: ['R'],
  HIV: ['R'],
  PSY: ['R'],
  '42CFRPart2': ['R', 'SUD'],
}
const ACTORS = ['Organization', 'Practitioner', 'PractitionerRole', 'Location']
const MADE_BY = [
  'performer',
  'serviceProvider',
  'author',
  'provider',
  'managingOrganization',
  'custodian',
  'location',
  'facility',
  'managingEntity',
]
const BELONGS = ['partOf', 'practitioner', 'organization', 'managingOrganization', 'who']
const PROGRAM = 'https://alcove.health/fhir/StructureDefinition/part2-program'
const MARK = 'part2-program'

/**
 * Codes of the labels of every resource that is there.
 * @param more rules beside those that ship
 */
export function naiveLabels(
  world: NaiveWorld,
  more: NaiveRules = {},
): ReadonlyMap<string, ReadonlySet<string>> {
  const rules = { ...OWN, ...more }
  const labels = new Map<string, Set<string>>()
  for (const [name, { frozen }] of world) labels.set(name, new Set(frozen ?? []))
  for (let changed = true; changed; ) {
    changed = false
    for (const [name, one] of world) {
      if (one.frozen !== undefined) continue
      const found = closed([
        ...one.sent,
        ...ownOf(one.resource, rules),
        ...takenBy(name, one.resource, world, labels),
      ])
      const flag = flagOf(one.resource)
      if (flag === true) found.add(MARK)
      if (flag === false) found.delete(MARK)
      const known = labels.get(name) as Set<string>
      if ([...found].some((code) => !known.has(code))) {
        labels.set(name, new Set([...known, ...found]))
        changed = true
      }
    }
  }
  for (const [name, { resource, frozen }] of world) {
    const known = labels.get(name) as Set<string>
    if (frozen === undefined && !known.has('R') && isLabelled(name, resource, world, labels, rules))
      known.add('N')
  }
  return labels
}

/**
 * Whether something beside the mark of a program is found, and not sent. Where that is no sensitivity, as of a Bundle with
 * a part that may not be passed on, the highest confidentiality of all that is in it is what no label says: normal.
 */
function isLabelled(
  name: string,
  resource: JsonObject,
  world: NaiveWorld,
  labels: ReadonlyMap<string, ReadonlySet<string>>,
  rules: NaiveRules,
): boolean {
  const found = [...ownOf(resource, rules), ...takenBy(name, resource, world, labels)]
  return found.some((code) => code !== MARK)
}

function takenBy(
  name: string,
  resource: JsonObject,
  world: NaiveWorld,
  labels: ReadonlyMap<string, ReadonlySet<string>>,
): string[] {
  const taken: string[] = []
  const type = String(resource['resourceType'])
  const isActor = ACTORS.includes(type)
  for (const { element, target } of referencesOf(resource)) {
    const given = labels.get(target) ?? new Set()
    const toActor = ACTORS.includes(target.split('/')[0] as string)
    if (target === name || holds(resource, target)) continue
    if (toActor && (isActor || type === 'Provenance')) {
      if (given.has(MARK) && BELONGS.includes(element)) taken.push(MARK)
    } else if (toActor) {
      if (given.has(MARK) && MADE_BY.includes(element)) taken.push('42CFRPart2')
    } else if (!isActor && !target.startsWith('Patient/')) taken.push(...passing(given))
  }
  for (const [other, { resource: giver, frozen }] of world) {
    if (frozen !== undefined || other === name) continue
    const given = labels.get(other) ?? new Set()
    if (giver['resourceType'] === 'Provenance' && given.has(MARK) && !isActor)
      if (referencesOf(giver).some(({ element, target }) => element === 'target' && target === name))
        taken.push('42CFRPart2')
    if (attaches(giver, name)) taken.push(...passing(given))
  }
  return taken
}

/**
 * What Binaries keep when a commit is done: the labels that they took from what named them as its attachment, and names
 * them no more.
 * @param before as `naiveLabels` of the world says
 * @param written by the commit, by name; undefined for a deletion
 */
export function keptBy(
  world: NaiveWorld,
  before: ReadonlyMap<string, ReadonlySet<string>>,
  written: ReadonlyMap<string, JsonObject | undefined>,
): ReadonlyMap<string, readonly string[]> {
  const kept = new Map<string, readonly string[]>()
  for (const [name, now] of written) {
    const one = world.get(name)
    if (one === undefined || one.frozen !== undefined) continue
    for (const [binary, other] of world)
      if (other.frozen === undefined && attaches(one.resource, binary) && !attaches(now ?? {}, binary))
        kept.set(binary, [...(kept.get(binary) ?? []), ...passing(before.get(name) ?? new Set())])
  }
  return kept
}

/** Whether it is a part of the same Bundle. */
function holds(resource: JsonObject, target: string): boolean {
  return partsOf(resource).some(({ resourceType, id }) => `${String(resourceType)}/${String(id)}` === target)
}

function attaches(resource: JsonObject, name: string): boolean {
  return name.startsWith('Binary/') && JSON.stringify(resource).includes(`"url":"${name}"`)
}

function passing(labels: ReadonlySet<string>): string[] {
  return [...labels].filter((code) => code !== MARK && code !== 'NORDSCLCD' && code !== 'N')
}

function closed(codes: readonly string[]): Set<string> {
  const all = new Set(codes)
  for (const code of all) for (const brought of BRINGS[code] ?? []) all.add(brought)
  return all
}

function ownOf(resource: JsonObject, rules: NaiveRules): string[] {
  const text = JSON.stringify(resource)
  const own = Object.keys(rules).flatMap((code) =>
    text.includes(`"code":"${code}"`) ? (rules[code] as string[]) : [],
  )
  return [...own, ...partsOf(resource).flatMap(securityOf)]
}

function partsOf({ resourceType, entry }: JsonObject): JsonObject[] {
  return resourceType === 'Bundle'
    ? (entry as { resource: JsonObject }[]).map(({ resource }) => resource)
    : []
}

function securityOf({ meta }: JsonObject): string[] {
  const { security = [] } = (meta ?? {}) as { security?: JsonObject[] }
  return security.map(({ code }) => String(code))
}

function flagOf({ extension }: JsonObject): boolean | undefined {
  const found = (extension as JsonObject[] | undefined)?.find(({ url }) => url === PROGRAM)
  return found?.['valueBoolean'] as boolean | undefined
}

function referencesOf(resource: JsonObject): { readonly element: string; readonly target: string }[] {
  const found: { element: string; target: string }[] = []
  const visit = (value: JsonValue, element: string): void => {
    if (Array.isArray(value)) return value.forEach((item) => visit(item, element))
    if (typeof value !== 'object' || value === null) return
    if (typeof value['reference'] === 'string') found.push({ element, target: value['reference'] })
    for (const key of Object.keys(value)) visit(value[key] as JsonValue, key)
  }
  visit(resource, '')
  return found
}
