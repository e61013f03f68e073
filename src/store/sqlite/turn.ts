// One commit's turn within the writer's transaction: assertions, expectations, writes, references.
import { equalJson, parseJson } from '../../fhir/json/index.ts'
import { stampBody } from '../body.ts'
import { accessClause } from './access-clause.ts'
import type { GrowingDictionary } from './dictionary.ts'
import { commonOf, packIndex, readPacked, writePacked, type PackedIndex } from './index-rows.ts'
import type { IndexReplacement } from './jobs.ts'
import { DELETE, opOf } from './schema.ts'
import { matches } from './search.ts'
import { sql } from './sql.ts'
import { replaceRows } from './table-rows.ts'
import { asksForWords, TEXT_INDEX_BYTES, TEXT_INDEX_ROUNDS, wordsNotKnown } from './text-index.ts'
import { TextIndexer } from './text-indexer.ts'
import type { Reading } from './versions.ts'
import type { AccessFilter } from '../access-filter.ts'
import type {
  Commit,
  CommitResult,
  Delete,
  MatchAssertion,
  Put,
  ResourceKey,
  WriteResult,
} from '../commit.ts'

/** The last version of a resource as it stands, a deletion included. */
interface Last {
  readonly rid: number
  readonly ver: number
  readonly vid: number
  readonly lu: number
  readonly live: boolean
  readonly visible: boolean
}

export class Turn {
  readonly #reading: Reading
  readonly #dictionary: GrowingDictionary

  constructor(reading: Reading, dictionary: GrowingDictionary) {
    this.#reading = reading
    this.#dictionary = dictionary
  }

