// The lines of one claim of a program: each day by the rules of its date, with what was billed before.
import type { Issue, Resource } from '../../../fhir/index.ts'
import type { WorldView } from '../../../repository/index.ts'
import {
  type EarlierLine,
  linesFor,
  type ServiceFacts,
  type ServiceIssue,
  type ServiceLine,
} from '../../rules/index.ts'
import { SYSTEMS } from '../../systems.ts'
import type { ClaimType, PlannedLine } from '../claim-plan.ts'
import { LEVELS_OF_CARE } from '../urls.ts'
import { codingsOf } from '../people.ts'
import { objectsAt } from '../../elements.ts'
import { planLines } from '../planned-lines.ts'
import { type VisitPlace, visitPlaceOf } from '../places.ts'
import { keyOfResource } from '../references.ts'
import { modalityOf } from '../visit-facts.ts'
import type { EpisodeRecord } from './episode-record.ts'
import { programProblem } from './program-problems.ts'
import type { BilledDay, Segment } from './segments.ts'

export interface DayLines {
  readonly day: BilledDay
  readonly facts: ServiceFacts
  readonly lines: readonly ServiceLine[]
}

export interface SegmentLines {
  readonly days: readonly DayLines[]
  readonly refusals: readonly Issue[]
  readonly warnings: readonly Issue[]
}

export interface LinesSource {
  readonly record: EpisodeRecord
  readonly segment: Segment
  readonly baseUrl: string
  /** Taxonomies of who rendered it, and a practice's word for the degree. */
  readonly taxonomies: ServiceFacts['taxonomies']
  readonly providerLevel: string | undefined
  /** Of claims that stand, and of claims that are about to be made. */
  readonly earlier: readonly EarlierLine[]
}

/** What cannot be billed is a warning beside what can, and a refusal where there is nothing else. */
export async function linesOfSegment(view: WorldView, source: LinesSource): Promise<SegmentLines> {
  const { record, segment } = source
  const places = new Map<string, Promise<VisitPlace>>()
  const days: DayLines[] = []
  const told = new Told()
  let earlier = source.earlier
  for (const day of segment.days) {
    const facts = await factsOf(view, source, day, earlier, places)
    const { lines, warnings } = linesFor(record.book, facts)
    for (const issue of warnings) told.add(issue, day)
    earlier = [...earlier, ...lines.map(({ code, units, minutes }) => lineOn(day.date, code, units, minutes))]
    days.push({ day, facts, lines })
  }
  const isBilled = days.some(({ day, lines }) => day.kind !== 'leave' && lines.length > 0)
  return { days, ...told.issues(isBilled) }
}

function lineOn(
  date: string,
  code: ServiceLine['code'],
  units: number,
  minutes: number | undefined,
): EarlierLine {
  return { date, code, units, ...(minutes === undefined ? {} : { minutes }) }
}

async function factsOf(
  view: WorldView,
  { record, baseUrl, taxonomies, providerLevel }: LinesSource,
  day: BilledDay,
  earlier: readonly EarlierLine[],
  places: Map<string, Promise<VisitPlace>>,
): Promise<ServiceFacts> {
  const { patient, coverage, payer, program, episode } = record
  const visits = record.visits
    .map(({ resource }) => resource)
    .filter((one) => day.encounters.includes(keyOfResource(one)))
  const { place = record.place.place, atHome } = await placeOfDay(view, visits, places, baseUrl)
  const level = day.level ?? program.level
  const [first] = visits
  const modalities = new Set(day.kind === 'day' ? visits.map(modalityOf) : [])
  const [modality] = modalities
  return {
    ...record.common,
    date: day.date,
    services: day.services,
    atHome,
    programs: objectsAt(episode, 'type')
      .flatMap(codingsOf)
      .filter(({ system }) => system !== LEVELS_OF_CARE),
    taxonomies: taxonomies ?? [],
    earlier,
    resources: { patient, coverage, payer, ...(first === undefined ? {} : { encounter: first }) },
    ...(place === undefined ? {} : { place }),
    ...(level === undefined ? {} : { levelOfCare: level }),
    ...(modalities.size === 1 && modality !== undefined ? { modality } : {}),
    ...(providerLevel === undefined ? {} : { providerLevel }),
  }
}

