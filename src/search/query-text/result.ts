// What a search's result is to be: its order, size, includes and contained resources, read from their parameters.
import type { Include, SortKey } from '../../store/index.ts'
import { readContained, readContainedType } from './contained.ts'
import { MOST_INCLUDES, readInclude } from './includes.ts'
import type { ReadingParts } from './reading.ts'
import { quoted, SearchFault } from './refusal.ts'
import { readCount, readTotal } from './result-parameters.ts'
import { readSort } from './sort.ts'
import { RESULT_PARAMETERS } from './support.ts'

export type ResultParameter = (typeof RESULT_PARAMETERS)[number]

export interface Result {
  readonly sort: readonly SortKey[]
  readonly count: number | undefined
  readonly total: 'none' | 'accurate' | undefined
  readonly includes: readonly Include[]
  readonly contained: 'false' | 'true' | 'both'
  readonly containedType: 'container' | 'contained'
}

/** A result parameter as it was written and as it was used. */
export interface UsedParameter {
  readonly code: ResultParameter
  readonly name: string
  readonly modifier: string | undefined
  readonly value: string
}

export function isResultParameter(code: string): code is ResultParameter {
  return (RESULT_PARAMETERS as readonly string[]).includes(code)
}

/** Reads one after the other; faults are for the caller to gather. */
export class ResultReader {
  readonly #types: readonly string[]
  readonly #everyType: readonly string[]
  readonly #maxCount: number
  readonly #parts: ReadingParts
  readonly #seen = new Set<string>()
  readonly #includes = new Map<string, Include>()
  #sort: Result['sort'] = []
  #count: Result['count']
  #total: Result['total']
  #contained: Result['contained'] = 'false'
  #containedType: Result['containedType'] = 'container'

  /**
   * @param types what matches may be
   * @param everyType what they may be when they contain others
   */
  constructor(types: readonly string[], everyType: readonly string[], maxCount: number, parts: ReadingParts) {
    this.#types = types
    this.#everyType = everyType
    this.#maxCount = maxCount
    this.#parts = parts
  }

  get result(): Result {
    return {
      sort: this.#sort,
      count: this.#count,
      total: this.#total,
      contained: this.#contained,
      containedType: this.#containedType,
      includes: [...this.#includes.values()],
    }
  }

  /** Before all others, which depend on it. @throws SearchFault */
  readContained({ name, code, modifier, value }: UsedParameter): void {
    this.#requireOnce(name, code, modifier, value)
    if (code === '_contained') this.#contained = readContained(value)
    else this.#containedType = readContainedType(value)
  }

  /** Returns it as it is used; undefined when it says nothing new. @throws SearchFault */
  read({ name, code, modifier, value }: UsedParameter): readonly [name: string, value: string] | undefined {
    if (code === '_include' || code === '_revinclude') {
      const types = this.#contained === 'false' ? this.#types : this.#everyType
      const include = readInclude(name, code, modifier, value, types, this.#parts)
      const written = include.iterate ? `${code}:iterate` : code
      const key = `${written}=${value}`
      if (this.#includes.has(key)) return undefined
      this.#includes.set(key, include)
      if (this.#includes.size > MOST_INCLUDES)
        throw new SearchFault(name, 'value', `it stands more than ${MOST_INCLUDES} times.`)
      return [written, value]
    }
    this.#requireOnce(name, code, modifier, value)
    if (code === '_count') {
      this.#count = readCount(value, this.#maxCount)
      return [code, String(this.#count)]
    }
    if (code === '_total') this.#total = readTotal(value)
    if (code === '_sort') {
      const sort = readSort(value, this.#types, this.#parts.registry)
      if (this.#contained !== 'false' && sort.some((key) => key.by === 'entry'))
        throw new SearchFault(
          name,
          'not-supported',
          'what contains a match may be of any type, so it is sorted by _id and _lastUpdated alone.',
        )
      this.#sort = sort
    }
    return [code, value]
  }

  #requireOnce(name: string, code: string, modifier: string | undefined, value: string): void {
    if (modifier !== undefined)
      throw new SearchFault(name, 'not-supported', `${quoted(modifier)} is no modifier of it; it takes none.`)
    if (this.#seen.has(code)) throw new SearchFault(name, 'value', 'it stands more than once.')
    this.#seen.add(code)
    if (value === '') throw new SearchFault(name, 'value', 'it has no value.')
  }
}
