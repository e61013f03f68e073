// What an Encounter itself says for billing: its times, how patient and clinician met, and who took part.
import { type Issue, type JsonObject, parseDateRange, type Resource } from '../../fhir/index.ts'
import { hasCode, objectAt, objectsAt, textAt } from '../elements.ts'
import type { ServiceFacts } from '../rules/index.ts'
import type { Performer } from './parties-of.ts'
import { problem } from './problems.ts'
import { ENCOUNTER_MODALITY } from './urls.ts'

export interface VisitTimes {
  /** `YYYY-MM-DD` of the clock of the place: the day of service. */
  readonly date: string
  readonly lastDate: string
  /** Whole ones; undefined where neither a length nor times of day are recorded. */
  readonly minutes?: number
}

const MINUTE = 60_000
/** Minutes of one, by the codes and the usual words of units. */
const UNIT_MINUTES: Readonly<Record<string, number>> = {
  s: 1 / 60,
  sec: 1 / 60,
  second: 1 / 60,
  seconds: 1 / 60,
  min: 1,
  minute: 1,
  minutes: 1,
  h: 60,
  hr: 60,
  hour: 60,
  hours: 60,
}

/** @param now milliseconds since 1970 */
export function visitTimesOf(
  encounter: Resource,
  now: number,
): { readonly times?: VisitTimes; readonly refusals: readonly Issue[] } {
  const period = objectAt(encounter, 'period')
  const [start, end] = [textAt(period, 'start'), textAt(period, 'end')]
  const missing = (['start', 'end'] as const).filter(
    (bound) => (bound === 'start' ? start : end) === undefined,
  )
  if (start === undefined || end === undefined)
    return {
      refusals: missing.map((bound) =>
        problem('visit-without-period', `Encounter.period.${bound}`, `The visit has no ${bound}.`),
      ),
    }
  const [from, to] = [parseDateRange(start), parseDateRange(end)]
  const refuse = (bound: string, why: string) => ({
    refusals: [problem('visit-without-period', `Encounter.period.${bound}`, why)],
  })
  if (from === undefined || start.length < 10) return refuse('start', 'It must name a whole day.')
  if (to === undefined || end.length < 10) return refuse('end', 'It must name a whole day.')
  if (to.high <= from.low) return refuse('end', 'The visit ends before it starts.')
  if (to.low > now) return refuse('end', 'The visit has not ended yet.')
  const minutes = minutesOf(objectAt(encounter, 'length')) ?? minutesBetween(start, end)
  return {
    times: {
      date: start.slice(0, 10),
      lastDate: end.slice(0, 10),
      ...(minutes === undefined ? {} : { minutes }),
    },
    refusals: [],
  }
}

/** Whole minutes between two times; undefined where either says no time of day. */
export function minutesBetween(start: string | undefined, end: string | undefined): number | undefined {
  const [from, to] = [start, end].map((text) =>
    text === undefined || text.length <= 10 ? undefined : parseDateRange(text),
  )
  if (from === undefined || to === undefined || to.low < from.low) return undefined
  return Math.floor((to.low - from.low) / MINUTE)
}

/** Whole minutes of a Duration; undefined for none, and for a unit that is not understood. */
export function minutesOf(duration: JsonObject | undefined): number | undefined {
  const value = duration?.['value']
  const unit = textAt(duration, 'code') ?? textAt(duration, 'unit')
  const each = unit === undefined ? undefined : UNIT_MINUTES[unit.toLowerCase()]
  if (typeof value !== 'number' || value < 0 || each === undefined) return undefined
  return Math.floor(value * each + 1e-6)
}

export function modalityOf(encounter: Resource): NonNullable<ServiceFacts['modality']> {
  const stated = objectsAt(encounter, 'extension').find(({ url }) => url === ENCOUNTER_MODALITY)
  const code = textAt(stated, 'valueCode')
  if (code === 'in-person' || code === 'video' || code === 'audio') return code
  return textAt(objectAt(encounter, 'class'), 'code') === 'VR' ? 'video' : 'in-person'
}

/** Who performed, before who attended: by the codes of v3-ParticipationType. */
const RENDERING = ['PPRF', 'ATND']
/** Others that a claim tells of, by the code of their participation. */
const OTHERS: Readonly<Record<string, string>> = {
  supervisor: 'supervisor',
  referring: 'referring',
  REF: 'referring',
}

/** The one who rendered it, then whoever else a claim tells of; empty where nobody is said to have rendered it. */
export function performersOf(encounter: Resource): readonly Performer[] {
  const all = objectsAt(encounter, 'participant').flatMap((participant, at) => {
    const reference = objectAt(participant, 'individual')
    return reference === undefined
      ? []
      : [{ participant, reference, element: `Encounter.participant[${at}].individual` }]
  })
  const of = (code: string) =>
    all.find(({ participant }) => objectsAt(participant, 'type').some((type) => hasCode(type, code)))
  const untyped = all.filter(({ participant }) => participant['type'] === undefined)
  const rendering =
    RENDERING.map(of).find((one) => one !== undefined) ?? (all.length === 1 ? untyped[0] : undefined)
  if (rendering === undefined) return []
  const others = Object.entries(OTHERS).flatMap(([code, role]) => {
    const found = of(code)
    return found === undefined ? [] : [{ ...found, role }]
  })
  return [{ ...rendering, role: 'rendering' }, ...others]
    .filter(({ role }, at, list) => list.findIndex((one) => one.role === role) === at)
    .map(({ reference, role, element }) => ({ reference, role, element }))
}
