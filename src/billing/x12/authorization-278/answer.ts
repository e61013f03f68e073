// What a 278 (005010X217) answers: what the payer decided about services that it was asked to authorize, or why it did not.
import type { Money } from '../../money.ts'
import type { Delivery } from '../deliveries.ts'
import type { AnsweredParty, AnsweredPerson } from '../eligibility-271/answer.ts'
import type { Rejection } from '../rejections.ts'
import type { AnsweredTrace } from '../traces.ts'

export interface AuthorizationAnswer {
  /** BHT03. */
  readonly reference: string
  /** `YYYY-MM-DD`. */
  readonly date: string
  /** Whether more will follow (BHT06 is 19). */
  readonly unfinished: boolean
  readonly payer?: AnsweredParty
  readonly requester?: AnsweredParty
  readonly subscriber?: AnsweredPerson
  /** The patient, when not the subscriber. */
  readonly dependent?: AnsweredPerson
  /** Of the event, and of all above it. */
  readonly rejections: readonly Rejection[]
  /** Absent where the payer rejected the request above it. */
  readonly event?: Decided
  readonly services: readonly DecidedService[]
}

/** What is said of an event or a service. */
export interface Decided {
  /** The number of its HL in the file. */
  readonly position: number
  readonly traces: readonly AnsweredTrace[]
  readonly decision?: Decision
  /** REF BB and NT: the numbers of an earlier authorization and of an earlier refusal. */
  readonly previous?: string
  readonly refused?: string
  /** DTP 102: the day of the decision. */
  readonly issued?: string
  /** DTP 007 and 036: from when and until when it holds. */
  readonly effective?: { readonly start?: string; readonly end?: string }
  readonly deliveries: readonly Delivery[]
  readonly messages: readonly string[]
}

/** HCR. */
export interface Decision {
  /** HCR01: `A1` certified, `A2` in part, `A3` not, `A4` pended, `A6` modified, `C` cancelled, `CT` ask, `NA` not needed. */
  readonly action: string
  /** HCR02: the number of the authorization. */
  readonly number?: string
  /** HCR03, of X12's list of reasons; several may stand. */
  readonly reasons: readonly string[]
  /** HCR04. */
  readonly secondOpinion?: boolean
}

export interface DecidedService extends Decided {
  readonly rejections: readonly Rejection[]
  /** DTP 472. */
  readonly serviced?: { readonly start: string; readonly end: string }
  readonly revenue?: string
  readonly code?: string
  readonly modifiers: readonly string[]
  readonly amount?: Money
  readonly quantity?: { readonly unit: string; readonly value: string }
}
