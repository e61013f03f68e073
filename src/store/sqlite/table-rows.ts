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
import {
  commonOf,
  parseRow,
  unbound,
  type Common,
  type PackedIndex,
  type PackedRows,
  type Row,
} from './index-rows.ts'
import { RowInserts, type RowsToCome } from './row-inserts.ts'
import { sql, type Fragment } from './sql.ts'
import type { Statements } from './statements.ts'

/** A row as a table holds it: `#id` has become the `rid` of the contained resource. */
export type TableRow = Exclude<Row, readonly ['c', ...unknown[]]>

/**
 * Puts what `to` has and `from` has not, and takes away the rest; either may be nothing. The resource's own row in
 * `res` is that of `to` already. What is put waits in `inserts`; without, it is there at once.
 */
export function replaceRows(
  statements: Statements,
  rid: number,
  from: PackedIndex | undefined,
  to: PackedIndex | undefined,
  inserts?: RowsToCome,
): void {
  const into = inserts ?? new RowInserts(statements)
  const diff = differ(statements, from, to, into)
  if (!from?.contained.length && !to?.contained.length) diff(rid, from, to, NO_TARGETS, NO_TARGETS)
  else replaceContained(statements, rid, { from, to, diff, inserts: into })
  if (inserts === undefined) into.flush()
}

function replaceContained(
  statements: Statements,
  rid: number,
  {
    from,
    to,
    diff,
    inserts,
  }: {
    readonly from: PackedIndex | undefined
    readonly to: PackedIndex | undefined
    readonly diff: Diff
    readonly inserts: RowsToCome
  },
): void {
  // What is contained is put in by what stands in the tables.
  inserts.flushVersions()
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
  diff(rid, from, to, oldTargets, newTargets)
  for (const [name, kept] of before) diff(kept.rid, kept, after.get(name), oldTargets, newTargets)
  for (const [name, kept] of after)
    if (!before.has(name)) diff(kept.rid, undefined, kept, oldTargets, newTargets)
  for (const [name, { rid: own }] of before)
    if (!after.has(name)) statements.run(sql`DELETE FROM res WHERE rid = ${own}`)
}

type Diff = (
  rid: number,
  from: PackedRows | undefined,
  to: PackedRows | undefined,
  oldTargets: Targets,
  newTargets: Targets,
) => void

function differ(
  statements: Statements,
  before: PackedIndex | undefined,
  after: PackedIndex | undefined,
  inserts: RowsToCome,
): Diff {
  const old = before && commonOf(before)
  const common = after && commonOf(after)
  const renewed = renewedTables(old, common)
  return (rid, from, to, oldTargets, newTargets) => {
    const moved = !sameTargets(oldTargets, newTargets)
    const stays = (row: string, others: ReadonlySet<string> | undefined): boolean =>
      others !== undefined &&
      others.has(row) &&
      !renewed.has(tableOf(row)) &&
      !(moved && refersToContained(row))
    if (from !== undefined && old !== undefined) {
      if (inserts.holds(rid)) inserts.flush()
      const others = to === undefined ? undefined : new Set(to.rows)
      const emptied = new Set<string>()
      for (const row of from.rows) {
        if (stays(row, others)) continue
        const table = tableOf(row)
        if (!renewed.has(table))
          for (const one of tableRows(row, oldTargets)) statements.run(deletion(one, rid, old.dt))
        else if (!emptied.has(table)) {
          emptied.add(table)
          statements.run(sql`DELETE FROM ${renewed.get(table)!} WHERE rid = ${rid}`)
        }
      }
    }
    if (to !== undefined && common !== undefined) {
      const others = from === undefined ? undefined : new Set(from.rows)
      const { rows, values } = to
      for (let at = 0; at < rows.length; at++) {
        const text = rows[at]!
        if (stays(text, others)) continue
        const row = values?.[at] ?? parseRow(text)
        if (isAsInTable(row)) inserts.add(row, rid, common)
        else for (const one of tableRows(text, newTargets, row)) inserts.add(one, rid, common)
      }
    }
  }
}

