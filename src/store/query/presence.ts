// The resource has an entry of this kind under a parameter (`:missing`).
import type { IndexEntry } from '../index-entry.ts'

export interface PresenceMatch {
  readonly kind: 'presence'
  readonly param: string
  readonly entry: IndexEntry['kind']
}

export function presenceMatch(param: string, entry: IndexEntry['kind']): PresenceMatch {
  return Object.freeze({ kind: 'presence', param, entry })
}
