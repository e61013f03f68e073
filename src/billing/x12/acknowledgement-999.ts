// The 999 (005010X231): what a receiver's syntax check says of each transaction set of a group that was sent.
import { x12Fault } from './fault.ts'
import type { TransactionSet } from './envelope.ts'
import { SetReader } from './loops.ts'
import type { Segment } from './segments.ts'

export interface Acknowledgement {
  /** The group that is acknowledged: GS01, GS06, GS08. */
  readonly functionalCode: string
  readonly groupControlNumber: string
  readonly version?: string
  /** `A` accepted, `E` accepted with errors, `P` partly, `R` and others rejected: AK901 as it stands. */
  readonly code: string
  readonly accepted: boolean
  readonly sets: { readonly included: number; readonly received: number; readonly accepted: number }
  /** Codes AK905 to AK909. */
  readonly errors: readonly string[]
  readonly transactions: readonly AcknowledgedSet[]
}

export interface AcknowledgedSet {
  readonly id: string
  readonly controlNumber: string
  readonly version?: string
  /** IK501 as it stands: `A`, `E`, `M`, `R`, `W` or `X`. */
  readonly code: string
  readonly accepted: boolean
  /** Codes IK502 to IK506. */
  readonly errors: readonly string[]
  readonly segments: readonly SegmentError[]
}

export interface SegmentError {
  /** IK301 to IK304: the segment's name, its number in the set (ST is 1), its loop, and the code of what is wrong. */
  readonly segment: string
  readonly position: number
  readonly loop?: string
  readonly code?: string
  readonly elements: readonly ElementError[]
}

/** IK4 without its copy of the bad value, which may be a patient's. */
export interface ElementError {
  readonly element: number
  readonly component?: number
  readonly repetition?: number
  readonly code: string
}

const SET_CODES = ['A', 'E', 'M', 'R', 'W', 'X'] as const
const GROUP_CODES = ['A', 'E', 'M', 'P', 'R', 'W', 'X'] as const

/** 400, naming segment and element, for what is no 999, and for counts that its sets belie. */
export function readAcknowledgement(set: TransactionSet): Acknowledgement {
  if (set.id !== '999') throw set.start.fault(1, undefined, 'must be 999')
  const reader = new SetReader(set)
  const group = reader.need('AK1')
  const transactions: AcknowledgedSet[] = []
  while (reader.peek('AK2') !== undefined) transactions.push(readSet(reader))
  const end = reader.need('AK9')
  reader.end()
  const code = end.oneOf(1, GROUP_CODES)
  const accepted = countAt(end, 4)
  const told = transactions.filter((one) => one.accepted).length
  if (transactions.length > 0 && transactions.length === countAt(end, 3) && told !== accepted)
    throw end.fault(4, undefined, 'is not how many of the sets are accepted')
  return {
    functionalCode: group.need(1),
    groupControlNumber: group.need(2),
    ...(group.at(3) === '' ? {} : { version: group.at(3) }),
    code,
    accepted: code === 'A' || code === 'E',
    sets: { included: countAt(end, 2), received: countAt(end, 3), accepted },
    errors: codesAt(end, 5, 9),
    transactions,
  }
}

function readSet(reader: SetReader): AcknowledgedSet {
  const start = reader.need('AK2')
  const segments: SegmentError[] = []
  while (reader.peek('IK3') !== undefined) segments.push(readSegmentError(reader))
  const end = reader.need('IK5')
  const code = end.oneOf(1, SET_CODES)
  return {
    id: start.need(1),
    controlNumber: start.need(2),
    ...(start.at(3) === '' ? {} : { version: start.at(3) }),
    code,
    accepted: code === 'A' || code === 'E',
    errors: codesAt(end, 2, 6),
    segments,
  }
}

/** CTX segments say the business context of an error again; they are passed over. */
function readSegmentError(reader: SetReader): SegmentError {
  const error = reader.need('IK3')
  reader.takeAll('CTX')
  const elements: ElementError[] = []
  for (let one = reader.take('IK4'); one !== undefined; one = reader.take('IK4')) {
    elements.push(readElementError(one))
    reader.takeAll('CTX')
  }
  return {
    segment: error.need(1),
    position: countAt(error, 2),
    ...(error.at(3) === '' ? {} : { loop: error.at(3) }),
    ...(error.at(4) === '' ? {} : { code: error.at(4) }),
    elements,
  }
}

function readElementError(segment: Segment): ElementError {
  const part = (index: number, name: 'component' | 'repetition') => {
    const text = segment.at(1, index)
    return text === '' ? {} : { [name]: numberOf(segment, 1, index, text) }
  }
  return {
    element: numberOf(segment, 1, 1, segment.need(1, 1)),
    ...part(2, 'component'),
    ...part(3, 'repetition'),
    code: segment.need(3),
  }
}

function codesAt(segment: Segment, first: number, last: number): readonly string[] {
  const codes: string[] = []
  for (let index = first; index <= last; index++) if (segment.at(index) !== '') codes.push(segment.at(index))
  return codes
}

function countAt(segment: Segment, index: number): number {
  return numberOf(segment, index, undefined, segment.need(index))
}

function numberOf(segment: Segment, index: number, part: number | undefined, text: string): number {
  if (!/^\d{1,10}$/.test(text))
    throw x12Fault(segment, part === undefined ? `${index}` : `${index}-${part}`, 'must be a number')
  return Number(text)
}
