// Answers of one piece: head and body side by side in one Buffer, handed to the socket at once. Node's writeHead would
// check, join and match every header anew for each answer, and send head and body apart: more than all else of a read
// (ig/decisions/0017-answers-in-one-piece.md).
import type { ServerResponse } from 'node:http'
import { createHttpDate } from './http-date.ts'

/**
 * What holds one piece, and is kept until all of that is taken; bytes. A body that does not fit is sent as Node does
 * it: to copy it would cost more.
 */
export const ROOM_BYTES = 32 * 1024
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
/** Node's own: of a class derived from it, others may want to see what is written. Not imported: see whole-body.ts. */
const { ServerResponse: Plain, STATUS_CODES } = process.getBuiltinModule('node:http')

/** The two fields in which Node keeps the head, and whether it has been sent. */
interface Inside {
  _header: string
  _headerSent: boolean
}

export class OnePiece {
  readonly #constant: string
  readonly #httpDate = createHttpDate()
  /** Up to the headers of the very answer, by status and Content-Type; both are of the server's few. */
  readonly #beginnings = new Map<number, Map<string, string>>()
  #room = Buffer.allocUnsafeSlow(ROOM_BYTES)

  /**
   * @param constant headers of every answer with a body: name, value, name, value
   * @param keepAliveMs as the server's keepAliveTimeout
   */
  constructor(constant: readonly string[], keepAliveMs: number) {
    const kept = keepAliveMs > 0 ? ['Keep-Alive', `timeout=${Math.floor(keepAliveMs / 1000)}`] : []
    this.#constant = lines([...constant, 'Connection', 'keep-alive', ...kept])
  }

  /**
   * Whether it has sent the whole answer, with the headers that Node adds. It does where the connection stays open
   * and waits for this answer; the rest is Node's to do.
   * @param headers the answer's own: name, value, name, value
   * @param further headers that are known to be well-formed
   * @param now milliseconds since 1970
   */
  send(
    response: ServerResponse,
    status: number,
    contentType: string,
    headers: readonly string[],
    further: readonly string[],
    body: Buffer,
    now: number,
  ): boolean {
    const { req, socket } = response
    if (
      body.length > ROOM_BYTES ||
      socket === null ||
      !socket.writable ||
      !response.shouldKeepAlive ||
      req.httpVersionMinor !== 1 ||
      req.method === 'HEAD' ||
      Object.getPrototypeOf(response) !== Plain.prototype
    )
      return false
    let head = this.#beginning(status, contentType)
    for (let at = 0; at < headers.length; at += 2) {
      const name = headers[at] as string
      const value = headers[at + 1] as string
      if (name === 'Connection' || !FIELD_VALUE.test(value)) return false
      head += `${name}: ${value}\r\n`
    }
    for (let at = 0; at < further.length; at += 2) head += `${further[at]}: ${further[at + 1]}\r\n`
    head += `Content-Length: ${body.length}\r\nDate: ${this.#httpDate(now)}\r\n\r\n`
    const length = head.length + body.length
    if (length > ROOM_BYTES) return false
    const room = this.#room
    room.write(head, 0, 'latin1')
    room.set(body, head.length)
    const inside = response as unknown as Inside
    // Not empty: else Node would make one.
    inside._header = head
    inside._headerSent = true
    response.statusCode = status
    response.end(room.subarray(0, length))
    // What the system has not taken yet stands in it until it is sent.
    if (response.writableLength > 0) this.#room = Buffer.allocUnsafeSlow(ROOM_BYTES)
    return true
  }

  #beginning(status: number, contentType: string): string {
    const known = this.#beginnings.get(status)?.get(contentType)
    if (known !== undefined) return known
    const text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n${this.#constant}Content-Type: ${contentType}\r\n`
    const ofStatus = this.#beginnings.get(status)
    if (ofStatus === undefined) this.#beginnings.set(status, new Map([[contentType, text]]))
    else ofStatus.set(contentType, text)
    return text
  }
}

function lines(headers: readonly string[]): string {
  let text = ''
  for (let at = 0; at < headers.length; at += 2) text += `${headers[at]}: ${headers[at + 1]}\r\n`
  return text
}
