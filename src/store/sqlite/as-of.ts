// Resources as they stood when a sequence number was the last, for one caller: what has been hidden since is not shown any more.
import { accessClause } from './access-clause.ts'
import { MAIN } from './arms.ts'
import { compileExpression } from './compile-expression.ts'
import { contextFor } from './compile-context.ts'
import { lastSeq } from './counts.ts'
import { CURRENT_COLUMNS, currentPlace } from './current-rows.ts'
import { uriText } from './index-rows.ts'
import { LongSearch } from './long-search.ts'
import type { Moment } from './moment.ts'
import { meets } from './row-matches.ts'
import { DELETE } from './schema.ts'
import type { Place } from './sort-order.ts'
import { atMost, type Fragment, isIn, sql } from './sql.ts'
import { canonicalOf, keysLeadingTo, RowWords, Standing, versionsOf } from './standing.ts'
import type { Reading } from './versions.ts'
import { FhirError } from '../../fhir/errors.ts'
import type { AccessFilter } from '../access-filter.ts'
import type { TypedCondition } from '../query/search-query.ts'

/** More resources than this are not looked at one by one for a page. */
const MOST_CHANGED = 20_000
/** More changes, or writes of any kind, than this take long to go through. */
const MOST_CHANGED_BRIEFLY = 1000
const MOST_WRITTEN_BRIEFLY = 10_000
/** More changes than this take too long, whoever may see them. */
const MOST_WRITTEN = 500_000
const LOADED_AT_ONCE = 1000
/** In microseconds, roughly. */
const COST_OF_A_PLACE = 2

type PastRow = readonly [
  rid: number,
  vid: number,
  type: number,
  id: string,
  lastUpdated: number,
  versionId: number,
  op: number,
  bytes: number,
  latest: number,
]

export class AsOf implements Moment {
  readonly seq: number
  readonly dictionary
  readonly words: RowWords
  readonly #reading: Reading
  readonly #access: AccessFilter
  readonly #known = new Map<number, Standing | undefined>()
  readonly #changed = new Map<string, readonly Standing[]>()
  readonly #meeting = new Map<TypedCondition, readonly Standing[]>()
  readonly #targets = new Map<TypedCondition, readonly number[]>()
  #changes = 0
  #written = 0
  #last: number | undefined
  #visibleNow: Fragment | undefined
  #visibleThen: Fragment | undefined

