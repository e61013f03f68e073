// All that the edits look at: the claim, and what its reader may see around it.
import type { JsonObject, Resource } from '../../fhir/index.ts'
import type { Authorization } from '../authorizations/index.ts'
import type { DiagnosisFault } from '../diagnoses/index.ts'
import type { Coding, RulesInForce } from '../rules/index.ts'
import type { ClaimKind } from '../x12/index.ts'
import type { BilledLine } from './billed-line.ts'
import type { Fault } from './finding.ts'

/** One edit, or a small family: pure over what was gathered. */
export type Edit = (context: ClaimUnderCheck) => readonly Fault[]

export interface ClaimUnderCheck {
  readonly baseUrl: string
  readonly claim: Resource
  /** undefined where the type is neither. */
  readonly kind: ClaimKind | undefined
  readonly lines: readonly BilledLine[]
  /** Lines of other claims of the patient to the same payer: in force, no voids, none of the same family of corrections. */
  readonly others: readonly BilledLine[]
  /** Whether it replaces an earlier claim. */
  readonly isCorrection: boolean
  /** The day on which it was sent first, `YYYY-MM-DD`; undefined until it was. */
  readonly sent: string | undefined
  /** Milliseconds since 1970. */
  readonly now: number
  /** Undefined is what the claim does not name, or cannot be seen. */
  readonly patient: Resource | undefined
  readonly coverage: Resource | undefined
  readonly payer: Resource | undefined
  /** `Organization/[id]`. */
  readonly payerKey: string | undefined
  /** Organization or Practitioner that bills. */
  readonly provider: Resource | undefined
  readonly careTeam: readonly CheckedMember[]
  /** By `Encounter/[id]`: of what the lines name, what can be seen. */
  readonly visits: ReadonlyMap<string, CheckedVisit>
  /** Notes and visits of which the claim was made, as its Provenance says. */
  readonly sources: readonly Source[]
  /** What the payer authorized, with the units that other claims leave of it. */
  readonly authorizations: readonly Authorization[]
  /** Whether payment may be asked for, of what is of Part 2 origin or restricted; faults where it may not. */
  readonly permissions: readonly Fault[]
  /** Rules in force on a day, `YYYY-MM-DD`, for the payer and the state. */
  rulesOn(day: string): RulesInForce
  diagnosisFaultOf(code: string, day: string): DiagnosisFault | undefined
  /** What stands against writing an 837 of it. */
  readonly unwritable: readonly Fault[]
}

export interface CheckedMember {
  readonly sequence: number
  /** `Claim.careTeam[0]`. */
  readonly at: string
  /** Of http://terminology.hl7.org/CodeSystem/claimcareteamrole. */
  readonly role: string | undefined
  /** Practitioner or Organization. */
  readonly resource: Resource | undefined
  /** The one that the claim tells; else those of the role or the person. */
  readonly taxonomies: readonly Coding[]
}

export interface CheckedVisit {
  readonly resource: Resource
  readonly modality: 'in-person' | 'video' | 'audio' | undefined
  /** `YYYY-MM-DD`; the last undefined while it goes on. */
  readonly first: string | undefined
  readonly last: string | undefined
  /** Without those that the law keeps apart. */
  readonly notes: readonly CheckedNote[]
  /** Of a program, and a drug was given at it: that is its record, whether it has a note or not. */
  readonly isDosing: boolean
}

export interface CheckedNote {
  /** `DocumentReference/[id]` or `Composition/[id]`. */
  readonly reference: string
  /** Final, and signed. */
  readonly isFinal: boolean
  /** What it tells of, `YYYY-MM-DD`. */
  readonly days: readonly string[]
}

export interface Source {
  /** `Type/[id]`. */
  readonly reference: string
  readonly isNote: boolean
  /** Whether what is stored now says the same, the resource's own `meta` aside; `gone`: it cannot be read any more. */
  readonly state: 'same' | 'changed' | 'gone'
  /** Of a note: whether it is final still. */
  readonly isFinal: boolean
}

/** What conditions of rules see of the claim, and of one line as `%service`. */
export function environmentOfClaim(
  { patient, coverage, payer }: Pick<ClaimUnderCheck, 'patient' | 'coverage' | 'payer'>,
  line?: BilledLine,
): Readonly<Record<string, JsonObject>> {
  const { code, days, place } = line ?? {}
  return {
    encounter: {},
    patient: patient ?? {},
    coverage: coverage ?? {},
    payer: payer ?? {},
    service: {
      codes: code === undefined ? [] : [code.code],
      ...(days === undefined ? {} : { date: days.first }),
      ...(place === undefined ? {} : { place: place.code }),
    },
  }
}
