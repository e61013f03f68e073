// The HI segments of an 837, read: diagnoses, procedures, and an institutional claim's codes and amounts.
import { isDate } from '../../../fhir/index.ts'
import type { SetReader } from '../loops.ts'
import type { Segment } from '../segments.ts'
import { readAmount } from '../values.ts'
import type { ClaimContent, ClaimKind, Diagnosis } from './content.ts'

const KINDS: Readonly<Record<string, Diagnosis['kind']>> = {
  ABK: 'principal',
  ABF: 'other',
  ABJ: 'admitting',
  APR: 'reason',
  ABN: 'external-cause',
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] }
type Information = Pick<ClaimContent, 'diagnoses' | 'procedures' | 'drg' | 'values' | 'conditions'>

/** 400 for a qualifier that the kind of claim does not have, and without exactly one principal diagnosis at first. */
export function readInformation(reader: SetReader, kind: ClaimKind): Information {
  const read: Mutable<Information> = { diagnoses: [], procedures: [], values: [], conditions: [] }
  const first = reader.peek('HI')
  if (first === undefined || first.at(1, 1) !== 'ABK') throw reader.unexpected('HI ABK')
  for (const segment of reader.takeAll('HI'))
    for (let index = 1; index <= segment.length; index++) readComposite(segment, index, kind, read)
  return read
}

function readComposite(segment: Segment, index: number, kind: ClaimKind, read: Mutable<Information>): void {
  const [qualifier, code] = [segment.need(index, 1), segment.need(index, 2)]
  const diagnosis = KINDS[qualifier]
  if (diagnosis === 'principal' && read.diagnoses.length > 0)
    throw segment.fault(index, 1, 'tells a principal diagnosis again')
  if (diagnosis !== undefined && (kind === 'institutional' || qualifier === 'ABK' || qualifier === 'ABF')) {
    const poa = kind === 'institutional' && !['ABJ', 'APR'].includes(qualifier) ? segment.at(index, 9) : ''
    mostParts(segment, index, poa === '' ? 2 : 9)
    read.diagnoses.push({ kind: diagnosis, code, ...(poa === '' ? {} : { presentOnAdmission: poa }) })
    return
  }
  if (kind === 'professional') throw segment.fault(index, 1, 'must be one of ABK, ABF')
  if (qualifier === 'BBR' || qualifier === 'BBQ') {
    segment.oneOf(index, ['D8'], 3)
    mostParts(segment, index, 4)
    read.procedures.push({ principal: qualifier === 'BBR', code, date: dateAt(segment, index) })
  } else if (qualifier === 'BE') {
    mostParts(segment, index, 5)
    read.values.push({ code, amount: readAmount(segment, index, 5) })
  } else if (qualifier === 'BG') {
    mostParts(segment, index, 2)
    read.conditions.push(code)
  } else if (qualifier === 'DR') {
    mostParts(segment, index, 2)
    read.drg = code
  } else throw segment.fault(index, 1, 'is a kind of information that is not read')
}

function mostParts(segment: Segment, index: number, most: number): void {
  const parts = segment.parts(index)
  if (parts > most) throw segment.fault(index, most + 1, 'is not read here, and must be absent')
}

function dateAt(segment: Segment, index: number): string {
  const text = segment.need(index, 4)
  const date = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`
  if (!/^\d{8}$/.test(text) || !isDate(date)) throw segment.fault(index, 4, 'must be a date, YYYYMMDD')
  return date
}
