// Collects the index entries of one resource, each once.
import { FhirError } from '../../fhir/index.ts'
import type { IndexEntry, ReferenceEntry } from '../../store/index.ts'

/** Up to here comparing with each is quicker than keys. */
const FEW = 64
/** Composite entries of a resource, which multiply: far more than any real one has, and as many as can be written. */
const MOST_COMPOSITES = 10_000

export class EntryList {
  readonly entries: IndexEntry[] = []
  /** How often `add` was called, with entries that were there already too. */
  added = 0
  private readonly groups: (Group | undefined)[] = []
  private group: Group = { entries: [], keys: undefined }
  private composites = 0
  private readonly inContainer: boolean

  /** `inContainer`: references to what is contained are entries; a contained resource's own are none. */
  constructor(inContainer: boolean) {
    this.inContainer = inContainer
  }

  /** What is added next is of this parameter, by its place in the list of them: only with its own is it compared. */
  of(parameter: number): void {
    this.group = this.groups[parameter] ??= { entries: [], keys: undefined }
  }

  /** @throws FhirError `too-costly` */
  readonly add = (entry: IndexEntry): void => {
    if (entry.kind === 'reference' && entry.target.kind === 'contained' && !this.inContainer) return
    this.added += 1
    const { group } = this
    if (group.entries.length < FEW) {
      for (const other of group.entries) if (other.param === entry.param && same(other, entry)) return
    } else {
      group.keys ??= new Set(group.entries.map(keyOf))
      const key = keyOf(entry)
      if (group.keys.has(key)) return
      group.keys.add(key)
    }
    if (entry.kind === 'composite' && (this.composites += 1) > MOST_COMPOSITES) throw tooMany()
    group.entries.push(entry)
    this.entries.push(entry)
  }
}

/** The entries of one parameter. */
interface Group {
  readonly entries: IndexEntry[]
  keys: Set<string> | undefined
}

function tooMany(): FhirError {
  const most = MOST_COMPOSITES.toLocaleString('en')
  return new FhirError(
    'too-costly',
    `The resource has more than ${most} combinations of codes and values to be searched by. Split it.`,
  )
}

/** Of one parameter. By fields rather than by keys, for this is most of what extraction costs. */
function same(a: IndexEntry, b: IndexEntry): boolean {
  switch (a.kind) {
    case 'token':
      return b.kind === 'token' && a.code === b.code && a.system === b.system
    case 'string':
      return b.kind === 'string' && a.exact === b.exact
    case 'uri':
      return b.kind === 'uri' && a.value === b.value
    case 'date':
    case 'number':
      return a.kind === b.kind && a.low === b.low && a.high === b.high
    case 'composite':
      return (
        b.kind === 'composite' &&
        a.components.every((component, at) => {
          const other = b.components[at]
          return other !== undefined && component.param === other.param && same(component, other)
        })
      )
    case 'quantity':
      return (
        b.kind === 'quantity' &&
        a.low === b.low &&
        a.high === b.high &&
        a.code === b.code &&
        a.system === b.system &&
        a.unit === b.unit
      )
    case 'reference':
      return b.kind === 'reference' && sameTarget(a.target, b.target)
    case 'position':
      return b.kind === 'position' && a.latitude === b.latitude && a.longitude === b.longitude
  }
}

function sameTarget(a: ReferenceEntry['target'], b: ReferenceEntry['target']): boolean {
  if (a.kind === 'local') return b.kind === 'local' && a.id === b.id && a.type === b.type
  if (a.kind === 'contained') return b.kind === 'contained' && a.id === b.id
  return b.kind === 'url' && a.url === b.url && a.version === b.version
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
