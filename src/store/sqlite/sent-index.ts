// A resource's index on a tape (see sent-jobs.ts).
import type { CompositeEntry, IndexEntry, ReferenceEntry, ResourceIndex } from '../index-entry.ts'
import type { TapeReader, TapeWriter } from './tape.ts'

const KIND = {
  token: 0,
  string: 1,
  reference: 2,
  date: 3,
  number: 4,
  quantity: 5,
  uri: 6,
  position: 7,
  composite: 8,
} as const satisfies Record<IndexEntry['kind'], number>

const TARGET = { local: 0, url: 1, contained: 2 } as const satisfies Record<
  ReferenceEntry['target']['kind'],
  number
>

export function writeIndex(
  tape: TapeWriter,
  { entries, patients, labels, date, contained }: ResourceIndex,
): void {
  writeEntries(tape, entries)
  tape.number(patients.length)
  for (const patient of patients) tape.text(patient)
  tape.number(labels.length)
  for (const { system, code } of labels) {
    tape.text(system)
    tape.text(code)
  }
  tape.numberOrNone(date)
  tape.number(contained.length)
  for (const { type, id, entries: own } of contained) {
    tape.word(type)
    tape.text(id)
    writeEntries(tape, own)
  }
}

export function readIndex(tape: TapeReader): ResourceIndex {
  const entries = tape.list(() => readEntry(tape))
  const patients = tape.list(() => tape.text())
  const labels = tape.list(() => ({ system: tape.text(), code: tape.text() }))
  const date = tape.numberOrNone()
  const contained = tape.list(() => ({
    type: tape.word(),
    id: tape.text(),
    entries: tape.list(() => readEntry(tape)),
  }))
  return { entries, patients, labels, date, contained }
}

function writeEntries(tape: TapeWriter, entries: readonly IndexEntry[]): void {
  tape.number(entries.length)
  for (const entry of entries) writeEntry(tape, entry)
}

function writeEntry(tape: TapeWriter, entry: IndexEntry): void {
  tape.number(KIND[entry.kind])
  tape.word(entry.param)
  switch (entry.kind) {
    case 'token':
      tape.text(entry.system)
      tape.text(entry.code)
      break
    case 'string':
      tape.text(entry.folded)
      tape.text(entry.exact)
      break
    case 'date':
    case 'number':
      tape.number(entry.low)
      tape.number(entry.high)
      break
    case 'quantity':
      tape.number(entry.low)
      tape.number(entry.high)
      tape.text(entry.system)
      tape.text(entry.code)
      tape.text(entry.unit)
      break
    case 'uri':
      tape.text(entry.value)
      break
    case 'position':
      tape.number(entry.latitude)
      tape.number(entry.longitude)
      break
    case 'reference':
      writeTarget(tape, entry.target)
      break
    case 'composite':
      writeEntries(tape, entry.components)
  }
}

function readEntry(tape: TapeReader): IndexEntry {
  const kind = tape.number()
  const param = tape.word()
  switch (kind) {
    case KIND.token:
      return { kind: 'token', param, system: tape.text(), code: tape.text() }
    case KIND.string:
      return { kind: 'string', param, folded: tape.text(), exact: tape.text() }
    case KIND.date:
      return { kind: 'date', param, low: tape.number(), high: tape.number() }
    case KIND.number:
      return { kind: 'number', param, low: tape.number(), high: tape.number() }
    case KIND.quantity:
      return {
        kind: 'quantity',
        param,
        low: tape.number(),
        high: tape.number(),
        system: tape.text(),
        code: tape.text(),
        unit: tape.text(),
      }
    case KIND.uri:
      return { kind: 'uri', param, value: tape.text() }
    case KIND.position:
      return { kind: 'position', param, latitude: tape.number(), longitude: tape.number() }
    case KIND.reference:
      return { kind: 'reference', param, target: readTarget(tape) }
    default:
      return {
        kind: 'composite',
        param,
        components: tape.list(() => readEntry(tape)) as CompositeEntry['components'],
      }
  }
}

function writeTarget(tape: TapeWriter, target: ReferenceEntry['target']): void {
  tape.number(TARGET[target.kind])
  switch (target.kind) {
    case 'local':
      tape.word(target.type)
      tape.text(target.id)
      break
    case 'url':
      tape.text(target.url)
      tape.textOrNone(target.version)
      break
    case 'contained':
      tape.text(target.id)
  }
}

function readTarget(tape: TapeReader): ReferenceEntry['target'] {
  switch (tape.number()) {
    case TARGET.local:
      return { kind: 'local', type: tape.word(), id: tape.text() }
    case TARGET.url:
      return { kind: 'url', url: tape.text(), version: tape.textOrNone() }
    default:
      return { kind: 'contained', id: tape.text() }
  }
}
