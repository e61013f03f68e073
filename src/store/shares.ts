// A bounded amount of something, such as places or bytes, that no one holder can take up wholly.

/** Smaller bounds than this are for whoever comes first. */
const PARTS = 16

export class Shares {
  readonly #most: number
  /** Up to which anyone may fill it. */
  readonly #open: number
  /** What one may hold beyond that. */
  readonly #small: number
  readonly #held = new Map<string, number>()
  #total = 0

  /** @param most in all; its last quarter is kept for those who would then hold no more than an eighth of it */
  constructor(most: number) {
    this.#most = most
    this.#open = most - Math.floor(most / PARTS) * 4
    this.#small = Math.floor(most / PARTS) * 2
  }

  get total(): number {
    return this.#total
  }

  /** Whether it could be taken now, as nothing always could. When nobody holds any, everything can, however much it is. */
  fits(name: string, amount: number): boolean {
    const total = this.#total + amount
    if (amount === 0 || total <= this.#open || this.#total === 0) return true
    return total <= this.#most && this.heldBy(name) + amount <= this.#small
  }

  /** Whether it could be taken; if so, it is. */
  take(name: string, amount: number): boolean {
    if (!this.fits(name, amount)) return false
    if (amount === 0) return true
    this.#total += amount
    this.#held.set(name, this.heldBy(name) + amount)
    return true
  }

  /** Gives back what was taken. */
  give(name: string, amount: number): void {
    if (amount === 0) return
    this.#total -= amount
    const left = (this.#held.get(name) ?? 0) - amount
    if (left > 0) this.#held.set(name, left)
    else this.#held.delete(name)
  }

  heldBy(name: string): number {
    return this.#held.get(name) ?? 0
  }
}
