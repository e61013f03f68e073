// What an 835 (005010X221A1) tells: a payment, the claims it pays, and why it pays less than was charged.
import type { Money } from '../../money.ts'

export interface Remittance {
  /** BPR01: `I` a payment with its remittance, `H` notification only, and others. */
  readonly handling: string
  /** BPR02, negative for a debit. */
  readonly paid: Money
  /** BPR04: `ACH`, `CHK`, `NON`, `FWT`, `BOP`. */
  readonly method: string
  /** BPR16, `YYYY-MM-DD`. */
  readonly date: string
  /** TRN02 and TRN03: the number of the check or transfer, and of the payer who gave it. */
  readonly trace: string
  readonly traceOrigin?: string
  /** DTM 405. */
  readonly produced?: string
  readonly payer: RemittanceParty
  readonly payee: RemittanceParty
  readonly claims: readonly PaidClaim[]
  readonly providerAdjustments: readonly ProviderAdjustment[]
}

export interface RemittanceParty {
  readonly name?: string
  /** N103 and N104, such as `XX` and the NPI. */
  readonly idQualifier?: string
  readonly id?: string
  /** REF segments: `TJ` tax id, `2U` payer id ... */
  readonly references: readonly Reference[]
}

export interface Reference {
  readonly qualifier: string
  readonly value: string
}

/** One reason of a CAS segment. */
export interface Adjustment {
  /** `CO`, `OA`, `PI` or `PR`. */
  readonly group: string
  /** A CARC. */
  readonly reason: string
  /** Taken off what was charged; negative when added to it. */
  readonly amount: Money
  readonly quantity?: string
}

export interface PaidClaim {
  /** The number of its CLP segment in the file, to tell where something is. */
  readonly position: number
  /** CLP01: the claim's control number, CLM01 of the 837. */
  readonly controlNumber: string
  /** CLP02: 1 primary, 2 secondary, 3 tertiary, 4 denied, 19 to 21 forwarded, 22 reversal, 23 not ours, 25 predetermined. */
  readonly status: string
  readonly charged: Money
  readonly paid: Money
  readonly patientResponsibility?: Money
  readonly filingIndicator?: string
  /** CLP07: the payer's number of the claim. */
  readonly payerControlNumber?: string
  readonly place?: string
  readonly frequency?: string
  readonly adjustments: readonly Adjustment[]
  /** RARC of MIA and MOA. */
  readonly remarks: readonly string[]
  readonly references: readonly Reference[]
  readonly dates: readonly { readonly qualifier: string; readonly date: string }[]
  readonly amounts: readonly { readonly qualifier: string; readonly amount: Money }[]
  readonly lines: readonly PaidLine[]
}

export interface PaidLine {
  readonly position: number
  /** SVC01: the qualifier (`HC`, `NU` ...), the code, and its modifiers. */
  readonly codeQualifier: string
  readonly code: string
  readonly modifiers: readonly string[]
  readonly charged: Money
  readonly paid: Money
  readonly revenue?: string
  /** Units paid; one where SVC05 is absent. */
  readonly quantity: string
  /** SVC06: the code that was charged, when another is paid. */
  readonly chargedCode?: string
  readonly dates: readonly { readonly qualifier: string; readonly date: string }[]
  readonly adjustments: readonly Adjustment[]
  /** REF 6R: the line's control number of the 837. */
  readonly controlNumber?: string
  readonly references: readonly Reference[]
  readonly amounts: readonly { readonly qualifier: string; readonly amount: Money }[]
  /** RARC of LQ HE. */
  readonly remarks: readonly string[]
}

/** One reason of a PLB segment: taken off the payment as a whole, or, when negative, added to it. */
export interface ProviderAdjustment {
  readonly position: number
  readonly provider: string
  /** End of the fiscal period, `YYYY-MM-DD`. */
  readonly period: string
  readonly reason: string
  readonly reference?: string
  readonly amount: Money
}
