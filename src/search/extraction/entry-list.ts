// Collects index entries, each once.
import type { IndexEntry } from '../../store/index.ts'

/** Up to here comparing with each is quicker than keys. */
const FEW = 24

export class EntryList {
  readonly entries: IndexEntry[] = []
  private keys: Set<string> | undefined

  readonly add = (entry: IndexEntry): void => {
    if (this.entries.length < FEW) {
      for (const other of this.entries) if (same(other, entry)) return
      this.entries.push(entry)
      return
    }
    this.keys ??= new Set(this.entries.map(keyOf))
    const key = keyOf(entry)
    if (this.keys.has(key)) return
    this.keys.add(key)
    this.entries.push(entry)
  }
}

function same(a: IndexEntry, b: IndexEntry): boolean {
  return a.param === b.param && a.kind === b.kind && keyOf(a) === keyOf(b)
}

function keyOf(entry: IndexEntry): string {
  switch (entry.kind) {
    case 'token':
      return `${entry.param}\0${entry.system}\0${entry.code}`
    case 'string':
      return `${entry.param}\0${entry.exact}`
    case 'reference': {
      const { target } = entry
      return target.kind === 'local'
        ? `${entry.param}\0${target.type}/${target.id}`
        : `${entry.param}\0\0${target.url}|${target.version ?? ''}`
    }
    case 'date':
    case 'number':
      return `${entry.param}\0${entry.low}\0${entry.high}`
    case 'quantity':
      return [entry.param, entry.low, entry.high, entry.system, entry.code, entry.unit].join('\0')
    case 'uri':
      return `${entry.param}\0${entry.value}`
  }
}
