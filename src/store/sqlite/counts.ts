// How many rows the sources of one plan have, counted no further than need be and not again.
import { live } from './arms.ts'
import type { CompileContext } from './compile-expression.ts'
import type { Source } from './source.ts'
import { atMost, raw, sql } from './sql.ts'
import type { Statements } from './statements.ts'

/** In microseconds, roughly. */
const COST_OF_A_ROW = 0.05

export class Counts {
  readonly statements: Statements
  readonly #context: CompileContext
  readonly #known = new Map<readonly Source[], { readonly limit: number; readonly found: number }>()

  constructor(context: CompileContext, statements: Statements) {
    this.#context = context
    this.statements = statements
  }

  /** All that were ever created, of every type. */
  get resources(): number {
    const { statements } = this
    return statements.snapshot.once(
      'resources',
      () => statements.value<number>(sql`SELECT coalesce(max(rid), 0) FROM res`)!,
    )
  }

  /** As many as there are, if they were counted to their end already; else Infinity. */
  known(sources: readonly Source[]): number {
    const here = this.#known.get(sources)
    return here !== undefined && here.found < here.limit ? here.found : Infinity
  }

  /** What other searches have counted lately may stand for it. */
  upTo(limit: number, sources: readonly Source[]): number {
    const here = this.#known.get(sources)
    if (here !== undefined && isFarEnough(here, limit)) return Math.min(here.found, limit)
    const key = this.#keyOf(sources)
    const { counts } = this.statements
    const known = counts.get(key, lastSeq(this.statements))
    if (known !== undefined && isFarEnough(known, limit)) {
      this.#known.set(sources, known)
      return Math.min(known.found, limit)
    }
    const counted = { limit, found: this.#count(limit, sources), seq: lastSeq(this.statements) }
    this.#known.set(sources, counted)
    counts.keep(key, counted)
    return counted.found
  }

  #count(limit: number, sources: readonly Source[]): number {
    let found = 0
    for (const { from, where, main } of sources) {
      if (found >= limit) break
      found += this.statements.value<number>(
        sql`SELECT count(*) FROM (SELECT 1 FROM ${raw(from)} WHERE ${live(main, this.#context)} ${where} ${atMost(limit - found)})`,
      )!
    }
    this.statements.work.spend(found * COST_OF_A_ROW)
    return found
  }

  #keyOf(sources: readonly Source[]): string {
    let key = String(this.#context.type)
    for (const { from, where, keyed } of sources)
      key +=
        keyed === undefined
          ? `\n${from} ${where.text}\n${where.params.join('\n')}`
          : `\n${keyed.table} ${keyed.tp}\n${keyed.keys.join('\n')}`
    return key
  }
}

export function lastSeq(statements: Statements): number {
  return statements.snapshot.once(
    'seq',
    () => statements.value<number>(sql`SELECT coalesce(max(vid), 0) FROM version`)!,
  )
}

function isFarEnough(known: { readonly limit: number; readonly found: number }, limit: number): boolean {
  return known.found < known.limit || limit <= known.limit
}
