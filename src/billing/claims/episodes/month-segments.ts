// Claims of services that are billed by the calendar month, such as collaborative care: its minutes over all contacts.
import type { Issue } from '../../../fhir/index.ts'
import type { KnownVersion } from '../../../repository/index.ts'
import { type Coding, keyOf, type PerformedService, type RulesInForce, unitOf } from '../../rules/index.ts'
import { keyOfResource } from '../references.ts'
import { boundsOfMonth, monthOf, monthsFrom } from './calendar-days.ts'
import { dayOfVisit, daysOfEpisode } from './episode-days.ts'
import { programProblem } from './program-problems.ts'
import type { BilledDay, ProgramRecord, Segment, Segments } from './segments.ts'

const BY_MONTH: ReadonlySet<string> = new Set(['month', 'month-minimum'])

/** Each month that has a day of the window is billed as a whole, under the day of its last contact. */
export function monthSegments(
  record: ProgramRecord,
  servicesOf: (visit: KnownVersion) => readonly PerformedService[],
): Segments {
  const { window, today, visits, rules, program, episode } = record
  const { over } = daysOfEpisode(episode)
  const warnings: Issue[] = []
  const segments = monthsFrom(window.first, window.last).flatMap((month): Segment[] => {
    const { start: first, end: last } = boundsOfMonth(month)
    const contacts = visits.flatMap((visit) => {
      const date = dayOfVisit(visit)
      if (visit.resource['status'] !== 'finished' || date === undefined || monthOf(date) !== month) return []
      const services = servicesOf(visit).flatMap((service) => monthly(service, rules) ?? [])
      return services.length === 0 ? [] : [{ date, visit: keyOfResource(visit.resource), services }]
    })
    const date = contacts.at(-1)?.date
    if (date === undefined) return []
    if (last >= today && (over === undefined || over >= today)) {
      warnings.push(programProblem('period-not-over', 'end', `The month ${month} is not over.`, 'warning'))
      return []
    }
    const day: BilledDay = {
      date,
      services: summed(contacts.flatMap(({ services }) => services)),
      encounters: contacts.map(({ visit }) => visit),
      sources: [],
      isNight: false,
      kind: 'month',
      ...(program.level === undefined ? {} : { level: program.level }),
    }
    return [{ first, last, days: [day], begin: first, over: last }]
  })
  return { segments, refusals: [], warnings }
}

/** With those codings alone that some rule bills by the month; undefined where none is. */
function monthly(service: PerformedService, rules: RulesInForce): PerformedService | undefined {
  const codings = service.codings.filter((coding) => isByMonth(coding, rules))
  return codings.length === 0 ? undefined : { ...service, codings }
}

function isByMonth(coding: Coding, rules: RulesInForce): boolean {
  const named = rules.ofCode(coding)
  return [...(named?.isBillable === true ? [named] : []), ...rules.ofKind(coding)].some((rule) =>
    BY_MONTH.has(unitOf(rule, rules.general).basis),
  )
}

/** Of each kind one, with the minutes of all. */
function summed(services: readonly PerformedService[]): readonly PerformedService[] {
  const sums = new Map<string, { codings: readonly Coding[]; minutes?: number }>()
  for (const { codings, minutes } of services) {
    const key = codings.map(keyOf).join('\n')
    const before = sums.get(key)
    const all = minutes === undefined ? before?.minutes : (before?.minutes ?? 0) + minutes
    sums.set(key, { codings, ...(all === undefined ? {} : { minutes: all }) })
  }
  return [...sums.values()]
}
