// Checks that the index tables hold the rows that the packed copies beside the bodies list, and no others.
import { containedNow, type Kept } from './contained.ts'
import { openScratch } from './connection.ts'
import { commonOf, parseRow, readPacked, type PackedIndex } from './index-rows.ts'
import { SCHEMA } from './schema.ts'
import { raw, sql } from './sql.ts'
import { Statements } from './statements.ts'
import { replaceRows } from './table-rows.ts'
import type { Advance, Findings } from './verify-findings.ts'

/**
 * The rows of every current resource are made anew in a scratch database, by the code that writes them. To compare
 * tables of any size in little memory, each resource has one number: the sum of its rows' hashes there, less those
 * here.
 */
export function verifyRows(statements: Statements, findings: Findings, advance: Advance): void {
  const tables = indexTables(statements)
  const scratch = new Statements(openScratch(SCHEMA))
  try {
    const sums = new Uint32Array(statements.value<number>(sql`SELECT coalesce(max(rid), 0) + 1 FROM res`)!)
    const owners = new Map<number, number>()
    let contained = 0
    for (const portion of liveRows(statements)) {
      for (const [rid, dt, pat, lab, text] of portion) {
        const packed = readable(text)
        if (packed === undefined) {
          findings.of(rid, 'has an index that cannot be read')
          continue
        }
        const common = commonOf(packed)
        if (common.dt !== dt || common.pat !== pat || common.lab !== lab)
          findings.of(rid, 'has index rows of another date, patient or label')
        const inside = packed.contained.length === 0 ? NONE : containedNow(statements, rid, packed.contained)
        contained += packed.contained.length
        if (inside.size < packed.contained.length) findings.of(rid, 'lacks a resource that it contains')
        for (const { rid: own } of inside.values()) owners.set(own, rid)
        makeRows(scratch, rid, packed, inside)
      }
      for (const [seed, table] of tables.entries()) {
        sum(scratch, table, seed, (rid, hash) => (sums[rid] = sums[rid]! + hash))
        scratch.run(sql`DELETE FROM ${raw(table.name)}`)
      }
      scratch.run(sql`DELETE FROM res`)
      advance(portion.length)
    }
    for (const [seed, table] of tables.entries()) {
      let strangers = 0
      sum(statements, table, seed, (rid, hash) => {
        if (rid > 0 && rid < sums.length) sums[rid] = sums[rid]! - hash
        else strangers++
      })
      if (strangers > 0)
        findings.add(`The index table ${table.name} has ${strangers} rows of resources that are not there.`)
    }
    let named = 0
    for (const [rid, differs] of sums.entries())
      if (differs !== 0) {
        if (named++ < MOST_NAMED)
          nameDifferences(statements, scratch, tables, owners.get(rid) ?? rid, findings)
        else findings.of(rid, 'has other rows in the index tables than are listed')
      }
    for (const [rid] of statements.rows<[number]>(STRANGELY_CONTAINED))
      findings.of(
        rid,
        'contains a resource that stands at another version, date, patient or label than its own',
      )
    const there = statements.value<number>(sql`SELECT count(*) FROM res WHERE owner > 0`)!
    if (there !== contained) findings.add(`There are ${there} contained resources, ${contained} are listed.`)
  } finally {
    scratch.db.close()
  }
}

interface IndexTable {
  readonly name: string
  /** The place of `rid` among its columns. */
  readonly rid: number
}

/** Resources whose rows are compared one by one, to say more of them. */
const MOST_NAMED = 100

const NONE: ReadonlyMap<string, Kept> = new Map()

/** Those that name resources, apart from where resources and versions themselves stand. */
function indexTables(statements: Statements): readonly IndexTable[] {
  return statements
    .rows<[string, number]>(
      sql`SELECT m.name, c.cid FROM sqlite_schema m JOIN pragma_table_info(m.name) c ON c.name = 'rid' WHERE m.type = 'table' AND m.name NOT IN ('res', 'version', 'res_patient', 'res_label') ORDER BY m.name`,
    )
    .map(([name, rid]) => ({ name, rid }))
}

const STRANGELY_CONTAINED = sql`SELECT DISTINCT c.owner FROM res c LEFT JOIN res r ON r.rid = c.owner WHERE c.owner > 0 AND (r.rid IS NULL OR r.live = 0 OR (c.ver, c.seq, c.lu, c.op, c.live, c.pat, c.lab, c.dt) <> (r.ver, r.seq, r.lu, r.op, r.live, r.pat, r.lab, r.dt))`

