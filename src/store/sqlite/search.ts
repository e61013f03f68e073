// Answers searches on one connection: the page, the total, and what is to be included with it.
import { hash } from 'node:crypto'
import { AsOf } from './as-of.ts'
import { alongCompartment } from './compartment-walk.ts'
import { contextFor } from './compile-context.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { includedWith } from './includes.ts'
import { bodiesAt, fitting } from './page-bodies.ts'
import { countOf, merged, placesOf, someOf, type Asked } from './places.ts'
import { planSearch, type Search } from './plan.ts'
import { rowsMatch } from './row-matches.ts'
import {
  comparePlaces,
  orderOf,
  placeOf,
  readPlace,
  writePlace,
  type Place,
  type SortOrder,
} from './sort-order.ts'
import { isIn, sql } from './sql.ts'
import type { Standing } from './standing.ts'
import { asVersion, bounded, type Reading } from './versions.ts'
import type { AccessFilter } from '../access-filter.ts'
import type { Expression } from '../query/expression.ts'
import type { SearchQuery } from '../query/search-query.ts'
import type { SearchPage, StoredVersion } from '../store.ts'

/** Where a page begins, and what it must agree with. */
interface Start {
  /** The last sequence number that counts; undefined: of all there are. */
  readonly seq: number | undefined
  /** Undefined when it was not asked for. */
  readonly total: number | undefined
  readonly backward: boolean
  readonly from: Place | undefined
}

/** Of its body and its links, in microseconds, roughly. */
const COST_OF_A_MATCH = 3

/** One type that is searched. */
interface Part {
  readonly search: Search
  /** Matches of the moment that were written since, as they were. */
  readonly changed: readonly Standing[]
  /** Whether anything of the type was written since. */
  readonly isPast: boolean
}

export function search(reading: Reading, query: SearchQuery, access: AccessFilter): SearchPage {
  return bounded(reading, () => pageOf(reading, query, access))
}

function pageOf(reading: Reading, query: SearchQuery, access: AccessFilter): SearchPage {
  const { count, cursor } = query
  let named: string | undefined
  const kind = (): string => (named ??= kindOf(query, access, reading))
  const start = cursor === undefined ? FIRST : startOf(cursor, kind())
  const asOf = new AsOf(reading, access, start.seq)
  const order = orderOf(query)
  const parts = thereOf(reading, query.from).flatMap(({ type, where }) =>
    partOf(reading, type, where, access, asOf),
  )

  const found = count === 0 ? [] : take(parts, order, start, count + 1, asOf, reading)
  const isAll = start === FIRST && found.length <= count && count > 0
  const total =
    query.total === 'accurate'
      ? (start.total ?? (isAll ? found.length : totalOf(parts, asOf.seq, reading)))
      : undefined
  const page = found.slice(0, count)
  // Before anything is done for them: a long page is not begun here.
  reading.statements.work.spend(page.length * COST_OF_A_MATCH)
  asOf.know(page)
  asOf.load(page.map(({ rid }) => rid))
  const standings = page.map(({ rid }) => asOf.at(rid)!)
  const held = fitting(
    standings.map(({ place }) => place),
    reading.pageBytes,
  )
  const places = page.slice(0, held)
  const more = found.length > places.length
  const { backward } = start
  const matches = standings.slice(0, held)
  if (backward) {
    matches.reverse()
    places.reverse()
  }
  const link = (place: Place | undefined, toward: 'next' | 'previous'): string | undefined =>
    place && writeCursor(kind(), [asOf.seq, total ?? null, toward === 'previous', ...writePlace(place)])
  const included =
    query.includes.length === 0
      ? { found: [], cut: false }
      : includedWith(matches, query, reading, access, asOf)
  const { versions, memory } = versionsOf(reading, [...matches, ...included.found])
  return {
    matches: versions.slice(0, matches.length),
    included: versions.slice(matches.length),
    includedCut: included.cut,
    total,
    next: more || backward ? link(places.at(-1), 'next') : undefined,
    previous: start.from !== undefined && (more || !backward) ? link(places[0], 'previous') : undefined,
    memory,
  }
}

