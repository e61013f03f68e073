// The places of the matches of one type, in order, as many as are asked for: what a plan's arms give, merged.
import { namesOfKey } from '../query/search-query.ts'
import { accessClause } from './access-clause.ts'
import { MAIN } from './arms.ts'
import { compileExpression } from './compile-expression.ts'
import { lastSeq } from './counts.ts'
import { CURRENT_COLUMNS, currentPlace } from './current-rows.ts'
import { LongSearch } from './long-search.ts'
import { planSearch, type Arm, type Search } from './plan.ts'
import {
  behind,
  comparePlaces,
  keyColumn,
  keySql,
  orderBy,
  type KeyValue,
  type OrderKey,
  type Place,
  type SortOrder,
} from './sort-order.ts'
import { allOf, atMost, type Fragment, joined, raw, sql, TRUE } from './sql.ts'
import type { Statements } from './statements.ts'

export interface Asked {
  readonly order: SortOrder
  /** From the place towards the first match. */
  readonly backward: boolean
  /** Only what lies behind it. */
  readonly from: Place | undefined
  readonly limit: number
  /** Only what was last written at or before this sequence number. */
  readonly upTo: number | undefined
  /** Whether to give up when it takes long. */
  readonly brief: boolean
  /** Whether each is to be told with what it is now (`Place.current`): then they are not asked for once more. */
  readonly withCurrent?: boolean
}

/** The keys, `rid`, and CURRENT_COLUMNS where they are asked for. */
type PlaceRow = readonly unknown[]

export function placesOf(search: Search, arms: readonly Arm[], asked: Asked): readonly Place[] {
  const { order } = asked
  if (order.keys[0]!.by === 'lastUpdated') {
    checkBrief(arms, asked)
    return merged(
      arms.map((arm) => (arm.inSeqOrder ? lastWritten(search, arm, asked) : sortedOf(search, arm, asked))),
      asked,
    )
  }
  if (order.newestFirst) {
    checkBrief(arms, asked)
    return merged(
      arms.map((arm) => inOwnOrder(search, arm, asked)),
      asked,
    )
  }
  const { statements } = search.context
  if (order.keys[0]!.by === 'clinical') {
    if (areFew(statements, arms, ROWS_FOR_ONE * asked.limit)) return sorted(search, arms, asked)
    const found = alongDates(search, arms, asked)
    if (found !== undefined) return found
  }
  const few = areFew(statements, arms, MANY_MATCHES)
  const found = few ? undefined : byValue(search, arms, asked)
  if (found !== undefined) return found
  if (asked.brief && !few) throw new LongSearch()
  return sorted(search, arms, asked)
}

/** Before anything is asked of the arms. */
function checkBrief(arms: readonly Arm[], { brief }: Pick<Asked, 'brief'>): void {
  if (brief && arms.some(({ heavy }) => heavy)) throw new LongSearch()
}

/** Each once, in order. */
export function merged(lists: readonly (readonly Place[])[], asked: Asked): readonly Place[] {
  if (lists.length === 1) return lists[0]!
  const all = lists.flat().sort(comparePlaces(asked.order, asked.backward))
  const seen = new Set<number>()
  const places: Place[] = []
  for (const place of all) {
    if (seen.has(place.rid)) continue
    seen.add(place.rid)
    places.push(place)
    if (places.length === asked.limit) break
  }
  return places
}

/** In the order of an index, where the arm's rows come so. */
function inOwnOrder({ context }: Search, arm: Arm, asked: Asked): readonly Place[] {
  const { order, backward, from, limit } = asked
  const { rid } = arm.row
  const byDate = order.planned === 'date'
  const key = byDate ? arm.row.dt : arm.row.seq
  const compare = raw(backward ? '>' : '<')
  // A sequence number belongs to one resource, and alone it is a range of the index.
  const further =
    from === undefined
      ? TRUE
      : byDate
        ? sql`(${key}, ${rid}) ${compare} (${from.keys[0]!}, ${from.rid})`
        : sql`${key} ${compare} ${from.keys[0]!}`
  const direction = raw(backward ? 'ASC' : 'DESC')
  const tie = byDate ? sql`, ${rid} ${direction}` : sql``
  const rows = (distinct: string): readonly Place[] =>
    read(
      context.statements,
      sql`SELECT ${raw(distinct)} ${key} AS k0, ${rid} AS rid FROM ${arm.from} WHERE ${arm.where} AND ${seen(arm, asked)} AND ${further} ORDER BY ${key} ${direction}${tie} ${atMost(limit)}`,
      asked,
    )
  const found = rows('')
  if (arm.unique) return found
  // Those that come several times are rare, and for SQLite to look for them costs more than the rows do.
  const once = found.filter(({ rid: one }, at) => at === 0 || found[at - 1]!.rid !== one)
  return once.length === found.length || found.length < limit ? once : rows('DISTINCT')
}

