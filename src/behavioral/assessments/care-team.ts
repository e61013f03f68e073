// Who is to act on an alert: the patient's care team.
import { taken } from '../../access/index.ts'
import { isJsonObject, parseDateRange, type JsonValue, type Resource } from '../../fhir/index.ts'
import type { KnownVersion, WorldView } from '../../repository/index.ts'
import { and, localReferenceMatch, searchQuery, tokenMatch, type SecurityLabel } from '../../store/index.ts'

/** Active teams of one patient that are looked at. */
const MOST_TEAMS = 100

/**
 * The active CareTeam of the patient that began last. One that is more confidential than what the Task is about is no
 * one's: who may see the Task would learn of it.
 * @param at when the Task is made, a dateTime; teams whose time was over then do not count
 * @param labels of what the Task is about; asked for only when a team carries some
 */
export async function activeTeam(
  view: WorldView,
  patientId: string,
  at: string | undefined,
  labels: () => Promise<readonly SecurityLabel[]>,
): Promise<string | undefined> {
  const where = and([
    localReferenceMatch('patient', ['Patient'], patientId),
    tokenMatch('status', undefined, 'active'),
  ])
  const found = await view.search(searchQuery({ type: 'CareTeam', where, count: MOST_TEAMS }))
  const now = at === undefined ? undefined : parseDateRange(at)?.low
  const teams = found.filter(({ resource }) => now === undefined || !hasEnded(resource, now))
  for (const { id, resource } of teams.toSorted(lastBegunFirst))
    if (await addsNothing(resource, labels)) return `CareTeam/${id}`
  return undefined
}

function hasEnded(team: Resource, now: number): boolean {
  const end = timeOf(team, 'end')
  return end !== undefined && end.high <= now
}

function lastBegunFirst(a: KnownVersion, b: KnownVersion): number {
  const begun = ({ resource }: KnownVersion): number =>
    timeOf(resource, 'start')?.low ?? Number.NEGATIVE_INFINITY
  const [first, second] = [begun(a), begun(b)]
  if (first !== second) return second > first ? 1 : -1
  return a.id < b.id ? -1 : 1
}

function timeOf({ period }: Resource, end: 'start' | 'end') {
  const text = isJsonObject(period) ? period[end] : undefined
  return typeof text === 'string' ? parseDateRange(text) : undefined
}

async function addsNothing(
  team: Resource,
  labels: () => Promise<readonly SecurityLabel[]>,
): Promise<boolean> {
  const brought = taken('inherits', labelsIn(team))
  if (brought.length === 0) return true
  const known = await labels()
  return brought.every(({ system, code }) => known.some((it) => it.system === system && it.code === code))
}

function labelsIn({ meta }: Resource): readonly SecurityLabel[] {
  const security = isJsonObject(meta) ? meta['security'] : undefined
  return Array.isArray(security) ? security.flatMap(labelOf) : []
}

function labelOf(coding: JsonValue): readonly SecurityLabel[] {
  if (!isJsonObject(coding)) return []
  const { system, code } = coding
  return typeof system === 'string' && typeof code === 'string' ? [{ system, code }] : []
}
