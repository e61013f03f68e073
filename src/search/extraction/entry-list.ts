// Collects index entries, each once.
import type { IndexEntry } from '../../store/index.ts'

/** Up to here comparing with each is quicker than keys. */
const FEW = 64

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

/** By fields rather than by keys, for this is most of what extraction costs. */
function same(a: IndexEntry, b: IndexEntry): boolean {
  if (a.param !== b.param) return false
  if (a.kind === 'token') return b.kind === 'token' && a.code === b.code && a.system === b.system
  if (a.kind === 'string') return b.kind === 'string' && a.exact === b.exact
  if (a.kind === 'uri') return b.kind === 'uri' && a.value === b.value
  if (a.kind === 'date' || a.kind === 'number') {
    return a.kind === b.kind && a.low === b.low && a.high === b.high
  }
  return a.kind === b.kind && keyOf(a) === keyOf(b)
}

function keyOf(entry: IndexEntry): string {
  switch (entry.kind) {
    case 'token':
      return `${entry.param}\0${entry.system}\0${entry.code}`
    case 'string':
      return `${entry.param}\0${entry.exact}`
    case 'reference': {
      const { target } = entry
      if (target.kind === 'local') return `${entry.param}\0${target.type}/${target.id}`
      if (target.kind === 'contained') return `${entry.param}\0#${target.id}`
      return `${entry.param}\0\0${target.url}|${target.version ?? ''}`
    }
    case 'date':
    case 'number':
      return `${entry.param}\0${entry.low}\0${entry.high}`
    case 'quantity':
      return [entry.param, entry.low, entry.high, entry.system, entry.code, entry.unit].join('\0')
    case 'uri':
      return `${entry.param}\0${entry.value}`
    case 'position':
      return `${entry.param}\0${entry.latitude}\0${entry.longitude}`
    case 'composite':
      return `${entry.param}\0${entry.components.map(keyOf).join('\x01')}`
  }
}