/** Every match, sorted. */
function sorted(search: Search, arms: readonly Arm[], asked: Asked, only?: Fragment): readonly Place[] {
  return merged(
    arms.map((arm) => sortedOf(search, arm, asked, only)),
    asked,
  )
}

function sortedOf(search: Search, arm: Arm, asked: Asked, only: Fragment = TRUE): readonly Place[] {
  const { order, backward, from, limit } = asked
  const further = from === undefined ? TRUE : behind(order, from, backward)
  return read(
    search.context.statements,
    sql`SELECT * FROM (${rowsOf(search, arm, asked)}) WHERE ${only} AND ${further} ORDER BY ${orderBy(order, backward)} ${atMost(limit)}`,
    asked,
  )
}

/** The keys' columns and `rid`. */
function rowsOf({ context }: Search, arm: Arm, asked: Asked): Fragment {
  const keys = keyColumns(asked.order, (key) => keySql(key, arm.row, context.type, context.dictionary))
  return sql`SELECT ${raw(arm.unique ? '' : 'DISTINCT')} ${keys}, ${arm.row.rid} AS rid FROM ${arm.from} WHERE ${arm.where} AND ${seen(arm, asked)}`
}

function keyColumns({ keys }: SortOrder, of: (key: OrderKey, at: number) => Fragment): Fragment {
  return joined(
    keys.map((key, at) => sql`${of(key, at)} AS ${keyColumn(at)}`),
    ', ',
  )
}

/**
 * Sequence numbers ascend with time, so they are walked in their order; what was written in the same millisecond as
 * the last is taken whole, as it has an order of its own.
 */
function lastWritten(search: Search, arm: Arm, asked: Asked): readonly Place[] {
  const { order, backward, from, limit } = asked
  const { statements, seqAt } = search.context
  const downward = order.keys[0]!.descending !== backward
  const { seq } = arm.row
  const reach =
    from === undefined
      ? TRUE
      : downward
        ? sql`${seq} < ${seqAt((from.keys[0] as number) + 1)}`
        : sql`${seq} >= ${seqAt(from.keys[0] as number)}`
  const further = from === undefined ? TRUE : behind(order, from, backward)
  const rows = (range: Fragment, tail: Fragment) => {
    const within: Arm = { ...arm, where: allOf([arm.where, range]) }
    return sql`SELECT * FROM (${rowsOf(search, within, asked)} ${tail})`
  }
  // `behind` only bites among what was written in the millisecond of the place.
  const places = read(
    statements,
    rows(
      allOf([reach, from === undefined ? TRUE : behindInRow(search, arm, asked, from)]),
      sql`ORDER BY ${seq} ${raw(downward ? 'DESC' : 'ASC')} ${atMost(limit)}`,
    ),
    asked,
  )
  if (places.length < limit) return places.sort(comparePlaces(order, backward))
  const time = places.at(-1)!.keys[0] as number
  const group = read(
    statements,
    sql`SELECT * FROM (${rows(sql`${seq} >= ${seqAt(time)} AND ${seq} < ${seqAt(time + 1)}`, sql``)}) WHERE ${further} ORDER BY ${orderBy(order, backward)} ${atMost(limit)}`,
    asked,
  )
  return merged([places, group], asked)
}

