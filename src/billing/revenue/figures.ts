// The numbers of a group of lines, added up claim by claim.
import { addMoney, NO_MONEY, type Money } from '../money.ts'
import type { LineAccount } from './claim-account.ts'

export const AMOUNTS = [
  'charged',
  'allowed',
  'paid',
  'patient',
  'adjusted',
  'denied',
  'open',
] as const satisfies (keyof LineAccount)[]

export type Amounts = Readonly<Record<(typeof AMOUNTS)[number], Money>>

/** Days since the last day of service, both inclusive. */
export const AGES = ['0-30', '31-60', '61-90', '91-120', '>120'] as const
const LAST_DAYS = [30, 60, 90, 120] as const

export interface Aged {
  readonly age: (typeof AGES)[number]
  readonly open: Money
  /** Claims that something is open of. */
  readonly claims: number
}

export interface DaysToPayment {
  /** Claims that were paid, on a day that is known. */
  readonly claims: number
  /** In tenths of a day. */
  readonly median: number
  readonly mean: number
}

/** One claim's share of a group. */
export interface Share {
  readonly lines: readonly LineAccount[]
  readonly counts: boolean
  /** Days since its last day of service. */
  readonly age: number
  /** From its last day of service to the first payment. */
  readonly daysToPayment: number | undefined
}

export class Figures {
  amounts: Amounts = Object.freeze({
    charged: NO_MONEY,
    allowed: NO_MONEY,
    paid: NO_MONEY,
    patient: NO_MONEY,
    adjusted: NO_MONEY,
    denied: NO_MONEY,
    open: NO_MONEY,
  })
  /** Of `adjusted`, what stands on lines that were denied. */
  deniedAdjusted: Money = NO_MONEY
  claims = 0
  paidClaims = 0
  /** All that they charge here is denied. */
  deniedClaims = 0
  openClaims = 0
  readonly #aged = AGES.map(() => ({ open: NO_MONEY, claims: 0 }))
  readonly #days: number[] = []

  add({ lines, counts, age, daysToPayment }: Share): void {
    const share = Object.fromEntries(AMOUNTS.map((name) => [name, sumOf(lines, name)])) as unknown as Amounts
    this.amounts = Object.freeze(
      Object.fromEntries(AMOUNTS.map((name) => [name, addMoney(this.amounts[name], share[name])])),
    ) as unknown as Amounts
    this.deniedAdjusted = addMoney(
      this.deniedAdjusted,
      sumOf(
        lines.filter(({ denied }) => denied !== NO_MONEY),
        'adjusted',
      ),
    )
    const aged = this.#aged[ageAt(age)] as { open: Money; claims: number }
    aged.open = addMoney(aged.open, share.open)
    if (share.open !== NO_MONEY) aged.claims += 1
    if (!counts) return
    this.claims += 1
    if (share.paid > 0n) this.paidClaims += 1
    if (share.denied > 0n && share.denied === share.charged) this.deniedClaims += 1
    if (share.open > 0n) this.openClaims += 1
    if (daysToPayment !== undefined) this.#days.push(daysToPayment)
  }

  get aging(): readonly Aged[] {
    return this.#aged.map(({ open, claims }, at) => ({ age: AGES[at] as Aged['age'], open, claims }))
  }

  /** undefined where nothing was paid. */
  get daysToPayment(): DaysToPayment | undefined {
    const days = this.#days.toSorted((a, b) => a - b)
    if (days.length === 0) return undefined
    const [low, high] = [days[(days.length - 1) >> 1] as number, days[days.length >> 1] as number]
    const sum = days.reduce((a, b) => a + b, 0)
    return {
      claims: days.length,
      median: (low + high) * 5,
      mean: Math.round((sum * 10) / days.length),
    }
  }
}

function sumOf(lines: readonly LineAccount[], name: (typeof AMOUNTS)[number]): Money {
  let sum = NO_MONEY
  for (const line of lines) sum = addMoney(sum, line[name])
  return sum
}

/** What has not been yet counts as of today. */
function ageAt(days: number): number {
  const at = LAST_DAYS.findIndex((last) => days <= last)
  return at < 0 ? LAST_DAYS.length : at
}
