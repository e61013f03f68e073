// One commit's turn within the writer's transaction: assertions, expectations, references, and then the writes.
import { accessClause, seesEverything } from './access-clause.ts'
import type { GrowingDictionary } from './dictionary.ts'
import type { IndexReplacement } from './jobs.ts'
import { labelsHold, referrersHold } from './label-assertions.ts'
import { LastRows } from './last-rows.ts'
import type { RowsToCome } from './row-inserts.ts'
import { matches } from './search.ts'
import { sql } from './sql.ts'
import { asksForWords, TEXT_INDEX_BYTES, TEXT_INDEX_ROUNDS, wordsNotKnown } from './text-index.ts'
import { TextIndexer } from './text-indexer.ts'
import { VersionWriter, type Last } from './version-writer.ts'
import type { Reading } from './versions.ts'
import { SEE_EVERYTHING, type AccessFilter } from '../access-filter.ts'
import {
  isExpected,
  type Commit,
  type CommitResult,
  type Delete,
  type MatchAssertion,
  type Put,
  type ResourceKey,
} from '../commit.ts'
import type { IndexChange } from '../store.ts'

/** The last version of a resource, and whether the caller may see it. */
interface Found extends Last {
  readonly visible: boolean
}

export class Turn {
  readonly #reading: Reading
  readonly #writer: VersionWriter
  readonly #rows: LastRows

  /** @param rows by which rows get into the tables, when not as each transaction ends */
  constructor(reading: Reading, dictionary: GrowingDictionary, rows?: RowsToCome) {
    this.#reading = reading
    this.#writer = new VersionWriter(reading.statements, dictionary, rows)
    this.#rows = new LastRows(reading.statements, (type, id) => this.#writer.settle(type, id))
  }

  /** Whether something was written since `begin`: should the job be refused, the caller must take that back. */
  get wrote(): boolean {
    return this.#writer.wrote
  }

  /** A job begins. */
  begin(): void {
    this.#writer.wrote = false
  }

  /** Rows wait to be put in together: this must come before they are read. */
  flush(): void {
    this.#writer.flush()
  }

  /** The transaction ends. */
  rest(): void {
    this.#writer.rest()
  }

  /** What was written has been taken back. */
  forget(): void {
    this.#writer.forget()
    this.#rows.forget()
  }