/** `behind`, where the keys' columns have no names yet. */
function behindInRow({ context }: Search, arm: Arm, { order, backward }: Asked, from: Place): Fragment {
  const keys = order.keys.map((key) => keySql(key, arm.row, context.type, context.dictionary))
  return behind(order, from, backward, keys, arm.row.rid)
}

function seen(arm: Arm, { upTo }: Asked): Fragment {
  return upTo === undefined ? TRUE : sql`${arm.row.seq} <= ${upTo}`
}

/** From here on a walk along the values themselves is tried. */
const MANY_MATCHES = 1000
/** For each that is asked for, at first. */
const ROWS_FOR_ONE = 4
const LONGEST_STRETCH = 32_000
/** Then the matches are too few, or too far away. */
const MOST_WALKED = 60_000
const MOST_WALKED_BRIEFLY = 3000

interface ValueTable {
  readonly from: string
  readonly column: Fragment
  readonly where: Fragment
  /** Whether the rows are those of `res`, each with a value. */
  readonly main: boolean
}

/**
 * Where there are many matches: along an index of the first key's values, stretch by stretch, instead of sorting them
 * all; then the resources without a value. Undefined when no index serves, or it takes too long.
 */
function byValue(search: Search, arms: readonly Arm[], asked: Asked): readonly Place[] | undefined {
  const table = valueTable(asked.order.keys[0]!, search)
  if (table === undefined) return undefined
  const { from, limit } = asked
  const missing = sql`${keyColumn(0)} IS NULL`
  const none: readonly Place[] = []
  if (asked.backward) {
    const isPastMissing = table.main || (from !== undefined && from.keys[0] !== null)
    if (asked.brief && !isPastMissing) throw new LongSearch()
    const last = isPastMissing ? none : sorted(search, arms, asked, missing)
    if (last.length >= limit) return last
    const rest = { ...asked, limit: limit - last.length, from: from?.keys[0] === null ? undefined : from }
    const first = alongValues(search, table, rest)
    return first && [...last, ...first]
  }
  const first = from?.keys[0] === null ? none : alongValues(search, table, asked)
  if (first === undefined || first.length >= limit || table.main) return first
  if (asked.brief) throw new LongSearch()
  const rest = { ...asked, limit: limit - first.length, from: from?.keys[0] === null ? from : undefined }
  return [...first, ...sorted(search, arms, rest, missing)]
}

function alongValues(search: Search, table: ValueTable, asked: Asked): readonly Place[] | undefined {
  const { context, where } = search
  const { statements } = context
  const { order, backward, limit } = asked
  const downward = order.keys[0]!.descending !== backward
  const direction = raw(downward ? 'DESC' : 'ASC')
  const [onward, upTo] = [raw(downward ? '<' : '>'), raw(downward ? '>=' : '<=')]
  const { column } = table
  const value = keySql(order.keys[0]!, MAIN, context.type, context.dictionary)
  const arm: Arm = {
    from: raw(table.main ? table.from : `${table.from} CROSS JOIN res r`),
    where: allOf([
      table.main ? TRUE : sql`r.rid = d.rid`,
      sql`r.live = 1 AND r.type = ${context.type}`,
      table.where,
      // Its rows stand at several values; it counts at the first.
      table.main ? TRUE : sql`${column} = ${value}`,
      accessClause(
        context.access,
        { alias: 'r', type: { name: context.typeName }, of: 'resource' },
        context.dictionary,
      ),
      statements.work.passing(MAIN.rid, compileExpression(where, MAIN, context)),
    ]),
    row: MAIN,
    unique: table.main,
    heavy: false,
    inSeqOrder: false,
    looksAt: Infinity,
  }
  const places: Place[] = []
  let start =
    asked.from === undefined ? TRUE : sql`${column} ${raw(downward ? '<=' : '>=')} ${asked.from.keys[0]!}`
  let walked = 0
  const longest = asked.brief ? MOST_WALKED_BRIEFLY : LONGEST_STRETCH
  for (let stretch = ROWS_FOR_ONE * limit; ; stretch = Math.min(stretch * 4, longest)) {
    const end = statements.value<KeyValue>(
      sql`SELECT ${column} FROM ${raw(table.from)} WHERE ${table.where} AND ${start} ORDER BY ${column} ${direction} LIMIT 1 OFFSET ${stretch}`,
    )
    const within = end === undefined ? start : sql`${start} AND ${column} ${upTo} ${end}`
    const found = sorted(search, [{ ...arm, where: allOf([arm.where, within]) }], {
      ...asked,
      limit: limit - places.length,
    })
    places.push(...found)
    if (end === undefined || places.length >= limit) return places
    walked += stretch
    if (walked > (asked.brief ? MOST_WALKED_BRIEFLY : MOST_WALKED)) return undefined
    start = sql`${column} ${onward} ${end}`
  }
}

