// Who asks. The Repository is bound to one Principal, and through it to what may be seen.
import { SEE_EVERYTHING, type AccessFilter } from '../store/index.ts'

export interface Principal {
  /** How the caller was recognised; `none` is the loopback-only mode without authorization. */
  readonly kind: 'none'
  /** For audit and logs; holds no patient data. */
  readonly name: string
}

/** The caller of a server that runs with ALCOVE_AUTH=none: anyone on this machine. */
export const UNAUTHENTICATED: Principal = Object.freeze({ kind: 'none', name: 'loopback' })

/** What this principal may see. */
export function accessFilterFor(principal: Principal): AccessFilter {
  switch (principal.kind) {
    case 'none':
      return SEE_EVERYTHING
  }
}
