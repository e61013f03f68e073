// Index rows that a load had not put into their tables yet when it ended: put there before anything reads them.
import { clearRows } from './index-clearing.ts'
import { commonOf, readPacked } from './index-rows.ts'
import { RowInserts } from './row-inserts.ts'
import { atMost, sql } from './sql.ts'
import type { Statements } from './statements.ts'
import { replaceRows } from './table-rows.ts'

/** The setting that holds the first version whose rows may not be in the tables. */
const ROWS_LEFT_OUT = 'index-rows-left-out'
const VERSIONS_AT_ONCE = 500

/** Within the transaction at hand: from this version on rows may be lacking; undefined: none lack any more. */
export function markRowsHeld(statements: Statements, from: number | undefined): void {
  statements.run(
    from === undefined
      ? sql`DELETE FROM setting WHERE name = ${ROWS_LEFT_OUT}`
      : sql`INSERT INTO setting (name, value) VALUES (${ROWS_LEFT_OUT}, ${String(from)}) ON CONFLICT DO UPDATE SET value = excluded.value`,
  )
}

/** The first version whose rows may not be in the tables; undefined when all are. */
export function rowsLeftOutFrom(statements: Statements): number | undefined {
  const from = statements.value<string>(sql`SELECT value FROM setting WHERE name = ${ROWS_LEFT_OUT}`)
  return from === undefined ? undefined : Number(from)
}

/** Puts them in, within the transaction at hand. */
export function putRowsLeftOut(statements: Statements): void {
  const from = rowsLeftOutFrom(statements)
  if (from === undefined) return
  const inserts = new RowInserts(statements)
  for (let behind = from - 1; ; ) {
    const versions = statements.rows<[vid: number, rid: number, rows: string]>(
      sql`SELECT v.vid, v.rid, b.rows FROM version v CROSS JOIN res r ON r.rid = v.rid CROSS JOIN body b ON b.vid = v.vid WHERE v.vid > ${behind} AND r.seq = v.vid AND r.live = 1 ORDER BY v.vid ${atMost(VERSIONS_AT_ONCE)}`,
    )
    for (const [vid, rid, rows] of versions) {
      behind = vid
      const packed = readPacked(rows)
      // An update whose rows are lacking has left those there that it had in common with what was before.
      const contained = clearRows(statements, rid)
      const cleared = { head: '', common: commonOf(packed), rows: [], contained }
      replaceRows(statements, rid, cleared, packed, inserts)
    }
    inserts.flush()
    if (versions.length < VERSIONS_AT_ONCE) break
  }
  markRowsHeld(statements, undefined)
}
