// Claims of opioid treatment programs: one bundle for each seven days in which there was a service, with its add-ons.
import type { Issue } from '../../../fhir/index.ts'
import type { KnownVersion } from '../../../repository/index.ts'
import { type Coding, keyOf, type PerformedService, type ServiceRule, unitOf } from '../../rules/index.ts'
import { keyOfResource } from '../references.ts'
import { earlierOf, monthOf } from './calendar-days.ts'
import { dayOfVisit, daysOfEpisode } from './episode-days.ts'
import { type GivenDrug, ruleOfDrug, ruleOfWeek, unitsOfSupply } from './given-drugs.ts'
import { programProblem } from './program-problems.ts'
import { type BilledDay, groupedBy, type ProgramRecord, type Segment, type Segments } from './segments.ts'
import { type Week, weeksIn } from './weeks.ts'

export interface WeekRecords {
  /** From the first day of the first week to the last of the last. */
  readonly drugs: readonly GivenDrug[]
  /** What was done at a finished visit. */
  servicesOf(visit: KnownVersion): readonly PerformedService[]
}

/** The weeks that are asked for; none where it is not known when the patient began. */
export function weeksOf({ episode, program, window }: ProgramRecord): readonly Week[] {
  const { begin, over } = daysOfEpisode(episode)
  if (begin === undefined) return []
  const last = over === undefined ? window.last : earlierOf(window.last, over)
  return weeksIn(begin, program.census.startsOn, { first: window.first, last })
}

export function weekSegments(record: ProgramRecord, records: WeekRecords): Segments {
  const { begin, over } = daysOfEpisode(record.episode)
  if (begin === undefined)
    return {
      segments: [],
      refusals: [
        programProblem(
          'visit-without-period',
          'EpisodeOfCare.period.start',
          'Weeks begin with the first day of the episode, which is not recorded.',
        ),
      ],
      warnings: [],
    }
  const refusals: Issue[] = []
  const warnings: Issue[] = []
  const days: BilledDay[] = []
  for (const week of weeksOf(record)) {
    // The week of a patient who has left is over with the last day.
    if (earlierOf(week.end, over ?? week.end) >= record.today) {
      warnings.push(
        programProblem('period-not-over', 'end', `The week from ${week.start} is not over.`, 'warning'),
      )
      continue
    }
    const read = new WeekOf(record, records, week)
    const day = read.billed()
    refusals.push(...read.refusals)
    warnings.push(...read.warnings)
    if (day !== undefined) days.push(day)
  }
  const { withinMonth } = record.program.census
  const claims = withinMonth ? [...groupedBy(days, ({ date }) => monthOf(date)).values()] : [days]
  const segments = claims.flatMap((those): Segment[] => {
    const [first, last] = [those[0]?.date, those.at(-1)?.date]
    if (first === undefined || last === undefined) return []
    return [{ first, last, days: those, begin, ...(over === undefined ? {} : { over }) }]
  })
  return { segments, refusals, warnings }
}

/** One week. */
class WeekOf {
  readonly refusals: Issue[] = []
  readonly warnings: Issue[] = []
  readonly #record: ProgramRecord
  readonly #visits: readonly KnownVersion[]
  readonly #done: readonly PerformedService[]
  readonly #drugs: readonly GivenDrug[]
  readonly #week: Week
  /** Drugs that make a service, for what claims are made of. */
  readonly #sources: string[] = []

  constructor(record: ProgramRecord, records: WeekRecords, week: Week) {
    this.#record = record
    this.#week = week
    const isOfWeek = (day: string | undefined) => day !== undefined && day >= week.start && day <= week.end
    this.#visits = record.visits.filter(
      (visit) => visit.resource['status'] === 'finished' && isOfWeek(dayOfVisit(visit)),
    )
    this.#done = this.#visits.flatMap((visit) => records.servicesOf(visit))
    this.#drugs = records.drugs.filter(({ date }) => isOfWeek(date))
  }

  /** Undefined where nothing was done in it. */
  billed(): BilledDay | undefined {
    const given = this.#given()
    const bundle =
      this.#stated() ?? given ?? (this.#visits.length > 0 ? this.#record.program.service : undefined)
    if (bundle === undefined) return undefined
    const { level } = this.#record.program
    return {
      date: this.#week.start,
      services: [{ codings: [bundle] }, ...this.#addOns()],
      encounters: this.#visits.map(({ resource }) => keyOfResource(resource)),
      sources: this.#sources,
      isNight: false,
      kind: 'week',
      ...(level === undefined ? {} : { level }),
    }
  }

  /** A week that a clinician has named, such as that of an implant. */
  #stated(): Coding | undefined {
    return this.#done
      .flatMap(({ codings }) => codings)
      .find((coding) => this.#rulesOf(coding).some((rule) => this.#isWeekly(rule)))
  }

  /** The week of the drug that was given. */
  #given(): Coding | undefined {
    const { rules } = this.#record
    const weekly = rules.all.filter((rule) => this.#isWeekly(rule))
    const found: { date: string; rule: ServiceRule }[] = []
    for (const drug of this.#drugs.filter(({ supplyDays }) => supplyDays === undefined)) {
      const finding = ruleOfDrug(drug, weekly)
      if (finding.kind === 'none') continue
      this.#sources.push(drug.source)
      if (finding.kind === 'rule') found.push({ date: drug.date, rule: finding.rule })
      else this.#refuseRoute(drug)
    }
    const week = ruleOfWeek(found)
    if (week?.isMixed === true)
      this.warnings.push(
        programProblem(
          'drugs-of-week',
          'MedicationAdministration.medication',
          `In the week from ${this.#week.start} several drugs were given: ${week.rule.code?.code} is billed, for the one of most days.`,
          'warning',
        ),
      )
    return week?.rule.code
  }

  #refuseRoute({ source, date }: GivenDrug): void {
    this.refusals.push(
      programProblem(
        'drug-route-missing',
        'MedicationAdministration.dosage.route',
        `By the route of ${source} (${date}), which is not recorded or is another, no rule bills the drug.`,
      ),
    )
  }

  /** What needs another service beside it, each once with how often; and doses to take home. */
  #addOns(): readonly PerformedService[] {
    const found = new Map<string, { codings: readonly Coding[]; quantity: number }>()
    const add = (codings: readonly Coding[], quantity: number): void => {
      const key = codings.map(keyOf).join('\n')
      found.set(key, { codings, quantity: (found.get(key)?.quantity ?? 0) + quantity })
    }
    for (const { codings, quantity = 1 } of this.#done) {
      const adding = codings.filter((coding) =>
        this.#rulesOf(coding).some(({ primaries }) => primaries.length > 0),
      )
      if (adding.length > 0) add(adding, quantity)
    }
    for (const drug of this.#drugs.filter(({ supplyDays }) => supplyDays !== undefined)) {
      const finding = ruleOfDrug(drug, this.#record.rules.all)
      if (finding.kind !== 'rule' || finding.rule.code === undefined) continue
      this.#sources.push(drug.source)
      add([finding.rule.code], unitsOfSupply(drug, finding.drug))
    }
    return [...found.values()]
  }

  #rulesOf(coding: Coding): readonly ServiceRule[] {
    const { rules } = this.#record
    const named = rules.ofCode(coding)
    return [...(named?.isBillable === true ? [named] : []), ...rules.ofKind(coding)]
  }

  #isWeekly(rule: ServiceRule): boolean {
    return unitOf(rule, this.#record.rules.general).basis === 'week'
  }
}
