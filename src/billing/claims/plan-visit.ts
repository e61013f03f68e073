// What the claim of a visit is going to say, and what stands against saying it.
import type { Issue, Resource } from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import type { BillingParts } from '../parts.ts'
import { type BilledServices, linesFor, type ServiceLine, type UnitBasis, unitOf } from '../rules/index.ts'
import { authorizeLines } from './authorize-lines.ts'
import type { ClaimPlan, ClaimType } from './claim-plan.ts'
import { frequencyInformation } from './frequency.ts'
import { recordRefusals } from './record-refusals.ts'
import { mergedLines } from './merged-lines.ts'
import { consentRefusals } from './payment-consent.ts'
import { planDiagnoses } from './plan-diagnoses.ts'
import { planLines } from './planned-lines.ts'
import { problem, problemOfService } from './problems.ts'
import { keyOfResource, versionKeyOf } from './references.ts'
import { labelsToCarry } from './source-labels.ts'
import { earlierLinesOf } from './standing-claims.ts'
import { isOfProgram, nothingBilled } from './visit-of-program.ts'
import type { VisitAsked, VisitRecord } from './visit-record.ts'

export interface VisitToPlan extends VisitAsked {
  readonly record: VisitRecord
  readonly type: ClaimType
  readonly related: ClaimPlan['related']
  /** Claims to the same payer that stand, of other visits. */
  readonly billed: readonly Resource[]
  /** Milliseconds since 1970. */
  readonly now: number
}

export interface PlannedVisit {
  /** Also beside refusals that have nothing to do with what it says. */
  readonly plan?: ClaimPlan
  readonly refusals: readonly Issue[]
  readonly warnings: readonly Issue[]
}

export async function planVisit(
  view: WorldView,
  parts: Pick<BillingParts, 'baseUrl' | 'books' | 'diagnoses'>,
  asked: VisitToPlan,
): Promise<PlannedVisit> {
  const { visit, patient, payer, times, record, type, billed, related } = asked
  const { notes, diagnoses: found, parties, services, facts } = record
  const encounter = keyOfResource(visit.resource)
  const elementOf = ({ service }: { readonly service: number }) =>
    services.services[service]?.element ?? 'Encounter.type'
  const diagnosis = planDiagnoses(found.found, { date: times.date, type, list: parts.diagnoses })
  const book = await parts.books.of(view)
  const made = linesFor(book, { ...facts, earlier: earlierLinesOf(billed) })
  const ofProgram = await isOfProgram(view, visit.resource, record.rules, parts.baseUrl)
  const told = tellServices(made, elementOf, ofProgram)
  const billedLines = mergedLines(made.lines)
  const lines = planLines({
    lines: billedLines,
    type,
    date: times.date,
    encounters: [encounter],
    diagnoses: diagnosis.diagnoses.length,
    elementOf,
  })
  const [consent, authorized] = await Promise.all([
    consentRefusals(view, {
      patient: keyOfResource(patient),
      encounter: visit.resource,
      payer,
      days: [times.date, times.lastDate],
      labels: record.labels,
      baseUrl: parts.baseUrl,
      now: asked.now,
    }),
    authorizeLines(view, {
      lines: billedLines,
      facts,
      rules: record.rules,
      patient,
      payer,
      except: related === undefined ? [] : [related.claim],
      elementOf,
      baseUrl: parts.baseUrl,
    }),
  ])
  const refusals = [
    ...recordRefusals({ notes, found, diagnosis, parties, services }),
    ...consent,
    ...told.refusals,
    ...lines.refusals,
    ...authorized.refusals,
  ]
  const warnings = [
    ...diagnosis.warnings,
    ...told.warnings,
    ...billedLines.flatMap((line) => ofPeriod(line, record, elementOf(line), ofProgram)),
    ...lines.warnings,
  ]
  if (parties.parties === undefined) return { refusals, warnings }
  return {
    plan: {
      type,
      source: encounter,
      period: { start: times.date, end: times.lastDate },
      parties: parties.parties,
      diagnoses: diagnosis.diagnoses,
      lines: lines.lines,
      information: [frequencyInformation(related === undefined ? 'original' : 'replacement')],
      authorizations: authorized.numbers,
      ...(related === undefined ? {} : { related }),
      madeOf: [...notes.notes, visit, ...services.sources].map(versionKeyOf),
      labels: labelsToCarry(record.sources, [visit.resource]),
    },
    refusals,
    warnings,
  }
}

/** Such as a month of collaborative care, whose minutes are those of all its contacts, or a day of a program. */
function ofPeriod(
  { code }: ServiceLine,
  { rules }: VisitRecord,
  element: string,
  ofProgram: boolean,
): readonly Issue[] {
  const rule = rules.ofCode(code)
  const basis = rule && unitOf(rule, rules.general).basis
  if (basis === undefined || !(PERIODS.has(basis) || (ofProgram && basis === 'day'))) return []
  return [
    problem(
      'visit-of-period',
      element,
      `${code.code} is billed by the day, week or month, and this counts the visit alone: EpisodeOfCare/[id]/$generate-claim counts all of the period.`,
      'warning',
    ),
  ]
}

const PERIODS: ReadonlySet<string> = new Set<UnitBasis>(['week', 'month', 'month-minimum'])

/** What cannot be billed is a warning beside what can, and a refusal where there is nothing else. */
function tellServices(
  { lines, warnings: issues }: BilledServices,
  elementOf: (of: { readonly service: number }) => string,
  ofProgram: boolean,
): { readonly refusals: readonly Issue[]; readonly warnings: readonly Issue[] } {
  const isBilled = lines.length > 0
  const isWarning = (severity: string) => isBilled || severity === 'warning'
  const refusals = issues
    .filter(({ severity }) => !isWarning(severity))
    .map((issue) => problemOfService(issue, elementOf(issue), 'error'))
  return {
    refusals: isBilled || refusals.length > 0 ? refusals : [nothingBilled(ofProgram)],
    warnings: issues
      .filter(({ severity }) => isWarning(severity))
      .map((issue) => problemOfService(issue, elementOf(issue), 'warning')),
  }
}
