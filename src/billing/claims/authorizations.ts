// Which authorization of the payer a claim names, and whether one is needed that is not there or used up.
import type { Issue, JsonObject, Resource } from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import { and, localReferenceMatch, searchQuery } from '../../store/index.ts'
import { codeIn, objectAt, objectsAt, textAt, textsAt } from '../elements.ts'
import {
  type Coding,
  environmentOf,
  isSameCode,
  type RulesInForce,
  type ServiceFacts,
  type ServiceLine,
} from '../rules/index.ts'
import { isWithin } from './parties-of.ts'
import { codingsOf } from './people.ts'
import { problem } from './problems.ts'
import { keyOfResource, localKeyOf, referenced } from './references.ts'
import { BILLING_TERMS } from './urls.ts'

const MOST_ANSWERS = 2000
/** `ClaimResponse.item.adjudication.category`, of our terms. */
const AUTHORIZED_UNITS = 'authorized-units'

export interface AuthorizationAsked {
  readonly lines: readonly ServiceLine[]
  readonly facts: ServiceFacts
  readonly rules: RulesInForce
  readonly patient: Resource
  readonly payer: Resource
  /** Claims that stand, whose lines use units. */
  readonly billed: readonly Resource[]
  readonly elementOf: (line: ServiceLine) => string
  readonly baseUrl: string
}

export interface Authorized {
  /** What the claim names: one at most, for an 837 has room for no more. */
  readonly numbers: readonly string[]
  readonly refusals: readonly Issue[]
}

/** A number is named also where no rule asks for it, when it is there for one of the services. */
export async function authorizeLines(view: WorldView, asked: AuthorizationAsked): Promise<Authorized> {
  const known = await authorizationsOf(view, asked)
  const judged = asked.lines.map((line) => ({
    line,
    isNeeded: isNeeded(line, asked),
    ...fitting(line, known, asked),
  }))
  const needed = judged.filter(({ isNeeded: needs }) => needs)
  const refusals = needed.flatMap(({ line, fits, exhausted }) =>
    fits.length > 0
      ? []
      : exhausted
        ? [
            problem(
              'authorization-exceeded',
              asked.elementOf(line),
              `${line.code.code}: fewer than the ${line.units} units that it takes are left of what the payer authorized.`,
            ),
          ]
        : [
            problem(
              'authorization-missing',
              asked.elementOf(line),
              `${line.code.code}: the payer wants it authorized, and no authorization of this day and service is known here.`,
            ),
          ],
  )
  if (refusals.length > 0) return { numbers: [], refusals }
  const wanting = needed.length > 0 ? needed : judged.filter(({ fits }) => fits.length > 0)
  const shared = known.find(({ number }) => wanting.every(({ fits }) => fits.includes(number)))
  const number = shared?.number ?? wanting[0]?.fits[0]
  if (shared === undefined && needed.length > 0)
    return {
      numbers: [],
      refusals: [
        problem(
          'authorization-missing',
          'ClaimResponse.preAuthRef',
          'Its services are authorized under several numbers, and a claim names one: bill them by visits of their own.',
        ),
      ],
    }
  return { numbers: wanting.length === 0 || number === undefined ? [] : [number], refusals: [] }
}

interface Authorization {
  readonly number: string
  readonly period: JsonObject | undefined
  /** Empty: any. */
  readonly services: readonly { readonly codings: readonly Coding[]; readonly approved?: number }[]
}

/** Of one number what was answered last. */
async function authorizationsOf(
  view: WorldView,
  { patient, payer, baseUrl }: AuthorizationAsked,
): Promise<readonly Authorization[]> {
  const where = and([localReferenceMatch('patient', ['Patient'], String(patient['id']))])
  const answers = (await view.every(searchQuery({ type: 'ClaimResponse', where }), MOST_ANSWERS))
    .map(({ resource }) => resource)
    .filter(
      ({ use, status, outcome }) =>
        use === 'preauthorization' && status === 'active' && outcome === 'complete',
    )
    .toSorted((one, other) => (createdOf(one) < createdOf(other) ? -1 : 1))
  const found = new Map<string, Authorization>()
  for (const answer of answers) {
    const number = textAt(answer, 'preAuthRef')
    const insurer = localKeyOf(objectAt(answer, 'insurer'), baseUrl)
    if (number === undefined || (insurer !== undefined && insurer !== keyOfResource(payer))) continue
    const request = await referenced(view, objectAt(answer, 'request'), baseUrl, ['Claim'])
    const period = objectAt(answer, 'preAuthPeriod')
    found.set(number, { number, period, services: servicesOf(answer, request?.resource) })
  }
  return [...found.values()]
}

function createdOf(answer: Resource): string {
  return `${textAt(answer, 'created') ?? ''}\n${String(answer['id'])}`
}

function servicesOf(answer: Resource, request: Resource | undefined): Authorization['services'] {
  return objectsAt(request, 'item').map((item) => {
    const own = objectsAt(answer, 'item').find(({ itemSequence }) => itemSequence === item['sequence'])
    const told = objectsAt(own, 'adjudication').find(
      (one) => codeIn(objectAt(one, 'category'), BILLING_TERMS) === AUTHORIZED_UNITS,
    )
    const approved = told?.['value']
    return {
      codings: codingsOf(objectAt(item, 'productOrService')),
      ...(typeof approved === 'number' ? { approved } : {}),
    }
  })
}

/** By what the most specific rule says that says anything of it. */
function isNeeded(line: ServiceLine, { rules, facts }: AuthorizationAsked): boolean {
  const service = facts.services[line.service]
  const rule = rules.ofCode(line.code)
  if (service === undefined || rule === undefined) return false
  const environment = environmentOf(facts, service)
  for (const { authorizations } of [rule, ...rules.general]) {
    const said = authorizations.find(({ when }) => when === undefined || when(environment))
    if (said !== undefined) return said.isRequired
  }
  return false
}

/** The numbers by which a line may be billed; whether there would be one had it units left. */
function fitting(
  line: ServiceLine,
  known: readonly Authorization[],
  asked: AuthorizationAsked,
): { readonly fits: readonly string[]; readonly exhausted: boolean } {
  const fits: string[] = []
  let exhausted = false
  for (const { number, period, services } of known) {
    const service = services.find(({ codings }) => codings.some((one) => isSameCode(one, line.code)))
    if (!isWithin(period, asked.facts.date) || (services.length > 0 && service === undefined)) continue
    const { codings = [line.code], approved = Number.POSITIVE_INFINITY } = service ?? {}
    const used =
      unitsUsed(number, codings, asked.billed) +
      sumOf(asked.lines.filter((other) => codings.some((one) => isSameCode(one, other.code))))
    if (used <= approved) fits.push(number)
    else exhausted = true
  }
  return { fits, exhausted: exhausted && fits.length === 0 }
}

function sumOf(lines: readonly ServiceLine[]): number {
  return lines.reduce((sum, { units }) => sum + units, 0)
}

function unitsUsed(number: string, codings: readonly Coding[], billed: readonly Resource[]): number {
  let used = 0
  for (const claim of billed) {
    if (!objectsAt(claim, 'insurance').some((one) => textsAt(one, 'preAuthRef').includes(number))) continue
    for (const item of objectsAt(claim, 'item')) {
      const own = codingsOf(objectAt(item, 'productOrService'))
      const units = objectAt(item, 'quantity')?.['value']
      if (own.some((code) => codings.some((one) => isSameCode(one, code))))
        used += typeof units === 'number' ? units : 1
    }
  }
  return used
}
