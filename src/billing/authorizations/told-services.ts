// What a payer's answer says of each service (https://hl7.org/fhir/R4/claimresponse.html), with the extensions of PAS.
import type { JsonObject, Resource } from '../../fhir/index.ts'
import { codingsOf } from '../claims/people.ts'
import { codeIn, objectAt, objectsAt, textAt } from '../elements.ts'
import type { Coding } from '../rules/index.ts'
import { BILLING_TERMS } from '../rules/urls.ts'
import { SYSTEMS } from '../systems.ts'
import { X12_CODES } from '../x12/code-systems.ts'
import { authorizes, isCertified, isPended, PAS_EXTENSIONS } from '../x12/index.ts'
import type { ApprovedService, AuthorizedPeriod } from './authorization.ts'
import { unitsIn } from './units.ts'

/** `ClaimResponse.item.adjudication.category`, of our terms. */
const AUTHORIZED_UNITS = 'authorized-units'

/** An answer, and the Claim that asked, where it is known. */
export interface Answered {
  readonly response: Resource
  readonly request?: Resource
}

export interface ToldService {
  readonly service: ApprovedService
  readonly number: string | undefined
  readonly period: AuthorizedPeriod
  /** The payer has not decided. */
  readonly pended: boolean
}

type Whole = Omit<ToldService, 'service'>

/**
 * Without those that are refused. Undefined where neither request nor answer names services.
 * @param whole what holds for services of which nothing else is said
 */
export function toldServices(
  { response, request }: Answered,
  whole: Whole,
): readonly ToldService[] | undefined {
  const asked = objectsAt(request, 'item')
  const [answers, added] = [objectsAt(response, 'item'), objectsAt(response, 'addItem')]
  if (asked.length + answers.length + added.length === 0) return undefined
  if (response['outcome'] === 'error') return []
  const answerTo = (item: JsonObject): JsonObject | undefined =>
    answers.find(({ itemSequence }) => itemSequence === item['sequence'])
  const sequences = new Set(asked.map(({ sequence }) => sequence))
  const unknown = answers.filter(({ itemSequence }) => !sequences.has(itemSequence))
  return [
    ...asked.flatMap((item) => {
      const answer = answerTo(item)
      // An answer that tells of services one by one says nothing of those that it leaves out, unless it is unfinished.
      if (answer !== undefined || answers.length === 0) return toldOf(answer, item, whole)
      return response['outcome'] === 'complete' ? [] : toldOf(undefined, item, { ...whole, pended: true })
    }),
    ...unknown.flatMap((answer) => toldOf(answer, undefined, whole)),
    ...added.flatMap((item) => toldOf(item, item, whole)),
  ]
}

/** @param item what was asked for, or what the payer added */
function toldOf(
  answer: JsonObject | undefined,
  item: JsonObject | undefined,
  whole: Whole,
): readonly ToldService[] {
  const reviews = objectsAt(answer, 'adjudication').flatMap((one) => extensionsAt(one, 'reviewAction'))
  const [told] = reviews.flatMap((one) => extensionsAt(one, 'reviewActionCode'))
  const action = codeIn(objectAt(told, 'valueCodeableConcept'), X12_CODES.action)
  const codings = codingsTold(answer, item)
  if (whole.pended || (action !== undefined && isPended({ action })))
    return [{ ...whole, pended: true, service: { codings } }]
  if (action !== undefined && !authorizes({ action })) return []
  const isWhole = action === undefined || isCertified({ action })
  const approved = unitsTold(answer) ?? (isWhole ? unitsIn(objectAt(item, 'quantity')) : undefined)
  if (approved === 0) return []
  const numbers = reviews.flatMap((one) => objectsAt(one, 'extension')).filter(({ url }) => url === 'number')
  return [
    {
      number: textAt(numbers[0], 'valueString') ?? whole.number,
      period: periodIn(objectAt(extensionsAt(answer, 'period')[0], 'valuePeriod')) ?? whole.period,
      pended: false,
      service: { codings, ...(approved === undefined ? {} : { approved }) },
    },
  ]
}

function unitsTold(answer: JsonObject | undefined): number | undefined {
  return unitsIn(
    objectsAt(answer, 'adjudication').find(
      (one) => codeIn(objectAt(one, 'category'), BILLING_TERMS) === AUTHORIZED_UNITS,
    ),
  )
}

/** What the payer names instead of what was asked for, else that; the service, else its revenue code. */
function codingsTold(answer: JsonObject | undefined, item: JsonObject | undefined): readonly Coding[] {
  const parts = extensionsAt(answer, 'authorized').flatMap((one) => objectsAt(one, 'extension'))
  const told = (url: string) =>
    codingsOf(
      objectAt(
        parts.find((one) => one['url'] === url),
        'valueCodeableConcept',
      ),
    )
  const concepts = [
    told('productOrServiceCode'),
    codingsOf(objectAt(item, 'productOrService')).filter(({ system }) => system !== SYSTEMS.dataAbsent),
    told('revenue'),
    codingsOf(objectAt(item, 'revenue')),
  ]
  return concepts.find((codings) => codings.length > 0) ?? []
}

export function periodIn(period: JsonObject | undefined): AuthorizedPeriod | undefined {
  if (period === undefined) return undefined
  const [start, end] = [textAt(period, 'start')?.slice(0, 10), textAt(period, 'end')?.slice(0, 10)]
  return { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) }
}

function extensionsAt(
  holder: JsonObject | undefined,
  which: keyof typeof PAS_EXTENSIONS,
): readonly JsonObject[] {
  return objectsAt(holder, 'extension').filter(({ url }) => url === PAS_EXTENSIONS[which])
}
