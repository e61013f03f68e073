// What is to be included with a page's matches: what they refer to and what refers to them, again and again (https://hl7.org/fhir/R4/search.html#include).
import { accessClause } from './access-clause.ts'
import type { AsOf } from './as-of.ts'
import { atMost, isIn, raw, sql, TRUE } from './sql.ts'
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

export function includedWith(
  matches: readonly Standing[],
  { includes, mostIncluded }: Pick<SearchQuery, 'includes' | 'mostIncluded'>,
  reading: Reading,
  access: AccessFilter,
  asOf: AsOf,
): Included {
  const onPage = new Set(matches.map(({ place }) => place.rid))
  const found = new Map<number, Standing>()
  const targets = new Targets(reading, asOf)
  const there = reading.dictionary.types()
  const isThere = (type: string | undefined): boolean => type === undefined || there.has(type)
  const walks = gathered(includes.filter(({ source, target }) => isThere(source) && isThere(target))).map(
    (some) => new Walk(some, reading, access, asOf, targets),
  )
  /** More rows than that hold something new, or there is nothing new. */
  const most = mostIncluded + onPage.size + 1
  let round = matches
  for (let first = true; round.length > 0; first = false) {
    const next: Standing[] = []
    for (const walk of walks) {
      if (!first && !walk.include.iterate) continue
      reading.statements.work.spend(walk.probes(round))
      const rids = walk.from(round, most).filter((rid) => !onPage.has(rid) && !found.has(rid))
      asOf.load(rids)
      for (const other of walk.ledTo(rids.flatMap((rid) => asOf.at(rid) ?? []))) {
        const { rid } = other.place
        if (found.has(rid)) continue
        if (found.size === mostIncluded) return { found: [...found.values()], cut: true }
        found.set(rid, other)
        next.push(other)
      }
    }
    round = next
  }
  return { found: [...found.values()], cut: false }
}

type Reference = readonly [tp: number, key: number]

/** What resources refer to, looked up once for all includes that ask it of the same. */
class Targets {
  readonly #reading: Reading
  readonly #asOf: AsOf
  readonly #known = new Map<readonly Standing[], Map<number | undefined, readonly Reference[]>>()

  constructor(reading: Reading, asOf: AsOf) {
    this.#reading = reading
    this.#asOf = asOf
  }

  /**
   * Parameters and keys (`ref.tgt`) of the references of those that are of the type, if one is given; those of what they
   * contain aside. Most are of one patient: each is told once, in the order in which it first comes.
   */
  of(some: readonly Standing[], type: number | undefined): readonly Reference[] {
    let known = this.#known.get(some)
    if (known === undefined) this.#known.set(some, (known = new Map<number | undefined, Reference[]>()))
    let references = known.get(type)
    if (references === undefined) {
      references = this.#referencesOf(type === undefined ? some : some.filter((one) => one.type === type))
      known.set(type, references)
    }
    return references
  }

  #referencesOf(some: readonly Standing[]): readonly Reference[] {
    const current = some.filter(({ place }) => place.isCurrent).map(({ place }) => place.rid)
    const found =
      current.length === 0
        ? []
        : this.#reading.statements.rows<Reference>(
            sql`SELECT DISTINCT x.tp, x.tgt FROM json_each(${JSON.stringify(current)}) j CROSS JOIN ref x INDEXED BY ref_r ON x.rid = j.value`,
          )
    if (current.length === some.length) return found
    return [...found, ...some.flatMap((one) => (one.place.isCurrent ? [] : one.references))]
  }

  /** The resources that a key leads to. */
  ridsOf(key: number): readonly number[] {
    return key > 0 ? [key] : this.#asOf.targetsOf(key).map(({ place }) => place.rid)
  }
}

/** Neighbours that follow references under the same parameters, to one type each, are walked together. */
function gathered(includes: readonly Include[]): readonly (readonly [Include, ...Include[]])[] {
  const walks: [Include, ...Include[]][] = []
  for (const include of includes) {
    const before = walks.at(-1)
    const [first] = before ?? []
    const isAlike =
      first?.direction === 'forward' &&
      include.direction === 'forward' &&
      first.iterate === include.iterate &&
      first.source === include.source &&
      first.param === include.param &&
      first.target !== undefined &&
      include.target !== undefined
    if (isAlike) before!.push(include)
    else walks.push([include])
  }
  return walks
}

/**
 * The parameters that an include goes by. Contained resources refer for themselves alone, so theirs are left out; and
 * what has a colon in its name is the server's own, no search parameter.
 */
function linksOf({ source, param }: Include, { dictionary }: Reading): readonly Link[] {
  if (source !== undefined && param !== undefined) {
    const type = dictionary.type(source)
    const tp = type === undefined ? undefined : dictionary.param(type, param)?.tp
    return tp === undefined ? [] : [{ tp, type: type!, typeName: source }]
  }
  return dictionary
    .params()
    .filter(
      ({ name, typeName }) =>
        (source === undefined ? !typeName.startsWith('#') : typeName === source) &&
        (param === undefined ? !name.includes(':') : name === param),
    )
}

