// What a patient's account comes to: charged, less what payers paid, what nobody is to pay, and what the patient paid.
import type { Resource } from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import { compareMoney, NO_MONEY, subtractMoney, sumMoney, type Money } from '../money.ts'
import { claimPosition } from '../remittance/index.ts'
import { patientRecords, type InvoiceRecord, type PatientRecords } from './patient-records.ts'

export interface BalanceAmounts {
  readonly charged: Money
  readonly insurerPaid: Money
  /** Taken off by contract, or denied and not the patient's to pay. */
  readonly adjusted: Money
  /** What payers left to the patient. */
  readonly patientResponsibility: Money
  readonly patientPaid: Money
  readonly invoiced: Money
  /** `charged - insurerPaid - adjusted - patientPaid`: owed by payers and patient together; below 0 a credit. */
  readonly open: Money
  /** Of that, what the patient owes: `patientResponsibility - patientPaid`. */
  readonly patientOpen: Money
  /** Of that, what is on no invoice; never below 0. */
  readonly toInvoice: Money
}

export interface ClaimBalance extends BalanceAmounts {
  readonly id: string
  readonly claim: Resource
}

export interface AccountBalance extends BalanceAmounts {
  /** By the first day of service. */
  readonly claims: readonly ClaimBalance[]
  readonly invoices: readonly InvoiceRecord[]
}

/**
 * Of the claims that were sent, as far as the view shows them.
 * @throws FhirError `too-costly` for a patient with more of them than anybody has
 */
export async function accountBalance(
  view: WorldView,
  patientId: string,
  baseUrl: string,
): Promise<AccountBalance> {
  const records = await patientRecords(view, patientId, baseUrl)
  const invoiced = onInvoices(records)
  const claims = [...records.claims]
    .map(([id, claim]) => balanceOfClaim(records, id, claim, invoiced.get(id) ?? ON_NONE))
    .toSorted(byDay)
  return { ...sumOf(claims), claims, invoices: records.invoices }
}

function balanceOfClaim(
  { answers, payments }: PatientRecords,
  id: string,
  claim: Resource,
  on: OnInvoices,
): ClaimBalance {
  const { charged, insurerPaid, adjusted, patient } = claimPosition(claim, answers.get(id) ?? [])
  const patientPaid = sumMoney([payments.get(`Claim/${id}`) ?? NO_MONEY, on.paid])
  const patientOpen = subtractMoney(patient, patientPaid)
  return {
    id,
    claim,
    charged,
    insurerPaid,
    adjusted,
    patientResponsibility: patient,
    patientPaid,
    invoiced: on.asked,
    open: subtractMoney(subtractMoney(subtractMoney(charged, insurerPaid), adjusted), patientPaid),
    patientOpen,
    toInvoice: least0(subtractMoney(patientOpen, on.outstanding)),
  }
}

function least0(money: Money): Money {
  return compareMoney(money, NO_MONEY) < 0 ? NO_MONEY : money
}

/** One that is cancelled, or not yet sent out, asks for nothing. */
function isInForce({ status }: InvoiceRecord): boolean {
  return status === 'issued' || status === 'balanced'
}

/** Of one claim. */
interface OnInvoices {
  /** By invoices in force. */
  readonly asked: Money
  /** Of that, what is not paid. */
  readonly outstanding: Money
  /** Also on those that are cancelled: it is paid all the same. */
  readonly paid: Money
}

const ON_NONE: OnInvoices = { asked: NO_MONEY, outstanding: NO_MONEY, paid: NO_MONEY }

/**
 * By claim. All of a balanced invoice is paid, else what was paid on it for one line after the other, and what is more than
 * it asked for with the last.
 */
function onInvoices({ invoices, payments }: PatientRecords): ReadonlyMap<string, OnInvoices> {
  const on = new Map<string, OnInvoices>()
  for (const invoice of invoices) {
    const { id, status, lines } = invoice
    const whole = sumMoney(lines.map(({ amount }) => amount))
    let left = status === 'balanced' ? whole : (payments.get(`Invoice/${id}`) ?? NO_MONEY)
    for (const [at, { claim, amount }] of lines.entries()) {
      const isLast = at === lines.length - 1
      const paid: Money = isLast || compareMoney(left, amount) < 0 ? left : amount
      left = subtractMoney(left, paid)
      const before = on.get(claim) ?? ON_NONE
      const unpaid = least0(subtractMoney(amount, paid))
      on.set(claim, {
        asked: isInForce(invoice) ? sumMoney([before.asked, amount]) : before.asked,
        outstanding: isInForce(invoice) ? sumMoney([before.outstanding, unpaid]) : before.outstanding,
        paid: sumMoney([before.paid, paid]),
      })
    }
  }
  return on
}

const AMOUNTS = [
  'charged',
  'insurerPaid',
  'adjusted',
  'patientResponsibility',
  'patientPaid',
  'invoiced',
  'open',
  'patientOpen',
  'toInvoice',
] as const satisfies readonly (keyof BalanceAmounts)[]

function sumOf(claims: readonly ClaimBalance[]): BalanceAmounts {
  const sums = AMOUNTS.map((name) => [name, sumMoney(claims.map((claim) => claim[name]))])
  return Object.fromEntries(sums) as unknown as BalanceAmounts
}

function byDay(one: ClaimBalance, other: ClaimBalance): number {
  const [a, b] = [one, other].map(({ claim, id }) => `${dayOf(claim)} ${id}`)
  return (a as string) < (b as string) ? -1 : 1
}

function dayOf({ billablePeriod, created }: Resource): string {
  const start = (billablePeriod as { readonly start?: string } | undefined)?.start
  return start ?? String(created)
}
