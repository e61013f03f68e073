// The lines of claims as the edits compare them.
import type { JsonObject, Resource } from '../../fhir/index.ts'
import { codingsOf, localKeyOf } from '../claims/index.ts'
import { isDay } from './calendar.ts'
import { numbersAt, objectAt, objectsAt, textAt } from '../elements.ts'
import { keyOf, type Coding } from '../rules/index.ts'
import { SYSTEMS } from '../systems.ts'

export interface BilledLine {
  /** `Claim/[id]` of another claim; undefined for the one that is checked. */
  readonly claim?: string
  /** FHIRPath within its claim: `Claim.item[1]`. */
  readonly at: string
  readonly item: JsonObject
  /** CPT or HCPCS; an institutional line may have a revenue code alone. */
  readonly code?: Coding
  readonly revenue?: Coding
  /** By which it is told: its code, else its revenue code. */
  readonly name: string
  readonly modifiers: readonly Coding[]
  /** First and last day of service, `YYYY-MM-DD`, where the line says them. */
  readonly days?: Days
  /** With three decimals at most; 1 where the line does not say. */
  readonly units: number
  readonly place?: Coding
  /** `Encounter/[id]`. */
  readonly visits: readonly string[]
  /** `Claim.diagnosis.sequence` and `Claim.careTeam.sequence`. */
  readonly pointers: readonly number[]
  readonly careTeam: readonly number[]
  /** Authorization numbers of its claim. */
  readonly authorizations: readonly string[]
}

export interface Days {
  readonly first: string
  readonly last: string
}

/** @param name `Claim/[id]` of another claim than the one that is checked */
export function linesOfClaim(claim: Resource, baseUrl: string, name?: string): readonly BilledLine[] {
  const authorizations = objectsAt(claim, 'insurance').flatMap((one) =>
    Array.isArray(one['preAuthRef']) ? one['preAuthRef'].map(String) : [],
  )
  return objectsAt(claim, 'item').map((item, at): BilledLine => {
    const code = codingIn(objectAt(item, 'productOrService'), SYSTEMS.cpt, SYSTEMS.hcpcs)
    const revenue = codingIn(objectAt(item, 'revenue'), SYSTEMS.revenue)
    const place = codingIn(objectAt(item, 'locationCodeableConcept'), SYSTEMS.place)
    const days = daysOf(item)
    return {
      ...(name === undefined ? {} : { claim: name }),
      at: `Claim.item[${at}]`,
      item,
      ...(code === undefined ? {} : { code }),
      ...(revenue === undefined ? {} : { revenue }),
      name: code?.code ?? revenue?.code ?? 'the line',
      modifiers: objectsAt(item, 'modifier').flatMap((one) => codingsOf(one).slice(0, 1)),
      ...(days === undefined ? {} : { days }),
      units: unitsOf(item),
      ...(place === undefined ? {} : { place }),
      visits: objectsAt(item, 'encounter').flatMap((one) => localKeyOf(one, baseUrl) ?? []),
      pointers: numbersAt(item, 'diagnosisSequence'),
      careTeam: numbersAt(item, 'careTeamSequence'),
      authorizations,
    }
  })
}

/** Of another claim as it is told: `90837 on 2026-03-02 (Claim/1)`; of the same by its place. */
export function tellLine({ claim, at, name, days }: BilledLine): string {
  return claim === undefined ? `${name} (${at})` : `${name} on ${days?.first ?? 'no day'} (${claim})`
}

export function sumOfUnits(lines: readonly BilledLine[]): number {
  return Math.round(lines.reduce((sum, { units }) => sum + units, 0) * 1000) / 1000
}

function codingIn(concept: JsonObject | undefined, ...systems: readonly string[]): Coding | undefined {
  const keys = new Set(systems.map((system) => keyOf({ system, code: '' })))
  return codingsOf(concept).find(({ system = '' }) => keys.has(keyOf({ system, code: '' })))
}

function daysOf(item: JsonObject): Days | undefined {
  const period = objectAt(item, 'servicedPeriod')
  const first = (textAt(item, 'servicedDate') ?? textAt(period, 'start'))?.slice(0, 10)
  const last = (textAt(item, 'servicedDate') ?? textAt(period, 'end'))?.slice(0, 10)
  return isDay(first) && isDay(last) && first <= last ? { first, last } : undefined
}

function unitsOf(item: JsonObject): number {
  const value = objectAt(item, 'quantity')?.['value']
  return typeof value === 'number' ? Math.round(value * 1000) / 1000 : 1
}
