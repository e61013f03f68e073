// What runs in the thread that moves the log into the database (checkpoints.ts).
import type { MessagePort } from 'node:worker_threads'
import { openConnection } from './connection.ts'

export interface MoverData {
  readonly role: 'mover'
  readonly file: string
  readonly key: Uint8Array | undefined
  readonly durable: boolean
}

export type ToMover = { readonly kind: 'move' } | { readonly kind: 'close' }

export interface FromMover {
  /** Why nothing was moved. */
  readonly error: unknown
}

export function runMover({ file, key, durable }: MoverData, port: MessagePort): void {
  const db = openConnection({ file, key, durable })
  port.on('message', ({ kind }: ToMover) => {
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
    port.postMessage({ error } satisfies FromMover)
  })
}
