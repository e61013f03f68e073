// Whether an 835 adds up: each line, each claim, and the payment as a whole, to the cent.
import { subtractMoney, sumMoney, type Money } from '../../money.ts'
import type { Remittance } from './remittance.ts'

export interface Imbalance {
  /** `line`: charge less adjustments is what is paid. `claim`: so with those of its lines. `charges`: the lines' charges are the claim's. `payment`: claims less provider adjustments. */
  readonly of: 'line' | 'claim' | 'charges' | 'payment'
  /** The number in the file of the SVC, CLP or, for the payment, 0. */
  readonly position: number
  /** What the others come to. */
  readonly expected: Money
  /** What stands there. */
  readonly told: Money
}

/** Everything that does not add up; none for a remittance that does. */
export function imbalancesOf(remittance: Remittance): readonly Imbalance[] {
  const found: Imbalance[] = []
  const check = (of: Imbalance['of'], position: number, expected: Money, told: Money) => {
    if (expected !== told) found.push({ of, position, expected, told })
  }
  for (const claim of remittance.claims) {
    for (const line of claim.lines)
      check('line', line.position, subtractMoney(line.charged, adjusted([line])), line.paid)
    const ofClaim = subtractMoney(claim.charged, adjusted([claim, ...claim.lines]))
    check('claim', claim.position, ofClaim, claim.paid)
    if (claim.lines.length > 0)
      check('charges', claim.position, sumMoney(claim.lines.map((line) => line.charged)), claim.charged)
  }
  const claims = sumMoney(remittance.claims.map((claim) => claim.paid))
  const provider = sumMoney(remittance.providerAdjustments.map((one) => one.amount))
  check('payment', 0, subtractMoney(claims, provider), remittance.paid)
  return found
}

function adjusted(of: readonly { readonly adjustments: readonly { readonly amount: Money }[] }[]): Money {
  return sumMoney(of.flatMap(({ adjustments }) => adjustments.map(({ amount }) => amount)))
}
