// From an episode of care and a period to the claims that bill it, or to all that stands against them.
import { FhirError, type Issue, type Resource } from '../../../fhir/index.ts'
import type { KnownVersion, WorldView } from '../../../repository/index.ts'
import { objectAt, objectsAt, textAt } from '../../elements.ts'
import type { BillingParts } from '../../parts.ts'
import type { PerformedService } from '../../rules/index.ts'
import type { ClaimType } from '../claim-plan.ts'
import { type Corrected, correctionOf } from '../corrections.ts'
import { coverageFor } from '../coverages.ts'
import { payerOf } from '../parties-of.ts'
import { keyOfResource, localKeyOf, referenced } from '../references.ts'
import { bills, standingClaims } from '../standing-claims.ts'
import { attendanceSegments } from './attendance-segments.ts'
import { dayAt, dayOf, earlierOf, laterOf } from './calendar-days.ts'
import { daysOfEpisode } from './episode-days.ts'
import { type EpisodeRecord, episodeRecordOf } from './episode-record.ts'
import { midnightSegments } from './midnight-segments.ts'
import { monthSegments } from './month-segments.ts'
import { nameSegments } from './name-segments.ts'
import { onceEach } from './plan-segment.ts'
import { type EpisodeClaims, planSegments } from './plan-segments.ts'
import { programProblem } from './program-problems.ts'
import { visitsOf } from './read-program.ts'
import type { Segments, Window } from './segments.ts'
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

/** A day is over when it is over wherever the practice may be: west of Greenwich that is later. */
const HALF_A_DAY = 43_200_000
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
    const today = dayAt(now - HALF_A_DAY)
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
    const { segments, ...found } = this.#segments(record)
    this.#tell(found)
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
    const { named, ...told } = await nameSegments(this.#view, {
      record,
      segments,
      standing,
      claimType: this.#request.claimType,
      correctionOf: corrected?.id,
      baseUrl,
    })
    this.#tell(told)
    // What an earlier correction has made is found before its claim is judged once more.
    if (named.some(({ existing }) => existing === undefined))
      this.#refusals.push(...(corrected?.refusals ?? []))
    const { now } = this.#request
    const planned = await planSegments(this.#view, this.#parts, { record, named, standing, corrected, now })
    this.#tell(planned)
    if (this.#refusals.length > 0) return this.#refused()
    return { claims: planned.claims, refusals: [], warnings: onceEach(this.#warnings) }
  }

  #tell({ refusals, warnings }: Pick<Segments, 'refusals' | 'warnings'>): void {
    this.#refusals.push(...refusals)
    this.#warnings.push(...warnings)
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

  #refused(): EpisodeClaims {
    return { claims: [], refusals: onceEach(this.#refusals), warnings: onceEach(this.#warnings) }
  }
}

function servicesIn({ services }: EpisodeRecord, { resource }: KnownVersion): readonly PerformedService[] {
  return services.get(keyOfResource(resource)) ?? []
}
