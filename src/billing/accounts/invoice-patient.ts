// Invoices to a patient of what payers have left to him: each amount once, on the account of the coverage that it is by.
import { formatInstant, type JsonObject, type Resource } from '../../fhir/index.ts'
import type { Repository, WorldView } from '../../repository/index.ts'
import { objectAt, objectsAt, textAt } from '../elements.ts'
import { createOnce, madeId, madeIdentifier, madeName } from '../made.ts'
import { fhirMoney, sumMoney } from '../money.ts'
import { accountBalance, type AccountBalance, type ClaimBalance } from './account-balance.ts'
import { localIdOf } from '../claims/references.ts'
import { BILLING_TERMS, INVOICED_CLAIM, PATIENT_SHARE_TERM } from './urls.ts'

export interface Invoiced {
  /** As it is once they are made. */
  readonly balance: AccountBalance
  /** As they are stored: those that were made now. */
  readonly invoices: readonly Resource[]
}

/** Rounds in which others may have been faster. */
const MOST_ROUNDS = 20

/**
 * Makes one Invoice for each coverage by which something is owed that is on no invoice, with its Account. Asked for twice,
 * also at the same time, each amount is invoiced once: the number of invoices that an account has is part of the name of
 * the next, and there is one of a name.
 * @param now milliseconds since 1970
 * @throws FhirError as `accountBalance`
 */
export async function invoicePatient(
  repository: Repository,
  view: WorldView,
  baseUrl: string,
  patientId: string,
  now: number,
): Promise<Invoiced> {
  const made: Resource[] = []
  for (let round = 0; ; round++) {
    const balance = await accountBalance(view, patientId, baseUrl)
    const owed = balance.claims.filter(({ toInvoice }) => toInvoice > 0n)
    if (owed.length === 0 || round === MOST_ROUNDS) return { balance, invoices: made }
    for (const [coverage, claims] of byCoverage(owed, baseUrl)) {
      const account = await accountFor(repository, patientId, coverage, claims)
      const number = balance.invoices.filter((one) => one.account === account).length
      const name = madeName('invoice', account, String(number))
      const { created, resources } = await createOnce(repository, name, (attempt) => [
        invoice({ id: madeId(name, attempt), name, patientId, account, claims, now }),
      ])
      if (created) made.push(resources[0])
    }
  }
}

/** By the id of the focal coverage; '' for one that is elsewhere. */
function byCoverage(
  claims: readonly ClaimBalance[],
  baseUrl: string,
): ReadonlyMap<string, readonly ClaimBalance[]> {
  return Map.groupBy(claims, ({ claim }) => {
    const insurance = objectsAt(claim, 'insurance')
    const focal = insurance.find((one) => one['focal'] === true) ?? insurance[0]
    return localIdOf(objectAt(focal, 'coverage'), 'Coverage', baseUrl) ?? ''
  })
}

/** The id of the account of the patient by this coverage, made where there is none. */
async function accountFor(
  repository: Repository,
  patientId: string,
  coverage: string,
  claims: readonly ClaimBalance[],
): Promise<string> {
  const name = madeName('account', patientId, coverage)
  const owner = issuerOf(claims)
  const { resources } = await createOnce(repository, name, (attempt) => [
    {
      resourceType: 'Account',
      id: madeId(name, attempt),
      identifier: [madeIdentifier(name)],
      status: 'active',
      type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'PBILLACCT' }] },
      subject: [{ reference: `Patient/${patientId}` }],
      ...(coverage === ''
        ? {}
        : { coverage: [{ coverage: { reference: `Coverage/${coverage}` }, priority: 1 }] }),
      ...(owner === undefined ? {} : { owner }),
      guarantor: [{ party: { reference: `Patient/${patientId}` } }],
    },
  ])
  return String(resources[0]['id'])
}

/** The Organization that billed; undefined where a person did. */
function issuerOf([first]: readonly ClaimBalance[]): JsonObject | undefined {
  const provider = objectAt(first?.claim, 'provider')
  return /(?:^|\/)Organization\//.test(textAt(provider, 'reference') ?? '') ? provider : undefined
}

interface InvoiceParts {
  readonly id: string
  readonly name: string
  readonly patientId: string
  readonly account: string
  readonly claims: readonly ClaimBalance[]
  readonly now: number
}

function invoice({ id, name, patientId, account, claims, now }: InvoiceParts): Resource {
  const patient = { reference: `Patient/${patientId}` }
  const issuer = issuerOf(claims)
  const total = sumMoney(claims.map(({ toInvoice }) => toInvoice))
  return {
    resourceType: 'Invoice',
    id,
    identifier: [madeIdentifier(name)],
    status: 'issued',
    subject: patient,
    recipient: patient,
    date: formatInstant(now),
    ...(issuer === undefined ? {} : { issuer }),
    account: { reference: `Account/${account}` },
    lineItem: claims.map(lineItem),
    totalNet: fhirMoney(total),
    totalGross: fhirMoney(total),
  }
}

function lineItem({ id, toInvoice }: ClaimBalance, at: number): JsonObject {
  return {
    extension: [{ url: INVOICED_CLAIM, valueReference: { reference: `Claim/${id}` } }],
    sequence: at + 1,
    chargeItemCodeableConcept: { coding: [{ system: BILLING_TERMS, code: PATIENT_SHARE_TERM }] },
    priceComponent: [{ type: 'base', amount: fhirMoney(toInvoice) }],
  }
}
