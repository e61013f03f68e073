// All that is in the compartment of patients, of many types, by one walk of one index: a search a type, and then what
// was found looked up, takes twice as long.
import { accessClause, patientKeys } from './access-clause.ts'
import { read, type Asked } from './places.ts'
import type { Search } from './plan.ts'
import type { Place } from './sort-order.ts'
import { atMost, FALSE, isIn, sql } from './sql.ts'
import type { CompartmentMatch } from '../query/compartment.ts'

/** For each that is asked for; of more it is better to walk each type no further than the page. */
const ROWS_FOR_ONE = 4

/**
 * The places, with what is there now, of searches that all have the same one condition, to be in a compartment; undefined
 * where one walk does not serve.
 */
export function alongCompartment(searches: readonly Search[], asked: Asked): readonly Place[] | undefined {
  const [first] = searches
  if (first === undefined || searches.length < 2 || !isWalk(searches, asked)) return undefined
  const { where, context } = first
  const { statements, dictionary, access } = context
  const keys = patientKeys((where as CompartmentMatch).patients, dictionary)
  if (keys.length === 0) return []
  // What is in several compartments stands in another index.
  const listed = sql`SELECT 1 FROM res_patient WHERE pat ${isIn(keys)} LIMIT 1`
  if (statements.value(listed) !== undefined) return undefined
  const members = sql`res r INDEXED BY res_pat WHERE r.live = 1 AND r.pat ${isIn(keys)} AND r.type ${isIn(searches.map(({ context: { type } }) => type))}`
  const most = ROWS_FOR_ONE * asked.limit
  const count = sql`SELECT count(*) FROM (SELECT 1 FROM ${members} ${atMost(most + 1)})`
  if (statements.value<number>(count)! > most) return undefined
  const visible = accessClause(access, { alias: 'r', type: { column: 'r' }, of: 'resource' }, dictionary)
  // With a term that is never met SQLite drops those for which the index is named.
  if (visible === FALSE) return []
  return read(
    statements,
    sql`SELECT r.dt AS k0, r.rid AS rid FROM ${members} AND ${visible} ORDER BY r.dt DESC, r.rid DESC ${atMost(asked.limit)}`,
    { ...asked, withCurrent: true },
  )
}

function isWalk(searches: readonly Search[], { order, backward, from, upTo }: Asked): boolean {
  const condition = searches[0]!.where
  return (
    condition.kind === 'compartment' &&
    searches.every(({ where, context }) => where === condition && !context.typeName.startsWith('#')) &&
    order.newestFirst &&
    order.planned === 'date' &&
    !backward &&
    from === undefined &&
    upTo === undefined
  )
}
