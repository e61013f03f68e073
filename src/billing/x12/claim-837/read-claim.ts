// One claim of an 837 (loop 2300 and its lines), read.
import { sumMoney } from '../../money.ts'
import type { SetReader } from '../loops.ts'
import type { Segment } from '../segments.ts'
import { clockTime, readAmount, readDate, readDateRange } from '../values.ts'
import { MOST_LINES, ROLES, TOLD_SPECIALTY, type ClaimContent, type Party, type Provider } from './content.ts'
import type { Attachment, ClaimKind, ProviderRole } from './content.ts'
import { readInformation } from './read-information.ts'
import { readLine } from './read-line.ts'
import { noMoreThan, nothingAt, readParty, readProvider } from './read-parties.ts'

type Above = Pick<ClaimContent, 'kind' | 'billingProvider' | 'subscriber' | 'payer' | 'dependent'>

/** 400 also when the lines do not add up to the claim's charge. */
export function readClaim(reader: SetReader, above: Above): ClaimContent {
  const { kind } = above
  const clm = reader.need('CLM')
  noMoreThan(clm, 9)
  nothingAt(clm, 3, 4)
  clm.oneOf(5, [kind === 'professional' ? 'B' : 'A'], 2)
  const total = readAmount(clm, 2)
  const head = {
    controlNumber: clm.need(1),
    total,
    place: clm.need(5, 1),
    frequency: clm.need(5, 3),
    ...(kind === 'professional' ? { signature: clm.oneOf(6, ['Y', 'N']) } : {}),
    assignment: clm.oneOf(7, ['A', 'B', 'C']),
    benefits: clm.oneOf(8, ['Y', 'N']),
    release: clm.oneOf(9, ['Y', 'I']),
  }
  if (kind === 'institutional') nothingAt(clm, 6)
  const dates = kind === 'professional' ? readProfessionalDates(reader) : readInstitutionalDates(reader)
  const attachments = reader.takeAll('PWK').map(readAttachment)
  const references = readReferences(reader)
  const note = reader.take('NTE')
  const information = readInformation(reader, kind)
  const { providers, facility } = readProviders(reader, kind)
  const lines: ClaimContent['lines'][number][] = []
  while (reader.peek('LX') !== undefined) {
    if (lines.length === MOST_LINES[kind]) throw reader.unexpected(`the end of ${MOST_LINES[kind]} lines`)
    lines.push(readLine(reader, kind, lines.length + 1, information.diagnoses.length))
  }
  if (lines.length === 0) throw reader.unexpected('LX')
  if (sumMoney(lines.map((line) => line.charge)) !== total)
    throw clm.fault(2, undefined, 'is not the sum of the charges of the lines')
  return {
    ...above,
    ...head,
    ...dates,
    attachments,
    ...references,
    ...(note === undefined ? {} : { note: { code: note.need(1), text: note.need(2) } }),
    ...information,
    providers,
    ...(facility === undefined ? {} : { facility }),
    lines,
  }
}

type Dates = Pick<
  ClaimContent,
  'onset' | 'statement' | 'admission' | 'discharge' | 'admissionType' | 'pointOfOrigin' | 'dischargeStatus'
>

function readProfessionalDates(reader: SetReader): Dates {
  const day = (qualifier: string): string | undefined => {
    const segment = reader.take('DTP', [qualifier])
    segment?.oneOf(2, ['D8'])
    return segment && readDate(segment, 3)
  }
  const [onset, admission, discharge] = [day('431'), day('435'), day('096')]
  return defined({ onset, admission, discharge })
}

function readInstitutionalDates(reader: SetReader): Dates {
  const left = reader.take('DTP', ['096'])
  left?.oneOf(2, ['TM'])
  const period = reader.need('DTP', ['434'])
  period.oneOf(2, ['RD8'])
  const came = reader.take('DTP', ['435'])
  const codes = reader.need('CL1')
  noMoreThan(codes, 3)
  return defined({
    discharge: left && clockTime(left, 3, left.need(3)),
    statement: readDateRange(period, 3),
    admission: came && admissionOf(came),
    admissionType: codes.need(1),
    pointOfOrigin: codes.at(2) || undefined,
    dischargeStatus: codes.need(3),
  })
}

function admissionOf(segment: Segment): string {
  if (segment.oneOf(2, ['D8', 'DT']) === 'D8') return readDate(segment, 3)
  const text = segment.need(3)
  const day = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}`
  if (!/^\d{12}$/.test(text) || Number.isNaN(Date.parse(day)))
    throw segment.fault(3, undefined, 'must be a date and time, YYYYMMDDHHMM')
  return `${day}T${clockTime(segment, 3, text.slice(8))}`
}

function readAttachment(segment: Segment): Attachment {
  noMoreThan(segment, 6)
  nothingAt(segment, 3, 4)
  if (segment.at(5) !== '' || segment.at(6) !== '') segment.oneOf(5, ['AC'])
  return {
    type: segment.need(1),
    transmission: segment.need(2),
    ...(segment.at(5) === '' ? {} : { control: segment.need(6) }),
  }
}

const REFERENCES = { '9F': 'referral', G1: 'authorization', F8: 'original', EA: 'medicalRecord' } as const

function readReferences(
  reader: SetReader,
): Pick<ClaimContent, 'referral' | 'authorization' | 'original' | 'medicalRecord'> {
  const read: Partial<Record<(typeof REFERENCES)[keyof typeof REFERENCES], string>> = {}
  for (const segment of reader.takeAll('REF')) {
    const key = REFERENCES[segment.oneOf(1, Object.keys(REFERENCES) as (keyof typeof REFERENCES)[])]
    if (read[key] !== undefined) throw segment.fault(1, undefined, 'may come once only')
    noMoreThan(segment, 2)
    read[key] = segment.need(2)
  }
  return read
}

function readProviders(
  reader: SetReader,
  kind: ClaimKind,
): { readonly providers: ClaimContent['providers']; readonly facility?: Party } {
  const providers: Partial<Record<ProviderRole, Provider>> = {}
  let facility: Party | undefined
  for (const role of ROLES[kind]) {
    if (reader.peek('NM1', [role]) === undefined) continue
    if (role === '77') facility = readParty(reader, '77', { idQualifier: 'XX', address: true })
    else providers[role] = readProvider(reader, role, TOLD_SPECIALTY[kind][role])
  }
  return { providers, ...(facility === undefined ? {} : { facility }) }
}

function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never
}