/** The contained stand in the scratch database as they do here: their rows bear their numbers. */
function makeRows(
  scratch: Statements,
  rid: number,
  packed: PackedIndex,
  inside: ReadonlyMap<string, Kept>,
): void {
  if (inside.size < packed.contained.length) return
  for (const [name, kept] of inside) {
    const at = name.indexOf(' ')
    const [type, id] = [Number(name.slice(0, at)), `${rid}#${name.slice(at + 1)}`]
    scratch.run(
      sql`INSERT INTO res (rid, type, id, ver, seq, lu, op, live, pat, lab, dt, owner) VALUES (${kept.rid}, ${type}, ${id}, 0, 0, 0, 0, 1, 0, 0, 0, ${rid})`,
    )
  }
  if (inside.size > 0)
    scratch.run(
      sql`INSERT INTO res (rid, type, id, ver, seq, lu, op, live, pat, lab, dt) VALUES (${rid}, 0, ${String(rid)}, 0, 0, 0, 0, 1, 0, 0, 0)`,
    )
  const empty = {
    head: packed.head,
    rows: [],
    contained: packed.contained.map((one) => ({ ...one, rows: [] })),
  }
  replaceRows(scratch, rid, empty, packed)
}

function readable(text: string): PackedIndex | undefined {
  try {
    const packed = readPacked(text)
    commonOf(packed)
    for (const line of [packed.rows, ...packed.contained.map((one) => one.rows)].flat()) parseRow(line)
    return packed
  } catch {
    return undefined
  }
}

type Row = readonly (number | string | null)[]

function sum(
  { db }: Statements,
  { name, rid }: IndexTable,
  seed: number,
  add: (rid: number, hash: number) => void,
): void {
  const rows = db.prepare(`SELECT * FROM ${name}`).raw(true).iterate() as IterableIterator<Row>
  for (const row of rows) add(row[rid] as number, hashOf(row, seed))
}

const bits = new Float64Array(1)
const halves = new Int32Array(bits.buffer)

/** Of the values and their types, as murmur mixes (https://github.com/aappleby/smhasher/wiki/MurmurHash3). */
function hashOf(row: Row, seed: number): number {
  let hash = seed + 1
  const mix = (value: number) => {
    hash ^= Math.imul(
      (Math.imul(value, 0xcc9e2d51) << 15) | (Math.imul(value, 0xcc9e2d51) >>> 17),
      0x1b873593,
    )
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64
  }
  for (const value of row) {
    if (typeof value === 'number') {
      bits[0] = value
      mix(halves[0]!)
      mix(halves[1]!)
    } else if (typeof value === 'string') {
      mix(0x5bd1e995 + value.length)
      for (let at = 0; at < value.length; at++) mix(value.charCodeAt(at))
    } else mix(0x3c6ef372)
  }
  hash ^= hash >>> 16
  hash = Math.imul(hash, 0x85ebca6b)
  hash ^= hash >>> 13
  hash = Math.imul(hash, 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** Which rows it lacks, and which it has too many; never what is in them. */
function nameDifferences(
  statements: Statements,
  scratch: Statements,
  tables: readonly IndexTable[],
  rid: number,
  findings: Findings,
): void {
  const text = statements.value<string>(
    sql`SELECT b.rows FROM res r JOIN body b ON b.vid = r.seq WHERE r.rid = ${rid} AND r.live = 1 AND r.owner = 0`,
  )
  const rids = [rid]
  const packed = text === undefined ? undefined : readable(text)
  if (packed !== undefined) {
    const inside = containedNow(statements, rid, packed.contained)
    rids.push(...[...inside.values()].map((kept) => kept.rid))
    makeRows(scratch, rid, packed, inside)
  }
  for (const { name } of tables) {
    const rowsIn = (from: Statements) =>
      new Set(
        from
          .rows(sql`SELECT * FROM ${raw(name)} WHERE rid IN (${raw(rids.join())})`)
          .map((row) => row.map((value) => `${typeof value} ${value}`).join('\u001e')),
      )
    const [here, wanted] = [rowsIn(statements), rowsIn(scratch)]
    if (wanted.difference(here).size > 0) findings.of(rid, `lacks an index row in ${name}`)
    if (here.difference(wanted).size > 0) findings.of(rid, `has an index row too many in ${name}`)
    scratch.run(sql`DELETE FROM ${raw(name)}`)
  }
  scratch.run(sql`DELETE FROM res`)
}

type LiveRow = readonly [rid: number, dt: number, pat: number, lab: number, rows: string]

/** In portions: statements are run in between, and all at once would fill the memory. */
function* liveRows(statements: Statements): Generator<readonly LiveRow[]> {
  let behind = 0
  for (;;) {
    const rows = statements.rows<LiveRow>(
      sql`SELECT r.rid, r.dt, r.pat, r.lab, b.rows FROM res r JOIN body b ON b.vid = r.seq WHERE r.live = 1 AND r.owner = 0 AND r.rid > ${behind} ORDER BY r.rid LIMIT 500`,
    )
    if (rows.length === 0) return
    yield rows
    behind = rows.at(-1)![0]
  }
}
