// Takes rows out of the index tables by the resource that they name, whether they belong there or not.
import type { PackedContained } from './index-rows.ts'
import { raw, sql } from './sql.ts'
import type { Statements } from './statements.ts'
import { TEXT_INDEX_MARK } from './text-index.ts'

/** Where the rows of resources are, each with an index that begins with `rid`. */
const TABLES = ['tok', 'ref', 'str', 'dat', 'qty', 'pos', 'cmp'].map(raw)
/** Numbers of resources that are gone through in one step. */
const STEP = 10_000

/**
 * Takes away every index row of a resource and of what it contains; none may wait in `RowInserts`. What it contains,
 * with the rows that are left of that: none.
 */
export function clearRows(statements: Statements, rid: number): readonly PackedContained[] {
  const contained = statements.rows<[rid: number, type: number, id: string]>(
    sql`SELECT rid, type, id FROM res WHERE owner = ${rid} AND owner > 0`,
  )
  for (const one of [rid, ...contained.map(([own]) => own)])
    for (const table of TABLES) statements.run(sql`DELETE FROM ${table} WHERE rid = ${one}`)
  return contained.map(([, type, id]) => ({ type, id: id.slice(id.indexOf('#') + 1), rows: [] }))
}

/**
 * Takes away what names no resource that is there, also what is contained in none, in steps: each goes through some
 * of the numbers behind this one, from 0 on. Where the next begins; undefined at the end.
 */
export function clearStrays(statements: Statements, behind: number): number | undefined {
  const last = statements.value<number>(sql`SELECT coalesce(max(rid), 0) FROM res`)!
  const upTo = behind + STEP
  if (behind === 0) {
    clearContained(statements)
    clearLists(statements)
    for (const table of TABLES) statements.run(sql`DELETE FROM ${table} WHERE rid <= 0 OR rid > ${last}`)
  }
  for (const table of TABLES)
    statements.run(
      sql`DELETE FROM ${table} WHERE rid > ${behind} AND rid <= ${upTo} AND rid NOT IN (SELECT r.rid FROM res r WHERE r.rid > ${behind} AND r.rid <= ${upTo} AND r.live = 1)`,
    )
  return upTo < last ? upTo : undefined
}

const CONTAINED_TYPES = sql`SELECT code FROM type WHERE name >= '#' AND name < '$'`

/** Those whose container is not there, or whose id is not within it. */
function clearContained(statements: Statements): void {
  statements.run(
    sql`DELETE FROM res WHERE type IN (${CONTAINED_TYPES}) AND NOT (live = 1 AND EXISTS (SELECT 1 FROM res o WHERE o.rid = res.owner AND o.live = 1 AND o.type NOT IN (${CONTAINED_TYPES}) AND substr(res.id, 1, length(o.rid) + 1) = o.rid || '#'))`,
  )
}

/** Of what is not there; what is deleted is listed as its deletion is. */
function clearLists(statements: Statements): void {
  for (const [what, column] of [
    ['patient', 'pat'],
    ['label', 'label'],
  ] as const) {
    const [ofResources, ofVersions] = [raw(`res_${what}`), raw(`version_${what}`)]
    statements.run(sql`DELETE FROM ${ofVersions} WHERE vid NOT IN (SELECT vid FROM version)`)
    statements.run(
      sql`DELETE FROM ${ofResources} WHERE rid NOT IN (SELECT rid FROM res WHERE live = 1 AND type NOT IN (${CONTAINED_TYPES}))`,
    )
    statements.run(
      sql`INSERT INTO ${ofResources} SELECT r.rid, l.${raw(column)} FROM ${ofVersions} l CROSS JOIN version v ON v.vid = l.vid CROSS JOIN res r ON r.rid = v.rid WHERE r.seq = l.vid AND r.live = 0`,
    )
  }
}

/** All words are to be taken in anew. */
export function clearWords(statements: Statements): void {
  // https://sqlite.org/fts5.html#the_delete_all_command
  statements.run(sql`INSERT INTO words (words) VALUES ('delete-all')`)
  statements.run(sql`DELETE FROM setting WHERE name = ${TEXT_INDEX_MARK}`)
}
