// The claims of a patient that stand: what was billed to a payer before, and what bills a visit already.
import { type JsonObject, parseDateRange, type Resource } from '../../fhir/index.ts'
import type { KnownVersion, WorldView } from '../../repository/index.ts'
import { and, dateMatch, localReferenceMatch, searchQuery } from '../../store/index.ts'
import { codeIn, objectAt, objectsAt, textAt } from '../elements.ts'
import type { EarlierLine } from '../rules/index.ts'
import { SYSTEMS } from '../systems.ts'
import { codingsOf } from './people.ts'
import { keyOfResource, localKeyOf } from './references.ts'
import { isVoid, isWithdrawn, priorOf } from './replacement.ts'
import { BILLED_MINUTES } from './urls.ts'

/** A patient's claims of some years. */
const MOST_CLAIMS = 20_000
/** Days around a service that limits of rules look at: a year, and room. */
const DAYS_AROUND = 400
const DAY = 86_400_000

export interface StandingAsked {
  /** `Patient/id`. */
  readonly patient: string
  /** `Organization/id`. */
  readonly payer: string
  /** Day of service. */
  readonly date: string
  readonly baseUrl: string
}

/** Claims to this payer that were made from so long before `date` on that rules may look at them. */
export async function standingClaims(view: WorldView, asked: StandingAsked): Promise<readonly Resource[]> {
  const { patient, payer, date, baseUrl } = asked
  const since = Date.parse(date) - DAYS_AROUND * DAY
  const where = and([
    localReferenceMatch('patient', ['Patient'], patient.slice('Patient/'.length)),
    dateMatch('created', { comparator: 'ge', low: since, high: since + 1 }),
  ])
  const all = await view.every(searchQuery({ type: 'Claim', where }), MOST_CLAIMS)
  return standing(all, baseUrl).filter((claim) => insurerOf(claim, baseUrl) === payer)
}

/** Claims of this visit, to whomever, the first that was made first. */
export async function claimsOfVisit(
  view: WorldView,
  encounterId: string,
  baseUrl: string,
): Promise<readonly Resource[]> {
  const where = and([localReferenceMatch('encounter', ['Encounter'], encounterId)])
  const all = await view.every(searchQuery({ type: 'Claim', where }), MOST_CLAIMS)
  return standing(all, baseUrl).toSorted((one, other) => (madeAt(one) < madeAt(other) ? -1 : 1))
}

/** Those that bill something still: not taken back, and not replaced by another of these. */
function standing(all: readonly KnownVersion[], baseUrl: string): readonly Resource[] {
  const claims = all
    .map(({ resource }) => resource)
    .filter((claim) => claim['use'] === 'claim' && !isWithdrawn(claim) && !isVoid(claim))
  const replaced = new Set(claims.flatMap((claim) => priorOf(claim, baseUrl) ?? []))
  return claims.filter((claim) => !replaced.has(keyOfResource(claim)))
}

function madeAt(claim: Resource): string {
  return `${textAt(claim, 'created') ?? ''}\n${String(claim['id'])}`
}

/** `Organization/id` of who is to pay. */
export function insurerOf(claim: Resource, baseUrl: string): string | undefined {
  return localKeyOf(objectAt(claim, 'insurer'), baseUrl)
}

/** `Coverage/id` of the insurance that it is sent to. */
export function focalCoverageOf(claim: Resource | undefined, baseUrl: string): string | undefined {
  const focal = objectsAt(claim, 'insurance').find((one) => one['focal'] === true)
  return localKeyOf(objectAt(focal, 'coverage'), baseUrl)
}

/** Whether a line of it names the visit. */
export function bills(claim: Resource, encounter: string, baseUrl: string): boolean {
  return objectsAt(claim, 'item').some((item) =>
    objectsAt(item, 'encounter').some((one) => localKeyOf(one, baseUrl) === encounter),
  )
}

export function isOfType(claim: Resource, type: string): boolean {
  return codeIn(objectAt(claim, 'type'), SYSTEMS.claimType) === type
}

/** What these bill, as rules look at it. */
export function earlierLinesOf(claims: readonly Resource[]): readonly EarlierLine[] {
  return claims.flatMap((claim) => objectsAt(claim, 'item').flatMap(lineOf))
}

function lineOf(item: JsonObject): readonly EarlierLine[] {
  const date = (textAt(item, 'servicedDate') ?? textAt(objectAt(item, 'servicedPeriod'), 'start'))?.slice(
    0,
    10,
  )
  if (date === undefined || date.length < 10 || parseDateRange(date) === undefined) return []
  const units = objectAt(item, 'quantity')?.['value']
  const minutes = objectsAt(item, 'extension').find(({ url }) => url === BILLED_MINUTES)?.['valuePositiveInt']
  return codingsOf(objectAt(item, 'productOrService'))
    .slice(0, 1)
    .map((code) => ({
      code,
      date,
      units: typeof units === 'number' ? units : 1,
      ...(typeof minutes === 'number' ? { minutes } : {}),
    }))
}
