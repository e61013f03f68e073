// The chart in words, for who cannot see it: what it comes to, and its numbers as a table of text.
import type { Figures } from '../figures.ts'
import type { Revenue } from '../revenue.ts'
import { shownRows } from './rows-panel.ts'
import { claimsWords, dateWords, GROUP_WORDS, moneyWords } from './words.ts'

/** One line: `Revenue by payer, 1 Jan 2026 to 31 Mar 2026`. */
export function titleOf({ asked }: Revenue): string {
  const by = asked.groups.map((group) => GROUP_WORDS[group]).join(' and ')
  return `Revenue${by === '' ? '' : ` by ${by}`}, ${dateWords(asked.start)} to ${dateWords(asked.end)}`
}

export function summaryOf({ total, asked, unreadable }: Revenue): string {
  const { amounts, claims, paidClaims, deniedClaims, openClaims } = total
  const days = total.daysToPayment
  const words = [
    `${claimsWords(claims)}: ${paidClaims} paid, ${deniedClaims} denied, ${openClaims} open on ${dateWords(asked.today)}.`,
    `Charged ${moneyWords(amounts.charged)}, allowed ${moneyWords(amounts.allowed)}, paid ${moneyWords(amounts.paid)}, the patients owe ${moneyWords(amounts.patient)}, adjusted ${moneyWords(amounts.adjusted)}, denied ${moneyWords(amounts.denied)}, open ${moneyWords(amounts.open)}.`,
    days === undefined
      ? ''
      : `From the last day of service to payment: median ${days.median / 10}, mean ${days.mean / 10} days.`,
    unreadable.length === 0 ? '' : `${claimsWords(unreadable.length)} cannot be read and are left out.`,
  ]
  return words.filter((line) => line !== '').join(' ')
}

/** A line for each row. */
export function descriptionOf(revenue: Revenue): string {
  const { shown, left } = shownRows(revenue)
  const { asked, total } = revenue
  return [
    summaryOf(revenue),
    ...(asked.groups.length === 0
      ? []
      : shown.map(({ words, figures }) => `${words}: ${figureWords(figures)}`)),
    ...(left === 0 ? [] : [leftWords(left)]),
    `Open, by days since the last day of service: ${total.aging.map(({ age, open, claims }) => `${age} days ${moneyWords(open)}, ${claimsWords(claims)}`).join('; ')}.`,
  ].join('\n')
}

export function leftWords(left: number): string {
  return `${left} more ${left === 1 ? 'row is' : 'rows are'} in the total and not drawn.`
}

function figureWords({ amounts, claims }: Figures): string {
  return `${claimsWords(claims)}, charged ${moneyWords(amounts.charged)}, paid ${moneyWords(amounts.paid)}, the patients owe ${moneyWords(amounts.patient)}, adjusted ${moneyWords(amounts.adjusted)}, denied ${moneyWords(amounts.denied)}, open ${moneyWords(amounts.open)}.`
}
