// What runs in a thread of its own because it takes long: copying a database, and checking one.
import type { MessagePort } from 'node:worker_threads'
import { openConnection } from './connection.ts'
import { isNoContained } from './contained.ts'
import { rowsLeftOutFrom } from './left-out-rows.ts'
import { checkLayout, LAYOUT } from './migrations.ts'
import { Statements } from './statements.ts'
import { sql } from './sql.ts'
import { verify } from './verify.ts'

export type MaintenanceData = {
  readonly file: string
  readonly key: Uint8Array | undefined
} & ({ readonly role: 'copy'; readonly to: string } | { readonly role: 'verify' })

export type MaintenanceReport =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'done'; readonly problems: readonly string[]; readonly counts: Counts }
  | { readonly kind: 'failed'; readonly message: string }

export interface Counts {
  readonly resources: number
  readonly versions: number
}

export function countAll(statements: Statements): Counts {
  return {
    resources: statements.value<number>(
      sql`SELECT count(*) FROM res INDEXED BY res_tseq WHERE live = 1 AND ${isNoContained('res')}`,
    )!,
    versions: statements.value<number>(sql`SELECT count(*) FROM version`)!,
  }
}

/** A report for every percent. */
function progressTo(port: MessagePort): (done: number, total: number) => void {
  let next = 0
  return (done, total) => {
    if (done < next) return
    next = done + total / 100
    port.postMessage({ kind: 'progress', done, total } satisfies MaintenanceReport)
  }
}

export function runMaintenance(data: MaintenanceData, port: MessagePort): void {
  let report: MaintenanceReport
  try {
    const db = openConnection({ file: data.file, key: data.key, readonly: true })
    try {
      // An earlier layout, or what an ended load has left, is whole as it is: index rows come when it is opened next.
      const statements = new Statements(db)
      const checksIndexes = checkLayout(db) === LAYOUT && rowsLeftOutFrom(statements) === undefined
      if (data.role === 'copy') statements.run(sql`VACUUM INTO ${data.to}`)
      const problems = data.role === 'verify' ? verify(statements, checksIndexes, progressTo(port)) : []
      report = { kind: 'done', problems, counts: countAll(statements) }
    } finally {
      db.close()
    }
  } catch (error) {
    report = { kind: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
  port.postMessage(report)
  port.close()
}
