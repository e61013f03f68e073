// Who is to act on an alert: the patient's care team.
import { isJsonObject, parseDateRange, type Resource } from '../../fhir/index.ts'
import type { KnownVersion, WorldView } from '../../repository/index.ts'
import { and, localReferenceMatch, searchQuery, tokenMatch, type SecurityLabel } from '../../store/index.ts'
import { labelsGivenBy } from './labels-given.ts'

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
  const brought = labelsGivenBy(team)
  if (brought.length === 0) return true
  const known = await labels()
  return brought.every(({ system, code }) => known.some((it) => it.system === system && it.code === code))
}
