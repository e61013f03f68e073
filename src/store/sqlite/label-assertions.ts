// Whether resources have the labels and the referrers that whoever planned a write found.
import { labelMask } from './dictionary.ts'
import type { LastRows } from './last-rows.ts'
import { referrers } from './referrers.ts'
import { LABEL_BITS, OTHER_LABELS } from './schema.ts'
import { sql } from './sql.ts'
import type { Reading } from './versions.ts'
import type { LabelAssertion, ReferrerAssertion, ResourceKey } from '../commit.ts'

export function labelsHold(
  { key: { type: name, id }, labels, versionId }: LabelAssertion,
  { statements, dictionary }: Reading,
  rows: LastRows,
): boolean {
  const type = dictionary.type(name)
  const row = type === undefined ? undefined : rows.kept(type, id)
  if (labels === undefined || row === undefined) return labels === row
  if (versionId !== undefined && versionId !== row.ver) return false
  if (labels.length === 0) return row.lab === 0
  const codes: number[] = []
  for (const label of labels) {
    const code = dictionary.label(label)
    if (code === undefined) return false
    codes.push(code)
  }
  if (labelMask(codes) !== row.lab) return false
  if (row.lab < OTHER_LABELS) return true
  // The mask tells of these only that there are some.
  const asserted = new Set(codes.filter((code) => code >= LABEL_BITS))
  const others = statements.rows<[number]>(sql`SELECT label FROM res_label WHERE rid = ${row.rid}`)
  return others.length === asserted.size && others.every(([code]) => asserted.has(code))
}

/** @param flush puts in the index rows that wait: it is called only where there may be some to be found */
export function referrersHold(
  { key, referrers: asserted }: ReferrerAssertion,
  reading: Reading,
  flush: () => void,
): boolean {
  if (reading.dictionary.keys(reading.dictionary.type(key.type), key.id).length === 0)
    return asserted.length === 0
  flush()
  const names = new Set(asserted.map(nameOf))
  const found = referrers(reading, key, names.size + 1)
  return found.length === names.size && found.every((one) => names.has(nameOf(one)))
}

function nameOf({ type, id }: ResourceKey): string {
  return `${type}/${id}`
}
