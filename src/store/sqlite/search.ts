// Answers searches on one connection: the page, the total, and what is to be included with it.
import { accessClause } from './access-clause.ts'
import { defaultOrder, planSearch, type Arm, type Order, type Search } from './plan.ts'
import { raw, sql, TRUE, type Fragment } from './sql.ts'
import { asVersion, loadPage, timeline, VERSION_COLUMNS, type Reading, type VersionRow } from './versions.ts'
import type { AccessFilter } from '../access-filter.ts'
import type { Expression } from '../query/expression.ts'
import type { Include, SearchQuery } from '../query/search-query.ts'
import type { SearchPage, StoredVersion } from '../store.ts'

/** Where a match stands: its date or sequence number, and its `rid`. */
type Place = readonly [key: number, rid: number]

interface Walk {
  readonly order: Order
  readonly descending: boolean
}

const NO_MATCH: SearchPage = Object.freeze({
  matches: [],
  included: [],
  includedCut: false,
  total: undefined,
  next: undefined,
  previous: undefined,
})

export function search(reading: Reading, query: SearchQuery, access: AccessFilter): SearchPage {
  const { count, cursor: after } = query
  const { type, where } = query.from[0]!
  const walk: Walk =
    query.sort.length === 0
      ? { order: defaultOrder(where), descending: true }
      : { order: 'seq', descending: query.sort[0]!.descending }
  const kind = `search ${query.sort.length === 0 ? 'unsorted' : ''} ${walk.order} ${walk.descending}`
  const from = after === undefined ? undefined : (reading.cursors.read(kind, after) as unknown as Place)
  const total = query.total === 'accurate'
  const asked = prepare(reading, type, where, access)
  if (asked === undefined) return total ? { ...NO_MATCH, total: 0 } : NO_MATCH

  const arms = planSearch(asked, walk.order, count + 1, reading.statements)
  const found = count === 0 ? [] : take(reading, arms, walk, from, count + 1)
  const matches = loadPage(reading, found.slice(0, count), ([, rid]) => current(reading, rid))
  const places = found.slice(0, matches.length)
  return {
    matches,
    included: included(reading, query, access, places),
    includedCut: false,
    previous: undefined,
    total: total ? countAll(reading, arms) : undefined,
    next:
      found.length > places.length && places.length > 0
        ? reading.cursors.write(kind, places.at(-1)!)
        : undefined,
  }
}

/** Ids of at most `limit` matches. */
export function matches(
  reading: Reading,
  type: string,
  where: Expression,
  limit: number,
  access: AccessFilter,
): string[] {
  const asked = prepare(reading, type, where, access)
  if (asked === undefined || limit <= 0) return []
  const walk: Walk = { order: defaultOrder(where), descending: true }
  const arms = planSearch(asked, walk.order, limit, reading.statements)
  return take(reading, arms, walk, undefined, limit).map(
    ([, rid]) => reading.statements.value<string>(sql`SELECT id FROM res WHERE rid = ${rid}`)!,
  )
}

function prepare(
  reading: Reading,
  typeName: string,
  where: Expression,
  access: AccessFilter,
): Search | undefined {
  const { dictionary } = reading
  const type = dictionary.type(typeName)
  if (type === undefined) return undefined
  const { statements } = reading
  const seqAt = timeline(reading)
  return { where, context: { type, typeName, dictionary, statements, seqAt, access, moment: undefined } }
}

/** The first `limit` places behind `from`, each once. */
function take(
  reading: Reading,
  arms: readonly Arm[],
  walk: Walk,
  from: Place | undefined,
  limit: number,
): readonly Place[] {
  const results = arms.map((arm) =>
    reading.statements.rows<[number, number]>(armQuery(arm, walk, from, limit)),
  )
  if (results.length === 1) return results[0]!
  const sign = walk.descending ? -1 : 1
  const merged = results.flat().sort((a, b) => sign * (a[0] - b[0] || a[1] - b[1]))
  const seen = new Set<number>()
  const places: Place[] = []
  for (const place of merged) {
    if (seen.has(place[1])) continue
    seen.add(place[1])
    places.push(place)
    if (places.length === limit) break
  }
  return places
}

