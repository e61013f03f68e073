// Observations as points of one series, in the order of their times.
import { isJsonObject, type JsonObject, type JsonValue } from '../../fhir/index.ts'
import type { Band } from '../assessments/instrument.ts'
import {
  LEFT_OUT_REASONS,
  type Category,
  type LeftOut,
  type LeftOutReason,
  type Point,
  type Series,
} from './course.ts'
import type { Found } from './found.ts'
import { measuredIn, timeOf } from './measured.ts'

/** The days within which points are shown, by the wall where they were measured: milliseconds as of `wallTime`, [low, high). */
export interface Window {
  readonly low: number
  readonly high: number
}

export const ALWAYS: Window = Object.freeze({ low: -Infinity, high: Infinity })

export interface Entry {
  readonly observation: Found
  /** The Observation, or the component of it that has the value. */
  readonly holder: JsonObject
}

export interface SeriesRules {
  readonly window: Window
  /** What there can be; either when not given. */
  readonly kind?: 'number' | 'category' | undefined
  /** Codes of the results that there can be. */
  readonly results?: ReadonlySet<string> | undefined
  readonly bandOf?: ((value: number | Category) => Band | undefined) | undefined
  /** Bounds of the numbers that there can be. */
  readonly lowest?: number | undefined
  readonly highest?: number | undefined
}

/** What is outside of the window is passed over. */
export function seriesOf(
  entries: readonly Entry[],
  { window, kind, results, bandOf, lowest, highest }: SeriesRules,
): Series {
  const numbers: Placed<number>[] = []
  const categories: Placed<Category>[] = []
  const leftOut = Object.fromEntries(LEFT_OUT_REASONS.map((reason) => [reason, 0])) as Record<
    LeftOutReason,
    number
  >
  const told = new Set<string>()
  for (const { observation, holder } of entries) {
    const time = timeOf(observation.resource)
    if (time === undefined) leftOut.undated++
    if (time === undefined || !isIn(window, time.wall)) continue
    const measured = measuredIn(holder, results)
    if (measured.kind === 'none') leftOut[measured.reason]++
    else if (kind !== undefined && measured.kind !== kind) leftOut['no-value']++
    else if (isRepeated(told, observation, time.at, measured.value)) continue
    else if (measured.kind === 'number' && !isWithin(measured.value, lowest, highest))
      leftOut['out-of-range']++
    else {
      const { value } = measured
      const [point, later] = [
        { reference: `Observation/${observation.id}`, ...time, band: bandOf?.(value) },
        laterOf(observation),
      ]
      if (typeof value === 'number') numbers.push({ point: { ...point, value }, later })
      else categories.push({ point: { ...point, value }, later })
    }
  }
  return { numbers: inOrder(numbers), categories: inOrder(categories), leftOut }
}

export function isEmpty({ numbers, categories, leftOut }: Series): boolean {
  return numbers.length + categories.length + countOf(leftOut) === 0
}

export function countOf(leftOut: LeftOut): number {
  return LEFT_OUT_REASONS.reduce((sum, reason) => sum + leftOut[reason], 0)
}

/** The same value told twice of one response: by who sent the response, and by the server that scored it. */
function isRepeated(told: Set<string>, { resource }: Found, at: number, value: number | Category): boolean {
  const key = typeof value === 'number' ? value : value.key
  const names = responsesOf(resource).map((response) => `${response} ${at} ${key}`)
  const isKnown = names.some((name) => told.has(name))
  for (const name of names) told.add(name)
  return isKnown
}

/** The QuestionnaireResponses that an Observation is derived from, as `QuestionnaireResponse/[id]`. */
export function responsesOf({ derivedFrom }: JsonObject): readonly string[] {
  if (!Array.isArray(derivedFrom)) return []
  return derivedFrom
    .map((one: JsonValue) => (isJsonObject(one) ? one.reference : undefined))
    .filter((reference) => typeof reference === 'string')
    .map(
      (reference) =>
        /(QuestionnaireResponse\/[A-Za-z0-9\-.]{1,64})(?:\/_history\/[^/]+)?$/.exec(reference)?.[1],
    )
    .filter((reference) => reference !== undefined)
}

function isIn({ low, high }: Window, at: number): boolean {
  return at >= low && at < high
}

interface Placed<Value> {
  readonly point: Point<Value>
  readonly later: string
}

/** By which of two of one time the later is told: when it was issued, else when it was last written. */
function laterOf({ id, resource }: Found): string {
  const { issued, meta } = resource
  const written = isJsonObject(meta) ? meta.lastUpdated : undefined
  const told = Date.parse(String(issued ?? written))
  return `${String(Number.isNaN(told) ? 0 : told).padStart(16, '0')} ${id}`
}

function inOrder<Value>(placed: readonly Placed<Value>[]): readonly Point<Value>[] {
  return placed
    .toSorted((a, b) => a.point.at - b.point.at || (a.later < b.later ? -1 : 1))
    .map(({ point }) => point)
}

/** Beyond any measure of anybody; sums and pictures of more would not be numbers. */
const MOST = 1e12

function isWithin(value: number, lowest = -MOST, highest = MOST): boolean {
  return value >= lowest && value <= highest
}
