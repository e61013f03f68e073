// Claims of residential stays: one line for each midnight at which the patient was there, or on leave.
import type { Issue, Resource } from '../../../fhir/index.ts'
import { objectsAt } from '../../elements.ts'
import type { Coding, PerformedService } from '../../rules/index.ts'
import { codingsOf } from '../people.ts'
import { keyOfResource } from '../references.ts'
import { type CensusDay, censusOf, type Stay, staysOf } from './census.ts'
import { isInpatient } from './episode-days.ts'
import { levelOf, periodRuleOf } from './program-of.ts'
import { programProblem } from './program-problems.ts'
import { type BilledDay, cut, type ProgramRecord, type Segment, type Segments, within } from './segments.ts'

export function midnightSegments(record: ProgramRecord): Segments {
  const { visits, window, program, today } = record
  const inpatient = visits.map(({ resource }) => resource).filter(isInpatient)
  const { stays, refusals } = staysOf(inpatient)
  const segments: Segment[] = []
  const warnings: Issue[] = []
  const early: Issue[] = []
  for (const stay of stays) {
    const part = within(window, stay.start, stay.end)
    if (stay.end === undefined && part.first <= part.last && part.last >= today)
      early.push(
        programProblem(
          'period-not-over',
          'end',
          `The patient is still there, and the midnight of ${part.last} has not passed.`,
        ),
      )
    for (const span of cut(part, program.census.withinMonth)) {
      const census = censusOf(stay, span.first, span.last)
      const days = census.flatMap((day) => billedDay(record, day) ?? [])
      const unbilled = census.filter(({ kind }) => kind === 'leave' && program.census.leave === undefined)
      if (unbilled.length > 0)
        warnings.push(
          programProblem(
            'leave-not-billed',
            'Encounter.statusHistory',
            `No rule bills the days of leave: ${unbilled.map(({ date }) => date).join(', ')}.`,
            'warning',
          ),
        )
      if (days.length > 0) segments.push({ ...span, days, stay, ...boundsOf(stay) })
    }
  }
  return { segments, refusals: [...refusals, ...early], warnings }
}

function boundsOf({ start, end }: Stay): Pick<Segment, 'begin' | 'over'> {
  return { begin: start, ...(end === undefined ? {} : { over: end }) }
}

function billedDay(record: ProgramRecord, { date, kind, encounter }: CensusDay): BilledDay | undefined {
  const { census } = record.program
  if (kind === 'discharge' && !census.dischargeDay) return undefined
  const visit = record.visits.find(({ resource }) => keyOfResource(resource) === encounter)?.resource
  const { service, level } = serviceOf(record, visit)
  const billed = kind === 'leave' ? census.leave : service
  if (billed === undefined) return undefined
  return {
    date,
    services: [{ codings: [billed] }] satisfies readonly PerformedService[],
    encounters: [encounter],
    sources: [],
    isNight: true,
    kind: kind === 'leave' ? 'leave' : 'day',
    ...(level === undefined ? {} : { level }),
  }
}

/** What the visit itself says by its types, else what the episode says. */
function serviceOf(
  { program, rules }: ProgramRecord,
  visit: Resource | undefined,
): { readonly service?: Coding | undefined; readonly level?: Coding | undefined } {
  const codings = objectsAt(visit, 'type').flatMap(codingsOf)
  const own = codings.find((coding) => periodRuleOf(coding, rules)?.census?.counts === 'midnight')
  return { service: own ?? program.service, level: levelOf(codings) ?? program.level }
}
