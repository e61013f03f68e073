// What is to be included with a page's matches: what they refer to and what refers to them, again and again (https://hl7.org/fhir/R4/search.html#include).
import { accessClause } from './access-clause.ts'
import type { AsOf } from './as-of.ts'
import { LongSearch } from './long-search.ts'
import { sql, TRUE } from './sql.ts'
import { keysLeadingTo, type Standing } from './standing.ts'
import type { Reading } from './versions.ts'
import type { AccessFilter } from '../access-filter.ts'
import type { Include, SearchQuery } from '../query/search-query.ts'

export interface Included {
  readonly found: readonly Standing[]
  /** Whether there was more. */
  readonly cut: boolean
}

/** A reference parameter of a type that may refer. */
interface Link {
  readonly tp: number
  readonly type: number
  readonly typeName: string
}

/** More statements than this take long. */
const MOST_ASKED_BRIEFLY = 2000

export function includedWith(
  matches: readonly Standing[],
  { includes, mostIncluded }: Pick<SearchQuery, 'includes' | 'mostIncluded'>,
  reading: Reading,
  access: AccessFilter,
  asOf: AsOf,
): Included {
  const onPage = new Set(matches.map(({ place }) => place.rid))
  const found = new Map<number, Standing>()
  const walks = includes.map((include) => new Walk(include, reading, access, asOf))
  /** More rows than that hold something new, or there is nothing new. */
  const most = mostIncluded + onPage.size + 1
  let asked = 0
  let round = matches
  for (let first = true; round.length > 0; first = false) {
    const next: Standing[] = []
    for (const walk of walks) {
      if (!first && !walk.include.iterate) continue
      for (const one of round) {
        asked += walk.cost
        if (reading.brief && asked > MOST_ASKED_BRIEFLY) throw new LongSearch()
        for (const rid of walk.from(one, most)) {
          if (onPage.has(rid) || found.has(rid)) continue
          const other = asOf.at(rid)
          if (other === undefined || !walk.leadsTo(other)) continue
          if (found.size === mostIncluded) return { found: [...found.values()], cut: true }
          found.set(rid, other)
          next.push(other)
        }
      }
    }
    round = next
  }
  return { found: [...found.values()], cut: false }
}

/** One include, with what is looked up for it once. */
class Walk {
  readonly include: Include
  readonly #reading: Reading
  readonly #access: AccessFilter
  readonly #asOf: AsOf
  readonly #links: readonly Link[]
  readonly #tps: ReadonlySet<number>
  /** Codes; undefined for any type. */
  readonly #source: number | undefined
  readonly #target: number | undefined
  readonly #isNothing: boolean

  constructor(include: Include, reading: Reading, access: AccessFilter, asOf: AsOf) {
    const { dictionary } = reading
    this.include = include
    this.#reading = reading
    this.#access = access
    this.#asOf = asOf
    this.#source = include.source === undefined ? undefined : dictionary.type(include.source)
    this.#target = include.target === undefined ? undefined : dictionary.type(include.target)
    this.#isNothing =
      (include.source !== undefined && this.#source === undefined) ||
      (include.target !== undefined && this.#target === undefined)
    this.#links = this.#isNothing ? [] : this.#linksOf(include)
    this.#tps = new Set(this.#links.map(({ tp }) => tp))
  }

  /** `rid`s, perhaps several times, of what may be included because of this one; at most `most` a parameter. */
  from(one: Standing, most: number): Iterable<number> {
    if (this.#links.length === 0) return []
    const { direction } = this.include
    const asked = direction === 'forward' ? this.#source : this.#target
    if (asked !== undefined && asked !== one.type) return []
    return direction === 'forward' ? this.#targets(one) : this.#referrers(one, most)
  }

  /** About how many statements it takes for one resource. */
  get cost(): number {
    return this.include.direction === 'forward' ? 0 : this.#links.length
  }

  leadsTo(other: Standing): boolean {
    const asked = this.include.direction === 'forward' ? this.#target : this.#source
    return asked === undefined || asked === other.type
  }

  *#targets(one: Standing): Iterable<number> {
    for (const key of one.targets((tp) => this.#tps.has(tp))) {
      if (key > 0) yield key
      else for (const { place } of this.#asOf.targetsOf(key)) yield place.rid
    }
  }

  *#referrers(one: Standing, most: number): Iterable<number> {
    const { statements, dictionary } = this.#reading
    const { seq, isPast, words } = this.#asOf
    const keys = keysLeadingTo(one, dictionary, words)
    for (const { tp, typeName } of this.#links) {
      const visible = accessClause(
        this.#access,
        { alias: 'd', type: { name: typeName }, of: 'resource' },
        dictionary,
      )
      const then = isPast ? sql`(SELECT s.seq FROM res s WHERE s.rid = d.rid) <= ${seq}` : TRUE
      for (const key of keys) {
        const rows = statements.rows<[number]>(
          sql`SELECT d.rid FROM ref d WHERE d.tp = ${tp} AND d.tgt = ${key} AND ${visible} AND ${then} LIMIT ${most}`,
        )
        for (const [rid] of rows) yield rid
      }
    }
    if (!isPast) return
    for (const typeName of new Set(this.#links.map((link) => link.typeName)))
      for (const other of this.#asOf.changed(typeName))
        if (other.targets((tp) => this.#tps.has(tp)).some((key) => keys.includes(key))) yield other.place.rid
  }

  /** Contained resources refer for themselves alone, so theirs are left out. */
  #linksOf({ source, param }: Include): Link[] {
    const { statements } = this.#reading
    const rows = statements.rows<[number, number, string]>(
      sql`SELECT p.tp, p.type, t.name FROM param p CROSS JOIN type t ON t.code = p.type
        WHERE ${source === undefined ? TRUE : sql`p.type = ${this.#source!}`} AND ${param === undefined ? TRUE : sql`p.name = ${param}`} AND substr(t.name, 1, 1) <> '#'
        ORDER BY p.tp`,
    )
    return rows.map(([tp, type, typeName]) => ({ tp, type, typeName }))
  }
}
