// The labels by which rows are guarded, taken out of the columns again.
import type { Dictionary } from './dictionary.ts'
import { LABEL_BITS, OTHER_LABELS } from './schema.ts'
import { sql } from './sql.ts'
import type { Reading } from './versions.ts'
import type { SecurityLabel } from '../access-filter.ts'
import type { ResourceKey } from '../commit.ts'

const NONE: readonly SecurityLabel[] = []

/** Of its last version, a deletion included; undefined for what never was. */
export function labelsOf(
  { statements, dictionary }: Pick<Reading, 'statements' | 'dictionary'>,
  { type: name, id }: ResourceKey,
): readonly SecurityLabel[] | undefined {
  const type = dictionary.type(name)
  if (type === undefined) return undefined
  const row = statements.row<[number, number]>({
    text: 'SELECT rid, lab FROM res WHERE type = ? AND id = ?',
    params: [type, id],
  })
  if (row === undefined) return undefined
  const [rid, lab] = row
  if (lab === 0) return NONE
  const labels = withBits(lab, dictionary)
  if (lab < OTHER_LABELS) return labels
  const others = statements.rows<[number]>(sql`SELECT label FROM res_label WHERE rid = ${rid}`)
  return [...labels, ...others.map(([code]) => dictionary.labelOf(code))]
}

/** Beyond 32 bits, so by arithmetic. */
function withBits(lab: number, dictionary: Dictionary): SecurityLabel[] {
  const labels: SecurityLabel[] = []
  for (let code = 0, left = lab % OTHER_LABELS; left > 0 && code < LABEL_BITS; code++) {
    if (left % 2 === 1) labels.push(dictionary.labelOf(code))
    left = Math.floor(left / 2)
  }
  return labels
}
