// Words that stand one behind the other in a resource's text (`_text`, `_content`).

export interface TextMatch {
  readonly kind: 'text'
  /** `narrative`: what the narrative shows; `content`: every string of the resource, the narrative's words too. */
  readonly scope: 'narrative' | 'content'
  /** At least one, as `wordsOf` (../words.ts) makes them; several are a phrase, within one string. */
  readonly words: readonly string[]
}

export function textMatch(scope: TextMatch['scope'], words: readonly string[]): TextMatch {
  return Object.freeze({ kind: 'text', scope, words: Object.freeze([...words]) })
}
