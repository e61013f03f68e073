// What a payer has authorized for a patient: answers to preauthorization Claims (https://hl7.org/fhir/R4/claimresponse.html).
import type { JsonObject, Resource } from '../../../fhir/index.ts'
import type { WorldView } from '../../../repository/index.ts'
import { and, localReferenceMatch, searchQuery, tokenMatch } from '../../../store/index.ts'
import { codingsOf, keyOfResource, localKeyOf, referenced } from '../../claims/index.ts'
import { codeIn, objectAt, objectsAt, textAt } from '../../elements.ts'
import { BILLING_TERMS } from '../../rules/urls.ts'
import type { Authorization, AuthorizedService } from '../claim-under-check.ts'

const MOST_ANSWERS = 2000
/** `ClaimResponse.item.adjudication.category`, of our terms. */
const AUTHORIZED_UNITS = 'authorized-units'

/** Of one number what was answered last. @throws FhirError `too-costly` */
export async function knownAuthorizations(
  view: WorldView,
  patientId: string,
  payer: string | undefined,
  baseUrl: string,
): Promise<readonly Authorization[]> {
  const where = and([
    localReferenceMatch('patient', ['Patient'], patientId),
    tokenMatch('use', undefined, 'preauthorization'),
  ])
  const found = await view.every(searchQuery({ type: 'ClaimResponse', where }), MOST_ANSWERS)
  const byNumber = new Map<string, Authorization>()
  const inOrder = found.map(({ resource }) => resource).toSorted(byCreated)
  for (const response of inOrder) {
    const insurer = localKeyOf(objectAt(response, 'insurer'), baseUrl)
    const number = textAt(response, 'preAuthRef')
    if (number === undefined || response['status'] !== 'active' || response['outcome'] !== 'complete')
      continue
    if (insurer !== undefined && payer !== undefined && insurer !== payer) continue
    const request = await referenced(view, objectAt(response, 'request'), baseUrl, ['Claim'])
    byNumber.set(number, authorizationOf(number, response, request?.resource))
  }
  return [...byNumber.values()]
}

function authorizationOf(number: string, response: Resource, request: Resource | undefined): Authorization {
  const period = objectAt(response, 'preAuthPeriod')
  const [start, end] = [textAt(period, 'start')?.slice(0, 10), textAt(period, 'end')?.slice(0, 10)]
  const answers = objectsAt(response, 'item')
  return {
    number,
    reference: keyOfResource(response),
    period: { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) },
    services: objectsAt(request, 'item').map((item): AuthorizedService => {
      const answer = answers.find(({ itemSequence }) => itemSequence === item['sequence'])
      const approved = approvedUnits(answer)
      return {
        codings: codingsOf(objectAt(item, 'productOrService')),
        ...(approved === undefined ? {} : { approved }),
      }
    }),
  }
}

function approvedUnits(answer: JsonObject | undefined): number | undefined {
  const told = objectsAt(answer, 'adjudication').find(
    (one) => codeIn(objectAt(one, 'category'), BILLING_TERMS) === AUTHORIZED_UNITS,
  )
  return typeof told?.['value'] === 'number' ? told['value'] : undefined
}

function byCreated(one: Resource, other: Resource): number {
  const [first, second] = [String(one['created'] ?? ''), String(other['created'] ?? '')]
  if (first !== second) return first < second ? -1 : 1
  return keyOfResource(one) < keyOfResource(other) ? -1 : 1
}
