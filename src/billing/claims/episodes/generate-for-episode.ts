// From an episode of care and a period to the claims that bill it, or to all that stands against them.
import { FhirError, type Issue, type Resource } from '../../../fhir/index.ts'
import type { KnownVersion, WorldView } from '../../../repository/index.ts'
import { objectAt, objectsAt, textAt } from '../../elements.ts'
import { isMadeAs } from '../../made.ts'
import type { BillingParts } from '../../parts.ts'
import type { BillRule, ServiceLine } from '../../rules/index.ts'
import { claimName } from '../claim-name.ts'
import { claimOf } from '../claim-of.ts'
import type { ClaimPlan, ClaimType } from '../claim-plan.ts'
import { type Corrected, correctionOf } from '../corrections.ts'
import { coverageFor } from '../coverages.ts'
import { payerOf } from '../parties-of.ts'
import { bills, isOfType, standingClaims } from '../standing-claims.ts'
import { keyOfResource, localKeyOf, referenced } from '../references.ts'
import { attendanceSegments } from './attendance-segments.ts'
import { billOf } from './bill-of.ts'
import {
  type BilledSpan,
  conflictsOf,
  positionOf,
  refuseConflicts,
  type StandingLine,
  standingLines,
} from './billed-before.ts'
import { dayAt, dayOf, earlierOf, laterOf } from './calendar-days.ts'
import { censusOf } from './census.ts'
import { dayNotesOf } from './day-notes.ts'
import { dayOfVisit, daysOfEpisode, isInpatient } from './episode-days.ts'
import { type EpisodeRecord, episodeRecordOf, facilityTaxonomies } from './episode-record.ts'
import { midnightSegments } from './midnight-segments.ts'
import { monthSegments } from './month-segments.ts'
import { onceEach, planSegment } from './plan-segment.ts'
import { programProblem } from './program-problems.ts'
import { visitsOf } from './read-program.ts'
import type { Segment, Segments, Window } from './segments.ts'
import { weekSegments } from './week-segments.ts'

export interface EpisodeRequest {
  readonly episodeId: string
  /** `YYYY-MM-DD`, the first and the last day; of a correction those of the claim that is corrected. */
  readonly start?: string | undefined
  readonly end?: string | undefined
  /** `Coverage/id` or its id; else the patient's first that is in force. */
  readonly coverage?: string | undefined
  /** As the rule of the program has it, unless it is said. */
  readonly claimType?: ClaimType | undefined
  /** `Claim/id` or its id: that the payer took on, and the new claim replaces. */
  readonly correctionOf?: string | undefined
  /** Milliseconds since 1970. */
  readonly now: number
}

export interface EpisodeClaim {
  /** What the claim is made under. */
  readonly name: string
  /** The claim that bills these days already; nothing else is made then. */
  readonly existing?: Resource
  readonly plan?: ClaimPlan
  /** As it would be stored, unless its id is taken. */
  readonly claim: Resource
}

export interface EpisodeClaims {
  /** In the order of their days; none where anything is refused. */
  readonly claims: readonly EpisodeClaim[]
  /** All at once, each with the element at fault. */
  readonly refusals: readonly Issue[]
  readonly warnings: readonly Issue[]
}

/** Billed are those that go on, that rest, and that are over. */
const BILLED: ReadonlySet<unknown> = new Set(['active', 'onhold', 'finished'])

/**
 * Writes nothing. What the caller may not see in `view` is as if it were not there. One claim for each stay, and for
 * each month where a rule bills no more with one claim.
 * @throws FhirError `not-found`, `too-costly`
 */
export async function generateForEpisode(
  view: WorldView,
  parts: BillingParts,
  request: EpisodeRequest,
): Promise<EpisodeClaims> {
  const episode = await view.read('EpisodeOfCare', request.episodeId)
  if (episode === undefined) throw new FhirError('not-found', 'There is no such EpisodeOfCare.')
  return new EpisodeBilling(view, parts, request, episode.resource).generate()
}

/** A segment with the claim on which it stands. */
interface Billed {
  readonly segment: Segment
  readonly bill: BillRule
  readonly name: string
  readonly existing?: Resource
}

class EpisodeBilling {
  readonly #view: WorldView
  readonly #parts: BillingParts
  readonly #request: EpisodeRequest
  readonly #episode: Resource
  readonly #refusals: Issue[] = []
  readonly #warnings: Issue[] = []

  constructor(view: WorldView, parts: BillingParts, request: EpisodeRequest, episode: Resource) {
    this.#view = view
    this.#parts = parts
    this.#request = request
    this.#episode = episode
  }

