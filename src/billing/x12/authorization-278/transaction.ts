// A transaction set 278 of requests: each patient event with its services, under payer, requester and subscriber.
import { FhirError } from '../../../fhir/index.ts'
import type { TransactionSet, WrittenSet } from '../envelope.ts'
import { partySegments } from '../claim-837/write-parties.ts'
import { noMoreThan, readParty } from '../claim-837/read-parties.ts'
import { dependentSegments, readDependent, readSubscriber, subscriberSegments } from '../insured.ts'
import { Levels, levelSegments, type WrittenLevel } from '../levels.ts'
import { SetReader } from '../loops.ts'
import { clockTime, compactDate, readDate } from '../values.ts'
import { readEvent, readService } from './read-request.ts'
import { AUTHORIZATION_GUIDE, type AuthorizationRequest, type RequestedService } from './request.ts'
import { eventSegments, serviceSegments } from './write-request.ts'

/** BHT of a set. */
export interface AuthorizationSetHeader {
  /** BHT02: `13` a request, `01` a cancellation. */
  readonly purpose: '13' | '01'
  /** BHT03, of this set alone. */
  readonly reference: string
  /** `YYYY-MM-DD` and `hh:mm`. */
  readonly date: string
  readonly time: string
}

/** One event: the guide has one for each set. */
export interface AuthorizationSet {
  readonly header: AuthorizationSetHeader
  readonly request: AuthorizationRequest
}

/** The set to put into a group with the functional code `HI`. */
export function writeAuthorizationSet(
  controlNumber: number,
  { header, request }: AuthorizationSet,
): WrittenSet {
  const { purpose, reference, date, time } = header
  if (request.services.length === 0)
    throw new FhirError('business-rule', 'A request for authorization must have services.')
  return {
    id: '278',
    controlNumber,
    segments: [
      ['BHT', '0007', purpose, reference, compactDate(date), time.replace(':', '')],
      ...levelSegments(request.services.map((service) => pathOf(request, service))),
    ],
  }
}

function pathOf(request: AuthorizationRequest, service: RequestedService): readonly WrittenLevel[] {
  const { payer, requester, subscriber, dependent, kind } = request
  return [
    { code: '20', segments: partySegments('X3', payer, 'PI') },
    { code: '21', segments: partySegments('1P', requester, 'XX') },
    { code: '22', segments: subscriberSegments(subscriber) },
    ...(dependent === undefined ? [] : [{ code: '23', segments: dependentSegments('QC', dependent) }]),
    { code: 'EV', segments: eventSegments(request) },
    { code: 'SS', segments: serviceSegments(service, kind) },
  ]
}

/**
 * The request of a set that was read. 400, naming segment and element, for what `writeAuthorizationSet` does not have:
 * nothing that a set tells is left out in silence.
 */
export function readAuthorizationSet(set: TransactionSet): AuthorizationSet {
  if (set.id !== '278') throw set.start.fault(1, undefined, 'must be 278')
  if (!set.version.startsWith(AUTHORIZATION_GUIDE))
    throw set.start.fault(3, undefined, `must be ${AUTHORIZATION_GUIDE}`)
  const reader = new SetReader(set)
  const bht = reader.need('BHT')
  bht.oneOf(1, ['0007'])
  noMoreThan(bht, 5)
  const header = {
    purpose: bht.oneOf(2, ['13', '01']),
    reference: bht.need(3),
    date: readDate(bht, 4),
    time: clockTime(bht, 5, bht.need(5).slice(0, 4)),
  }
  const request = readRequest(reader)
  reader.end()
  return { header, request }
}

function readRequest(reader: SetReader): AuthorizationRequest {
  const levels = new Levels(reader)
  const source = levels.take('20', undefined)
  const payer = readParty(reader, 'X3', { idQualifier: 'PI', idNeeded: true })
  const receiver = levels.take('21', source)
  const requester = readParty(reader, '1P', { idQualifier: 'XX', idNeeded: true })
  let above = levels.take('22', receiver)
  const subscriber = readSubscriber(reader)
  const isDependent = levels.comes('23')
  if (isDependent) above = levels.take('23', above)
  const dependent = isDependent ? readDependent(reader, 'QC') : undefined
  const event = levels.take('EV', above)
  const told = readEvent(reader)
  const services: { readonly service: RequestedService; readonly institutional: boolean }[] = []
  do {
    levels.take('SS', event)
    services.push(readService(reader, told.diagnoses.length))
  } while (levels.comes('SS'))
  const institutional = services.some((one) => one.institutional)
  if (services.some((one) => one.institutional !== institutional))
    throw reader.unexpected('one kind of services')
  return {
    kind: institutional ? 'institutional' : 'professional',
    payer,
    requester,
    subscriber,
    ...(dependent === undefined ? {} : { dependent }),
    ...told,
    services: services.map(({ service }) => service),
  }
}
