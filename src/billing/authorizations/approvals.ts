// What stands of what payers answered: each number with its days and services, before what is used of them is counted.
import type { JsonObject, Resource } from '../../fhir/index.ts'
import { keyOfResource, localKeyOf } from '../claims/references.ts'
import { isWithdrawn } from '../claims/replacement.ts'
import { objectAt, objectsAt, textAt, textsAt } from '../elements.ts'
import { overlap, type Approval, type ApprovedService } from './authorization.ts'
import { addUnits } from './units.ts'
import { periodIn, toldServices, type Answered, type ToldService } from './told-services.ts'

/**
 * Of several answers to one request the last counts. Under one number of a payer a later answer takes the place of an earlier
 * one for the same days; for other days it stands beside it. A cancellation ends the numbers that it, or its request, names.
 * What is refused is no approval, whatever number it has.
 */
export function approvalsOf(answers: readonly Answered[], baseUrl: string): readonly Approval[] {
  let standing: readonly Approval[] = []
  for (const answer of answers.toSorted(byTime)) {
    const { response, request } = answer
    if (!COUNTED.has(response['status'])) continue
    const about = aboutOf(response, baseUrl)
    const isAsked = (one: Approval): boolean => about.request !== undefined && one.request === about.request
    // What is decided is not undone by what was told while it was not.
    if (response['outcome'] === 'queued' && standing.some((one) => isAsked(one) && one.decided)) continue
    standing = standing.filter((one) => !isAsked(one))
    const isNamed = ({ number, payer }: Approval, numbers: readonly (string | undefined)[]): boolean =>
      number !== undefined && numbers.includes(number) && payer === about.payer
    if (response['status'] === 'cancelled') {
      const ended = [textAt(response, 'preAuthRef'), ...objectsAt(request, 'insurance').flatMap(numbersAt)]
      standing = standing.filter((one) => !isNamed(one, ended))
    } else if (request === undefined || !isWithdrawn(request)) {
      const told = approvalsIn(answer, about)
      const isReplaced = (one: Approval): boolean =>
        told.some(({ number, period }) => isNamed(one, [number]) && overlap(one.period, period))
      standing = [...standing.filter((one) => !isReplaced(one)), ...told]
    }
  }
  return standing
}

const COUNTED: ReadonlySet<unknown> = new Set(['active', 'cancelled'])

type About = Pick<Approval, 'reference' | 'request' | 'payer'>

function aboutOf(response: Resource, baseUrl: string): About {
  const request = localKeyOf(objectAt(response, 'request'), baseUrl)
  const payer = localKeyOf(objectAt(response, 'insurer'), baseUrl)
  return {
    reference: keyOfResource(response),
    ...(request === undefined ? {} : { request }),
    ...(payer === undefined ? {} : { payer }),
  }
}

function numbersAt(insurance: JsonObject): readonly string[] {
  return textsAt(insurance, 'preAuthRef')
}

/** By the payer's day, then as they were stored. */
function byTime({ response: one }: Answered, { response: other }: Answered): number {
  const [first, second] = [timesOf(one), timesOf(other)]
  return (
    first.answered - second.answered ||
    first.stored - second.stored ||
    (keyOfResource(one) < keyOfResource(other) ? -1 : 1)
  )
}

function timesOf(response: Resource): { readonly answered: number; readonly stored: number } {
  const time = (text: string | undefined): number => Date.parse(text ?? '') || 0
  return {
    answered: time(textAt(response, 'created')),
    stored: time(textAt(objectAt(response, 'meta'), 'lastUpdated')),
  }
}

/** One for each number and period that the answer tells, and one for what is pended. */
function approvalsIn(answer: Answered, about: About): readonly Approval[] {
  const { response } = answer
  const whole = {
    number: textAt(response, 'preAuthRef'),
    period: periodIn(objectAt(response, 'preAuthPeriod')) ?? {},
    pended: response['outcome'] === 'queued',
  }
  const told = toldServices(answer, whole)
  if (told === undefined)
    return response['outcome'] === 'error' || (whole.number === undefined && !whole.pended)
      ? []
      : [approvalOf(about, whole, [])]
  const groups = new Map<string, [ToldService, ...ToldService[]]>()
  for (const one of told) {
    if (!one.pended && one.number === undefined) continue
    const { start, end } = one.period
    const key = JSON.stringify(one.pended ? [] : [one.number, start, end])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [one])
    else group.push(one)
  }
  return [...groups.values()].map((group) =>
    approvalOf(
      about,
      group[0],
      group.map(({ service }) => service),
    ),
  )
}

function approvalOf(
  about: About,
  { number, period, pended }: Omit<ToldService, 'service'>,
  services: readonly ApprovedService[],
): Approval {
  return {
    ...about,
    ...(pended || number === undefined ? {} : { number }),
    decided: !pended,
    period,
    services: merged(services),
  }
}

/** Services of the same codes are one: their units add up, and without a limit of one there is none. */
function merged(services: readonly ApprovedService[]): readonly ApprovedService[] {
  const byCodes = new Map<string, ApprovedService>()
  for (const service of services) {
    const key = JSON.stringify(service.codings.map(({ system, code }) => `${system}|${code}`).toSorted())
    const known = byCodes.get(key)
    byCodes.set(key, known === undefined ? service : sumOf(known, service))
  }
  return [...byCodes.values()]
}

function sumOf({ codings, approved }: ApprovedService, other: ApprovedService): ApprovedService {
  if (approved === undefined || other.approved === undefined) return { codings }
  return { codings, approved: addUnits(approved, other.approved) }
}
