// The 277CA (005010X214): what a payer or clearing house says of each claim that it was sent, before deciding on it.
import type { Money } from '../money.ts'
import type { TransactionSet } from './envelope.ts'
import { SetReader } from './loops.ts'
import type { Segment } from './segments.ts'
import { readAmountIfAny, readDate } from './values.ts'

export interface ClaimAcknowledgement {
  readonly reference: string
  /** BHT04 and BHT05: when it was made, `YYYY-MM-DD` and, where it is told, `HHMM` or finer. */
  readonly date: string
  readonly time?: string
  /** Who answers (the payer or a clearing house) and who sent the claims. */
  readonly source: Named
  readonly receiver: Named & { readonly trace?: string; readonly statuses: readonly ClaimStatus[] }
  readonly providers: readonly AcknowledgedProvider[]
  readonly claims: readonly AcknowledgedClaim[]
}

export interface Named {
  readonly name?: string
  readonly id?: string
}

export interface AcknowledgedProvider extends Named {
  readonly statuses: readonly ClaimStatus[]
}

export interface AcknowledgedClaim {
  /** TRN02: the claim's control number, CLM01 of the 837. */
  readonly controlNumber: string
  /** REF 1K: the payer's own number of the claim. */
  readonly payerControlNumber?: string
  /** REF D9: the clearing house's. */
  readonly clearingHouseNumber?: string
  /** Neither the claim nor any of its lines is refused. */
  readonly accepted: boolean
  readonly statuses: readonly ClaimStatus[]
  readonly lines: readonly AcknowledgedLine[]
}

export interface AcknowledgedLine {
  /** REF FJ: the line's control number, REF 6R of the 837. */
  readonly controlNumber?: string
  readonly statuses: readonly ClaimStatus[]
}

/** One STC segment; each of its one to three composites is a reason. */
export interface ClaimStatus {
  /** STC01, STC10, STC11: the category (A0 to A8 ...), the status and the entity of it. */
  readonly reasons: readonly {
    readonly category: string
    readonly status: string
    readonly entity?: string
  }[]
  /** `YYYY-MM-DD`. */
  readonly date?: string
  /** `WQ` taken on, `U` refused; absent on a line. */
  readonly action?: string
  readonly amount?: Money
}

/** Categories of an acknowledgement that refuse: returned, not found, missing, invalid, contradictory. */
const REFUSING = new Set(['A3', 'A4', 'A6', 'A7', 'A8'])

/** Whether this status refuses what it is said of. */
export function isRefusal(status: ClaimStatus): boolean {
  return status.action === 'U' || status.reasons.some(({ category }) => REFUSING.has(category))
}

/** 400, naming segment and element, for what is no 277CA. Counts and amounts of all claims together are passed over. */
export function readClaimAcknowledgement(set: TransactionSet): ClaimAcknowledgement {
  if (set.id !== '277') throw set.start.fault(1, undefined, 'must be 277')
  if (!set.version.startsWith('005010X214')) throw set.start.fault(3, undefined, 'must be 005010X214')
  const reader = new SetReader(set)
  const begin = reader.need('BHT')
  needLevel(reader, '20')
  const source = named(reader.need('NM1'))
  reader.takeAll('TRN')
  reader.takeAll('DTP')
  needLevel(reader, '21')
  const receiver = named(reader.need('NM1'))
  const trace = reader.take('TRN')
  const statuses = readStatuses(reader)
  reader.takeAll('QTY')
  reader.takeAll('AMT')
  const providers: AcknowledgedProvider[] = []
  const claims: AcknowledgedClaim[] = []
  while (!reader.atEnd) {
    needLevel(reader, '19')
    providers.push(readProvider(reader))
    while (reader.peek('HL')?.at(3) === 'PT') claims.push(readClaim(reader))
  }
  return {
    reference: begin.need(3),
    date: readDate(begin, 4),
    ...(begin.at(5) === '' ? {} : { time: begin.at(5) }),
    source,
    receiver: { ...receiver, ...(trace === undefined ? {} : { trace: trace.need(2) }), statuses },
    providers,
    claims,
  }
}

function needLevel(reader: SetReader, code: string): void {
  reader.need('HL').oneOf(3, [code])
}

function named(segment: Segment): Named {
  return {
    ...(segment.at(3) === '' ? {} : { name: segment.at(3) }),
    ...(segment.at(9) === '' ? {} : { id: segment.at(9) }),
  }
}

function readProvider(reader: SetReader): AcknowledgedProvider {
  const name = named(reader.need('NM1'))
  reader.takeAll('TRN')
  const statuses = readStatuses(reader)
  reader.takeAll('REF')
  reader.takeAll('QTY')
  reader.takeAll('AMT')
  return { ...name, statuses }
}

function readClaim(reader: SetReader): AcknowledgedClaim {
  needLevel(reader, 'PT')
  reader.need('NM1', ['QC'])
  const controlNumber = reader.need('TRN', ['2']).need(2)
  const statuses = readStatuses(reader)
  if (statuses.length === 0) throw reader.unexpected('STC')
  const references = reader.takeAll('REF')
  reader.takeAll('DTP')
  const lines: AcknowledgedLine[] = []
  while (reader.take('SVC') !== undefined) {
    const own = readStatuses(reader)
    const control = referenceIn(reader.takeAll('REF'), 'FJ')
    reader.takeAll('DTP')
    lines.push({ ...(control === undefined ? {} : { controlNumber: control }), statuses: own })
  }
  const [payer, house] = [referenceIn(references, '1K'), referenceIn(references, 'D9')]
  return {
    controlNumber,
    ...(payer === undefined ? {} : { payerControlNumber: payer }),
    ...(house === undefined ? {} : { clearingHouseNumber: house }),
    accepted: ![...statuses, ...lines.flatMap((line) => line.statuses)].some(isRefusal),
    statuses,
    lines,
  }
}

function referenceIn(references: readonly Segment[], qualifier: string): string | undefined {
  return references.find((one) => one.at(1) === qualifier)?.need(2)
}

function readStatuses(reader: SetReader): readonly ClaimStatus[] {
  return reader.takeAll('STC').map((segment) => {
    const amount = readAmountIfAny(segment, 4)
    return {
      reasons: [1, 10, 11]
        .filter((index) => index === 1 || segment.at(index) !== '')
        .map((index) => ({
          category: segment.need(index, 1),
          status: segment.need(index, 2),
          ...(segment.at(index, 3) === '' ? {} : { entity: segment.at(index, 3) }),
        })),
      ...(segment.at(2) === '' ? {} : { date: readDate(segment, 2) }),
      ...(segment.at(3) === '' ? {} : { action: segment.at(3) }),
      ...(amount === undefined ? {} : { amount }),
    }
  })
}
