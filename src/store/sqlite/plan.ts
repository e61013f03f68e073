// Chooses where a search starts and in which order it walks, by counts that stop early.
import { patientKeys } from './access-clause.ts'
import { armOf, live, seesByCompartment, unionArm, walk, type Arm, type Tests } from './arms.ts'
import type { CompileContext } from './compile-expression.ts'
import { isUnchanged } from './compile-links.ts'
import { MOST_FOUND, type Find } from './link-sources.ts'
import { compartmentSources, oneByOne, type Source } from './source.ts'
import { sourcesOf, type Planning } from './sources.ts'
import { FALSE, raw, sql } from './sql.ts'
import type { Statements } from './statements.ts'
import type { Expression } from '../query/expression.ts'

export type { Arm } from './arms.ts'

/** `date`: by the clinical date, newest first, then the latest created; `seq`: by the time of the last write. */
export type Order = 'date' | 'seq'

export interface Search {
  /** The type searched, and for whom. */
  readonly context: CompileContext
  readonly where: Expression
}

const COUNT_LIMITS = [101, 1001, 10_001]
/** More rows than this are many. */
const MANY = COUNT_LIMITS.at(-1)!
const FEW_SOURCES = 4
const ROWS_WORTH_A_STATEMENT = 20
/** SQLite's bound for a compound SELECT is 500. */
const MOST_IN_UNION = 400
/** Compartments of more patients than this are not walked one by one. */
const MOST_PATIENTS = 10
/** When another condition leaves fewer rows, to follow links beforehand is not worth it. */
const ROWS_WORTH_A_SEARCH = 101
/** What may be examined to find out where links lead before a search. */
const MOST_EXAMINED_BEFORE = 100_000

/**
 * The order of a search that asks for none. It depends on the conditions alone, not on what is stored nor on
 * who asks, for then it could tell of what is hidden.
 */
export function defaultOrder(where: Expression): Order {
  return conjuncts(where).some(isDated) ? 'date' : 'seq'
}

function isDated(node: Expression): boolean {
  switch (node.kind) {
    case 'or':
      return node.any.every(isDated)
    case 'and':
      return node.all.some(isDated)
    case 'token-set':
      return node.sets.every(({ codes }) => codes !== 'all')
    case 'token':
    case 'reference':
    case 'uri':
    case 'id':
    case 'compartment':
      return true
    default:
      return false
  }
}

function conjuncts(node: Expression): readonly Expression[] {
  return node.kind === 'and' ? node.all.flatMap(conjuncts) : [node]
}

/** Whether other resources must be searched to know where it starts. */
function followsLinks(node: Expression): boolean {
  switch (node.kind) {
    case 'and':
      return node.all.some(followsLinks)
    case 'or':
      return node.any.some(followsLinks)
    case 'chain':
    case 'has':
    case 'contains':
      return true
    default:
      return false
  }
}

/** @param page how many matches will be taken, at most */
export function planSearch(
  search: Search,
  order: Order,
  page: number,
  statements: Statements,
): readonly Arm[] {
  const { context } = search
  const conditions = conjuncts(search.where)
  const counts = new Counts(context, statements)
  const choice = choose(conditions, context, counts, compartmentOf(context))
  if (choice === undefined) return possible([walkOf(search, conditions, order)])

  const { sources, met } = choice
  if (sources.length === 0) return []
  const rest = conditions.filter((node) => node !== met)
  const apart = order === 'date' ? inOrder(sources, counts) : undefined
  const chosen = apart ?? sources
  if (order === 'seq' && walkIsCheaper(sources, page, counts, statements))
    return possible([walkOf(search, conditions, order)])
  const many = (apart === undefined || rest.length > 0) && counts.upTo(MANY, sources) >= MANY
  const tests: Tests = { conditions: rest, context, heavy: many && apart === undefined, counted: many }
  const arms =
    apart === undefined && chosen.length > FEW_SOURCES
      ? inChunks(chosen).map((some) => unionArm(some, tests))
      : chosen.map((source) => armOf(source, tests))
  return possible(arms)
}

/** Where nothing can match also the terms are gone that an index is named for. */
function possible(arms: readonly Arm[]): readonly Arm[] {
  return arms.filter((arm) => arm.where !== FALSE)
}

interface Choice {
  readonly sources: readonly Source[]
  /** The condition that every row of the sources meets. */
  readonly met: Expression | undefined
}