/** Ids of at most `limit` matches. */
export function matches(
  reading: Reading,
  type: string,
  where: Expression,
  limit: number,
  access: AccessFilter,
): string[] {
  return bounded(reading, () => {
    const context = contextFor(reading, type, access, undefined)
    if (context === undefined || limit <= 0) return []
    const rids = someOf({ context, where }, limit)
    if (rids.length === 0) return []
    return reading.statements
      .rows<[string]>(sql`SELECT id FROM res WHERE rid ${isIn(rids)}`)
      .map(([id]) => id)
  })
}

/** A link is good for the search and the caller that it was made for, as it tells how many matches there are. */
function kindOf(
  { from, sort }: SearchQuery,
  access: AccessFilter,
  { statements: { snapshot } }: Reading,
): string {
  return snapshot.onceOf(
    from,
    [sort, access],
    () => `search ${hash('sha256', JSON.stringify([from, sort, access]), 'base64url')}`,
  )
}

const FIRST: Start = { seq: undefined, total: undefined, backward: false, from: undefined }

function startOf(cursor: string, kind: string): Start {
  const [seq, total, backward, ...place] = readCursor(kind, cursor)
  return {
    seq: seq as number,
    total: (total as number | null) ?? undefined,
    backward: backward as boolean,
    from: readPlace(place),
  }
}

/** More types than this are not looked up one by one. */
const FEW_TYPES = 4

/** Without the types of which nothing was ever stored. */
function thereOf({ dictionary }: Reading, from: SearchQuery['from']): SearchQuery['from'] {
  if (from.length <= FEW_TYPES) return from
  const there = dictionary.types()
  return from.filter(({ type }) => there.has(type))
}

function partOf(reading: Reading, type: string, where: Expression, access: AccessFilter, asOf: AsOf): Part[] {
  const context = contextFor(reading, type, access, asOf.isPast ? asOf : undefined)
  if (context === undefined) return []
  const changed = asOf.changed(type).filter((one) => rowsMatch(where, one, asOf))
  return [{ search: { context, where }, changed, isPast: asOf.hasWrites(context.type) }]
}

function totalOf(parts: readonly Part[], seq: number, { brief = false }: Reading): number {
  return parts.reduce(
    (sum, { search: asked, changed, isPast }) =>
      sum + changed.length + countOf(asked, { upTo: isPast ? seq : undefined, brief }),
    0,
  )
}

function take(
  parts: readonly Part[],
  order: SortOrder,
  { backward, from }: Start,
  limit: number,
  asOf: AsOf,
  { brief = false }: Reading,
): readonly Place[] {
  const asked = { order, backward, from, limit, brief }
  if (!asOf.isPast) {
    const searches = parts.map((part) => part.search)
    const together = alongCompartment(searches, { ...asked, upTo: undefined })
    if (together !== undefined) return together
  }
  const compare = comparePlaces(order, backward)
  const lists = parts.flatMap(({ search: part, changed, isPast }) => {
    const here: Asked = { ...asked, upTo: isPast ? asOf.seq : undefined }
    const arms = planSearch(part, order.planned, limit, part.context.statements)
    // Of what several arms give, more would be told than is wanted.
    const withCurrent = parts.length === 1 && arms.length === 1 && !asOf.isPast
    const then = changed
      .map((one) => placeOf(one, order, asOf))
      .filter((place) => from === undefined || compare(place, from) > 0)
    const found = placesOf(part, arms, { ...here, withCurrent })
    return then.length === 0 ? [found] : [found, then]
  })
  return lists.length === 0 ? [] : merged(lists, { ...asked, upTo: undefined })
}

function versionsOf(
  { statements, dictionary }: Reading,
  standings: readonly Standing[],
): { readonly versions: readonly StoredVersion[]; readonly memory: readonly ArrayBuffer[] } {
  const { bodies, memory } = bodiesAt(
    statements,
    standings.map(({ place }) => place),
  )
  const versions = standings.map(({ place }, nth) =>
    asVersion([place.type, place.id, place.versionId, place.lastUpdated, place.op, bodies[nth]!], dictionary),
  )
  return { versions, memory }
}
