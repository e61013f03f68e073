// From when to when a resource tells of something, to hold against the time in which a code was in use.
import { isJsonObject, type JsonObject, type JsonValue, parseDateRange } from '../../fhir/index.ts'

/** [low, high) in milliseconds since 1970; an open end is -Infinity or Infinity. */
export interface Span {
  readonly low: number
  readonly high: number
}

export const ALWAYS: Span = Object.freeze({ low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY })

/** Elements of R4's resources that say when: `onset` stands for onsetDateTime and onsetPeriod. */
const ELEMENTS = [
  'abatement',
  'applies',
  'authored',
  'authoredOn',
  'billablePeriod',
  'created',
  'date',
  'dateAsserted',
  'dateTime',
  'dateWritten',
  'detected',
  'effective',
  'end',
  'enteredDate',
  'executionPeriod',
  'identified',
  'issued',
  'occurred',
  'occurrence',
  'onset',
  'paymentDate',
  'performed',
  'period',
  'received',
  'receivedTime',
  'recorded',
  'recordedDate',
  'recordedOn',
  'requestedPeriod',
  'sent',
  'servicePeriod',
  'serviced',
  'start',
  'started',
  'statusDate',
  'timestamp',
  'timing',
  'whenHandedOver',
  'whenPrepared',
]

const PROPERTIES = ELEMENTS.flatMap((name) => [
  name,
  `${name}Date`,
  `${name}DateTime`,
  `${name}Instant`,
  `${name}Period`,
  `${name}Timing`,
])

/** Of the lines and procedures of a claim. */
const LINE_PROPERTIES = ['servicedDate', 'servicedPeriod']
const PROCEDURE_PROPERTIES = ['date']

/**
 * The time from the first of a resource's dates to the last, dates of a claim's lines and procedures with them;
 * undefined when it has none that can be read, or they contradict each other. Wide rather than narrow: a code counts
 * that was in use at any time of it.
 */
export function clinicalSpan(resource: JsonObject): Span | undefined {
  let found: Span | undefined
  const add = (part: JsonObject, properties: readonly string[]): void => {
    for (const property of properties) {
      for (const { low, high } of spansOf(part[property]))
        found = { low: Math.min(low, found?.low ?? low), high: Math.max(high, found?.high ?? high) }
    }
  }
  add(resource, PROPERTIES)
  for (const line of objectsIn(resource['item'])) add(line, LINE_PROPERTIES)
  for (const procedure of objectsIn(resource['procedure'])) add(procedure, PROCEDURE_PROPERTIES)
  return found === undefined || isEmpty(found) ? undefined : found
}

/** Of a date, dateTime or instant, a Period, or a Timing. */
function spansOf(value: JsonValue | undefined): readonly Span[] {
  if (typeof value === 'string') {
    const span = dayRange(value)
    return span === undefined ? [] : [span]
  }
  if (!isJsonObject(value)) return []
  const { event, repeat } = value
  const bounds = isJsonObject(repeat) ? readPeriod(repeat['boundsPeriod']) : undefined
  const period = readPeriod(value)
  const events = Array.isArray(event) ? event.flatMap(spansOf) : []
  return [...events, ...(bounds === undefined ? [] : [bounds]), ...(period === undefined ? [] : [period])]
}

/** undefined when there is neither a start nor an end that can be read. */
export function readPeriod(value: JsonValue | undefined): Span | undefined {
  if (!isJsonObject(value)) return undefined
  const { start, end } = value
  const low = typeof start === 'string' ? dayRange(start)?.low : undefined
  const high = typeof end === 'string' ? dayRange(end)?.high : undefined
  if (low === undefined && high === undefined) return undefined
  return { low: low ?? ALWAYS.low, high: high ?? ALWAYS.high }
}

/** Of a time, its day as written: codes come into use and go out of it by the calendar of the place. */
function dayRange(date: string): Span | undefined {
  return parseDateRange(date.slice(0, 'YYYY-MM-DD'.length))
}

export function overlap(a: Span, b: Span): Span {
  return { low: Math.max(a.low, b.low), high: Math.min(a.high, b.high) }
}

export function isAlways({ low, high }: Span): boolean {
  return low === ALWAYS.low && high === ALWAYS.high
}

export function isEmpty({ low, high }: Span): boolean {
  return low >= high
}

function objectsIn(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}
