// What is told of a resource's current version along with its number, so that it need not be asked for again.
import { raw } from './sql.ts'
import type { VersionPlace } from './standing.ts'

/** Of `res r` and `body b`. */
export const CURRENT_COLUMNS = raw('r.seq, r.type, r.id, r.lu, r.ver, r.op, length(b.body)')

/** Takes the columns from a row in which they begin at `first`. */
export function currentPlace(row: readonly unknown[], rid: number, first: number): VersionPlace {
  return {
    rid,
    vid: row[first] as number,
    type: row[first + 1] as number,
    id: row[first + 2] as string,
    lastUpdated: row[first + 3] as number,
    versionId: row[first + 4] as number,
    op: row[first + 5] as number,
    bytes: row[first + 6] as number,
    isCurrent: true,
  }
}
