// Texts of SQL, put together once from the same pieces: a text made anew would be copied and hashed each time that its
// statement is looked for, which takes longer than to find it by pieces whose hashes are known.

/** Characters of all texts, beginnings of others counted too; when there are more, all are forgotten and made again as they are needed. */
const MOST_KEPT = 4_000_000

const beginnings = new Map<TemplateStringsArray, Written>()
let kept = 0

/** What has been put together so far, and what it was followed by. */
class Written {
  readonly text: string
  #parameter: Written | undefined
  #fragments: Map<string, Written> | undefined

  constructor(text: string) {
    this.text = text
    kept += text.length
    if (kept < MOST_KEPT) return
    beginnings.clear()
    kept = 0
  }

  /** By a fragment, and the template's text behind it, which is the same each time. */
  followedBy(fragment: string, next: string): Written {
    this.#fragments ??= new Map()
    const known = this.#fragments.get(fragment)
    if (known !== undefined) return known
    const longer = new Written(this.text + fragment + next)
    this.#fragments.set(fragment, longer)
    return longer
  }

  withParameter(next: string): Written {
    return (this.#parameter ??= new Written(`${this.text}?${next}`))
  }
}

/** The first text of a template, to be followed by the pieces between its others. */
export function beginning(texts: TemplateStringsArray): Written {
  const known = beginnings.get(texts)
  if (known !== undefined) return known
  const first = new Written(texts[0]!)
  beginnings.set(texts, first)
  return first
}
