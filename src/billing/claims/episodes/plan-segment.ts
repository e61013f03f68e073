// From the days that one claim of a program bills to what the claim says, or to all that stands against it.
import type { Issue, JsonObject, Resource } from '../../../fhir/index.ts'
import type { KnownVersion, WorldView } from '../../../repository/index.ts'
import type { BillingParts } from '../../parts.ts'
import type { BillRule, ServiceFacts, ServiceLine } from '../../rules/index.ts'
import { authorizeLines } from '../authorize-lines.ts'
import type { ClaimPlan, PlannedDiagnosis } from '../claim-plan.ts'
import type { Corrected } from '../corrections.ts'
import { FREQUENCIES, frequencyInformation } from '../frequency.ts'
import { partiesOf, type FoundParties, type Performer } from '../parties-of.ts'
import { providerLevelOf } from '../people.ts'
import { consentRefusals } from '../payment-consent.ts'
import { planDiagnoses } from '../plan-diagnoses.ts'
import { keyOfResource, versionKeyOf } from '../references.ts'
import { labelsOfResource, labelsToCarry } from '../source-labels.ts'
import { performersOf } from '../visit-facts.ts'
import { institutionalInformation, stayFrequencyOf } from './bill-of.ts'
import { type StandingLine, standingLines } from './billed-before.ts'
import { type DayNotes, missingNotes } from './day-notes.ts'
import { dayOfVisit, isInpatient } from './episode-days.ts'
import { episodeDiagnosesOf } from './episode-diagnoses.ts'
import type { EpisodeRecord } from './episode-record.ts'
import { attendingOf, institutionalFactsOf } from './institutional-facts.ts'
import { programProblem } from './program-problems.ts'
import { type DayLines, linesOfSegment, pricedLines, type SegmentLines } from './segment-lines.ts'
import type { BilledDay, Segment } from './segments.ts'

export interface SegmentAsked {
  readonly record: EpisodeRecord
  readonly segment: Segment
  readonly bill: BillRule
  /** Whether no day of the stay or program was billed before. */
  readonly isFirst: boolean
  readonly notes: DayNotes
  /** Claims that stand, without the one that is corrected. */
  readonly standing: readonly Resource[]
  /** Lines of claims that are made in one with this: as claims have them, and as rules made them. */
  readonly made: readonly StandingLine[]
  readonly planned: readonly ServiceLine[]
  readonly corrected: Corrected | undefined
  /** Milliseconds since 1970. */
  readonly now: number
}

export interface PlannedSegment {
  readonly plan?: ClaimPlan
  readonly refusals: readonly Issue[]
  readonly warnings: readonly Issue[]
}

export async function planSegment(
  view: WorldView,
  parts: BillingParts,
  asked: SegmentAsked,
): Promise<PlannedSegment> {
  return new SegmentPlan(view, parts, asked).plan()
}

class SegmentPlan {
  readonly #view: WorldView
  readonly #parts: BillingParts
  readonly #asked: SegmentAsked
  readonly #refusals: Issue[] = []
  readonly #warnings: Issue[] = []

  constructor(view: WorldView, parts: BillingParts, asked: SegmentAsked) {
    this.#view = view
    this.#parts = parts
    this.#asked = asked
  }