  async generate(): Promise<EpisodeClaims> {
    const { baseUrl } = this.#parts
    const { now } = this.#request
    if (!BILLED.has(this.#episode['status']))
      this.#refuse('episode-not-billable', 'EpisodeOfCare.status', 'It must be active, on hold or finished.')
    const patient = (await referenced(this.#view, objectAt(this.#episode, 'patient'), baseUrl, ['Patient']))
      ?.resource
    if (patient === undefined) {
      this.#refuse(
        'visit-without-patient',
        'EpisodeOfCare.patient',
        'It must be a Patient who is known here.',
      )
      return this.#refused()
    }
    const visits = await visitsOf(this.#view, this.#request.episodeId, keyOfResource(patient), baseUrl)
    const corrected = await this.#corrected(patient, visits)
    const window = this.#window(corrected)
    const coverage = window && (await this.#coverage(patient, window, corrected))
    if (window === undefined || coverage === undefined) return this.#refused()
    const payer = await payerOf(this.#view, coverage, baseUrl)
    if (payer === undefined) {
      this.#refuse('payer-missing', 'Coverage.payor', 'The coverage names no Organization that pays.')
      return this.#refused()
    }
    const today = dayAt(now)
    const episode = this.#episode
    const asked = { episode, patient, coverage, payer, visits, window, today, now }
    const record = await episodeRecordOf(this.#view, this.#parts, asked)
    this.#refusals.push(...record.refusals)
    return this.#made(record, corrected)
  }

  #refuse(...issue: Parameters<typeof programProblem>): void {
    this.#refusals.push(programProblem(...issue))
  }

  async #corrected(
    patient: Resource,
    visits: readonly KnownVersion[],
  ): Promise<(Corrected & { readonly id: string }) | undefined> {
    const { correctionOf: claim } = this.#request
    if (claim === undefined) return undefined
    const { baseUrl } = this.#parts
    const keys = visits.map(({ resource }) => keyOfResource(resource))
    const corrected = await correctionOf(
      this.#view,
      { claim, patient: keyOfResource(patient), baseUrl },
      (one) => keys.some((visit) => bills(one, visit, baseUrl)),
    )
    return { ...corrected, id: String(corrected.claim?.['id'] ?? claim) }
  }

  /** A claim is replaced by one for the same days. */
  #window(corrected: Corrected | undefined): Window | undefined {
    const { start, end } = this.#request
    const period = objectAt(corrected?.claim, 'billablePeriod')
    const [first, last] = [dayOf(textAt(period, 'start')) ?? start, dayOf(textAt(period, 'end')) ?? end]
    if (first === undefined || last === undefined) {
      this.#refusals.push(...(corrected?.refusals ?? []))
      return undefined
    }
    if ((start !== undefined && start !== first) || (end !== undefined && end !== last))
      this.#refuse(
        'correction-of-another',
        'Claim.billablePeriod',
        `The claim that is corrected bills ${first} to ${last}: one for other days does not replace it.`,
      )
    return { first, last }
  }

  /** That of the request, of the claim that is corrected, or the patient's first. */
  async #coverage(
    patient: Resource,
    window: Window,
    corrected: Corrected | undefined,
  ): Promise<Resource | undefined> {
    const { baseUrl } = this.#parts
    const focal = objectsAt(corrected?.claim, 'insurance').find((one) => one['focal'] === true)
    const { begin = window.first, over = window.last } = daysOfEpisode(this.#episode)
    const [first, last] = [laterOf(window.first, begin), earlierOf(window.last, over)]
    const { coverage, refusals, warnings } = await coverageFor(
      this.#view,
      {
        patient: keyOfResource(patient),
        named: this.#request.coverage ?? localKeyOf(objectAt(focal, 'coverage'), baseUrl),
        days: first <= last ? [first, last] : [window.first, window.last],
      },
      baseUrl,
    )
    this.#refusals.push(...refusals)
    this.#warnings.push(...warnings)
    return coverage
  }

  async #made(
    record: EpisodeRecord,
    corrected: (Corrected & { readonly id: string }) | undefined,
  ): Promise<EpisodeClaims> {
    const { baseUrl } = this.#parts
    const { segments, refusals, warnings } = this.#segments(record)
    this.#refusals.push(...refusals)
    this.#warnings.push(...warnings)
    if (segments.length === 0 && this.#refusals.length === 0)
      this.#refuse(
        'period-without-days',
        'EpisodeOfCare.period',
        'Nothing of these days is there to be billed.',
      )
    if (corrected !== undefined && segments.length > 1)
      this.#refuse(
        'correction-of-another',
        'Claim.billablePeriod',
        'Its days are those of several claims now.',
      )
    const standing = (
      await standingClaims(this.#view, {
        patient: keyOfResource(record.patient),
        payer: keyOfResource(record.payer),
        date: record.window.first,
        baseUrl,
      })
    ).filter(({ id }) => corrected === undefined || id !== corrected.id)
    const billed: Billed[] = []
    for (const segment of segments) {
      const one = await this.#named(record, segment, standing, corrected)
      if (one !== undefined) billed.push(one)
    }
    // What an earlier correction has made is found before its claim is judged once more.
    if (billed.some(({ existing }) => existing === undefined))
      this.#refusals.push(...(corrected?.refusals ?? []))
    return this.#planned(record, billed, standing, corrected)
  }

