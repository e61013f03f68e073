// An AccessFilter as a condition on the columns that every row carries.
import { LABEL_BITS, OTHER_LABELS, SEVERAL } from './schema.ts'
import { labelMask, type Dictionary } from './dictionary.ts'
import { allOf, anyOf, FALSE, isIn, raw, sql, TRUE, type Fragment } from './sql.ts'
import type { AccessFilter, AccessRule } from '../access-filter.ts'

export interface AccessRow {
  /** The rows' alias: it has `pat` and `lab`, and `rid` or `vid`. */
  readonly alias: string
  /** The type of all rows, known beforehand, or the alias whose column `type` says it. */
  readonly type: { readonly name: string } | { readonly column: string }
  /** Whether rows stand for a resource's current state or for one of its versions. */
  readonly of: 'resource' | 'version'
}

export function accessClause(access: AccessFilter, row: AccessRow, dictionary: Dictionary): Fragment {
  return anyOf(
    access.anyOf.map((rule) =>
      allOf([types(rule, row, dictionary), patients(rule, row, dictionary), labels(rule, row, dictionary)]),
    ),
  )
}

/** Whether one of the rules hides nothing at all. */
export function seesEverything({ anyOf }: AccessFilter): boolean {
  return anyOf.some(
    ({ types, patients, withoutLabels }) => types === '*' && patients === '*' && withoutLabels.length === 0,
  )
}

function types(rule: AccessRule, { type }: AccessRow, dictionary: Dictionary): Fragment {
  if (rule.types === '*') return TRUE
  if ('name' in type) return rule.types.includes(type.name) ? TRUE : FALSE
  const codes = rule.types.map((name) => dictionary.type(name)).filter((code) => code !== undefined)
  return codes.length === 0 ? FALSE : sql`${raw(type.column)}.type ${isIn(codes)}`
}

/** Every key of these patients; see `Dictionary.keys`. */
export function patientKeys(ids: readonly string[], dictionary: Dictionary): number[] {
  const type = dictionary.type('Patient')
  return ids.flatMap((id) => dictionary.keys(type, id))
}

function patients(rule: AccessRule, row: AccessRow, dictionary: Dictionary): Fragment {
  return rule.patients === '*' ? TRUE : inCompartments(patientKeys(rule.patients, dictionary), row)
}

/** That the row is in the compartment of a patient who has one of these keys; a contained resource's row, that its container is. */
export function inCompartments(
  keys: readonly number[],
  row: { readonly alias: string; readonly of: AccessRow['of'] | 'contained' },
): Fragment {
  if (keys.length === 0) return FALSE
  const alias = raw(row.alias)
  const listed = {
    resource: sql`SELECT 1 FROM res_patient p WHERE p.rid = ${alias}.rid AND p.pat ${isIn(keys)} LIMIT 1`,
    contained: sql`SELECT 1 FROM res o CROSS JOIN res_patient p ON p.rid = o.owner WHERE o.rid = ${alias}.rid AND p.pat ${isIn(keys)} LIMIT 1`,
    version: sql`SELECT 1 FROM version_patient p WHERE p.vid = ${alias}.vid AND p.pat ${isIn(keys)} LIMIT 1`,
  }[row.of]
  return sql`(+${alias}.pat ${isIn(keys)} OR (${alias}.pat = ${SEVERAL} AND EXISTS (${listed})))`
}

function labels(rule: AccessRule, row: AccessRow, dictionary: Dictionary): Fragment {
  const codes = rule.withoutLabels
    .map((label) => dictionary.label(label))
    .filter((code) => code !== undefined)
  const bits = codes.filter((code) => code < LABEL_BITS)
  const others = codes.filter((code) => code >= LABEL_BITS)
  const alias = raw(row.alias)
  const listed =
    row.of === 'resource'
      ? sql`SELECT 1 FROM res_label l WHERE l.rid = ${alias}.rid AND l.label ${isIn(others)} LIMIT 1`
      : sql`SELECT 1 FROM version_label l WHERE l.vid = ${alias}.vid AND l.label ${isIn(others)} LIMIT 1`
  return allOf([
    bits.length === 0 ? TRUE : sql`(${alias}.lab & ${labelMask(bits)}) = 0`,
    others.length === 0 ? TRUE : sql`((${alias}.lab & ${OTHER_LABELS}) = 0 OR NOT EXISTS (${listed}))`,
  ])
}
