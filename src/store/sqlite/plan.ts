// Chooses where a search starts and in which order it walks, by counts that stop early.
import { patientKeys } from './access-clause.ts'
import { armOf, MAIN, seesByCompartment, unionArm, walk, type Arm, type Tests } from './arms.ts'
import type { CompileContext } from './compile-expression.ts'
import { isUnchanged } from './compile-links.ts'
import { clinicalBounds, datesApart, isClinical, within, type ClinicalBounds } from './clinical-bounds.ts'
import { Counts, lastSeq } from './counts.ts'
import { MOST_FOUND, type Find } from './link-sources.ts'
import { compartmentSources, oneByOne, type Source } from './source.ts'
import { sourcesOf, type Planning } from './sources.ts'
import { atMost, FALSE, sql } from './sql.ts'
import type { Statements } from './statements.ts'
import type { Expression } from '../query/expression.ts'

export type { Arm } from './arms.ts'

/** `date`: by the clinical date, newest first, then the latest created; `seq`: by the time of the last write; `none`: any. */
export type Order = 'date' | 'seq' | 'none'

export interface Search {
  /** The type searched, and for whom. */
  readonly context: CompileContext
  readonly where: Expression
}

const COUNT_LIMITS = [33, 101, 1001, 10_001]
/** Which of several is the least matters no more when one has fewer than this. */
const FEW_ROWS = COUNT_LIMITS[0]!
/** More rows than this are many. */
const MANY = COUNT_LIMITS.at(-1)!
/** To look at all of this many takes long; and how many are looked at is counted from the other on. */
const LONG = 5001
const COUNTED = 1001
const FEW_SOURCES = 4
const ROWS_WORTH_A_STATEMENT = 20
/** SQLite's bound for a compound SELECT is 500. */
const MOST_IN_UNION = 400
/** Compartments of more patients than this are not walked one by one. */
const MOST_PATIENTS = 10
/** When another condition leaves fewer rows, to follow links beforehand is not worth it. */
const ROWS_WORTH_A_SEARCH = 101
/** More rows than this are not followed first where a search must not take long. */
const MOST_FOLLOWED_BRIEFLY = 2000
/** What may be examined to find out where links lead before a search. */
const MOST_EXAMINED_BEFORE = 100_000

/**
 * The order of a search that asks for none. It depends on the conditions alone, not on what is stored nor on
 * who asks, for then it could tell of what is hidden.
 */
