// The levels of a set, HL segments: written with what stands on each, and read in their order.
import type { SetReader } from './loops.ts'
import type { WrittenSegment } from './segments.ts'

/** What stands on one level: HL03, and the segments after the HL. */
export interface WrittenLevel {
  readonly code: string
  readonly segments: readonly WrittenSegment[]
}

/**
 * The levels of each path from the top down, numbered. Paths that follow each other share the levels above the last
 * that are alike.
 */
export function* levelSegments(paths: Iterable<readonly WrittenLevel[]>): Generator<WrittenSegment> {
  let number = 0
  let open: { readonly text: string; readonly number: number }[] = []
  for (const path of paths) {
    const texts = path.map((level, index) => JSON.stringify([level, index < path.length - 1]))
    const differs = texts.findIndex((text, index) => text !== open[index]?.text)
    const shared = differs < 0 ? path.length - 1 : Math.min(differs, path.length - 1)
    open = open.slice(0, shared)
    for (const [index, level] of path.entries()) {
      if (index < shared) continue
      number += 1
      const above = open.at(-1)?.number
      const below = index < path.length - 1 ? '1' : '0'
      yield ['HL', String(number), above === undefined ? '' : String(above), level.code, below]
      yield* level.segments
      open.push({ text: texts[index] as string, number })
    }
  }
}

/** Sees to it that HL segments count up by one and name the level above. */
export class Levels {
  readonly #reader: SetReader
  #last = 0

  constructor(reader: SetReader) {
    this.#reader = reader
  }

  /** Whether a level of this kind (HL03) comes next. */
  comes(code: string): boolean {
    return this.#reader.peek('HL')?.at(3) === code
  }

  /** Goes past the next HL, and gives its number. 400 when it is not `code` below `parent`. */
  take(code: string, parent: number | undefined): number {
    const level = this.#reader.need('HL')
    if (level.at(1) !== String(this.#last + 1)) throw level.fault(1, undefined, `must be ${this.#last + 1}`)
    if (level.at(2) !== (parent === undefined ? '' : String(parent)))
      throw level.fault(2, undefined, 'must be the number of the level above')
    level.oneOf(3, [code])
    level.oneOf(4, ['0', '1'])
    this.#last += 1
    return this.#last
  }
}
