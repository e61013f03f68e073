// What is wrong with a diagnosis code on a day, and which codes may be billed instead.

export type DiagnosisFaultKind =
  /** It is not written as codes of ICD-10-CM are. */
  | 'malformed'
  /** The edition of that day does not have it. */
  | 'unknown'
  /** There are codes under it, and only those are billed. */
  | 'category'
  | 'not-yet-valid'
  | 'no-longer-valid'
  /** The list does not have it, and does not reach to that day: whether it is valid is not known. */
  | 'newer-than-list'
  | 'older-than-list'

export interface DiagnosisFault {
  readonly kind: DiagnosisFaultKind
  /** A warning where the list cannot know. */
  readonly severity: 'error' | 'warning'
  /** What is wrong and what would be right, in a sentence without its full stop. */
  readonly text: string
  /** Up to a dozen billable codes, with the dot, that are nearest; none where there are more, or none. */
  readonly instead: readonly string[]
}
