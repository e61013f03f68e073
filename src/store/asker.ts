// Who asks the store: so that askers share what is scarce fairly, and no work is done for one who has left.

export interface Asker {
  /** Those of one name share one turn: an address, an account. No patient data. */
  readonly name: string
  /** Whether nobody waits for the answer any more. */
  readonly gone: boolean
  /** The function is called once, when `gone` becomes true; unless what is returned was called before. */
  onGone(call: () => void): () => void
}

/** The server itself, and commands: they never leave. */
export const NOBODY: Asker = Object.freeze({ name: '', gone: false, onGone: () => () => {} })
