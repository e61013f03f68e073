// How the tests of searches ask a whole server on a real store, and look at what comes.
import type { Test } from 'tap'
import { PRACTICE } from '../search/practice.ts'
import { BASE, startSqliteServer, type Reply, type TestServer } from './server.ts'

export const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

type Options = Parameters<typeof startSqliteServer>[1]

export async function practice(t: Test, options: Options = {}): Promise<TestServer> {
  const server = await startSqliteServer(t, options)
  await write(server, ...PRACTICE([]))
  return server
}

export async function write(server: TestServer, ...resources: readonly object[]): Promise<void> {
  for (const resource of resources as readonly { resourceType: string; id: string }[]) {
    const reply = await server.ask(`PUT ${resource.resourceType}/${resource.id}`, resource)
    if (reply.status > 201) throw new Error(reply.text)
  }
}

export interface Entry {
  readonly fullUrl: string
  readonly resource: { readonly resourceType: string; readonly id: string }
  readonly search: { readonly mode: string }
}

export function entries(reply: Reply): readonly Entry[] {
  if (reply.status !== 200) throw new Error(reply.text)
  return reply.json.entry ?? []
}

/** `Type/id` of the matches, in order. */
export function places(reply: Reply): string[] {
  return entries(reply)
    .filter(({ search }) => search.mode === 'match')
    .map(({ fullUrl }) => fullUrl.slice(BASE.length + 1))
}

export function included(reply: Reply): string[] {
  return entries(reply)
    .filter(({ search }) => search.mode === 'include')
    .map(({ fullUrl }) => fullUrl.slice(BASE.length + 1))
    .sort()
}

export function link(reply: Reply, relation: string): string | undefined {
  return reply.json.link.find((it: { relation: string }) => it.relation === relation)?.url
}

export function follow(server: TestServer, url: string | undefined): Promise<Reply> {
  if (url === undefined) throw new Error('there is no such link')
  return server.ask(`GET ${url.slice(BASE.length).replace(/^\//, '')}`)
}

export function get(server: TestServer, search: string, prefer?: string): Promise<Reply> {
  const path = search.replaceAll(' ', '%20').replaceAll('"', '%22')
  return server.ask(`GET ${path}`, undefined, prefer === undefined ? {} : { prefer })
}

/** Each search with what it finds, in whatever order. */
export async function finds(
  t: Test,
  server: TestServer,
  cases: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  for (const [search, found] of Object.entries(cases))
    t.same(places(await get(server, search)).sort(), [...found].sort(), search)
}

/** Each search with what its refusal must say. */
export async function refuses(
  t: Test,
  server: TestServer,
  status: number,
  cases: Readonly<Record<string, RegExp>>,
): Promise<void> {
  for (const [search, told] of Object.entries(cases)) {
    const reply = await get(server, search)
    t.equal(reply.status, status, search)
    t.match(reply.json, { resourceType: 'OperationOutcome' }, search)
    t.match(reply.json.issue[0].diagnostics, told, search)
  }
}
