// Contained resources have rows in `res` too: how these are told apart, and what `#id` leads to.
import type { PackedContained, PackedRows } from './index-rows.ts'
import { raw, sql, type Fragment } from './sql.ts'
import type { Statements } from './statements.ts'

/** A contained resource's place in `res`. */
export interface Kept extends PackedRows {
  readonly rid: number
}

/** The `rid`s that `#id` leads to: several when a resource contains two by one id. */
export type Targets = ReadonlyMap<string, readonly number[]>

export const NO_TARGETS: Targets = new Map()

/** By the type, which every layout has, and every index of `res`. */
export function isNoContained(alias: string): Fragment {
  return sql`+${raw(alias)}.type NOT IN (SELECT code FROM type WHERE name >= '#' AND name < '$')`
}

/** By what tells them apart in `res`, the container aside: two of one type and id are numbered. */
export function named(contained: readonly PackedContained[]): Map<string, PackedContained> {
  const byName = new Map<string, PackedContained>()
  for (const one of contained) {
    let name = `${one.type} ${one.id}`
    for (let n = 2; byName.has(name); n++) name = `${one.type} ${one.id}#${n}`
    byName.set(name, one)
  }
  return byName
}

/** What stands in `res` for those that a version contains, by `named`. */
export function containedNow(
  statements: Statements,
  rid: number,
  contained: readonly PackedContained[],
): Map<string, Kept> {
  const there = new Map<string, number>()
  for (const [own, type, id] of statements.rows<[number, number, string]>(
    sql`SELECT rid, type, id FROM res WHERE owner = ${rid} AND owner > 0`,
  ))
    there.set(`${type} ${id.slice(id.indexOf('#') + 1)}`, own)
  const kept = new Map<string, Kept>()
  for (const [name, { rows }] of named(contained)) {
    const own = there.get(name)
    if (own !== undefined) kept.set(name, { rid: own, rows })
  }
  return kept
}

export function targetsOf(kept: ReadonlyMap<string, Kept>): Targets {
  const targets = new Map<string, number[]>()
  for (const [name, { rid }] of kept) {
    const id = name.slice(name.indexOf(' ') + 1).replace(/#.*$/, '')
    targets.set(id, [...(targets.get(id) ?? []), rid])
  }
  return targets
}

export function addContained(statements: Statements, owner: number, type: number, name: string): number {
  const id = `${owner}#${name.slice(name.indexOf(' ') + 1)}`
  return statements.value<number>(
    sql`INSERT INTO res (rid, type, id, ver, seq, lu, op, live, pat, lab, dt, owner) SELECT (SELECT max(rid) + 1 FROM res), ${type}, ${id}, ver, seq, lu, op, 1, pat, lab, dt, rid FROM res WHERE rid = ${owner} RETURNING rid`,
  )!
}
