// A resource's index entries as rows, and the packed copy of these that is kept with its body; table-rows.ts puts them into the tables.
import { labelMask, SEPARATOR, tokenText, urlKey, type GrowingDictionary } from './dictionary.ts'
import { LABEL_BITS, NO_DATE, SEVERAL } from './schema.ts'
import type { CompositeEntry, IndexEntry, ReferenceEntry, ResourceIndex } from '../index-entry.ts'

/** What gives each thing its number. */
export type PackingDictionary = Pick<
  GrowingDictionary,
  'addType' | 'addParam' | 'addToken' | 'addText' | 'addLabel' | 'addKey'
>

/** What every row of a resource repeats. */
export interface Common {
  readonly dt: number
  readonly pat: number
  readonly lab: number
  /** Keys of the patients when there are several, else empty. */
  readonly patients: readonly number[]
  /** Labels that have no bit. */
  readonly labels: readonly number[]
}

/** `head` and each of `rows` are JSON (`Common`, `Row`); equal text is an equal row. */
export interface PackedIndex extends PackedRows {
  readonly head: string
  /** What `head` says, where it was just written. */
  readonly common?: Common
  readonly contained: readonly PackedContained[]
}

export interface PackedContained extends PackedRows {
  /** The code of the type `#Medication`. */
  readonly type: number
  /** Within the container, without `#`. */
  readonly id: string
}

export interface PackedRows {
  readonly rows: readonly string[]
  /** What each of `rows` says, where they were just written. */
  readonly values?: readonly Row[]
}

/** A letter for the table: `m` is for `cmp`, `c` for a `ref` to a contained resource, whose `rid` only the tables know. */
export type Row = FlatRow | readonly ['m', tp: number, n: number, components: readonly FlatRow[]]

export type FlatRow =
  | readonly ['t', tp: number, val: number | string]
  | readonly ['r', tp: number, tgt: number]
  | readonly ['c', tp: number, id: string]
  /** `exact` is left out where it equals `val`. */
  | readonly ['s', tp: number, val: string, exact?: string]
  | readonly ['d', tp: number, lo: Bound, hi: Bound]
  | readonly ['q', tp: number, lo: Bound, hi: Bound, sys: number, code: number, unit: number]
  | readonly ['p', tp: number, lat: number, lon: number]

/** JSON has no infinity. */
export type Bound = number | '-' | '+'

export function packIndex(index: ResourceIndex, type: number, dictionary: PackingDictionary): PackedIndex {
  const patientType = index.patients.length === 0 ? 0 : dictionary.addType('Patient')
  const patients = [...new Set(index.patients)]
    .map((id) => dictionary.addKey(patientType, id))
    .sort(ascending)
  const labels = index.labels.map((label) => dictionary.addLabel(label)).sort(ascending)
  const common: Common = {
    dt: index.date ?? NO_DATE,
    pat: patients.length > 1 ? SEVERAL : (patients[0] ?? 0),
    lab: labelMask(labels),
    patients: patients.length > 1 ? patients : [],
    labels: labels.filter((label) => label >= LABEL_BITS),
  }
  return {
    head: JSON.stringify(common),
    common,
    ...packEntries(index.entries, type, dictionary),
    contained: index.contained.map(({ type: name, id, entries }) => {
      const code = dictionary.addType(containedType(name))
      return { type: code, id, ...packEntries(entries, code, dictionary) }
    }),
  }
}

/** The type under which contained resources of this type are kept. */
export function containedType(name: string): string {
  return `#${name}`
}

export function commonOf({ head, common }: Pick<PackedIndex, 'head' | 'common'>): Common {
  return common ?? (JSON.parse(head) as Common)
}

/** The text of `body.rows`: a line for the head and each row; a contained resource's rows stand behind a line that names it. */
export function writePacked({ head, rows, contained }: PackedIndex): string {
  const lines = [head, ...rows]
  for (const { type, id, rows: own } of contained) lines.push(JSON.stringify({ type, id }), ...own)
  return lines.join('\n')
}

export function readPacked(text: string): PackedIndex {
  const [head = '', ...lines] = text.split('\n')
  const rows: string[] = []
  const contained: PackedContained[] = []
  let into = rows
  for (const line of lines) {
    if (line.startsWith('[')) {
      into.push(line)
      continue
    }
    const { type, id } = JSON.parse(line) as Pick<PackedContained, 'type' | 'id'>
    into = []
    contained.push({ type, id, rows: into })
  }
  return { head, rows, contained }
}

export function parseRow(text: string): Row {
  return JSON.parse(text) as Row
}

