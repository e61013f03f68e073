// The order in which a search gives its matches: keys, a place among them, and what lies behind a place.
import type { RowAtHand } from './compile-expression.ts'
import type { Dictionary, Param } from './dictionary.ts'
import { unbound } from './index-rows.ts'
import type { Order } from './plan.ts'
import { SEPARATOR } from './dictionary.ts'
import { allOf, anyOf, FALSE, joined, raw, sql, type Fragment } from './sql.ts'
import type { Standing, VersionPlace } from './standing.ts'
import type { AsOf } from './as-of.ts'
import { defaultOrder } from './plan.ts'
import { namesOfKey, type SearchQuery, type SortKey } from '../query/search-query.ts'

export type KeyValue = number | string | null

/** One value a key, null where the resource has none. */
export interface Place {
  readonly keys: readonly KeyValue[]
  readonly rid: number
  /** Of the resource as it is now, where that was asked for along with the place. */
  readonly current?: VersionPlace | undefined
}

type EntryKey = Extract<SortKey, { by: 'entry' }>
/** `clinical`: `dt` of resources whose value under the parameter begins then, and no other. */
export type OrderKey =
  | SortKey
  | { readonly by: 'dt' | 'seq'; readonly descending: true }
  | { readonly by: 'clinical'; readonly of: EntryKey; readonly descending: true }

export interface SortOrder {
  /** How a plan's rows should come. */
  readonly planned: Order
  readonly keys: readonly OrderKey[]
  /** Of what is equal by all keys, the last created first. */
  readonly newestFirst: boolean
}

/** By `SortKey`, or when nothing is asked for an order that costs little. */
export function orderOf({ sort, from }: Pick<SearchQuery, 'sort' | 'from'>): SortOrder {
  const [first] = sort
  if (first?.by === 'entry' && first.clinical === true && first.descending) {
    // What begins at no time stands behind all that does, and before what has no value.
    const keys = [{ by: 'clinical', of: first, descending: true } as const, ...sort]
    return { planned: 'date', keys, newestFirst: false }
  }
  if (first !== undefined) {
    return { planned: first.by === 'lastUpdated' ? 'seq' : 'date', keys: sort, newestFirst: false }
  }
  const planned = from.every(({ where }) => defaultOrder(where) === 'date') ? 'date' : 'seq'
  const by = planned === 'date' ? 'dt' : 'seq'
  return { planned, keys: [{ by, descending: true }], newestFirst: true }
}

/** Resources without a value last, whichever way; the reverse of all that when `backward`. */
export function comparePlaces({ keys, newestFirst }: SortOrder, backward: boolean) {
  const sign = backward ? -1 : 1
  return (a: Place, b: Place): number => {
    for (const [at, { descending }] of keys.entries()) {
      const [one, other] = [a.keys[at]!, b.keys[at]!]
      if (one === other) continue
      if (one === null) return sign
      if (other === null) return -sign
      const order = compareValues(one, other)
      if (order !== 0) return descending ? -sign * order : sign * order
    }
    return newestFirst ? sign * (b.rid - a.rid) : sign * (a.rid - b.rid)
  }
}

function compareValues(a: number | string, b: number | string): number {
  if (typeof a === 'number' || typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0
  return compareTexts(a, b)
}

/** By code points, as SQLite compares UTF-8. */
export function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const [one, other] = [a.charCodeAt(at), b.charCodeAt(at)]
    if (one !== other) return inCodePoints(one) - inCodePoints(other)
  }
  return a.length - b.length
}

