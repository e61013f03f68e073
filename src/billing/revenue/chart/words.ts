// Money, months and groups as a chart of revenue says them.
import { printMoney, roundToTheCent, type Money } from '../../money.ts'
import type { Revenue } from '../revenue.ts'
import type { Group, Row } from '../tally.ts'

/** `$1,234.50`, `−$0.05`: to the cent. */
export function moneyWords(money: Money): string {
  const text = printMoney(roundToTheCent(money))
  const [whole = '', cents = ''] = text.replace('-', '').split('.')
  const grouped = whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
  return `${text.startsWith('-') ? '−' : ''}$${grouped}.${cents}`
}

/** Of dollars on an axis: `$0`, `$2,500`, `$50k`, `$1.5M`. */
export function axisWords(dollars: number): string {
  if (dollars >= 1_000_000) return `$${String(Number((dollars / 1_000_000).toFixed(2)))}M`
  if (dollars >= 10_000) return `$${String(Number((dollars / 1000).toFixed(1)))}k`
  return `$${String(Number(dollars.toFixed(2))).replaceAll(/\B(?=(?:\d{3})+(?:\.|$))/g, ',')}`
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `2026-03` as `Mar 2026`, `2026-03-09` as `9 Mar 2026`. */
export function dateWords(date: string): string {
  const [year = '', month = '', day] = date.split('-')
  const words = `${MONTHS[Number(month) - 1] ?? month} ${year}`
  return day === undefined ? words : `${Number(day)} ${words}`
}

/** What a row is of. */
export function rowWords({ keys }: Row, { asked, names, codes }: Revenue): string {
  const words = asked.groups.map((group, at) => keyWords(group, keys[at], names, codes))
  return words.length === 0 ? 'All' : words.join(' · ')
}

function keyWords(
  group: Group,
  key: string | undefined,
  names: Revenue['names'],
  codes: Revenue['codes'],
): string {
  if (key === undefined) return `No ${group}`
  if (group === 'month') return dateWords(key)
  if (group !== 'code') return names.get(key) ?? key
  const coding = codes.get(key)
  if (coding === undefined) return key
  return coding.display === undefined ? coding.code : `${coding.code} ${coding.display}`
}

export const GROUP_WORDS: Readonly<Record<Group, string>> = {
  payer: 'payer',
  month: 'month of service',
  clinician: 'clinician',
  code: 'service',
}

/** `1 claim`, `1,200 claims` */
export function claimsWords(claims: number): string {
  const number = String(claims).replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
  return `${number} ${claims === 1 ? 'claim' : 'claims'}`
}