/** An index that holds a key's values in order. */
function valueTable(key: OrderKey, { context }: Pick<Search, 'context'>): ValueTable | undefined {
  const { dictionary, type, typeName } = context
  if (key.by === 'id') {
    return {
      from: 'res r INDEXED BY res_id',
      column: raw('r.id'),
      where: sql`r.type = ${type}`,
      main: true,
    }
  }
  if (key.by === 'clinical') return valueTable(key.of, { context })
  if (key.by !== 'entry') return undefined
  const place = PLACES[key.entry]
  const tps = namesOfKey(key, typeName).flatMap((name) => dictionary.param(type, name)?.tp ?? [])
  const [tp] = tps
  // Of several names the values stand in order for each, not for all.
  if (place === undefined || tp === undefined || tps.length > 1) return undefined
  return { from: place.from, column: raw(place.column), where: sql`d.tp = ${tp}`, main: false }
}

const PLACES: Partial<
  Record<Extract<OrderKey, { by: 'entry' }>['entry'], { readonly from: string; readonly column: string }>
> = {
  string: { from: 'str d', column: 'd.val' },
  date: { from: 'dat d', column: 'd.lo' },
  number: { from: 'qty d', column: 'd.lo' },
  quantity: { from: 'qty d', column: 'd.lo' },
}

/**
 * By `dt`, in which the rows come, as far as that is what is sorted by; undefined when others follow within the page, or
 * the rows come in no such order.
 */
function alongDates(search: Search, arms: readonly Arm[], asked: Asked): readonly Place[] | undefined {
  const { order, backward, from, limit } = asked
  const isWhole = backward && typeof from?.keys[0] === 'number'
  if (arms.some(({ heavy }) => heavy) || (backward && !isWhole) || from?.keys[0] === null) return undefined
  const { context } = search
  const { of } = order.keys[0] as Extract<OrderKey, { by: 'clinical' }>
  // In these rows the first two keys are `dt`, both.
  const dated = { by: 'dt', descending: true } as const
  const rest = order.keys.slice(2)
  const inDates: Asked = { ...asked, order: { ...order, keys: [dated, dated, ...rest] } }
  const lists = arms.map((arm) => {
    const { dt, rid } = arm.row
    const isSortedBy = sql`${keySql(of, arm.row, context.type, context.dictionary)} = ${dt}`
    const within: Arm = {
      ...arm,
      where: allOf([
        arm.where,
        from === undefined ? TRUE : furtherInDates(search, arm, asked, rest, from),
        context.statements.work.passing(rid, isSortedBy),
      ]),
    }
    return read(
      context.statements,
      sql`${rowsOf(search, within, inDates)} ORDER BY ${dt} ${raw(backward ? 'ASC' : 'DESC')}, ${orderBy(order, backward, 2)} ${atMost(limit)}`,
      asked,
    )
  })
  const found = merged(lists, asked)
  return isWhole || found.length >= limit ? found : undefined
}

/** `behind`, where the rows have a date; `rest`: the keys that follow it. */
function furtherInDates(
  { context }: Search,
  { row }: Arm,
  { order, backward }: Asked,
  rest: readonly OrderKey[],
  from: Place,
): Fragment {
  const { dt, rid } = row
  const [date, , ...others] = from.keys
  const columns = rest.map((key) => keySql(key, row, context.type, context.dictionary))
  const tie = behind({ ...order, keys: rest }, { keys: others, rid: from.rid }, backward, columns, rid)
  const [reach, further] = backward ? [raw('>='), raw('>')] : [raw('<='), raw('<')]
  // The first comparison bounds the range of the index.
  return sql`${dt} ${reach} ${date!} AND (${dt} ${further} ${date!} OR ${tie})`
}

