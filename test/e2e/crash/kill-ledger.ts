// What a server acknowledged, and what it was asked for when it was killed.

/** One resource that one writer alone changes. */
export interface Written {
  readonly id: string
  /** The answers' bodies by version, from 1; null for a deletion. */
  readonly versions: (string | null)[]
  /** The one change that was asked for and not answered: the value it would have given, null for a deletion. */
  pending: { readonly value: number | null } | undefined
}

export interface Transaction {
  /** What all of its resources are identified by. */
  readonly code: string
  /** A resource of a writer's own that it changes too. */
  readonly changes: Written | undefined
  acknowledged: boolean
}

/** Of one round. */
export interface Ledger {
  readonly written: Written[]
  /** Codes of conditional creates -> ids they were answered with. */
  readonly unique: Map<string, Set<string>>
  readonly transactions: Transaction[]
  /** Creates without an id of the client's: the answered bodies by id. */
  readonly created: Map<string, string>
  acknowledged: number
  /** Writes that the kill left without an answer. */
  unanswered: number
  /** What a writer was told that it should not have been. */
  readonly broken: string[]
}

export function emptyLedger(): Ledger {
  return {
    written: [],
    unique: new Map(),
    transactions: [],
    created: new Map(),
    acknowledged: 0,
    unanswered: 0,
    broken: [],
  }
}

export const SYSTEM = 'urn:alcove:kill'
/** Resources that a transaction creates. */
export const TRANSACTION_SIZE = 4
/** Codes that all writers of a round ask for by conditional creates: few, so that they meet. */
export const UNIQUE_CODES = 60
