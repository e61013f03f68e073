// Reads a 278 that answers, segment by segment.
import { FhirError } from '../../../fhir/index.ts'
import { optional } from '../claim-837/read-parties.ts'
import { readDelivery, type Delivery } from '../deliveries.ts'
import type { AnsweredPerson } from '../eligibility-271/answer.ts'
import type { TransactionSet } from '../envelope.ts'
import { Levels } from '../levels.ts'
import { SetReader } from '../loops.ts'
import { readRejections, type Rejection } from '../rejections.ts'
import type { Segment } from '../segments.ts'
import { readAnsweredTraces } from '../traces.ts'
import { readAmountIfAny, readDate, readPeriod, readQuantity } from '../values.ts'
import type { AuthorizationAnswer, Decided, DecidedService, Decision } from './answer.ts'
import { AUTHORIZATION_GUIDE } from './request.ts'

/** As many as a request may have. */
const MOST_SERVICES = 999

/**
 * What a payer answered. 400, naming segment and element, for what is no answer of 005010X217. Addresses, contacts, diagnoses,
 * conditions and paperwork are passed over, as are names below an event or a service but for why one is refused.
 */
export function readAuthorizationAnswer(set: TransactionSet): AuthorizationAnswer {
  if (set.id !== '278') throw set.start.fault(1, undefined, 'must be 278')
  if (!set.version.startsWith(AUTHORIZATION_GUIDE))
    throw set.start.fault(3, undefined, `must be ${AUTHORIZATION_GUIDE}`)
  const reader = new SetReader(set)
  const begin = reader.need('BHT')
  begin.oneOf(1, ['0007'])
  begin.oneOf(2, ['11'])
  const read = readLevels(reader)
  reader.end()
  return {
    reference: begin.need(3),
    date: readDate(begin, 4),
    unfinished: begin.at(6) === '19',
    ...read,
  }
}

type Read = Omit<AuthorizationAnswer, 'reference' | 'date' | 'unfinished'>

/** From the payer down to the services. Whoever is refused ends it. */
function readLevels(reader: SetReader): Read {
  const levels = new Levels(reader)
  const rejections: Rejection[] = []
  const source = levels.take('20', undefined)
  rejections.push(...readRejections(reader, '2000A'))
  const { person: payer } = readNamed(reader, '2010A', rejections)
  if (!levels.comes('21')) return { payer, rejections, services: [] }
  const receiver = levels.take('21', source)
  const { person: requester } = readNamed(reader, '2010B', rejections)
  if (!levels.comes('22')) return { payer, requester, rejections, services: [] }
  let above = levels.take('22', receiver)
  const { person: subscriber } = readNamed(reader, '2010C', rejections)
  const isDependent = levels.comes('23')
  if (isDependent) above = levels.take('23', above)
  const dependent = isDependent ? readNamed(reader, '2010D', rejections).person : undefined
  const known = {
    payer,
    requester,
    subscriber,
    ...(dependent === undefined ? {} : { dependent }),
    rejections,
  }
  if (!levels.comes('EV')) return { ...known, services: [] }
  const event = levels.take('EV', above)
  const { decided, rejections: refused } = readDecided(reader, '2000E')
  rejections.push(...refused)
  const services: DecidedService[] = []
  while (levels.comes('SS')) {
    levels.take('SS', event)
    if (services.length === MOST_SERVICES)
      throw new FhirError('too-large', `A 278 may answer no more than ${MOST_SERVICES} services.`)
    services.push(readService(reader))
  }
  return { ...known, event: decided, services }
}

const ABOUT_NAME = ['REF', 'N3', 'N4', 'PER', 'PRV', 'DMG', 'INS', 'DTP'] as const

/** NM1 and what follows it. Its rejections are put to those of the answer. */
function readNamed(reader: SetReader, loop: string, rejections: Rejection[]): { person: AnsweredPerson } {
  const name = reader.need('NM1')
  const references: { qualifier: string; value: string }[] = []
  let birth: Segment | undefined
  for (;;) {
    rejections.push(...readRejections(reader, loop))
    const segment = reader.takeAny(ABOUT_NAME)
    if (segment === undefined) break
    if (segment.id === 'REF') references.push({ qualifier: segment.need(1), value: segment.need(2) })
    if (segment.id === 'DMG') birth = segment
  }
  return {
    person: {
      ...optional('name', name.at(3)),
      ...optional('first', name.at(4)),
      ...optional('middle', name.at(5)),
      ...optional('id', name.at(9)),
      ...(birth === undefined || birth.at(2) === '' ? {} : { birthDate: readDate(birth, 2) }),
      ...optional('sex', birth?.at(3) ?? ''),
      references,
    },
  }
}

