// What labels come to with all that they bring with them, by what they are.
import { copiedText } from '../../fhir/index.ts'
import type { SecurityLabel } from '../../store/index.ts'

/** Anybody may send labels of their own. */
const MOST_KEPT = 1000
const LONGEST_KEY = 1000

export class SettledLabels {
  readonly #known = new Map<string, readonly SecurityLabel[]>()

  /** @param settle tells it when it is not known, for the same labels always the same */
  of(
    labels: readonly SecurityLabel[],
    settle: (labels: readonly SecurityLabel[]) => readonly SecurityLabel[],
  ): readonly SecurityLabel[] {
    // With lengths, so that no label can be made up that reads like two others.
    let key = ''
    for (const { system, code } of labels) key += `${system.length} ${code.length} ${system}${code}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const settled = settle(labels)
    if (key.length > LONGEST_KEY) return settled
    if (this.#known.size >= MOST_KEPT) this.#known.clear()
    const kept = settled.map(({ system, code }) => ({ system: copiedText(system), code: copiedText(code) }))
    this.#known.set(copiedText(key), Object.freeze(kept))
    return settled
  }
}
