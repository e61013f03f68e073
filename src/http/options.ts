// What the HTTP server is built from; handed in by the composition root.
import type { Logger } from 'pino'
import type { Repository } from '../repository/index.ts'
import type { RestContext } from '../rest/index.ts'
import type { Asker } from '../store/index.ts'
import type { Gauge } from './metrics.ts'

export interface HttpOptions {
  readonly rest: RestContext
  /** Who asks decides what is seen; may refuse with FhirError `forbidden`. */
  readonly repositoryFor: (caller: Caller) => Repository | Promise<Repository>
  readonly logger: Logger
  /** Where FHIR is mounted; `/fhir` unless said. */
  readonly basePath?: string
  readonly limits?: Partial<HttpLimits>
  /** Origins of browser apps that may call, such as `https://app.example.org`; `*` for any. None unless said. */
  readonly corsOrigins?: readonly string[] | '*'
  /** Names by which the server may be addressed, without port; any when not given. Needed where nobody has to log in. */
  readonly allowedHosts?: readonly string[]
  /** Of the software, for the page at the root. */
  readonly version: string
  /** For request ids: a text without spaces that no other process has. */
  readonly newId: () => string
  /** Whether requests can be served: false while what they need fails. */
  readonly ready?: () => boolean
  /** What /readyz says beside whether it is ready, a line each. */
  readonly notes?: () => readonly string[]
  /** Further values for /metrics, such as the length of the store's queue. */
  readonly gauges?: () => readonly Gauge[]
  /** Further documents by path, such as `/openapi.json`; their bytes are asked for at each request. */
  readonly documents?: ReadonlyMap<string, HttpDocument>
}

export interface Caller {
  readonly authorization: string | undefined
  readonly asker: Asker
}

export interface HttpDocument {
  readonly mediaType: string
  readonly body: () => Buffer
}

export interface HttpLimits {
  /** Largest body, compressed and decompressed alike. */
  readonly bodyBytes: number
  /** From the first byte of a request to its last. */
  readonly requestTimeoutMs: number
  readonly headersTimeoutMs: number
  /** How long an idle connection is kept. */
  readonly keepAliveMs: number
  /** FHIR requests at work at the same time; beyond it 503. */
  readonly maxInFlight: number
  /** Sum of the bodies of all requests at work; beyond it 503. A body of undeclared length counts as the largest. */
  readonly bodyBytesInFlight: number
  /** Of bodies of a megabyte and more at work at the same time, one always; others wait. */
  readonly largeBodyBytesAtWork: number
  /** How often connections are checked for the timeouts. */
  readonly timeoutCheckMs: number
  /** Connections at the same time; a further one is ended at once. */
  readonly maxConnections: number
  /** Requests that one connection may send ahead of answers; beyond it 503. */
  readonly maxAhead: number
  /** From the moment a request has come to its answer; then 503. */
  readonly answerTimeoutMs: number
  /** Bytes of answers that clients have not taken yet, in all; beyond it whoever has most is cut off. */
  readonly unsentBytes: number
  /** A client may take so long for its answer, whatever its size is. */
  readonly sendGraceMs: number
  /** And beyond that it must take so many bytes a second, or is cut off. */
  readonly sendBytesPerSecond: number
}

export const DEFAULT_LIMITS: HttpLimits = Object.freeze({
  bodyBytes: 50 * 1024 * 1024,
  requestTimeoutMs: 60_000,
  headersTimeoutMs: 15_000,
  keepAliveMs: 72_000,
  maxInFlight: 1000,
  bodyBytesInFlight: 400 * 1024 * 1024,
  largeBodyBytesAtWork: 64 * 1024 * 1024,
  timeoutCheckMs: 5_000,
  maxConnections: 5_000,
  maxAhead: 64,
  answerTimeoutMs: 120_000,
  unsentBytes: 256 * 1024 * 1024,
  sendGraceMs: 30_000,
  sendBytesPerSecond: 16 * 1024,
})
