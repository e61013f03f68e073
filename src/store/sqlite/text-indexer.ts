// Brings the full-text table up to date, in steps: writes themselves leave it alone.
import { atMost, sql } from './sql.ts'
import type { Statements } from './statements.ts'
import { parsed, TEXT_INDEX_MARK, textIndexMark } from './text-index.ts'
import { resourceWords } from '../words.ts'

/**
 * A row for each resource that is not deleted, its `rid` the rowid, the words of its strings in the two columns.
 * A version that has been superseded is passed over: its successor's turn comes in the same order.
 */
export class TextIndexer {
  readonly #statements: Statements

  constructor(statements: Statements) {
    this.#statements = statements
  }

  /**
   * Takes in versions that the table does not know yet, until it has read `bytes` of bodies, within the transaction at
   * hand. Whether none remain.
   */
  step(bytes: number): boolean {
    const statements = this.#statements
    const mark = textIndexMark(statements)
    const last = statements.value<number>(sql`SELECT coalesce(max(vid), 0) FROM version`)!
    if (mark >= last) return true
    const versions = statements.rows<
      [vid: number, rid: number, current: number, live: number, length: number]
    >(
      sql`SELECT v.vid, v.rid, r.seq = v.vid, r.live, coalesce(length(b.body), 0) FROM version v CROSS JOIN res r ON r.rid = v.rid LEFT JOIN body b ON b.vid = v.vid WHERE v.vid > ${mark} ORDER BY v.vid ${atMost(versionsIn(bytes))}`,
    )
    let read = 0
    let reached = mark
    for (const [vid, rid, current, live, length] of versions) {
      if (read >= bytes) break
      reached = vid
      if (current === 0) continue
      if (live === 1) this.#put(rid, vid)
      else statements.run(sql`DELETE FROM words WHERE rowid = ${rid}`)
      read += length
    }
    statements.run(
      sql`INSERT INTO setting (name, value) VALUES (${TEXT_INDEX_MARK}, ${String(reached)}) ON CONFLICT DO UPDATE SET value = excluded.value`,
    )
    return reached >= last
  }

  #put(rid: number, vid: number): void {
    const body = this.#statements.value<Buffer>(sql`SELECT body FROM body WHERE vid = ${vid}`)
    const { narrative, content } = columnsOf(body)
    this.#statements.run(
      sql`INSERT OR REPLACE INTO words (rowid, narrative, content) VALUES (${rid}, ${narrative}, ${content})`,
    )
  }
}

const MOST_VERSIONS = 1000

/** Not many more than will be taken in: to look at one costs a third of that. */
function versionsIn(bytes: number): number {
  return Math.min(MOST_VERSIONS, 16 + Math.ceil(bytes / 1024))
}

/** Between strings, so that no phrase reaches from one into the next: a token to FTS5, no word to whoever searches. */
const SEPARATOR = ' \u00a6 '

/** The two columns' texts, their tokens apart by one space each. */
export function columnsOf(body: Buffer | undefined): {
  readonly narrative: string
  readonly content: string
} {
  const resource = body && parsed(body)
  if (resource === undefined) return { narrative: '', content: '' }
  const words = resourceWords(resource)
  const text = (strings: readonly (readonly string[])[]) =>
    strings.map((string) => string.join(' ')).join(SEPARATOR)
  return { narrative: text(words.narrative), content: text(words.content) }
}
