// Conditions that lead from the row at hand to another resource: chains, `_has`, and what is contained.
import { accessClause } from './access-clause.ts'
import type { CompileContext, RowAtHand } from './compile-expression.ts'
import { SEPARATOR } from './dictionary.ts'
import { containedType } from './index-rows.ts'
import { allOf, anyOf, FALSE, isIn, joined, raw, sql, TRUE, type Fragment } from './sql.ts'
import type { ChainMatch, ContainsMatch, HasMatch } from '../query/chain.ts'
import type { Expression } from '../query/expression.ts'

type Compile = (node: Expression, row: RowAtHand, context: CompileContext) => Fragment

/** The same caller and moment, for rows of another type; undefined when there are none. */
export function contextOf(typeName: string, context: CompileContext): CompileContext | undefined {
  const type = context.dictionary.type(typeName)
  return type === undefined ? undefined : { ...context, type, typeName }
}

/** Whether the row at hand is a contained resource's. */
export function isContained({ typeName }: Pick<CompileContext, 'typeName'>): boolean {
  return typeName.startsWith('#')
}

/** That the caller may see the row: what is contained is seen with its container. */
export function isVisible(alias: string, context: CompileContext): Fragment {
  const { access, dictionary, typeName } = context
  if (isContained(context)) return TRUE
  return accessClause(access, { alias, type: { name: typeName }, of: 'resource' }, dictionary)
}

/** That the caller may see the row, or the container of what it stands for. */
export function isVisibleWithin({ rid, alias }: RowAtHand, context: CompileContext): Fragment {
  if (!isContained(context)) return isVisible(alias, context)
  const container = { alias: 'o', type: { column: 'o' }, of: 'resource' } as const
  const visible = accessClause(context.access, container, context.dictionary)
  if (visible === TRUE || visible === FALSE) return visible
  return sql`EXISTS (SELECT 1 FROM res s CROSS JOIN res o ON o.rid = s.owner WHERE s.rid = ${rid} AND ${visible} LIMIT 1)`
}

/** That the row has not changed since the moment asked for. */
export function isUnchanged({ seq }: RowAtHand, { moment }: CompileContext): Fragment {
  return moment === undefined ? TRUE : sql`+${seq} <= ${moment.seq}`
}

function isThere(row: RowAtHand, context: CompileContext): Fragment {
  return allOf([isVisible(row.alias, context), isUnchanged(row, context)])
}

/** Of conditions that must all hold, those on the row itself first: SQLite tests them in this order. */
export function nearestFirst(nodes: readonly Expression[]): readonly Expression[] {
  if (!nodes.some(leadsElsewhere)) return nodes
  return [...nodes].sort((a, b) => Number(leadsElsewhere(a)) - Number(leadsElsewhere(b)))
}

function leadsElsewhere(node: Expression): boolean {
  switch (node.kind) {
    case 'and':
      return node.all.some(leadsElsewhere)
    case 'or':
      return node.any.some(leadsElsewhere)
    case 'not':
      return leadsElsewhere(node.node)
    case 'chain':
    case 'has':
    case 'contains':
      return true
    default:
      return false
  }
}

/** A row of `res`, as `t` with a number. */
function mainRow(depth: number): RowAtHand {
  const alias = `t${depth}`
  return { rid: raw(`${alias}.rid`), dt: raw(`${alias}.dt`), seq: raw(`${alias}.seq`), alias, depth }
}

