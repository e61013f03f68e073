// Rows of one table that are held back, of numbers alone: beside each other in one array, where the collector has nothing to go through.
import { unbound, type Common } from './index-rows.ts'
import { sortedPlaces } from './sorted-places.ts'
import type { TableRow } from './table-rows.ts'

/** Of a row, as the key of its table has them: `tp`, two columns more, and `rid`. */
const KEY = 4
const FIRST_ROWS = 1024

export class HeldNumbers {
  readonly #letter: TableRow[0]
  readonly #width: number
  /** Rows of `#width`; the last of each is the place of what its resource's rows share. */
  #numbers: Float64Array
  #count = 0
  readonly #shared: Common[] = []

  /** @param width how many numbers `numbersOf` gives of such a row */
  constructor(letter: TableRow[0], width: number) {
    this.#letter = letter
    this.#width = width + 1
    this.#numbers = new Float64Array(FIRST_ROWS * this.#width)
  }

  /** @param numbers as `numbersOf` gives them */
  add(numbers: readonly number[], common: Common): void {
    const at = this.#count++ * this.#width
    if (at === this.#numbers.length) this.#grow()
    this.#numbers.set(numbers, at)
    if (this.#shared.at(-1) !== common) this.#shared.push(common)
    this.#numbers[at + this.#width - 1] = this.#shared.length - 1
  }

  /** In the order of the table's key. */
  *inOrder(): Generator<readonly [row: TableRow, rid: number, common: Common]> {
    const width = this.#width
    const numbers = this.#numbers.subarray(0, this.#count * width)
    for (const place of sortedPlaces(numbers, width, KEY)) {
      const at = place * width
      const common = this.#shared[numbers[at + width - 1] as number] as Common
      yield [rowOf(this.#letter, numbers, at), numbers[at + KEY - 1] as number, common]
    }
  }

  #grow(): void {
    const numbers = new Float64Array(this.#numbers.length * 2)
    numbers.set(this.#numbers)
    this.#numbers = numbers
  }
}

/** Undefined for a row that has a text. */
export function numbersOf(row: TableRow, rid: number, { dt }: Common): readonly number[] | undefined {
  switch (row[0]) {
    case 't':
      return typeof row[2] === 'number' ? [row[1], row[2], dt, rid] : undefined
    case 'r':
      return [row[1], row[2], dt, rid]
    case 'd':
      return [row[1], unbound(row[2]), unbound(row[3]), rid]
    case 'q':
      return [row[1], unbound(row[2]), unbound(row[3]), rid, row[4], row[5], row[6]]
    case 'p':
      return [row[1], row[2], row[3], rid]
    default:
      return undefined
  }
}

function rowOf(letter: TableRow[0], numbers: Float64Array, at: number): TableRow {
  const number = (column: number): number => numbers[at + column] as number
  switch (letter) {
    case 'q':
      return [letter, number(0), number(1), number(2), number(KEY), number(KEY + 1), number(KEY + 2)]
    case 'd':
    case 'p':
      return [letter, number(0), number(1), number(2)]
    default:
      return [letter as 't' | 'r', number(0), number(1)]
  }
}
