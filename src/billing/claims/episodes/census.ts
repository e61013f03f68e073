// At which midnights a patient was there: the days of a residential stay, with leave told apart.
import type { Issue, JsonObject, Resource } from '../../../fhir/index.ts'
import { objectAt, objectsAt, textAt } from '../../elements.ts'
import { keyOfResource } from '../references.ts'
import { addDays, dayOf } from './calendar-days.ts'
import { programProblem } from './program-problems.ts'

/** Encounters of a stay without a gap, such as one for each ward. */
export interface Stay {
  /** The day of admission, and that of discharge; undefined while the patient is there. */
  readonly start: string
  readonly end?: string
  readonly visits: readonly StayVisit[]
}

export interface StayVisit {
  readonly encounter: Resource
  readonly start: string
  readonly end?: string
  readonly leaves: readonly Span[]
}

/** From a day up to, and without, another. */
interface Span {
  readonly start: string
  readonly end?: string
}

export interface CensusDay {
  readonly date: string
  /** `discharge`: the day on which the patient left, whose midnight is not counted. */
  readonly kind: 'present' | 'leave' | 'discharge'
  /** `Encounter/[id]`. */
  readonly encounter: string
}

const STAYING: ReadonlySet<string> = new Set(['in-progress', 'onleave', 'finished'])

/** The stays of inpatient Encounters, the first first; what cannot be read is told. */
export function staysOf(encounters: readonly Resource[]): {
  readonly stays: readonly Stay[]
  readonly refusals: readonly Issue[]
} {
  const refusals: Issue[] = []
  const visits = encounters
    .filter(({ status }) => STAYING.has(String(status)))
    .flatMap((encounter) => visitOf(encounter, refusals) ?? [])
    .toSorted((one, other) => (one.start < other.start ? -1 : 1))
  const stays: { start: string; end?: string; visits: StayVisit[] }[] = []
  for (const visit of visits) {
    const last = stays.at(-1)
    if (last === undefined || (last.end !== undefined && last.end < visit.start)) {
      const { start, end } = visit
      stays.push({ start, ...(end === undefined ? {} : { end }), visits: [visit] })
      continue
    }
    last.visits.push(visit)
    if (visit.end === undefined) delete last.end
    else if (last.end !== undefined && visit.end > last.end) last.end = visit.end
  }
  return { stays, refusals }
}

function visitOf(encounter: Resource, refusals: Issue[]): StayVisit | undefined {
  const period = objectAt(encounter, 'period')
  const start = dayOf(textAt(period, 'start'))
  const isOver = encounter['status'] === 'finished'
  const end = isOver ? dayOf(textAt(period, 'end')) : undefined
  if (start === undefined || (isOver && end === undefined)) {
    const missing = start === undefined ? 'start' : 'end'
    refusals.push(
      programProblem(
        'visit-without-period',
        `Encounter.period.${missing}`,
        `${keyOfResource(encounter)} needs the day on which it ${missing === 'start' ? 'began' : 'ended'}.`,
      ),
    )
    return undefined
  }
  const leaves = [...leavesOf(encounter, refusals), ...heldBeds(encounter)]
  return { encounter, start, ...(end === undefined ? {} : { end }), leaves }
}

/** `Encounter.statusHistory` has what is past; of a leave that goes on it has where it began: the end of all others. */
function leavesOf(encounter: Resource, refusals: Issue[]): readonly Span[] {
  const history = objectsAt(encounter, 'statusHistory')
  const spans = history.filter(({ status }) => status === 'onleave').map((one) => spanOf(one))
  const isAway = encounter['status'] === 'onleave'
  const since = history.flatMap((one) => dayOf(textAt(objectAt(one, 'period'), 'end')) ?? []).toSorted()
  const last = since.at(-1)
  const unclear =
    spans.some((span) => span === undefined || (span.end === undefined && !isAway)) ||
    (isAway && last === undefined && !spans.some((span) => span !== undefined && span.end === undefined))
  if (unclear)
    refusals.push(
      programProblem(
        'leave-without-period',
        'Encounter.statusHistory.period',
        `${keyOfResource(encounter)} tells of a leave without the days on which it began and ended.`,
      ),
    )
  const told = spans.filter((span) => span !== undefined)
  if (!isAway || last === undefined || told.some(({ end }) => end === undefined)) return told
  return [...told, { start: last }]
}

/** Nights for which a bed is kept empty for the patient, who is in no other. */
function heldBeds(encounter: Resource): readonly Span[] {
  const beds = objectsAt(encounter, 'location')
  return beds.flatMap((bed) => {
    const span = bed['status'] === 'reserved' ? spanOf(bed) : undefined
    if (span?.end === undefined) return []
    const others = beds
      .filter(({ status }) => status === 'active' || status === 'completed')
      .map((other) => spanOf(other) ?? ALWAYS)
    const nights: Span[] = []
    for (let day = span.start; day < span.end; day = addDays(day, 1))
      if (!others.some((other) => isIn(other, day))) nights.push({ start: day, end: addDays(day, 1) })
    return nights
  })
}

/** Of a bed whose days are not told. */
const ALWAYS: Span = { start: '' }

function spanOf(holder: JsonObject): Span | undefined {
  const period = objectAt(holder, 'period')
  const [start, end] = [dayOf(textAt(period, 'start')), dayOf(textAt(period, 'end'))]
  return start === undefined ? undefined : { start, ...(end === undefined ? {} : { end }) }
}

/** Whether the span has the midnight that ends the day. */
function isIn({ start, end }: Span, day: string): boolean {
  return start <= day && (end === undefined || day < end)
}

/**
 * The days of a stay from `first` to `last`, both included. Where two visits have one midnight, a leave from both is
 * one, and presence in either is presence. A stay that goes on is there at every midnight.
 */
export function censusOf(stay: Stay, first: string, last: string): readonly CensusDay[] {
  const days: CensusDay[] = []
  for (let date = first > stay.start ? first : stay.start; date <= last; date = addDays(date, 1)) {
    if (stay.end !== undefined && date > stay.end) break
    const there = stay.visits.filter((visit) => isIn(visit, date))
    const present = there.find(({ leaves }) => !leaves.some((leave) => isIn(leave, date)))
    const found = present ?? there[0]
    if (found !== undefined)
      days.push({
        date,
        kind: present === undefined ? 'leave' : 'present',
        encounter: keyOfResource(found.encounter),
      })
    else if (date === stay.end) {
      const visit = stay.visits.find(({ end }) => end === date) as StayVisit
      days.push({ date, kind: 'discharge', encounter: keyOfResource(visit.encounter) })
    }
  }
  return days
}
