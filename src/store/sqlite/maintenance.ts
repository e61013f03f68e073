// The store's maintenance face: what operators do, with no principal and no filter.
import { backupSqlite, verifySqlite } from './backup.ts'
import { countAll } from './maintenance-thread.ts'
import { atMost, sql } from './sql.ts'
import { textIsCurrent } from './text-index.ts'
import { asVersion, VERSION_COLUMNS, type Reading, type VersionRow } from './versions.ts'
import type { WriteQueue } from './write-queue.ts'
import type { StoredVersion, StoreMaintenance } from '../store.ts'

export interface MaintenanceParts {
  readonly file: string
  readonly key: Uint8Array | undefined
  /** Runs all of what is read as of one moment. */
  readonly reading: <Result>(read: (reading: Reading) => Result) => Result
}

export function maintenanceOf(parts: MaintenanceParts, queue: WriteQueue): StoreMaintenance {
  return {
    ...maintenanceReading(parts),
    replaceIndexes: async (items, how = 'difference') => {
      const answer = await queue.do({ kind: 'replace-indexes', items, how })
      return answer.replaced
    },
    clearStrays: async () => {
      for (let behind: number | undefined = 0; behind !== undefined; ) {
        const answer: { readonly behind: number | undefined } = await queue.do({
          kind: 'clear-strays',
          behind,
        })
        behind = answer.behind
      }
    },
    indexWordsAnew: async (stop) => {
      await queue.do({ kind: 'clear-words' })
      while (!stop?.aborted && !parts.reading(({ statements }) => textIsCurrent(statements)))
        await queue.do({ kind: 'index-words' })
    },
    setSetting: async (name, value) => {
      await queue.do({ kind: 'set', name, value })
    },
  }
}

/** What needs the writer. */
type MaintenanceWrite = 'replaceIndexes' | 'clearStrays' | 'indexWordsAnew' | 'setSetting'

/** What does not. */
export function maintenanceReading({
  file,
  key,
  reading,
}: MaintenanceParts): Omit<StoreMaintenance, MaintenanceWrite> {
  return {
    counts: async () => reading(({ statements }) => countAll(statements)),

    async *currentResources(batchSize, within) {
      let behind =
        within?.after === undefined ? 0 : reading((now) => firstOf(now, within.type, within.after!))
      for (;;) {
        const rows = reading((now) => currentBehind(now, behind, batchSize, within?.type))
        if (rows.length === 0) return
        behind = rows.at(-1)!.vid
        yield rows.map(({ version }) => version)
        await new Promise((resolve) => setImmediate(resolve))
      }
    },

    getSetting: async (name) =>
      reading(({ statements }) =>
        statements.value<string>(sql`SELECT value FROM setting WHERE name = ${name}`),
      ),

    backup: (to, progress) => backupSqlite({ file, key }, to, progress),

    verify: () => verifySqlite({ file, key }),
  }
}

/** The `vid` of a resource's first version; 0 when it never was. */
function firstOf({ statements, dictionary }: Reading, type: string, id: string): number {
  return (
    statements.value<number>(
      sql`SELECT f.vid FROM res r CROSS JOIN version f ON f.rid = r.rid AND f.ver = 1 WHERE r.type = ${dictionary.type(type) ?? 0} AND r.id = ${id}`,
    ) ?? 0
  )
}

/** In the order of the resources' first versions. */
function currentBehind(
  { statements, dictionary }: Reading,
  vid: number,
  limit: number,
  type: string | undefined,
): { readonly vid: number; readonly version: StoredVersion }[] {
  const ofType = type === undefined ? sql`` : sql`f.type = ${dictionary.type(type) ?? 0} AND`
  const rows = statements.rows<readonly [vid: number, ...VersionRow]>(
    sql`SELECT f.vid, ${VERSION_COLUMNS} FROM version f CROSS JOIN res r ON r.rid = f.rid CROSS JOIN version v ON v.vid = r.seq CROSS JOIN body b ON b.vid = r.seq WHERE ${ofType} f.vid > ${vid} AND f.ver = 1 AND r.live = 1 ORDER BY f.vid ${atMost(limit)}`,
  )
  return rows.map(([first, ...row]) => ({ vid: first, version: asVersion(row, dictionary) }))
}
