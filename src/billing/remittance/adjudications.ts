// How a remittance's amounts stand in `adjudication` and `total` of ClaimResponse and ExplanationOfBenefit alike.
import { setDecimalText, type JsonObject } from '../../fhir/index.ts'
import { fhirMoney, NO_MONEY, subtractMoney, sumMoney, type Money } from '../money.ts'
import type { Adjustment } from '../x12/index.ts'
import type { CostSharing, ShareCategory } from './cost-sharing.ts'
import { ANSWERED } from './urls.ts'

export interface Decided {
  readonly charged: Money
  readonly paid: Money
  readonly adjustments: readonly Adjustment[]
}

/** What the contract with the payer takes off the charge, and what the patient owes: CAS01. */
const CONTRACTUAL = 'CO'
export const PATIENT_SHARE = 'PR'

/**
 * `submitted`, `eligible` (the charge less contractual adjustments), `benefit` (paid), the patient's shares where there
 * are any, and each adjustment with its group as category and its reason.
 */
export function adjudicationsOf(decided: Decided, shares: CostSharing): JsonObject[] {
  return [
    ...amountsOf(decided, shares).map(([category, amount]) => ({
      category: concept(category),
      amount: fhirMoney(amount),
    })),
    ...decided.adjustments.map(adjustmentOf),
  ]
}

/** The adjustments alone, for what is adjusted of a claim as a whole. */
export function adjustmentOf({ group, reason, amount, quantity }: Adjustment): JsonObject {
  const made: JsonObject = {
    category: concept({ system: ANSWERED.group, code: group }),
    reason: concept({ system: ANSWERED.reason, code: reason }),
    amount: fhirMoney(amount),
  }
  if (quantity !== undefined) {
    made['value'] = Number(quantity)
    setDecimalText(made, 'value', quantity)
  }
  return made
}

/** The same amounts, and what each group of adjustments comes to. */
export function totalsOf(decided: Decided, shares: CostSharing): JsonObject[] {
  const groups = [...new Set(decided.adjustments.map(({ group }) => group))].toSorted()
  const byGroup = groups.map(
    (code) => [{ system: ANSWERED.group, code }, adjustedBy(decided.adjustments, code)] as const,
  )
  return [...amountsOf(decided, shares), ...byGroup].map(([category, amount]) => ({
    category: concept(category),
    amount: fhirMoney(amount),
  }))
}

function amountsOf(
  { charged, paid, adjustments }: Decided,
  shares: CostSharing,
): readonly (readonly [ShareCategory, Money])[] {
  const hl7 = (code: string): ShareCategory => ({ system: ANSWERED.adjudication, code })
  const shared = new Map<string, readonly [ShareCategory, Money]>()
  for (const { group, reason, amount } of adjustments) {
    const category = group === PATIENT_SHARE ? shares.get(reason) : undefined
    if (category === undefined) continue
    const key = `${category.system}|${category.code}`
    shared.set(key, [category, sumMoney([shared.get(key)?.[1] ?? NO_MONEY, amount])])
  }
  return [
    [hl7('submitted'), charged],
    [hl7('eligible'), subtractMoney(charged, adjustedBy(adjustments, CONTRACTUAL))],
    [hl7('benefit'), paid],
    ...shared.values(),
  ]
}

export function adjustedBy(adjustments: readonly Adjustment[], group: string): Money {
  return sumMoney(adjustments.filter((one) => one.group === group).map(({ amount }) => amount))
}

export function concept({ system, code }: ShareCategory): JsonObject {
  return { coding: [{ system, code }] }
}