  #segments(record: EpisodeRecord): Segments {
    switch (record.program.scheme) {
      case 'midnight':
        return midnightSegments(record)
      case 'attendance': {
        const isBilled = ({ resource }: KnownVersion) => !record.notBilled.has(keyOfResource(resource))
        return attendanceSegments(record, isBilled, this.#request.now)
      }
      case 'week':
        return weekSegments(record, { drugs: record.drugs, servicesOf: (visit) => servicesIn(record, visit) })
      case 'month':
        return monthSegments(record, (visit) => servicesIn(record, visit))
    }
  }

  /** With the name under which it is billed, and the claim that bills it already. Undefined where nothing is left. */
  async #named(
    record: EpisodeRecord,
    segment: Segment,
    standing: readonly Resource[],
    corrected: { readonly id: string } | undefined,
  ): Promise<Billed | undefined> {
    const { program, rules } = record
    const level = segment.days.find((day) => day.level !== undefined)?.level ?? program.level
    const bill = billOf(program.rule, level, facilityTaxonomies(record), this.#request.claimType)
    if (bill === undefined) {
      this.#refuse(
        'claim-type-unfit',
        'Claim.type',
        'The rule of the program has no institutional claim for it.',
      )
      return undefined
    }
    const whole = await this.#existing(record, segment, bill.claim, corrected)
    if (whole.existing !== undefined) return { segment, bill, ...whole }
    const lines = standingLines(standing, this.#parts.baseUrl)
    const conflicts = segment.days.map((day) => conflictsOf(day, codesOf(record, day), lines, rules))
    const left = segment.days.filter((_, at) => conflicts[at]?.length === 0)
    const all = conflicts.flat()
    if (all.length === 0) return { segment, bill, ...whole }
    // A window may begin and end within weeks that were billed; days of a stay are billed by claims that do not overlap.
    if (program.scheme !== 'week' || left.length === 0) {
      this.#refusals.push(...refuseConflicts(all))
      return undefined
    }
    for (const { diagnostics, ...issue } of refuseConflicts(all))
      this.#warnings.push({ ...issue, severity: 'warning', diagnostics: `${diagnostics} They are left out.` })
    const [first, last] = [left[0]?.date ?? segment.first, left.at(-1)?.date ?? segment.last]
    const rest: Segment = { ...segment, first, last, days: left }
    return { segment: rest, bill, ...(await this.#existing(record, rest, bill.claim, corrected)) }
  }

  async #existing(
    record: EpisodeRecord,
    { first, last }: Segment,
    type: ClaimType,
    corrected: { readonly id: string } | undefined,
  ): Promise<{ readonly name: string; readonly existing?: Resource }> {
    const name = await claimName(this.#view, {
      source: keyOfResource(this.#episode),
      period: `${first}/${last}`,
      payer: String(record.payer['id']),
      type,
      ...(corrected === undefined ? {} : { correctionOf: corrected.id }),
    })
    const known = (await this.#view.read('Claim', name))?.resource
    return known !== undefined && isMadeAs(known, name) ? { name, existing: known } : { name }
  }

  async #planned(
    record: EpisodeRecord,
    billed: readonly Billed[],
    standing: readonly Resource[],
    corrected: Corrected | undefined,
  ): Promise<EpisodeClaims> {
    const { baseUrl } = this.#parts
    const { now } = this.#request
    const days = billed.flatMap(({ segment, existing }) => (existing === undefined ? segment.days : []))
    const keys = new Set(days.flatMap(({ encounters }) => encounters))
    const noted = record.visits.filter(
      (visit) => keys.has(keyOfResource(visit.resource)) || isBeside(visit, record.window),
    )
    const notes = await dayNotesOf(this.#view, noted, keyOfResource(record.patient), baseUrl)
    const claims: EpisodeClaim[] = []
    const made: StandingLine[] = []
    const planned: ServiceLine[] = []
    const spans: { readonly span: BilledSpan; readonly segment: Segment }[] = []
    for (const { segment, bill, name, existing } of billed) {
      if (existing !== undefined) {
        claims.push({ name, existing, claim: existing })
        spans.push({ span: segment, segment })
        continue
      }
      const isFirst =
        bill.claim === 'professional' || this.#position(record, segment, standing, spans, corrected)
      const { plan, refusals, warnings } = await planSegment(this.#view, this.#parts, {
        record,
        segment,
        bill,
        isFirst,
        notes,
        standing,
        made,
        planned,
        corrected,
        now,
      })
      this.#refusals.push(...refusals)
      this.#warnings.push(...warnings)
      spans.push({ span: segment, segment })
      if (plan === undefined) continue
      const claim = claimOf(plan, { name, now })
      made.push(...standingLines([claim], baseUrl))
      planned.push(...plan.lines.map(({ line }) => line))
      claims.push({ name, plan, claim })
    }
    if (this.#refusals.length > 0) return this.#refused()
    return { claims, refusals: [], warnings: onceEach(this.#warnings) }
  }

  #position(
    record: EpisodeRecord,
    segment: Segment,
    standing: readonly Resource[],
    spans: readonly { readonly span: BilledSpan; readonly segment: Segment }[],
    corrected: Corrected | undefined,
  ): boolean {
    if (corrected !== undefined) return true
    const { baseUrl } = this.#parts
    const visits = (
      segment.stay?.visits.map(({ encounter }) => encounter) ?? record.visits.map(({ resource }) => resource)
    ).map(keyOfResource)
    const before = [
      ...standing
        .filter(
          (claim) => isOfType(claim, 'institutional') && visits.some((visit) => bills(claim, visit, baseUrl)),
        )
        .flatMap((claim) => spanOf(claim) ?? []),
      ...spans.flatMap(({ span, segment: other }) =>
        other.stay?.start === segment.stay?.start ? [span] : [],
      ),
    ]
    const covered = dayOf(textAt(objectAt(record.coverage, 'period'), 'start')) ?? segment.begin
    const from = laterOf(segment.begin, covered)
    const { isFirst, refusals } = positionOf(segment, before, billableFrom(record, segment, from))
    this.#refusals.push(...refusals)
    return isFirst
  }

  #refused(): EpisodeClaims {
    return { claims: [], refusals: onceEach(this.#refusals), warnings: onceEach(this.#warnings) }
  }
}

function servicesIn({ services }: EpisodeRecord, { resource }: KnownVersion) {
  return services.get(keyOfResource(resource)) ?? []
}

/** What a day is billed as, by all codes that may bill it; add-ons follow their week. */
function codesOf({ rules }: EpisodeRecord, { services, kind }: Segment['days'][number]) {
  const told = kind === 'month' ? services : services.slice(0, 1)
  return told.flatMap(({ codings }) =>
    codings.flatMap((coding) => [coding, ...rules.ofKind(coding).flatMap(({ code }) => code ?? [])]),
  )
}

/** Visits within a stay, whose notes are of its days too. */
function isBeside(visit: KnownVersion, { first, last }: Window): boolean {
  const day = dayOfVisit(visit)
  return visit.resource['status'] === 'finished' && day !== undefined && day >= first && day <= last
}

function spanOf(claim: Resource): BilledSpan | undefined {
  const period = objectAt(claim, 'billablePeriod')
  const [first, last] = [dayOf(textAt(period, 'start')), dayOf(textAt(period, 'end'))]
  return first === undefined || last === undefined ? undefined : { first, last }
}

/** The days before a segment that could be billed, from a day on. */
function billableFrom(record: EpisodeRecord, { stay, first }: Segment, from: string): readonly string[] {
  if (stay !== undefined)
    return censusOf(stay, from, first)
      .filter(({ kind, date }) => kind === 'present' && date < first)
      .map(({ date }) => date)
  return record.visits.flatMap((visit) => {
    const day = dayOfVisit(visit)
    const counts = visit.resource['status'] === 'finished' && !isInpatient(visit.resource)
    return counts && day !== undefined && day >= from && day < first ? [day] : []
  })
}
