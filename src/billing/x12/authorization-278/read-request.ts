// A patient event and its services, read from a 278 that asks.
import type { Provider } from '../claim-837/content.ts'
import { noMoreThan, nothingAt, optional, readParty } from '../claim-837/read-parties.ts'
import type { SetReader } from '../loops.ts'
import type { Segment } from '../segments.ts'
import { readTrace } from '../traces.ts'
import { readAmountIfAny, readDate, readPeriod, readQuantity } from '../values.ts'
import {
  DELIVERY_UNITS,
  DIAGNOSIS_QUALIFIERS,
  SERVICE_UNITS,
  SPECIALTIES,
  type AuthorizationRequest,
  type RequestedService,
  type Review,
  type ReviewRole,
} from './request.ts'

type Event = Omit<
  AuthorizationRequest,
  'kind' | 'payer' | 'requester' | 'subscriber' | 'dependent' | 'services'
>

export function readEvent(reader: SetReader): Event {
  const trace = readTrace(reader)
  if (trace === undefined) throw reader.unexpected('TRN 1')
  const um = reader.need('UM')
  noMoreThan(um, 6)
  const previous = reader.take('REF', ['BB'])
  const event = reader.take('DTP', ['AAH'])
  const admission = dayOf(reader.take('DTP', ['435']))
  const discharge = dayOf(reader.take('DTP', ['096']))
  const diagnoses = readDiagnoses(reader)
  const stay = reader.take('CL1')
  if (stay !== undefined) noMoreThan(stay, 2)
  const attachments = reader.takeAll('PWK').map((pwk) => {
    noMoreThan(pwk, 6)
    nothingAt(pwk, 3, 4)
    if (pwk.at(6) !== '') pwk.oneOf(5, ['AC'])
    return { type: pwk.need(1), transmission: pwk.need(2), ...optional('control', pwk.at(6)) }
  })
  const message = reader.take('MSG')
  if (message !== undefined) noMoreThan(message, 1)
  return {
    trace,
    review: { ...reviewIn(um), ...optional('level', um.at(6)) },
    ...optional('previous', previous?.need(2) ?? ''),
    ...(event === undefined ? {} : { event: readPeriod(event) }),
    ...optional('admission', admission),
    ...optional('discharge', discharge),
    diagnoses,
    ...optional('admissionType', stay?.at(1) ?? ''),
    ...optional('pointOfOrigin', stay?.at(2) ?? ''),
    attachments,
    ...optional('message', message?.need(1) ?? ''),
    ...readProviders(reader),
  }
}

function dayOf(segment: Segment | undefined): string {
  if (segment === undefined) return ''
  segment.oneOf(2, ['D8'])
  return readDate(segment, 3)
}

function reviewIn(um: Segment): Review {
  nothingAt(um, 5)
  return {
    category: um.oneOf(1, ['AR', 'HS', 'SC']),
    certification: um.need(2),
    ...optional('serviceType', um.at(3)),
    ...(um.at(4) === '' ? {} : { place: { code: um.need(4, 1), kind: um.oneOf(4, ['A', 'B'], 2) } }),
  }
}

function readDiagnoses(reader: SetReader): AuthorizationRequest['diagnoses'] {
  const hi = reader.take('HI')
  if (hi === undefined) return []
  noMoreThan(hi, 12)
  const kinds = Object.entries(DIAGNOSIS_QUALIFIERS)
  return Array.from({ length: hi.length }, (_, at) => {
    const qualifier = hi.oneOf(at + 1, ['ABK', 'ABJ', 'ABF'], 1)
    if (hi.parts(at + 1) > 2) throw hi.fault(at + 1, 3, 'is not read here, and must be absent')
    const kind = kinds.find(([, one]) => one === qualifier)?.[0] as keyof typeof DIAGNOSIS_QUALIFIERS
    return { kind, code: hi.need(at + 1, 2) }
  })
}

