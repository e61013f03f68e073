// Starts of searches that lead to other resources: those are searched first, and what they stand for drives.
import { canonicalParams, contextOf, isContained, otherKeys } from './compile-links.ts'
import type { CompileContext, RowAtHand } from './compile-expression.ts'
import { SEPARATOR } from './dictionary.ts'
import { containedType } from './index-rows.ts'
import { keyedSource, ridSource, type Source } from './source.ts'
import { isIn, joined, raw, sql, TRUE, type Fragment } from './sql.ts'
import type { ChainMatch, ContainsMatch, HasMatch } from '../query/chain.ts'
import type { Expression } from '../query/expression.ts'

/** More resources than this drive no search. */
export const MOST_FOUND = 1000

/**
 * Numbers that belong to the resources which meet a condition, each once; undefined when there are more than
 * `MOST_FOUND`, or to find them would cost too much.
 * @param numbers the column, and what is joined to the row at hand to have it
 */
export type Find = (
  context: CompileContext,
  where: Expression,
  numbers: (row: RowAtHand) => { readonly column: Fragment; readonly join: Fragment },
) => readonly number[] | undefined

const itself = ({ rid }: RowAtHand) => ({ column: rid, join: sql`` })

export function chainSources(
  { param: name, targets }: ChainMatch,
  context: CompileContext,
  find: Find,
): readonly Source[] | undefined {
  const { dictionary, moment, statements } = context
  const param = dictionary.param(context.type, name)
  if (param === undefined) return []
  const keys = new Set<number>()
  for (const target of targets) {
    const outside = contextOf(target.type, context)
    if (outside !== undefined) {
      const rids = find(outside, target.where, itself)
      if (rids === undefined) return undefined
      for (const rid of rids) keys.add(rid)
      const others = rids.length === 0 ? [] : otherKeys(isIn(rids), outside)
      if (others.length > 0) {
        for (const [key] of statements.rows<[number]>(joined(others, ' UNION '))) keys.add(key)
      }
      for (const key of moment?.changedTargets(target) ?? []) keys.add(key)
    }
    const inside = contextOf(containedType(target.type), context)
    const contained = inside === undefined ? [] : find(inside, target.where, itself)
    if (contained === undefined) return undefined
    for (const rid of contained) keys.add(rid)
    if (keys.size > MOST_FOUND) return undefined
  }
  return keyedSource('ref', param.tp, [...keys])
}

export function hasSources(
  { param: name, source: match }: HasMatch,
  context: CompileContext,
  find: Find,
): readonly Source[] | undefined {
  const source = contextOf(match.type, context)
  const param = source && context.dictionary.param(source.type, name)
  if (source === undefined || param === undefined) return []
  const keys = find(source, match.where, ({ rid }) => ({
    column: raw('z.tgt'),
    join: sql`CROSS JOIN ref z INDEXED BY ref_r ON z.rid = ${rid} AND z.tp = ${param.tp}`,
  }))
  if (keys === undefined) return undefined
  const rids = new Set(ridsOf(keys, context))
  for (const rid of context.moment?.changedReferrers(match, name) ?? []) rids.add(rid)
  return rids.size === 0 ? [] : [ridSource([...rids])]
}

export function containsSources(
  { type, where }: ContainsMatch,
  context: CompileContext,
  find: Find,
): readonly Source[] | undefined {
  const inside = contextOf(containedType(type), context)
  if (inside === undefined) return []
  const owners = find(inside, where, ({ rid }) => ({
    column: raw('z.owner'),
    join: sql`CROSS JOIN res z ON z.rid = ${rid}`,
  }))
  if (owners === undefined) return undefined
  return owners.length === 0 ? [] : [ridSource(owners)]
}

/** The resources, of this type or others, that keys of `ref.tgt` lead to. */
function ridsOf(keys: readonly number[], context: CompileContext): number[] {
  const { statements } = context
  const rids = keys.filter((key) => key > 0)
  // Only its container leads to what is contained.
  if (isContained(context)) return rids
  const ghosts = keys.filter((key) => key < 0 && key % 2 === 0)
  if (ghosts.length > 0) {
    const found = sql`SELECT y.rid FROM ghost g CROSS JOIN res y INDEXED BY res_id ON y.type = g.type AND y.id = g.id WHERE g.gid ${isIn(ghosts.map((key) => key / -2))}`
    for (const [rid] of statements.rows<[number]>(found)) rids.push(rid)
  }
  const urls = keys.filter((key) => key < 0 && key % 2 !== 0)
  if (urls.length > 0) {
    const codes = isIn(urls.map((key) => (key + 1) / -2))
    for (const [canonical] of statements.rows<[string]>(sql`SELECT val FROM dict WHERE code ${codes}`))
      rids.push(...canonicalTargets(canonical, context))
  }
  return rids
}

function canonicalTargets(canonical: string, context: CompileContext): number[] {
  const params = canonicalParams(context)
  if (params.url === undefined) return []
  const bar = canonical.indexOf('|')
  const url = bar < 0 ? canonical : canonical.slice(0, bar)
  const version = bar < 0 ? undefined : context.dictionary.token('', canonical.slice(bar + 1))
  if (bar >= 0 && (version === undefined || params.version === undefined)) return []
  const isVersion =
    version === undefined
      ? TRUE
      : sql`EXISTS (SELECT 1 FROM tok w WHERE w.tp = ${params.version!} AND w.val = ${version} AND w.dt = u.dt AND w.rid = u.rid LIMIT 1)`
  return context.statements
    .rows<[number]>(
      sql`SELECT u.rid FROM tok u WHERE u.tp = ${params.url} AND u.val = ${SEPARATOR + url} AND ${isVersion}`,
    )
    .map(([rid]) => rid)
}
