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
  const { values } = tape
  values.push(entry.kind, entry.param)
  switch (entry.kind) {
    case 'token':
      values.push(entry.system, entry.code)
      break
    case 'string':
      values.push(entry.folded, entry.exact)
      break
    case 'date':
    case 'number':
      values.push(entry.low, entry.high)
      break
    case 'quantity':
      values.push(entry.low, entry.high, entry.system, entry.code, entry.unit)
      break
    case 'uri':
      values.push(entry.value)
      break
    case 'position':
      values.push(entry.latitude, entry.longitude)
      break
    case 'reference':
      writeTarget(tape, entry.target)
      break
    case 'composite':
      writeEntries(tape, entry.components)
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

function writeTarget({ values }: Tape, target: ReferenceEntry['target']): void {
  switch (target.kind) {
    case 'local':
      values.push(target.kind, target.type, target.id)
      break
    case 'url':
      values.push(target.kind, target.url, target.version)
      break
    case 'contained':
      values.push(target.kind, target.id)
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
