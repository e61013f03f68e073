// Finds the names of ingredients in what a medication is called: "Biktarvy (bictegravir / emtricitabine / tenofovir)".
import type { Match } from './rule-table.ts'

interface Named {
  /** Each of them must be there; one for a single ingredient. Words, with a space between them. */
  readonly names: readonly string[]
  /** As the rule has it. */
  readonly ingredient: string
  readonly match: Match
}

export interface NamedIngredient {
  readonly ingredient: string
  readonly match: Match
}

const NONE: readonly NamedIngredient[] = Object.freeze([])

export class IngredientNames {
  /** By the first word of the first name. */
  readonly #byWord = new Map<string, Named[]>()

  get isEmpty(): boolean {
    return this.#byWord.size === 0
  }

  /**
   * @param ingredient a name, or several as RxNorm writes a combination: `emtricitabine / tenofovir`
   * @returns false when there is no word in it
   */
  add(ingredient: string, match: Match): boolean {
    const names = ingredient.split('/').map((name) => wordsOf(name).join(' '))
    const first = names[0]?.split(' ')[0]
    if (first === undefined || names.includes('')) return false
    const named = this.#byWord.get(first) ?? []
    this.#byWord.set(first, [...named, { names, ingredient, match }])
    return true
  }

  /** Whole words alone, whatever stands between them, in any case. */
  namedIn(text: string): readonly NamedIngredient[] {
    const words = wordsOf(text)
    const candidates = words.flatMap((word) => this.#byWord.get(word) ?? [])
    if (candidates.length === 0) return NONE
    const spaced = ` ${words.join(' ')} `
    return [...new Set(candidates)].filter(({ names }) => names.every((name) => spaced.includes(` ${name} `)))
  }
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}
