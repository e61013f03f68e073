// X12's envelopes: an interchange (ISA to IEA) of functional groups (GS to GE) of transaction sets (ST to SE).
import { FhirError } from '../../fhir/index.ts'
import { x12Fault } from './fault.ts'
import {
  readSegments,
  USUAL_DELIMITERS,
  writeSegments,
  type Segment,
  type WrittenSegment,
} from './segments.ts'

/** Who sends or receives: the qualifier of the id (`ZZ` mutually defined, `30` tax id) and the id, 1 to 15 characters. */
export interface TradingPartner {
  readonly qualifier: string
  readonly id: string
}

export interface InterchangeHeader {
  readonly sender: TradingPartner
  readonly receiver: TradingPartner
  /** Local date and time of making it: `YYYYMMDD` and `HHMM`. ISA09 has two digits of the year. */
  readonly date: string
  readonly time: string
  /** 1 to 999999999, never used before with this partner. */
  readonly controlNumber: number
  /** `T` for test, `P` for production. */
  readonly usage: 'T' | 'P'
}

/** A group to write: sets of one kind. Application ids stand in GS02 and GS03. */
export interface WrittenGroup {
  /** `HC` claims, `FA` 999, `HN` 277, `HP` 835. */
  readonly functionalCode: string
  readonly sender: string
  readonly receiver: string
  readonly controlNumber: number
  /** The guide, such as `005010X222A1`. */
  readonly version: string
  readonly sets: readonly WrittenSet[]
}

export interface WrittenSet {
  /** `837` and so on. */
  readonly id: string
  /** 1 to 999999999, of no other set of the group; written with four digits at least. */
  readonly controlNumber: number
  /** What stands between ST and SE. */
  readonly segments: readonly WrittenSegment[]
}

export interface Interchange {
  readonly header: InterchangeHeader
  readonly groups: readonly Group[]
}

export interface Group {
  readonly functionalCode: string
  readonly sender: string
  readonly receiver: string
  readonly date: string
  readonly time: string
  readonly controlNumber: number
  readonly version: string
  readonly sets: readonly TransactionSet[]
}

/** A transaction set as read; its segments are those between ST and SE. */
export interface TransactionSet {
  readonly id: string
  readonly controlNumber: string
  /** The guide: ST03, or GS08 where ST03 is absent. */
  readonly version: string
  readonly start: Segment
  readonly segments: readonly Segment[]
}

/** The text of one interchange. 422 for control numbers out of range or used twice, and ids that do not fit. */
export function writeInterchange(header: InterchangeHeader, groups: readonly WrittenGroup[]): string {
  const isa = padded(header.controlNumber, 9)
  refuseTwice(groups.map((group) => group.controlNumber))
  const segments: WrittenSegment[] = []
  for (const group of groups) {
    const gs = control(group.controlNumber)
    segments.push([
      'GS',
      group.functionalCode,
      fitting(group.sender, 15),
      fitting(group.receiver, 15),
      digits(header.date, 8),
      digits(header.time, 4),
      gs,
      'X',
      group.version,
    ])
    refuseTwice(group.sets.map((set) => set.controlNumber))
    for (const set of group.sets) {
      const st = padded(set.controlNumber, 4)
      segments.push(['ST', set.id, st, group.version], ...set.segments)
      segments.push(['SE', String(set.segments.length + 2), st])
    }
    segments.push(['GE', String(group.sets.length), gs])
  }
  segments.push(['IEA', String(groups.length), isa])
  return isaSegment(header, isa) + writeSegments(segments, USUAL_DELIMITERS)
}

/** Its elements are padded to fixed lengths, and it holds the component delimiter itself. */
function isaSegment(
  { sender, receiver, date, time, usage }: InterchangeHeader,
  controlNumber: string,
): string {
  const { element, repetition, component, segment } = USUAL_DELIMITERS
  const partner = ({ qualifier, id }: TradingPartner) => [
    fitting(qualifier, 2).padEnd(2),
    fitting(id, 15).padEnd(15),
  ]
  const elements = [
    ['ISA', '00', ' '.repeat(10), '00', ' '.repeat(10), ...partner(sender), ...partner(receiver)],
    [digits(date, 8).slice(2), digits(time, 4), repetition, '00501', controlNumber, '0', usage, component],
  ]
  return elements.flat().join(element) + segment
}

/**
 * The interchanges of a file, their counts and control numbers checked. 400, naming the segment, for whatever does not
 * fit: a set, group or interchange that is cut off, counts wrongly, ends with another's control number, or has one
 * that was used before in what holds it. 413 for a file too large.
 */
export function readInterchanges(text: string, mostCharacters?: number): readonly Interchange[] {
  const cursor = new Cursor(readSegments(text, mostCharacters))
  const interchanges: Interchange[] = []
  const used = new Set<string>()
  while (!cursor.atEnd) interchanges.push(readInterchange(cursor, used))
  if (interchanges.length === 0) throw x12Fault({ position: 1, id: '' }, undefined, 'the file is empty')
  return interchanges
}

class Cursor {
  readonly #segments: Iterator<Segment>
  #next: Segment | undefined
  #last: Segment | undefined

  constructor(segments: Iterator<Segment>) {
    this.#segments = segments
    this.#next = this.#read()
  }

