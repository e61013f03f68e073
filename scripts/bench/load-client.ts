// The client that puts load on a server: one request at a time on each of many connections, kept alive. It is lean, as
// it shares the machine with what it measures; `--driver autocannon` does the same with a well-known tool, at twice
// the cost.
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Request {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A request to be sent as it is, or one that is new each time. */
export type Sending = Request | (() => Request)

export interface LoadOptions {
  /** Without a path. */
  readonly url: string
  readonly connections: number
  /** After these nothing more is sent; what is under way is waited for. */
  readonly seconds: number
  /** The only status that is not a failure. */
  readonly status: number
  /** Milliseconds between an answer and the next request of its connection. */
  readonly pauseMs?: number
  /** What each connection sends, in turn, over and over. */
  readonly sendings: (connection: number) => readonly Sending[]
}

export interface Load {
  /** Requests the server has worked on. */
  readonly answered: number
  readonly requestsPerSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

export type Driver = (options: LoadOptions) => Promise<Load>

const PATIENCE_MS = 60_000
const RECEIVE_BYTES = 65_536
const MOST_HEAD = 8192
const HEAD_END = '\r\n\r\n'
const LENGTH = 'content-length: '

/** @throws Error at the first answer that is not as it should be */
export const drive: Driver = async ({ url, connections, seconds, status, pauseMs = 0, sendings }) => {
  const { hostname, port, host } = new URL(url)
  const all: Connection[] = []
  try {
    for (let n = 0; n < connections; n++) all.push(await Connection.open(hostname, Number(port), status))
    const latencies: number[] = []
    const started = performance.now()
    const end = started + seconds * 1000
    await Promise.all(
      all.map(async (connection, n) => {
        const next = messages(sendings(n), host)
        for (let at = 0, sent = performance.now(); sent < end; at++, sent = performance.now()) {
          await connection.ask(next(at))
          latencies.push(performance.now() - sent)
          if (pauseMs > 0) await sleep(pauseMs)
        }
      }),
    )
    const elapsed = (performance.now() - started) / 1000
    const sorted = Float64Array.from(latencies).sort()
    const part = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? NaN
    return {
      answered: sorted.length,
      requestsPerSecond: sorted.length / elapsed,
      p50: part(0.5),
      p95: part(0.95),
      p99: part(0.99),
    }
  } finally {
    for (const connection of all) connection.close()
  }
}

/** Messages are made once, where a request is the same each time. */
function messages(sendings: readonly Sending[], host: string): (at: number) => Buffer {
  const made = sendings.map((it) => (typeof it === 'function' ? it : message(it, host)))
  return (at) => {
    const it = made[at % made.length]
    if (it === undefined) throw new Error('a connection has nothing to send')
    return typeof it === 'function' ? message(it(), host) : it
  }
}

function message({ method, path, headers = {}, body = '' }: Request, host: string): Buffer {
  const lines = [`${method} ${path} HTTP/1.1`, `host: ${host}`]
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  if (body !== '') lines.push(`content-length: ${Buffer.byteLength(body)}`)
  return Buffer.from(`${lines.join('\r\n')}${HEAD_END}${body}`)
}

class Connection {
  readonly #socket
  readonly #status: number
  #resolve: () => void = () => {}
  #reject: (error: Error) => void = () => {}
  /** Of an answer whose head is not whole yet. */
  #head = ''
  /** Bytes of its body that are to come. */
  #left = 0

  static open(hostname: string, port: number, status: number): Promise<Connection> {
    const connection = new Connection(hostname, port, status)
    return connection.#settled(() => {}).then(() => connection)
  }

  private constructor(host: string, port: number, status: number) {
    this.#status = status
    const buffer = Buffer.allocUnsafe(RECEIVE_BYTES)
    const onread = { buffer, callback: (bytes: number) => this.#received(buffer, bytes) }
    this.#socket = connect({ host, port, noDelay: true, onread })
    this.#socket.setTimeout(PATIENCE_MS, () => this.#socket.destroy(new Error('no answer came in time')))
    this.#socket.once('connect', () => this.#resolve())
    this.#socket.on('error', (error) => this.#reject(error))
    this.#socket.on('close', () => this.#reject(new Error('the server closed the connection')))
  }

  ask(message: Buffer): Promise<void> {
    return this.#settled(() => this.#socket.write(message))
  }

  close(): void {
    this.#socket.destroy()
  }

  #settled(begin: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      begin()
    })
  }

  #received(buffer: Buffer, bytes: number): boolean {
    if (this.#left > 0) this.#left -= bytes
    else {
      const before = this.#head.length
      const text = this.#head + buffer.toString('latin1', 0, Math.min(bytes, MOST_HEAD))
      const end = text.indexOf(HEAD_END)
      if (end < 0) {
        this.#head = text
        return true
      }
      this.#head = ''
      const length = contentLength(text.slice(0, end))
      if (Number(text.slice(9, 12)) !== this.#status || length === undefined) {
        this.#reject(new Error(`${this.#status} was expected, but: ${text.slice(0, 600)}`))
        return false
      }
      this.#left = length - (before + bytes - end - HEAD_END.length)
    }
    if (this.#left === 0) this.#resolve()
    return true
  }
}

function contentLength(head: string): number | undefined {
  const lower = head.toLowerCase()
  const at = lower.indexOf(LENGTH)
  return at < 0 ? undefined : Number.parseInt(lower.slice(at + LENGTH.length), 10)
}
