// A resource's index as plain values one behind the other (see sent-jobs.ts).
import type { CompositeEntry, IndexEntry, ReferenceEntry, ResourceIndex } from '../index-entry.ts'
import type { Tape } from './tape.ts'

export function writeIndex(tape: Tape, { entries, patients, labels, date, contained }: ResourceIndex): void {
  writeEntries(tape, entries)
  tape.add(patients.length, ...patients)
  tape.add(labels.length)
  for (const { system, code } of labels) tape.add(system, code)
  tape.add(date, contained.length)
  for (const { type, id, entries: own } of contained) {
    tape.add(type, id)
    writeEntries(tape, own)
  }
}

export function readIndex(tape: Tape): ResourceIndex {
  const entries = tape.list(() => readEntry(tape))
  const patients = tape.list(() => tape.text())
  const labels = tape.list(() => ({ system: tape.text(), code: tape.text() }))
  const date = tape.numberOrNone()
  const contained = tape.list(() => ({
    type: tape.text(),
    id: tape.text(),
    entries: tape.list(() => readEntry(tape)),
  }))
  return { entries, patients, labels, date, contained }
}

function writeEntries(tape: Tape, entries: readonly IndexEntry[]): void {
  tape.add(entries.length)
  for (const entry of entries) writeEntry(tape, entry)
}

function writeEntry(tape: Tape, entry: IndexEntry): void {
  switch (entry.kind) {
    case 'token':
      return tape.add(entry.kind, entry.param, entry.system, entry.code)
    case 'string':
      return tape.add(entry.kind, entry.param, entry.folded, entry.exact)
    case 'date':
    case 'number':
      return tape.add(entry.kind, entry.param, entry.low, entry.high)
    case 'quantity':
      return tape.add(entry.kind, entry.param, entry.low, entry.high, entry.system, entry.code, entry.unit)
    case 'uri':
      return tape.add(entry.kind, entry.param, entry.value)
    case 'position':
      return tape.add(entry.kind, entry.param, entry.latitude, entry.longitude)
    case 'reference':
      tape.add(entry.kind, entry.param)
      return writeTarget(tape, entry.target)
    case 'composite':
      tape.add(entry.kind, entry.param)
      return writeEntries(tape, entry.components)
  }
}

function readEntry(tape: Tape): IndexEntry {
  const [kind, param] = [tape.text() as IndexEntry['kind'], tape.text()]
  switch (kind) {
    case 'token':
      return { kind, param, system: tape.text(), code: tape.text() }
    case 'string':
      return { kind, param, folded: tape.text(), exact: tape.text() }
    case 'date':
    case 'number':
      return { kind, param, low: tape.number(), high: tape.number() }
    case 'quantity':
      return {
        kind,
        param,
        low: tape.number(),
        high: tape.number(),
        system: tape.text(),
        code: tape.text(),
        unit: tape.text(),
      }
    case 'uri':
      return { kind, param, value: tape.text() }
    case 'position':
      return { kind, param, latitude: tape.number(), longitude: tape.number() }
    case 'reference':
      return { kind, param, target: readTarget(tape) }
    case 'composite':
      return { kind, param, components: tape.list(() => readEntry(tape)) as CompositeEntry['components'] }
  }
}

function writeTarget(tape: Tape, target: ReferenceEntry['target']): void {
  switch (target.kind) {
    case 'local':
      return tape.add(target.kind, target.type, target.id)
    case 'url':
      return tape.add(target.kind, target.url, target.version)
    case 'contained':
      return tape.add(target.kind, target.id)
  }
}

function readTarget(tape: Tape): ReferenceEntry['target'] {
  const kind = tape.text() as ReferenceEntry['target']['kind']
  switch (kind) {
    case 'local':
      return { kind, type: tape.text(), id: tape.text() }
    case 'url':
      return { kind, url: tape.text(), version: tape.textOrNone() }
    case 'contained':
      return { kind, id: tape.text() }
  }
}
