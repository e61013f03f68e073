// Answers history: versions newest first, each seen by the filter as it was when it was written and as the resource is now.
import { accessClause, type AccessRow } from './access-clause.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { allOf, atMost, type Fragment, raw, sql, TRUE } from './sql.ts'
import { bodiesAt, fitting } from './page-bodies.ts'
import { asVersion, bounded, timeline, type Reading, type VersionRow } from './versions.ts'
import type { AccessFilter } from '../access-filter.ts'
import type { HistoryPage, HistoryQuery, StoredVersion } from '../store.ts'

export function history(reading: Reading, query: HistoryQuery, access: AccessFilter): HistoryPage {
  return bounded(reading, () => pageOf(reading, query, access))
}

function pageOf(reading: Reading, query: HistoryQuery, access: AccessFilter): HistoryPage {
  const { statements, dictionary } = reading
  const { scope, count, after } = query
  const kind = `history ${scope.kind}`
  const before = after === undefined ? undefined : (readCursor(kind, after)[0] as number)
  const counted = scope.kind === 'instance' || count === 0
  const place = scopeOf(query, reading)
  if (place === undefined) return { versions: [], total: counted ? 0 : undefined, next: undefined }

  const shownBy = (alias: 'v' | 'r', of: AccessRow['of']): Fragment => {
    const type = scope.kind === 'system' ? { column: alias } : { name: scope.type }
    return accessClause(access, { alias, type, of }, dictionary)
  }
  const [shown, shownNow] = [shownBy('v', 'version'), shownBy('r', 'resource')]
  const { range, tested } = timesOf(query, reading)
  const where = allOf([place.where, range, statements.work.passing(raw('v.vid'), allOf([shown, tested]))])
  const rows =
    count === 0
      ? []
      : statements.rows<HistoryRow>(
          sql`SELECT v.vid, (SELECT length(b.body) FROM body b WHERE b.vid = v.vid) AS bytes, v.type, r.id, v.ver, v.lu, v.op FROM ${place.from} ${ITS_RESOURCE} WHERE ${where} AND ${shownNow} AND ${before === undefined ? TRUE : sql`v.vid < ${before}`} ORDER BY ${place.order} ${atMost(count + 1)}`,
        )
  const versions = versionsOf(reading, rows.slice(0, count))
  const isAll = before === undefined && rows.length <= count
  return {
    versions,
    total: !counted
      ? undefined
      : isAll && count > 0
        ? rows.length
        : statements.value<number>(
            sql`SELECT count(*) FROM ${place.from} ${shownNow === TRUE ? raw('') : ITS_RESOURCE} WHERE ${where} AND ${shownNow}`,
          ),
    next:
      rows.length > versions.length && versions.length > 0
        ? writeCursor(kind, [rows[versions.length - 1]![0]])
        : undefined,
  }
}

const ITS_RESOURCE = raw('CROSS JOIN res r ON r.rid = v.rid')

/** `bytes`: of its body, null for a deletion. */
type HistoryRow = readonly [
  vid: number,
  bytes: number | null,
  ...(VersionRow extends readonly [...infer Columns, unknown] ? Columns : never),
]

/** As many as a page may hold. */
function versionsOf(
  { statements, dictionary, pageBytes }: Reading,
  rows: readonly HistoryRow[],
): StoredVersion[] {
  const places = rows.map(([vid, bytes]) => ({ vid, bytes: bytes ?? 0 }))
  const held = rows.slice(0, fitting(places, pageBytes))
  const { bodies } = bodiesAt(
    statements,
    places.slice(0, held.length).filter((_, nth) => held[nth]![1] !== null),
  )
  const next = bodies.values()
  return held.map(([, bytes, ...row]) =>
    asVersion([...row, bytes === null ? null : next.next().value!], dictionary),
  )
}

interface Scope {
  readonly from: Fragment
  readonly where: Fragment
  /** Newest first: `ver` ascends with `vid` within a resource. */
  readonly order: Fragment
}

function scopeOf({ scope }: HistoryQuery, { dictionary }: Reading): Scope | undefined {
  const newest = raw('v.vid DESC')
  if (scope.kind === 'system') return { from: raw('version v'), where: TRUE, order: newest }
  const type = dictionary.type(scope.type)
  if (type === undefined) return undefined
  if (scope.kind === 'type') {
    return { from: raw('version v INDEXED BY ver_t'), where: sql`v.type = ${type}`, order: newest }
  }
  const rid = dictionary.rid(type, scope.id)
  if (rid === undefined) return undefined
  return { from: raw('version v INDEXED BY ver_r'), where: sql`v.rid = ${rid}`, order: raw('v.ver DESC') }
}

/** `range`: of the index; `tested`: on each version of it. */
function timesOf(
  { since, at }: HistoryQuery,
  reading: Reading,
): { readonly range: Fragment; readonly tested: Fragment } {
  const seqAt = timeline(reading)
  const from = since === undefined ? TRUE : sql`v.vid >= ${seqAt(since)}`
  if (at === undefined) return { range: from, tested: TRUE }
  return {
    range: allOf([from, sql`v.vid < ${seqAt(at.high)}`]),
    tested: sql`NOT EXISTS (SELECT 1 FROM version n INDEXED BY ver_r WHERE n.rid = v.rid AND n.ver = v.ver + 1 AND n.lu <= ${at.low} LIMIT 1)`,
  }
}
