// Puts versions into the tables, with the index rows of what is current.
import { equalJson, parseJson } from '../../fhir/json/index.ts'
import { stampBody } from '../body.ts'
import type { Commit, Put, WriteResult } from '../commit.ts'
import type { ResourceIndex } from '../index-entry.ts'
import type { IndexChange } from '../store.ts'
import type { GrowingDictionary } from './dictionary.ts'
import { clearRows } from './index-clearing.ts'
import { commonOf, packIndex, readPacked, writePacked, type Common, type PackedIndex } from './index-rows.ts'
import { LastWritten } from './last-written.ts'
import { RowInserts, type NewVersion, type RowsToCome } from './row-inserts.ts'
import { DELETE, opOf } from './schema.ts'
import { sql } from './sql.ts'
import type { Statements } from './statements.ts'
import { replaceRows } from './table-rows.ts'

/** The last version of a resource as it stands, a deletion included. */
export interface Last {
  readonly rid: number
  readonly ver: number
  readonly vid: number
  readonly lu: number
  readonly live: boolean
}

export class VersionWriter {
  readonly #statements: Statements
  readonly #dictionary: GrowingDictionary
  readonly #inserts: RowsToCome
  readonly #lastWritten: LastWritten
  /** Set when something is written. */
  wrote = false

  constructor(
    statements: Statements,
    dictionary: GrowingDictionary,
    rows: RowsToCome = new RowInserts(statements),
  ) {
    this.#statements = statements
    this.#dictionary = dictionary
    this.#inserts = rows
    this.#lastWritten = new LastWritten(statements)
  }

  /** Rows wait to be put in together: to be called before they are read. */
  flush(): void {
    this.#inserts.flush()
  }

  /** The transaction ends. */
  rest(): void {
    this.#inserts.rest()
  }

