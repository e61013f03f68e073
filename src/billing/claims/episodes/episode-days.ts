// The days between which an episode of care is, and which of its visits count.
import type { Resource } from '../../../fhir/index.ts'
import type { KnownVersion } from '../../../repository/index.ts'
import { objectAt, textAt } from '../../elements.ts'
import { dayOf } from './calendar-days.ts'

/** Codes of v3-ActCode of visits with nights in them. */
const INPATIENT: ReadonlySet<string | undefined> = new Set(['IMP', 'ACUTE', 'NONAC'])

export function isInpatient(encounter: Resource): boolean {
  return INPATIENT.has(textAt(objectAt(encounter, 'class'), 'code'))
}

/** The day on which a visit began. */
export function dayOfVisit({ resource }: KnownVersion): string | undefined {
  return dayOf(textAt(objectAt(resource, 'period'), 'start'))
}

/** Undefined where the record does not say; an end only of an episode that is over. */
export function daysOfEpisode(episode: Resource): { readonly begin?: string; readonly over?: string } {
  const period = objectAt(episode, 'period')
  const begin = dayOf(textAt(period, 'start'))
  const over = episode['status'] === 'finished' ? dayOf(textAt(period, 'end')) : undefined
  return { ...(begin === undefined ? {} : { begin }), ...(over === undefined ? {} : { over }) }
}
