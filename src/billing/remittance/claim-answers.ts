// What payers have answered to a claim, read from the ClaimResponses that are stored.
import { FhirError, isJsonObject, type JsonObject, type Resource } from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import { and, localReferenceMatch, searchQuery } from '../../store/index.ts'
import { codeIn, identifierIn, objectAt, objectsAt, textAt } from '../elements.ts'
import { addMoney, moneyAt, NO_MONEY, sumMoney, type Money } from '../money.ts'
import { PATIENT_SHARE } from './adjudications.ts'
import { ANSWERED, REMARK_CODE, REMITTANCE_STATUS, X12_BATCHES } from './urls.ts'

/** A payer has taken the claim on, or refused to. */
export interface TakenOn {
  readonly kind: 'taken-on'
  readonly accepted: boolean
  /** `YYYY-MM-DD`. */
  readonly date: string
  /** Milliseconds since 1970: when it was stored, or labelled last. */
  readonly storedAt: number
  /** Of what was sent, as the answer names it. */
  readonly batch: string | undefined
  readonly refusals: readonly Refusal[]
}

export interface Refusal {
  readonly line: number | undefined
  readonly category: string
  readonly status: string
}

/** A payer has decided on the claim, or taken back what it had decided: then its amounts are negative. */
export interface Decision {
  readonly kind: 'decision'
  readonly id: string
  /** Who decided: the payer as it numbers its payments, else as it is known here. */
  readonly payer: string
  /** CLP02. */
  readonly status: string
  /** `YYYY-MM-DD`, of the payment. */
  readonly date: string
  readonly charged: Money
  readonly paid: Money
  /** What the patient owes by it. */
  readonly patient: Money
  readonly lines: readonly DecidedLine[]
}

export interface DecidedLine {
  /** Of the claim; undefined for the claim as a whole and for lines that the payer added. */
  readonly sequence: number | undefined
  readonly charged: Money
  readonly paid: Money
  /** What is covered, but the patient's to pay: deductible, coinsurance, copay. */
  readonly shared: Money
  readonly reasons: readonly { readonly group: string; readonly reason: string; readonly amount: Money }[]
  readonly remarks: readonly string[]
}

export type ClaimAnswer = TakenOn | Decision

/** Past what is ever answered to one claim. */
const MOST_ANSWERS = 2000

/** @throws FhirError `too-costly` where there are more than anybody answers */
export async function answersTo(view: WorldView, claimId: string): Promise<readonly ClaimAnswer[]> {
  const where = and([localReferenceMatch('request', ['Claim'], claimId)])
  const found = await view.every(searchQuery({ type: 'ClaimResponse', where }), MOST_ANSWERS)
  return found.flatMap(({ resource }) => readableAnswer(resource) ?? [])
}

/** One that somebody wrote with amounts that nobody can reckon with decides nothing, and keeps no other from being read. */
function readableAnswer(response: Resource): ClaimAnswer | undefined {
  try {
    return readAnswer(response)
  } catch (error) {
    if (error instanceof FhirError && error.code === 'business-rule') return undefined
    throw error
  }
}

/** undefined for what is no answer to a claim, or is not in force. */
export function readAnswer(response: Resource): ClaimAnswer | undefined {
  const { use, status, outcome } = response
  if (use !== 'claim' || status !== 'active') return undefined
  if (outcome === 'queued' || outcome === 'error') return takenOn(response)
  return decision(response)
}

function takenOn(response: Resource): TakenOn {
  return {
    kind: 'taken-on',
    accepted: response['outcome'] === 'queued',
    date: (textAt(response, 'created') ?? '').slice(0, 10),
    storedAt: Date.parse(textAt(objectAt(response, 'meta'), 'lastUpdated') ?? ''),
    batch: identifierIn(response, X12_BATCHES),
    refusals: objectsAt(response, 'error').map((error) => {
      const code = objectAt(error, 'code')
      const { itemSequence } = error
      return {
        line: typeof itemSequence === 'number' ? itemSequence : undefined,
        category: codeIn(code, ANSWERED.statusCategory) ?? '',
        status: codeIn(code, ANSWERED.status) ?? '',
      }
    }),
  }
}