function armQuery(arm: Arm, { order, descending }: Walk, from: Place | undefined, limit: number): Fragment {
  const { rid } = arm.row
  const key = order === 'date' ? arm.row.dt : arm.row.seq
  const compare = raw(descending ? '<' : '>')
  // A sequence number belongs to one resource, and alone it is a range of the index.
  const behind =
    from === undefined
      ? TRUE
      : order === 'seq'
        ? sql`${key} ${compare} ${from[0]}`
        : sql`(${key}, ${rid}) ${compare} (${from[0]}, ${from[1]})`
  const direction = raw(descending ? 'DESC' : 'ASC')
  const tie = order === 'seq' ? sql`` : sql`, ${rid} ${direction}`
  return sql`SELECT ${raw(arm.unique ? '' : 'DISTINCT')} ${key}, ${rid} FROM ${arm.from} WHERE ${arm.where} AND ${behind} ORDER BY ${key} ${direction}${tie} LIMIT ${limit}`
}

function countAll({ statements }: Reading, arms: readonly Arm[]): number {
  if (arms.length === 1) {
    const { from, where, unique, row } = arms[0]!
    const counted = unique ? sql`count(*)` : sql`count(DISTINCT ${row.rid})`
    return statements.value<number>(sql`SELECT ${counted} FROM ${from} WHERE ${where}`)!
  }
  const rids = new Set<number>()
  for (const { from, where, row } of arms) {
    for (const [rid] of statements.rows<[number]>(sql`SELECT ${row.rid} FROM ${from} WHERE ${where}`))
      rids.add(rid)
  }
  return rids.size
}

function current({ statements, dictionary }: Reading, rid: number): StoredVersion {
  const row = statements.row<VersionRow>(
    sql`SELECT ${VERSION_COLUMNS} FROM res r JOIN version v ON v.vid = r.seq LEFT JOIN body b ON b.vid = r.seq WHERE r.rid = ${rid}`,
  )!
  return asVersion(row, dictionary)
}

/** The targets, found by their own access; each once, and none that is a match on the page. */
function included(
  reading: Reading,
  query: SearchQuery,
  access: AccessFilter,
  places: readonly Place[],
): StoredVersion[] {
  const { statements, dictionary } = reading
  const includes = query.includes.filter(({ source }) => source === query.from[0]!.type)
  if (includes.length === 0 || places.length === 0) return []
  const type = dictionary.type(query.from[0]!.type)!
  const visible = accessClause(access, { alias: 'r', type: { column: 'r' }, of: 'resource' }, dictionary)
  const onPage = new Set(places.map(([, rid]) => rid))
  const targets = new Set<number>()
  for (const include of includes) {
    const condition = includeCondition(include, type, reading)
    if (condition === undefined) continue
    for (const [, rid] of places) {
      const found = statements.rows<[number]>(sql`
        SELECT r.rid FROM ref d INDEXED BY ref_r CROSS JOIN res r ON r.rid = d.tgt
        WHERE d.rid = ${rid} AND d.tgt > 0 AND ${condition} AND r.live = 1 AND ${visible}
        UNION ALL
        SELECT r.rid FROM ref d INDEXED BY ref_r CROSS JOIN ghost g ON g.gid = d.tgt / -2
        CROSS JOIN res r ON r.type = g.type AND r.id = g.id
        WHERE d.rid = ${rid} AND d.tgt < 0 AND d.tgt % 2 = 0 AND ${condition} AND r.live = 1 AND ${visible}`)
      for (const [target] of found) if (!onPage.has(target)) targets.add(target)
    }
  }
  return [...targets].map((rid) => current(reading, rid))
}

/** Undefined when nothing stored can be meant. */
function includeCondition(
  { param, target }: Include,
  type: number,
  { dictionary }: Reading,
): Fragment | undefined {
  const tp = param === undefined ? undefined : dictionary.param(type, param)?.tp
  const code = target === undefined ? undefined : dictionary.type(target)
  if ((param !== undefined && tp === undefined) || (target !== undefined && code === undefined))
    return undefined
  return sql`${tp === undefined ? TRUE : sql`d.tp = ${tp}`} AND ${code === undefined ? TRUE : sql`r.type = ${code}`}`
}
