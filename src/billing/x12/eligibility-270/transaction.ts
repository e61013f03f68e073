// A transaction set 270: its inquiries, each under its payer, provider and subscriber; written, and read back.
import { FhirError } from '../../../fhir/index.ts'
import type { Provider } from '../claim-837/content.ts'
import { noMoreThan, nothingAt, optional, readParty } from '../claim-837/read-parties.ts'
import { partySegments } from '../claim-837/write-parties.ts'
import type { TransactionSet, WrittenSet } from '../envelope.ts'
import { dependentSegments, readDependent, readSubscriber, subscriberSegments } from '../insured.ts'
import { Levels, levelSegments, type WrittenLevel } from '../levels.ts'
import { SetReader } from '../loops.ts'
import type { WrittenSegment } from '../segments.ts'
import { readTrace, traceSegments } from '../traces.ts'
import { clockTime, compactDate, dateSegment, readDate, readPeriod } from '../values.ts'
import { INQUIRY_GUIDE, type Asked, type Inquiry } from './inquiry.ts'

/** BHT of a set. */
export interface InquirySetHeader {
  /** BHT03, of this set alone. */
  readonly reference: string
  /** `YYYY-MM-DD` and `hh:mm`. */
  readonly date: string
  readonly time: string
}

export interface InquirySet {
  readonly header: InquirySetHeader
  readonly inquiries: readonly Inquiry[]
}

/** Inquiries that a set may hold; in real time it is one. */
const MOST_INQUIRIES = 5000

/** The set to put into a group with the functional code `HS`. 422 without inquiries, or with too many. */
export function writeInquirySet(controlNumber: number, { header, inquiries }: InquirySet): WrittenSet {
  if (inquiries.length < 1 || inquiries.length > MOST_INQUIRIES)
    throw new FhirError('business-rule', `A 270 has from 1 to ${MOST_INQUIRIES} inquiries.`)
  const { reference, date, time } = header
  return {
    id: '270',
    controlNumber,
    segments: [
      ['BHT', '0022', '13', reference, compactDate(date), time.replace(':', '')],
      ...levelSegments(inquiries.map(levelsOf)),
    ],
  }
}

function levelsOf(inquiry: Inquiry): readonly WrittenLevel[] {
  const { payer, provider, subscriber, dependent } = inquiry
  const asking = [...dateSegment('291', inquiry.serviced), ...askedSegments(inquiry.asked)]
  const trace = traceSegments(inquiry.trace)
  const insured = subscriberSegments(subscriber)
  return [
    { code: '20', segments: partySegments('PR', payer, 'PI') },
    { code: '21', segments: providerSegments(provider) },
    ...(dependent === undefined
      ? [{ code: '22', segments: [...trace, ...insured, ...asking] }]
      : [
          { code: '22', segments: insured },
          { code: '23', segments: [...trace, ...dependentSegments('03', dependent), ...asking] },
        ]),
  ]
}

function providerSegments(provider: Provider): WrittenSegment[] {
  const { taxonomy } = provider
  const specialty: WrittenSegment[] = taxonomy === undefined ? [] : [['PRV', 'BI', 'PXC', taxonomy]]
  return [...partySegments('1P', provider, 'XX'), ...specialty]
}

/** Service types that follow each other stand in one segment. */
function askedSegments(asked: readonly Asked[]): WrittenSegment[] {
  const segments: WrittenSegment[] = []
  let types: string[] = []
  const flush = () => {
    if (types.length > 0) segments.push(['EQ', { repeated: types }])
    types = []
  }
  for (const one of asked) {
    if ('serviceType' in one) {
      types.push(one.serviceType)
      continue
    }
    flush()
    segments.push(['EQ', '', ['HC', one.code, ...one.modifiers]])
  }
  flush()
  return segments
}

/** The inquiries of a set that was read. 400, naming segment and element, for what `writeInquirySet` does not have. */
export function readInquirySet(set: TransactionSet): InquirySet {
  if (set.id !== '270') throw set.start.fault(1, undefined, 'must be 270')
  if (!set.version.startsWith('005010X279')) throw set.start.fault(3, undefined, `must be ${INQUIRY_GUIDE}`)
  const reader = new SetReader(set)
  const bht = reader.need('BHT')
  bht.oneOf(1, ['0022'])
  bht.oneOf(2, ['13'])
  noMoreThan(bht, 5)
  const header = {
    reference: bht.need(3),
    date: readDate(bht, 4),
    time: clockTime(bht, 5, bht.need(5).slice(0, 4)),
  }
  const inquiries = readLevels(reader)
  reader.end()
  return { header, inquiries }
}

function readLevels(reader: SetReader): readonly Inquiry[] {
  const inquiries: Inquiry[] = []
  const levels = new Levels(reader)
  while (levels.comes('20')) {
    const source = levels.take('20', undefined)
    const payer = readParty(reader, 'PR', { idQualifier: 'PI', idNeeded: true })
    while (levels.comes('21')) {
      const receiver = levels.take('21', source)
      const provider = readProvider(reader)
      while (levels.comes('22')) {
        const subscriberLevel = levels.take('22', receiver)
        const trace = readTrace(reader)
        const above = { payer, provider, subscriber: readSubscriber(reader) }
        if (!levels.comes('23')) {
          inquiries.push({ ...above, ...(trace === undefined ? {} : { trace }), ...readAsking(reader) })
          continue
        }
        if (trace !== undefined) throw reader.unexpected('EQ')
        while (levels.comes('23')) {
          levels.take('23', subscriberLevel)
          const own = readTrace(reader)
          const dependent = readDependent(reader, '03')
          const asking = readAsking(reader)
          inquiries.push({ ...above, dependent, ...(own === undefined ? {} : { trace: own }), ...asking })
        }
      }
    }
  }
  if (inquiries.length === 0) throw reader.unexpected('HL and an inquiry')
  return inquiries
}

function readProvider(reader: SetReader): Provider {
  const party = readParty(reader, '1P', { idQualifier: 'XX', idNeeded: true })
  const specialty = reader.take('PRV', ['BI'])
  specialty?.oneOf(2, ['PXC'])
  return { ...party, ...optional('taxonomy', specialty?.need(3) ?? '') }
}

function readAsking(reader: SetReader): Pick<Inquiry, 'serviced' | 'asked'> {
  const plan = reader.take('DTP', ['291'])
  const first = reader.need('EQ')
  const asked = [first, ...reader.takeAll('EQ')].flatMap((segment): readonly Asked[] => {
    noMoreThan(segment, 2)
    if (segment.at(2) === '') {
      segment.need(1)
      return segment.repetitions(1).map((serviceType) => ({ serviceType }))
    }
    nothingAt(segment, 1)
    segment.oneOf(2, ['HC'], 1)
    const modifiers = [3, 4, 5, 6].map((part) => segment.at(2, part)).filter((one) => one !== '')
    return [{ code: segment.need(2, 2), modifiers }]
  })
  return { ...(plan === undefined ? {} : { serviced: readPeriod(plan) }), asked }
}