  async plan(): Promise<PlannedSegment> {
    const { record, segment, bill, notes } = this.#asked
    const type = bill.claim
    if (record.program.census.needsNote)
      this.#refusals.push(...missingNotes(segment.days, notes, (day) => this.#visitDays(day)))
    const visits = this.#visits()
    const noted = new Set(segment.days.flatMap((day) => [day.date, ...this.#visitDays(day)]))
    const signed = [...noted].flatMap((date) => notes.get(date) ?? [])
    const parties = await this.#parties()
    const { days, refusals: unbilled } = await this.#lines(parties)
    const diagnoses = await this.#diagnoses(visits)
    const { found, planned } = diagnoses
    const lines = pricedLines({ days, type, diagnoses: planned.length })
    this.#tell(lines)
    if (lines.lines.length === 0 && lines.refusals.length === 0 && unbilled.length === 0)
      this.#refusals.push(
        programProblem('nothing-billed', 'EpisodeOfCare.type', 'No rule bills anything of these days.'),
      )
    const conditions = found.map(({ condition }) => condition)
    const sources = [...signed, ...conditions, ...this.#sources()]
    await this.#consents(visits, sources)
    const authorizations = await this.#authorizations(days)
    const information = await this.#information()
    const { corrected } = this.#asked
    const { refusals, warnings } = { refusals: onceEach(this.#refusals), warnings: onceEach(this.#warnings) }
    if (refusals.length > 0 || parties.parties === undefined) return { refusals, warnings }
    const resources = visits.map(({ resource }) => resource)
    const plan: ClaimPlan = {
      type,
      source: keyOfResource(record.episode),
      period: { start: segment.first, end: segment.last },
      parties: parties.parties,
      diagnoses: [...planned, ...this.#admitting(diagnoses)],
      lines: lines.lines,
      information,
      authorizations,
      ...(corrected?.related === undefined ? {} : { related: corrected.related }),
      madeOf: [...new Set([...signed, ...visits, ...this.#sources()].map(versionKeyOf))],
      labels: labelsToCarry([record.episode, ...sources.map(({ resource }) => resource)], resources),
    }
    return { plan, refusals: [], warnings }
  }

  #tell({ refusals, warnings }: Pick<PlannedSegment, 'refusals' | 'warnings'>): void {
    this.#refusals.push(...refusals)
    this.#warnings.push(...warnings)
  }

  #visits(): readonly KnownVersion[] {
    const { record, segment } = this.#asked
    const billed = new Set(segment.days.flatMap(({ encounters }) => encounters))
    return record.visits.filter(({ resource }) => billed.has(keyOfResource(resource)))
  }

  /** Of visits that are no stays: the day of a week or a month is not theirs. */
  #visitDays({ encounters }: BilledDay): readonly string[] {
    return this.#asked.record.visits
      .filter(({ resource }) => encounters.includes(keyOfResource(resource)) && !isInpatient(resource))
      .flatMap((visit) => dayOfVisit(visit) ?? [])
  }

  /** Beside notes and visits. */
  #sources(): readonly KnownVersion[] {
    const { record, segment } = this.#asked
    return segment.days.flatMap(({ sources }) => sources.flatMap((key) => record.sources.get(key) ?? []))
  }

  async #parties(): Promise<FoundParties> {
    const { record, segment } = this.#asked
    const { patient, coverage, place } = record
    const performers = this.#performers()
    const found = await partiesOf(
      this.#view,
      {
        patient,
        coverage,
        provider: record.providerReference,
        providerElement: record.providerElement,
        performers,
        date: segment.first,
        ...(place.facility === undefined ? {} : { facility: place.facility }),
      },
      this.#parts.baseUrl,
    )
    this.#refusals.push(...found.refusals)
    if (performers.length === 0)
      this.#refusals.push(
        programProblem(
          'rendering-missing',
          'EpisodeOfCare.careManager',
          'Nobody is said to have attended: careManager, or ATND or PPRF of a visit.',
        ),
      )
    return found
  }

  /** An opioid treatment program renders its weeks itself. */
  #performers(): readonly Performer[] {
    const { record, segment, bill } = this.#asked
    const { scheme } = record.program
    const reference = record.providerReference
    if (bill.claim === 'professional' && scheme === 'week')
      return reference === undefined
        ? []
        : [{ reference, role: 'rendering', element: record.providerElement }]
    if (scheme === 'month') {
      const last = this.#visits().at(-1)
      return last === undefined ? [] : performersOf(last.resource)
    }
    const attending = attendingOf(record, segment)
    const role = bill.claim === 'professional' ? 'rendering' : 'attending'
    return attending === undefined ? [] : [{ ...attending, role }]
  }

  async #lines({ taxonomies, people }: FoundParties): Promise<SegmentLines> {
    const { record, segment, standing, made } = this.#asked
    const { baseUrl } = this.#parts
    const [rendering] = people
    const found = await linesOfSegment(this.#view, {
      record,
      segment,
      baseUrl,
      taxonomies,
      providerLevel: rendering && providerLevelOf(rendering),
      earlier: [...standingLines(standing, baseUrl), ...made],
    })
    this.#tell(found)
    return found
  }

