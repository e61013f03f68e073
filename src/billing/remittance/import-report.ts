// What reading a file of payers' answers came to.
import type { Issue } from '../../fhir/index.ts'

/** What a file says of a claim, or of something else that a payer was asked. */
export type ClaimOutcome =
  | 'acknowledged'
  | 'accepted'
  | 'rejected'
  | 'paid'
  | 'partly-paid'
  | 'denied'
  /** Taken back. */
  | 'reversed'
  /** Sent on to another payer, or only foretold. */
  | 'undecided'
  /** Of a request for authorization: of all or some services, of none, or not yet. */
  | 'authorized'
  | 'not-authorized'
  | 'pended'
  /** Of an inquiry about coverage: it is in force, or not, or the payer does not say. */
  | 'covered'
  | 'not-covered'
  | 'not-told'

export interface UnmatchedAnswer {
  /** `271`, `277`, `278`, `835` or `999`. */
  readonly set: string
  /** Of the claim (CLM01), the set (999), or the question (TRN02, else BHT03): as the file names what is unknown here, or known more than once. */
  readonly controlNumber: string
}

/** The same for the same file, however often and beside whatever else it is read. */
export interface ImportReport {
  /** How many transaction sets were read, by ST01. */
  readonly sets: Readonly<Record<string, number>>
  /** How many answers there were on claims that are known here. */
  readonly claims: Readonly<Partial<Record<ClaimOutcome, number>>>
  /** `PaymentReconciliation/[id]`. */
  readonly payments: readonly string[]
  readonly unmatched: readonly UnmatchedAnswer[]
  /** Sets that were not read, and why: by segment and element, never by what stands there. */
  readonly faults: readonly Issue[]
}

/** Counts while a file is read. */
export class ImportTally {
  readonly #sets = new Map<string, number>()
  readonly #claims = new Map<ClaimOutcome, number>()
  readonly #payments = new Set<string>()
  readonly #unmatched: UnmatchedAnswer[] = []
  readonly #faults: Issue[] = []

  set(id: string): void {
    this.#sets.set(id, (this.#sets.get(id) ?? 0) + 1)
  }

  claim(outcome: ClaimOutcome): void {
    this.#claims.set(outcome, (this.#claims.get(outcome) ?? 0) + 1)
  }

  payment(reference: string): void {
    this.#payments.add(reference)
  }

  unmatched(answer: UnmatchedAnswer): void {
    this.#unmatched.push(answer)
  }

  fault(...issues: readonly Issue[]): void {
    this.#faults.push(...issues)
  }

  get report(): ImportReport {
    return {
      sets: Object.fromEntries([...this.#sets].toSorted(byKey)),
      claims: Object.fromEntries([...this.#claims].toSorted(byKey)),
      payments: [...this.#payments],
      unmatched: this.#unmatched,
      faults: this.#faults,
    }
  }
}

function byKey([one]: readonly [string, number], [other]: readonly [string, number]): number {
  return one < other ? -1 : 1
}
