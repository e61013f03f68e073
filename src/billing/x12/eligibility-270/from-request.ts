// From a CoverageEligibilityRequest and the resources around it to what a 270 asks.
import type { JsonObject, Resource } from '../../../fhir/index.ts'
import { SYSTEMS } from '../../systems.ts'
import type { Period, Person } from '../claim-837/content.ts'
import { wholeDay } from '../claim-837/dates-of.ts'
import { codeIn, identifierOfType, objectAt, objectsAt, textAt } from '../../elements.ts'
import { providerOf } from '../claim-837/parties-of.ts'
import { x12Code } from '../characters.ts'
import { X12_CODES } from '../code-systems.ts'
import { required, unwritable } from '../fault.ts'
import { insuredOf, payerOf } from '../insured.ts'
import { traceOf, type Trace } from '../traces.ts'
import {
  RELATIONSHIPS_270,
  USUAL_SERVICE_TYPES,
  type Asked,
  type EligibilityBundle,
  type Inquiry,
} from './inquiry.ts'

/** EQ segments that a patient's level may have. */
const MOST_ASKED = 99

/**
 * What the 270 asks. 422, naming the element, for what the guide requires and is not there, and for a request of more
 * than one coverage: each payer is asked by itself. Of an item with a category and a service the service is asked for.
 * Diagnoses, quantities, prices and facilities of items stay at home: a payer needs none of them to answer.
 */
export function inquiryOf(bundle: EligibilityBundle): Inquiry {
  const { request } = bundle
  if (objectsAt(request, 'insurance').length > 1)
    throw unwritable('CoverageEligibilityRequest.insurance', 'may be one only: each payer is asked by itself')
  const provider = providerOf(bundle.provider, false)
  if (provider.id === undefined)
    throw unwritable(`${bundle.provider.resourceType}.identifier`, 'must have an NPI')
  const trace = requestTrace(request, bundle.provider)
  const serviced = servicedOf(request)
  return {
    payer: payerOf(bundle.payer),
    provider,
    ...patientOf(bundle),
    ...(trace === undefined ? {} : { trace }),
    ...(serviced === undefined ? {} : { serviced }),
    asked: askedOf(request),
  }
}

/**
 * The guide has no sex but female and male. It has a given name of whoever is asked about: payers look for patients by it.
 */
function patientOf(bundle: EligibilityBundle): Pick<Inquiry, 'subscriber' | 'dependent'> {
  const { subscriber, dependent } = insuredOf(bundle, RELATIONSHIPS_270)
  if ((dependent ?? subscriber).first === undefined)
    throw unwritable('Patient.name.given', 'is required of whom a payer is asked about')
  return {
    subscriber: withoutUnknownSex(subscriber),
    ...(dependent === undefined ? {} : { dependent: withoutUnknownSex(dependent) }),
  }
}

function withoutUnknownSex<T extends Person>(person: T): T {
  if (person.sex !== 'U') return person
  const { sex: _, ...rest } = person
  return rest as T
}

function requestTrace(request: Resource, provider: Resource): Trace | undefined {
  const all = objectsAt(request, 'identifier').filter((one) => textAt(one, 'value') !== undefined)
  const placer = identifierOfType(request, 'PLAC')
  const chosen = all.find((one) => one.value === placer) ?? all[0]
  return chosen && traceOf(chosen, provider, 'CoverageEligibilityRequest.identifier')
}

function servicedOf(request: Resource): Period | undefined {
  const at = 'CoverageEligibilityRequest.serviced'
  const day = textAt(request, 'servicedDate')
  const period = objectAt(request, 'servicedPeriod')
  if (day === undefined && period === undefined) return undefined
  const start = wholeDay(day ?? textAt(period, 'start'), at)
  const end = wholeDay(day ?? textAt(period, 'end') ?? start, at)
  if (end < start) throw unwritable(at, 'ends before it starts')
  return { start, end }
}

function askedOf(request: Resource): readonly Asked[] {
  const items = objectsAt(request, 'item')
  if (items.length === 0) return USUAL_SERVICE_TYPES.map((serviceType) => ({ serviceType }))
  const asked = new Map<string, Asked>()
  for (const [index, item] of items.entries()) {
    const one = askedBy(item, `CoverageEligibilityRequest.item[${index}]`)
    asked.set(JSON.stringify(one), one)
  }
  if (asked.size > MOST_ASKED)
    throw unwritable('CoverageEligibilityRequest.item', `may be no more than ${MOST_ASKED}`)
  return [...asked.values()]
}

function askedBy(item: JsonObject, at: string): Asked {
  const code = codeIn(objectAt(item, 'productOrService'), SYSTEMS.cpt, SYSTEMS.hcpcs)
  if (code === undefined) {
    const serviceType = codeIn(objectAt(item, 'category'), X12_CODES.serviceType)
    const what = `must have a category of ${X12_CODES.serviceType}, or a productOrService in CPT or HCPCS`
    return { serviceType: x12Code(required(serviceType, at, what), 2, `${at}.category`) }
  }
  const modifiers = objectsAt(item, 'modifier').map((one) =>
    x12Code(required(codeIn(one), `${at}.modifier`, 'must have a code'), 2, `${at}.modifier`, 2),
  )
  if (modifiers.length > 4) throw unwritable(`${at}.modifier`, 'may be no more than four')
  return { code: x12Code(code, 48, `${at}.productOrService`), modifiers }
}
