// Stops a search that has looked at too much: dear statements count what they look at by functions of ours.
import type Database from 'better-sqlite3-multiple-ciphers'
import { tookTooLong } from './failures.ts'
import { LongSearch } from './long-search.ts'
import { FALSE, raw, sql, TRUE, type Fragment } from './sql.ts'
import { FhirError } from '../../fhir/errors.ts'

const MOST_ROWS = 3_000_000
const ROWS_BETWEEN_LOOKS = 256
/** What a search may cost where it must not take long, in about microseconds. */
const MOST_BRIEFLY = 3000

/** One a connection, on which one search runs at a time. */
export class WorkLimit {
  readonly #most: number
  readonly #typeNames = new Map<number, string>()
  readonly #stop: Int32Array | undefined
  #left: number
  #nested = 0
  #briefly = Infinity
  #looks = 0

  /** @param stop not 0 while the search at hand is to be given up; undefined: never */
  constructor(db: Database, most = MOST_ROWS, stop?: Int32Array) {
    this.#most = most
    this.#left = most
    this.#stop = stop
    db.function('examined', { deterministic: false, directOnly: true }, (_rid, type, cost) => {
      if (--this.#left < 0) throw new TooMuchWork(this.#typeNames.get(type!) ?? '')
      this.spend(cost!)
      return 1
    })
    db.function('passed', { deterministic: false, directOnly: true }, (_rid, cost) => {
      this.spend(cost!)
      return 1
    })
  }

  /** @throws LongSearch when it costs more than a search may where it must not take long, wherever the cost arises */
  briefly<Result>(run: () => Result): Result {
    this.#briefly = MOST_BRIEFLY
    try {
      return run()
    } finally {
      this.#briefly = Infinity
    }
  }

  get isBrief(): boolean {
    return this.#briefly !== Infinity
  }

  /** @param cost in about microseconds */
  spend(cost: number): void {
    this.#briefly -= cost
    if (this.#briefly < 0) throw new LongSearch()
    if (this.#stop === undefined || ++this.#looks % ROWS_BETWEEN_LOOKS !== 0) return
    if (Atomics.load(this.#stop, 0) !== 0) throw tookTooLong()
  }

  /** To be called once a search, whatever it is made of: several types and the total share the bound. */
  begin(): void {
    if (this.#nested === 0) this.#left = this.#most
  }

  /**
   * A condition that counts the row of this type, if it is there for the caller, and then tests the rest: else the
   * refusal would tell how much is hidden.
   * @param rid the row's, for a function of constants alone would be called once
   * @param there whether the caller may see the row
   */
  counted(
    rid: Fragment,
    type: { readonly type: number; readonly typeName: string },
    there: Fragment,
    rest: Fragment,
  ): Fragment {
    this.#typeNames.set(type.type, type.typeName)
    const counts = sql`examined(${rid}, ${raw(String(type.type))}, ${raw(String(costOf(rest)))})`
    return inTurn(there, inTurn(counts, rest))
  }

  /** A condition that many rows may be tested for where few meet it, and which no bound but that of time shall stop. */
  passing(rid: Fragment, condition: Fragment): Fragment {
    return inTurn(sql`passed(${rid}, ${raw(String(costOf(condition)))})`, condition)
  }

  /** Undefined when more than so many rows would have been examined. What was examined counts for the whole search. */
  within<Result>(rows: number, run: () => Result): Result | undefined {
    const before = this.#nested === 0 ? this.#most : this.#left
    const allowed = Math.min(rows, before)
    this.#left = allowed
    this.#nested++
    try {
      return run()
    } catch (error) {
      if (error instanceof TooMuchWork) return undefined
      throw error
    } finally {
      this.#nested--
      this.#left = before - (allowed - Math.max(this.#left, 0))
    }
  }
}

/** Of a row: itself, and each look into another table. */
function costOf({ text }: Fragment): number {
  return text.split('SELECT').length
}

/** Terms of an AND may be taken in any order, the parts of a CASE not. */
function inTurn(first: Fragment, rest: Fragment): Fragment {
  if (first === FALSE || rest === FALSE) return FALSE
  if (first === TRUE) return rest
  return rest === TRUE ? first : sql`CASE WHEN ${first} THEN ${rest} ELSE 0 END`
}

class TooMuchWork extends FhirError {
  constructor(typeName: string) {
    const what = typeName.startsWith('#')
      ? `resources that contain a ${typeName.slice(1)}`
      : `${typeName} resources`
    super(
      'too-costly',
      `The search would have to look at too many ${what}: no index serves these conditions. Narrow it, by patient, code or date for example.`,
    )
  }
}
