// Reads single versions, and finds the sequence number that belongs to a time.
import { accessClause } from './access-clause.ts'
import type { Dictionary } from './dictionary.ts'
import { OPS } from './schema.ts'
import { allOf, raw, sql, TRUE, type Fragment } from './sql.ts'
import type { Statements } from './statements.ts'
import type { AccessFilter } from '../access-filter.ts'
import type { ResourceKey } from '../commit.ts'
import type { StoredVersion } from '../store.ts'

/** What reading takes: one connection with what is known of it. */
export interface Reading {
  readonly statements: Statements
  readonly dictionary: Dictionary
  /** Bytes of bodies that a page may hold. */
  readonly pageBytes?: number | undefined
  /** Whether searches that take long are to be given up (./long-search.ts). */
  readonly brief?: boolean
}

/**
 * Within the bound of work of one search.
 * @throws LongSearch when it takes long and must not
 */
export function bounded<Result>({ statements: { work }, brief }: Reading, run: () => Result): Result {
  work.begin()
  return brief === true ? work.briefly(run) : run()
}

/** Of `res r`, `version v` and `body b`. */
export const VERSION_COLUMNS = raw('v.type, r.id, v.ver, v.lu, v.op, b.body')

export type VersionRow = readonly [
  type: number,
  id: string,
  ver: number,
  lu: number,
  op: number,
  body: Buffer | null,
]

export function asVersion([type, id, ver, lu, op, body]: VersionRow, dictionary: Dictionary): StoredVersion {
  const { change, method } = OPS[op]!
  return {
    type: dictionary.typeName(type),
    id,
    versionId: ver,
    lastUpdated: lu,
    change,
    method,
    body: body ?? undefined,
  }
}

export function read(reading: Reading, key: ResourceKey, access: AccessFilter): StoredVersion | undefined {
  return currentVersion(reading, key, TRUE, access)
}

/** The row of a resource says of its current version what the version's own row says: compartments and labels, too. */
function currentVersion(
  { statements, dictionary }: Reading,
  key: ResourceKey,
  condition: Fragment,
  access: AccessFilter,
): StoredVersion | undefined {
  const type = dictionary.type(key.type)
  if (type === undefined) return undefined
  const visible = accessClause(access, { alias: 'r', type: { name: key.type }, of: 'resource' }, dictionary)
  const row = statements.row<VersionRow>(
    sql`SELECT r.type, r.id, r.ver, r.lu, r.op, b.body FROM res r LEFT JOIN body b ON b.vid = r.seq WHERE r.type = ${type} AND r.id = ${key.id} AND ${allOf([condition, visible])}`,
  )
  return row && asVersion(row, dictionary)
}

/** Seen by the filter as it was when it was written and as the resource is now. */
export function readVersion(
  reading: Reading,
  key: ResourceKey,
  versionId: number,
  access: AccessFilter,
): StoredVersion | undefined {
  const { statements, dictionary } = reading
  const type = dictionary.type(key.type)
  if (type === undefined || !Number.isSafeInteger(versionId)) return undefined
  const current = currentVersion(reading, key, sql`r.ver = ${versionId}`, access)
  if (current !== undefined) return current
  const named = { name: key.type }
  const visible = allOf([
    accessClause(access, { alias: 'v', type: named, of: 'version' }, dictionary),
    accessClause(access, { alias: 'r', type: named, of: 'resource' }, dictionary),
  ])
  const row = statements.row<VersionRow>(
    sql`SELECT ${VERSION_COLUMNS} FROM res r CROSS JOIN version v INDEXED BY ver_r ON v.rid = r.rid AND v.ver = ${versionId} LEFT JOIN body b ON b.vid = v.vid WHERE r.type = ${type} AND r.id = ${key.id} AND ${visible}`,
  )
  return row && asVersion(row, dictionary)
}

/** The least sequence number of a version written at or after a time; one above all when there is none. */
export function timeline({ statements }: Pick<Reading, 'statements'>): (time: number) => number {
  return (time) => {
    let low = 1
    let high = statements.value<number>(sql`SELECT coalesce(max(vid), 0) + 1 FROM version`)!
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      const at = statements.row<[number, number]>(
        sql`SELECT vid, lu FROM version WHERE vid >= ${middle} ORDER BY vid LIMIT 1`,
      )
      if (at === undefined || at[1] >= time) high = middle
      else low = at[0] + 1
    }
    return low
  }
}
