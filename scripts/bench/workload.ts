// What a workload is: requests of one kind, what they must answer, and what the answer may cost.
import type { Request, Sending } from './load-client.ts'

export interface Workload {
  readonly name: string
  /** What the raw store does for the same: reading the bodies that the answers hold, or inserting rows. */
  readonly raw: 'read' | 'insert'
  /** Written by one request; 1 for what reads. */
  readonly resources: number
  readonly connections: number
  readonly status: number
  readonly expected?: Expected
  readonly goal?: Goal
  /** What each connection sends, over and over. @param round differs whenever it is measured anew */
  readonly plan: (url: string, round: number) => Plan | Promise<Plan>
}

export type Plan = (connection: number) => readonly Sending[]

/** In an answer: a Bundle's entries, or one resource. */
export interface Expected {
  readonly matches: number
  /** Entries that are there for the sake of others. */
  readonly included?: number
  readonly total?: number
}

/** A limit on a figure of the workload; `text` is for people. */
export type Goal =
  /** At most so much processor time a request. */
  | { readonly kind: 'cpu'; readonly ms: number }
  /** At least this part of the requests a second of a floor. */
  | { readonly kind: 'part'; readonly of: 'bare Fastify' | 'raw store'; readonly part: number }
  | { readonly kind: 'rate'; readonly resourcesPerSecond: number }
  /** No more processor time than another workload, but for noise. */
  | { readonly kind: 'as cheap as'; readonly workload: string; readonly times: number }

export const FHIR_JSON = { 'content-type': 'application/fhir+json' }

export function get(path: string): Request {
  return { method: 'GET', path: `/fhir/${path}` }
}

export function post(path: string, body: string): Request {
  return { method: 'POST', path: path === '' ? '/fhir' : `/fhir/${path}`, headers: FHIR_JSON, body }
}

/** Different requests that a connection sends. */
const VARIETY = 8

/** `count` requests a connection, made from numbers that differ between connections. */
export function several(make: (n: number, round: number) => Request, count = VARIETY): Workload['plan'] {
  return (_url, round) => (connection) =>
    Array.from({ length: count }, (_, i) => make(connection * count + i, round))
}