  async #diagnoses(visits: readonly KnownVersion[]) {
    const { record, segment, bill } = this.#asked
    const { found, refusals, admitting } = await episodeDiagnosesOf(
      this.#view,
      record.episode,
      visits.map(({ resource }) => resource),
      keyOfResource(record.patient),
      this.#parts.baseUrl,
    )
    this.#refusals.push(...refusals)
    // A stay that goes on is coded as of its last day.
    const date = segment.days.at(-1)?.date ?? segment.last
    if (refusals.length > 0 && found.length === 0) return { found, planned: [], admitting }
    const made = planDiagnoses(found, { date, type: bill.claim, list: this.#parts.diagnoses })
    this.#tell(made)
    return { found, planned: made.diagnoses, admitting }
  }

  #admitting({
    planned,
    admitting = 0,
  }: {
    readonly planned: readonly PlannedDiagnosis[]
    readonly admitting?: number | undefined
  }): readonly PlannedDiagnosis[] {
    const { segment, bill } = this.#asked
    const found = planned[admitting] ?? planned[0]
    return bill.claim === 'institutional' && segment.stay !== undefined && found !== undefined
      ? [{ code: found.code, type: 'admitting' }]
      : []
  }

  /** For each visit that is billed, since a patient may restrict one; for the episode where no visit is. */
  async #consents(visits: readonly KnownVersion[], sources: readonly KnownVersion[]): Promise<void> {
    const { record, segment, now } = this.#asked
    const { patient, payer, episode } = record
    const told = visits.length > 0 ? visits.map(({ resource }) => resource) : [episode]
    const labels: readonly JsonObject[] = [
      ...told,
      episode,
      ...sources.map(({ resource }) => resource),
    ].flatMap(labelsOfResource)
    const refused = await Promise.all(
      told.map((encounter) =>
        consentRefusals(this.#view, {
          patient: keyOfResource(patient),
          encounter,
          payer,
          days: [segment.first, segment.last],
          labels,
          baseUrl: this.#parts.baseUrl,
          now,
        }),
      ),
    )
    this.#refusals.push(...refused.flat())
  }

  /** All lines together, at the first and at the last day: an authorization holds for so many units in its period. */
  async #authorizations(days: readonly DayLines[]): Promise<readonly string[]> {
    const billed = days.filter(({ lines }) => lines.length > 0)
    const [first, last] = [billed[0], billed.at(-1)]
    if (first === undefined || last === undefined) return []
    const { record, corrected, planned } = this.#asked
    const services = billed.flatMap(({ facts }) => facts.services)
    let offset = 0
    const lines = billed.flatMap((day) => {
      const start = offset
      offset += day.facts.services.length
      return day.lines.map((line) => ({ ...line, service: start + line.service }))
    })
    const ask = (facts: ServiceFacts) =>
      authorizeLines(this.#view, {
        lines: [...lines, ...planned.map((line) => ({ ...line, service: 0 }))],
        facts: { ...facts, services },
        rules: record.rules,
        patient: record.patient,
        payer: record.payer,
        except: corrected?.related === undefined ? [] : [corrected.related.claim],
        elementOf: () => 'EpisodeOfCare.type',
        baseUrl: this.#parts.baseUrl,
      })
    const [atFirst, atLast] = await Promise.all([ask(first.facts), ask(last.facts)])
    this.#refusals.push(...atFirst.refusals, ...atLast.refusals)
    return atFirst.numbers
  }

  async #information(): Promise<readonly JsonObject[]> {
    const { record, segment, bill, isFirst, corrected } = this.#asked
    if (bill.claim === 'professional')
      return [frequencyInformation(corrected === undefined ? 'original' : 'replacement')]
    const isLast = segment.over !== undefined && segment.over <= segment.last
    const frequency = corrected === undefined ? stayFrequencyOf(isFirst, isLast) : FREQUENCIES.replacement
    const { facts, refusals } = await institutionalFactsOf(this.#view, {
      record,
      segment,
      bill,
      frequency,
      isLast,
    })
    this.#refusals.push(...refusals)
    return institutionalInformation(facts)
  }
}

/** The same may be found of many days and visits. */
export function onceEach(issues: readonly Issue[]): readonly Issue[] {
  const told = new Map<string, Issue>()
  for (const issue of issues)
    told.set(`${issue.severity}\n${issue.details?.code}\n${issue.expression}\n${issue.diagnostics}`, issue)
  return [...told.values()]
}