  /** Unless the result is `committed`, the caller must take back what was written. @param time milliseconds since 1970 */
  commit(commit: Commit, time: number): CommitResult {
    const { access, assertions, writes } = commit
    for (const [assertion, asserted] of assertions.entries()) {
      if (!this.#holds(asserted, access)) return { kind: 'matches-changed', assertion }
    }
    const lastUpdated = Math.max(time, this.#latest())
    const results: WriteResult[] = []
    for (const [write, request] of writes.entries()) {
      const last = this.#last(request, access)
      if (last?.visible === false) return { kind: 'hidden', write }
      const current = last?.live === true ? last.ver : undefined
      if (!isExpected(request, current)) return { kind: 'unexpected-version', write, current }
      results.push(
        request.kind === 'put'
          ? this.#put(request, last, lastUpdated)
          : this.#delete(last?.live === true ? last : undefined, lastUpdated),
      )
    }
    for (const [write, request] of writes.entries()) {
      if (request.kind !== 'put') continue
      const missing = request.mustExist.filter((key) => !this.#isThere(key, access))
      if (missing.length > 0) return { kind: 'missing-references', write, missing }
    }
    return { kind: 'committed', results }
  }

  /** How many of them were still at the version that they were made for. */
  replaceIndexes(items: readonly IndexReplacement[]): number {
    let replaced = 0
    for (const { key, versionId, index } of items) {
      const last = this.#last(key, { anyOf: [] })
      if (last?.live !== true || last.ver !== versionId) continue
      const before = this.#packed(last.vid)
      const after = packIndex(index, this.#dictionary.addType(key.type), this.#dictionary)
      this.#index(last.rid, last.vid, before, after)
      const { statements } = this.#reading
      statements.run(sql`UPDATE body SET rows = ${writePacked(after)} WHERE vid = ${last.vid}`)
      replaced++
    }
    return replaced
  }

  #holds({ type, where, ids }: MatchAssertion, access: AccessFilter): boolean {
    if (asksForWords(where)) this.#takeInWords()
    const asserted = new Set(ids)
    const found = matches(this.#reading, type, where, asserted.size + 1, access)
    return found.length === asserted.size && found.every((id) => asserted.has(id))
  }

  #takeInWords(): void {
    const indexer = new TextIndexer(this.#reading.statements)
    for (let round = 0; round < TEXT_INDEX_ROUNDS; round++) if (indexer.step(TEXT_INDEX_BYTES)) return
    throw wordsNotKnown()
  }

  #last(key: ResourceKey, access: AccessFilter): Last | undefined {
    const { statements, dictionary } = this.#reading
    const type = dictionary.type(key.type)
    if (type === undefined) return undefined
    const visible = accessClause(access, { alias: 'r', type: { name: key.type }, of: 'resource' }, dictionary)
    const row = statements.row<[number, number, number, number, number, number]>(
      sql`SELECT r.rid, r.ver, r.seq, r.lu, r.live, ${visible} FROM res r WHERE r.type = ${type} AND r.id = ${key.id}`,
    )
    return (
      row && {
        rid: row[0],
        ver: row[1],
        vid: row[2],
        lu: row[3],
        live: row[4] === 1,
        visible: row[5] === 1,
      }
    )
  }

  #isThere(key: ResourceKey, access: AccessFilter): boolean {
    const last = this.#last(key, access)
    return last !== undefined && last.live && last.visible
  }

  #put(put: Put, last: Last | undefined, lastUpdated: number): WriteResult {
    const { statements } = this.#reading
    const dictionary = this.#dictionary
    if (last?.live === true && this.#isSame(put, last)) {
      return { outcome: 'unchanged', versionId: last.ver, lastUpdated: last.lu }
    }
    const type = dictionary.addType(put.type)
    const rid = last?.rid ?? statements.value<number>(sql`SELECT coalesce(max(rid), 0) + 1 FROM res`)!
    const vid = this.#nextVid()
    const ver = (last?.ver ?? 0) + 1
    const updates = last?.live === true
    const op = opOf(updates ? 'update' : 'create', put.method)
    // Before its rows are made: a Patient is in its own compartment.
    if (last === undefined) dictionary.rememberRid(type, put.id, rid)
    const index = packIndex(put.index, type, dictionary)
    const { pat, lab, dt } = commonOf(index)
    statements.run(
      last === undefined
        ? sql`INSERT INTO res (rid, type, id, ver, seq, lu, op, live, pat, lab, dt) VALUES (${rid}, ${type}, ${put.id}, ${ver}, ${vid}, ${lastUpdated}, ${op}, 1, ${pat}, ${lab}, ${dt})`
        : sql`UPDATE res SET ver = ${ver}, seq = ${vid}, lu = ${lastUpdated}, op = ${op}, live = 1 WHERE rid = ${rid}`,
    )
    statements.run(
      sql`INSERT INTO version (vid, rid, ver, type, lu, op, pat, lab) VALUES (${vid}, ${rid}, ${ver}, ${type}, ${lastUpdated}, ${op}, ${pat}, ${lab})`,
    )
    statements.run(
      sql`INSERT INTO body (vid, body, rows) VALUES (${vid}, ${stampBody(put.body, ver, lastUpdated)}, ${writePacked(index)})`,
    )
    if (last === undefined) this.#insertIndex(rid, vid, index)
    else this.#index(rid, vid, last.live ? this.#packed(last.vid) : undefined, index)
    return { outcome: updates ? 'updated' : 'created', versionId: ver, lastUpdated }
  }

  #delete(last: Last | undefined, lastUpdated: number): WriteResult {
    if (last === undefined) return { outcome: 'absent', versionId: 0, lastUpdated: 0 }
    const { statements } = this.#reading
    const { rid } = last
    const vid = this.#nextVid()
    const ver = last.ver + 1
    // The deletion is seen by whoever saw what was deleted.
    statements.run(
      sql`INSERT INTO version (vid, rid, ver, type, lu, op, pat, lab) SELECT ${vid}, rid, ${ver}, type, ${lastUpdated}, ${DELETE}, pat, lab FROM res WHERE rid = ${rid}`,
    )
    statements.run(
      sql`INSERT INTO version_patient (vid, pat) SELECT ${vid}, pat FROM res_patient WHERE rid = ${rid}`,
    )
    statements.run(
      sql`INSERT INTO version_label (vid, label) SELECT ${vid}, label FROM res_label WHERE rid = ${rid}`,
    )
    statements.run(
      sql`UPDATE res SET ver = ${ver}, seq = ${vid}, lu = ${lastUpdated}, op = ${DELETE}, live = 0 WHERE rid = ${rid}`,
    )
    replaceRows(statements, rid, this.#packed(last.vid), undefined)
    return { outcome: 'deleted', versionId: ver, lastUpdated }
  }

  /** The index of a new resource, whose rows in `res` and `version` say pat, lab and dt already. */
  #insertIndex(rid: number, vid: number, index: PackedIndex): void {
    const { statements } = this.#reading
    const { patients, labels } = commonOf(index)
    replaceRows(statements, rid, undefined, index)
    this.#insertLists('res', rid, patients, labels)
    this.#insertLists('version', vid, patients, labels)
  }

