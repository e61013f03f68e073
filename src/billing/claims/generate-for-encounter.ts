// From one visit to its claim, or to all that stands against one.
import { FhirError, formatInstant, type Issue, type Resource } from '../../fhir/index.ts'
import type { KnownVersion, WorldView } from '../../repository/index.ts'
import { objectAt } from '../elements.ts'
import type { BillingParts } from '../parts.ts'
import { claimName } from './claim-name.ts'
import { claimOf } from './claim-of.ts'
import type { ClaimPlan, ClaimType } from './claim-plan.ts'
import { type Corrected, correctionOf } from './corrections.ts'
import { coverageFor } from './coverages.ts'
import { payerOf } from './parties-of.ts'
import { planVisit } from './plan-visit.ts'
import { problem } from './problems.ts'
import { provenanceOf } from './provenance-of.ts'
import { refusalsOfRecord } from './record-refusals.ts'
import { keyOfResource, localKeyOf, referenced } from './references.ts'
import {
  bills,
  claimsOfVisit,
  focalCoverageOf,
  insurerOf,
  isOfType,
  standingClaims,
} from './standing-claims.ts'
import { priorOf } from './replacement.ts'
import { visitTimesOf, type VisitTimes } from './visit-facts.ts'
import { type VisitAsked, visitRecordOf } from './visit-record.ts'

export interface EncounterRequest {
  readonly encounterId: string
  /** `Coverage/id` or its id; else the patient's first that is in force. */
  readonly coverage?: string | undefined
  /** Professional, unless it says otherwise. */
  readonly claimType?: ClaimType | undefined
  /** `Claim/id` or its id: that the payer took on, and the new claim replaces. */
  readonly correctionOf?: string | undefined
  /** The id of a claim of the visit that is made anew: it counts as not there. */
  readonly anew?: string | undefined
  /** Milliseconds since 1970. */
  readonly now: number
}

export interface Generated {
  /** What the claim is made under; '' where it is not known who pays. */
  readonly name: string
  /** The claim that bills it already; nothing else is made then. */
  readonly existing?: Resource
  /** Only where nothing is refused. */
  readonly plan?: ClaimPlan
  /** As it would be stored, unless its id is taken. */
  readonly claim?: Resource
  readonly provenance?: Resource
  /** All at once, each with the element at fault. */
  readonly refusals: readonly Issue[]
  readonly warnings: readonly Issue[]
}

/**
 * Writes nothing. What the caller may not see in `view` is as if it were not there.
 * @throws FhirError `not-found`, `too-costly`
 */
export async function generateForEncounter(
  view: WorldView,
  parts: BillingParts,
  request: EncounterRequest,
): Promise<Generated> {
  const visit = await view.read('Encounter', request.encounterId)
  if (visit === undefined) throw new FhirError('not-found', 'There is no such Encounter.')
  return new EncounterClaim(view, parts, request, visit).generate()
}

class EncounterClaim {
  readonly #view: WorldView
  readonly #parts: BillingParts
  readonly #request: EncounterRequest
  readonly #visit: KnownVersion
  readonly #type: ClaimType
  readonly #refusals: Issue[] = []
  readonly #warnings: Issue[] = []

  constructor(view: WorldView, parts: BillingParts, request: EncounterRequest, visit: KnownVersion) {
    this.#view = view
    this.#parts = parts
    this.#request = request
    this.#visit = visit
    this.#type = request.claimType ?? 'professional'
  }

