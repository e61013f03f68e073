// Reads one benefit of a 271: its EB segment, and what follows it until the next.
import { optional } from '../claim-837/read-parties.ts'
import { readDelivery } from '../deliveries.ts'
import type { SetReader } from '../loops.ts'
import { readRejections, type Rejection } from '../rejections.ts'
import type { Segment } from '../segments.ts'
import { readAmountIfAny, readPeriod, readQuantity } from '../values.ts'
import type { Delivery } from '../deliveries.ts'
import type { AnsweredDate, AnsweredReference, Benefit, BenefitEntity } from './answer.ts'

/** Repetitions that EB03 may have. */
const MOST_SERVICE_TYPES = 99
const FOLLOWING = ['HSD', 'REF', 'DTP', 'MSG', 'III'] as const

export function readBenefit(reader: SetReader, loop: string): Benefit {
  const eb = reader.need('EB')
  const serviceTypes = eb.repetitions(3)
  if (serviceTypes.length > MOST_SERVICE_TYPES || serviceTypes.includes(''))
    throw eb.fault(3, undefined, `must be no more than ${MOST_SERVICE_TYPES} service types`)
  const amount = readAmountIfAny(eb, 7)
  const authorization = eb.at(11) === '' ? undefined : eb.oneOf(11, ['Y', 'N', 'U'])
  const network = eb.at(12) === '' ? undefined : eb.oneOf(12, ['Y', 'N', 'U', 'W'])
  return {
    position: eb.position,
    information: eb.need(1),
    ...optional('level', eb.at(2)),
    serviceTypes,
    ...optional('insuranceType', eb.at(4)),
    ...optional('plan', eb.at(5)),
    ...optional('period', eb.at(6)),
    ...(amount === undefined ? {} : { amount }),
    ...(eb.at(8) === '' ? {} : { part: readQuantity(eb, 8) }),
    ...(eb.at(10) === '' ? {} : { quantity: { qualifier: eb.need(9), value: readQuantity(eb, 10) } }),
    ...(authorization === undefined ? {} : { authorization }),
    ...(network === undefined ? {} : { network }),
    ...procedureIn(eb),
    ...readFollowing(reader, loop),
  }
}

function procedureIn(eb: Segment): Pick<Benefit, 'procedure'> {
  if (eb.at(13) === '') return {}
  const modifiers = [3, 4, 5, 6].map((part) => eb.at(13, part)).filter((one) => one !== '')
  return { procedure: { qualifier: eb.need(13, 1), code: eb.need(13, 2), modifiers } }
}

/** In whatever order the payer has them. III may have a list of names of its own, as the benefit has. */
function readFollowing(reader: SetReader, loop: string) {
  const deliveries: Delivery[] = []
  const references: AnsweredReference[] = []
  const dates: AnsweredDate[] = []
  const rejections: Rejection[] = []
  const messages: string[] = []
  const places: string[] = []
  const entities: BenefitEntity[] = []
  for (;;) {
    rejections.push(...readRejections(reader, loop))
    entities.push(...readEntities(reader))
    const segment = reader.takeAny(FOLLOWING)
    if (segment === undefined)
      return { deliveries, references, dates, rejections, messages, places, entities }
    if (segment.id === 'HSD') deliveries.push(readDelivery(segment))
    else if (segment.id === 'REF') references.push({ qualifier: segment.need(1), value: segment.need(2) })
    else if (segment.id === 'DTP') dates.push({ qualifier: segment.need(1), ...readPeriod(segment) })
    else if (segment.id === 'MSG') messages.push(segment.need(1))
    else if (segment.at(1) === 'ZZ') places.push(segment.need(2))
    else if (segment.at(4) !== '') messages.push(segment.at(4))
  }
}

/** What stands between LS and LE, as often as it does. */
function readEntities(reader: SetReader): readonly BenefitEntity[] {
  const entities: BenefitEntity[] = []
  while (reader.take('LS') !== undefined) {
    do entities.push(readEntity(reader))
    while (reader.take('LE') === undefined)
  }
  return entities
}

function readEntity(reader: SetReader): BenefitEntity {
  const name = reader.need('NM1')
  reader.take('N3')
  reader.take('N4')
  const contacts = reader.takeAll('PER')
  reader.take('PRV')
  const person = [name.at(4), name.at(3)].filter((part) => part !== '').join(' ')
  return {
    role: name.need(1),
    ...optional('name', person),
    ...optional('id', name.at(9)),
    ...optional('telephone', contacts.map(telephoneIn).find((one) => one !== '') ?? ''),
  }
}

function telephoneIn(contact: Segment): string {
  const at = [3, 5, 7].find((index) => contact.at(index) === 'TE')
  return at === undefined ? '' : contact.at(at + 1)
}
