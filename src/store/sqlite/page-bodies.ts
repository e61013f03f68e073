// The bodies of a page, all at once: SQLite puts them one behind the other, for a buffer apiece costs more than to read one.
import { sql } from './sql.ts'
import type { Statements } from './statements.ts'

/** Where a body is, and how many bytes it has. */
export interface BodyPlace {
  readonly vid: number
  readonly bytes: number
}

/** Beyond it a page ends early: a thousand scanned documents would not fit into memory. */
export const MOST_PAGE_BYTES = 32 * 1024 * 1024

/** In microseconds, roughly. */
const COST_OF_A_BYTE = 0.0005

/** How many of these bodies, from the first on, a page may hold: one at least, where there is one. */
export function fitting(places: readonly BodyPlace[], mostBytes = MOST_PAGE_BYTES): number {
  return endOf(places, 0, mostBytes)
}

export interface Bodies {
  /** In the order of their places. */
  readonly bodies: readonly Buffer[]
  /** What they stand in, and nothing else does. */
  readonly memory: readonly ArrayBuffer[]
}

/** All of them are there. */
export function bodiesAt(statements: Statements, places: readonly BodyPlace[]): Bodies {
  const bodies: Buffer[] = []
  const memory: ArrayBuffer[] = []
  for (let start = 0; start < places.length; ) {
    const end = endOf(places, start, MOST_PAGE_BYTES)
    const some = places.slice(start, end)
    const bytes = some.reduce((sum, one) => sum + one.bytes, 0)
    statements.work.spend(bytes * COST_OF_A_BYTE)
    const joined = joinedBodies(statements, some)
    // The driver makes one for each value; a Buffer of Node's own pool would be a part of what others stand in.
    if (joined.length === joined.buffer.byteLength) memory.push(joined.buffer)
    let at = 0
    for (const { bytes } of some) bodies.push(joined.subarray(at, (at += bytes)))
    start = end
  }
  return { bodies, memory }
}

function endOf(places: readonly BodyPlace[], start: number, mostBytes: number): number {
  let bytes = 0
  for (let at = start; at < places.length; at++) {
    bytes += places[at]!.bytes
    if (at > start && bytes > mostBytes) return at
  }
  return places.length
}

/** The places' table is the outer one of a CROSS JOIN, so that its order is that of the bodies; to sort them would copy each. */
function joinedBodies(statements: Statements, places: readonly BodyPlace[]): Buffer<ArrayBuffer> {
  return statements.value<Buffer<ArrayBuffer>>(
    places.length === 1
      ? sql`SELECT body FROM body WHERE vid = ${places[0]!.vid}`
      : sql`SELECT CAST(group_concat(b.body, '') AS BLOB) FROM json_each(${JSON.stringify(places.map(({ vid }) => vid))}) j CROSS JOIN body b ON b.vid = j.value`,
  )!
}
