// Visits that ended long ago and have no final, signed note.
import { parseDateRange, type Resource } from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import { and, dateMatch, localReferenceMatch, or, searchQuery, tokenMatch } from '../../store/index.ts'
import { dosingVisits } from '../claims/dosing-visits.ts'
import { localIdOf, localKeyOf } from '../claims/index.ts'
import { isSignedNote } from '../claims/notes.ts'
import { performersOf } from '../claims/visit-facts.ts'
import { objectAt, objectsAt, textAt } from '../elements.ts'
import { madeName } from '../made.ts'
import type { BillingParts } from '../parts.ts'
import { pagesOf } from './pages.ts'
import { pricesServices } from './prices-services.ts'
import { idsOf, type Sweeping, type Watch, type WatchedWork } from './watch.ts'

const HOUR = 3_600_000
/** For so long after its note is late a visit is looked for; its Task stands until the note is there. */
const LOOKS_BACK_MS = 30 * 24 * HOUR
/** Of the visits that are looked at together. */
const MOST_NOTES = 20_000

/** Of practices alone that bill: that have given a service its price. */
export const LATE_NOTES: Watch = {
  kind: 'late-note',

  async *found(sweeping) {
    const { repository, view, parts, isStopped } = sweeping
    const late = lateSince(sweeping)
    const since = late - LOOKS_BACK_MS
    const where = and([
      tokenMatch('status', undefined, 'finished'),
      dateMatch('date', { comparator: 'eb', low: late, high: late }, true),
      dateMatch('date', { comparator: 'gt', low: since, high: since }, true),
    ])
    let bills: boolean | undefined
    for await (const page of pagesOf(repository, 'Encounter', where, isStopped)) {
      if (page.length === 0) continue
      bills ??= await pricesServices(repository, isStopped)
      if (!bills) return
      const visits = page.map(({ resource }) => resource)
      const unnoted = await lackingNote(view, visits, parts.baseUrl)
      yield unnoted.map((visit) => workOf(visit, parts))
    }
  },

  async standing(sweeping, tasks) {
    const { view, parts } = sweeping
    const visits: Resource[] = []
    for (const key of new Set(tasks.map((task) => visitOf(task, parts.baseUrl)))) {
      const visit = key === undefined ? undefined : (await view.read('Encounter', key))?.resource
      if (visit !== undefined && isLate(visit, lateSince(sweeping))) visits.push(visit)
    }
    const unnoted = new Set((await lackingNote(view, visits, parts.baseUrl)).map(({ id }): unknown => id))
    return idsOf(tasks, (task) => unnoted.has(visitOf(task, parts.baseUrl)))
  },
}

/** Notes of visits that ended before then are late. */
function lateSince({ now, parts }: Sweeping): number {
  return now - parts.settings.noteHours * HOUR
}

function isLate(visit: Resource, since: number): boolean {
  const end = endOf(visit)
  return visit['status'] === 'finished' && end !== undefined && end <= since
}

/** Milliseconds since 1970, or undefined. */
function endOf(visit: Resource): number | undefined {
  const end = textAt(objectAt(visit, 'period'), 'end')
  return end === undefined ? undefined : parseDateRange(end)?.high
}

/** The id of the visit that a Task is about. */
function visitOf(task: Resource, baseUrl: string): string | undefined {
  return localIdOf(objectAt(task, 'focus'), 'Encounter', baseUrl)
}

async function lackingNote(
  view: WorldView,
  visits: readonly Resource[],
  baseUrl: string,
): Promise<readonly Resource[]> {
  const unnoted = await withoutNote(view, visits, baseUrl)
  const given = await dosingVisits(view, unnoted, baseUrl)
  return unnoted.filter(({ id }) => !given.has(`Encounter/${String(id)}`))
}

/** Those of a patient without a note that counts: sessions of a group are noted in its members' visits. */
async function withoutNote(
  view: WorldView,
  visits: readonly Resource[],
  baseUrl: string,
): Promise<readonly Resource[]> {
  const ofPatients = visits.filter((visit) => patientOf(visit, baseUrl)?.startsWith('Patient/') === true)
  if (ofPatients.length === 0) return []
  const where = or(ofPatients.map(({ id }) => localReferenceMatch('encounter', ['Encounter'], String(id))))
  const noted = new Set<string>()
  for (const type of ['DocumentReference', 'Composition'])
    for (const { resource } of await view.every(searchQuery({ type, where }), MOST_NOTES)) {
      if (!isSignedNote(resource)) continue
      for (const visit of visitsOf(resource, baseUrl)) noted.add(`${visit} ${patientOf(resource, baseUrl)}`)
    }
  return ofPatients.filter(
    (visit) => !noted.has(`Encounter/${String(visit['id'])} ${patientOf(visit, baseUrl)}`),
  )
}

function patientOf(resource: Resource, baseUrl: string): string | undefined {
  return localKeyOf(objectAt(resource, 'subject'), baseUrl)
}

/** `Encounter/[id]` of the visits that a note names. */
function visitsOf(note: Resource, baseUrl: string): readonly string[] {
  const references =
    note.resourceType === 'Composition'
      ? [objectAt(note, 'encounter')]
      : objectsAt(objectAt(note, 'context'), 'encounter')
  return references.flatMap((reference) => localKeyOf(reference, baseUrl) ?? [])
}

const OWNERS: ReadonlySet<unknown> = new Set(['Practitioner', 'PractitionerRole', 'Organization'])

function workOf(visit: Resource, { baseUrl, settings }: BillingParts): WatchedWork {
  const [id, patient] = [String(visit['id']), patientOf(visit, baseUrl)]
  const owner = localKeyOf(performersOf(visit)[0]?.reference, baseUrl)
  const due = new Date((endOf(visit) ?? 0) + settings.noteHours * HOUR).toISOString().slice(0, 10)
  return {
    name: madeName('late-note', id),
    focus: `Encounter/${id}`,
    encounter: `Encounter/${id}`,
    ...(patient === undefined ? {} : { patient }),
    ...(OWNERS.has(owner?.split('/')[0]) ? { owner: owner as string } : {}),
    description: 'Finish and sign the note of the visit: without it no claim can be made.',
    due,
  }
}
