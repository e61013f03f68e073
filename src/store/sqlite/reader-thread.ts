// A thread that answers the searches which would hold up the main one; it reads what was committed when it begins.
import type { MessagePort } from 'node:worker_threads'
import { openConnection } from './connection.ts'
import { Cursors } from './cursor.ts'
import { Dictionary } from './dictionary.ts'
import { requestFailed } from './failures.ts'
import { matches, search } from './search.ts'
import { Statements } from './statements.ts'
import { textIsCurrent } from './text-index.ts'
import type { Reading } from './versions.ts'
import type { ErrorCode, FhirError } from '../../fhir/errors.ts'
import type { AccessFilter } from '../access-filter.ts'
import type { Expression } from '../query/expression.ts'
import type { SearchQuery } from '../query/search-query.ts'
import type { SearchPage, StoredVersion } from '../store.ts'

export interface ReaderData {
  readonly role: 'reader'
  readonly file: string
  readonly key: Uint8Array | undefined
  /** 32 bytes, see cursor.ts. */
  readonly cursorKey: Uint8Array
  readonly pageBytes: number | undefined
  readonly mostExamined: number | undefined
  /** Shared: not 0 while the search at hand is to be given up. */
  readonly stop: Int32Array
}

export type ReadJob = { readonly access: AccessFilter; readonly asksForWords: boolean } & (
  | { readonly kind: 'search'; readonly query: SearchQuery }
  | { readonly kind: 'matches'; readonly type: string; readonly where: Expression; readonly limit: number }
)

export type ToReader = ReadJob | { readonly kind: 'close' }

export type FromReader =
  /** `bodies`: those of the matches, then of what is included, one behind the other, as long as `lengths` says. */
  | {
      readonly kind: 'search'
      readonly page: SearchPage
      readonly bodies: ArrayBuffer
      readonly lengths: readonly number[]
    }
  | { readonly kind: 'matches'; readonly ids: readonly string[] }
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
  const cursors = new Cursors(data.cursorKey)
  const reading: Reading = { statements, dictionary: new Dictionary(statements), cursors, pageBytes }

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
    port.postMessage(answer, answer.kind === 'search' ? [answer.bodies] : [])
  })
}

function answerTo(job: ReadJob, reading: Reading): FromReader {
  if (job.asksForWords && !textIsCurrent(reading.statements)) return { kind: 'behind' }
  if (job.kind === 'matches')
    return { kind: 'matches', ids: matches(reading, job.type, job.where, job.limit, job.access) }
  const page = search(reading, job.query, job.access)
  const versions = [...page.matches, ...page.included]
  const lengths = versions.map(({ body }) => body?.length ?? 0)
  const bodies = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0))
  let at = 0
  for (const { body } of versions) {
    if (body === undefined) continue
    bodies.set(body, at)
    at += body.length
  }
  const bare = (some: readonly StoredVersion[]) => some.map((version) => ({ ...version, body: undefined }))
  return {
    kind: 'search',
    page: { ...page, matches: bare(page.matches), included: bare(page.included) },
    bodies: bodies.buffer,
    lengths,
  }
}

/** The page with its bodies in place again; a match always has one. */
export function unpacked({ page, bodies, lengths }: Extract<FromReader, { kind: 'search' }>): SearchPage {
  let at = 0
  let nth = 0
  const filled = (some: readonly StoredVersion[]) =>
    some.map((version) => {
      const body = Buffer.from(bodies, at, lengths[nth])
      at += lengths[nth++]!
      return { ...version, body }
    })
  return { ...page, matches: filled(page.matches), included: filled(page.included) }
}
