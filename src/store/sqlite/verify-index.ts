// Compares the packed index of a resource with what extraction makes of its body now.
import type { ExpectedIndex } from '../inspection.ts'
import { commonOf, packIndex, parseRow, readPacked, type PackedIndex, type Row } from './index-rows.ts'
import { KnownDictionary } from './known-dictionary.ts'
import { sql } from './sql.ts'
import type { Statements } from './statements.ts'

export class IndexComparison {
  readonly #statements: Statements
  readonly #dictionary: KnownDictionary
  readonly #params = new Map<number, { readonly type: string; readonly name: string } | undefined>()

  constructor(statements: Statements) {
    this.#statements = statements
    this.#dictionary = new KnownDictionary(statements)
  }

  /** As `Inspection.indexFaults`, of one resource, within a transaction. */
  faults({ key, versionId, index, compares }: ExpectedIndex): readonly string[] {
    const type = this.#dictionary.type(key.type)
    const text = this.#statements.value<string>(
      sql`SELECT b.rows FROM res r JOIN body b ON b.vid = r.seq WHERE r.type = ${type ?? 0} AND r.id = ${key.id} AND r.ver = ${versionId} AND r.live = 1`,
    )
    // Deleted, or changed, since its body was read.
    if (text === undefined || type === undefined) return []
    const name = `${key.type}/${key.id}`
    let stored: PackedIndex
    try {
      stored = readPacked(text)
      commonOf(stored)
    } catch {
      return [`${name} has an index that cannot be read.`]
    }
    const wanted = packIndex(index, type, this.#dictionary)
    return [
      ...this.#headFaults(stored, wanted).map((what) => `${name} is indexed with ${what}.`),
      ...this.#rowFaults(key.type, stored.rows, wanted.rows, compares).map((what) => `${name} ${what}.`),
      ...this.#containedFaults(stored, wanted, compares).map((what) => `${name} ${what}.`),
    ]
  }

  #headFaults(stored: PackedIndex, wanted: PackedIndex): string[] {
    const [a, b] = [this.#headOf(stored), this.#headOf(wanted)]
    return [
      ...(a.dt === b.dt ? [] : ['another date than its content has']),
      ...(a.labels === b.labels ? [] : ['other security labels than its content has']),
      ...(a.patients === b.patients ? [] : ['other patients than its content has']),
    ]
  }

  #headOf(packed: PackedIndex): {
    readonly dt: number
    readonly labels: string
    readonly patients: string
  } {
    const { dt, lab, labels, pat, patients } = commonOf(packed)
    const keys = (patients.length > 0 ? patients : [pat]).map((key) => this.#dictionary.keyNow(key))
    return { dt, labels: `${lab} ${labels}`, patients: keys.sort().join() }
  }

  #rowFaults(
    type: string,
    stored: readonly string[],
    wanted: readonly string[],
    compares: ExpectedIndex['compares'],
  ): string[] {
    const here = this.#comparable(stored)
    const there = this.#comparable(wanted)
    const faults = new Set<string>()
    const differs = (from: ReadonlyMap<string, number>, than: ReadonlyMap<string, number>, says: string) => {
      for (const [row, tp] of from) {
        if (than.has(row)) continue
        const name = this.#paramName(tp)
        if (name === undefined || name.type !== type)
          faults.add(`${says} a search parameter that the index does not know`)
        else if (compares(type, name.name)) faults.add(`${says} the search parameter '${name.name}'`)
      }
    }
    differs(there, here, 'lacks values of')
    differs(here, there, 'is indexed with values that its content has not, of')
    return [...faults]
  }

  #containedFaults(stored: PackedIndex, wanted: PackedIndex, compares: ExpectedIndex['compares']): string[] {
    const places = ({ contained }: PackedIndex) => contained.map(({ type, id }) => `${type} ${id}`).join()
    if (places(stored) !== places(wanted)) return ['is indexed with other contained resources than it has']
    return wanted.contained.flatMap(({ type, rows }, at) => {
      const name = this.#dictionary.typeName(type)
      // `#Medication` is the type of the contained alone.
      return this.#rowFaults(name, stored.contained[at]!.rows, rows, (of, param) =>
        compares(of.slice(1), param),
      ).map((what) => `contains a resource that ${what}`)
    })
  }

  /** Rows without what may differ while they say the same, with their parameters. */
  #comparable(rows: readonly string[]): Map<string, number> {
    const comparable = new Map<string, number>()
    for (const text of rows) {
      const row = this.#now(parseRow(text))
      comparable.set(
        JSON.stringify(row[0] === 'm' ? [...row.slice(0, 2), row[3]] : row),
        row[1] ?? Number.NaN,
      )
    }
    return comparable
  }

  #now(row: Row): Row {
    if (row[0] === 'r') return ['r', row[1], this.#dictionary.keyNow(row[2] ?? Number.NaN)]
    if (row[0] === 'm') return ['m', row[1], row[2], row[3].map((one) => this.#now(one)) as (typeof row)[3]]
    return row
  }

  #paramName(tp: number): { readonly type: string; readonly name: string } | undefined {
    if (!this.#params.has(tp)) this.#params.set(tp, this.#dictionary.paramName(tp))
    return this.#params.get(tp)
  }
}