  /** Puts the index of this version in place of what stands for the resource now. */
  #index(rid: number, vid: number, before: PackedIndex | undefined, after: PackedIndex): void {
    const { statements } = this.#reading
    const { pat, lab, dt, patients, labels } = commonOf(after)
    if (before?.head !== after.head) {
      statements.run(sql`UPDATE res SET pat = ${pat}, lab = ${lab}, dt = ${dt} WHERE rid = ${rid}`)
      statements.run(sql`DELETE FROM res_patient WHERE rid = ${rid}`)
      statements.run(sql`DELETE FROM res_label WHERE rid = ${rid}`)
      this.#insertLists('res', rid, patients, labels)
    }
    replaceRows(statements, rid, before, after)
    if (before !== undefined) {
      statements.run(
        sql`UPDATE version SET pat = ${pat}, lab = ${lab} WHERE vid = ${vid} AND (pat <> ${pat} OR lab <> ${lab})`,
      )
      statements.run(sql`DELETE FROM version_patient WHERE vid = ${vid}`)
      statements.run(sql`DELETE FROM version_label WHERE vid = ${vid}`)
    }
    this.#insertLists('version', vid, patients, labels)
  }

  /** Patients where there are several, labels that have no bit: most resources have neither. */
  #insertLists(
    of: 'res' | 'version',
    key: number,
    patients: readonly number[],
    labels: readonly number[],
  ): void {
    const { statements } = this.#reading
    const isResource = of === 'res'
    for (const patient of patients)
      statements.run(
        isResource
          ? sql`INSERT INTO res_patient (rid, pat) VALUES (${key}, ${patient})`
          : sql`INSERT INTO version_patient (vid, pat) VALUES (${key}, ${patient})`,
      )
    for (const label of labels)
      statements.run(
        isResource
          ? sql`INSERT INTO res_label (rid, label) VALUES (${key}, ${label})`
          : sql`INSERT INTO version_label (vid, label) VALUES (${key}, ${label})`,
      )
  }

  #isSame({ body }: Put, { vid, ver, lu }: Last): boolean {
    const stored = this.#reading.statements.value<Buffer>(sql`SELECT body FROM body WHERE vid = ${vid}`)!
    const stamped = stampBody(body, ver, lu)
    if (stored.length !== stamped.length) return false
    return stored.equals(stamped) || equalJson(parseJson(stored), parseJson(stamped))
  }

  #packed(vid: number): PackedIndex {
    return readPacked(this.#reading.statements.value<string>(sql`SELECT rows FROM body WHERE vid = ${vid}`)!)
  }

  #nextVid(): number {
    return this.#reading.statements.value<number>(sql`SELECT coalesce(max(vid), 0) + 1 FROM version`)!
  }

  /** When the last version was written: times never decrease. */
  #latest(): number {
    return this.#reading.statements.value<number>(sql`SELECT lu FROM version ORDER BY vid DESC LIMIT 1`) ?? 0
  }
}

function isExpected({ expect }: Put | Delete, current: number | undefined): boolean {
  switch (expect.kind) {
    case 'any':
      return true
    case 'absent':
      return current === undefined
    case 'version':
      return current === expect.versionId
  }
}
