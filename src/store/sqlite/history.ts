// Answers history: versions newest first, each seen by the filter as it was when it was written and as the resource is now.
import { accessClause, type AccessRow } from './access-clause.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { allOf, atMost, type Fragment, raw, sql, TRUE } from './sql.ts'
import { asVersion, bounded, loadPage, timeline, type Reading, type VersionRow } from './versions.ts'
import type { AccessFilter } from '../access-filter.ts'
import type { HistoryPage, HistoryQuery } from '../store.ts'

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
      : statements.rows<readonly [vid: number, ...BodilessRow]>(
          sql`SELECT v.vid, v.type, r.id, v.ver, v.lu, v.op FROM ${place.from} ${ITS_RESOURCE} WHERE ${where} AND ${shownNow} AND ${before === undefined ? TRUE : sql`v.vid < ${before}`} ORDER BY ${place.order} ${atMost(count + 1)}`,
        )
  const versions = loadPage(reading, rows.slice(0, count), ([vid, ...row]) => {
    const body = statements.value<Buffer>(sql`SELECT body FROM body WHERE vid = ${vid}`) ?? null
    return asVersion([...row, body], dictionary)
  })
  return {
    versions,
    total: counted
      ? statements.value<number>(
          sql`SELECT count(*) FROM ${place.from} ${shownNow === TRUE ? raw('') : ITS_RESOURCE} WHERE ${where} AND ${shownNow}`,
        )
      : undefined,
    next:
      rows.length > versions.length && versions.length > 0
        ? writeCursor(kind, [rows[versions.length - 1]![0]])
        : undefined,
  }
}

const ITS_RESOURCE = raw('CROSS JOIN res r ON r.rid = v.rid')

type BodilessRow = VersionRow extends readonly [...infer Columns, unknown] ? Columns : never

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