export function chainHolds(
  match: ChainMatch,
  row: RowAtHand,
  context: CompileContext,
  compile: Compile,
): Fragment {
  const { dictionary, moment } = context
  const param = dictionary.param(context.type, match.param)
  if (param === undefined) return FALSE
  const at = mainRow(row.depth + 1)
  const target = raw(`res ${at.alias}`)
  const t = raw(at.alias)
  const conditions: Fragment[] = []
  for (const one of match.targets) {
    const outside = contextOf(one.type, context)
    if (outside !== undefined) {
      const there = isThere(at, outside)
      const holds = there === FALSE ? FALSE : compile(one.where, at, outside)
      if (holds !== FALSE) {
        conditions.push(
          sql`EXISTS (SELECT 1 FROM ${target} WHERE ${t}.rid IN (${targetsOf(row, param.tp, outside)}) AND +${t}.type = ${outside.type} AND +${t}.live = 1 AND ${there} AND ${holds} LIMIT 1)`,
        )
      }
      const changed = moment?.changedTargets(one) ?? []
      if (changed.length > 0) {
        conditions.push(
          sql`EXISTS (SELECT 1 FROM ref x INDEXED BY ref_r WHERE x.rid = ${row.rid} AND x.tp = ${param.tp} AND +x.tgt ${isIn(changed)} LIMIT 1)`,
        )
      }
    }
    const inside = contextOf(containedType(one.type), context)
    const holds = inside === undefined ? FALSE : compile(one.where, at, inside)
    if (inside !== undefined && holds !== FALSE) {
      conditions.push(
        sql`EXISTS (SELECT 1 FROM ref x INDEXED BY ref_r CROSS JOIN ${target} ON ${t}.rid = x.tgt WHERE x.rid = ${row.rid} AND x.tp = ${param.tp} AND x.tgt > 0 AND +${t}.type = ${inside.type} AND ${holds} LIMIT 1)`,
      )
    }
  }
  return anyOf(conditions)
}

export function hasHolds(
  match: HasMatch,
  row: RowAtHand,
  context: CompileContext,
  compile: Compile,
): Fragment {
  const { dictionary, moment, statements } = context
  const source = contextOf(match.source.type, context)
  const param = source && dictionary.param(source.type, match.param)
  if (source === undefined || param === undefined) return FALSE
  const depth = row.depth + 1
  const alias = `x${depth}`
  const x = raw(alias)
  const at: RowAtHand = {
    rid: raw(`${alias}.rid`),
    dt: raw(`${alias}.dt`),
    seq: raw(`(SELECT s.seq FROM res s WHERE s.rid = ${alias}.rid)`),
    alias,
    depth,
  }
  const there = isThere(at, source)
  const holds = there === FALSE ? FALSE : compile(match.source.where, at, source)
  const now =
    holds === FALSE
      ? FALSE
      : sql`EXISTS (SELECT 1 FROM ref ${x} WHERE ${x}.tp = ${param.tp} AND ${x}.tgt ${keysOf(row, context)} AND ${statements.work.counted(at.rid, source, there, holds)} LIMIT 1)`
  const changed = moment?.changedReferrers(match.source, match.param) ?? []
  return anyOf([now, changed.length === 0 ? FALSE : sql`+${row.rid} ${isIn(changed)}`])
}

export function containsHolds(
  match: ContainsMatch,
  row: RowAtHand,
  context: CompileContext,
  compile: Compile,
): Fragment {
  const inside = isContained(context) ? undefined : contextOf(containedType(match.type), context)
  if (inside === undefined) return FALSE
  const at = mainRow(row.depth + 1)
  const t = raw(at.alias)
  const holds = compile(match.where, at, inside)
  if (holds === FALSE) return FALSE
  return sql`EXISTS (SELECT 1 FROM res ${t} INDEXED BY res_owner WHERE ${t}.owner = ${row.rid} AND ${t}.owner > 0 AND ${t}.type = ${inside.type} AND ${holds} LIMIT 1)`
}

