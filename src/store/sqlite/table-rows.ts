// The rows of a resource, and of those it contains, on their way into the index tables.
import {
  addContained,
  containedNow,
  named,
  NO_TARGETS,
  targetsOf,
  type Kept,
  type Targets,
} from './contained.ts'
import { commonOf, parseRow, unbound, type Common, type PackedIndex, type Row } from './index-rows.ts'
import { LONG_DATE } from './schema.ts'
import { sql, type Fragment } from './sql.ts'
import type { Statements } from './statements.ts'

/** A row as a table holds it: `#id` has become the `rid` of the contained resource. */
export type TableRow = Exclude<Row, readonly ['c', ...unknown[]]>

/**
 * Puts what `to` has and `from` has not, and takes away the rest; either may be nothing. The resource's own row in
 * `res` is that of `to` already.
 */
export function replaceRows(
  statements: Statements,
  rid: number,
  from: PackedIndex | undefined,
  to: PackedIndex | undefined,
): void {
  const diff = differ(statements, from, to)
  if (!from?.contained.length && !to?.contained.length)
    return diff(rid, from?.rows, to?.rows, NO_TARGETS, NO_TARGETS)

  const before = from === undefined ? new Map<string, Kept>() : containedNow(statements, rid, from.contained)
  const after = new Map<string, Kept>()
  if (to !== undefined) {
    statements.run(
      sql`UPDATE res SET (ver, seq, lu, op, pat, lab, dt) = (SELECT c.ver, c.seq, c.lu, c.op, c.pat, c.lab, c.dt FROM res c WHERE c.rid = ${rid}) WHERE owner = ${rid} AND owner > 0`,
    )
    for (const [name, { type, rows }] of named(to.contained)) {
      const own = before.get(name)?.rid ?? addContained(statements, rid, type, name)
      after.set(name, { rid: own, rows })
    }
  }
  const [oldTargets, newTargets] = [targetsOf(before), targetsOf(after)]
  diff(rid, from?.rows, to?.rows, oldTargets, newTargets)
  for (const [name, { rid: own, rows }] of before)
    diff(own, rows, after.get(name)?.rows, oldTargets, newTargets)
  for (const [name, { rid: own, rows }] of after)
    if (!before.has(name)) diff(own, undefined, rows, oldTargets, newTargets)
  for (const [name, { rid: own }] of before)
    if (!after.has(name)) statements.run(sql`DELETE FROM res WHERE rid = ${own}`)
}

type Diff = (
  rid: number,
  from: readonly string[] | undefined,
  to: readonly string[] | undefined,
  oldTargets: Targets,
  newTargets: Targets,
) => void

function differ(
  statements: Statements,
  before: PackedIndex | undefined,
  after: PackedIndex | undefined,
): Diff {
  const sameHead = before?.head === after?.head
  const old = before && commonOf(before)
  const common = after && commonOf(after)
  return (rid, from, to, oldTargets, newTargets) => {
    const moved = !sameTargets(oldTargets, newTargets)
    const stays = (row: string, others: ReadonlySet<string> | undefined): boolean =>
      others !== undefined && others.has(row) && !(moved && refersToContained(row))
    if (from !== undefined && old !== undefined) {
      const others = sameHead && to !== undefined ? new Set(to) : undefined
      for (const row of from) {
        if (stays(row, others)) continue
        for (const one of tableRows(row, oldTargets)) statements.run(deletion(one, rid, old.dt))
      }
    }
    if (to !== undefined && common !== undefined) {
      const others = sameHead && from !== undefined ? new Set(from) : undefined
      for (const row of to) {
        if (stays(row, others)) continue
        for (const one of tableRows(row, newTargets)) statements.run(insertion(one, rid, common))
      }
    }
  }
}

function refersToContained(row: string): boolean {
  // Within a JSON string the quotes would be escaped.
  return row.includes('["c",')
}

function sameTargets(a: Targets, b: Targets): boolean {
  if (a === b) return true
  return a.size === b.size && [...a].every(([id, rids]) => b.get(id)?.join() === rids.join())
}

/** A packed row as the tables hold it: none when it refers to a contained resource that is not there. */
export function tableRows(text: string, targets: Targets): readonly TableRow[] {
  const row = parseRow(text)
  if (row[0] === 'c') return (targets.get(row[2]) ?? []).map((rid) => ['r', row[1], rid])
  if (row[0] !== 'm' || !refersToContained(text)) return [row]
  const components = row[3].flatMap((component): Row[] =>
    component[0] === 'c' ? [...tableRows(JSON.stringify(component), targets)].slice(0, 1) : [component],
  )
  return components.length === row[3].length ? [['m', row[1], row[2], components] as TableRow] : []
}

