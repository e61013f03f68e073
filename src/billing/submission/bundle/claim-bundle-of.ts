// A stored Claim with the whole resources that an 837 tells of it.
import { FhirError, type Issue, type JsonObject, type Resource } from '../../../fhir/index.ts'
import type { WorldView } from '../../../repository/index.ts'
import { localKeyOf } from '../../claims/references.ts'
import { hasCode, objectAt, objectsAt, textAt, textsAt } from '../../elements.ts'
import type { ClaimBundle } from '../../x12/index.ts'
import { claimTermsOf } from './claim-terms.ts'
import { createReferenceReader, type ReferenceReader } from './reference-reader.ts'

/**
 * The claim with what it refers to, as the view shows it. Who is named by a PractitionerRole is its Practitioner; a
 * place at the billing provider's own address is none that is told, nor is a kind of place.
 * @throws FhirError `business-rule` naming every element that refers to nothing that can be read
 */
export async function claimBundleOf(
  view: Pick<WorldView, 'read'>,
  claim: Resource,
  baseUrl: string,
): Promise<ClaimBundle> {
  const reader = createReferenceReader(view, baseUrl)
  const focal = objectsAt(claim, 'insurance').findIndex((one) => one['focal'] === true)
  const insurance = objectsAt(claim, 'insurance')[focal]
  const patient = await reader.read(objectAt(claim, 'patient'), ['Patient'], claim, 'Claim.patient')
  const coverage = await coverageOf(reader, claim, insurance, focal)
  const payer = await payerOf(reader, claim, coverage)
  const provider = await actorOf(reader, objectAt(claim, 'provider'), claim, 'Claim.provider')
  const subscriber = coverage === undefined ? undefined : await subscriberOf(reader, coverage)
  const careTeam = await careTeamOf(reader, claim)
  const facility = await facilityOf(reader, claim)
  if (patient === undefined || coverage === undefined || payer === undefined || provider === undefined)
    throw refusal(reader.issues)
  const { terms, issues } = claimTermsOf([coverage, payer, provider])
  const all = [...reader.issues, ...issues, ...addressIssues(facility)]
  if (all.length > 0) throw refusal(all)
  return {
    claim,
    patient,
    coverage,
    ...(subscriber === undefined ? {} : { subscriber }),
    payer,
    billingProvider: provider,
    ...(facility === undefined || isAtHomeOf(provider, facility) ? {} : { facility }),
    careTeam,
    terms,
  }
}

function refusal(issues: readonly Issue[]): FhirError {
  return new FhirError('business-rule', issues)
}

async function coverageOf(
  reader: ReferenceReader,
  claim: Resource,
  insurance: JsonObject | undefined,
  focal: number,
): Promise<Resource | undefined> {
  const at = focal < 0 ? 'Claim.insurance' : `Claim.insurance[${focal}].coverage`
  return reader.read(objectAt(insurance, 'coverage'), ['Coverage'], claim, at)
}

/** Whom the claim is sent to; else who pays by the coverage. */
function payerOf(
  reader: ReferenceReader,
  claim: Resource,
  coverage: Resource | undefined,
): Promise<Resource | undefined> {
  const insurer = objectAt(claim, 'insurer')
  if (insurer !== undefined || coverage === undefined)
    return reader.read(insurer, ['Organization'], claim, 'Claim.insurer')
  return reader.read(objectsAt(coverage, 'payor')[0], ['Organization'], coverage, 'Coverage.payor[0]')
}

/**
 * Whom an 837 of the claim tells, where the claim does not itself refer to whom by what is stored; undefined where it does.
 * One that is contained has no id: nobody knows it by that.
 */
export async function payerBehind(
  view: Pick<WorldView, 'read'>,
  claim: Resource,
  baseUrl: string,
): Promise<Resource | undefined> {
  if (localKeyOf(objectAt(claim, 'insurer'), baseUrl) !== undefined) return undefined
  const reader = createReferenceReader(view, baseUrl)
  const focal = objectsAt(claim, 'insurance').find((one) => one['focal'] === true)
  const coverage = await coverageOf(reader, claim, focal, 0)
  const payer = await payerOf(reader, claim, coverage)
  const isStored =
    localKeyOf(objectAt(claim, 'insurer') ?? objectsAt(coverage, 'payor')[0], baseUrl) !== undefined
  if (payer === undefined || isStored) return payer
  const { id: _, ...told } = payer
  return told as Resource
}

/** undefined when the patient is the subscriber. */
function subscriberOf(reader: ReferenceReader, coverage: Resource): Promise<Resource | undefined> {
  if (hasCode(objectAt(coverage, 'relationship'), 'self')) return Promise.resolve(undefined)
  const subscriber = objectAt(coverage, 'subscriber')
  return reader.read(subscriber, ['Patient', 'RelatedPerson'], coverage, 'Coverage.subscriber')
}

async function careTeamOf(reader: ReferenceReader, claim: Resource): Promise<Record<number, Resource>> {
  const team: Record<number, Resource> = {}
  for (const [index, member] of objectsAt(claim, 'careTeam').entries()) {
    const at = `Claim.careTeam[${index}].provider`
    const resource = await actorOf(reader, objectAt(member, 'provider'), claim, at)
    if (resource !== undefined) team[Number(member['sequence'])] = resource
  }
  return team
}

async function actorOf(
  reader: ReferenceReader,
  reference: JsonObject | undefined,
  holder: Resource,
  element: string,
): Promise<Resource | undefined> {
  const actor = await reader.read(
    reference,
    ['Organization', 'Practitioner', 'PractitionerRole'],
    holder,
    element,
  )
  if (actor?.resourceType !== 'PractitionerRole') return actor
  const practitioner = objectAt(actor, 'practitioner')
  return reader.read(practitioner, ['Practitioner'], actor, 'PractitionerRole.practitioner')
}

async function facilityOf(reader: ReferenceReader, claim: Resource): Promise<Resource | undefined> {
  const reference = objectAt(claim, 'facility')
  if (reference === undefined) return undefined
  const facility = await reader.read(reference, ['Location', 'Organization'], claim, 'Claim.facility')
  return facility?.['mode'] === 'kind' ? undefined : facility
}

function addressIssues(facility: Resource | undefined): readonly Issue[] {
  if (facility === undefined || addressOf(facility) !== undefined) return []
  const element = `${facility.resourceType}.address`
  const diagnostics = `${element} must say where the services were given, since Claim.facility names the place.`
  return [{ severity: 'error', code: 'required', diagnostics, expression: element }]
}

function isAtHomeOf(provider: Resource, facility: Resource): boolean {
  const [home, place] = [addressOf(provider), addressOf(facility)]
  return home !== undefined && place !== undefined && comparable(home) === comparable(place)
}

/** As x12/ chooses it. */
function addressOf(resource: Resource): JsonObject | undefined {
  return objectAt(resource, 'address') ?? objectsAt(resource, 'address').find((one) => one['use'] !== 'old')
}

function comparable(address: JsonObject): string {
  const parts = [...textsAt(address, 'line'), textAt(address, 'city'), textAt(address, 'state')]
  const folded = parts.map((part) =>
    (part ?? '')
      .toUpperCase()
      .replace(/[^A-Z0-9]+/g, ' ')
      .trim(),
  )
  return [...folded, (textAt(address, 'postalCode') ?? '').replace(/\D/g, '').slice(0, 5)].join('\n')
}
