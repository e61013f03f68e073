// Statements that walk a source, or several, and test what the source leaves open.
import { compileAll, type CompileContext, type RowAtHand } from './compile-expression.ts'
import { isContained, isVisibleWithin } from './compile-links.ts'
import type { Source } from './source.ts'
import { allOf, joined, raw, sql, type Fragment } from './sql.ts'
import type { Expression } from '../query/expression.ts'

/** One statement's worth of a search; all of a plan's together give every match. */
export interface Arm {
  readonly from: Fragment
  readonly where: Fragment
  /** SQL for a match's place: `rid`, and `dt` or `seq`. */
  readonly row: RowAtHand
  /** Whether no match comes twice. */
  readonly unique: boolean
  /** Whether it looks at so many rows that it takes long, however few are asked for. */
  readonly heavy: boolean
  /** Whether its rows come in the order of their last write. */
  readonly inSeqOrder: boolean
  /** About how many rows it looks at, at most, where that is known. */
  readonly looksAt: number
}

/** What an arm must test of its rows. */
export interface Tests {
  readonly conditions: readonly Expression[]
  readonly context: CompileContext
  readonly heavy: boolean
  /** Whether the rows count towards what a search may examine (./work-limit.ts). */
  readonly counted: boolean
  /** Whether matches are to be put in an order. */
  readonly placed: boolean
  /** About how many rows there are, at most, where that is known; else Infinity. */
  readonly rows: number
}

/** A row of `res`, as `r`. */
export const MAIN: RowAtHand = {
  rid: raw('r.rid'),
  dt: raw('r.dt'),
  seq: raw('r.seq'),
  alias: 'r',
  depth: 0,
}
const DATED: RowAtHand = {
  rid: raw('d.rid'),
  dt: raw('d.dt'),
  seq: raw('(SELECT s.seq FROM res s WHERE s.rid = d.rid)'),
  alias: 'd',
  depth: 0,
}

/** Of an index that has no `dt`. */
const UNDATED: RowAtHand = { ...DATED, dt: raw('(SELECT s.dt FROM res s WHERE s.rid = d.rid)') }

export function armOf(source: Source, tests: Tests): Arm {
  const { context, heavy, placed, rows } = tests
  const hasDate = !source.main && (source.dated || source.keyed !== undefined)
  // An index says alone what is there and what the caller may see.
  const alone = hasDate || (!source.main && source.filtered && !placed)
  const row = hasDate ? DATED : alone ? UNDATED : MAIN
  const where = allOf([
    ...(alone ? [] : [sql`r.live = 1 AND r.type = ${context.type}`]),
    source.where,
    ...(source.main || alone ? [] : [raw('r.rid = d.rid')]),
    open(tests, row, source.main || !source.filtered ? MAIN : DATED),
  ])
  return {
    from: raw(source.main || alone ? source.from : `${source.from} CROSS JOIN res r`),
    where,
    row,
    unique: source.main || source.dated,
    heavy,
    inSeqOrder: source.inSeqOrder === true,
    looksAt: rows,
  }
}

/** The rows of many sources as one. */
export function unionArm(sources: readonly Source[], tests: Tests): Arm {
  const { context, heavy, rows } = tests
  const selects = sources.map(
    ({ from, where, main }) =>
      sql`SELECT ${raw(main ? 'r' : 'd')}.rid AS rid FROM ${raw(from)} WHERE ${live(main, context)} ${where}`,
  )
  const where = allOf([
    sql`r.rid = d.rid AND r.live = 1 AND r.type = ${context.type}`,
    open(tests, MAIN, MAIN),
  ])
  return {
    from: sql`(${joined(selects, ' UNION ALL ')}) d CROSS JOIN res r`,
    where,
    row: MAIN,
    unique: false,
    heavy,
    inSeqOrder: false,
    looksAt: rows,
  }
}

/** All resources of the type, in the order of their last write. */
export function walk(tests: Tests): Arm {
  const everything: Source = {
    from: 'res r INDEXED BY res_tseq',
    where: raw('1'),
    main: true,
    dated: false,
    exact: false,
    filtered: true,
    inSeqOrder: true,
  }
  return armOf(everything, tests)
}

/** @param labelled the row that has `pat` and `lab` */
function open({ conditions, context, counted }: Tests, row: RowAtHand, labelled: RowAtHand): Fragment {
  const rest = compileAll(conditions, row, context)
  const visible = isVisibleWithin(labelled, context)
  return counted ? context.statements.work.counted(row.rid, context, visible, rest) : allOf([visible, rest])
}

/** What index hints on `res` need to be said. */
export function live(main: boolean, { type }: CompileContext): Fragment {
  return main ? sql`r.live = 1 AND r.type = ${type} AND` : sql``
}

/** What a caller may see of contained resources is said of their containers alone. */
export function seesByCompartment(context: CompileContext): readonly string[] | undefined {
  if (isContained(context)) return undefined
  const { access, typeName } = context
  const rules = access.anyOf.filter(({ types }) => types === '*' || types.includes(typeName))
  const ids = new Set<string>()
  for (const { patients } of rules) {
    if (patients === '*') return undefined
    for (const id of patients) ids.add(id)
  }
  return [...ids]
}
