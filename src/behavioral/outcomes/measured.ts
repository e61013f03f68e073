// What an Observation, or a component of one, measured: a number or a result in words, and when.
import {
  isJsonObject,
  parseDateRange,
  type JsonObject,
  type JsonValue,
  type Resource,
} from '../../fhir/index.ts'
import { codingKey, codingsOf, wordsOf, type Coding } from './coded.ts'
import type { Category, LeftOutReason, Point } from './course.ts'
import { wallTime } from './wall-time.ts'

export type Measured =
  | { readonly kind: 'number'; readonly value: number; readonly unit: string | undefined }
  | { readonly kind: 'category'; readonly value: Category }
  | { readonly kind: 'none'; readonly reason: LeftOutReason }

const NONE_KNOWN: ReadonlySet<string> = new Set()
const NO_VALUE: Measured = { kind: 'none', reason: 'no-value' }

/**
 * @param holder an Observation or a component of one
 * @param known codes of results: of several codings, one of them says which result it is; else the first
 */
export function measuredIn(holder: JsonObject, known: ReadonlySet<string> = NONE_KNOWN): Measured {
  const { valueQuantity, valueInteger, valueCodeableConcept, valueBoolean, valueString } = holder
  if (isJsonObject(valueQuantity)) return quantity(valueQuantity)
  if (typeof valueInteger === 'number') return { kind: 'number', value: valueInteger, unit: undefined }
  if (typeof valueBoolean === 'boolean') return yesOrNo(valueBoolean)
  if (typeof valueString === 'string') return inWords(valueString, undefined)
  const text = wordsOf(valueCodeableConcept)
  if (text === undefined) return NO_VALUE
  const codings = codingsOf(valueCodeableConcept)
  return inWords(text, codings.find(({ code = '' }) => known.has(code)) ?? codings[0])
}

function quantity({ value, comparator, unit, code }: JsonObject): Measured {
  if (typeof value !== 'number') return NO_VALUE
  if (comparator !== undefined) return { kind: 'none', reason: 'inexact' }
  const shown = typeof unit === 'string' ? unit : code
  return { kind: 'number', value, unit: typeof shown === 'string' ? shown : undefined }
}

function yesOrNo(value: boolean): Measured {
  return { kind: 'category', value: { key: String(value), text: value ? 'Yes' : 'No', coding: undefined } }
}

function inWords(text: string, coding: Coding | undefined): Measured {
  const key = coding === undefined ? `text ${text.trim().toLowerCase()}` : codingKey(coding)
  return { kind: 'category', value: { key, text: text.trim(), coding } }
}

/** When it was measured: for a period where it begins; undefined where nothing that can be read says so. */
export function timeOf(observation: Resource): Pick<Point, 'date' | 'at' | 'wall'> | undefined {
  const { effectiveDateTime, effectiveInstant, effectivePeriod, effectiveTiming } = observation
  const date = [
    effectiveDateTime,
    effectiveInstant,
    ...(isJsonObject(effectivePeriod) ? [effectivePeriod.start, effectivePeriod.end] : []),
    ...(isJsonObject(effectiveTiming) ? listOf(effectiveTiming.event) : []),
  ].find((one) => typeof one === 'string')
  const range = date === undefined ? undefined : parseDateRange(date)
  return date === undefined || range === undefined ? undefined : { date, at: range.low, wall: wallTime(date) }
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : []
}