function readProviders(reader: SetReader): Pick<AuthorizationRequest, 'providers' | 'facility'> {
  const providers: { role: ReviewRole; provider: Provider }[] = []
  const roles = Object.keys(SPECIALTIES) as ReviewRole[]
  for (let name = reader.peek('NM1', roles); name !== undefined; name = reader.peek('NM1', roles)) {
    const role = name.oneOf(1, roles)
    providers.push({ role, provider: readProvider(reader, role) })
  }
  if (reader.peek('NM1', ['FA']) === undefined) return { providers }
  return { providers, facility: readParty(reader, 'FA', { idQualifier: 'XX', address: true }) }
}

function readProvider(reader: SetReader, role: ReviewRole): Provider {
  const party = readParty(reader, role, { idQualifier: 'XX' })
  const specialty = reader.take('PRV', [SPECIALTIES[role]])
  specialty?.oneOf(2, ['PXC'])
  return { ...party, ...optional('taxonomy', specialty?.need(3) ?? '') }
}

/** A service, and whether it is told as an institution's. 400 for a pointer past the `diagnoses` that there are. */
export function readService(
  reader: SetReader,
  diagnoses: number,
): { readonly service: RequestedService; readonly institutional: boolean } {
  const trace = readTrace(reader)
  const um = reader.take('UM')
  if (um !== undefined) noMoreThan(um, 4)
  const previous = reader.take('REF', ['BB'])
  const refused = reader.take('REF', ['NT'])
  const serviced = reader.take('DTP', ['472'])
  const institutional = reader.peek('SV2') !== undefined
  const sv = reader.need(institutional ? 'SV2' : 'SV1')
  const coded = institutional ? 2 : 1
  noMoreThan(sv, institutional ? 5 : 7)
  if (!institutional) nothingAt(sv, 5, 6)
  const delivery = reader.take('HSD', DELIVERY_UNITS)
  if (delivery !== undefined) noMoreThan(delivery, 2)
  const charge = readAmountIfAny(sv, coded + 1)
  const provider = reader.peek('NM1', ['SJ']) === undefined ? undefined : readProvider(reader, 'SJ')
  const service: RequestedService = {
    ...(trace === undefined ? {} : { trace }),
    ...(um === undefined ? {} : { review: reviewIn(um) }),
    ...optional('previous', previous?.need(2) ?? ''),
    ...optional('refused', refused?.need(2) ?? ''),
    ...(serviced === undefined ? {} : { serviced: readPeriod(serviced) }),
    ...optional('revenue', institutional ? sv.at(1) : ''),
    ...codeIn(sv, coded),
    ...(charge === undefined ? {} : { charge }),
    ...quantityIn(sv, coded + 2, institutional, delivery),
    pointers: institutional ? [] : pointersIn(sv, diagnoses),
    ...(provider === undefined ? {} : { provider }),
  }
  return { service, institutional }
}

function codeIn(sv: Segment, index: number): Pick<RequestedService, 'code' | 'modifiers'> {
  if (index === 2 && sv.at(index) === '') return { modifiers: [] }
  sv.oneOf(index, ['HC'], 1)
  if (sv.parts(index) > 6) throw sv.fault(index, 7, 'is not read here, and must be absent')
  const modifiers = [3, 4, 5, 6].map((part) => sv.at(index, part)).filter((one) => one !== '')
  return { code: sv.need(index, 2), modifiers }
}

function quantityIn(
  sv: Segment,
  index: number,
  institutional: boolean,
  delivery: Segment | undefined,
): Pick<RequestedService, 'quantity'> {
  if (delivery !== undefined) {
    nothingAt(sv, index, index + 1)
    return { quantity: { unit: delivery.need(1), value: readQuantity(delivery, 2) } }
  }
  if (sv.at(index) === '' && sv.at(index + 1) === '') return {}
  const unit = sv.oneOf(index, SERVICE_UNITS[institutional ? 'institutional' : 'professional'])
  return { quantity: { unit, value: readQuantity(sv, index + 1) } }
}

function pointersIn(sv: Segment, diagnoses: number): readonly number[] {
  if (sv.at(7) === '') return []
  return Array.from({ length: sv.parts(7) }, (_, at) => {
    const pointer = sv.need(7, at + 1)
    if (at > 3 || !/^\d{1,2}$/.test(pointer) || Number(pointer) < 1 || Number(pointer) > diagnoses)
      throw sv.fault(7, at + 1, 'must be the position of a diagnosis')
    return Number(pointer)
  })
}