/** The resources of the target's type, or others, that the row at hand refers to: a SELECT of their `rid`s. */
function targetsOf(row: RowAtHand, tp: number, target: CompileContext): Fragment {
  const refs = sql`x.rid = ${row.rid} AND x.tp = ${tp}`
  const selects = [sql`SELECT x.tgt FROM ref x INDEXED BY ref_r WHERE ${refs} AND x.tgt > 0`]
  if (hasGhosts(target)) {
    selects.push(
      sql`SELECT y.rid FROM ref x INDEXED BY ref_r CROSS JOIN ghost g ON g.gid = x.tgt / -2 CROSS JOIN res y INDEXED BY res_id ON y.type = g.type AND y.id = g.id WHERE ${refs} AND x.tgt < 0 AND x.tgt % 2 = 0`,
    )
  }
  const { url, version } = canonicalParams(target)
  if (url !== undefined) {
    const byUrl = sql`FROM ref x INDEXED BY ref_r CROSS JOIN dict c ON c.code = (x.tgt + 1) / -2 CROSS JOIN tok u ON u.tp = ${url}`
    const isUrl = sql`${refs} AND x.tgt < 0 AND x.tgt % 2 <> 0`
    selects.push(sql`SELECT u.rid ${byUrl} AND u.val = ${SEPARATOR} || c.val WHERE ${isUrl}`)
    if (version !== undefined) {
      const bar = raw(`instr(c.val, '|')`)
      selects.push(
        sql`SELECT u.rid ${byUrl} AND u.val = ${SEPARATOR} || substr(c.val, 1, ${bar} - 1) CROSS JOIN tok w INDEXED BY tok_r ON w.rid = u.rid AND w.tp = ${version} CROSS JOIN dict v ON v.code = w.val WHERE ${isUrl} AND ${bar} > 0 AND v.sys = '' AND v.val = substr(c.val, ${bar} + 1)`,
      )
    }
  }
  return joined(selects, ' UNION ALL ')
}

/** Of the keys by which others may refer to the row at hand: `= ...` or `IN (...)`. */
function keysOf(row: RowAtHand, context: CompileContext): Fragment {
  const others = otherKeys(sql`= ${row.rid}`, context)
  return others.length === 0
    ? sql`= ${row.rid}`
    : sql`IN (${joined([sql`SELECT ${row.rid}`, ...others], ' UNION ALL ')})`
}

/**
 * The keys of resources of this type, their `rid`s aside, as SELECTs: from before they were there, and by URL.
 * @param rids a comparison of the `rid`s: `= ...` or `IN (...)`
 */
export function otherKeys(rids: Fragment, context: CompileContext): Fragment[] {
  const selects: Fragment[] = []
  if (isContained(context)) return selects
  if (hasGhosts(context)) {
    selects.push(
      sql`SELECT g.gid * -2 FROM res y CROSS JOIN ghost g ON g.type = y.type AND g.id = y.id WHERE y.rid ${rids}`,
    )
  }
  const { url, version } = canonicalParams(context)
  if (url === undefined) return selects
  const own = sql`u.rid ${rids} AND u.tp = ${url}`
  selects.push(
    sql`SELECT c.code * -2 - 1 FROM tok u INDEXED BY tok_r CROSS JOIN dict c INDEXED BY dict_v ON c.val = substr(u.val, 2) AND c.sys IS NULL WHERE ${own}`,
  )
  if (version !== undefined) {
    selects.push(
      sql`SELECT c.code * -2 - 1 FROM tok u INDEXED BY tok_r CROSS JOIN tok w INDEXED BY tok_r ON w.rid = u.rid AND w.tp = ${version} CROSS JOIN dict v ON v.code = w.val AND v.sys = '' CROSS JOIN dict c INDEXED BY dict_v ON c.val = substr(u.val, 2) || '|' || v.val AND c.sys IS NULL WHERE ${own}`,
    )
  }
  return selects
}

/** Whether references to resources of the type were written before these were there. */
function hasGhosts({ statements, type }: CompileContext): boolean {
  return statements.snapshot.once(
    `ghosts ${type}`,
    () => statements.value(sql`SELECT 1 FROM ghost WHERE type = ${type} LIMIT 1`) !== undefined,
  )
}

/** The parameters by which a canonical leads to resources of the type (../query/chain.ts). */
export function canonicalParams({ dictionary, type }: CompileContext): {
  readonly url: number | undefined
  readonly version: number | undefined
} {
  return { url: dictionary.param(type, 'url')?.tp, version: dictionary.param(type, 'version')?.tp }
}
