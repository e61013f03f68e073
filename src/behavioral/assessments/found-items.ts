// The items of a response, put where the Questionnaire has them.
import type { JsonObject } from '../../fhir/index.ts'
import type { AnswerValue } from './instrument.ts'
import type { QuestionnaireItem } from './items.ts'

const NONE: readonly AnswerValue[] = []

/**
 * What a response holds of one item: once where it cannot repeat, however often and wherever it stands there; of a group
 * that repeats, each occurrence.
 */
export class Found {
  /** undefined: the response itself. */
  readonly item: QuestionnaireItem | undefined
  readonly parent: Found | undefined
  /** Answers that are known, in the response's order. */
  readonly values: AnswerValue[] = []
  /** Those that count, once that is settled. */
  counts: readonly AnswerValue[] = NONE
  /** Whether there is an answer that is none of the question's. */
  hasUnknown = false
  /** FHIRPath of the first answer that is known. */
  element: string | undefined
  #children: Found[] | undefined
  #byItem: Map<QuestionnaireItem, Found> | undefined
  #made: JsonObject | undefined

  constructor(item: QuestionnaireItem | undefined, parent: Found | undefined) {
    this.item = item
    this.parent = parent
  }

  /** What items of this parent stand in, seen from here: the nearest that is around, else one made for them. */
  home({ parent }: QuestionnaireItem): Found {
    const around = this.#around(parent)
    if (around !== undefined) return around
    // The response itself is around everything, so that the item has a parent.
    const missing = parent as QuestionnaireItem
    const outer = this.home(missing)
    return outer.#last(missing) ?? outer.child(missing)
  }

  #around(item: QuestionnaireItem | undefined): Found | undefined {
    if (this.item === item) return this
    return this.parent === undefined ? undefined : this.parent.#around(item)
  }

  /** The item within this one, which is its home: a new one for a group that repeats, else the one that is there. */
  child(item: QuestionnaireItem): Found {
    const known = item.repeats && item.type === 'group' ? undefined : this.#last(item)
    if (known !== undefined) return known
    const child = new Found(item, this)
    this.#children ??= []
    this.#children.push(child)
    this.#byItem ??= new Map()
    this.#byItem.set(item, child)
    return child
  }

  #last(item: QuestionnaireItem): Found | undefined {
    return this.#byItem?.get(item)
  }

  /** The items within, as a response has them; those without answers, in them and of them, are left out. */
  toItems(): JsonObject[] {
    const items: JsonObject[] = []
    for (const child of this.#children ?? []) {
      const made = child.toItem()
      if (child.values.length > 0 || made['item'] !== undefined) items.push(made)
    }
    return items
  }

  /** The same object each time. */
  toItem(): JsonObject {
    if (this.#made !== undefined) return this.#made
    const made: JsonObject = { linkId: this.item?.linkId ?? '' }
    this.#made = made
    const within = this.#children === undefined ? [] : this.toItems()
    const [first, ...others] = this.counts
    if (first !== undefined) {
      // Items within a question stand within its answer.
      const answer = within.length > 0 ? { ...first.answer, item: within } : first.answer
      made['answer'] = others.length > 0 ? [answer, ...others.map((it) => it.answer)] : [answer]
    } else if (within.length > 0) made['item'] = within
    return made
  }
}

/** The list of items in which those of this parent stand; the parent, and what is around it, is made where it is missing. */
export function itemsWithin(root: JsonObject[], parent: QuestionnaireItem | undefined): JsonObject[] {
  if (parent === undefined) return root
  const siblings = itemsWithin(root, parent.parent)
  let own = siblings.find(({ linkId }) => linkId === parent.linkId)
  if (own === undefined) {
    own = { linkId: parent.linkId }
    siblings.push(own)
  }
  if (!Array.isArray(own['item'])) own['item'] = []
  return own['item'] as JsonObject[]
}