  async generate(): Promise<Generated> {
    const { resource: encounter } = this.#visit
    const { baseUrl } = this.#parts
    this.#judgeStatus(encounter)
    const { times, refusals } = visitTimesOf(encounter, this.#request.now)
    this.#refusals.push(...refusals)
    const patient = await this.#patient(encounter)
    if (patient === undefined) return this.#refused('')
    const ofVisit = (await claimsOfVisit(this.#view, this.#request.encounterId, baseUrl)).filter(
      ({ id }) => id !== this.#request.anew,
    )
    const corrected = await this.#corrected(patient)
    const existing = this.#existing(ofVisit, corrected)
    if (existing !== undefined && encounter['status'] === 'finished')
      return { name: '', existing, refusals: [], warnings: [] }
    this.#refusals.push(...(corrected?.refusals ?? []))
    const coverage = await this.#coverage(patient, times, corrected)
    if (coverage === undefined) return this.#refusedWithRecord('', patient, times)
    const payer = await payerOf(this.#view, coverage, baseUrl)
    if (payer === undefined) {
      this.#refusals.push(
        problem('payer-missing', 'Coverage.payor', 'The coverage names no Organization that pays.'),
      )
      return this.#refusedWithRecord('', patient, times)
    }
    this.#refuseBilledBefore(ofVisit, payer, corrected)
    const name = await claimName(this.#view, {
      source: keyOfResource(encounter),
      payer: String(payer['id']),
      type: this.#type,
      ...(corrected === undefined ? {} : { correctionOf: corrected.id }),
    })
    if (times === undefined) return this.#refusedWithRecord(name, patient, times)
    return this.#made(name, { visit: this.#visit, patient, coverage, payer, times }, corrected)
  }

  #judgeStatus(encounter: Resource): void {
    if (encounter['status'] !== 'finished')
      this.#refusals.push(
        problem('visit-not-finished', 'Encounter.status', 'Only a visit that is finished is billed.'),
      )
    if (this.#type === 'institutional')
      this.#refusals.push(
        problem(
          'claim-type-unfit',
          'Claim.type',
          'An institutional claim is made of the episode: ask EpisodeOfCare/[id]/$generate-claim.',
        ),
      )
  }

  async #patient(encounter: Resource): Promise<Resource | undefined> {
    const { baseUrl } = this.#parts
    const subject = objectAt(encounter, 'subject')
    const found = await referenced(this.#view, subject, baseUrl, ['Patient'])
    if (found !== undefined) return found.resource
    const isGroup = localKeyOf(subject, baseUrl)?.startsWith('Group/') === true
    this.#refusals.push(
      isGroup
        ? problem(
            'visit-of-group',
            'Encounter.subject',
            'It is a session of a Group, whose members are billed by their own visits: ask Group/[id]/$generate-claims.',
          )
        : problem('visit-without-patient', 'Encounter.subject', 'It must be a Patient who is known here.'),
    )
    return undefined
  }

  async #corrected(patient: Resource): Promise<(Corrected & { readonly id: string }) | undefined> {
    const { correctionOf: claim } = this.#request
    if (claim === undefined) return undefined
    const { baseUrl } = this.#parts
    const visit = keyOfResource(this.#visit.resource)
    const corrected = await correctionOf(
      this.#view,
      { claim, patient: keyOfResource(patient), baseUrl },
      (one) => bills(one, visit, baseUrl) && isOfType(one, this.#type),
    )
    return { ...corrected, id: String(corrected.claim?.['id'] ?? claim) }
  }

  /** What bills the visit as it is asked for; the coverage only counts where it is named. */
  #existing(ofVisit: readonly Resource[], corrected: Corrected | undefined): Resource | undefined {
    const { baseUrl } = this.#parts
    const { coverage } = this.#request
    const own = ofVisit.filter((claim) => isOfType(claim, this.#type))
    if (corrected !== undefined)
      return (
        corrected.claim &&
        own.find((claim) => priorOf(claim, baseUrl) === keyOfResource(corrected.claim as Resource))
      )
    if (coverage === undefined) return own[0]
    const named = coverage.includes('/')
      ? localKeyOf({ reference: coverage }, baseUrl)
      : `Coverage/${coverage}`
    return own.find((claim) => focalCoverageOf(claim, baseUrl) === named)
  }

  /** That of the request, of the claim that is corrected, or the patient's first. */
  async #coverage(
    patient: Resource,
    times: VisitTimes | undefined,
    corrected: Corrected | undefined,
  ): Promise<Resource | undefined> {
    const { baseUrl } = this.#parts
    const { coverage, refusals, warnings } = await coverageFor(
      this.#view,
      {
        patient: keyOfResource(patient),
        named: this.#request.coverage ?? focalCoverageOf(corrected?.claim, baseUrl),
        days: times && [times.date, times.lastDate],
      },
      baseUrl,
    )
    this.#refusals.push(...refusals)
    this.#warnings.push(...warnings)
    return coverage
  }

  #refuseBilledBefore(ofVisit: readonly Resource[], payer: Resource, corrected: Corrected | undefined): void {
    const { baseUrl } = this.#parts
    for (const claim of ofVisit)
      if (claim['id'] !== corrected?.claim?.['id'] && insurerOf(claim, baseUrl) === keyOfResource(payer))
        this.#refusals.push(
          problem(
            'billed-before',
            'Claim.item.encounter',
            `${keyOfResource(claim)} bills the visit to the same payer already.`,
          ),
        )
  }

  async #made(name: string, asked: VisitAsked, corrected: Corrected | undefined): Promise<Generated> {
    const { patient, payer, times, visit } = asked
    const { baseUrl } = this.#parts
    const [record, standing] = await Promise.all([
      visitRecordOf(this.#view, this.#parts, asked),
      standingClaims(this.#view, {
        patient: keyOfResource(patient),
        payer: keyOfResource(payer),
        date: times.date,
        baseUrl,
      }),
    ])
    const { plan, refusals, warnings } = await planVisit(this.#view, this.#parts, {
      ...asked,
      record,
      type: this.#type,
      related: corrected?.related,
      billed: standing.filter((claim) => !bills(claim, keyOfResource(visit.resource), baseUrl)),
      now: this.#request.now,
    })
    this.#refusals.push(...refusals)
    this.#warnings.push(...warnings)
    if (plan === undefined || this.#refusals.length > 0) return this.#refused(name)
    const made = { name, now: this.#request.now }
    return {
      name,
      plan,
      claim: claimOf(plan, made),
      provenance: provenanceOf(plan, made),
      refusals: [],
      warnings: this.#warnings,
    }
  }

  /** Of a visit whose payer or day is not known, with what stands against it whoever pays. */
  async #refusedWithRecord(
    name: string,
    patient: Resource,
    times: VisitTimes | undefined,
  ): Promise<Generated> {
    const date = times?.date ?? formatInstant(this.#request.now).slice(0, 10)
    const asked = { visit: this.#visit, patient, date, type: this.#type }
    this.#refusals.push(...(await refusalsOfRecord(this.#view, this.#parts, asked)))
    return this.#refused(name)
  }

  #refused(name: string): Generated {
    return { name, refusals: this.#refusals, warnings: this.#warnings }
  }
}
