// Claims and what payers answer to them, written as the server writes them; amounts in cents.
import type { JsonObject, Resource } from '../../../src/fhir/index.ts'
import { coded, resource } from '../practice.ts'

const THO = 'http://terminology.hl7.org/CodeSystem/'
const GROUPS = 'https://x12.org/codes/claim-adjustment-group-codes'
const REASONS = 'https://x12.org/codes/claim-adjustment-reason-codes'
export const CPT = 'http://www.ama-assn.org/go/cpt'

export interface WrittenLine {
  readonly code: string
  readonly date: string
  readonly cents: number
  /** Sequences of the care team. */
  readonly careTeam?: readonly number[]
}

export interface WrittenClaim {
  readonly id: string
  readonly patient?: string
  readonly payer?: string
  /** References, the first rendering. */
  readonly careTeam?: readonly string[]
  readonly lines: readonly WrittenLine[]
  /** Elements instead of those made. */
  readonly more?: object
}

export function usd(cents: number): JsonObject {
  return { value: cents / 100, currency: 'USD' }
}

export function claim({
  id,
  patient = 'p1',
  payer = 'payer1',
  careTeam,
  lines,
  more,
}: WrittenClaim): Resource {
  const days = lines.map(({ date }) => date).toSorted()
  return resource({
    resourceType: 'Claim',
    id,
    status: 'active',
    type: coded(`${THO}claim-type`, 'professional'),
    use: 'claim',
    patient: { reference: `Patient/${patient}` },
    billablePeriod: { start: days[0], end: days.at(-1) },
    created: '2026-06-01',
    insurer: { reference: `Organization/${payer}` },
    provider: { reference: 'Organization/clinic1' },
    priority: coded(`${THO}processpriority`, 'normal'),
    careTeam: (careTeam ?? ['Practitioner/therapist1']).map((reference, at) => ({
      sequence: at + 1,
      provider: { reference },
      role: coded(`${THO}claimcareteamrole`, at === 0 ? 'rendering' : 'supervisor'),
    })),
    diagnosis: [
      { sequence: 1, diagnosisCodeableConcept: coded('http://hl7.org/fhir/sid/icd-10-cm', 'F33.1') },
    ],
    insurance: [{ sequence: 1, focal: true, coverage: { reference: `Coverage/cov-${patient}` } }],
    item: lines.map(({ code, date, cents, careTeam: sequences }, at) => ({
      sequence: at + 1,
      ...(sequences === undefined ? {} : { careTeamSequence: sequences }),
      productOrService: coded(CPT, code),
      servicedDate: date,
      quantity: { value: 1 },
      unitPrice: usd(cents),
      net: usd(cents),
    })),
    total: usd(lines.reduce((sum, { cents }) => sum + cents, 0)),
    ...more,
  })
}

/** `Claim.related` and the digit that says whether it replaces (7) or voids (8). */
export function correcting(prior: string, digit: '7' | '8'): object {
  const pct = 'http://hl7.org/fhir/us/davinci-pct/CodeSystem/PCTSupportingInfoType'
  return {
    related: [
      {
        claim: { reference: `Claim/${prior}` },
        relationship: coded(`${THO}ex-relatedclaimrelationship`, 'prior'),
        reference: { value: `icn-${prior}` },
      },
    ],
    supportingInfo: [
      {
        sequence: 1,
        category: coded(pct, 'claimFrequency'),
        code: coded('https://www.nubc.org/CodeSystem/TypeOfBill', digit),
      },
    ],
  }
}

export interface Decided {
  readonly charged: number
  readonly paid: number
  /** Group, reason and amount: CO 45 2000. */
  readonly adjustments: readonly (readonly [group: string, reason: string, cents: number])[]
}

export interface WrittenDecision {
  readonly id: string
  readonly to: Resource
  /** By sequence; empty for a claim that is decided on as a whole. */
  readonly lines: readonly (Decided & { readonly sequence: number })[]
  /** Adjustments of the claim as a whole; of one without lines all that was decided. */
  readonly whole?: Decided
  /** Of the payment; undefined: the answer does not say. */
  readonly date?: string
  /** CLP02: 1, and 22 for what is taken back. */
  readonly status?: string
  readonly more?: object
}

