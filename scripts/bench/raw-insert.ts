// The floor of a write: the rows that the server made for new resources, inserted anew, in batches, by the driver alone.
import { copyFileSync, rmSync } from 'node:fs'
import Database from 'better-sqlite3-multiple-ciphers'
import type { Sample } from './measure.ts'

type Row = (number | bigint | string | Uint8Array | null)[]
/** `[index into inserts, row]`. */
type Insert = readonly [number, Row]

export interface RawRows {
  /** The database that lacks them. */
  readonly before: string
  /** INSERT statements, by table. */
  readonly inserts: readonly string[]
  /** Rows that several resources share. */
  readonly shared: readonly Insert[]
  /** One group a new resource. */
  readonly resources: readonly (readonly Insert[])[]
}

/** Full text aside, which the server takes in when nothing else is to be written. */
const OURS = `name NOT LIKE 'sqlite_%' AND name NOT LIKE 'words%'`
/** As the server's own writer has them. */
const PRAGMAS = [
  'journal_mode = WAL',
  'synchronous = FULL',
  'wal_autocheckpoint = 15000',
  'cache_size = -65536',
]

/** What `after` has and `before` has not, two files of databases that no server has open. */
export function newRows(before: string, after: string): RawRows {
  const db = new Database(after, { readonly: true })
  try {
    const read = (sql: string): Row[] => db.prepare(sql).raw(true).all() as Row[]
    db.prepare('ATTACH ? AS before').run(before)
    const tables = read(`SELECT name FROM main.sqlite_schema WHERE type = 'table' AND ${OURS}`)
    const lastOld = read('SELECT max(rid) FROM before.res')[0]?.[0] as number
    const resourceOf = new Map(read('SELECT vid, rid FROM main.version') as [number, number][])
    const inserts: string[] = []
    const shared: Insert[] = []
    const groups = new Map<number, Insert[]>()
    for (const [table] of tables as [string][]) {
      const columns = read(`SELECT name FROM pragma_table_info('${table}')`).map(([name]) => name as string)
      const places = columns.map(() => '?').join(', ')
      const insert = inserts.push(`INSERT OR REPLACE INTO ${table} VALUES (${places})`) - 1
      const rid = columns.indexOf('rid')
      const vid = columns.indexOf('vid')
      for (const row of read(`SELECT * FROM main.${table} EXCEPT SELECT * FROM before.${table}`)) {
        const resource = rid >= 0 ? (row[rid] as number) : resourceOf.get(row[vid] as number)
        if (resource === undefined || resource <= lastOld) shared.push([insert, row])
        else if (groups.has(resource)) groups.get(resource)?.push([insert, row])
        else groups.set(resource, [[insert, row]])
      }
    }
    const resources = [...groups].sort(([a], [b]) => a - b).map(([, rows]) => rows)
    if (resources.length === 0) throw new Error('there are no new resources')
    return { before, inserts, shared, resources }
  } finally {
    db.close()
  }
}

/** A request here is a resource; as durable as the server's commits. @param batch resources a transaction */
export function insertRows({ before, inserts, shared, resources }: RawRows, batch: number): Sample {
  const file = `${before}-raw`
  copyFileSync(before, file)
  const db = new Database(file)
  try {
    for (const pragma of PRAGMAS) db.pragma(pragma)
    const statements = inserts.map((sql) => db.prepare(sql))
    const insert = (group: readonly Insert[]): void => {
      for (const [statement, row] of group) statements[statement]?.run(...row)
    }
    const begin = db.prepare('BEGIN IMMEDIATE')
    const commit = db.prepare('COMMIT')
    begin.run()
    insert(shared)
    commit.run()

    const cpu = process.cpuUsage()
    const started = performance.now()
    for (let at = 0; at < resources.length; at += batch) {
      begin.run()
      for (const group of resources.slice(at, at + batch)) insert(group)
      commit.run()
    }
    const seconds = (performance.now() - started) / 1000
    const { user, system } = process.cpuUsage(cpu)
    const count = resources.length
    return { requestsPerSecond: count / seconds, cpuMsPerRequest: (user + system) / 1000 / count }
  } finally {
    db.close()
    for (const ending of ['', '-wal', '-shm']) rmSync(file + ending, { force: true })
  }
}
