// The time that a date-like value covers, [low, high) in milliseconds since 1970 (https://hl7.org/fhir/R4/search.html#date).
import { isJsonObject, parseDateRange, type JsonValue } from '../../fhir/index.ts'

export interface Span {
  readonly low: number
  readonly high: number
}

/** How to read values of this FHIR type; undefined for types that are no dates. */
export function spanReader(type: string): ((value: JsonValue) => Span | undefined) | undefined {
  switch (type) {
    case 'date':
    case 'dateTime':
    case 'instant':
      return dateSpan
    case 'Period':
      return periodSpan
    case 'Timing':
      return timingSpan
    default:
      return undefined
  }
}

function dateSpan(value: JsonValue | undefined): Span | undefined {
  return typeof value === 'string' ? parseDateRange(value) : undefined
}

/** A missing start or end leaves the period open; undefined when both are missing or the end comes first. */
function periodSpan(value: JsonValue | undefined): Span | undefined {
  if (!isJsonObject(value)) return undefined
  const start = dateSpan(value.start)
  const end = dateSpan(value.end)
  if (start === undefined && end === undefined) return undefined
  const low = start?.low ?? Number.NEGATIVE_INFINITY
  const high = end?.high ?? Number.POSITIVE_INFINITY
  return low < high ? { low, high } : undefined
}

/** The outer limits alone: from the first event or bound to the last. */
function timingSpan(value: JsonValue): Span | undefined {
  if (!isJsonObject(value)) return undefined
  const events = Array.isArray(value.event) ? value.event : []
  const bounds = isJsonObject(value.repeat) ? periodSpan(value.repeat.boundsPeriod) : undefined
  const spans = [...events.map(dateSpan), bounds].filter((span) => span !== undefined)
  if (spans.length === 0) return undefined
  return {
    low: Math.min(...spans.map((span) => span.low)),
    high: Math.max(...spans.map((span) => span.high)),
  }
}
