// From one visit to its claim, or to all that stands against one.
import { FhirError, type Issue, type Resource } from '../../fhir/index.ts'
import type { KnownVersion, WorldView } from '../../repository/index.ts'
import { objectAt, objectsAt } from '../elements.ts'
import type { BillingParts } from '../parts.ts'
import { type BilledServices, linesFor } from '../rules/index.ts'
import { authorizeLines } from './authorizations.ts'
import { claimName } from './claim-name.ts'
import { claimOf } from './claim-of.ts'
import type { ClaimPlan, ClaimType } from './claim-plan.ts'
import { type Corrected, correctionOf } from './corrections.ts'
import { coverageFor } from './coverages.ts'
import { payerOf } from './parties-of.ts'
import { consentRefusals } from './payment-consent.ts'
import { planDiagnoses } from './plan-diagnoses.ts'
import { planLines } from './planned-lines.ts'
import { frequencyOf } from './frequency.ts'
import { problem, problemOfService } from './problems.ts'
import { provenanceOf } from './provenance-of.ts'
import { keyOfResource, localKeyOf, referenced, versionKeyOf } from './references.ts'
import { labelsToCarry } from './source-labels.ts'
import { bills, earlierLinesOf, isOfType, priorOf, standingClaims } from './standing-claims.ts'
import { visitTimesOf, type VisitTimes } from './visit-facts.ts'
import { type VisitAsked, type VisitRecord, visitRecordOf } from './visit-record.ts'