  /** @param seq undefined: now */
  constructor(reading: Reading, access: AccessFilter, seq?: number) {
    this.#reading = reading
    this.#access = access
    this.seq = seq ?? (this.#last = lastSeq(reading.statements))
    this.dictionary = reading.dictionary
    this.words = new RowWords(reading.statements)
  }

  /** Whether anything was written since. */
  get isPast(): boolean {
    return (this.#last ??= lastSeq(this.#reading.statements)) > this.seq
  }

  /** The resource, when it was there and visible, and would be as it is labelled now. */
  at(rid: number): Standing | undefined {
    if (!this.#known.has(rid)) this.load([rid])
    return this.#known.get(rid)
  }

  /** Looks all of these up at once, for `at`. */
  load(rids: Iterable<number>): void {
    const unknown = [...new Set(rids)].filter((rid) => !this.#known.has(rid))
    if (unknown.length === 0) return
    const { statements } = this.#reading
    for (const rid of unknown) this.#known.set(rid, undefined)
    statements.work.spend(unknown.length * COST_OF_A_PLACE)
    if (!this.isPast) {
      for (const row of statements.rows<readonly [rid: number]>(this.#current(unknown)))
        this.#known.set(row[0], new Standing(statements, currentPlace(row, row[0], 1)))
      return
    }
    const rows = statements.rows<PastRow>(this.#past(unknown))
    for (const [rid, vid, type, id, lastUpdated, versionId, op, bytes, latest] of rows) {
      const isCurrent = latest === vid
      const place = { rid, vid, type, id, lastUpdated, versionId, op, bytes, isCurrent }
      this.#known.set(rid, new Standing(statements, place))
    }
  }

  /** What was found with those places, all of which the caller may see, need not be loaded. */
  know(places: readonly Place[]): void {
    const { statements } = this.#reading
    for (const { rid, current } of places) {
      if (current === undefined) continue
      statements.work.spend(COST_OF_A_PLACE)
      this.#known.set(rid, new Standing(statements, current))
    }
  }

  get #isVisibleNow(): Fragment {
    return (this.#visibleNow ??= accessClause(
      this.#access,
      { alias: 'r', type: { column: 'r' }, of: 'resource' },
      this.dictionary,
    ))
  }

  /** Contained resources are no resources of their own. */
  #current(rids: readonly number[]): Fragment {
    return sql`SELECT r.rid, ${CURRENT_COLUMNS} FROM json_each(${JSON.stringify(rids)}) j CROSS JOIN res r ON r.rid = j.value CROSS JOIN body b ON b.vid = r.seq
      WHERE r.live = 1 AND r.owner = 0 AND ${this.#isVisibleNow}`
  }

  #past(rids: readonly number[]): Fragment {
    const visible = (this.#visibleThen ??= accessClause(
      this.#access,
      { alias: 'v', type: { column: 'v' }, of: 'version' },
      this.dictionary,
    ))
    return sql`SELECT v.rid, v.vid, v.type, r.id, v.lu, v.ver, v.op, length(b.body), r.seq FROM json_each(${JSON.stringify(rids)}) j
      CROSS JOIN version v INDEXED BY ver_r ON v.rid = j.value
        AND v.ver = (SELECT x.ver FROM version x INDEXED BY ver_r WHERE x.rid = j.value AND x.vid <= ${this.seq} ORDER BY x.ver DESC LIMIT 1)
      CROSS JOIN res r ON r.rid = v.rid CROSS JOIN body b ON b.vid = v.vid
      WHERE v.op <> ${DELETE} AND ${visible} AND ${this.#isVisibleNow}`
  }

  /**
   * The resources of a type that were there and visible, and of which another version was written since.
   * @throws FhirError `expired` when too many were
   */
  changed(typeName: string): readonly Standing[] {
    const known = this.#changed.get(typeName)
    if (known !== undefined) return known
    const type = this.dictionary.type(typeName)
    const found = type === undefined || !this.isPast ? [] : this.#changedOf(type)
    this.#changed.set(typeName, found)
    return found
  }

  /** Whether any version of the type was written since. */
  hasWrites(type: number): boolean {
    if (!this.isPast) return false
    return (
      this.#reading.statements.value(
        sql`SELECT 1 FROM version v INDEXED BY ver_t WHERE v.type = ${type} AND v.vid > ${this.seq} LIMIT 1`,
      ) === 1
    )
  }

  changedTargets(target: TypedCondition): readonly number[] {
    const known = this.#targets.get(target)
    if (known !== undefined) return known
    const keys = this.#changedMeeting(target).flatMap((one) =>
      keysLeadingTo(one, this.dictionary, this.words),
    )
    this.#targets.set(target, keys)
    return keys
  }

  changedReferrers(source: TypedCondition, param: string): readonly number[] {
    const type = this.dictionary.type(source.type)
    const tp = type === undefined ? undefined : this.dictionary.param(type, param)?.tp
    if (tp === undefined) return []
    const keys = new Set(this.#changedMeeting(source).flatMap((one) => one.targets((other) => other === tp)))
    return [...keys].flatMap((key) => this.targetsOf(key).map(({ place }) => place.rid))
  }

  /** Whether a resource that was there and visible, and met the condition, referred to this one. */
  isReferredToBy(standing: Standing, source: TypedCondition, param: string): boolean {
    const context = contextFor(this.#reading, source.type, this.#access, this)
    const tp = context && this.dictionary.param(context.type, param)?.tp
    if (tp === undefined || context === undefined) return false
    const keys = keysLeadingTo(standing, this.dictionary, this.words)
    if (
      this.#changedMeeting(source).some((one) =>
        one.targets((at) => at === tp).some((key) => keys.includes(key)),
      )
    )
      return true
    const visible = accessClause(
      this.#access,
      { alias: 'r', type: { name: source.type }, of: 'resource' },
      this.dictionary,
    )
    return (
      this.#reading.statements.value(
        sql`SELECT 1 FROM ref d CROSS JOIN res r ON r.rid = d.rid WHERE d.tp = ${tp} AND d.tgt ${isIn(keys)} AND r.live = 1 AND r.seq <= ${this.seq} AND ${visible} AND ${compileExpression(source.where, MAIN, context)} LIMIT 1`,
      ) === 1
    )
  }

