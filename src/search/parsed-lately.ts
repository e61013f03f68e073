// Searches that were read lately: the pages of one search, and clients that ask the same again, need none of it read anew.
import { AskedOnce } from '../store/index.ts'
import type { Pair, ParsedSearch, SearchOptions } from './query-text/parse-search.ts'
import type { ReadingParts } from './query-text/reading.ts'
import type { SearchScope } from './query-text/scope.ts'

type Pairs = readonly Pair[]
/** What reading asks that may be answered otherwise the next time. */
type Asked = Pick<ReadingParts, 'lookup' | 'now'>
type Read = (scope: SearchScope, pairs: Pairs, options: SearchOptions, asked: Asked) => Promise<ParsedSearch>

/** Half of them may be older than the rest. */
const KEPT = 1000
/** Who asks at greater length could fill the memory. */
const LONGEST_KEY = 600
/** Of what was asked once. */
const REMEMBERED_ASKS = 4096

export class ParsedLately {
  readonly #read: Read
  #young = new Map<string, ParsedSearch>()
  #old: ReadonlyMap<string, ParsedSearch> = new Map()
  /**
   * Only what is asked twice is kept: much is asked once, such as what happened until now, and to keep all of that for a
   * while costs more, by the collections that carry it along, than to read twice what is asked again.
   */
  readonly #once = new AskedOnce(REMEMBERED_ASKS)

  constructor(read: Read) {
    this.#read = read
  }

  /** What was read of the same text is the same object, from the second time on. */
  async parse(scope: SearchScope, pairs: Pairs, options: SearchOptions, asked: Asked): Promise<ParsedSearch> {
    const key = JSON.stringify([scope, pairs, options])
    const known = this.#young.get(key)
    if (known !== undefined) return known
    const old = this.#old.get(key)
    if (old !== undefined) return this.#keep(key, old)
    const memory = this.#young
    let lasts = key.length <= LONGEST_KEY
    const noticed =
      <Args extends unknown[], Answer>(ask: (...args: Args) => Answer) =>
      (...args: Args): Answer => {
        lasts = false
        return ask(...args)
      }
    const { lookup, now } = asked
    const parsed = await this.#read(scope, pairs, options, {
      lookup: {
        codesIn: noticed((valueSet) => lookup.codesIn(valueSet)),
        codesBy: noticed((direction, system, code) => lookup.codesBy(direction, system, code)),
        placesBy: noticed((direction, type, id) => lookup.placesBy(direction, type, id)),
      },
      now: noticed(now),
    })
    // Not what began before the parameters changed.
    return lasts && memory === this.#young && this.#once.isAgain(key) ? this.#keep(key, parsed) : parsed
  }

  /** The parameters that searches may use have changed. */
  forget(): void {
    this.#young = new Map()
    this.#old = new Map()
  }

  #keep(key: string, parsed: ParsedSearch): ParsedSearch {
    if (this.#young.size >= KEPT / 2) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, parsed)
    return parsed
  }
}
