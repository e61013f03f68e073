// A stored CoverageEligibilityRequest with the whole resources that a 270 tells of it.
import { FhirError, type JsonObject, type Resource } from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import { hasCode, objectAt, objectsAt } from '../elements.ts'
import { createReferenceReader, type ReferenceReader } from '../submission/bundle/reference-reader.ts'
import type { EligibilityBundle } from '../x12/index.ts'

const TYPE = 'CoverageEligibilityRequest'

/**
 * The request with what it refers to, as the view shows it. Who is named by a PractitionerRole is its Practitioner.
 * @throws FhirError `business-rule` naming every element that refers to nothing that can be read
 */
export async function eligibilityBundleFor(
  view: Pick<WorldView, 'read'>,
  request: Resource,
  baseUrl: string,
): Promise<EligibilityBundle> {
  const reader = createReferenceReader(view, baseUrl)
  const all = objectsAt(request, 'insurance')
  const focal = Math.max(
    0,
    all.findIndex((one) => one['focal'] === true),
  )
  const named = objectAt(all[focal], 'coverage')
  const patient = await reader.read(objectAt(request, 'patient'), ['Patient'], request, `${TYPE}.patient`)
  const coverage = await reader.read(named, ['Coverage'], request, `${TYPE}.insurance[${focal}].coverage`)
  const insurer = objectAt(request, 'insurer')
  const payer = await reader.read(insurer, ['Organization'], request, `${TYPE}.insurer`)
  const provider = await providerOf(reader, request)
  const subscriber = coverage === undefined ? undefined : await subscriberOf(reader, coverage)
  const isWhole =
    patient !== undefined && coverage !== undefined && payer !== undefined && provider !== undefined
  if (!isWhole || reader.issues.length > 0) throw new FhirError('business-rule', reader.issues)
  return {
    request,
    patient,
    coverage,
    ...(subscriber === undefined ? {} : { subscriber }),
    payer,
    provider,
  }
}

async function providerOf(reader: ReferenceReader, request: Resource): Promise<Resource | undefined> {
  const types = ['Organization', 'Practitioner', 'PractitionerRole']
  const provider = await reader.read(objectAt(request, 'provider'), types, request, `${TYPE}.provider`)
  if (provider?.resourceType !== 'PractitionerRole') return provider
  const practitioner: JsonObject | undefined = objectAt(provider, 'practitioner')
  return reader.read(practitioner, ['Practitioner'], provider, 'PractitionerRole.practitioner')
}

/** undefined when the patient is the subscriber. */
function subscriberOf(reader: ReferenceReader, coverage: Resource): Promise<Resource | undefined> {
  if (hasCode(objectAt(coverage, 'relationship'), 'self')) return Promise.resolve(undefined)
  const subscriber = objectAt(coverage, 'subscriber')
  return reader.read(subscriber, ['Patient', 'RelatedPerson'], coverage, 'Coverage.subscriber')
}
