// From segments to the claims that bill them, in the order of their days.
import type { Issue, Resource } from '../../../fhir/index.ts'
import type { KnownVersion, WorldView } from '../../../repository/index.ts'
import { objectAt, textAt } from '../../elements.ts'
import type { BillingParts } from '../../parts.ts'
import type { ServiceLine } from '../../rules/index.ts'
import { claimOf } from '../claim-of.ts'
import type { ClaimPlan } from '../claim-plan.ts'
import type { Corrected } from '../corrections.ts'
import { keyOfResource } from '../references.ts'
import { bills, isOfType } from '../standing-claims.ts'
import { type BilledSpan, positionOf, type StandingLine, standingLines } from './billed-before.ts'
import { addDays, dayOf, laterOf } from './calendar-days.ts'
import { censusOf } from './census.ts'
import { dayNotesOf } from './day-notes.ts'
import { dayOfVisit, isInpatient } from './episode-days.ts'
import type { EpisodeRecord } from './episode-record.ts'
import type { NamedSegment } from './name-segments.ts'
import { planSegment } from './plan-segment.ts'
import type { Segment, Window } from './segments.ts'

export interface EpisodeClaim {
  /** What the claim is made under. */
  readonly name: string
  /** The claim that bills these days already; nothing else is made then. */
  readonly existing?: Resource
  readonly plan?: ClaimPlan
  /** As it would be stored, unless its id is taken. */
  readonly claim: Resource
}

export interface EpisodeClaims {
  /** In the order of their days; none where anything is refused. */
  readonly claims: readonly EpisodeClaim[]
  /** All at once, each with the element at fault. */
  readonly refusals: readonly Issue[]
  readonly warnings: readonly Issue[]
}

export interface SegmentsToPlan {
  readonly record: EpisodeRecord
  readonly named: readonly NamedSegment[]
  /** Claims that stand, without the one that is corrected. */
  readonly standing: readonly Resource[]
  readonly corrected: Corrected | undefined
  /** Milliseconds since 1970. */
  readonly now: number
}

/** Claims also beside refusals: of those segments of which nothing is refused. */
export async function planSegments(
  view: WorldView,
  parts: BillingParts,
  asked: SegmentsToPlan,
): Promise<EpisodeClaims> {
  const { record, named, standing, corrected, now } = asked
  const { baseUrl } = parts
  const notes = await dayNotesOf(view, notedVisits(asked), keyOfResource(record.patient), baseUrl)
  const refusals: Issue[] = []
  const warnings: Issue[] = []
  const claims: EpisodeClaim[] = []
  const made: StandingLine[] = []
  const planned: ServiceLine[] = []
  const before: Segment[] = []
  for (const { segment, bill, name, existing } of named) {
    before.push(segment)
    if (existing !== undefined) {
      claims.push({ name, existing, claim: existing })
      continue
    }
    const isOrdered = bill.claim === 'institutional' && corrected === undefined
    const position = isOrdered ? positionIn(asked, segment, before.slice(0, -1), baseUrl) : UNORDERED
    const { isFirst } = position
    const source = { record, segment, bill, isFirst, notes, standing, made, planned, corrected, now }
    const { plan, ...told } = await planSegment(view, parts, source)
    refusals.push(...position.refusals, ...told.refusals)
    warnings.push(...told.warnings)
    if (plan === undefined) continue
    const claim = claimOf(plan, { name, now })
    made.push(...standingLines([claim], baseUrl))
    planned.push(...plan.lines.map(({ line }) => line))
    claims.push({ name, plan, claim })
  }
  return { claims, refusals, warnings }
}

/** Claims of days that are longer ago may not be among those that stand. */
const DAYS_KNOWN = 366

const UNORDERED: ReturnType<typeof positionOf> = { isFirst: true, refusals: [] }

/** Those that are billed, and visits within a stay, whose notes are of its days too. */
function notedVisits({ record, named }: SegmentsToPlan): readonly KnownVersion[] {
  const days = named.flatMap(({ segment, existing }) => (existing === undefined ? segment.days : []))
  const billed = new Set(days.flatMap(({ encounters }) => encounters))
  return record.visits.filter(
    (visit) => billed.has(keyOfResource(visit.resource)) || isBeside(visit, record.window),
  )
}

function isBeside(visit: KnownVersion, { first, last }: Window): boolean {
  const day = dayOfVisit(visit)
  return visit.resource['status'] === 'finished' && day !== undefined && day >= first && day <= last
}

/** Among the institutional claims of the same stay or program, those of this call too. */
function positionIn(
  { record, standing }: SegmentsToPlan,
  segment: Segment,
  others: readonly Segment[],
  baseUrl: string,
): ReturnType<typeof positionOf> {
  const visits = (
    segment.stay?.visits.map(({ encounter }) => encounter) ?? record.visits.map(({ resource }) => resource)
  ).map(keyOfResource)
  const spans = [
    ...standing
      .filter(
        (claim) => isOfType(claim, 'institutional') && visits.some((visit) => bills(claim, visit, baseUrl)),
      )
      .flatMap((claim) => spanOf(claim) ?? []),
    ...others.filter(({ stay }) => stay?.start === segment.stay?.start),
  ]
  const covered = dayOf(textAt(objectAt(record.coverage, 'period'), 'start')) ?? segment.begin
  const from = laterOf(laterOf(segment.begin, covered), addDays(segment.first, -DAYS_KNOWN))
  return positionOf(segment, spans, billableFrom(record, segment, from))
}

function spanOf(claim: Resource): BilledSpan | undefined {
  const period = objectAt(claim, 'billablePeriod')
  const [first, last] = [dayOf(textAt(period, 'start')), dayOf(textAt(period, 'end'))]
  return first === undefined || last === undefined ? undefined : { first, last }
}

/** The days before a segment that could be billed, from a day on. */
function billableFrom(record: EpisodeRecord, { stay, first }: Segment, from: string): readonly string[] {
  if (stay !== undefined)
    return censusOf(stay, from, first)
      .filter(({ kind, date }) => kind === 'present' && date < first)
      .map(({ date }) => date)
  return record.visits.flatMap((visit) => {
    const day = dayOfVisit(visit)
    const counts = visit.resource['status'] === 'finished' && !isInpatient(visit.resource)
    return counts && day !== undefined && day >= from && day < first ? [day] : []
  })
}
