// The signed notes of the days of a program.
import type { Issue } from '../../../fhir/index.ts'
import type { KnownVersion, WorldView } from '../../../repository/index.ts'
import { objectAt, textAt } from '../../elements.ts'
import { signedNotesOf } from '../notes.ts'
import { keyOfResource } from '../references.ts'
import { dayOf } from './calendar-days.ts'
import { dayOfVisit, isInpatient } from './episode-days.ts'
import { programProblem } from './program-problems.ts'
import type { BilledDay } from './segments.ts'

/** By the day that they are about. */
export type DayNotes = ReadonlyMap<string, readonly KnownVersion[]>

/**
 * Of these visits. A note of a stay is about the day that it names (`DocumentReference.context.period`), else that on
 * which it was written; a note of any other visit is about the day of the visit.
 */
export async function dayNotesOf(
  view: WorldView,
  visits: readonly KnownVersion[],
  patientKey: string,
  baseUrl: string,
): Promise<DayNotes> {
  const found = new Map<string, KnownVersion[]>()
  const read = await Promise.all(
    visits.map(async (visit) => {
      const { notes } = await signedNotesOf(view, visit.id, patientKey, baseUrl)
      return { visit, notes }
    }),
  )
  for (const { visit, notes } of read)
    for (const note of notes) {
      const day = isInpatient(visit.resource) ? dayOfNote(note) : dayOfVisit(visit)
      if (day === undefined) continue
      const others = found.get(day) ?? []
      if (!others.some((other) => keyOfResource(other.resource) === keyOfResource(note.resource)))
        found.set(day, [...others, note])
    }
  return found
}

function dayOfNote({ resource }: KnownVersion): string | undefined {
  const period = objectAt(objectAt(resource, 'context'), 'period')
  return dayOf(textAt(period, 'start') ?? textAt(resource, 'date'))
}

/**
 * The days without one, all at once: each day of a stay or program, each contact of a month, and of a week without a
 * drug one day that has one. A day of leave needs none.
 * @param visitDays of what a day bills, the days of its visits
 */
export function missingNotes(
  days: readonly BilledDay[],
  notes: DayNotes,
  visitDays: (day: BilledDay) => readonly string[],
): readonly Issue[] {
  const missing = days.flatMap((day) => {
    if (day.kind === 'leave') return []
    if (day.kind === 'day') return notes.has(day.date) ? [] : [day.date]
    const without = visitDays(day).filter((date) => !notes.has(date))
    if (day.kind === 'month') return without
    const isShown = day.sources.length > 0 || without.length < visitDays(day).length
    return isShown ? [] : without
  })
  return missing.length === 0
    ? []
    : [
        programProblem(
          'day-without-note',
          'DocumentReference.context.encounter',
          `Days without a final, signed note: ${[...new Set(missing)].toSorted().join(', ')}.`,
        ),
      ]
}