  /** Puts in what waits of a resource that the transaction at hand has created. */
  settle(type: number, id: string): void {
    const rid = this.#dictionary.createdRid(type, id)
    if (rid !== undefined && this.#inserts.holds(rid)) this.#inserts.flushVersions()
  }

  /** What was written has been taken back. */
  forget(): void {
    this.#inserts.forget()
    this.#lastWritten.forget()
  }

  /** @param lasts of the resources written, in the same order; @param time milliseconds since 1970 */
  write(writes: Commit['writes'], lasts: readonly (Last | undefined)[], time: number): WriteResult[] {
    const lastUpdated = this.#lastWritten.notBefore(time)
    return writes.map((request, write) => {
      const last = lasts[write]
      return request.kind === 'put'
        ? this.#put(request, last, lastUpdated)
        : this.#delete(last?.live === true ? last : undefined, lastUpdated)
    })
  }

  replaceIndex(type: string, last: Last, index: ResourceIndex, how: IndexChange): void {
    this.wrote = true
    if (this.#inserts.holds(last.rid)) this.flush()
    const statements = this.#statements
    const { rid, vid } = last
    const after = packIndex(index, this.#dictionary.addType(type), this.#dictionary)
    const before = how === 'anew' ? this.#cleared(rid, after) : this.#packed(vid)
    const { pat, lab, dt, patients, labels } = commonOf(after)
    if (before.head !== after.head) {
      statements.run(sql`UPDATE res SET pat = ${pat}, lab = ${lab}, dt = ${dt} WHERE rid = ${rid}`)
      this.#replaceLists(rid, commonOf(after))
    }
    this.#replaceRows(rid, before, after)
    statements.run(
      sql`UPDATE version SET pat = ${pat}, lab = ${lab} WHERE vid = ${vid} AND (pat <> ${pat} OR lab <> ${lab})`,
    )
    statements.run(sql`DELETE FROM version_patient WHERE vid = ${vid}`)
    statements.run(sql`DELETE FROM version_label WHERE vid = ${vid}`)
    this.#insertLists('version', vid, patients, labels)
    statements.run(sql`UPDATE body SET rows = ${writePacked(after)} WHERE vid = ${vid}`)
  }

  #put(put: Put, last: Last | undefined, lastUpdated: number): WriteResult {
    const stored = last === undefined ? undefined : this.#stored(put, last)
    if (last !== undefined && stored?.isSame === true)
      return { outcome: 'unchanged', versionId: last.ver, lastUpdated: last.lu }
    this.wrote = true
    const dictionary = this.#dictionary
    const type = dictionary.addType(put.type)
    const rid = last?.rid ?? this.#lastWritten.nextRid()
    const vid = this.#nextVid(lastUpdated)
    const ver = (last?.ver ?? 0) + 1
    const updates = last?.live === true
    const op = opOf(updates ? 'update' : 'create', put.method)
    // Before its rows are made: a Patient is in its own compartment.
    if (last === undefined) dictionary.rememberRid(type, put.id, rid)
    const index = packIndex(put.index, type, dictionary)
    const common = commonOf(index)
    const version: NewVersion = { rid, vid, ver, type, lu: lastUpdated, op, common }
    if (last === undefined) {
      this.#inserts.addResource(put.id, version)
      this.#insertLists('res', rid, common.patients, common.labels)
    } else this.#updateResource(version, stored?.index, index)
    this.#replaceRows(rid, stored?.index, index)
    this.#inserts.addVersion(version, stampBody(put.body, ver, lastUpdated), writePacked(index))
    this.#insertLists('version', vid, common.patients, common.labels)
    return { outcome: updates ? 'updated' : 'created', versionId: ver, lastUpdated }
  }

  /** @param before what stands for it, unless it was deleted */
  #updateResource(version: NewVersion, before: PackedIndex | undefined, after: PackedIndex): void {
    const { rid, vid, ver, lu, op } = version
    const { pat, lab, dt } = version.common
    if (before?.head === after.head) {
      this.#statements.run(
        sql`UPDATE res SET ver = ${ver}, seq = ${vid}, lu = ${lu}, op = ${op}, live = 1 WHERE rid = ${rid}`,
      )
      return
    }
    this.#statements.run(
      sql`UPDATE res SET ver = ${ver}, seq = ${vid}, lu = ${lu}, op = ${op}, live = 1, pat = ${pat}, lab = ${lab}, dt = ${dt} WHERE rid = ${rid}`,
    )
    this.#replaceLists(rid, version.common, before && commonOf(before))
  }

  #delete(last: Last | undefined, lastUpdated: number): WriteResult {
    if (last === undefined) return { outcome: 'absent', versionId: 0, lastUpdated: 0 }
    this.wrote = true
    const statements = this.#statements
    const { rid } = last
    if (this.#inserts.holds(rid)) this.flush()
    const vid = this.#nextVid(lastUpdated)
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
    replaceRows(statements, rid, this.#packed(last.vid), undefined, this.#inserts)
    return { outcome: 'deleted', versionId: ver, lastUpdated }
  }

  #nextVid(lastUpdated: number): number {
    this.#lastWritten.wroteAt(lastUpdated)
    return this.#lastWritten.nextVid()
  }

  /** @param before undefined: whatever it is */
  #replaceLists(rid: number, { patients, labels }: Common, before?: Common): void {
    if (before?.patients.length !== 0) this.#statements.run(sql`DELETE FROM res_patient WHERE rid = ${rid}`)
    if (before?.labels.length !== 0) this.#statements.run(sql`DELETE FROM res_label WHERE rid = ${rid}`)
    this.#insertLists('res', rid, patients, labels)
  }

  #replaceRows(rid: number, before: PackedIndex | undefined, after: PackedIndex): void {
    replaceRows(this.#statements, rid, before, after, this.#inserts)
    // Contained resources take the numbers that follow.
    if (after.contained.length > 0) this.#lastWritten.forgetRid()
  }

  /** Patients where there are several, labels that have no bit: most resources have neither. */
  #insertLists(
    of: 'res' | 'version',
    key: number,
    patients: readonly number[],
    labels: readonly number[],
  ): void {
    const statements = this.#statements
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

  /** What is left of an index of which every row is taken away, whatever was written of it. */
  #cleared(rid: number, after: PackedIndex): PackedIndex {
    this.flush()
    return { head: '', common: commonOf(after), rows: [], contained: clearRows(this.#statements, rid) }
  }

  /** Of the version that stands, unless that is a deletion. */
  #stored(
    { body }: Put,
    { rid, vid, ver, lu, live }: Last,
  ): { readonly index: PackedIndex; readonly isSame: boolean } | undefined {
    if (this.#inserts.holds(rid)) this.flush()
    if (!live) return undefined
    const stamped = stampBody(body, ver, lu)
    const [rows, stored] = this.#statements.row<[string, Buffer | null]>(
      sql`SELECT rows, CASE WHEN length(body) = ${stamped.length} THEN body END FROM body WHERE vid = ${vid}`,
    )!
    const isSame =
      stored !== null && (stored.equals(stamped) || equalJson(parseJson(stored), parseJson(stamped)))
    return { index: readPacked(rows), isSame }
  }

  #packed(vid: number): PackedIndex {
    return readPacked(this.#statements.value<string>(sql`SELECT rows FROM body WHERE vid = ${vid}`)!)
  }
}
