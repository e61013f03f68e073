// The floor of a write: the rows that the server made for new resources, inserted anew, in batches, by the driver alone.
import { rmSync } from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3-multiple-ciphers'
import type { Sample } from './measure.ts'

type Row = (number | bigint | string | Uint8Array | null)[]

/** All rows of a database, as what was there before is followed by one group a new resource. */
export interface RawRows {
  readonly schema: readonly string[]
  /** INSERT statements, by table. */
  readonly inserts: readonly string[]
  /** `[index into inserts, row]`. */
  readonly before: readonly (readonly [number, Row])[]
  readonly resources: readonly (readonly (readonly [number, Row])[])[]
}

/** Full text aside, which the server takes in when nothing else is to be written. */
const OURS = `name NOT LIKE 'sqlite_%' AND name NOT LIKE 'words%'`

/** @param newest how many of the resources, the last made, are the new ones */
export function readRows(file: string, newest: number): RawRows {
  const db = new Database(file, { readonly: true })
  try {
    const read = (sql: string): Row[] => db.prepare(sql).raw(true).all() as Row[]
    const schema = read(`SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND ${OURS} ORDER BY type DESC`)
    const tables = read(`SELECT name FROM sqlite_schema WHERE type = 'table' AND ${OURS}`)
    const lastOld = read(`SELECT rid FROM res ORDER BY rid DESC LIMIT 1 OFFSET ${newest}`)[0]?.[0] as number
    const resourceOf = new Map(read('SELECT vid, rid FROM version') as [number, number][])

    const inserts: string[] = []
    const before: [number, Row][] = []
    const groups = new Map<number, [number, Row][]>()
    for (const [table] of tables as [string][]) {
      const columns = read(`SELECT name FROM pragma_table_info('${table}')`).map(([name]) => name as string)
      const insert = inserts.push(`INSERT INTO ${table} VALUES (${columns.map(() => '?').join(', ')})`) - 1
      const rid = columns.indexOf('rid')
      const vid = columns.indexOf('vid')
      for (const row of read(`SELECT * FROM ${table}`)) {
        const resource = rid >= 0 ? (row[rid] as number) : resourceOf.get(row[vid] as number)
        if (resource === undefined || resource <= lastOld) before.push([insert, row])
        else if (groups.has(resource)) groups.get(resource)?.push([insert, row])
        else groups.set(resource, [[insert, row]])
      }
    }
    const resources = [...groups].sort(([a], [b]) => a - b).map(([, rows]) => rows)
    return { schema: schema.map(([sql]) => sql as string), inserts, before, resources }
  } finally {
    db.close()
  }
}

/** A request here is a resource; as durable as the server's commits. @param batch resources a transaction */
export function insertRows(folder: string, rows: RawRows, batch: number): Sample {
  const file = path.join(folder, 'raw.db')
  const db = new Database(file)
  try {
    for (const pragma of [
      'journal_mode = WAL',
      'synchronous = FULL',
      'wal_autocheckpoint = 8000',
      'cache_size = -65536',
    ])
      db.pragma(pragma)
    for (const sql of rows.schema) db.exec(sql)
    const statements = rows.inserts.map((sql) => db.prepare(sql))
    const insert = (group: readonly (readonly [number, Row])[]): void => {
      for (const [statement, row] of group) statements[statement]?.run(...row)
    }
    const begin = db.prepare('BEGIN IMMEDIATE')
    const commit = db.prepare('COMMIT')
    begin.run()
    insert(rows.before)
    commit.run()

    const cpu = process.cpuUsage()
    const started = performance.now()
    for (let at = 0; at < rows.resources.length; at += batch) {
      begin.run()
      for (const group of rows.resources.slice(at, at + batch)) insert(group)
      commit.run()
    }
    const seconds = (performance.now() - started) / 1000
    const { user, system } = process.cpuUsage(cpu)
    const count = rows.resources.length
    return { requestsPerSecond: count / seconds, cpuMsPerRequest: (user + system) / 1000 / count }
  } finally {
    db.close()
    for (const ending of ['', '-wal', '-shm']) rmSync(file + ending, { force: true })
  }
}
