// On which claim a program stands, and the type of bill of an institutional one.
import type { JsonObject } from '../../../fhir/index.ts'
import { type BillRule, type Coding, isSameCode, type ServiceRule } from '../../rules/index.ts'
import { SYSTEMS } from '../../systems.ts'
import type { ClaimType } from '../claim-plan.ts'
import { FREQUENCIES } from '../frequency.ts'

const PROFESSIONAL: BillRule = { claim: 'professional', facilities: [] }

/**
 * The first that fits the level of care and who bills; professional where the rule names none.
 * @param asked the type of claim that is asked for; undefined for the rule's own
 * @returns undefined where the rule has no institutional bill, and one is asked for
 */
export function billOf(
  rule: ServiceRule | undefined,
  level: Coding | undefined,
  facilities: readonly Coding[],
  asked: ClaimType | undefined,
): BillRule | undefined {
  const fitting = (rule?.bills ?? []).filter(
    (bill) =>
      (bill.level === undefined || (level !== undefined && isSameCode(bill.level, level))) &&
      (bill.facilities.length === 0 ||
        bill.facilities.some((one) => facilities.some((own) => isSameCode(one, own)))),
  )
  const [first = PROFESSIONAL] = fitting
  if (asked === undefined || first.claim === asked) return first
  return fitting.find(({ claim }) => claim === asked) ?? (asked === 'professional' ? PROFESSIONAL : undefined)
}

/** Condition codes that the rule has for the level of care. */
export function conditionCodesOf(
  rule: ServiceRule | undefined,
  level: Coding | undefined,
): readonly Coding[] {
  return (rule?.conditionCodes ?? [])
    .filter((one) => one.level === undefined || (level !== undefined && isSameCode(one.level, level)))
    .map(({ code }) => code)
}

/** Digits for claims of a part of a stay; that of a whole one is `FREQUENCIES.original`. */
const INTERIM = { first: '2', continuing: '3', last: '4' } as const

/**
 * The last digit of the type of bill.
 * @param isFirst whether no day of the stay was billed before
 * @param isLast whether the stay is over with these days
 */
export function stayFrequencyOf(isFirst: boolean, isLast: boolean): string {
  if (isFirst) return isLast ? FREQUENCIES.original : INTERIM.first
  return isLast ? INTERIM.last : INTERIM.continuing
}

export interface InstitutionalFacts {
  readonly bill: BillRule
  readonly frequency: string
  /** Of a stay: when it began, and where it is over when it ended, as they were recorded. */
  readonly admission?: { readonly start?: string; readonly end?: string }
  readonly admissionType?: Coding
  readonly pointOfOrigin?: Coding
  readonly dischargeStatus?: Coding
  readonly conditionCodes: readonly Coding[]
}

/** `Claim.supportingInfo` of an institutional claim. */
export function institutionalInformation(facts: InstitutionalFacts): readonly JsonObject[] {
  const { bill, frequency, admission } = facts
  const { informationPct: pct, informationCarin: carin, information: base } = SYSTEMS
  const told = (system: string, category: string, code: Coding | undefined) =>
    code === undefined ? [] : [information(system, category, code)]
  return [
    information(pct, 'typeofbill', { system: SYSTEMS.typeOfBill, code: `${bill.billClass}${frequency}` }),
    ...(admission === undefined
      ? []
      : [
          {
            category: { coding: [{ system: carin, code: 'admissionperiod' }] },
            timingPeriod: { ...admission },
          },
        ]),
    ...told(pct, 'admtype', facts.admissionType),
    ...told(pct, 'pointoforigin', facts.pointOfOrigin),
    ...told(carin, 'discharge-status', facts.dischargeStatus),
    ...facts.conditionCodes.flatMap((code) => told(base, 'info', code)),
  ]
}

function information(system: string, category: string, code: Coding): JsonObject {
  return { category: { coding: [{ system, code: category }] }, code: { coding: [{ ...code }] } }
}