/** By the letters of the rows in it; each row of them repeats `pat` and `lab`. */
const GUARDED = new Map(
  Object.entries({ s: sql`str`, d: sql`dat`, q: sql`qty`, p: sql`pos`, t: sql`tok`, r: sql`ref` }),
)
/** Each row of these repeats `dt` too. */
const DATED = new Map([...GUARDED].filter(([letter]) => letter === 't' || letter === 'r'))
const NONE: ReadonlyMap<string, Fragment> = new Map()

/** In which no row of the resource can stay as it is. */
function renewedTables(before: Common | undefined, after: Common | undefined): ReadonlyMap<string, Fragment> {
  if (before === undefined) return NONE
  if (before.pat !== after?.pat || before.lab !== after.lab) return GUARDED
  return before.dt === after.dt ? NONE : DATED
}

/** The letter of the table that a packed row is of. */
function tableOf(row: string): string {
  const letter = row.charAt(2)
  return letter === 'c' ? 'r' : letter
}

function refersToContained(row: string): boolean {
  // Within a JSON string the quotes would be escaped.
  return row.includes('["c",')
}

function sameTargets(a: Targets, b: Targets): boolean {
  if (a === b) return true
  return a.size === b.size && [...a].every(([id, rids]) => b.get(id)?.join() === rids.join())
}

/** Whether nothing in it can refer to a contained resource: so it is with nearly all. */
function isAsInTable(row: Row): row is Exclude<TableRow, readonly ['m', ...unknown[]]> {
  return row[0] !== 'c' && row[0] !== 'm'
}

/**
 * A packed row as the tables hold it: none when it refers to a contained resource that is not there.
 * @param row what `text` says, if known
 */
function tableRows(text: string, targets: Targets, row: Row = parseRow(text)): readonly TableRow[] {
  if (row[0] === 'c') return (targets.get(row[2]) ?? []).map((rid) => ['r', row[1], rid])
  if (row[0] !== 'm' || !refersToContained(text)) return [row]
  const components = row[3].flatMap((component): Row[] =>
    component[0] === 'c' ? [...tableRows(JSON.stringify(component), targets)].slice(0, 1) : [component],
  )
  return components.length === row[3].length ? [['m', row[1], row[2], components] as TableRow] : []
}

function deletion(row: TableRow, rid: number, dt: number): Fragment {
  const from = rowTable(row)
  return sql`DELETE FROM ${from.table} WHERE ${from.key} ${from.dated ? sql`AND dt = ${dt}` : sql``} AND rid = ${rid}`
}

interface RowTable {
  readonly table: Fragment
  /** The condition that finds the row there, its `rid` and (where `dated`) its `dt` aside. */
  readonly key: Fragment
  readonly dated: boolean
}

function rowTable(row: TableRow): RowTable {
  switch (row[0]) {
    case 't':
      return { table: sql`tok`, key: sql`tp = ${row[1]} AND val = ${row[2]}`, dated: true }
    case 'r':
      return { table: sql`ref`, key: sql`tp = ${row[1]} AND tgt = ${row[2]}`, dated: true }
    case 's':
      return {
        table: sql`str`,
        key: sql`tp = ${row[1]} AND val = ${row[2]} AND exact = ${row[3] ?? ''}`,
        dated: false,
      }
    case 'd':
      return {
        table: sql`dat`,
        key: sql`tp = ${row[1]} AND lo = ${unbound(row[2])} AND hi = ${unbound(row[3])}`,
        dated: false,
      }
    case 'q':
      return {
        table: sql`qty`,
        key: sql`tp = ${row[1]} AND lo = ${unbound(row[2])} AND hi = ${unbound(row[3])} AND sys = ${row[4]} AND code = ${row[5]} AND unit = ${row[6]}`,
        dated: false,
      }
    case 'p':
      return {
        table: sql`pos`,
        key: sql`tp = ${row[1]} AND lat = ${row[2]} AND lon = ${row[3]}`,
        dated: false,
      }
    case 'm':
      return {
        table: sql`cmp`,
        key: sql`tp = ${row[1]} AND n = ${row[2]} AND row = ${JSON.stringify(row[3])}`,
        dated: false,
      }
  }
}