/** Constant texts: this is the most frequent statement of all. */
const INSERT = {
  t: 'INSERT INTO tok (tp, val, dt, rid, pat, lab) VALUES (?, ?, ?, ?, ?, ?)',
  r: 'INSERT INTO ref (tp, tgt, dt, rid, pat, lab) VALUES (?, ?, ?, ?, ?, ?)',
  s: 'INSERT INTO str (tp, val, exact, rid, pat, lab) VALUES (?, ?, ?, ?, ?, ?)',
  d: 'INSERT INTO dat (tp, lo, hi, rid, pat, lab, long) VALUES (?, ?, ?, ?, ?, ?, ?)',
  q: 'INSERT INTO qty (tp, lo, hi, sys, code, unit, rid, pat, lab, long) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  p: 'INSERT INTO pos (tp, lat, lon, rid, pat, lab) VALUES (?, ?, ?, ?, ?, ?)',
  m: 'INSERT INTO cmp (tp, n, row, rid) VALUES (?, ?, ?, ?)',
} as const

function insertion(row: TableRow, rid: number, { dt, pat, lab }: Common): Fragment {
  const text = INSERT[row[0]]
  switch (row[0]) {
    case 't':
    case 'r':
      return { text, params: [row[1], row[2], dt, rid, pat, lab] }
    case 's':
      return { text, params: [row[1], row[2], row[3] ?? '', rid, pat, lab] }
    case 'd': {
      const [lo, hi] = [unbound(row[2]), unbound(row[3])]
      return { text, params: [row[1], lo, hi, rid, pat, lab, hi - lo > LONG_DATE ? 1 : 0] }
    }
    case 'q': {
      const [lo, hi] = [unbound(row[2]), unbound(row[3])]
      return { text, params: [row[1], lo, hi, row[4], row[5], row[6], rid, pat, lab, hi === lo ? 0 : 1] }
    }
    case 'p':
      return { text, params: [row[1], row[2], row[3], rid, pat, lab] }
    case 'm':
      return { text, params: [row[1], row[2], JSON.stringify(row[3]), rid] }
  }
}

function deletion(row: TableRow, rid: number, dt: number): Fragment {
  const from = rowTable(row)
  return sql`DELETE FROM ${from.table} WHERE ${from.key} ${from.dated ? sql`AND dt = ${dt}` : sql``} AND rid = ${rid}`
}

export interface RowTable {
  readonly table: Fragment
  /** The condition that finds the row there, its `rid` and (where `dated`) its `dt` aside. */
  readonly key: Fragment
  readonly dated: boolean
  /** Whether it repeats `pat` and `lab`. */
  readonly filtered: boolean
}

export function rowTable(row: TableRow): RowTable {
  const [undated, filtered] = [false, true]
  switch (row[0]) {
    case 't':
      return { table: sql`tok`, key: sql`tp = ${row[1]} AND val = ${row[2]}`, dated: true, filtered }
    case 'r':
      return { table: sql`ref`, key: sql`tp = ${row[1]} AND tgt = ${row[2]}`, dated: true, filtered }
    case 's':
      return {
        table: sql`str`,
        key: sql`tp = ${row[1]} AND val = ${row[2]} AND exact = ${row[3] ?? ''}`,
        dated: undated,
        filtered,
      }
    case 'd':
      return {
        table: sql`dat`,
        key: sql`tp = ${row[1]} AND lo = ${unbound(row[2])} AND hi = ${unbound(row[3])}`,
        dated: undated,
        filtered,
      }
    case 'q':
      return {
        table: sql`qty`,
        key: sql`tp = ${row[1]} AND lo = ${unbound(row[2])} AND hi = ${unbound(row[3])} AND sys = ${row[4]} AND code = ${row[5]} AND unit = ${row[6]}`,
        dated: undated,
        filtered,
      }
    case 'p':
      return {
        table: sql`pos`,
        key: sql`tp = ${row[1]} AND lat = ${row[2]} AND lon = ${row[3]}`,
        dated: undated,
        filtered,
      }
    case 'm':
      return {
        table: sql`cmp`,
        key: sql`tp = ${row[1]} AND n = ${row[2]} AND row = ${JSON.stringify(row[3])}`,
        dated: undated,
        filtered: false,
      }
  }
}