/** UTF-16 puts what is above U+FFFF, in surrogates, before U+E000. */
function inCodePoints(unit: number): number {
  return unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

/** Names of the keys' columns. */
export function keyColumn(at: number): Fragment {
  return raw(`k${at}`)
}

/** @param first of the keys that are named */
export function orderBy({ keys, newestFirst }: SortOrder, backward: boolean, first = 0): Fragment {
  const parts = keys.slice(first).map(({ descending }, at) => {
    const direction = raw(descending !== backward ? 'DESC' : 'ASC')
    return sql`${keyColumn(first + at)} ${direction} NULLS ${raw(backward ? 'FIRST' : 'LAST')}`
  })
  return joined([...parts, sql`rid ${raw(newestFirst !== backward ? 'DESC' : 'ASC')}`], ', ')
}

/** What lies behind a place, by SQL for the keys and for `rid`. */
export function behind(
  { keys, newestFirst }: SortOrder,
  place: Place,
  backward: boolean,
  columns: readonly Fragment[] = keys.map((_, at) => keyColumn(at)),
  rid: Fragment = raw('rid'),
): Fragment {
  const ways: Fragment[] = []
  const equal: Fragment[] = []
  for (const [at, { descending }] of keys.entries()) {
    const column = columns[at]!
    const value = place.keys[at]!
    ways.push(allOf([...equal, isBehind(column, value, descending !== backward, backward)]))
    equal.push(value === null ? sql`${column} IS NULL` : sql`${column} = ${value}`)
  }
  ways.push(allOf([...equal, sql`${rid} ${raw(newestFirst !== backward ? '<' : '>')} ${place.rid}`]))
  return anyOf(ways)
}

function isBehind(column: Fragment, value: KeyValue, downward: boolean, backward: boolean): Fragment {
  if (value === null) return backward ? sql`${column} IS NOT NULL` : FALSE
  const further = sql`${column} ${raw(downward ? '<' : '>')} ${value}`
  return backward ? further : sql`(${further} OR ${column} IS NULL)`
}

/** A key of the row at hand, a resource of the type; NULL where it has no value. */
export function keySql(key: OrderKey, row: RowAtHand, type: number, dictionary: Dictionary): Fragment {
  const isMain = row.rid.text === 'r.rid'
  switch (key.by) {
    case 'dt':
      return row.dt
    case 'seq':
      return row.seq
    case 'lastUpdated':
      return isMain ? raw('r.lu') : sql`(SELECT s.lu FROM res s WHERE s.rid = ${row.rid})`
    case 'id':
      return isMain ? raw('r.id') : sql`(SELECT s.id FROM res s WHERE s.rid = ${row.rid})`
    case 'entry':
      return entrySql(key, row.rid, type, dictionary)
    case 'clinical':
      return sql`CASE WHEN ${entrySql(key.of, row.rid, type, dictionary)} = ${row.dt} THEN ${row.dt} END`
  }
}

function entrySql(key: EntryKey, rid: Fragment, type: number, dictionary: Dictionary): Fragment {
  const most = raw(key.descending ? 'max' : 'min')
  const values = namesOfKey(key, dictionary.typeName(type)).flatMap((name) => {
    const param = dictionary.param(type, name)
    return param === undefined ? [] : [mostOf(key, param, most, rid)]
  })
  if (values.length < 2) return values[0] ?? raw('NULL')
  const rows = values.map((value, at) => (at === 0 ? sql`SELECT ${value} AS v` : sql`SELECT ${value}`))
  return sql`(SELECT ${most}(v) FROM (${joined(rows, ' UNION ALL ')}))`
}

function mostOf(key: EntryKey, param: Param, most: Fragment, rid: Fragment): Fragment {
  const of = sql`x.rid = ${rid} AND x.tp = ${param.tp}`
  switch (key.entry) {
    case 'token':
      return param.asText
        ? sql`(SELECT ${most}(substr(x.val, 1, instr(x.val, ${SEPARATOR}) - 1)) FROM tok x INDEXED BY tok_r WHERE ${of})`
        : sql`(SELECT ${most}(c.val) FROM tok x INDEXED BY tok_r CROSS JOIN dict c ON c.code = x.val WHERE ${of} AND typeof(x.val) <> 'text')`
    case 'uri':
      return sql`(SELECT ${most}(substr(x.val, 2)) FROM tok x INDEXED BY tok_r WHERE ${of} AND x.val >= ${SEPARATOR} AND x.val < ${AFTER_URIS})`
    case 'string':
      return sql`(SELECT ${most}(x.val) FROM str x INDEXED BY str_r WHERE ${of})`
    case 'date':
      return sql`(SELECT ${most}(x.lo) FROM dat x INDEXED BY dat_r WHERE ${of})`
    case 'number':
    case 'quantity':
      return sql`(SELECT ${most}(x.lo) FROM qty x INDEXED BY qty_r WHERE ${of})`
    case 'reference':
      return sql`(SELECT ${most}(${TARGET_TEXT}) FROM ref x INDEXED BY ref_r WHERE ${of})`
  }
}

const AFTER_URIS = String.fromCharCode(SEPARATOR.charCodeAt(0) + 1)

/** Of `x.tgt`: `Type/id`, or a URL without its version, which has one key with and one without. */
const TARGET_TEXT = raw(`CASE
  WHEN x.tgt > 0 THEN (SELECT t.name || '/' || s.id FROM res s CROSS JOIN type t ON t.code = s.type WHERE s.rid = x.tgt AND s.owner = 0)
  WHEN x.tgt % 2 = 0 THEN (SELECT t.name || '/' || g.id FROM ghost g CROSS JOIN type t ON t.code = g.type WHERE g.gid = x.tgt / -2)
  ELSE (SELECT CASE WHEN instr(u.val, '|') = 0 THEN u.val WHEN substr(u.val, -1) = '|' THEN substr(u.val, 1, instr(u.val, '|') - 1) END
    FROM dict u WHERE u.code = (x.tgt + 1) / -2) END`)

/** The same place as `keySql` says in SQL. */
export function placeOf(standing: Standing, { keys }: SortOrder, asOf: AsOf): Place {
  return { keys: keys.map((key) => keyOf(key, standing, asOf)), rid: standing.place.rid }
}

function keyOf(key: OrderKey, standing: Standing, asOf: AsOf): KeyValue {
  const { vid, lastUpdated, id } = standing.place
  switch (key.by) {
    case 'dt':
      return standing.common.dt
    case 'seq':
      return vid
    case 'lastUpdated':
      return lastUpdated
    case 'id':
      return id
    case 'entry': {
      const values = valuesOf(key, standing, asOf).sort(compareValues)
      return (key.descending ? values.at(-1) : values[0]) ?? null
    }
    case 'clinical': {
      const { dt } = standing.common
      return keyOf(key.of, standing, asOf) === dt ? dt : null
    }
  }
}

function valuesOf(key: EntryKey, standing: Standing, asOf: AsOf): (number | string)[] {
  const { dictionary, words } = asOf
  const tps = namesOfKey(key, dictionary.typeName(standing.type)).map(
    (name) => dictionary.param(standing.type, name)?.tp,
  )
  const values: (number | string | undefined)[] = []
  for (const row of standing.rows) {
    if (!tps.includes(row[1])) continue
    if (row[0] === 't' && key.entry === 'token') values.push(words.token(row[2])?.code)
    if (row[0] === 't' && key.entry === 'uri') values.push(words.uri(row[2]))
    if (row[0] === 's' && key.entry === 'string') values.push(row[2])
    if (row[0] === 'd' && key.entry === 'date') values.push(unbound(row[2]))
    if (row[0] === 'q' && (key.entry === 'number' || key.entry === 'quantity')) values.push(unbound(row[2]))
    if (row[0] === 'r' && key.entry === 'reference') values.push(asOf.targetText(row[2]))
  }
  return values.filter((value) => value !== undefined)
}

/** JSON has no infinity. */
export function writePlace({ keys, rid }: Place): unknown[] {
  return [rid, ...keys.map((key) => (key === Infinity || key === -Infinity ? [Math.sign(key)] : key))]
}

export function readPlace([rid, ...keys]: readonly unknown[]): Place {
  return {
    rid: rid as number,
    keys: keys.map((key) => (Array.isArray(key) ? (key[0] as number) * Infinity : (key as KeyValue))),
  }
}