function decision(response: Resource): Decision {
  const payment = objectAt(response, 'payment')
  const totals = objectsAt(response, 'total')
  const total = (...codes: readonly string[]): Money | undefined => amountOf(totals, codes)
  const shares = sumMoney(SHARES.map((code) => total(code) ?? NO_MONEY))
  const status = objectsAt(response, 'extension').find(({ url }) => url === REMITTANCE_STATUS)
  return {
    kind: 'decision',
    id: String(response['id']),
    payer:
      textAt(objectAt(payment, 'identifier'), 'system') ??
      textAt(objectAt(response, 'insurer'), 'reference') ??
      '',
    status: textAt(objectAt(status, 'valueCoding'), 'code') ?? '1',
    date: textAt(payment, 'date') ?? (textAt(response, 'created') ?? '').slice(0, 10),
    charged: total('submitted') ?? NO_MONEY,
    paid: total('benefit') ?? paidBy(payment),
    patient: total(PATIENT_SHARE) ?? shares,
    lines: linesOf(response),
  }
}

/** Categories of what is covered and the patient's to pay. */
const SHARES = ['deductible', 'coinsurance', 'copay'] as const

function paidBy(payment: JsonObject | undefined): Money {
  const amount = objectAt(payment, 'amount')
  return amount === undefined ? NO_MONEY : moneyAt(amount, 'value', 'ClaimResponse.payment.amount.value')
}

/** The sum of those of these categories; undefined when there is none. */
function amountOf(of: readonly JsonObject[], codes: readonly string[]): Money | undefined {
  let sum: Money | undefined
  for (const one of of) {
    const code = codeIn(objectAt(one, 'category'))
    const amount = objectAt(one, 'amount')
    if (code === undefined || !codes.includes(code) || amount === undefined) continue
    sum = addMoney(sum ?? NO_MONEY, moneyAt(amount, 'value', 'ClaimResponse.total.amount.value'))
  }
  return sum
}

function linesOf(response: Resource): DecidedLine[] {
  const notes = new Map(
    objectsAt(response, 'processNote').map((note) => [
      note['number'],
      textAt(
        objectAt(
          objectsAt(note, 'extension').find(({ url }) => url === REMARK_CODE),
          'valueCoding',
        ),
        'code',
      ),
    ]),
  )
  const remarksOf = ({ noteNumber }: JsonObject): string[] =>
    Array.isArray(noteNumber) ? noteNumber.flatMap((number) => notes.get(number) ?? []) : []
  const line = (item: JsonObject, sequence: number | undefined): DecidedLine =>
    lineOf(objectsAt(item, 'adjudication'), sequence, remarksOf(item))
  const lines = [
    ...objectsAt(response, 'item').map((item) => line(item, Number(item['itemSequence']))),
    ...objectsAt(response, 'addItem').map((item) => line(item, undefined)),
  ]
  if (lines.length > 0) return lines
  const whole = [...objectsAt(response, 'total'), ...objectsAt(response, 'adjudication')]
  return [
    lineOf(
      whole,
      undefined,
      [...notes.values()].flatMap((code) => code ?? []),
    ),
  ]
}

function lineOf(
  said: readonly JsonObject[],
  sequence: number | undefined,
  remarks: readonly string[],
): DecidedLine {
  return {
    sequence,
    charged: amountOf(said, ['submitted']) ?? NO_MONEY,
    paid: amountOf(said, ['benefit']) ?? NO_MONEY,
    shared: amountOf(said, SHARES) ?? NO_MONEY,
    reasons: said.flatMap((one) => {
      const reason = codeIn(objectAt(one, 'reason'), ANSWERED.reason)
      const group = codeIn(objectAt(one, 'category'), ANSWERED.group)
      const amount = objectAt(one, 'amount')
      if (reason === undefined || group === undefined || !isJsonObject(amount)) return []
      return [{ group, reason, amount: moneyAt(amount, 'value', 'ClaimResponse.adjudication.amount.value') }]
    }),
    remarks,
  }
}
