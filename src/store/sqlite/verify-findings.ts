// What a check of the data at rest has found, of each kind no more than can be read.
import { sql } from './sql.ts'
import type { Statements } from './statements.ts'

/** @param done of `total`, in units of about the same work */
export type VerifyProgress = (done: number, total: number) => void
/** So many units more are done. */
export type Advance = (count: number) => void

/** At most this many lines of one kind; the rest is counted. */
const MOST_LINES = 20

export class Findings {
  readonly #statements: Statements
  readonly #kinds = new Map<string, { readonly lines: string[]; count: number }>()

  constructor(statements: Statements) {
    this.#statements = statements
  }

  /** @param says what is wrong with it: `has a gap in its versions` */
  of(rid: number, says: string): void {
    this.#add(says, () => `${this.#nameOf(rid)} ${says}.`)
  }

  /** @param line a sentence that names what is wrong itself @param kind what it has in common with others */
  add(line: string, kind = line): void {
    this.#add(kind, () => line)
  }

  lines(): string[] {
    return [...this.#kinds.values()].flatMap(({ lines, count }) =>
      count > lines.length ? [...lines, `... and ${count - lines.length} more like these.`] : lines,
    )
  }

  #add(kind: string, line: () => string): void {
    const found = this.#kinds.get(kind) ?? { lines: [], count: 0 }
    this.#kinds.set(kind, found)
    found.count++
    if (found.lines.length < MOST_LINES) found.lines.push(line())
  }

  #nameOf(rid: number): string {
    const name = this.#statements.value<string>(
      sql`SELECT t.name || '/' || r.id FROM res r JOIN type t ON t.code = r.type WHERE r.rid = ${rid}`,
    )
    return name ?? `Resource number ${rid}`
  }
}
