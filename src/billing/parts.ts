// What billing is built from; handed in by the composition root.
import type { ControlNumbers } from './control-numbers.ts'
import type { Icd10Cm } from './diagnoses/index.ts'
import type { RuleBooks } from './rules/index.ts'
import type { Transport } from './transport/index.ts'

export interface BillingParts {
  /** The server's FHIR base: absolute references below it are local. */
  readonly baseUrl: string
  readonly books: RuleBooks
  /** Which diagnoses can be billed. */
  readonly diagnoses: Pick<Icd10Cm, 'faultOf'>
  readonly numbers: ControlNumbers
  readonly transport: Transport
  readonly settings: BillingSettings
}

export interface BillingSettings {
  /** Whether a final note on a finished visit makes its draft claim. */
  readonly draftsClaims: boolean
  /** Hours after the end of a visit from which its missing note is late. */
  readonly noteHours: number
  /** Who sends files, and to whom where the payer names nobody else: qualifier and id of ISA05 to ISA08. */
  readonly sender: TradingPartnerId
  readonly receiver: TradingPartnerId
  /** Whether files are for trial only: ISA15 is `T`. */
  readonly isTest: boolean
}

export interface TradingPartnerId {
  readonly qualifier: string
  readonly id: string
}
