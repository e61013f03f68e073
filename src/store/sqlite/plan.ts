// Chooses where a search starts and in which order it walks, by counts that stop early.
import { accessClause, patientKeys } from './access-clause.ts'
import { compileExpression, type CompileContext, type RowAtHand } from './compile-expression.ts'
import { compartmentSources, sourcesOf, type Source } from './sources.ts'
import { allOf, FALSE, joined, raw, sql, type Fragment } from './sql.ts'
import type { Statements } from './statements.ts'
import type { Expression } from '../query/expression.ts'

/** `date`: by the clinical date, newest first, then the latest created; `seq`: by the time of the last write. */
export type Order = 'date' | 'seq'

/** One statement's worth of a search; all of a plan's together give every match. */
export interface Arm {
  readonly from: Fragment
  readonly where: Fragment
  /** SQL for a match's place: `rid`, and `dt` or `seq`. */
  readonly row: RowAtHand
  /** Whether no match comes twice. */
  readonly unique: boolean
  /** Whether it may have to look at more than ten thousand rows, however few are asked for. */
  readonly heavy: boolean
}

export interface Search {
  /** The type searched, and for whom. */
  readonly context: CompileContext
  readonly where: Expression
}

const COUNT_LIMITS = [101, 1001, 10_001]
const FEW_SOURCES = 4
const ROWS_WORTH_A_STATEMENT = 20
/** SQLite's bound for a compound SELECT is 500. */
const MOST_IN_UNION = 400
/** Compartments of more patients than this are not walked one by one. */
const MOST_PATIENTS = 10

/**
 * The order of a search that asks for none. It depends on the conditions alone, not on what is stored nor on
 * who asks, for then it could tell of what is hidden.
 */
export function defaultOrder(where: Expression): Order {
  return conjuncts(where).some(isDated) ? 'date' : 'seq'
}

function isDated(node: Expression): boolean {
  if (node.kind === 'or') return node.any.every(isDated)
  if (node.kind === 'and') return node.all.some(isDated)
  return node.kind === 'token' || node.kind === 'reference' || node.kind === 'uri' || node.kind === 'id'
}

function conjuncts(node: Expression): readonly Expression[] {
  return node.kind === 'and' ? node.all.flatMap(conjuncts) : [node]
}

/** @param page how many matches will be taken, at most */
export function planSearch(
  search: Search,
  order: Order,
  page: number,
  statements: Statements,
): readonly Arm[] {
  const all = conjuncts(search.where)
  const counted = new Map<readonly Source[], number>()
  const best = (choices: readonly (readonly Source[])[]) =>
    fewest(choices, search.context, statements, counted)

  const bySources = new Map<readonly Source[], Expression>()
  for (const node of all) {
    const sources = sourcesOf(node, search.context, best)
    if (sources !== undefined) bySources.set(sources, node)
  }
  const compartment = compartmentOf(search)
  const choices = [...bySources.keys(), ...(compartment === undefined ? [] : [compartment])]
  if (choices.length === 0) return [walk(search, all)]

  const chosen = best(choices)
  const inOrder = order === 'date' && chosen.every((source) => source.dated)
  if (!inOrder && order === 'seq' && walkIsCheaper(chosen, page, search.context, statements, counted)) {
    return [walk(search, all)]
  }
  const met = chosen.every((source) => source.exact) ? bySources.get(chosen) : undefined
  const rest = all.filter((node) => node !== met)
  const arms =
    chosen.length > FEW_SOURCES && isCheaperAtOnce(chosen, search.context, statements)
      ? inChunks(chosen).map((some) => unionArm(some, rest, search))
      : chosen.map((source) => armOf(source, rest, search))
  return arms.filter((arm) => arm.where !== FALSE)
}

/** Walking each of many sources costs a statement a source; all at once, a sort of all their rows. */
function isCheaperAtOnce(
  sources: readonly Source[],
  context: CompileContext,
  statements: Statements,
): boolean {
  if (!sources.every((source) => source.dated)) return true
  const most = ROWS_WORTH_A_STATEMENT * sources.length
  return count(sources, context, most, statements) < most
}

function inChunks(sources: readonly Source[]): readonly Source[][] {
  const chunks: Source[][] = []
  for (let at = 0; at < sources.length; at += MOST_IN_UNION)
    chunks.push(sources.slice(at, at + MOST_IN_UNION))
  return chunks
}

/** Sorting all matches of the sources, against walking the type until the page is full. */
function walkIsCheaper(
  sources: readonly Source[],
  page: number,
  context: CompileContext,
  statements: Statements,
  counted: Map<readonly Source[], number>,
): boolean {
  const most = COUNT_LIMITS.at(-1)!
  const matches = counted.get(sources) ?? count(sources, context, most, statements)
  const resources = statements.value<number>(sql`SELECT coalesce(max(rid), 0) FROM res`)!
  return matches * matches > page * resources
}

