// What payers decided on a claim, by line: what they tell of the claim as a whole is spread over its lines.
import type { Resource } from '../../fhir/index.ts'
import { codeIn, objectAt, objectsAt, textAt } from '../elements.ts'
import { addMoney, moneyAt, NO_MONEY, roundToTheCent, subtractMoney, sumMoney, type Money } from '../money.ts'
import { decisionsIn, isDenied, readAnswer, standingDecisions } from '../remittance/index.ts'
import type { BilledClaim, BilledLine } from './billed-claim.ts'

export interface LineAmounts {
  readonly allowed: Money
  readonly paid: Money
  /** What the patient owes. */
  readonly patient: Money
  /** What the payer has decided on, of the charge. */
  readonly decided: Money
  readonly isDenied: boolean
}

export interface ClaimAmounts {
  /** One for each line of the claim. */
  readonly lines: readonly LineAmounts[]
  /** Ids of the ClaimResponses that paid anything, each with its day of payment where it tells one. */
  readonly payments: readonly { readonly response: string; readonly date: string | undefined }[]
}

/**
 * @param counts whether the claim itself does; else what was paid and taken back counts alone
 * @param responses ClaimResponses to the claim, of whatever kind
 * @throws FhirError `business-rule` for an amount that is none
 */
export function amountsOf(
  billed: BilledClaim,
  counts: boolean,
  responses: readonly Resource[],
): ClaimAmounts {
  const answers = responses.flatMap((one) => readAnswer(one) ?? [])
  const all = decisionsIn(answers)
  const standing = counts ? standingDecisions(billed.total, answers) : []
  const byId = new Map(responses.map((one) => [String(one['id']), one]))
  const eligible = standing.map(({ id }) => eligibleIn(byId.get(id) as Resource))

  const linesOf = (of: typeof all, at: BilledLine) =>
    of.flatMap(({ lines }) =>
      lines.filter(({ sequence }) => sequence !== undefined && sequence === at.sequence),
    )
  const whole: readonly (readonly [Money, (line: BilledLine) => Money])[] = [
    [
      sumMoney(eligible.map((one) => one.whole)),
      (line) => sumMoney(eligible.map((one) => one.byLine.get(line.sequence ?? -1) ?? NO_MONEY)),
    ],
    [sumMoney(all.map(({ paid }) => paid)), (line) => sumMoney(linesOf(all, line).map(({ paid }) => paid))],
    [
      sumMoney(standing.map(({ patient }) => patient)),
      (line) => sumMoney(linesOf(standing, line).map(owedBy)),
    ],
    [
      sumMoney(standing.map(({ charged }) => charged)),
      (line) => sumMoney(linesOf(standing, line).map(({ charged }) => charged)),
    ],
  ]
  const [allowed, paid, owed, decided] = whole.map(([sum, ofLine]) => {
    const told = billed.lines.map(ofLine)
    const spread = spreadOver(billed.lines, subtractMoney(sum, sumMoney(told)))
    return told.map((one, at) => addMoney(one, spread[at] as Money))
  }) as [Money[], Money[], Money[], Money[]]

  const ofClaim = standing.flatMap(({ lines }) =>
    lines.every(({ sequence }) => sequence === undefined) ? lines : [],
  )
  const lines = billed.lines.map((line, at): LineAmounts => {
    const own = linesOf(standing, line)
    const told = own.length > 0 ? own : ofClaim
    return {
      allowed: allowed[at] as Money,
      paid: paid[at] as Money,
      patient: owed[at] as Money,
      decided: decided[at] as Money,
      isDenied: told.length > 0 && told.every(isDenied),
    }
  })
  const payments = all
    .filter((one) => one.paid > 0n)
    .map(({ id }) => ({
      response: id,
      date: textAt(objectAt(byId.get(id), 'payment'), 'date')?.slice(0, 10),
    }))
  return { lines, payments }
}

/** X12's group of adjustments that the patient owes. */
const PATIENT = 'PR'

type Decided = ReturnType<typeof decisionsIn>[number]['lines'][number]

/** By its reasons, else by its shares. */
function owedBy({ reasons, shared }: Decided): Money {
  const own = reasons.filter(({ group }) => group === PATIENT)
  return own.length === 0 ? shared : sumMoney(own.map(({ amount }) => amount))
}

const ADJUDICATION = 'http://terminology.hl7.org/CodeSystem/adjudication'

/** The category `eligible`, of the claim and of each line. */
function eligibleIn(response: Resource): {
  readonly whole: Money
  readonly byLine: ReadonlyMap<number, Money>
} {
  const sumOf = (holder: Resource | ReturnType<typeof objectsAt>[number], key: string): Money | undefined => {
    const found = objectsAt(holder, key).filter(
      (one) => codeIn(objectAt(one, 'category'), ADJUDICATION) === 'eligible',
    )
    if (found.length === 0) return undefined
    return sumMoney(found.map((one) => amountIn(objectAt(one, 'amount'))))
  }
  const byLine = new Map<number, Money>()
  let told = NO_MONEY
  for (const key of ['item', 'addItem'])
    for (const item of objectsAt(response, key)) {
      const amount = sumOf(item, 'adjudication') ?? NO_MONEY
      told = addMoney(told, amount)
      const { itemSequence } = item
      if (key === 'item' && typeof itemSequence === 'number')
        byLine.set(itemSequence, addMoney(byLine.get(itemSequence) ?? NO_MONEY, amount))
    }
  return {
    whole: sumOf(response, 'total') ?? addMoney(told, sumOf(response, 'adjudication') ?? NO_MONEY),
    byLine,
  }
}

function amountIn(amount: ReturnType<typeof objectAt>): Money {
  return amount === undefined ? NO_MONEY : moneyAt(amount, 'value', 'ClaimResponse.adjudication.amount.value')
}

/**
 * In shares of what the lines charge, to the cent, whose sum is the amount; evenly where they charge nothing. What is
 * finer than a cent goes to the last.
 */
export function spreadOver(lines: readonly Pick<BilledLine, 'charged'>[], amount: Money): readonly Money[] {
  if (amount === NO_MONEY) return lines.map(() => NO_MONEY)
  const total = sumMoney(lines.map(({ charged }) => charged))
  const weights = lines.map(({ charged }) => (total === NO_MONEY ? 1n : charged))
  const all = weights.reduce((sum, weight) => sum + weight, 0n)
  let [weight, before] = [0n, NO_MONEY]
  return lines.map((_, at) => {
    weight += weights[at] as bigint
    const upTo = at === lines.length - 1 ? amount : roundToTheCent(((amount * weight) / all) as Money)
    const share = subtractMoney(upTo, before)
    before = upTo
    return share
  })
}