export function defaultOrder(where: Expression): 'date' | 'seq' {
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

/** About how often another table is looked into to test a row. */
function looks(nodes: readonly Expression[]): number {
  const { dates, others } = datesApart(nodes)
  return others.reduce((sum, node) => sum + looksOf(node), dates.length === 0 ? 0 : 1)
}

function looksOf(node: Expression): number {
  switch (node.kind) {
    case 'and':
      return looks(node.all)
    case 'or':
      return looks(node.any)
    case 'not':
      return looksOf(node.node)
    case 'chain':
      return node.targets.reduce((sum, { where }) => sum + 2 + looksOf(where), 0)
    case 'has':
      return 2 + looksOf(node.source.where)
    case 'contains':
      return 2 + looksOf(node.where)
    default:
      return 1
  }
}

/** Which links are worth following first: those that begin at what is likely to be one resource. */
function dearness(node: Expression): number {
  switch (node.kind) {
    case 'id':
      return 0
    case 'token':
    case 'reference':
    case 'uri':
    case 'compartment':
      return 1
    case 'and':
      return Math.min(3, ...node.all.map(dearness))
    case 'or':
      return Math.max(0, ...node.any.map(dearness))
    case 'chain':
      return Math.max(0, ...node.targets.map(({ where }) => dearness(where)))
    case 'has':
      return Math.max(2, dearness(node.source.where))
    default:
      return 3
  }
}

/**
 * While nobody writes, what is asked again is not planned again.
 * @param page how many matches will be taken, at most
 */
export function planSearch(
  search: Search,
  order: Order,
  page: number,
  statements: Statements,
): readonly Arm[] {
  const { context, where } = search
  const plan = (): readonly Arm[] => planned(search, order, page, statements)
  return context.moment === undefined
    ? statements.snapshot.onceOf(where, [context.type, context.access, order, page], plan)
    : plan()
}

function planned(search: Search, order: Order, page: number, statements: Statements): readonly Arm[] {
  const { context } = search
  const conditions = conjuncts(search.where)
  const counts = new Counts(context, statements)
  const bounds = order === 'seq' ? undefined : usableBounds(conditions, context, counts)
  const choice = choose(conditions, context, counts, { sources: compartmentOf(context), bounds })
  if (choice === undefined) return possible([walkOf(search, conditions, order, counts)])

  const { sources, met } = choice
  if (sources.length === 0) return []
  const rest = conditions.filter((node) => node !== met)
  const apart = order === 'date' ? inOrder(sources, counts) : undefined
  const chosen = apart ?? sources
  if (order === 'seq' && walkIsCheaper(sources, page, counts))
    return possible([walkOf(search, conditions, order, counts)])
  const bounded = withinBounds(chosen, bounds)
  const stopsEarly = order === 'none' || apart !== undefined
  const open = !stopsEarly || rest.length > 0
  const tests: Tests = {
    conditions: rest,
    context,
    heavy: !stopsEarly && counts.upTo(LONG, sources) >= LONG,
    counted: open && counts.upTo(COUNTED, sources) * Math.max(1, looks(rest)) >= COUNTED,
    placed: order !== 'none',
    rows: counts.known(sources),
  }
  if (bounded !== undefined)
    return possible([
      ...bounded.inTime.map((source) => armOf(source, tests)),
      ...bounded.long.map((source) => armOf(source, { ...tests, conditions })),
    ])
  const arms =
    apart === undefined && chosen.length > FEW_SOURCES
      ? inChunks(chosen).map((some) => unionArm(some, tests))
      : chosen.map((source) => armOf(source, tests))
  return possible(arms)
}

/** What conditions say of `dt`; undefined when they say nothing, or much lies in too long a time for that. */
function usableBounds(
  conditions: readonly Expression[],
  context: CompileContext,
  counts: Counts,
): ClinicalBounds | undefined {
  const bounds = clinicalBounds(conditions, context)
  if (bounds?.long === undefined) return bounds
  const long = counts.upTo(FEW_ROWS, [bounds.long])
  if (long >= FEW_ROWS) return undefined
  return long === 0 ? { ...bounds, long: undefined } : bounds
}

/**
 * Sources in the order of `dt` no further than conditions on it reach, and what lies in too long a time for that;
 * undefined when there is nothing to be gained.
 */
function withinBounds(
  sources: readonly Source[],
  bounds: ClinicalBounds | undefined,
): { readonly inTime: readonly Source[]; readonly long: readonly Source[] } | undefined {
  if (bounds === undefined || !canBeBounded(sources)) return undefined
  return {
    inTime: sources.map((source) => within(source, bounds)),
    long: bounds.long === undefined ? [] : [bounds.long],
  }
}

function canBeBounded(sources: readonly Source[]): boolean {
  return sources.length <= FEW_SOURCES && sources.every(({ dated }) => dated)
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

/**
 * Where to start so that all conditions can be met; undefined when no index serves any.
 * @param given sources that hold every match whatever is asked, and bounds within which the chosen ones will be walked
 */
function choose(
  all: readonly Expression[],
  context: CompileContext,
  counts: Counts,
  given: {
    readonly sources?: readonly Source[] | undefined
    readonly bounds?: ClinicalBounds | undefined
  } = {},
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
  const links = all.filter(followsLinks)
  for (const node of all) if (!followsLinks(node) && !isClinical(node)) consider(node)
  if (given.sources !== undefined) choices.set(given.sources, undefined)
  // Whichever is chosen of those that can be bounded by the dates has fewer rows then than the dates alone.
  const datesAreMet =
    given.bounds !== undefined &&
    links.length === 0 &&
    choices.size > 0 &&
    [...choices.keys()].every(canBeBounded)
  if (!datesAreMet) for (const node of all) if (isClinical(node)) consider(node)
  for (const node of links.sort((a, b) => dearness(a) - dearness(b))) {
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

/** Searches beforehand, in the same snapshot, as the caller sees it; that it was too much is remembered for a while. */
function finder(statements: Statements): Find {
  const { counts, work } = statements
  return (context, where, numbers) => {
    const { column, join } = numbers(MAIN)
    const key = `${context.type} ${column.text} ${join.text} ${join.params.join()} ${JSON.stringify([where, context.access])}`
    const seq = lastSeq(statements)
    if (counts.get(key, seq) !== undefined) return undefined
    const all = work.within(MOST_EXAMINED_BEFORE, () => {
      const found = new Set<number>()
      for (const arm of planSearch({ context, where }, 'none', MOST_FOUND + 1, statements)) {
        const { column, join } = numbers(arm.row)
        const from = sql`${column} FROM ${arm.from} ${join} WHERE ${arm.where} AND ${isUnchanged(arm.row, context)}`
        // Where it must not take long, what leads to the same again and again is not followed to its end.
        const rows = statements.rows<[number]>(
          work.isBrief
            ? sql`SELECT ${from} ${atMost(MOST_FOLLOWED_BRIEFLY)}`
            : sql`SELECT DISTINCT ${from} ${atMost(MOST_FOUND + 1)}`,
        )
        for (const [number] of rows) found.add(number)
        if (found.size > MOST_FOUND || rows.length === MOST_FOLLOWED_BRIEFLY) return undefined
      }
      return [...found]
    })
    if (all === undefined) counts.keep(key, { limit: MOST_FOUND, found: MOST_FOUND, seq })
    return all
  }
}

/** When all that may be seen is in the compartments of a few patients, a search may start there. */
function compartmentOf(context: CompileContext): readonly Source[] | undefined {
  const ids = seesByCompartment(context)
  return ids === undefined || ids.length > MOST_PATIENTS
    ? undefined
    : compartmentSources(context, patientKeys(ids, context.dictionary))
}

/** In the order of their last write it stops when the page is full; else all must be looked at. */
function walkOf(
  { context }: Search,
  conditions: readonly Expression[],
  order: Order,
  { resources }: Counts,
): Arm {
  const open = conditions.length > 0 || order === 'date'
  return walk({
    conditions,
    context,
    heavy: open && order !== 'seq' && resources >= LONG,
    counted: open,
    placed: true,
    rows: Infinity,
  })
}

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
function walkIsCheaper(sources: readonly Source[], page: number, counts: Counts): boolean {
  const worth = Math.sqrt(page * counts.resources)
  return counts.upTo(Math.min(MANY, Math.floor(worth) + 1), sources) > worth
}

/** The choice with the fewest rows. */
function fewest(choices: readonly (readonly Source[])[], counts: Counts): readonly Source[] {
  const none = choices.find((sources) => sources.length === 0)
  if (none !== undefined || choices.length === 1) return none ?? choices[0]!
  // Of equally many, those that come in order are to be preferred.
  const rank = (sources: readonly Source[]): number =>
    !sources.every(({ dated }) => dated) ? 2 : sources.every(isSelective) ? 0 : 1
  const open = [...choices].sort((a, b) => rank(a) - rank(b))
  for (const limit of COUNT_LIMITS) {
    let least = open[0]!
    let leastCount = Infinity
    for (const sources of open) {
      const found = counts.upTo(Math.min(limit, leastCount), sources)
      if (found < FEW_ROWS) return sources
      if (found < leastCount) {
        least = sources
        leastCount = found
      }
    }
    if (leastCount < limit) return least
  }
  return open[0]!
}

/** One resource, or what refers to one: few as a rule. */
function isSelective({ main, keyed }: Source): boolean {
  return main || keyed?.table === 'ref'
}
