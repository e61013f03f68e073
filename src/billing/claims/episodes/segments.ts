// What one claim of a program bills: days under their days of service, and how far the claim reaches.
import type { Issue, Resource } from '../../../fhir/index.ts'
import type { KnownVersion } from '../../../repository/index.ts'
import type { Coding, PerformedService, RulesInForce } from '../../rules/index.ts'
import { boundsOfMonth, earlierOf, laterOf, monthsFrom } from './calendar-days.ts'
import type { Stay } from './census.ts'
import type { Program } from './program-of.ts'

/** From the first to the last day, both included. */
export interface Window {
  readonly first: string
  readonly last: string
}

/** An episode of care as claims are made of it. */
export interface ProgramRecord {
  readonly episode: Resource
  readonly program: Program
  /** Those in force on the first day of the window. */
  readonly rules: RulesInForce
  /** Of the patient in this episode, whatever their status, the first first. */
  readonly visits: readonly KnownVersion[]
  readonly window: Window
  /** The first day that is not over: it is not billed as long as it is. */
  readonly today: string
}

/** What is billed under one day of service. */
export interface BilledDay {
  /** `YYYY-MM-DD`. */
  readonly date: string
  readonly services: readonly PerformedService[]
  /** `Encounter/[id]` of what it bills. */
  readonly encounters: readonly string[]
  /** Of records beside visits, such as of drugs given: `Type/[id]`. */
  readonly sources: readonly string[]
  /** The day itself, or the patient's leave, a week of a bundle, a month. */
  readonly kind: 'day' | 'leave' | 'week' | 'month'
  /** Whether it is counted at midnight. */
  readonly isNight: boolean
  readonly level?: Coding
}

/** What one claim bills. */
export interface Segment extends Window {
  readonly days: readonly BilledDay[]
  readonly stay?: Stay
  /** The first day of all that claims of this program bill, and the last where that is over. */
  readonly begin: string
  readonly over?: string
}

export interface Segments {
  readonly segments: readonly Segment[]
  readonly refusals: readonly Issue[]
  readonly warnings: readonly Issue[]
}

/** The window, cut at the ends of months where one claim may not have two. */
export function cut({ first, last }: Window, withinMonth: boolean): readonly Window[] {
  if (first > last) return []
  if (!withinMonth) return [{ first, last }]
  return monthsFrom(first, last).map((month) => {
    const { start, end } = boundsOfMonth(month)
    return { first: laterOf(start, first), last: earlierOf(end, last) }
  })
}

/** The part of the window in which something lies that begins and may be over. */
export function within({ first, last }: Window, begin: string, over: string | undefined): Window {
  return { first: laterOf(first, begin), last: over === undefined ? last : earlierOf(last, over) }
}

export function groupedBy<One>(
  things: readonly One[],
  keyOf: (one: One) => string,
): ReadonlyMap<string, readonly One[]> {
  const groups = new Map<string, One[]>()
  for (const one of things) {
    const key = keyOf(one)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [one])
    else group.push(one)
  }
  return groups
}
