// What ClaimResponse and ExplanationOfBenefit say alike of a claim that a payer has decided on.
import type { JsonObject, Resource } from '../../fhir/index.ts'
import { madeIdentifier } from '../made.ts'
import { fhirMoney } from '../money.ts'
import { SYSTEMS } from '../systems.ts'
import { traceIdentifier, type PaidClaim, type PaidLine, type Remittance } from '../x12/index.ts'
import { adjudicationsOf, adjustmentOf, concept, totalsOf, type Decided } from './adjudications.ts'
import type { CostSharing } from './cost-sharing.ts'
import { matchLines } from './match-lines.ts'
import { ANSWERED, PAYER_CLAIM_NUMBERS, REMARK_CODE, REMITTANCE_STATUS } from './urls.ts'

export interface DecidedClaim {
  readonly claim: Resource
  readonly paid: PaidClaim
  readonly remittance: Remittance
  /** Reference to who pays. */
  readonly insurer: JsonObject
  readonly shares: CostSharing
  readonly name: string
}

/** CLP02 of what a payer would decide, were it a claim. */
const FORETOLD = '25'

export function identifiersOf({ name, paid }: DecidedClaim): JsonObject[] {
  const number = paid.payerControlNumber
  return [
    ...(number === undefined ? [] : [{ system: PAYER_CLAIM_NUMBERS, value: number }]),
    madeIdentifier(name),
  ]
}

export function statusExtension({ paid }: DecidedClaim): JsonObject {
  return {
    url: REMITTANCE_STATUS,
    valueCoding: { system: ANSWERED.claimStatus, code: paid.status },
  }
}

export function useOf({ paid }: DecidedClaim): string {
  return paid.status === FORETOLD ? 'predetermination' : 'claim'
}

/** When the payer made it; else the day of the payment. */
export function decidedOn({ remittance }: DecidedClaim): string {
  return remittance.produced ?? remittance.date
}

export function paymentOf({ paid, remittance }: DecidedClaim): JsonObject {
  return {
    type: concept({
      system: ANSWERED.claimPaymentType,
      code: paid.paid === paid.charged ? 'complete' : 'partial',
    }),
    date: remittance.date,
    amount: fhirMoney(paid.paid),
    identifier: paymentIdentifier(remittance),
  }
}

export function paymentIdentifier({ trace, traceOrigin }: Remittance): JsonObject {
  return traceOrigin === undefined
    ? { value: trace }
    : traceIdentifier({ number: trace, origin: traceOrigin })
}

export function claimTotals({ paid, shares }: DecidedClaim): JsonObject[] {
  const adjustments = [paid, ...paid.lines].flatMap((part) => part.adjustments)
  return totalsOf({ charged: paid.charged, paid: paid.paid, adjustments }, shares)
}

/** Of the claim as a whole; undefined when there is none. */
export function claimAdjustments({ paid }: DecidedClaim): JsonObject[] | undefined {
  return paid.adjustments.length === 0 ? undefined : paid.adjustments.map(adjustmentOf)
}

export interface DecidedLines {
  /** Lines of the claim, each as often as the payer decides on it. */
  readonly items: readonly { readonly sequence: number; readonly said: JsonObject }[]
  /** Lines that the payer tells of and the claim has not. */
  readonly added: readonly JsonObject[]
  readonly notes: readonly JsonObject[]
  /** Whether it tells of lines, but not of all. */
  readonly isPartial: boolean
}

/** `said` has `adjudication`, and `noteNumber` where there are remarks. */
export function decidedLines({ claim, paid, shares }: DecidedClaim): DecidedLines {
  const { sequences, missing } = matchLines(claim, paid.lines)
  const remarks = [...new Set([...paid.remarks, ...paid.lines.flatMap((line) => line.remarks)])]
  const items: { sequence: number; said: JsonObject }[] = []
  const added: JsonObject[] = []
  for (const [at, line] of paid.lines.entries()) {
    const numbers = line.remarks.map((code) => remarks.indexOf(code) + 1)
    const said: JsonObject = {
      ...(numbers.length === 0 ? {} : { noteNumber: [...new Set(numbers)] }),
      adjudication: adjudicationsOf(line satisfies Decided, shares),
    }
    const sequence = sequences[at]
    if (sequence === undefined) added.push({ ...addedLine(line), ...said })
    else items.push({ sequence, said })
  }
  return {
    items,
    added,
    notes: remarks.map(noteOf),
    isPartial: paid.lines.length > 0 && missing.length > 0,
  }
}

/** R4 wants a text; the code is it, for the texts are X12's. */
function noteOf(code: string, at: number): JsonObject {
  return {
    extension: [{ url: REMARK_CODE, valueCoding: { system: ANSWERED.remark, code } }],
    number: at + 1,
    type: 'display',
    text: code,
  }
}

function addedLine({ codeQualifier, code, modifiers, dates }: PaidLine): JsonObject {
  const day = dates.find(({ qualifier }) => qualifier === '472' || qualifier === '150')?.date
  return {
    productOrService: concept({ system: SYSTEM_OF[codeQualifier] ?? codeSystem(code), code }),
    ...(modifiers.length === 0
      ? {}
      : { modifier: modifiers.map((one) => concept({ system: SYSTEMS.hcpcs, code: one })) }),
    ...(day === undefined ? {} : { servicedDate: day }),
  }
}

const SYSTEM_OF: Readonly<Record<string, string>> = { NU: SYSTEMS.revenue, N4: SYSTEMS.ndc }

/** A code of CPT has four digits at first. */
function codeSystem(code: string): string {
  return /^\d{4}[0-9A-Z]$/.test(code) ? SYSTEMS.cpt : SYSTEMS.hcpcs
}
