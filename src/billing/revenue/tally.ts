// Claims added up by payer, month, clinician and service, in whatever combination is asked for.
import { FhirError } from '../../fhir/index.ts'
import { addMoney, compareMoney, NO_MONEY, type Money } from '../money.ts'
import type { Coding } from '../rules/index.ts'
import type { ClaimAccount, LineAccount } from './claim-account.ts'
import { Figures } from './figures.ts'

export const GROUPS = ['payer', 'month', 'clinician', 'code'] as const
export type Group = (typeof GROUPS)[number]

export interface Row {
  /** One for each group that was asked for, in that order; undefined for lines of none. */
  readonly keys: readonly (string | undefined)[]
  readonly figures: Figures
}

/** What is added up. */
export interface TallyAsked {
  /** Days of service, both inclusive: `YYYY-MM-DD`. */
  readonly start: string
  readonly end: string
  readonly groups: readonly Group[]
  /** Lines of these clinicians alone, by their keys; undefined for all. */
  readonly clinicians: ReadonlySet<string> | undefined
  /** The day from which ages are told. */
  readonly today: string
}

const MOST_ROWS = 10_000
const DAY = 86_400_000

export class Tally {
  readonly total = new Figures()
  /** As claims have them, by the key of a row. */
  readonly codes = new Map<string, Coding>()
  readonly #asked: TallyAsked
  readonly #rows = new Map<string, Row>()

  constructor(asked: TallyAsked) {
    this.#asked = asked
  }

  /** @throws FhirError `too-costly` when there are more rows than anybody reads */
  add(account: ClaimAccount): void {
    const { start, end, clinicians, groups, today } = this.#asked
    const lines = account.lines.filter(
      ({ date, clinician }) =>
        date >= start && date <= end && (clinicians === undefined || clinicians.has(clinician ?? '')),
    )
    if (lines.length === 0) return
    const { lastDay, paidOn, counts } = account
    const about = {
      counts,
      age: daysFrom(lastDay, today),
      daysToPayment: paidOn === undefined ? undefined : daysFrom(lastDay, paidOn),
    }
    this.total.add({ lines, ...about })
    if (groups.length === 0) return
    for (const { code } of lines)
      if (code !== undefined && !this.codes.has(keyOfCode(code))) this.codes.set(keyOfCode(code), code)
    const byRow = Map.groupBy(lines, (line) =>
      JSON.stringify(groups.map((group) => keyOf(group, line, account) ?? null)),
    )
    for (const [key, some] of byRow) this.#row(key).figures.add({ lines: some, ...about })
  }

  /** By month as time goes; by whatever else what charges most comes first. */
  get rows(): readonly Row[] {
    const { groups } = this.#asked
    const charges = groups.map(() => new Map<string, Money>())
    for (const { keys, figures } of this.#rows.values())
      for (const [at, key] of keys.entries()) {
        const known = charges[at] as Map<string, Money>
        known.set(key ?? '', addMoney(known.get(key ?? '') ?? NO_MONEY, figures.amounts.charged))
      }
    const inOrder = (a: Row, b: Row): number => {
      for (const [at, group] of groups.entries()) {
        const [one, other] = [a.keys[at] ?? '', b.keys[at] ?? '']
        if (one === other) continue
        const chargedBy = (key: string): Money => charges[at]?.get(key) ?? NO_MONEY
        const order = group === 'month' ? 0 : compareMoney(chargedBy(other), chargedBy(one))
        if (order !== 0) return order
        return one < other ? -1 : 1
      }
      return 0
    }
    return [...this.#rows.values()].toSorted(inOrder)
  }

  #row(key: string): Row {
    const known = this.#rows.get(key)
    if (known !== undefined) return known
    if (this.#rows.size === MOST_ROWS)
      throw new FhirError(
        'too-costly',
        `There are more than ${MOST_ROWS} rows. Ask for fewer groups, a shorter period, or one payer or clinician.`,
      )
    const keys = (JSON.parse(key) as (string | null)[]).map((one) => one ?? undefined)
    const row = { keys, figures: new Figures() }
    this.#rows.set(key, row)
    return row
  }
}

function keyOf(group: Group, line: LineAccount, { payer }: ClaimAccount): string | undefined {
  switch (group) {
    case 'payer':
      return payer
    case 'month':
      return line.date.slice(0, 'YYYY-MM'.length)
    case 'clinician':
      return line.clinician
    case 'code':
      return line.code === undefined ? undefined : keyOfCode(line.code)
  }
}

function keyOfCode({ system = '', code }: Coding): string {
  return `${system}|${code}`
}

function daysFrom(day: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(day)) / DAY)
}