/** The choice with the fewest rows; `counted` gets its count when it had to be known. */
function fewest(
  choices: readonly (readonly Source[])[],
  context: CompileContext,
  statements: Statements,
  counted: Map<readonly Source[], number>,
): readonly Source[] {
  const none = choices.find((sources) => sources.length === 0)
  if (none !== undefined || choices.length === 1) return none ?? choices[0]!
  // Of equally many, those that come in order are to be preferred.
  const inOrder = (sources: readonly Source[]) => sources.every((source) => source.dated)
  const open = [...choices].sort((a, b) => Number(inOrder(b)) - Number(inOrder(a)))
  for (const limit of COUNT_LIMITS) {
    let least = open[0]!
    let leastCount = Infinity
    for (const sources of open) {
      const found = count(sources, context, Math.min(limit, leastCount), statements)
      if (found < leastCount) {
        least = sources
        leastCount = found
      }
    }
    if (leastCount < limit) {
      counted.set(least, leastCount)
      return least
    }
  }
  return open[0]!
}

function count(
  sources: readonly Source[],
  context: CompileContext,
  limit: number,
  statements: Statements,
): number {
  let sum = 0
  for (const { from, where, main } of sources) {
    if (sum >= limit) break
    sum += statements.value<number>(
      sql`SELECT count(*) FROM (SELECT 1 FROM ${raw(from)} WHERE ${live(main, context)} ${where} LIMIT ${limit - sum})`,
    )!
  }
  return sum
}

/** When all that may be seen is in the compartments of a few patients, a search may start there. */
function compartmentOf({ context }: Search): Source[] | undefined {
  const { access, typeName } = context
  const rules = access.anyOf.filter(({ types }) => types === '*' || types.includes(typeName))
  const ids = new Set<string>()
  for (const { patients } of rules) {
    if (patients === '*' || ids.size + patients.length > MOST_PATIENTS) return undefined
    for (const id of patients) ids.add(id)
  }
  return compartmentSources(context.type, patientKeys([...ids], context.dictionary))
}

/** All resources of the type, in the order of their last write. */
function walk(search: Search, conditions: readonly Expression[]): Arm {
  const everything: Source = {
    from: 'res r INDEXED BY res_tseq',
    where: raw('1'),
    main: true,
    dated: false,
    exact: false,
  }
  return armOf(everything, conditions, search)
}

const MAIN: RowAtHand = { rid: raw('r.rid'), dt: raw('r.dt'), seq: raw('r.seq') }
const DATED: RowAtHand = {
  rid: raw('d.rid'),
  dt: raw('d.dt'),
  seq: raw('(SELECT s.seq FROM res s WHERE s.rid = d.rid)'),
}

function armOf(source: Source, conditions: readonly Expression[], search: Search): Arm {
  const { context } = search
  const { typeName, access } = context
  const hasDate = !source.main && source.dated
  const row = hasDate ? DATED : MAIN
  const filtered = source.main || source.from.startsWith('res_patient') ? 'r' : 'd'
  const where = allOf([
    ...(hasDate ? [] : [sql`r.live = 1 AND r.type = ${context.type}`]),
    source.where,
    ...(source.main || hasDate ? [] : [raw('r.rid = d.rid')]),
    accessClause(access, { alias: filtered, type: { name: typeName }, of: 'resource' }, context.dictionary),
    ...conditions.map((node) => compileExpression(node, row, context)),
  ])
  return {
    from: raw(source.main || hasDate ? source.from : `${source.from} CROSS JOIN res r`),
    where,
    row,
    unique: source.main || source.dated,
    heavy: false,
  }
}

/** The rows of many sources as one. */
function unionArm(sources: readonly Source[], conditions: readonly Expression[], search: Search): Arm {
  const { context } = search
  const { typeName, access } = context
  const selects = sources.map(
    ({ from, where, main }) =>
      sql`SELECT ${raw(main ? 'r' : 'd')}.rid AS rid FROM ${raw(from)} WHERE ${live(main, context)} ${where}`,
  )
  const where = allOf([
    sql`r.rid = d.rid AND r.live = 1 AND r.type = ${context.type}`,
    accessClause(access, { alias: 'r', type: { name: typeName }, of: 'resource' }, context.dictionary),
    ...conditions.map((node) => compileExpression(node, MAIN, context)),
  ])
  return {
    from: sql`(${joined(selects, ' UNION ALL ')}) d CROSS JOIN res r`,
    where,
    row: MAIN,
    unique: false,
    heavy: false,
  }
}

/** What index hints on `res` need to be said. */
function live(main: boolean, { type }: CompileContext): Fragment {
  return main ? sql`r.live = 1 AND r.type = ${type} AND` : sql``
}
