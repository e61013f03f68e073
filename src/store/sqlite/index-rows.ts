// A resource's index entries as the rows that stand for them, the packed copy kept with its body, and their way into the tables.
import { labelMask, SEPARATOR, tokenText, urlKey, type GrowingDictionary } from './dictionary.ts'
import { LABEL_BITS, LONG_DATE, NO_DATE, SEVERAL } from './schema.ts'
import { sql, type Fragment } from './sql.ts'
import type { Statements } from './statements.ts'
import type { IndexEntry, ResourceIndex } from '../index-entry.ts'

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

/** `head` and each of `rows` are JSON; equal text is an equal row. */
export interface PackedIndex {
  readonly head: string
  readonly rows: readonly string[]
}

type Row =
  | readonly ['t', tp: number, val: number | string]
  | readonly ['r', tp: number, tgt: number]
  | readonly ['s', tp: number, val: string]
  | readonly ['d', tp: number, lo: Bound, hi: Bound]
  | readonly ['q', tp: number, lo: Bound, hi: Bound, sys: number, code: number, unit: number]

/** JSON has no infinity. */
type Bound = number | '-' | '+'

export function packIndex(index: ResourceIndex, type: number, dictionary: GrowingDictionary): PackedIndex {
  const rows = new Set<string>()
  for (const entry of index.entries) {
    for (const row of rowsOf(entry, type, dictionary)) rows.add(JSON.stringify(row))
  }
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
  return { head: JSON.stringify(common), rows: [...rows].sort() }
}

export function commonOf(index: PackedIndex): Common {
  return JSON.parse(index.head) as Common
}

/** The text of `body.rows`. */
export function writePacked({ head, rows }: PackedIndex): string {
  return rows.length === 0 ? head : `${head}\n${rows.join('\n')}`
}

export function readPacked(text: string): PackedIndex {
  const [head = '', ...rows] = text.split('\n')
  return { head, rows }
}

function rowsOf(entry: IndexEntry, type: number, dictionary: GrowingDictionary): Row[] {
  const { tp, asText } = dictionary.addParam(type, entry.param)
  switch (entry.kind) {
    case 'token': {
      const { system, code } = entry
      return [['t', tp, asText ? tokenText(system, code) : dictionary.addToken(system, code)]]
    }
    case 'uri':
      return [['t', tp, uriText(entry.value)]]
    case 'string':
      return [['s', tp, entry.folded]]
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
    case 'composite':
      return []
    case 'reference': {
      const { target } = entry
      if (target.kind === 'local') {
        return [['r', tp, dictionary.addKey(dictionary.addType(target.type), target.id)]]
      }
      if (target.kind === 'contained') return []
      const key = (url: string) => urlKey(dictionary.addText(url))
      const whole: Row[] =
        target.version === undefined ? [] : [['r', tp, key(`${target.url}|${target.version}`)]]
      return [['r', tp, key(target.url)], ...whole]
    }
  }
}

/** Apart from every token kept as text, should a parameter have both. */
export function uriText(uri: string): string {
  return SEPARATOR + uri
}

function bound(value: number): Bound {
  return value === -Infinity ? '-' : value === Infinity ? '+' : value
}

function unbound(value: Bound): number {
  return value === '-' ? -Infinity : value === '+' ? Infinity : value
}

function ascending(a: number, b: number): number {
  return a - b
}

/** Puts what `to` has and `from` has not, and takes away the rest; either may be nothing. */
export function replaceRows(
  statements: Statements,
  rid: number,
  from: PackedIndex | undefined,
  to: PackedIndex | undefined,
): void {
  const sameHead = from?.head === to?.head
  if (from !== undefined) {
    const kept = sameHead ? new Set(to?.rows) : undefined
    const { dt } = commonOf(from)
    for (const row of from.rows) if (!kept?.has(row)) statements.run(deletion(parseRow(row), rid, dt))
  }
  if (to !== undefined) {
    const there = sameHead ? new Set(from?.rows) : undefined
    const common = commonOf(to)
    for (const row of to.rows) if (!there?.has(row)) statements.run(insertion(parseRow(row), rid, common))
  }
}

export function parseRow(text: string): Row {
  return JSON.parse(text) as Row
}

/** Constant texts: this is the most frequent statement of all. */
const INSERT = {
  t: 'INSERT INTO tok (tp, val, dt, rid, pat, lab) VALUES (?, ?, ?, ?, ?, ?)',
  r: 'INSERT INTO ref (tp, tgt, dt, rid, pat, lab) VALUES (?, ?, ?, ?, ?, ?)',
  s: 'INSERT INTO str (tp, val, rid, pat, lab) VALUES (?, ?, ?, ?, ?)',
  d: 'INSERT INTO dat (tp, lo, hi, rid, pat, lab, long) VALUES (?, ?, ?, ?, ?, ?, ?)',
  q: 'INSERT INTO qty (tp, lo, hi, sys, code, unit, rid, pat, lab, long) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
} as const

function insertion(row: Row, rid: number, { dt, pat, lab }: Common): Fragment {
  const text = INSERT[row[0]]
  switch (row[0]) {
    case 't':
    case 'r':
      return { text, params: [row[1], row[2], dt, rid, pat, lab] }
    case 's':
      return { text, params: [row[1], row[2], rid, pat, lab] }
    case 'd': {
      const [lo, hi] = [unbound(row[2]), unbound(row[3])]
      return { text, params: [row[1], lo, hi, rid, pat, lab, hi - lo > LONG_DATE ? 1 : 0] }
    }
    case 'q': {
      const [lo, hi] = [unbound(row[2]), unbound(row[3])]
      return { text, params: [row[1], lo, hi, row[4], row[5], row[6], rid, pat, lab, hi === lo ? 0 : 1] }
    }
  }
}

function deletion(row: Row, rid: number, dt: number): Fragment {
  const from = rowTable(row)
  return sql`DELETE FROM ${from.table} WHERE ${from.key} ${from.dated ? sql`AND dt = ${dt}` : sql``} AND rid = ${rid}`
}

/** The table a row is in, and the condition that finds it there, its `rid` and (where `dated`) its `dt` aside. */
export function rowTable(row: Row): {
  readonly table: Fragment
  readonly key: Fragment
  readonly dated: boolean
} {
  switch (row[0]) {
    case 't':
      return { table: sql`tok`, key: sql`tp = ${row[1]} AND val = ${row[2]}`, dated: true }
    case 'r':
      return { table: sql`ref`, key: sql`tp = ${row[1]} AND tgt = ${row[2]}`, dated: true }
    case 's':
      return { table: sql`str`, key: sql`tp = ${row[1]} AND val = ${row[2]}`, dated: false }
    case 'd':
      return {
        table: sql`dat`,
        key: sql`tp = ${row[1]} AND lo = ${unbound(row[2])} AND hi = ${unbound(row[3])}`,
        dated: false,
      }
    case 'q':
      return {
        table: sql`qty`,
        key: sql`tp = ${row[1]} AND lo = ${unbound(row[2])} AND hi = ${unbound(row[3])} AND sys = ${row[4]} AND code = ${row[5]} AND unit = ${row[6]}`,
        dated: false,
      }
  }
}
