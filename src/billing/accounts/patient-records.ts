// What a patient's account is reckoned from: the claims, what payers answered, what was invoiced and what was paid.
import { parseReference, type Resource } from '../../fhir/index.ts'
import type { KnownVersion, WorldView } from '../../repository/index.ts'
import { and, localReferenceMatch, or, searchQuery, tokenMatch } from '../../store/index.ts'
import { localIdOf } from '../claims/references.ts'
import { codeIn, objectAt, objectsAt, textAt } from '../elements.ts'
import { moneyAt, NO_MONEY, sumMoney, type Money } from '../money.ts'
import { readAnswer, type ClaimAnswer } from '../remittance/index.ts'
import { INVOICED_CLAIM } from './urls.ts'

export interface PatientRecords {
  /** Those that were sent, also if another has replaced them; by id. */
  readonly claims: ReadonlyMap<string, Resource>
  readonly answers: ReadonlyMap<string, readonly ClaimAnswer[]>
  /** All that were ever made of claims, whatever has become of them. */
  readonly invoices: readonly InvoiceRecord[]
  /** What the patient paid, by `Claim/[id]` or `Invoice/[id]`. */
  readonly payments: ReadonlyMap<string, Money>
}

export interface InvoiceRecord {
  readonly id: string
  /** `issued`, `balanced` and others of R4. */
  readonly status: string
  /** The id of the account; undefined for one of no account. */
  readonly account: string | undefined
  readonly lines: readonly { readonly claim: string; readonly amount: Money }[]
}

const MOST_CLAIMS = 20_000
const MOST_ANSWERS = 50_000
const MOST_PAYMENTS = 20_000
/** References that one search asks for. */
const AT_ONCE = 50

/** @throws FhirError `too-costly` for a patient with more than anybody has */
export async function patientRecords(
  view: WorldView,
  patientId: string,
  baseUrl: string,
): Promise<PatientRecords> {
  const ofPatient = (param: string) => localReferenceMatch(param, ['Patient'], patientId)
  const every = (type: string, param: string, most: number): Promise<readonly KnownVersion[]> =>
    view.every(searchQuery({ type, where: and([ofPatient(param)]) }), most)
  const claims = new Map(
    (await every('Claim', 'patient', MOST_CLAIMS)).flatMap(({ id, resource }) =>
      wasSent(resource) ? [[id, resource] as const] : [],
    ),
  )
  const answers = new Map<string, ClaimAnswer[]>()
  for (const { resource } of await every('ClaimResponse', 'patient', MOST_ANSWERS)) {
    const id = localIdOf(objectAt(resource, 'request'), 'Claim', baseUrl)
    const answer = readAnswer(resource)
    if (id === undefined || answer === undefined) continue
    answers.set(id, [...(answers.get(id) ?? []), answer])
  }
  const invoices = (await every('Invoice', 'subject', MOST_CLAIMS)).flatMap(
    ({ id, resource }) => readInvoice(id, resource, baseUrl) ?? [],
  )
  const about = [
    ...[...claims.keys()].map((id) => `Claim/${id}`),
    ...invoices.map(({ id }) => `Invoice/${id}`),
  ]
  return { claims, answers, invoices, payments: await paymentsFor(view, about, baseUrl) }
}

function wasSent({ use, status }: Resource): boolean {
  return use === 'claim' && (status === 'active' || status === 'cancelled')
}

/** undefined for one that was not made of claims. */
function readInvoice(id: string, invoice: Resource, baseUrl: string): InvoiceRecord | undefined {
  const lines = objectsAt(invoice, 'lineItem').flatMap((line) => {
    const told = objectsAt(line, 'extension').find(({ url }) => url === INVOICED_CLAIM)
    const claim = localIdOf(objectAt(told, 'valueReference'), 'Claim', baseUrl)
    if (claim === undefined) return []
    const amounts = objectsAt(line, 'priceComponent').map((one) => {
      const amount = objectAt(one, 'amount')
      return amount === undefined ? NO_MONEY : moneyAt(amount, 'value', 'Invoice.lineItem.priceComponent')
    })
    return [{ claim, amount: sumMoney(amounts) }]
  })
  if (lines.length === 0) return undefined
  return {
    id,
    status: textAt(invoice, 'status') ?? '',
    account: localIdOf(objectAt(invoice, 'account'), 'Account', baseUrl),
    lines,
  }
}

/** By PaymentNotices of what is paid or cleared, unless an organization has issued the payment: then a payer paid. */
async function paymentsFor(
  view: WorldView,
  about: readonly string[],
  baseUrl: string,
): Promise<ReadonlyMap<string, Money>> {
  const paid = new Map<string, Money>()
  for (let at = 0; at < about.length; at += AT_ONCE) {
    const asked = about.slice(at, at + AT_ONCE).map((reference) => {
      const [type = '', id = ''] = reference.split('/')
      return localReferenceMatch('request', [type], id)
    })
    const where = and([tokenMatch('status', undefined, 'active'), or(asked)])
    for (const { resource } of await view.every(
      searchQuery({ type: 'PaymentNotice', where }),
      MOST_PAYMENTS,
    )) {
      const amount = objectAt(resource, 'amount')
      const request = parseReference(textAt(objectAt(resource, 'request'), 'reference') ?? '', baseUrl)
      if (amount === undefined || request.kind !== 'local') continue
      if (!isPaid(resource) || (await isByPayer(view, resource, baseUrl))) continue
      const key = `${request.type}/${request.id}`
      const sum = [paid.get(key) ?? NO_MONEY, moneyAt(amount, 'value', 'PaymentNotice.amount.value')]
      paid.set(key, sumMoney(sum))
    }
  }
  return paid
}

function isPaid(notice: Resource): boolean {
  const status = codeIn(objectAt(notice, 'paymentStatus'))
  return status === undefined || status === 'paid' || status === 'cleared'
}

async function isByPayer(view: WorldView, notice: Resource, baseUrl: string): Promise<boolean> {
  const id = localIdOf(objectAt(notice, 'payment'), 'PaymentReconciliation', baseUrl)
  if (id === undefined) return false
  const payment = (await view.read('PaymentReconciliation', id))?.resource
  return payment?.['paymentIssuer'] !== undefined
}