  /** @param time milliseconds since 1970 */
  commit(commit: Commit, time: number): CommitResult {
    const { access, assertions, writes } = commit
    for (const [assertion, asserted] of assertions.entries()) {
      if (!this.#holds(asserted, access)) return { kind: 'matches-changed', assertion }
    }
    const changed = this.#labelsChanged(commit)
    if (changed !== undefined) return { kind: 'labels-changed', assertion: changed }
    const lasts: (Found | undefined)[] = []
    for (const [write, request] of writes.entries()) {
      const last = this.#last(request, isByServer(request) ? SEE_EVERYTHING : access)
      if (last?.visible === false) return { kind: 'hidden', write }
      const current = last?.live === true ? last.ver : undefined
      if (!isExpected(request, current)) return { kind: 'unexpected-version', write, current }
      lasts.push(last)
    }
    // Whoever sees everything will see what is put: only for others it must be there to tell.
    const foreseen = seesEverything(access)
    if (foreseen) {
      const missing = this.#missing(writes, access, writes)
      if (missing !== undefined) return missing
    }
    const results = this.#writer.write(writes, lasts, time)
    for (const key of writes) this.#changed(key)
    const missing = foreseen ? undefined : this.#missing(writes, access)
    return missing ?? { kind: 'committed', results }
  }

  /** How many of them were still at the version that they were made for. */
  replaceIndexes(items: readonly IndexReplacement[], how: IndexChange): number {
    let replaced = 0
    for (const { key, versionId, index } of items) {
      const last = this.#last(key, SEE_EVERYTHING)
      if (last?.live !== true || last.ver !== versionId) continue
      this.#writer.replaceIndex(key.type, last, index, how)
      this.#changed(key)
      replaced++
    }
    this.#writer.flush()
    return replaced
  }

  #holds({ type, where, ids }: MatchAssertion, access: AccessFilter): boolean {
    this.#writer.flush()
    if (asksForWords(where)) this.#takeInWords()
    const asserted = new Set(ids)
    const found = matches(this.#reading, type, where, asserted.size + 1, access)
    return found.length === asserted.size && found.every((id) => asserted.has(id))
  }

  #labelsChanged({ labels = [], referrers = [] }: Commit): ResourceKey | undefined {
    for (const asserted of labels) if (!labelsHold(asserted, this.#reading, this.#rows)) return asserted.key
    const flush = (): void => this.#writer.flush()
    return referrers.find((asserted) => !referrersHold(asserted, this.#reading, flush))?.key
  }

  #takeInWords(): void {
    const indexer = new TextIndexer(this.#reading.statements)
    for (let round = 0; round < TEXT_INDEX_ROUNDS; round++) if (indexer.step(TEXT_INDEX_BYTES)) return
    throw wordsNotKnown()
  }

  /** @param coming those of the writes that are still to be done */
  #missing(
    writes: Commit['writes'],
    access: AccessFilter,
    coming: Commit['writes'] = [],
  ): CommitResult | undefined {
    const end = coming.length > 1 ? endOf(coming) : undefined
    const one = coming.length === 1 ? coming[0] : undefined
    const isThere = (key: ResourceKey) =>
      one !== undefined && one.id === key.id && one.type === key.type
        ? one.kind === 'put'
        : (end?.get(keyOf(key)) ?? this.#isThere(key, access))
    for (const [write, request] of writes.entries()) {
      if (request.kind !== 'put' || request.mustExist.length === 0) continue
      const missing = request.mustExist.filter((key) => !isThere(key))
      if (missing.length > 0) return { kind: 'missing-references', write, missing }
    }
    return undefined
  }

  #isThere({ type: name, id }: ResourceKey, access: AccessFilter): boolean {
    const type = this.#reading.dictionary.type(name)
    if (type === undefined) return false
    if (seesEverything(access)) return this.#rows.kept(type, id)?.live === true
    const last = this.#last({ type: name, id }, access)
    return last !== undefined && last.live && last.visible
  }

  #last({ type: name, id }: ResourceKey, access: AccessFilter): Found | undefined {
    const { statements, dictionary } = this.#reading
    const type = dictionary.type(name)
    if (type === undefined) return undefined
    if (seesEverything(access)) {
      const last = this.#rows.at(type, id)
      return last && { ...last, visible: true }
    }
    this.#writer.settle(type, id)
    const visible = accessClause(access, { alias: 'r', type: { name }, of: 'resource' }, dictionary)
    const row = statements.row<[number, number, number, number, number, number]>(
      sql`SELECT r.rid, r.ver, r.seq, r.lu, r.live, ${visible} FROM res r WHERE r.type = ${type} AND r.id = ${id}`,
    )
    if (row === undefined) return undefined
    const [rid, ver, vid, lu, live, seen] = row
    return { rid, ver, vid, lu, live: live === 1, visible: seen === 1 }
  }

  #changed({ type: name, id }: ResourceKey): void {
    const type = this.#reading.dictionary.type(name)
    if (type !== undefined) this.#rows.changed(type, id)
  }
}

function isByServer(request: Put | Delete): boolean {
  return request.kind === 'put' && request.byServer === true
}

function keyOf({ type, id }: ResourceKey): string {
  return `${type}/${id}`
}

/** Whether each of these resources will be there. */
function endOf(writes: Commit['writes']): ReadonlyMap<string, boolean> {
  return new Map(writes.map((write) => [keyOf(write), write.kind === 'put']))
}
