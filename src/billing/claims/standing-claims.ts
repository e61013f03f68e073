// The claims of a patient that stand: what was billed to a payer before, and what bills a visit already.
import { type JsonObject, parseDateRange, type Resource } from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import { and, dateMatch, localReferenceMatch, searchQuery } from '../../store/index.ts'
import { codeIn, hasCode, informationOf, objectAt, objectsAt, textAt } from '../elements.ts'
import type { EarlierLine } from '../rules/index.ts'
import { SYSTEMS } from '../systems.ts'
import { codingsOf } from './people.ts'
import { FREQUENCIES } from './frequency.ts'
import { keyOfResource, localKeyOf } from './references.ts'
import { BILLED_MINUTES } from './urls.ts'

/** A patient's claims of some years. */
const MOST_CLAIMS = 20_000
/** Days around a service that limits of rules look at: a year, and room. */
const DAYS_AROUND = 400
const DAY = 86_400_000
const GONE: ReadonlySet<unknown> = new Set(['cancelled', 'entered-in-error'])

/** Claims to this payer that were made from so long before `date` on that rules may look at them. */
export async function standingClaims(
  view: WorldView,
  asked: {
    readonly patient: string
    readonly payer: string
    readonly date: string
    readonly baseUrl: string
  },
): Promise<readonly Resource[]> {
  const { patient, payer, date, baseUrl } = asked
  const since = Date.parse(date) - DAYS_AROUND * DAY
  const where = and([
    localReferenceMatch('patient', ['Patient'], patient.slice('Patient/'.length)),
    dateMatch('created', { comparator: 'ge', low: since, high: since + 1 }),
  ])
  const all = (await view.every(searchQuery({ type: 'Claim', where }), MOST_CLAIMS)).map(
    ({ resource }) => resource,
  )
  const ofPayer = all.filter(
    (claim) =>
      claim['use'] === 'claim' &&
      !GONE.has(claim['status']) &&
      !isVoid(claim) &&
      localKeyOf(objectAt(claim, 'insurer'), baseUrl) === payer,
  )
  const replaced = new Set(ofPayer.flatMap((claim) => priorOf(claim, baseUrl) ?? []))
  return ofPayer.filter((claim) => !replaced.has(keyOfResource(claim)))
}

/** `Claim/id` of what a claim replaces. */
export function priorOf(claim: Resource, baseUrl: string): string | undefined {
  const prior = objectsAt(claim, 'related').find((one) => hasCode(objectAt(one, 'relationship'), 'prior'))
  return localKeyOf(objectAt(prior, 'claim'), baseUrl)
}

function isVoid(claim: Resource): boolean {
  const frequency = codeIn(objectAt(informationOf(claim, 'claimFrequency')[0], 'code'))
  const bill = codeIn(objectAt(informationOf(claim, 'typeofbill')[0], 'code'))
  return (frequency ?? bill)?.endsWith(FREQUENCIES.void) === true
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
