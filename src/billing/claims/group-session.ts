// A session of a group: one Encounter of the group, and one of each member that is part of it.
import { FhirError, parseDateRange, type Resource } from '../../fhir/index.ts'
import type { KnownVersion, WorldView } from '../../repository/index.ts'
import { and, dateMatch, localReferenceMatch, searchQuery } from '../../store/index.ts'
import { objectAt, textAt } from '../elements.ts'
import { localKeyOf } from './references.ts'

/** Sessions of one group on one day. */
const MOST_SESSIONS = 100
/** Members of one session. */
const MOST_MEMBERS = 2000
/** Clocks of the world differ from the server's by no more. */
const CLOCKS = 14 * 3_600_000
/** Who was not there, or never had that visit: no-shows among them. */
const NOT_THERE: ReadonlySet<unknown> = new Set(['cancelled', 'entered-in-error'])

/** How many patients came; undefined for a visit that is part of no session. */
export async function participantsOf(
  view: WorldView,
  encounter: Resource,
  baseUrl: string,
): Promise<number | undefined> {
  const [type, id = ''] = localKeyOf(objectAt(encounter, 'partOf'), baseUrl)?.split('/') ?? []
  if (type !== 'Encounter') return undefined
  return (await memberVisitsOf(view, id)).filter(({ resource }) => resource['status'] === 'finished').length
}

export interface SessionsAsked {
  readonly groupId: string
  /** `Encounter/id` of one session, or its id. */
  readonly encounter?: string | undefined
  /** All sessions that began on this day, `YYYY-MM-DD`. */
  readonly date?: string | undefined
}

/**
 * Visits of the members of a group at its sessions, those who did not come left out.
 * @throws FhirError `business-rule` where there is no such session of the group
 */
export async function visitsOfGroup(
  view: WorldView,
  asked: SessionsAsked,
  baseUrl: string,
): Promise<readonly KnownVersion[]> {
  const visits: KnownVersion[] = []
  for (const session of await sessionsOf(view, asked, baseUrl))
    visits.push(...(await memberVisitsOf(view, session.id)))
  return visits.filter(({ resource }) => !NOT_THERE.has(resource['status']))
}

async function sessionsOf(
  view: WorldView,
  { groupId, encounter, date }: SessionsAsked,
  baseUrl: string,
): Promise<readonly KnownVersion[]> {
  const isOfGroup = ({ resource }: KnownVersion): boolean =>
    localKeyOf(objectAt(resource, 'subject'), baseUrl) === `Group/${groupId}` &&
    !NOT_THERE.has(resource['status'])
  if (encounter !== undefined) {
    const key = encounter.includes('/')
      ? localKeyOf({ reference: encounter }, baseUrl)
      : `Encounter/${encounter}`
    const [type, id = ''] = key?.split('/') ?? []
    const session = type === 'Encounter' ? await view.read('Encounter', id) : undefined
    if (session !== undefined && isOfGroup(session)) return [session]
    throw noSession('encounter', 'It must be a session of this Group.')
  }
  const day = parseDateRange(date ?? '')
  if (day === undefined) throw noSession('date', 'It must be a day.')
  const where = and([
    localReferenceMatch('subject', ['Group'], groupId),
    dateMatch('date', { comparator: 'ap', low: day.low - CLOCKS, high: day.high + CLOCKS }),
  ])
  const found = (await view.every(searchQuery({ type: 'Encounter', where }), MOST_SESSIONS)).filter(
    (session) =>
      isOfGroup(session) &&
      textAt(objectAt(session.resource, 'period'), 'start')?.startsWith(date ?? '') === true,
  )
  if (found.length === 0) throw noSession('date', 'The Group had no session that began on this day.')
  return found.toSorted((one, other) => (one.id < other.id ? -1 : 1))
}

function noSession(parameter: string, diagnostics: string): FhirError {
  return new FhirError('business-rule', [
    { severity: 'error', code: 'not-found', diagnostics, expression: `http.${parameter}` },
  ])
}

/** By their ids. */
async function memberVisitsOf(view: WorldView, sessionId: string): Promise<readonly KnownVersion[]> {
  const where = and([localReferenceMatch('part-of', ['Encounter'], sessionId)])
  const found = await view.every(searchQuery({ type: 'Encounter', where }), MOST_MEMBERS)
  return found.toSorted((one, other) => (one.id < other.id ? -1 : 1))
}