function packEntries(
  entries: readonly IndexEntry[],
  type: number,
  dictionary: PackingDictionary,
): Required<PackedRows> {
  const rows = new Map<string, Row>()
  const composites = new Map<number, Map<string, FlatRow[]>>()
  for (const entry of entries) {
    if (entry.kind !== 'composite') {
      for (const row of rowsOf(entry, type, dictionary)) rows.set(rowText(row), row)
      continue
    }
    const { tp } = dictionary.addParam(type, entry.param)
    const some = composites.get(tp) ?? new Map<string, FlatRow[]>()
    composites.set(tp, some)
    for (const components of componentsOf(entry, type, dictionary))
      some.set(JSON.stringify(components), components)
  }
  // Numbered in an order that does not depend on where in the resource they stand: most stay when one is added.
  for (const [tp, some] of composites)
    for (const [n, text] of [...some.keys()].sort().entries())
      rows.set(`["m",${tp},${n},${text}]`, ['m', tp, n, some.get(text) as FlatRow[]])
  const texts = [...rows.keys()].sort()
  return { rows: texts, values: texts.map((text) => rows.get(text) as Row) }
}

/** As `JSON.stringify` writes it, which takes four times as long. */
function rowText(row: FlatRow): string {
  switch (row[0]) {
    case 't':
      return `["t",${row[1]},${typeof row[2] === 'number' ? row[2] : JSON.stringify(row[2])}]`
    case 'r':
      return `["r",${row[1]},${row[2]}]`
    case 'd':
      return `["d",${row[1]},${boundText(row[2])},${boundText(row[3])}]`
    default:
      return JSON.stringify(row)
  }
}

function boundText(bound: Bound): string {
  return typeof bound === 'number' ? String(bound) : `"${bound}"`
}

/** An entry with several rows gives one list for each way to pick. */
function componentsOf(entry: CompositeEntry, type: number, dictionary: PackingDictionary): FlatRow[][] {
  return entry.components.reduce<FlatRow[][]>(
    (lists, component) => {
      const rows = rowsOf(component, type, dictionary)
      return lists.flatMap((list) => rows.map((row) => [...list, row]))
    },
    [[]],
  )
}

function rowsOf(
  entry: Exclude<IndexEntry, CompositeEntry>,
  type: number,
  dictionary: PackingDictionary,
): FlatRow[] {
  const { tp, asText } = dictionary.addParam(type, entry.param)
  switch (entry.kind) {
    case 'token': {
      const { system, code } = entry
      return [['t', tp, asText ? tokenText(system, code) : dictionary.addToken(system, code)]]
    }
    case 'uri':
      return [['t', tp, uriText(entry.value)]]
    case 'string': {
      const { folded, exact } = entry
      return [exact === folded ? ['s', tp, folded] : ['s', tp, folded, exact]]
    }
    case 'date':
      return [['d', tp, bound(entry.low), bound(entry.high)]]
    case 'number':
      return [['q', tp, bound(entry.low), bound(entry.high), 0, 0, 0]]
    case 'quantity': {
      const [system, code, unit] = [entry.system, entry.code, entry.unit].map((text) =>
        text === '' ? 0 : dictionary.addText(text),
      )
      return [['q', tp, bound(entry.low), bound(entry.high), system!, code!, unit!]]
    }
    case 'position':
      return [['p', tp, entry.latitude, entry.longitude]]
    case 'reference':
      return referenceRows(entry, tp, dictionary)
  }
}

function referenceRows({ target }: ReferenceEntry, tp: number, dictionary: PackingDictionary): FlatRow[] {
  switch (target.kind) {
    case 'local':
      return [['r', tp, dictionary.addKey(dictionary.addType(target.type), target.id)]]
    case 'contained':
      return [['c', tp, target.id]]
    case 'url': {
      const { url, version } = target
      const texts = version === undefined ? [url] : [anyVersionOf(url), `${url}|${version}`]
      return texts.map((text) => ['r', tp, urlKey(dictionary.addText(text))])
    }
  }
}

/** Stands for a canonical that names some version: whoever asks for no version asks for this and the URL alone. */
export function anyVersionOf(url: string): string {
  return `${url}|`
}

/** Apart from every token kept as text, should a parameter have both. */
export function uriText(uri: string): string {
  return SEPARATOR + uri
}

function bound(value: number): Bound {
  return value === -Infinity ? '-' : value === Infinity ? '+' : value
}

export function unbound(value: Bound): number {
  return value === '-' ? -Infinity : value === '+' ? Infinity : value
}

function ascending(a: number, b: number): number {
  return a - b
}
