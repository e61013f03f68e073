// One line of a claim of an 837 (loop 2400), read.
import type { SetReader } from '../loops.ts'
import type { Segment } from '../segments.ts'
import { readAmount, readDate, readDateRange, readQuantity } from '../values.ts'
import { TOLD_SPECIALTY, type ClaimKind, type Drug, type Line } from './content.ts'
import { noMoreThan, nothingAt, optional, readProvider } from './read-parties.ts'

/** The line that must be numbered `number`, of a claim with so many diagnoses. */
export function readLine(reader: SetReader, kind: ClaimKind, number: number, diagnoses: number): Line {
  const lx = reader.need('LX')
  if (lx.at(1) !== String(number)) throw lx.fault(1, undefined, `must be ${number}`)
  const service =
    kind === 'professional' ? professional(reader.need('SV1'), diagnoses) : institutional(reader)
  const dated = kind === 'professional' ? reader.need('DTP', ['472']) : reader.take('DTP', ['472'])
  const control = reader.take('REF', ['6R'])
  const drug = readDrug(reader)
  const rendering = reader.peek('NM1', ['82']) && readProvider(reader, '82', TOLD_SPECIALTY[kind]['82'])
  return {
    ...service,
    ...(dated === undefined ? {} : { serviced: servicedOf(dated) }),
    ...optional('controlNumber', control?.need(2) ?? ''),
    ...(drug === undefined ? {} : { drug }),
    ...(rendering === undefined ? {} : { rendering }),
  }
}

function professional(sv1: Segment, diagnoses: number): Line {
  noMoreThan(sv1, 7)
  nothingAt(sv1, 6)
  return {
    ...readService(sv1, 1),
    charge: readAmount(sv1, 2),
    unit: sv1.oneOf(3, ['UN', 'MJ']),
    quantity: readQuantity(sv1, 4),
    ...optional('place', sv1.at(5)),
    pointers: readPointers(sv1, diagnoses),
  }
}

function institutional(reader: SetReader): Line {
  const sv2 = reader.need('SV2')
  noMoreThan(sv2, 5)
  return {
    revenue: sv2.need(1),
    ...(sv2.at(2) === '' ? { modifiers: [] } : readService(sv2, 2)),
    charge: readAmount(sv2, 3),
    unit: sv2.oneOf(4, ['UN', 'DA']),
    quantity: readQuantity(sv2, 5),
    pointers: [],
  }
}

function readService(
  segment: Segment,
  index: number,
): { readonly code: string; readonly modifiers: string[] } {
  segment.oneOf(index, ['HC'], 1)
  const parts = segment.parts(index)
  if (parts > 6) throw segment.fault(index, 7, 'is not read here, and must be absent')
  const modifiers = Array.from({ length: Math.max(0, parts - 2) }, (_, at) => segment.need(index, at + 3))
  return { code: segment.need(index, 2), modifiers }
}

function readPointers(segment: Segment, diagnoses: number): number[] {
  segment.need(7)
  const count = segment.parts(7)
  if (count > 4) throw segment.fault(7, 5, 'is one pointer too many')
  return Array.from({ length: count }, (_, at) => {
    const text = segment.need(7, at + 1)
    if (!/^[1-9]\d?$/.test(text) || Number(text) > diagnoses)
      throw segment.fault(7, at + 1, 'points to no diagnosis of the claim')
    return Number(text)
  })
}

function servicedOf(segment: Segment): { readonly start: string; readonly end: string } {
  if (segment.oneOf(2, ['D8', 'RD8']) === 'RD8') return readDateRange(segment, 3)
  const day = readDate(segment, 3)
  return { start: day, end: day }
}

function readDrug(reader: SetReader): Drug | undefined {
  const item = reader.take('LIN')
  if (item === undefined) return undefined
  item.oneOf(2, ['N4'])
  const counted = reader.need('CTP')
  noMoreThan(counted, 5)
  nothingAt(counted, 1, 2, 3)
  return { ndc: item.need(3), quantity: readQuantity(counted, 4), unit: counted.need(5, 1) }
}
