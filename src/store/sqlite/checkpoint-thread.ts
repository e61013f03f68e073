// What runs in the thread that moves the log into the database (checkpoints.ts).
import type { MessagePort } from 'node:worker_threads'
import { openConnection } from './connection.ts'

export interface CheckpointData {
  readonly role: 'checkpoint'
  readonly file: string
  readonly key: Uint8Array | undefined
  readonly durable: boolean
}

export type ToCheckpointThread = { readonly kind: 'move' } | { readonly kind: 'close' }

export interface FromCheckpointThread {
  /** Why nothing was moved. */
  readonly error: unknown
}

export function runCheckpoints({ file, key, durable }: CheckpointData, port: MessagePort): void {
  const db = openConnection({ file, key, durable })
  port.on('message', ({ kind }: ToCheckpointThread) => {
    if (kind === 'close') {
      db.close()
      port.close()
      return
    }
    let error: unknown
    try {
      // As much as is there and nobody reads; who writes need not wait for it.
      db.pragma('wal_checkpoint(PASSIVE)')
    } catch (thrown) {
      error = thrown
    }
    port.postMessage({ error } satisfies FromCheckpointThread)
  })
}