export interface EncounterRequest {
  readonly encounterId: string
  /** `Coverage/id` or its id; else the patient's first that is in force. */
  readonly coverage?: string | undefined
  /** Professional, unless it says otherwise. */
  readonly claimType?: ClaimType | undefined
  /** `Claim/id` or its id: that the payer took on, and the new claim replaces. */
  readonly correctionOf?: string | undefined
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
    const corrected = await this.#corrected(patient)
    const coverage = await this.#coverage(patient, times, corrected)
    if (coverage === undefined) return this.#refused('')
    const payer = await payerOf(this.#view, coverage, baseUrl)
    if (payer === undefined) {
      this.#refusals.push(
        problem('payer-missing', 'Coverage.payor', 'The coverage names no Organization that pays.'),
      )
      return this.#refused('')
    }
    const name = await claimName(this.#view, {
      source: keyOfResource(encounter),
      payer: String(payer['id']),
      type: this.#type,
      ...(corrected === undefined ? {} : { correctionOf: corrected.id }),
    })
    if (times === undefined) return this.#refused(name)
    return this.#made(name, { encounter, patient, coverage, payer, times }, corrected)
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
      (one) => bills(one, visit, baseUrl),
    )
    return { ...corrected, id: String(corrected.claim?.['id'] ?? claim) }
  }

  /** That of the request, of the claim that is corrected, or the patient's first. */
  async #coverage(
    patient: Resource,
    times: VisitTimes | undefined,
    corrected: Corrected | undefined,
  ): Promise<Resource | undefined> {
    const focal = objectsAt(corrected?.claim, 'insurance').find((one) => one['focal'] === true)
    const ofCorrected = localKeyOf(objectAt(focal, 'coverage'), this.#parts.baseUrl)
    const { coverage, refusals, warnings } = await coverageFor(
      this.#view,
      {
        patient: keyOfResource(patient),
        named: this.#request.coverage ?? ofCorrected,
        days: times && [times.date, times.lastDate],
      },
      this.#parts.baseUrl,
    )
    this.#refusals.push(...refusals)
    this.#warnings.push(...warnings)
    return coverage
  }

  async #made(name: string, asked: VisitAsked, corrected: Corrected | undefined): Promise<Generated> {
    const { encounter, patient, payer, times } = asked
    const { baseUrl } = this.#parts
    const standing = await standingClaims(this.#view, {
      patient: keyOfResource(patient),
      payer: keyOfResource(payer),
      date: times.date,
      baseUrl,
    })
    const ofVisit = standing.filter((claim) => bills(claim, keyOfResource(encounter), baseUrl))
    const existing =
      corrected === undefined
        ? ofVisit.find((claim) => isOfType(claim, this.#type))
        : ofVisit.find((claim) => priorOf(claim, baseUrl) === `Claim/${String(corrected.claim?.['id'])}`)
    if (existing !== undefined && encounter['status'] === 'finished')
      return { name, existing, refusals: [], warnings: [] }
    this.#refusals.push(...(corrected?.refusals ?? []))
    const others = ofVisit.filter((claim) => claim['id'] !== corrected?.claim?.['id'])
    this.#refuseBilledBefore(others)
    const record = await visitRecordOf(this.#view, this.#parts, asked)
    const billed = standing.filter((claim) => !ofVisit.includes(claim))
    const plan = await this.#plan(record, asked, billed, corrected)
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

  #refuseBilledBefore(others: readonly Resource[]): void {
    for (const claim of others)
      this.#refusals.push(
        problem(
          'billed-before',
          'Claim.item.encounter',
          `${keyOfResource(claim)} bills the visit to the same payer already.`,
        ),
      )
  }

  async #plan(
    record: VisitRecord,
    asked: VisitAsked,
    billed: readonly Resource[],
    corrected: Corrected | undefined,
  ): Promise<ClaimPlan | undefined> {
    const { encounter, patient, payer, times } = asked
    const { notes, diagnoses: found, parties, services, facts } = record
    this.#refusals.push(...notes.refusals, ...found.refusals, ...parties.refusals, ...services.refusals)
    if (parties.people.length === 0)
      this.#refusals.push(
        problem(
          'rendering-missing',
          'Encounter.participant',
          'Nobody is said to have rendered it: PPRF or ATND.',
        ),
      )
    const diagnosis = planDiagnoses(found.found, {
      date: times.date,
      type: this.#type,
      list: this.#parts.diagnoses,
    })
    // Of a visit whose diagnoses lead nowhere that is enough said.
    if (found.refusals.length === 0) this.#refusals.push(...diagnosis.refusals)
    this.#warnings.push(...diagnosis.warnings)
    this.#refusals.push(
      ...(await consentRefusals(this.#view, {
        patient: keyOfResource(patient),
        encounter,
        payer,
        days: [times.date, times.lastDate],
        labels: record.labels,
        baseUrl: this.#parts.baseUrl,
        now: this.#request.now,
      })),
    )
    const book = await this.#parts.books.of(this.#view)
    const made = linesFor(book, { ...facts, earlier: earlierLinesOf(billed) })
    this.#tell(made, record)
    const lines = planLines({
      lines: made.lines,
      type: this.#type,
      date: times.date,
      encounters: [keyOfResource(encounter)],
      diagnoses: diagnosis.diagnoses.length,
      elementOf: ({ service }) => elementOf(record, service),
    })
    this.#refusals.push(...lines.refusals)
    this.#warnings.push(...lines.warnings)
    const authorized = await authorizeLines(this.#view, {
      lines: made.lines,
      facts,
      rules: record.rules,
      patient,
      payer,
      billed,
      elementOf: (line) => elementOf(record, line.service),
      baseUrl: this.#parts.baseUrl,
    })
    this.#refusals.push(...authorized.refusals)
    if (parties.parties === undefined) return undefined
    return {
      type: this.#type,
      source: keyOfResource(encounter),
      period: { start: times.date, end: times.lastDate },
      parties: parties.parties,
      diagnoses: diagnosis.diagnoses,
      lines: lines.lines,
      information: [frequencyOf(corrected === undefined ? 'original' : 'replacement')],
      authorizations: authorized.numbers,
      ...(corrected?.related === undefined ? {} : { related: corrected.related }),
      madeOf: [...notes.notes, this.#visit, ...services.sources].map(versionKeyOf),
      labels: labelsToCarry(record.sources, [encounter]),
    }
  }

  /** What cannot be billed is a warning beside what can, and a refusal where there is nothing else. */
  #tell({ lines, warnings }: BilledServices, record: VisitRecord): void {
    const isBilled = lines.length > 0
    for (const issue of warnings)
      if (isBilled || issue.severity === 'warning')
        this.#warnings.push(problemOfService(issue, elementOf(record, issue.service), 'warning'))
      else this.#refusals.push(problemOfService(issue, elementOf(record, issue.service), 'error'))
    if (!isBilled && warnings.length === 0)
      this.#refusals.push(
        problem(
          'nothing-billed',
          'Encounter.type',
          'Nothing that is recorded of the visit is a service that is billed.',
        ),
      )
  }

  #refused(name: string): Generated {
    return { name, refusals: this.#refusals, warnings: this.#warnings }
  }
}

function elementOf({ services }: VisitRecord, service: number): string {
  return services.services[service]?.element ?? 'Encounter.type'
}
