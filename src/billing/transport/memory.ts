// The transport of a throwaway server: what is sent is kept in memory and goes nowhere.
import type { OutgoingFile, Transport } from './transport.ts'

export interface MemoryTransport extends Transport {
  /** By name, what was sent last. */
  readonly sent: ReadonlyMap<string, Uint8Array>
}

export function createMemoryTransport(): MemoryTransport {
  const sent = new Map<string, Uint8Array>()
  return {
    sent,
    send({ name, bytes }: OutgoingFile) {
      sent.set(name, bytes)
      return Promise.resolve()
    },
    received: () => Promise.resolve([]),
  }
}