const OF_LEVEL = 'UM HCR REF DTP HI SV1 SV2 SV3 TOO HSD CRC CL1 CR1 CR2 CR4 CR5 CR6 CR7 CR8 PWK MSG'.split(
  ' ',
)

/** What stands on a level of an event or service, in whatever order the payer has it, and the names below it. */
function readDecided(reader: SetReader, loop: string) {
  const traces = readAnsweredTraces(reader)
  const rejections: Rejection[] = []
  const deliveries: Delivery[] = []
  const messages: string[] = []
  const found = new Map<string, Segment>()
  let position: number | undefined
  for (;;) {
    rejections.push(...readRejections(reader, loop))
    const segment = reader.takeAny(OF_LEVEL)
    if (segment === undefined) break
    position ??= segment.position
    if (segment.id === 'HSD') deliveries.push(readDelivery(segment))
    else if (segment.id === 'MSG') messages.push(segment.need(1))
    else found.set(qualified(segment), segment)
  }
  while (reader.peek('NM1') !== undefined) readNamed(reader, loop === '2000E' ? '2010E' : '2010F', rejections)
  return {
    decided: decidedIn({ traces, deliveries, messages, position: position ?? 0 }, found),
    rejections,
    found,
  }
}

/** `REF BB` and `DTP 007`; others by their name alone. */
function qualified(segment: Segment): string {
  return segment.id === 'REF' || segment.id === 'DTP' ? `${segment.id} ${segment.need(1)}` : segment.id
}

function decidedIn(
  told: Pick<Decided, 'traces' | 'deliveries' | 'messages' | 'position'>,
  found: ReadonlyMap<string, Segment>,
): Decided {
  const hcr = found.get('HCR')
  const [effective, expires, issued] = ['007', '036', '102'].map((kind) => found.get(`DTP ${kind}`))
  const whole = effective === undefined ? undefined : readPeriod(effective)
  const end =
    expires === undefined
      ? whole !== undefined && whole.start !== whole.end
        ? whole.end
        : undefined
      : readPeriod(expires).end
  const period = { ...optional('start', whole?.start ?? ''), ...optional('end', end ?? '') }
  return {
    ...told,
    ...(hcr === undefined ? {} : { decision: decisionIn(hcr) }),
    ...optional('previous', found.get('REF BB')?.need(2) ?? ''),
    ...optional('refused', found.get('REF NT')?.need(2) ?? ''),
    ...(issued === undefined ? {} : { issued: readPeriod(issued).start }),
    ...(whole === undefined && end === undefined ? {} : { effective: period }),
  }
}

function decisionIn(hcr: Segment): Decision {
  const opinion = hcr.at(4) === '' ? undefined : hcr.oneOf(4, ['Y', 'N'])
  return {
    action: hcr.need(1),
    ...optional('number', hcr.at(2)),
    reasons: hcr.repetitions(3),
    ...(opinion === undefined ? {} : { secondOpinion: opinion === 'Y' }),
  }
}

function readService(reader: SetReader): DecidedService {
  const { decided, rejections, found } = readDecided(reader, '2000F')
  const serviced = found.get('DTP 472')
  const institutional = found.get('SV2')
  const sv = institutional ?? found.get('SV1')
  return {
    ...decided,
    rejections,
    ...(serviced === undefined ? {} : { serviced: readPeriod(serviced) }),
    ...optional('revenue', institutional?.at(1) ?? ''),
    ...(sv === undefined ? { modifiers: [] } : codesIn(sv, institutional === undefined ? 1 : 2)),
  }
}

/** The code in element `index` of an SV1 or SV2, then its amount, unit and quantity. */
function codesIn(sv: Segment, index: number) {
  const amount = readAmountIfAny(sv, index + 1)
  const modifiers = [3, 4, 5, 6].map((part) => sv.at(index, part)).filter((one) => one !== '')
  return {
    ...optional('code', sv.at(index) === '' ? '' : sv.need(index, 2)),
    modifiers,
    ...(amount === undefined ? {} : { amount }),
    ...(sv.at(index + 3) === ''
      ? {}
      : { quantity: { unit: sv.at(index + 2) || 'UN', value: readQuantity(sv, index + 3) } }),
  }
}
