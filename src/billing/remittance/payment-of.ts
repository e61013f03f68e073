// The PaymentReconciliation of a remittance: what each claim brings, and what was adjusted beside them.
import type { JsonObject, Resource } from '../../fhir/index.ts'
import { objectsAt } from '../elements.ts'
import { madeIdentifier } from '../made.ts'
import { fhirMoney, type Money } from '../money.ts'
import type { ProviderAdjustment, Remittance } from '../x12/index.ts'
import { concept } from './adjudications.ts'
import { paymentIdentifier } from './decided-claim.ts'
import type { MadePlace } from './made-place.ts'
import type { NamedRemittance } from './remittance-names.ts'
import { ANSWERED, PROVIDER_ADJUSTMENT, REMITTANCE_CONTENT } from './urls.ts'

export interface PaidFor {
  /** `Claim/[id]` and `ClaimResponse/[id]`; undefined for a claim that is unknown here. */
  readonly known: { readonly claim: string; readonly response: string } | undefined
  readonly controlNumber: string
  /** Of what is made of it. */
  readonly name: string
  readonly paid: Money
}

/** A payment that is being read, before what it pays for is stored: it holds the place of its number. */
export function announcedPayment({ remittance, name, content }: NamedRemittance, id: string): Resource {
  return {
    resourceType: 'PaymentReconciliation',
    id,
    identifier: [madeIdentifier(name), { system: REMITTANCE_CONTENT, value: content }],
    status: 'draft',
    created: remittance.produced ?? remittance.date,
    outcome: 'queued',
    paymentDate: remittance.date,
    paymentAmount: fhirMoney(remittance.paid),
    paymentIdentifier: paymentIdentifier(remittance),
  }
}

/**
 * `paymentAmount` is the sum of the details, which the remittance was checked for. They stand in an order of their own, and
 * keep what they referred to already.
 */
export function paymentReconciliation(
  named: NamedRemittance,
  { id, stored }: Pick<MadePlace, 'id' | 'stored'>,
  issuer: string | undefined,
  claims: readonly PaidFor[],
): Resource {
  const { remittance } = named
  const details = [
    ...claims.toSorted(inOrder).map((claim) => claimDetail(claim, remittance)),
    ...remittance.providerAdjustments.map(adjustmentDetail).toSorted(asWritten),
  ]
  const before = objectsAt(stored, 'detail')
  const known = stored?.['paymentIssuer']
  return {
    ...announcedPayment(named, id),
    status: 'active',
    outcome: 'complete',
    ...(issuer !== undefined
      ? { paymentIssuer: { reference: issuer } }
      : known === undefined
        ? {}
        : { paymentIssuer: known }),
    ...(details.length === 0 ? {} : { detail: details.map((one, at) => withReferences(one, before[at])) }),
  }
}

function withReferences(detail: JsonObject, before: JsonObject | undefined): JsonObject {
  const { request, response } = before ?? {}
  if (detail['response'] !== undefined || request === undefined || response === undefined) return detail
  const { identifier, type, ...rest } = detail
  return { identifier, type, request, response, ...rest } as JsonObject
}

function inOrder(one: PaidFor, other: PaidFor): number {
  const [a, b] = [one, other].map(({ controlNumber, name }) => `${controlNumber} ${name}`)
  return (a as string) < (b as string) ? -1 : 1
}

function asWritten(one: JsonObject, other: JsonObject): number {
  return JSON.stringify(one) < JSON.stringify(other) ? -1 : 1
}

function claimDetail({ known, controlNumber, paid }: PaidFor, remittance: Remittance): JsonObject {
  return {
    identifier: { value: controlNumber },
    type: concept({ system: ANSWERED.paymentType, code: 'payment' }),
    ...(known === undefined
      ? {}
      : { request: { reference: known.claim }, response: { reference: known.response } }),
    date: remittance.date,
    amount: fhirMoney(paid),
  }
}

/** PLB tells what is taken off; a detail, what is paid. */
function adjustmentDetail({ reason, reference, period, amount }: ProviderAdjustment): JsonObject {
  return {
    extension: [
      {
        url: PROVIDER_ADJUSTMENT,
        valueCoding: { system: ANSWERED.providerAdjustment, code: reason },
      },
    ],
    ...(reference === undefined ? {} : { identifier: { value: reference } }),
    type: concept({ system: ANSWERED.paymentType, code: 'adjustment' }),
    date: period,
    amount: fhirMoney(-amount as Money),
  }
}
