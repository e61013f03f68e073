// The resource has this logical id (`_id`).

export interface IdMatch {
  readonly kind: 'id'
  readonly id: string
}

export function idMatch(id: string): IdMatch {
  return Object.freeze({ kind: 'id', id })
}
