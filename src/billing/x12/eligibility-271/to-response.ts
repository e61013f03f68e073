// From what a 271 answers to a CoverageEligibilityResponse.
import type { JsonObject, Resource } from '../../../fhir/index.ts'
import { objectAt, objectsAt, textAt } from '../../elements.ts'
import { X12_CODES } from '../code-systems.ts'
import { required, unwritable } from '../fault.ts'
import { refuseAnswerToAnother } from '../traces.ts'
import type { AnsweredDate, Benefit, EligibilityAnswer } from './answer.ts'
import { benefitItems, WHOLE_PLAN } from './benefit-items.ts'
import { FOLLOW_UPS, inForce } from './terms.ts'

/**
 * The response to this CoverageEligibilityRequest, without an id, made on the day that the payer answered. Rejections are
 * errors: `outcome` is `error`, or `partial` where benefits are told as well. 422 when the answer names another request by
 * its trace number, or the request has no patient, payer or coverage.
 */
export function eligibilityResponseOf(answer: EligibilityAnswer, request: Resource): Resource {
  refuseAnswerToAnother(answer.traces, request)
  const at = 'CoverageEligibilityRequest'
  const { benefits, rejections } = answer
  const covered = benefits.length === 0 ? undefined : insuranceOf(answer, request)
  const told = (key: string) => (request[key] === undefined ? {} : { [key]: request[key] })
  return {
    resourceType: 'CoverageEligibilityResponse',
    status: 'active',
    purpose: required(request.purpose, `${at}.purpose`, 'is required'),
    patient: required(request.patient, `${at}.patient`, 'is required'),
    ...told('servicedDate'),
    ...told('servicedPeriod'),
    created: answer.date,
    ...(request.provider === undefined ? {} : { requestor: request.provider }),
    request: requestReference(request),
    outcome: rejections.length === 0 ? 'complete' : benefits.length === 0 ? 'error' : 'partial',
    insurer: required(request.insurer, `${at}.insurer`, 'is required'),
    ...(covered === undefined ? {} : { insurance: [covered] }),
    ...(rejections.length === 0
      ? {}
      : {
          error: rejections.map(({ code, followUp }) => ({
            code: {
              coding: [{ system: X12_CODES.rejectReason, code }],
              ...(FOLLOW_UPS[followUp ?? ''] === undefined ? {} : { text: FOLLOW_UPS[followUp ?? ''] }),
            },
          })),
        }),
  }
}

function requestReference(request: Resource): JsonObject {
  if (request.id !== undefined) return { reference: `CoverageEligibilityRequest/${request.id}` }
  const [identifier] = objectsAt(request, 'identifier')
  return { identifier: required(identifier, 'CoverageEligibilityRequest.id', 'is required') }
}

function insuranceOf({ benefits, dates }: EligibilityAnswer, request: Resource): JsonObject {
  const [asked] = objectsAt(request, 'insurance')
  const coverage = objectAt(asked, 'coverage')
  if (textAt(coverage, 'reference') === undefined && objectAt(coverage, 'identifier') === undefined)
    throw unwritable('CoverageEligibilityRequest.insurance.coverage', 'is required')
  const inforce = inForceOf(benefits)
  const benefitPeriod = periodOf(dates, benefits)
  return {
    coverage,
    ...(inforce === undefined ? {} : { inforce }),
    ...(benefitPeriod === undefined ? {} : { benefitPeriod }),
    item: [...benefitItems(benefits)],
  }
}

/** As is said of the plan as a whole; where nothing is, of any service. One that covers outweighs one that does not. */
function inForceOf(benefits: readonly Benefit[]): boolean | undefined {
  const whole = benefits.filter(isOfWholePlan)
  for (const some of [whole, benefits]) {
    const told = some.map(({ information }) => inForce(information)).filter((one) => one !== undefined)
    if (told.length > 0) return told.includes(true)
  }
  return undefined
}

function isOfWholePlan({ serviceTypes, procedure }: Benefit): boolean {
  return procedure === undefined && (serviceTypes.length === 0 || serviceTypes.includes(WHOLE_PLAN))
}

/** DTP01 of a whole period, and of its begin and end: plan, eligibility, benefit. */
const PERIODS = ['291', '307', '292'] as const
const BEGINS = ['346', '356', '348'] as const
const ENDS = ['347', '357', '349'] as const

/** Of the patient's dates, else of those of the plan's own benefit. One day alone is the begin. */
function periodOf(dates: readonly AnsweredDate[], benefits: readonly Benefit[]): JsonObject | undefined {
  const own = benefits.find((one) => isOfWholePlan(one) && inForce(one.information) === true)?.dates ?? []
  for (const some of [dates, own]) {
    const find = (kinds: readonly string[]) =>
      kinds.map((kind) => some.find((one) => one.qualifier === kind)).find((one) => one !== undefined)
    const [whole, begin] = [find(PERIODS), find(BEGINS)]
    const range = [whole, begin].find((one) => one !== undefined && one.start !== one.end)
    if (range !== undefined) return { start: range.start, end: range.end }
    const start = begin?.start ?? whole?.start
    const end = find(ENDS)?.start
    if (start !== undefined || end !== undefined)
      return { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) }
  }
  return undefined
}