  #read(): Segment | undefined {
    const { value, done } = this.#segments.next()
    return done === true ? undefined : value
  }

  get atEnd(): boolean {
    return this.#next === undefined
  }

  peek(): string | undefined {
    return this.#next?.id
  }

  /** The next segment. 400 when the file ends instead of `wanted`. */
  take(wanted: string): Segment {
    const segment = this.#next
    if (segment === undefined)
      throw x12Fault(
        this.#last ?? { position: 0, id: '' },
        undefined,
        `the file ends where ${wanted} must come`,
      )
    this.#last = segment
    this.#next = this.#read()
    return segment
  }

  expect(id: string): Segment {
    const segment = this.take(id)
    if (segment.id !== id) throw x12Fault(segment, undefined, `stands where ${id} must come`)
    return segment
  }
}

function readInterchange(cursor: Cursor, used: Set<string>): Interchange {
  const isa = cursor.expect('ISA')
  const controlNumber = unused(isa, 13, used)
  while (cursor.peek() === 'TA1') cursor.take('IEA')
  const groups: Group[] = []
  const inGroups = new Set<string>()
  while (cursor.peek() === 'GS') groups.push(readGroup(cursor, inGroups))
  const iea = cursor.expect('IEA')
  checkEnd(iea, groups.length, controlNumber)
  return { header: headerOf(isa, controlNumber), groups }
}

function headerOf(isa: Segment, controlNumber: string): InterchangeHeader {
  const partner = (at: number): TradingPartner => ({
    qualifier: isa.at(at).trim(),
    id: isa.at(at + 1).trim(),
  })
  const [date, time] = [isa.at(9), isa.at(10)]
  if (!/^\d{6}$/.test(date)) throw isa.fault(9, undefined, 'must be a date, YYMMDD')
  if (!/^\d{4}$/.test(time)) throw isa.fault(10, undefined, 'must be a time, HHMM')
  return {
    sender: partner(5),
    receiver: partner(7),
    date: `20${date}`,
    time,
    controlNumber: Number(controlNumber),
    usage: isa.oneOf(15, ['T', 'P']),
  }
}

function readGroup(cursor: Cursor, used: Set<string>): Group {
  const gs = cursor.expect('GS')
  const controlNumber = unused(gs, 6, used)
  const version = gs.need(8)
  const sets: TransactionSet[] = []
  const inSets = new Set<string>()
  while (cursor.peek() === 'ST') sets.push(readSet(cursor, version, inSets))
  checkEnd(cursor.expect('GE'), sets.length, controlNumber)
  return {
    functionalCode: gs.need(1),
    sender: gs.need(2),
    receiver: gs.need(3),
    date: gs.need(4),
    time: gs.need(5),
    controlNumber: Number(controlNumber),
    version,
    sets,
  }
}

const ENVELOPE = new Set(['ISA', 'GS', 'ST', 'GE', 'IEA'])

function readSet(cursor: Cursor, groupVersion: string, used: Set<string>): TransactionSet {
  const start = cursor.expect('ST')
  const id = start.need(1)
  const controlNumber = unused(start, 2, used)
  const segments: Segment[] = []
  let segment = cursor.take('SE')
  while (segment.id !== 'SE') {
    if (ENVELOPE.has(segment.id)) throw x12Fault(segment, undefined, 'stands where SE must come')
    segments.push(segment)
    segment = cursor.take('SE')
  }
  checkEnd(segment, segments.length + 2, controlNumber)
  return { id, controlNumber, version: start.at(3) || groupVersion, start, segments }
}

/** The control number in element `index`: 1 to 9 letters or digits that stand in no other of its kind. */
function unused(segment: Segment, index: number, used: Set<string>): string {
  const number = segment.need(index)
  const numeric = segment.id !== 'ST'
  if (!(numeric ? /^\d{1,9}$/ : /^[A-Za-z0-9]{1,9}$/).test(number))
    throw segment.fault(
      index,
      undefined,
      `must be a control number of 1 to 9 ${numeric ? 'digits' : 'characters'}`,
    )
  const key = numeric ? String(Number(number)) : number
  if (used.has(key)) throw segment.fault(index, undefined, 'is a control number that was used before')
  used.add(key)
  return number
}

/** SE, GE and IEA: how many there were, and the control number of the beginning. */
function checkEnd(end: Segment, count: number, controlNumber: string): void {
  const told = end.need(1)
  if (!/^\d{1,10}$/.test(told) || Number(told) !== count)
    throw end.fault(1, undefined, `does not count what there is, ${count}`)
  if (end.need(2) !== controlNumber)
    throw end.fault(2, undefined, 'differs from the control number at the beginning')
}

function control(number: number): string {
  if (!Number.isInteger(number) || number < 1 || number > 999_999_999)
    throw new FhirError('business-rule', 'A control number of X12 is from 1 to 999999999.')
  return String(number)
}

function padded(number: number, length: number): string {
  return control(number).padStart(length, '0')
}

function refuseTwice(numbers: readonly number[]): void {
  if (new Set(numbers).size < numbers.length)
    throw new FhirError('business-rule', 'A control number of X12 may be used once only.')
}

function fitting(id: string, most: number): string {
  if (id.length < 1 || id.length > most || !/^[A-Za-z0-9][A-Za-z0-9 .&/-]*$/.test(id))
    throw new FhirError('business-rule', `An id in an X12 envelope has 1 to ${most} letters or digits.`)
  return id
}

function digits(text: string, length: number): string {
  if (text.length !== length || !/^\d+$/.test(text))
    throw new FhirError('business-rule', `A date or time in an X12 envelope has ${length} digits.`)
  return text
}