/** A ClaimResponse as an 835 makes it. */
export function decision({ id, to, lines, whole, date, status = '1', more }: WrittenDecision): Resource {
  const all: readonly Decided[] = whole === undefined ? lines : [...lines, whole]
  const sum = (of: (one: Decided) => number): number => all.reduce((total, one) => total + of(one), 0)
  const together: Decided = {
    charged: sum(({ charged }) => charged),
    paid: sum(({ paid }) => paid),
    adjustments: all.flatMap(({ adjustments }) => adjustments),
  }
  const groups = [...new Set(together.adjustments.map(([group]) => group))]
  return resource({
    resourceType: 'ClaimResponse',
    id,
    extension: [
      {
        url: 'https://alcove.health/fhir/StructureDefinition/remittance-status',
        valueCoding: { system: 'https://codesystem.x12.org/005010/1029', code: status },
      },
    ],
    status: 'active',
    type: to['type'],
    use: 'claim',
    patient: to['patient'],
    created: date ?? '2026-06-20',
    insurer: to['insurer'],
    request: { reference: `Claim/${String(to['id'])}` },
    outcome: 'complete',
    ...(lines.length === 0
      ? {}
      : {
          item: lines.map((line) => ({
            itemSequence: line.sequence,
            adjudication: [...amounts(line), ...line.adjustments.map(adjustment)],
          })),
        }),
    ...(whole === undefined || whole.adjustments.length === 0
      ? {}
      : { adjudication: whole.adjustments.map(adjustment) }),
    total: [
      ...amounts(together),
      ...groups.map((group) => ({
        category: coded(GROUPS, group),
        amount: usd(adjustedBy(together, group)),
      })),
    ],
    payment: {
      type: coded(`${THO}ex-paymenttype`, 'complete'),
      ...(date === undefined ? {} : { date }),
      amount: usd(together.paid),
    },
    ...more,
  })
}

function amounts(decided: Decided): object[] {
  const hl7 = (code: string, cents: number): object => ({
    category: coded(`${THO}adjudication`, code),
    amount: usd(cents),
  })
  return [
    hl7('submitted', decided.charged),
    hl7('eligible', decided.charged - adjustedBy(decided, 'CO')),
    hl7('benefit', decided.paid),
  ]
}

function adjustment([group, reason, cents]: Decided['adjustments'][number]): object {
  return { category: coded(GROUPS, group), reason: coded(REASONS, reason), amount: usd(cents) }
}

function adjustedBy({ adjustments }: Decided, group: string): number {
  return adjustments.reduce((sum, [own, , cents]) => (own === group ? sum + cents : sum), 0)
}

/** A line that is paid in full but for what the contract takes off and the patient owes. */
export function paidLine(sequence: number, charged: number, contract: number, patient: number) {
  return {
    sequence,
    charged,
    paid: charged - contract - patient,
    adjustments: [
      ...(contract === 0 ? [] : ([['CO', '45', contract]] as const)),
      ...(patient === 0 ? [] : ([['PR', '3', patient]] as const)),
    ],
  }
}

export function deniedLine(sequence: number, charged: number) {
  return { sequence, charged, paid: 0, adjustments: [['CO', '97', charged]] as const }
}

/** The same with all amounts turned round. */
export function takenBack(decided: WrittenDecision, id: string, date: string): WrittenDecision {
  const turned = <One extends Decided>(one: One): One => ({
    ...one,
    charged: -one.charged,
    paid: -one.paid,
    adjustments: one.adjustments.map(([group, reason, cents]) => [group, reason, -cents] as const),
  })
  return {
    ...decided,
    id,
    date,
    status: '22',
    lines: decided.lines.map(turned),
    ...(decided.whole === undefined ? {} : { whole: turned(decided.whole) }),
  }
}
