// The items of a FHIR Claim for preauthorization as the services of a 278.
import type { JsonObject, Resource } from '../../../fhir/index.ts'
import { codeIn, informationOf, numbersAt, objectAt, objectsAt, textAt } from '../../elements.ts'
import { writtenDecimal } from '../../money.ts'
import { SYSTEMS } from '../../systems.ts'
import { MOST_LINES, type ClaimKind, type Period, type Provider } from '../claim-837/content.ts'
import { wholeDay } from '../claim-837/dates-of.ts'
import { x12Code } from '../characters.ts'
import { X12_CODES } from '../code-systems.ts'
import { required, unwritable } from '../fault.ts'
import { traceOf } from '../traces.ts'
import { chargeAt, shortestDecimal } from '../values.ts'
import { extensionCode, extensionIdentifier, extensionText } from './pas.ts'
import { DELIVERY_UNITS, SERVICE_UNITS, type RequestedService, type Review } from './request.ts'

export interface ServiceSource {
  readonly claim: Resource
  readonly kind: ClaimKind
  /** Of each `Claim.diagnosis.sequence`, its position from 1 among those that are written. */
  readonly positions: ReadonlyMap<number, number>
  /** Who renders, by sequence; undefined for the one who renders all. */
  readonly rendering: ReadonlyMap<number, Provider | undefined>
  readonly requester: Resource
}

/** 422 for no items or too many, and, naming the item's element, for what a service must have. Each has its own review. */
export function servicesOf(
  source: ServiceSource,
): readonly (RequestedService & { readonly review: Review })[] {
  const items = objectsAt(source.claim, 'item')
  const most = MOST_LINES[source.kind]
  if (items.length < 1 || items.length > most) throw unwritable('Claim.item', `must be from 1 to ${most}`)
  return items.map((item, index) => serviceOf(source, item, `Claim.item[${index}]`))
}

function serviceOf(source: ServiceSource, item: JsonObject, at: string) {
  const { claim, kind, requester } = source
  const identifier = extensionIdentifier(item, 'traceNumber')
  const previous = extensionText(item, 'authorizationNumber')
  const refused = extensionText(item, 'referenceNumber')
  const serviced = servicedOf(item, at)
  const net = objectAt(item, 'net')
  return {
    ...(identifier === undefined ? {} : { trace: traceOf(identifier, requester, `${at}.extension`) }),
    review: reviewOf(item, claim, kind, at),
    ...(previous === undefined ? {} : { previous: x12Code(previous, 50, `${at}.extension`) }),
    ...(refused === undefined ? {} : { refused: x12Code(refused, 50, `${at}.extension`) }),
    ...(serviced === undefined ? {} : { serviced }),
    ...codesOf(item, kind, at),
    ...(net === undefined ? {} : { charge: chargeAt(net, 'value', `${at}.net.value`) }),
    ...quantityOf(item, kind, at),
    pointers: kind === 'professional' ? pointersOf(source, item, at) : [],
    ...providerOf(source, item),
  }
}

/** UM of an item: services to be reviewed for the first time, where nothing else is said. */
export function reviewOf(item: JsonObject, claim: Resource, kind: ClaimKind, at: string): Review {
  const category = extensionCode(item, 'requestType') ?? 'HS'
  if (category !== 'AR' && category !== 'HS' && category !== 'SC')
    throw unwritable(`${at}.extension`, 'must have a request type of AR, HS or SC')
  const serviceType = codeIn(objectAt(item, 'category'), X12_CODES.serviceType)
  const place = placeOf(item, claim, kind, at)
  return {
    category,
    certification: x12Code(extensionCode(item, 'certificationType') ?? 'I', 1, `${at}.extension`),
    ...(serviceType === undefined ? {} : { serviceType: x12Code(serviceType, 2, `${at}.category`) }),
    ...(place === undefined ? {} : { place }),
  }
}

function placeOf(item: JsonObject, claim: Resource, kind: ClaimKind, at: string): Review['place'] {
  const place = codeIn(objectAt(item, 'locationCodeableConcept'), SYSTEMS.place)
  if (place !== undefined) return { code: x12Code(place, 2, `${at}.locationCodeableConcept`), kind: 'B' }
  const [bill] = kind === 'institutional' ? informationOf(claim, 'typeofbill') : []
  const digits = /^0?(\w\w)\w$/.exec(codeIn(objectAt(bill, 'code')) ?? '')?.[1]
  return digits === undefined ? undefined : { code: digits, kind: 'A' }
}

function codesOf(item: JsonObject, kind: ClaimKind, at: string) {
  const code = codeIn(objectAt(item, 'productOrService'), SYSTEMS.cpt, SYSTEMS.hcpcs)
  const revenue = kind === 'institutional' ? codeIn(objectAt(item, 'revenue'), SYSTEMS.revenue) : undefined
  const modifiers = objectsAt(item, 'modifier').map((one) =>
    x12Code(required(codeIn(one), `${at}.modifier`, 'must have a code'), 2, `${at}.modifier`, 2),
  )
  if (modifiers.length > 4) throw unwritable(`${at}.modifier`, 'may be no more than four')
  if (code === undefined && (revenue === undefined || modifiers.length > 0))
    throw unwritable(`${at}.productOrService`, 'must be coded in CPT or HCPCS')
  return {
    ...(revenue === undefined ? {} : { revenue: x12Code(revenue.padStart(4, '0'), 4, `${at}.revenue`) }),
    ...(code === undefined ? {} : { code: x12Code(code, 48, `${at}.productOrService`) }),
    modifiers,
  }
}

function quantityOf(item: JsonObject, kind: ClaimKind, at: string): Pick<RequestedService, 'quantity'> {
  const quantity = objectAt(item, 'quantity')
  if (quantity === undefined) return {}
  const unit = textAt(quantity, 'unit') ?? 'UN'
  const allowed = [...SERVICE_UNITS[kind], ...DELIVERY_UNITS]
  if (!allowed.includes(unit)) throw unwritable(`${at}.quantity.unit`, `must be one of ${allowed.join(', ')}`)
  const text = writtenDecimal(quantity, 'value', `${at}.quantity.value`)
  if (!/^\d{1,8}(\.\d{1,3})?$/.test(text))
    throw unwritable(`${at}.quantity.value`, 'must be a decimal from 0 with no more than three decimals')
  return { quantity: { unit, value: shortestDecimal(text) } }
}

function pointersOf({ positions }: ServiceSource, item: JsonObject, at: string): readonly number[] {
  const pointers = numbersAt(item, 'diagnosisSequence').map((sequence) =>
    required(positions.get(sequence), `${at}.diagnosisSequence`, 'names no diagnosis of the claim'),
  )
  if (pointers.length > 4) throw unwritable(`${at}.diagnosisSequence`, 'may be no more than four')
  return pointers
}

function servicedOf(item: JsonObject, at: string): Period | undefined {
  const day = textAt(item, 'servicedDate')
  const period = objectAt(item, 'servicedPeriod')
  if (day === undefined && period === undefined) return undefined
  const start = wholeDay(day ?? textAt(period, 'start'), `${at}.serviced`)
  const end = wholeDay(day ?? textAt(period, 'end') ?? start, `${at}.serviced`)
  if (end < start) throw unwritable(`${at}.serviced`, 'ends before it starts')
  return { start, end }
}

function providerOf({ rendering }: ServiceSource, item: JsonObject): Pick<RequestedService, 'provider'> {
  for (const sequence of numbersAt(item, 'careTeamSequence')) {
    const provider = rendering.get(sequence)
    if (provider !== undefined) return { provider }
  }
  return {}
}
