// Which authorization of the payer a claim names, and whether one is needed that is not there or used up.
import type { Issue, Resource } from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import {
  type Authorization,
  type AuthorizationAsked,
  authorizationFor,
  authorizationsOf,
  isAuthorizationNeeded,
  type NoAuthorization,
  whyNotAuthorized,
} from '../authorizations/index.ts'
import {
  environmentOf,
  keyOf,
  type RulesInForce,
  type ServiceFacts,
  type ServiceLine,
} from '../rules/index.ts'
import { problem } from './problems.ts'
import { keyOfResource } from './references.ts'

export interface LinesToAuthorize {
  readonly lines: readonly ServiceLine[]
  readonly facts: ServiceFacts
  readonly rules: RulesInForce
  readonly patient: Resource
  readonly payer: Resource
  /** `Claim/id` of what it replaces: that uses no units beside it. */
  readonly except: readonly string[]
  readonly elementOf: (line: ServiceLine) => string
  readonly baseUrl: string
}

export interface AuthorizedLines {
  /** What the claim names: one at most, for an 837 has room for no more. */
  readonly numbers: readonly string[]
  readonly refusals: readonly Issue[]
}

/** A number is named also where no rule asks for it, when there is one for a service. */
export async function authorizeLines(view: WorldView, asked: LinesToAuthorize): Promise<AuthorizedLines> {
  const { patient, baseUrl, except, lines } = asked
  const list = await authorizationsOf(view, String(patient['id']), baseUrl, { except })
  const judged = lines.map((line) => ({
    line,
    wanted: wantedFor(line, asked),
    isNeeded: isNeeded(line, asked),
  }))
  const needed = judged.filter((one) => one.isNeeded)
  const refusals = needed.flatMap(({ line, wanted }) => {
    const why = whyNotAuthorized(list, wanted)
    return why === undefined ? [] : [refusalOf(line, why, asked.elementOf(line))]
  })
  if (refusals.length > 0) return { numbers: [], refusals }
  const wanting = (needed.length > 0 ? needed : judged).map(({ wanted }) => wanted)
  const number = sharedNumber(
    list,
    needed.length > 0 ? wanting : wanting.filter((one) => authorizationFor(list, one)),
  )
  if (number !== undefined || needed.length === 0)
    return { numbers: number === undefined ? [] : [number], refusals: [] }
  return {
    numbers: [],
    refusals: [
      problem(
        'authorization-missing',
        'ClaimResponse.preAuthRef',
        'Its services are authorized under several numbers, and a claim names one: record them as visits of their own.',
      ),
    ],
  }
}

/** By which all of these may be billed. */
function sharedNumber(
  list: readonly Authorization[],
  wanting: readonly AuthorizationAsked[],
): string | undefined {
  for (const one of wanting) {
    const number = authorizationFor(list, one)?.number
    const alone = list.filter((authorization) => authorization.number === number)
    if (number !== undefined && wanting.every((other) => authorizationFor(alone, other) !== undefined))
      return number
  }
  return undefined
}

/** With the units of all lines of its code together. */
function wantedFor(line: ServiceLine, { lines, facts, payer }: LinesToAuthorize): AuthorizationAsked {
  const same = lines.filter(({ code }) => keyOf(code) === keyOf(line.code))
  return {
    code: [line.code, ...(line.revenue === undefined ? [] : [line.revenue])],
    date: facts.date,
    payer: keyOfResource(payer),
    units: same.reduce((sum, { units }) => sum + units, 0),
  }
}

function isNeeded(line: ServiceLine, { rules, facts }: LinesToAuthorize): boolean {
  const service = facts.services[line.service]
  const rule = rules.ofCode(line.code)
  if (service === undefined || rule === undefined) return false
  return isAuthorizationNeeded([rule, ...rules.general], environmentOf(facts, service))
}

const WHY: Readonly<Record<NoAuthorization, string>> = {
  exceeded: 'fewer units than it takes are left of what the payer authorized',
  'outside-dates': 'the payer authorized it, and not on this day',
  pended: 'the payer has not decided on its authorization yet',
  none: 'the payer wants it authorized, and no authorization of it is known here',
}

function refusalOf({ code }: ServiceLine, why: NoAuthorization, element: string): Issue {
  return problem(
    why === 'exceeded' ? 'authorization-exceeded' : 'authorization-missing',
    element,
    `${code.code}: ${WHY[why]}.`,
  )
}
