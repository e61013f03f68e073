// A reference to a resource of this server, or to an absolute or canonical URL elsewhere.

export interface ReferenceMatch {
  readonly kind: 'reference'
  readonly param: string
  readonly target:
    | { readonly kind: 'local'; readonly types: readonly string[]; readonly id: string }
    | { readonly kind: 'url'; readonly url: string }
}

/** `types`: the types the target may have, one for `Patient/1`, all that the parameter allows for a bare `1`. */
export function localReferenceMatch(param: string, types: readonly string[], id: string): ReferenceMatch {
  return Object.freeze({
    kind: 'reference',
    param,
    target: Object.freeze({ kind: 'local', types: Object.freeze([...types]), id }),
  })
}

/** A canonical with `|version` is compared whole; one without matches every version of it. */
export function urlReferenceMatch(param: string, url: string): ReferenceMatch {
  return Object.freeze({ kind: 'reference', param, target: Object.freeze({ kind: 'url', url }) })
}