/** Of the first visit of the day that says one. */
async function placeOfDay(
  view: WorldView,
  visits: readonly Resource[],
  places: Map<string, Promise<VisitPlace>>,
  baseUrl: string,
): Promise<VisitPlace> {
  for (const visit of visits) {
    const key = keyOfResource(visit)
    const reading = places.get(key) ?? visitPlaceOf(view, visit, baseUrl)
    places.set(key, reading)
    const found = await reading
    if (found.place !== undefined || found.atHome) return found
  }
  return { atHome: false }
}

/** Issues of many days, each once with its days. */
class Told {
  readonly #found = new Map<
    string,
    { readonly issue: ServiceIssue; readonly dates: string[]; readonly kind: BilledDay['kind'] }
  >()

  add(issue: ServiceIssue, { date, kind }: BilledDay): void {
    const key = `${kind}\n${issue.severity}\n${issue.problem}\n${issue.diagnostics}`
    const known = this.#found.get(key)
    if (known === undefined) this.#found.set(key, { issue, dates: [date], kind })
    else if (known.dates.at(-1) !== date) known.dates.push(date)
  }

  issues(isBilled: boolean): Pick<SegmentLines, 'refusals' | 'warnings'> {
    const all = [...this.#found.values()].map(({ issue, dates, kind }) => {
      const { problem, severity, diagnostics, denial } = issue
      const stays = isBilled || severity === 'warning' || kind === 'leave'
      const likely = denial === undefined ? '' : ` (a payer denies it by ${denial})`
      return programProblem(
        problem,
        kind === 'week' || kind === 'month' ? 'Encounter.type' : 'EpisodeOfCare.type',
        `${diagnostics}${likely}: ${dates.join(', ')}.`,
        stays ? 'warning' : 'error',
      )
    })
    return {
      refusals: all.filter(({ severity }) => severity === 'error'),
      warnings: all.filter(({ severity }) => severity === 'warning'),
    }
  }
}

/** With prices, in the form that the type of claim has. */
export function pricedLines({
  days,
  type,
  diagnoses,
}: {
  readonly days: readonly DayLines[]
  readonly type: ClaimType
  readonly diagnoses: number
}): {
  readonly lines: readonly PlannedLine[]
  readonly refusals: readonly Issue[]
  readonly warnings: readonly Issue[]
} {
  const refusals: Issue[] = []
  const warnings: Issue[] = []
  const unfit: string[] = []
  const planned = days.flatMap(({ day, lines }) => {
    const fitting = lines.filter((line) => type === 'institutional' || !isRevenueAlone(line))
    if (fitting.length < lines.length) unfit.push(day.date)
    const made = planLines({
      lines: fitting,
      type,
      date: day.date,
      encounters: day.encounters,
      diagnoses,
      elementOf: () => 'EpisodeOfCare.type',
    })
    refusals.push(...made.refusals)
    warnings.push(...made.warnings)
    return made.lines.map((line) => formed(line, day, type))
  })
  if (unfit.length > 0)
    warnings.push(
      programProblem(
        'leave-not-billed',
        'Encounter.statusHistory',
        `A professional claim has no room for lines of a revenue code alone: ${unfit.join(', ')}.`,
        'warning',
      ),
    )
  return { lines: planned, refusals, warnings }
}

/** Nights are days on an institutional claim; a line of a revenue code alone names no service. */
function formed(planned: PlannedLine, day: BilledDay, type: ClaimType): PlannedLine {
  const { line } = planned
  return {
    ...planned,
    unit: type === 'institutional' && day.isNight ? 'DA' : 'UN',
    line: isRevenueAlone(line)
      ? {
          ...line,
          revenue: line.code,
          code: { system: SYSTEMS.dataAbsent, code: 'not-applicable' },
          modifiers: [],
        }
      : line,
  }
}

function isRevenueAlone({ code }: ServiceLine): boolean {
  return code.system === SYSTEMS.revenue
}
