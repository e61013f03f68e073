// A range of an index from which a search can start.
import type { CompileContext } from './compile-expression.ts'
import { isIn, raw, sql, type Fragment } from './sql.ts'

/** Rows of an index table, as `d`, or of `res` itself, as `r`. */
export interface Source {
  /** The table with its alias and the index to be used. */
  readonly from: string
  readonly where: Fragment
  /** Whether the rows are those of `res`. */
  readonly main: boolean
  /** Whether each resource stands there once, in the order of `dt`, then `rid`. */
  readonly dated: boolean
  /** Whether every row meets the whole condition, so that it need not be tested again. */
  readonly exact: boolean
  /** Whether the rows carry `pat` and `lab`. */
  readonly filtered: boolean
  /** Whether the rows come in the order of their last write. */
  readonly inSeqOrder?: boolean
  /** Of rows that are found by their whole value. */
  readonly keyed?: Keyed | undefined
}

interface Keyed {
  readonly table: 'tok' | 'ref'
  readonly tp: number
  readonly keys: readonly (number | string)[]
}

/** The rows of `tok` or `ref` that have one of these values: one source, or none. */
export function keyedSource(
  table: 'tok' | 'ref',
  tp: number,
  keys: readonly (number | string)[],
): readonly Source[] {
  if (keys.length === 0) return []
  const column = raw(table === 'tok' ? 'd.val' : 'd.tgt')
  return [
    {
      from: `${table} d`,
      where: sql`d.tp = ${tp} AND ${column} ${isIn(keys)}`,
      main: false,
      dated: keys.length === 1,
      exact: true,
      filtered: true,
      keyed: { table, tp, keys },
    },
  ]
}

/** Resources that are known beforehand. */
export function ridSource(rids: readonly number[]): Source {
  return {
    from: 'res r',
    where: sql`r.rid ${isIn(rids)}`,
    main: true,
    dated: rids.length === 1,
    exact: true,
    filtered: true,
  }
}

/** Keyed sources of one parameter become one. */
export function grouped(sources: readonly Source[]): readonly Source[] {
  const groups = new Map<string, Set<number | string>>()
  const rest: Source[] = []
  for (const source of sources) {
    if (source.keyed === undefined) {
      rest.push(source)
      continue
    }
    const { table, tp, keys } = source.keyed
    const name = `${table} ${tp} ${source.exact}`
    const group = groups.get(name) ?? new Set()
    groups.set(name, group)
    for (const key of keys) group.add(key)
  }
  const merged = [...groups].flatMap(([name, keys]) => {
    const [table, tp, exact] = name.split(' ')
    return keyedSource(table as 'tok' | 'ref', Number(tp), [...keys]).map((source) => ({
      ...source,
      exact: exact === 'true',
    }))
  })
  return [...rest, ...merged]
}

/** The same rows in as many sources as there are keys, each dated. */
export function oneByOne(source: Source): readonly Source[] {
  const { keyed, exact } = source
  if (keyed === undefined || keyed.keys.length === 1) return [source]
  return keyed.keys.flatMap((key) =>
    keyedSource(keyed.table, keyed.tp, [key]).map((one) => ({ ...one, exact })),
  )
}

/** Compartments of more patients than this are not walked one by one. */
const FEW_PATIENTS = 10

/** The live resources of the type in the compartment of patients, which have these keys. */
export function compartmentSources(
  { statements, type }: CompileContext,
  keys: readonly number[],
): readonly Source[] {
  if (keys.length === 0) return []
  const parts = keys.length > FEW_PATIENTS ? [keys] : keys.map((key) => [key])
  const alone = parts.map(
    (some): Source => ({
      from: 'res r INDEXED BY res_pat',
      where: sql`r.pat ${isIn(some)} AND r.type = ${type}`,
      main: true,
      dated: some.length === 1,
      exact: true,
      filtered: true,
    }),
  )
  const listed = sql`SELECT 1 FROM res_patient WHERE pat ${isIn(keys)} LIMIT 1`
  if (statements.value(listed) === undefined) return alone
  const amongSeveral: Source = {
    from: 'res_patient d INDEXED BY res_patient_p',
    where: sql`d.pat ${isIn(keys)}`,
    main: false,
    dated: false,
    exact: true,
    filtered: false,
  }
  return [...alone, amongSeveral]
}