/** Where to start so that all conditions can be met; undefined when no index serves any. */
function choose(
  all: readonly Expression[],
  context: CompileContext,
  counts: Counts,
  given?: readonly Source[],
): Choice | undefined {
  const planning: Planning = {
    choose: (nodes, at) => choose(nodes, at, counts)?.sources,
    find: finder(counts.statements),
  }
  const choices = new Map<readonly Source[], Expression | undefined>()
  const consider = (node: Expression): void => {
    const sources = sourcesOf(node, context, planning)
    if (sources !== undefined) choices.set(sources, node)
  }
  for (const node of all) if (!followsLinks(node)) consider(node)
  if (given !== undefined) choices.set(given, undefined)
  for (const node of all) {
    if (!followsLinks(node)) continue
    const few = [...choices.keys()].some(
      (sources) => counts.upTo(ROWS_WORTH_A_SEARCH, sources) < ROWS_WORTH_A_SEARCH,
    )
    if (few) break
    consider(node)
  }
  if (choices.size === 0) return undefined
  const sources = fewest([...choices.keys()], counts)
  return { sources, met: sources.every(({ exact }) => exact) ? choices.get(sources) : undefined }
}

/** Searches beforehand, in the same snapshot, as the caller sees it. */
function finder(statements: Statements): Find {
  return (context, where, numbers) =>
    statements.work.within(MOST_EXAMINED_BEFORE, () => {
      const found = new Set<number>()
      for (const arm of planSearch({ context, where }, 'seq', MOST_FOUND + 1, statements)) {
        const { column, join } = numbers(arm.row)
        const rows = statements.rows<[number]>(
          sql`SELECT DISTINCT ${column} FROM ${arm.from} ${join} WHERE ${arm.where} AND ${isUnchanged(arm.row, context)} LIMIT ${MOST_FOUND + 1}`,
        )
        for (const [number] of rows) found.add(number)
        if (found.size > MOST_FOUND) return undefined
      }
      return [...found]
    })
}

/** When all that may be seen is in the compartments of a few patients, a search may start there. */
function compartmentOf(context: CompileContext): readonly Source[] | undefined {
  const ids = seesByCompartment(context)
  return ids === undefined || ids.length > MOST_PATIENTS
    ? undefined
    : compartmentSources(context, patientKeys(ids, context.dictionary))
}

/** In the order of their last write it can stop when the page is full, unless all must be looked at. */
function walkOf({ context }: Search, conditions: readonly Expression[], order: Order): Arm {
  const open = conditions.length > 0 || order === 'date'
  const resources = context.statements.value<number>(LAST_RID)!
  return walk({ conditions, context, heavy: open && resources >= MANY, counted: open })
}

const LAST_RID = sql`SELECT coalesce(max(rid), 0) FROM res`

/**
 * Sources that give their rows by date; undefined when some cannot, or all rows at once and a sort cost less than a
 * statement a source.
 */
function inOrder(sources: readonly Source[], counts: Counts): readonly Source[] | undefined {
  const keys = sources.reduce((sum, { keyed }) => sum + (keyed?.keys.length ?? 1), 0)
  if (keys > MOST_FOUND) return undefined
  const apart = sources.flatMap(oneByOne)
  // The few resources that are in several compartments may be sorted.
  if (!apart.every((source) => source.dated || (source.main === false && !source.filtered))) return undefined
  if (apart.length <= FEW_SOURCES) return apart
  const most = ROWS_WORTH_A_STATEMENT * apart.length
  return counts.upTo(most, sources) < most ? undefined : apart
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
  counts: Counts,
  statements: Statements,
): boolean {
  const matches = counts.upTo(MANY, sources)
  const resources = statements.value<number>(LAST_RID)!
  return matches * matches > page * resources
}

/** The choice with the fewest rows. */
function fewest(choices: readonly (readonly Source[])[], counts: Counts): readonly Source[] {
  const none = choices.find((sources) => sources.length === 0)
  if (none !== undefined || choices.length === 1) return none ?? choices[0]!
  // Of equally many, those that come in order are to be preferred.
  const inOrderFirst = (sources: readonly Source[]) => sources.every((source) => source.dated)
  const open = [...choices].sort((a, b) => Number(inOrderFirst(b)) - Number(inOrderFirst(a)))
  for (const limit of COUNT_LIMITS) {
    let least = open[0]!
    let leastCount = Infinity
    for (const sources of open) {
      const found = counts.upTo(Math.min(limit, leastCount), sources)
      if (found < leastCount) {
        least = sources
        leastCount = found
      }
    }
    if (leastCount < limit) return least
  }
  return open[0]!
}

/** How many rows sources have, counted no further than need be and not again. */
class Counts {
  readonly statements: Statements
  readonly #context: CompileContext
  readonly #known = new Map<readonly Source[], { readonly limit: number; readonly found: number }>()

  constructor(context: CompileContext, statements: Statements) {
    this.#context = context
    this.statements = statements
  }

  upTo(limit: number, sources: readonly Source[]): number {
    const known = this.#known.get(sources)
    if (known !== undefined && (known.found < known.limit || limit <= known.limit))
      return Math.min(known.found, limit)
    let found = 0
    for (const { from, where, main } of sources) {
      if (found >= limit) break
      found += this.statements.value<number>(
        sql`SELECT count(*) FROM (SELECT 1 FROM ${raw(from)} WHERE ${live(main, this.#context)} ${where} LIMIT ${limit - found})`,
      )!
    }
    this.#known.set(sources, { limit, found })
    return found
  }
}
