// A fault to put into a claim without fault, and claims to put them into.
import { coded, DAY } from '../practice.ts'
import { codeOf } from '../rules/services.ts'
import { type Any, authorization, type BilledCase, billedCase, extension, pack, summed } from './billed.ts'

export interface FaultCase {
  readonly name: string
  /** That speaks of it, alone. */
  readonly edit: string
  /** FHIRPath that it names. */
  readonly at: string
  /** Where it is not psychotherapy in the office. */
  readonly of?: () => BilledCase
  /** Puts the fault in. */
  readonly put: (made: BilledCase) => void
  readonly severity?: 'warning'
  /** What it breaks, between blanks: of two that break the same, one may hide the other. */
  readonly breaks: string
}

export const EARLIER = '2026-03-01'
export const NPI_SYSTEM = 'http://hl7.org/fhir/sid/us-npi'
export const EIN = { system: 'urn:oid:2.16.840.1.113883.4.4', value: '12-3456789' }
export const PART_2 = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: '42CFRPart2' }

export const line = (made: BilledCase, at = 0): Any => made.claim.item[at]

/** A line more, like the first. */
export function addLine(made: BilledCase, code: string, more: object = {}): void {
  const { item } = made.claim
  item.push({ ...item[0], sequence: item.length + 1, productOrService: { coding: [codeOf(code)] }, ...more })
  summed(made.claim)
}

export const video = () =>
  billedCase({ modality: 'video', lines: [{ code: '90834', modifiers: ['95'], place: '10' }] })
export const medical = () => billedCase({ lines: [{ code: '99213' }, { code: '90836' }] })

/** The payer wants it authorized, and has. */
export function authorized(made: Parameters<typeof authorization>[0] = {}): BilledCase {
  const base = billedCase({ authorizations: ['A1'] })
  base.others.push(
    pack('90834', [extension('authorization', { 'required:Boolean': true })]),
    ...authorization({ units: 10, ...made }),
  )
  return base
}

export const consent = (more: object = {}): Any => ({
  resourceType: 'Consent',
  id: 'consent1',
  status: 'active',
  scope: coded('http://terminology.hl7.org/CodeSystem/consentscope', 'patient-privacy'),
  category: [coded('http://terminology.hl7.org/CodeSystem/v3-ActCode', '42CFRPart2CD')],
  patient: { reference: 'Patient/p1' },
  dateTime: '2026-01-01',
  policyRule: coded('http://terminology.hl7.org/CodeSystem/v3-ActCode', '42CFRPart2CD'),
  provision: {
    type: 'permit',
    purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HPAYMT' }],
  },
  ...more,
})

/** Of a program under 42 CFR Part 2, with the patient's consent. */
export function part2(): BilledCase {
  const made = billedCase()
  made.visits[0].meta = { security: [PART_2] }
  made.claim.meta = { security: [PART_2] }
  made.others.push(consent())
  return made
}

export const days = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) =>
    new Date(Date.parse(DAY) + (at + 1 - count) * 86_400_000).toISOString().slice(0, 10),
  )
