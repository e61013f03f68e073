// Under which name each segment is billed, and which claims bill its days already.
import type { Issue, Resource } from '../../../fhir/index.ts'
import type { WorldView } from '../../../repository/index.ts'
import { isMadeAs } from '../../made.ts'
import type { BillRule, Coding } from '../../rules/index.ts'
import { claimName } from '../claim-name.ts'
import type { ClaimType } from '../claim-plan.ts'
import { keyOfResource } from '../references.ts'
import { billOf } from './bill-of.ts'
import { conflictsOf, refuseConflicts, type StandingLine, standingLines } from './billed-before.ts'
import { type EpisodeRecord, facilityTaxonomies } from './episode-record.ts'
import { programProblem } from './program-problems.ts'
import type { BilledDay, Segment } from './segments.ts'

/** A segment with the claim on which it stands. */
export interface NamedSegment {
  readonly segment: Segment
  readonly bill: BillRule
  /** As `claimName` makes it. */
  readonly name: string
  /** The claim of that name. */
  readonly existing?: Resource
}

export interface NamedSegments {
  readonly named: readonly NamedSegment[]
  readonly refusals: readonly Issue[]
  readonly warnings: readonly Issue[]
}

export interface SegmentsToName {
  readonly record: EpisodeRecord
  readonly segments: readonly Segment[]
  /** Claims that stand, without the one that is corrected. */
  readonly standing: readonly Resource[]
  readonly claimType: ClaimType | undefined
  /** The id of the claim that is corrected. */
  readonly correctionOf: string | undefined
  readonly baseUrl: string
}

/**
 * Days of a stay or program that another claim bills are refused by its name. Weeks that are billed are left out, since a
 * window may begin and end within weeks; where no other is left they are refused too.
 */
export async function nameSegments(view: WorldView, asked: SegmentsToName): Promise<NamedSegments> {
  const { record, segments, standing, baseUrl } = asked
  const lines = standingLines(standing, baseUrl)
  const named: NamedSegment[] = []
  const refusals: Issue[] = []
  const leftOut: StandingLine[] = []
  for (const segment of segments) {
    const bill = billFor(asked, segment)
    if (bill === undefined) {
      refusals.push(
        programProblem(
          'claim-type-unfit',
          'Claim.type',
          'The rule of the program has no institutional claim for it.',
        ),
      )
      continue
    }
    const whole = await existing(view, asked, segment, bill.claim)
    const conflicts = segment.days.map((day) => conflictsOf(day, codesOf(record, day), lines, record.rules))
    const all = conflicts.flat()
    if (whole.existing !== undefined || all.length === 0) {
      named.push({ segment, bill, ...whole })
      continue
    }
    if (record.program.scheme !== 'week') {
      refusals.push(...refuseConflicts(all))
      continue
    }
    leftOut.push(...all)
    const days = segment.days.filter((_, at) => conflicts[at]?.length === 0)
    const [first, last] = [days[0]?.date, days.at(-1)?.date]
    if (first === undefined || last === undefined) continue
    const rest: Segment = { ...segment, first, last, days }
    named.push({ segment: rest, bill, ...(await existing(view, asked, rest, bill.claim)) })
  }
  const told = refuseConflicts(leftOut)
  return {
    named,
    refusals: named.length === 0 ? [...refusals, ...told] : refusals,
    warnings:
      named.length === 0
        ? []
        : told.map(({ diagnostics, ...issue }) => ({
            ...issue,
            severity: 'warning',
            diagnostics: `${diagnostics} They are left out.`,
          })),
  }
}

function billFor({ record, claimType }: SegmentsToName, segment: Segment): BillRule | undefined {
  const { program } = record
  const level = segment.days.find((day) => day.level !== undefined)?.level ?? program.level
  return billOf(program.rule, level, facilityTaxonomies(record), claimType)
}

async function existing(
  view: WorldView,
  { record, correctionOf }: SegmentsToName,
  { first, last }: Segment,
  type: ClaimType,
): Promise<Pick<NamedSegment, 'name' | 'existing'>> {
  const name = await claimName(view, {
    source: keyOfResource(record.episode),
    period: `${first}/${last}`,
    payer: String(record.payer['id']),
    type,
    ...(correctionOf === undefined ? {} : { correctionOf }),
  })
  const known = (await view.read('Claim', name))?.resource
  return known !== undefined && isMadeAs(known, name) ? { name, existing: known } : { name }
}

/** What a day is billed as, by all codes that may bill it; add-ons follow their week. */
function codesOf({ rules }: EpisodeRecord, { services, kind }: BilledDay): readonly Coding[] {
  const told = kind === 'month' ? services : services.slice(0, 1)
  return told.flatMap(({ codings }) =>
    codings.flatMap((coding) => [coding, ...rules.ofKind(coding).flatMap(({ code }) => code ?? [])]),
  )
}
