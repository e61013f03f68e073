// Reading a transaction set segment by segment: what may come next, and a fault for what may not.
import { x12Fault } from './fault.ts'
import type { TransactionSet } from './envelope.ts'
import type { Segment } from './segments.ts'

/** Walks the segments of one set. Whatever is not asked for ends in a fault: nothing is passed over in silence. */
export class SetReader {
  readonly #set: TransactionSet
  #at = 0

  constructor(set: TransactionSet) {
    this.#set = set
  }

  get atEnd(): boolean {
    return this.#at >= this.#set.segments.length
  }

  /** The next segment, if its name is `id` and its first element is one of `first` (when given). */
  peek(id: string, first?: readonly string[]): Segment | undefined {
    const segment = this.#set.segments[this.#at]
    if (segment?.id !== id) return undefined
    return first === undefined || first.includes(segment.at(1)) ? segment : undefined
  }

  /** As `peek`, and goes past it. */
  take(id: string, first?: readonly string[]): Segment | undefined {
    const segment = this.peek(id, first)
    if (segment !== undefined) this.#at += 1
    return segment
  }

  /** As `take`, for a segment of any of these names. */
  takeAny(ids: readonly string[]): Segment | undefined {
    for (const id of ids) {
      const segment = this.take(id)
      if (segment !== undefined) return segment
    }
    return undefined
  }

  /** All of these that follow each other here. */
  takeAll(id: string, first?: readonly string[]): readonly Segment[] {
    const taken: Segment[] = []
    for (let one = this.take(id, first); one !== undefined; one = this.take(id, first)) taken.push(one)
    return taken
  }

  /** As `take`; 400 when something else stands here. */
  need(id: string, first?: readonly string[]): Segment {
    const segment = this.take(id, first)
    if (segment !== undefined) return segment
    throw this.unexpected(first === undefined ? id : `${id} ${first.join(' or ')}`)
  }

  /** The next segment, whatever it is. */
  any(): Segment {
    const segment = this.#set.segments[this.#at]
    if (segment === undefined) throw this.unexpected('a segment')
    this.#at += 1
    return segment
  }

  end(): void {
    if (!this.atEnd) throw this.unexpected('SE')
  }

  /** A 400 at the segment that stands here. */
  unexpected(wanted: string): Error {
    const place = this.#set.segments[this.#at] ?? this.#set.segments.at(-1) ?? this.#set.start
    const stands = this.atEnd ? 'the set ends' : 'this segment stands'
    return x12Fault(place, undefined, `${stands} where ${wanted} must come`)
  }
}
