// Claims of day programs: one line for each day on which the patient came.
import type { Issue } from '../../../fhir/index.ts'
import { objectsAt } from '../../elements.ts'
import { codingsOf } from '../people.ts'
import { keyOfResource } from '../references.ts'
import { visitTimesOf } from '../visit-facts.ts'
import { dayOfVisit, daysOfEpisode, isInpatient } from './episode-days.ts'
import { levelOf, periodRuleOf } from './program-of.ts'
import { programProblem } from './program-problems.ts'
import {
  type BilledDay,
  cut,
  groupedBy,
  type ProgramRecord,
  type Segment,
  type Segments,
  within,
} from './segments.ts'
import type { KnownVersion } from '../../../repository/index.ts'

/** Visits that have begun, and whose end is not recorded. */
const OPEN: ReadonlySet<unknown> = new Set(['arrived', 'triaged', 'in-progress', 'onleave'])

/** @param isBilled whether a visit may be billed at all @param now milliseconds since 1970 */
export function attendanceSegments(
  record: ProgramRecord,
  isBilled: (visit: KnownVersion) => boolean,
  now: number,
): Segments {
  const { episode, visits, window, program } = record
  const { begin: told, over } = daysOfEpisode(episode)
  const came = visits.filter((visit) => !isInpatient(visit.resource) && dayOfVisit(visit) !== undefined)
  const finished = came.filter((visit) => visit.resource['status'] === 'finished' && isBilled(visit))
  const begin = told ?? finished.map(dayOfVisit)[0]
  if (begin === undefined) return { segments: [], refusals: [], warnings: openOnes(came, window) }
  const segments = cut(within(window, begin, over), program.census.withinMonth).flatMap((span): Segment[] => {
    const those = finished.filter((visit) => isFrom(dayOfVisit(visit), span))
    const days = [...groupedBy(those, (visit) => dayOfVisit(visit) as string)]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([date, group]) => billedDay(record, date, group, now))
    return days.length === 0 ? [] : [{ ...span, days, begin, ...(over === undefined ? {} : { over }) }]
  })
  return { segments, refusals: [], warnings: openOnes(came, window) }
}

function isFrom(day: string | undefined, { first, last }: ProgramRecord['window']): boolean {
  return day !== undefined && day >= first && day <= last
}

function billedDay(
  { program, rules }: ProgramRecord,
  date: string,
  visits: readonly KnownVersion[],
  now: number,
): BilledDay {
  const codings = visits.flatMap(({ resource }) => objectsAt(resource, 'type').flatMap(codingsOf))
  const own = codings.find((coding) => periodRuleOf(coding, rules)?.census?.counts === 'attendance')
  const level = levelOf(codings) ?? program.level
  const minutes = visits
    .flatMap(({ resource }) => visitTimesOf(resource, now).times?.minutes ?? [])
    .reduce((all, one) => all + one, 0)
  const service = own ?? program.service
  return {
    date,
    services: service === undefined ? [] : [{ codings: [service], ...(minutes === 0 ? {} : { minutes }) }],
    encounters: visits.map(({ resource }) => keyOfResource(resource)),
    sources: [],
    isNight: false,
    kind: 'day',
    ...(level === undefined ? {} : { level }),
  }
}

/** What may yet make a day is told: it is not billed as long as it is not finished. */
function openOnes(came: readonly KnownVersion[], window: ProgramRecord['window']): readonly Issue[] {
  const open = came.filter(({ resource }) => OPEN.has(resource['status']))
  const dates = [...new Set(open.map(dayOfVisit))].filter((day) => isFrom(day, window))
  return dates.length === 0
    ? []
    : [
        programProblem(
          'visit-not-finished',
          'Encounter.status',
          `Visits that are not finished are not counted: ${dates.join(', ')}.`,
          'warning',
        ),
      ]
}
