// A thread that answers the searches which would hold up the main one; it reads what was committed when it begins.
import type { MessagePort } from 'node:worker_threads'
import { openConnection } from './connection.ts'
import { Dictionary } from './dictionary.ts'
import { requestFailed } from './failures.ts'
import { history } from './history.ts'
import { referrers } from './referrers.ts'
import { matches, search } from './search.ts'
import { Statements } from './statements.ts'
import { textIsCurrent } from './text-index.ts'
import type { Reading } from './versions.ts'
import type { ErrorCode, FhirError } from '../../fhir/errors.ts'
import type { AccessFilter } from '../access-filter.ts'
import type { ResourceKey } from '../commit.ts'
import type { Expression } from '../query/expression.ts'
import type { SearchQuery } from '../query/search-query.ts'
import type { HistoryPage, HistoryQuery, SearchPage, StoredVersion } from '../store.ts'

export interface ReaderData {
  readonly role: 'reader'
  readonly file: string
  readonly key: Uint8Array | undefined
  readonly pageBytes: number | undefined
  readonly mostExamined: number | undefined
  /** Shared: not 0 while the search at hand is to be given up. */
  readonly stop: Int32Array
}

export type ReadJob = { readonly access: AccessFilter; readonly asksForWords: boolean } & (
  | { readonly kind: 'search'; readonly query: SearchQuery }
  | { readonly kind: 'matches'; readonly type: string; readonly where: Expression; readonly limit: number }
  | { readonly kind: 'history'; readonly query: HistoryQuery }
  | {
      readonly kind: 'referrers'
      readonly key: ResourceKey
      readonly limit: number
      readonly behind: ResourceKey | undefined
    }
)

export type ToReader = ReadJob | { readonly kind: 'close' }

/** One behind the other, as long as `lengths` says; a version without a body has -1. */
interface Bodies {
  readonly bodies: ArrayBuffer
  readonly lengths: readonly number[]
}

export type FromReader =
  /** The bodies of the matches, then of what is included. */
  | ({ readonly kind: 'search'; readonly page: SearchPage } & Bodies)
  | ({ readonly kind: 'history'; readonly page: HistoryPage } & Bodies)
  | { readonly kind: 'matches'; readonly ids: readonly string[] }
  | { readonly kind: 'referrers'; readonly keys: readonly ResourceKey[] }
  /** The full-text table does not know all yet. */
  | { readonly kind: 'behind' }
  | {
      readonly kind: 'failed'
      readonly code: ErrorCode
      readonly issues: FhirError['issues']
      readonly detail: string | undefined
      readonly retryAfterSeconds: number | undefined
    }

export function runReader(data: ReaderData, port: MessagePort): void {
  const db = openConnection({ file: data.file, key: data.key, readonly: true })
  const statements = new Statements(db, data.mostExamined, data.stop)
  const { pageBytes } = data
  const reading: Reading = { statements, dictionary: new Dictionary(statements), pageBytes }

  port.on('message', (message: ToReader) => {
    if (message.kind === 'close') {
      db.close()
      port.close()
      return
    }
    let answer: FromReader
    try {
      db.prepare('BEGIN').run()
      answer = answerTo(message, reading)
    } catch (error) {
      const { code, issues, detail, retryAfterSeconds } = requestFailed(error)
      answer = { kind: 'failed', code, issues, detail, retryAfterSeconds }
    } finally {
      if (db.inTransaction) db.prepare('COMMIT').run()
    }
    port.postMessage(answer, 'bodies' in answer ? [answer.bodies] : [])
  })
}

function answerTo(job: ReadJob, reading: Reading): FromReader {
  if (job.asksForWords && !textIsCurrent(reading.statements)) return { kind: 'behind' }
  if (job.kind === 'matches')
    return { kind: 'matches', ids: matches(reading, job.type, job.where, job.limit, job.access) }
  if (job.kind === 'history') {
    const page = history(reading, job.query, job.access)
    return { kind: 'history', page: { ...page, versions: bare(page.versions) }, ...packed(page.versions) }
  }
  if (job.kind === 'referrers')
    return { kind: 'referrers', keys: referrers(reading, job.key, job.limit, job.behind) }
  const page = search(reading, job.query, job.access)
  return {
    kind: 'search',
    page: { ...page, matches: bare(page.matches), included: bare(page.included), memory: undefined },
    ...packed([...page.matches, ...page.included]),
  }
}

function bare(some: readonly StoredVersion[]): readonly StoredVersion[] {
  return some.map((version) => ({ ...version, body: undefined }))
}

function packed(versions: readonly StoredVersion[]): Bodies {
  const lengths = versions.map(({ body }) => body?.length ?? -1)
  const bodies = new Uint8Array(lengths.reduce((sum, length) => sum + Math.max(length, 0), 0))
  let at = 0
  for (const { body } of versions) {
    if (body === undefined) continue
    bodies.set(body, at)
    at += body.length
  }
  return { bodies: bodies.buffer, lengths }
}

/** The page with its bodies in place again. */
export function unpacked({ page, ...packed }: Extract<FromReader, { kind: 'search' }>): SearchPage {
  const filled = filler(packed)
  return { ...page, matches: filled(page.matches), included: filled(page.included), memory: [packed.bodies] }
}

export function unpackedHistory({ page, ...packed }: Extract<FromReader, { kind: 'history' }>): HistoryPage {
  return { ...page, versions: filler(packed)(page.versions) }
}

/** Gives the next versions, in the order in which they were packed, their bodies. */
function filler({ bodies, lengths }: Bodies): (some: readonly StoredVersion[]) => StoredVersion[] {
  let at = 0
  let nth = 0
  return (some) =>
    some.map((version) => {
      const length = lengths[nth++]!
      if (length < 0) return version
      const body = Buffer.from(bodies, at, length)
      at += length
      return { ...version, body }
    })
}