/** Includes that are alike but for the type that is referred to, with what is looked up for them once. */
class Walk {
  readonly include: Include
  readonly #reading: Reading
  readonly #access: AccessFilter
  readonly #asOf: AsOf
  readonly #targets: Targets
  readonly #links: readonly Link[]
  readonly #tps: ReadonlySet<number>
  /** Codes; undefined for any type. */
  readonly #source: number | undefined
  /** Codes, in the order of the includes; undefined for any type. */
  readonly #target: readonly (number | undefined)[] | undefined
  #inUse: readonly Link[] | undefined

  constructor(
    includes: readonly [Include, ...Include[]],
    reading: Reading,
    access: AccessFilter,
    asOf: AsOf,
    targets: Targets,
  ) {
    const [include] = includes
    const { dictionary } = reading
    this.include = include
    this.#reading = reading
    this.#access = access
    this.#asOf = asOf
    this.#targets = targets
    this.#source = include.source === undefined ? undefined : dictionary.type(include.source)
    this.#target =
      include.target === undefined ? undefined : includes.map(({ target }) => dictionary.type(target!))
    this.#links = linksOf(include, reading)
    this.#tps = new Set(this.#links.map(({ tp }) => tp))
  }

  /** `rid`s, perhaps several times, of what may be included because of these; at most `most` a parameter. */
  from(some: readonly Standing[], most: number): readonly number[] {
    if (this.#links.length === 0) return []
    if (this.include.direction === 'forward') return this.#forward(some)
    const asked = this.#asked(some)
    return asked.length === 0 ? [] : this.#referrers(asked, most)
  }

  /** About how often an index is asked. */
  probes(some: readonly Standing[]): number {
    if (this.include.direction === 'forward') return 0
    const asked = this.#asked(some).length
    return asked === 0 ? 0 : this.#referring.length * asked
  }

  /** Of these, what is asked for, by one include after the other. */
  ledTo(some: readonly Standing[]): readonly Standing[] {
    if (this.include.direction === 'reverse')
      return this.#source === undefined ? some : some.filter(({ type }) => type === this.#source)
    const target = this.#target
    if (target === undefined) return some
    const asked = some.filter(({ type }) => target.includes(type))
    if (target.length === 1) return asked
    return asked.sort((one, other) => target.indexOf(one.type) - target.indexOf(other.type))
  }

  /** To which others may refer. */
  #asked(some: readonly Standing[]): readonly Standing[] {
    const target = this.#target?.[0]
    return target === undefined ? some : some.filter(({ type }) => type === target)
  }

  #forward(some: readonly Standing[]): number[] {
    const keys = new Set<number>()
    for (const [tp, key] of this.#targets.of(some, this.#source)) if (this.#tps.has(tp)) keys.add(key)
    return [...keys].flatMap((key) => this.#targets.ridsOf(key))
  }

  #referrers(some: readonly Standing[], most: number): number[] {
    const { statements, dictionary } = this.#reading
    const { seq, isPast, words } = this.#asOf
    const keys = [...new Set(some.flatMap((one) => keysLeadingTo(one, dictionary, words)))]
    const found: number[] = []
    const distinct = raw(keys.length === 1 ? '' : 'DISTINCT')
    for (const { tp, typeName } of this.#referring) {
      const visible = accessClause(
        this.#access,
        { alias: 'd', type: { name: typeName }, of: 'resource' },
        dictionary,
      )
      const then = isPast ? sql`(SELECT s.seq FROM res s WHERE s.rid = d.rid) <= ${seq}` : TRUE
      const rows = statements.rows<[number]>(
        sql`SELECT ${distinct} d.rid FROM ref d WHERE d.tp = ${tp} AND d.tgt ${isIn(keys)} AND ${visible} AND ${then} ${atMost(most)}`,
      )
      for (const [rid] of rows) found.push(rid)
    }
    if (isPast) {
      const wanted = new Set(keys)
      for (const typeName of new Set(this.#links.map((link) => link.typeName)))
        for (const other of this.#asOf.changed(typeName))
          if (other.targets((tp) => this.#tps.has(tp)).some((key) => wanted.has(key)))
            found.push(other.place.rid)
    }
    return found
  }

  /** Those under which anything refers now. */
  get #referring(): readonly Link[] {
    if (this.include.param !== undefined) return this.#links
    return (this.#inUse ??= this.#links.filter(
      ({ tp }) =>
        this.#reading.statements.value(sql`SELECT 1 FROM ref WHERE tp = ${tp} LIMIT 1`) !== undefined,
    ))
  }
}
