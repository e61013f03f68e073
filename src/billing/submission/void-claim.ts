// A claim that takes back another which the payer has taken on (frequency 8).
import { FhirError, formatInstant, isJsonObject, type JsonObject, type Resource } from '../../fhir/index.ts'
import type { Repository, WorldView } from '../../repository/index.ts'
import { localReferenceMatch, searchQuery } from '../../store/index.ts'
import { correctionOf } from '../claims/corrections.ts'
import { FREQUENCIES } from '../claims/frequency.ts'
import { BILLING_PROBLEMS, CLAIM_CONTROL_NUMBERS, controlNumberOf, localKeyOf } from '../claims/index.ts'
import { hasCode, nextSequence, objectAt, objectsAt, textAt } from '../elements.ts'
import { createOnce, madeId, madeIdentifier, madeName, type CreatedOnce } from '../made.ts'
import type { BillingParts } from '../parts.ts'
import { SYSTEMS } from '../systems.ts'
import { LINE_CONTROL_NUMBER } from '../x12/index.ts'
import { replacedClaimOf } from './settle-replacement.ts'

/** Claims of one patient that are looked at for one that replaces it already. */
const MOST_CLAIMS = 5000

/**
 * The draft of a claim that voids this one: the same lines, under a number of its own, with the payer's number of the
 * original. Asked twice it is the same one. The original stays as it is until the payer has taken the void on.
 * @param now milliseconds since 1970
 * @throws FhirError `not-found`; `business-rule` for a claim that the payer has not taken on, or that is replaced
 */
export async function voidClaim(
  repository: Repository,
  view: WorldView,
  { baseUrl }: Pick<BillingParts, 'baseUrl'>,
  claimId: string,
  now: number,
): Promise<CreatedOnce> {
  const original = (await view.read('Claim', claimId))?.resource
  if (original === undefined) throw new FhirError('not-found', `Claim/${claimId} is not known here.`)
  const patient = localKeyOf(objectAt(original, 'patient'), baseUrl) ?? ''
  const { related, refusals } = await correctionOf(view, { claim: claimId, patient, baseUrl }, () => true)
  if (related === undefined) throw new FhirError('business-rule', refusals)
  await refuseReplaced(view, claimId, patient, baseUrl)
  const name = madeName('void', claimId)
  return createOnce(repository, name, (attempt) => [
    voidOf(original, { claimId, number: related.payerControlNumber, name, id: madeId(name, attempt), now }),
  ])
}

/** Of what was replaced, or is being, that which replaces it is voided. */
async function refuseReplaced(
  view: WorldView,
  claimId: string,
  patient: string,
  baseUrl: string,
): Promise<void> {
  const [type = '', id = ''] = patient.split('/')
  const where = localReferenceMatch('patient', [type], id)
  const claims = await view.every(searchQuery({ type: 'Claim', where }), MOST_CLAIMS)
  const name = madeName('void', claimId)
  const replacing = claims.find(
    ({ resource }) =>
      replacedClaimOf(resource, baseUrl) === `Claim/${claimId}` &&
      GOING_ON.has(resource['status']) &&
      !objectsAt(resource, 'identifier').some((one) => one['value'] === name),
  )
  if (replacing === undefined) return
  throw new FhirError('business-rule', [
    {
      severity: 'error',
      code: 'business-rule',
      details: { system: BILLING_PROBLEMS, code: 'correction-not-accepted' },
      diagnostics: `Claim/${replacing.id} replaces or voids this claim already: void that, or delete it while it is a draft.`,
      expression: 'Claim.related',
    },
  ])
}

const GOING_ON: ReadonlySet<unknown> = new Set(['draft', 'active'])

interface MadeVoid {
  readonly claimId: string
  /** The payer's, of the original. */
  readonly number: string
  readonly name: string
  readonly id: string
  readonly now: number
}

/** Labels come with it, since what gave them may not be referred to any more. */
function voidOf(original: Resource, { claimId, number, name, id, now }: MadeVoid): Resource {
  const { meta, text: _, ...kept } = original
  const control = controlNumberOf(name)
  const security = isJsonObject(meta) ? meta['security'] : undefined
  return {
    ...(kept as Resource),
    id,
    ...(security === undefined ? {} : { meta: { security } }),
    identifier: [
      {
        type: { coding: [{ system: SYSTEMS.identifierType, code: 'PLAC' }] },
        system: CLAIM_CONTROL_NUMBERS,
        value: control,
      },
      madeIdentifier(name),
    ],
    status: 'draft',
    created: formatInstant(now),
    related: [
      {
        claim: { reference: `Claim/${claimId}` },
        relationship: { coding: [{ system: SYSTEMS.relatedClaim, code: 'prior' }] },
        reference: { value: number },
      },
    ],
    supportingInfo: informationOf(original),
    item: objectsAt(original, 'item').map((item) => numbered(item, control)),
  }
}

/** With the frequency: the last digit of a type of bill, or a code of its own. */
function informationOf(original: Resource): JsonObject[] {
  const information = objectsAt(original, 'supportingInfo')
  const isFrequency = (one: JsonObject): boolean =>
    ['claimFrequency', 'typeofbill'].some((code) => hasCode(objectAt(one, 'category'), code))
  if (information.some(isFrequency))
    return information.map((one) => (isFrequency(one) ? { ...one, code: voiding(one) } : one))
  const sequence = nextSequence(information)
  const category = { coding: [{ system: SYSTEMS.informationPct, code: 'claimFrequency' }] }
  const code = { coding: [{ system: SYSTEMS.typeOfBill, code: FREQUENCIES.void }] }
  return [...information, { sequence, category, code }]
}

function voiding(information: JsonObject): JsonObject {
  const [first] = objectsAt(objectAt(information, 'code'), 'coding')
  const code = textAt(first, 'code') ?? FREQUENCIES.void
  return { coding: [{ system: SYSTEMS.typeOfBill, code: `${code.slice(0, -1)}${FREQUENCIES.void}` }] }
}

function numbered(item: JsonObject, control: string): JsonObject {
  const others = objectsAt(item, 'extension').filter((one) => one['url'] !== LINE_CONTROL_NUMBER)
  const number = { value: `${control}-${String(item['sequence'])}` }
  return { ...item, extension: [{ url: LINE_CONTROL_NUMBER, valueIdentifier: number }, ...others] }
}
