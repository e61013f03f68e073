// Whether the coverage is in force on each day of service, and its payer can be named.
import { localKeyOf } from '../claims/index.ts'
import { identifierIn, identifierOfType, objectAt, textAt } from '../elements.ts'
import { SYSTEMS } from '../systems.ts'
import type { ClaimUnderCheck, Edit } from './claim-under-check.ts'
import type { Fault } from './finding.ts'

export const COVERAGE: Edit = (context) => {
  const { coverage, payer, claim } = context
  if (coverage === undefined) return []
  const faults: Fault[] = [...periodFaults(context)]
  if (coverage['status'] !== 'active')
    faults.push({
      edit: 'coverage-not-active',
      at: 'Coverage.status',
      what: `the coverage is ${String(coverage['status'])}, not active`,
    })
  const [own, other] = [objectAt(coverage, 'beneficiary'), objectAt(claim, 'patient')].map((it) =>
    localKeyOf(it, context.baseUrl),
  )
  if (own !== other)
    faults.push({
      edit: 'coverage-of-another',
      at: 'Coverage.beneficiary',
      what: 'the coverage is not that of the patient of the claim',
    })
  if (payer !== undefined && payerIdOf(payer) === undefined)
    faults.push({
      edit: 'payer-id-missing',
      at: 'Organization.identifier',
      what: `the payer has no payer id: an identifier of the type payerid, or of ${SYSTEMS.naic}`,
    })
  return faults
}

export function payerIdOf(payer: NonNullable<ClaimUnderCheck['payer']>): string | undefined {
  return identifierOfType(payer, 'payerid') ?? identifierIn(payer, SYSTEMS.naic)
}

/** One fault for the first and one for the last day, of however many lines. */
function periodFaults({ coverage, lines }: ClaimUnderCheck): readonly Fault[] {
  const period = objectAt(coverage, 'period')
  const [start, end] = [textAt(period, 'start')?.slice(0, 10), textAt(period, 'end')?.slice(0, 10)]
  const early = lines.filter(
    ({ days }) => start !== undefined && days !== undefined && days.first.slice(0, start.length) < start,
  )
  const late = lines.filter(
    ({ days }) => end !== undefined && days !== undefined && days.last.slice(0, end.length) > end,
  )
  const at = 'Coverage.period'
  return [
    ...(early.length === 0
      ? []
      : [
          {
            edit: 'coverage-not-begun' as const,
            at: `${at}.start`,
            what: `the coverage begins on ${start}, after the service of ${placesOf(early)}`,
          },
        ]),
    ...(late.length === 0
      ? []
      : [
          {
            edit: 'coverage-ended' as const,
            at: `${at}.end`,
            what: `the coverage ended on ${end}, before the service of ${placesOf(late)}`,
          },
        ]),
  ]
}

function placesOf(lines: ClaimUnderCheck['lines']): string {
  const [first, ...more] = lines.map(({ at }) => at)
  return more.length === 0 ? String(first) : `${String(first)} and ${more.length} more lines`
}
