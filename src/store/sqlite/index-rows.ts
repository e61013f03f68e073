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
  const patients = keysOf(index.patients, dictionary)
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

/** Of patients, each once, in ascending order. */
function keysOf(patients: readonly string[], dictionary: PackingDictionary): readonly number[] {
  if (patients.length === 0) return []
  const type = dictionary.addType('Patient')
  return [...new Set(patients)].map((id) => dictionary.addKey(type, id)).sort(ascending)
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
  const all: FlatRow[] = []
  const composites = new Map<number, Map<string, FlatRow[]>>()
  for (const entry of entries) {
    if (entry.kind !== 'composite') {
      addRows(all, entry, type, dictionary)
      continue
    }
    const { tp } = dictionary.addParam(type, entry.param)
    const some = composites.get(tp) ?? new Map<string, FlatRow[]>()
    composites.set(tp, some)
    for (const components of componentsOf(entry, type, dictionary))
      some.set(JSON.stringify(components), components)
  }
  // In the order of the indexes that begin with the resource: what is put in at the end of one costs least.
  const values: Row[] = all.sort(inOrder).filter((row, at) => at === 0 || inOrder(all[at - 1]!, row) !== 0)
  const rows = all.length === 0 ? [] : (values as FlatRow[]).map(rowText)
  // Numbered in an order that does not depend on where in the resource they stand: most stay when one is added.
  for (const [tp, some] of composites)
    for (const [n, text] of [...some.keys()].sort().entries()) {
      rows.push(`["m",${tp},${n},${text}]`)
      values.push(['m', tp, n, some.get(text) as FlatRow[]])
    }
  return { rows, values }
}

/** By parameter and value; 0 for equal rows alone. */
function inOrder(a: FlatRow, b: FlatRow): number {
  if (a[1] !== b[1]) return a[1] - b[1]
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1
  if (a.length !== b.length) return a.length - b.length
  for (let at = 2; at < a.length; at++) {
    const [one, other] = [a[at]!, b[at]!]
    if (one === other) continue
    if (typeof one !== typeof other) return typeof one < typeof other ? -1 : 1
    return one < other ? -1 : 1
  }
  return 0
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
    case 'q':
      return `["q",${row[1]},${boundText(row[2])},${boundText(row[3])},${row[4]},${row[5]},${row[6]}]`
    default:
      return JSON.stringify(row)
  }
}

/** JSON has no sign before a zero. */
function boundText(bound: Bound): string {
  return typeof bound === 'number' ? String(bound) : `"${bound}"`
}

/** An entry with several rows gives one list for each way to pick. */
function componentsOf(entry: CompositeEntry, type: number, dictionary: PackingDictionary): FlatRow[][] {
  return entry.components.reduce<FlatRow[][]>(
    (lists, component) => {
      const rows: FlatRow[] = []
      addRows(rows, component, type, dictionary)
      return lists.flatMap((list) => rows.map((row) => [...list, row]))
    },
    [[]],
  )
}

function addRows(
  rows: FlatRow[],
  entry: Exclude<IndexEntry, CompositeEntry>,
  type: number,
  dictionary: PackingDictionary,
): void {
  const { tp, asText } = dictionary.addParam(type, entry.param)
  switch (entry.kind) {
    case 'token': {
      const { system, code } = entry
      rows.push(['t', tp, asText ? tokenText(system, code) : dictionary.addToken(system, code)])
      break
    }
    case 'uri':
      rows.push(['t', tp, uriText(entry.value)])
      break
    case 'string': {
      const { folded, exact } = entry
      rows.push(exact === folded ? ['s', tp, folded] : ['s', tp, folded, exact])
      break
    }
    case 'date':
      rows.push(['d', tp, bound(entry.low), bound(entry.high)])
      break
    case 'number':
      rows.push(['q', tp, bound(entry.low), bound(entry.high), 0, 0, 0])
      break
    case 'quantity': {
      const { low, high, system, code, unit } = entry
      const text = (one: string) => (one === '' ? 0 : dictionary.addText(one))
      rows.push(['q', tp, bound(low), bound(high), text(system), text(code), text(unit)])
      break
    }
    case 'position':
      rows.push(['p', tp, entry.latitude, entry.longitude])
      break
    case 'reference':
      addReference(rows, entry, tp, dictionary)
  }
}

function addReference(
  rows: FlatRow[],
  { target }: ReferenceEntry,
  tp: number,
  dictionary: PackingDictionary,
): void {
  switch (target.kind) {
    case 'local':
      rows.push(['r', tp, dictionary.addKey(dictionary.addType(target.type), target.id)])
      break
    case 'contained':
      rows.push(['c', tp, target.id])
      break
    case 'url': {
      const { url, version } = target
      const texts = version === undefined ? [url] : [anyVersionOf(url), `${url}|${version}`]
      for (const text of texts) rows.push(['r', tp, urlKey(dictionary.addText(text))])
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