function areFew(statements: Statements, arms: readonly Arm[], most: number): boolean {
  if (arms.some(({ heavy }) => heavy)) return false
  if (arms.reduce((sum, { looksAt }) => sum + looksAt, 0) <= most) return true
  let sum = 0
  for (const { from, where } of arms) {
    sum += statements.value<number>(
      sql`SELECT count(*) FROM (SELECT 1 FROM ${from} WHERE ${where} ${atMost(most - sum + 1)})`,
    )!
    if (sum > most) return false
  }
  return true
}

/** @param query one that gives the keys, then `rid`, which it names so */
export function read(
  statements: Statements,
  query: Fragment,
  { order, withCurrent = false }: Pick<Asked, 'order' | 'withCurrent'>,
): Place[] {
  const keys = order.keys.length
  const keysOf = (row: PlaceRow) => row.slice(0, keys) as KeyValue[]
  if (!withCurrent)
    return statements
      .rows<PlaceRow>(query)
      .map((row): Place => ({ keys: keysOf(row), rid: row[keys] as number, current: undefined }))
  // The subquery has a bound, so it stays the outer loop, and its order that of the rows.
  const rows = statements.rows<PlaceRow>(
    sql`SELECT p.*, ${CURRENT_COLUMNS} FROM (${query}) p CROSS JOIN res r ON r.rid = p.rid CROSS JOIN body b ON b.vid = r.seq`,
  )
  return rows.map((row) => {
    const rid = row[keys] as number
    return { keys: keysOf(row), rid, current: currentPlace(row, rid, keys + 1) }
  })
}

/** More than this take long to count. */
const MOST_COUNTED_BRIEFLY = 30_000

/** Of all that match; that they are too many to count here is remembered for a while. */
export function countOf(search: Search, asked: Pick<Asked, 'upTo' | 'brief'>): number {
  const { statements } = search.context
  const { upTo, brief } = asked
  const arms = planSearch(search, 'none', Infinity, statements)
  checkBrief(arms, asked)
  const { counts } = statements
  const seq = lastSeq(statements)
  const key = arms
    .map(({ from, where }) => `${from.text} ${where.text} ${[...from.params, ...where.params].join()}`)
    .join()
  if (brief && counts.get(key, seq) !== undefined) throw new LongSearch()
  // A bound keeps SQLite from counting in the index itself.
  const most = brief ? sql`${atMost(MOST_COUNTED_BRIEFLY)}` : sql``
  const rows = ({ from, where, row, unique }: Arm) =>
    sql`SELECT ${raw(unique ? '' : 'DISTINCT')} ${row.rid} FROM ${from} WHERE ${where} AND ${upTo === undefined ? TRUE : sql`${row.seq} <= ${upTo}`} ${most}`
  const rids = new Set<number>()
  let counted = 0
  for (const arm of arms) {
    if (arms.length === 1) counted = statements.value<number>(sql`SELECT count(*) FROM (${rows(arm)})`)!
    else for (const [rid] of statements.rows<[number]>(rows(arm))) rids.add(rid)
    if (brief && Math.max(counted, rids.size) >= MOST_COUNTED_BRIEFLY) {
      counts.keep(key, { limit: MOST_COUNTED_BRIEFLY, found: MOST_COUNTED_BRIEFLY, seq })
      throw new LongSearch()
    }
  }
  return arms.length === 1 ? counted : rids.size
}

/** At most `limit` of the matches, each once, in no order. */
export function someOf(search: Search, limit: number): readonly number[] {
  const { statements } = search.context
  const found = new Set<number>()
  for (const { from, where, row, unique } of planSearch(search, 'none', limit, statements)) {
    const rows = statements.rows<[number]>(
      sql`SELECT ${raw(unique ? '' : 'DISTINCT')} ${row.rid} FROM ${from} WHERE ${where} ${atMost(limit)}`,
    )
    for (const [rid] of rows) if (found.size < limit) found.add(rid)
    if (found.size >= limit) break
  }
  return [...found]
}
