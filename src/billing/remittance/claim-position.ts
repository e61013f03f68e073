// Where a claim stands by all that payers have decided on it: what they paid, took off, and left to the patient.
// It depends on what was decided alone, not on the order in which the answers came.
import type { Resource } from '../../fhir/index.ts'
import { isVoid } from '../claims/replacement.ts'
import { objectAt } from '../elements.ts'
import { moneyAt, NO_MONEY, subtractMoney, sumMoney, type Money } from '../money.ts'
import type { ClaimAnswer, DecidedLine, Decision } from './claim-answers.ts'

export interface ClaimPosition {
  /** 0 for a claim that another one replaces, and for one that only voids another. */
  readonly charged: Money
  /** All that payers paid, less what they took back. */
  readonly insurerPaid: Money
  /** What nobody is to pay: taken off by contract, or denied and not the patient's to pay. */
  readonly adjusted: Money
  /** What the patient owes by the payers' decisions, before he pays. */
  readonly patient: Money
  /** What no payer has decided on yet; negative where payers decided on more than was charged. */
  readonly undecided: Money
  /** undefined: no payer has decided on anything. */
  readonly state: 'paid' | 'partly-paid' | 'denied' | undefined
  /** Whether a payer ever took back what it had decided, and whether it has not decided anew. */
  readonly wasTakenBack: boolean
  readonly isTakenBack: boolean
  /** Lines that were ever denied, in an order of their own: also those that have been paid since. */
  readonly denied: readonly DeniedLine[]
}

export interface DeniedLine extends DecidedLine {
  readonly decision: Decision
}

/** CLP02: the payer is the second, or third, to decide; it takes back; it sends the claim on and decides nothing. */
const SECOND: ReadonlySet<string> = new Set(['2', '20'])
const THIRD: ReadonlySet<string> = new Set(['3', '21'])
const TAKEN_BACK = '22'
const SENT_ON = '23'

export function claimPosition(claim: Resource, answers: readonly ClaimAnswer[]): ClaimPosition {
  const decisions = decisionsIn(answers)
  const total = totalOf(claim)
  const insurerPaid = sumMoney(decisions.map(({ paid }) => paid))
  const standing = standingOf(decisions, total)
  const denied = decisions.flatMap((decision) =>
    decision.status === TAKEN_BACK
      ? []
      : decision.lines.filter(isDenied).map((line) => ({ ...line, decision })),
  )
  const isTakenBack = decisions.length > 0 && standing.length === 0
  const wasTakenBack = decisions.some(({ status }) => status === TAKEN_BACK)
  const common = { insurerPaid, denied, wasTakenBack, isTakenBack, state: stateOf(decisions, standing) }
  if (isSuperseded(claim))
    return { ...common, charged: NO_MONEY, adjusted: NO_MONEY, patient: NO_MONEY, undecided: NO_MONEY }
  const decided = sumMoney(standing.map(({ charged }) => charged))
  const patient = sumMoney(standing.map((one) => one.patient))
  return {
    ...common,
    charged: total,
    adjusted: subtractMoney(subtractMoney(decided, patient), insurerPaid),
    patient,
    undecided: subtractMoney(total, decided),
  }
}

/** The decisions by which a claim of this total stands: what was taken back and what they outdate is left out. */
export function standingDecisions(total: Money, answers: readonly ClaimAnswer[]): readonly Decision[] {
  return standingOf(decisionsIn(answers), total)
}

/** All that payers decided, what they took back included, in an order of their own. */
export function decisionsIn(answers: readonly ClaimAnswer[]): readonly Decision[] {
  return answers
    .filter((answer) => answer.kind === 'decision')
    .filter(({ status }) => status !== SENT_ON)
    .toSorted(inOrder)
}

/** A claim that was replaced or voided, or only voids another: it charges nothing itself. */
export function isSuperseded(claim: Resource): boolean {
  return claim['status'] === 'cancelled' || isVoid(claim)
}

export function totalOf(claim: Resource): Money {
  const total = objectAt(claim, 'total')
  return total === undefined ? NO_MONEY : moneyAt(total, 'value', 'Claim.total.value')
}

/** Whether a line is not paid, and not for the reason that what is covered is the patient's to pay. */
export function isDenied({ charged, paid, shared }: DecidedLine): boolean {
  return charged > 0n && paid <= 0n && shared <= 0n
}

/**
 * The decisions in force, of the payer that decides last: one that is taken back is not, and a denial counts for nothing
 * beside decisions on the whole charge, as when a claim that was paid comes to the payer again.
 */
function standingOf(decisions: readonly Decision[], total: Money): readonly Decision[] {
  const byPayer = Map.groupBy(decisions, ({ payer }) => payer)
  const inForce = [...byPayer.values()]
    .map((own) => withoutIdleDenials(withoutTakenBack(own), total))
    .filter((own) => own.length > 0)
  return inForce.toSorted(byRank).at(-1) ?? []
}

function byRank(one: readonly Decision[], other: readonly Decision[]): number {
  const difference = rankOf(one) - rankOf(other)
  if (difference !== 0) return difference
  return inOrder(one.at(-1) as Decision, other.at(-1) as Decision)
}

function rankOf(decisions: readonly Decision[]): number {
  if (decisions.some(({ status }) => THIRD.has(status))) return 3
  return decisions.some(({ status }) => SECOND.has(status)) ? 2 : 1
}

/** Each that is taken back goes with what takes it back; what takes back something unknown stands, as a negative amount. */
function withoutTakenBack(own: readonly Decision[]): readonly Decision[] {
  const left = own.filter(({ status }) => status !== TAKEN_BACK)
  const unknown: Decision[] = []
  for (const back of own.filter(({ status }) => status === TAKEN_BACK)) {
    const at = left.findIndex((one) => cancels(one, back))
    if (at < 0) unknown.push(back)
    else left.splice(at, 1)
  }
  return [...left, ...unknown].toSorted(inOrder)
}

function cancels(one: Decision, back: Decision): boolean {
  return one.charged + back.charged === 0n && one.paid + back.paid === 0n && one.patient + back.patient === 0n
}

function withoutIdleDenials(own: readonly Decision[], total: Money): readonly Decision[] {
  let left = own
  for (const denial of own) {
    if (!denial.lines.every(isDenied) || denial.patient !== 0n) continue
    const others = left.filter((one) => one !== denial)
    if (others.length > 0 && sumMoney(others.map(({ charged }) => charged)) >= total) left = others
  }
  return left
}

function stateOf(decisions: readonly Decision[], standing: readonly Decision[]): ClaimPosition['state'] {
  if (decisions.length === 0) return undefined
  const lines = new Map<string, boolean>()
  for (const { lines: own, status, id } of standing) {
    if (status === TAKEN_BACK) continue
    for (const [at, line] of own.entries()) {
      const key = line.sequence === undefined ? `${id} ${at}` : String(line.sequence)
      lines.set(key, (lines.get(key) ?? true) && isDenied(line))
    }
  }
  const denied = [...lines.values()].filter(Boolean).length
  if (denied === lines.size) return 'denied'
  return denied === 0 ? 'paid' : 'partly-paid'
}

function inOrder(one: Decision, other: Decision): number {
  if (one.date !== other.date) return one.date < other.date ? -1 : 1
  return one.id < other.id ? -1 : 1
}
