// Which authorization a service is given under, or why there is none.
import type { AuthorizationRule, Coding } from '../rules/index.ts'
import { isOnDay, type Authorization, type AuthorizedService } from './authorization.ts'
import { byEnd, serviceFor } from './count-units.ts'

export interface AuthorizationAsked {
  /** Of the service; one of several is enough, such as a procedure and its revenue code. */
  readonly code: Coding | readonly Coding[]
  /** `YYYY-MM-DD`. */
  readonly date: string
  /** `Organization/[id]`. */
  readonly payer: string
  /** 1 where absent. For several lines of one claim those of all together that one authorization is to cover. */
  readonly units?: number
}

export interface UsableAuthorization extends Authorization {
  readonly number: string
}

/** Decided, of this payer, for the service and the day, with units left; of several the one that ends first. */
export function authorizationFor(
  list: readonly Authorization[],
  asked: AuthorizationAsked,
): UsableAuthorization | undefined {
  return ofDay(decided(ofService(list, asked)), asked)
    .filter((one) => hasUnits(one, asked))
    .toSorted(byEnd)[0]
}

/**
 * `exceeded`: there is one on that day, with fewer units left: what payers deny by CARC 198. The others they deny by 197:
 * `outside-dates` of those for the service, `pended` when the payer has not decided, `none` for the service at all.
 */
export type NoAuthorization = 'exceeded' | 'outside-dates' | 'pended' | 'none'

/** Undefined where `authorizationFor` finds one. */
export function whyNotAuthorized(
  list: readonly Authorization[],
  asked: AuthorizationAsked,
): NoAuthorization | undefined {
  const all = ofService(list, asked)
  const usable = decided(all)
  const today = ofDay(usable, asked)
  if (today.length > 0) return today.some((one) => hasUnits(one, asked)) ? undefined : 'exceeded'
  if (usable.length > 0) return 'outside-dates'
  return all.length > 0 ? 'pended' : 'none'
}

/**
 * Whether the payer must have authorized a service: by what is said first, in its own rule or in those for all services of
 * payer and state, the most specific first.
 * @param environment as conditions of rules see it, such as that of `environmentOf`
 */
export function isAuthorizationNeeded(
  rules: Iterable<{ readonly authorizations: readonly AuthorizationRule[] }>,
  environment: Parameters<NonNullable<AuthorizationRule['when']>>[0],
): boolean {
  for (const { authorizations } of rules) {
    const said = authorizations.find(({ when }) => when === undefined || when(environment))
    if (said !== undefined) return said.isRequired
  }
  return false
}

function codingsOf({ code }: AuthorizationAsked): readonly Coding[] {
  return Array.isArray(code) ? code : [code as Coding]
}

function ofService(list: readonly Authorization[], asked: AuthorizationAsked): readonly Authorization[] {
  const codings = codingsOf(asked)
  return list.filter(
    (one) =>
      (one.payer === undefined || one.payer === asked.payer) &&
      (one.services.length === 0 || serviceFor(one, codings) !== undefined),
  )
}

function decided(list: readonly Authorization[]): readonly UsableAuthorization[] {
  return list.flatMap((one) =>
    one.decided && one.number !== undefined ? [{ ...one, number: one.number }] : [],
  )
}

function ofDay(
  list: readonly UsableAuthorization[],
  { date }: AuthorizationAsked,
): readonly UsableAuthorization[] {
  return list.filter(({ period }) => isOnDay(period, date))
}

function hasUnits(one: Authorization, asked: AuthorizationAsked): boolean {
  const { left }: Partial<AuthorizedService> = serviceFor(one, codingsOf(asked)) ?? {}
  return left === undefined || left >= (asked.units ?? 1)
}