  /** What a reference's key led to. */
  targetsOf(key: number): readonly Standing[] {
    const { statements } = this.#reading
    if (key > 0) return list(this.at(key))
    if (key % 2 === 0) {
      const rid = statements.value<number>(
        sql`SELECT r.rid FROM ghost g CROSS JOIN res r ON r.type = g.type AND r.id = g.id WHERE g.gid = ${key / -2}`,
      )
      return rid === undefined ? [] : list(this.at(rid))
    }
    const canonical = canonicalOf(this.words.url(key))
    return canonical === undefined ? [] : this.#withUrl(canonical.url, canonical.version)
  }

  /** What a reference's key stands for, whether there or not: `Type/id`, or a URL without its version. */
  targetText(key: number): string | undefined {
    const { statements } = this.#reading
    if (key < 0 && key % 2 !== 0) {
      const text = this.words.url(key)
      return text.includes('|') ? (text.endsWith('|') ? text.slice(0, text.indexOf('|')) : undefined) : text
    }
    return statements.value<string>(
      key > 0
        ? sql`SELECT t.name || '/' || r.id FROM res r CROSS JOIN type t ON t.code = r.type WHERE r.rid = ${key}`
        : sql`SELECT t.name || '/' || g.id FROM ghost g CROSS JOIN type t ON t.code = g.type WHERE g.gid = ${key / -2}`,
    )
  }

  #withUrl(url: string, version: string | undefined): Standing[] {
    const value = uriText(url)
    const { statements } = this.#reading
    const found = new Set<Standing>()
    const types = statements.rows<[number, number, string]>(
      sql`SELECT p.tp, p.type, t.name FROM param p CROSS JOIN type t ON t.code = p.type WHERE p.name = 'url'`,
    )
    for (const [tp, , typeName] of types) {
      const rids = statements.rows<[number]>(
        sql`SELECT x.rid FROM tok x WHERE x.tp = ${tp} AND x.val = ${value}`,
      )
      for (const [rid] of rids) {
        const one = this.at(rid)
        if (one !== undefined) found.add(one)
      }
      for (const one of this.changed(typeName)) found.add(one)
    }
    const tps = new Set(types.map(([tp]) => tp))
    return [...found].filter(
      (one) =>
        one.rows.some((row) => row[0] === 't' && tps.has(row[1]) && row[2] === value) &&
        (version === undefined || versionsOf(one, this.dictionary, this.words).includes(version)),
    )
  }

  #changedMeeting(condition: TypedCondition): readonly Standing[] {
    const known = this.#meeting.get(condition)
    if (known !== undefined) return known
    const found = this.changed(condition.type).filter((one) => meets(one, condition, this))
    this.#meeting.set(condition, found)
    return found
  }

  /** Counted no further than matters. */
  #writesSince(type: number): number {
    return this.#reading.statements.value<number>(
      sql`SELECT count(*) FROM (SELECT 1 FROM version v INDEXED BY ver_t WHERE v.type = ${type} AND v.vid > ${this.seq} ${atMost(MOST_WRITTEN_BRIEFLY + 1)})`,
    )!
  }

  #changedOf(type: number): Standing[] {
    if (this.#reading.brief && this.#writesSince(type) > MOST_WRITTEN_BRIEFLY) throw new LongSearch()
    const rows = this.#reading.statements.rows<[number]>(
      sql`SELECT v.rid FROM version v INDEXED BY ver_t WHERE v.type = ${type} AND v.vid > ${this.seq} AND v.ver > 1 ${atMost(MOST_WRITTEN - this.#written)}`,
    )
    this.#written += rows.length
    if (this.#written >= MOST_WRITTEN) throw expired()
    if (this.#reading.brief && this.#written > MOST_CHANGED_BRIEFLY) throw new LongSearch()
    const there: Standing[] = []
    const rids = [...new Set(rows.map(([rid]) => rid))]
    for (const [nth, rid] of rids.entries()) {
      if (nth % LOADED_AT_ONCE === 0) this.load(rids.slice(nth, nth + LOADED_AT_ONCE))
      const one = this.at(rid)
      if (one === undefined) continue
      there.push(one)
      // Of what the caller may see: the error would tell of what is hidden.
      if (++this.#changes > MOST_CHANGED) throw expired()
    }
    return there
  }
}

function expired(): FhirError {
  return new FhirError(
    'expired',
    'Too much has changed since the first page of this search. Start the search again.',
  )
}

function list<Item>(item: Item | undefined): readonly Item[] {
  return item === undefined ? [] : [item]
}
