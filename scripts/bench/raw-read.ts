// The floor of a read: the bodies that an answer holds, read from the same rows by the driver alone.
import Database from 'better-sqlite3-multiple-ciphers'
import type { Answer, VersionKey } from './expected.ts'
import type { Sample } from './measure.ts'

const FIND = `
  SELECT version.vid FROM type JOIN res ON res.type = type.code
  JOIN version ON version.rid = res.rid
  WHERE type.name = ? AND res.id = ? AND version.ver = ?`
const READ_ONE = 'SELECT body FROM body WHERE vid = ?'
const READ = 'SELECT body FROM body WHERE vid IN (SELECT value FROM json_each(?))'
/** The clock is looked at once in so many requests. */
const STEPS = 16

export class RawReads {
  readonly #db

  /** @param file of a database that no server has open */
  constructor(file: string) {
    this.#db = new Database(file, { readonly: true })
    this.#db.pragma('cache_size = -65536')
  }

  close(): void {
    this.#db.close()
  }

  /** A request here is the bodies of one answer, one answer after the other, over and over. */
  measure(answers: readonly Answer[], seconds: number): Sample {
    const one = this.#db.prepare(READ_ONE)
    const several = this.#db.prepare(READ)
    const wanted = answers.map(({ holds }) => holds.map((key) => this.#find(key)))
    const requests = wanted.map((vids) => {
      const [vid] = vids
      const alone = vids.length === 1 && vid !== undefined
      return alone ? () => [one.get(vid)] : () => several.all(JSON.stringify(vids))
    })
    let done = 0
    const cpu = process.cpuUsage()
    const started = performance.now()
    const end = started + seconds * 1000
    while (performance.now() < end)
      for (let step = 0; step < STEPS; step++, done++) {
        const at = done % requests.length
        if (requests[at]?.().length !== wanted[at]?.length) throw new Error('a body is not there')
      }
    const elapsed = (performance.now() - started) / 1000
    const { user, system } = process.cpuUsage(cpu)
    return { requestsPerSecond: done / elapsed, cpuMsPerRequest: (user + system) / 1000 / done }
  }

  #find({ type, id, version }: VersionKey): number {
    const row = this.#db.prepare(FIND).get(type, id, Number(version)) as { readonly vid: number } | undefined
    if (row === undefined) throw new Error(`${type}/${id} has no version ${version} in the raw store`)
    return row.vid
  }
}
