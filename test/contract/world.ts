// The small words that the contract tests are written in: resources that are their own index, puts and commits.
import { setTimeout as pause } from 'node:timers/promises'
import type { TAP } from 'tap'
import {
  and,
  SEE_EVERYTHING,
  searchQuery,
  type AccessFilter,
  type BodyTemplate,
  type Commit,
  type CommitResult,
  type ContainedIndex,
  type Delete,
  type Expectation,
  type HistoryPage,
  type HistoryQuery,
  type IndexEntry,
  type MatchAssertion,
  type Put,
  type ResourceIndex,
  type ResourceKey,
  type SearchPage,
  type SecurityLabel,
  type Store,
  type StoredVersion,
} from '../../src/store/index.ts'

export interface OpenOptions {
  /** A file that `backup` of this kind of store wrote; a store of its own, empty, when absent. */
  readonly file?: string | undefined
  /** Milliseconds since 1970. */
  readonly now?: (() => number) | undefined
}

export type OpenStore = (options?: OpenOptions) => Promise<Store>

export const ANY: Expectation = { kind: 'any' }
export const ABSENT: Expectation = { kind: 'absent' }
export const EVERY = and([])

export function version(versionId: number): Expectation {
  return { kind: 'version', versionId }
}

/** What tells one resource of the tests from another; the body is made of it, so equal content has an equal index. */
export interface Content {
  readonly entries?: readonly IndexEntry[]
  readonly patients?: readonly string[]
  readonly labels?: readonly SecurityLabel[]
  readonly date?: number | undefined
  readonly contained?: readonly ContainedIndex[]
  /** Texts that full text finds it by; those of the narrative apart. */
  readonly notes?: readonly string[]
  readonly narrative?: string | undefined
  /** More members of the body, such as `"a":1.0`; JSON without braces. */
  readonly text?: string
}

export function indexOf(content: Content): ResourceIndex {
  const { entries = [], patients = [], labels = [], date, contained = [] } = content
  return { entries, patients, labels, date, contained }
}

/** A body whose two stamps stand in `meta`, among what tells the content. */
export function template(type: string, id: string, content: Content, metaFirst = true): BodyTemplate {
  const { text, notes = [], narrative, ...rest } = content
  const told = JSON.stringify(rest, (_, value: unknown) =>
    typeof value === 'number' ? String(value) : value,
  )
  const meta = '"meta":{"versionId":"","lastUpdated":""}'
  const members = [`"resourceType":"${type}"`, `"id":"${id}"`, `"told":${told}`, ...(text ? [text] : [])]
  if (notes.length > 0) members.push(`"note":${JSON.stringify(notes)}`)
  if (narrative !== undefined) members.push(`"text":${JSON.stringify({ div: `<div>${narrative}</div>` })}`)
  const json = `{${(metaFirst ? [members[0], members[1], meta, ...members.slice(2)] : [...members.toReversed(), meta]).join(',')}}`
  const bytes = Buffer.from(json, 'utf8')
  const versionAt = bytes.indexOf('"versionId":""') + '"versionId":"'.length
  const lastUpdatedAt = bytes.indexOf('"lastUpdated":""') + '"lastUpdated":"'.length
  return { bytes, versionAt, lastUpdatedAt }
}

export interface PutOptions {
  readonly expect?: Expectation
  readonly method?: Put['method']
  readonly mustExist?: readonly ResourceKey[]
}

export function put(type: string, id: string, content: Content = {}, options: PutOptions = {}): Put {
  return {
    kind: 'put',
    type,
    id,
    expect: options.expect ?? ANY,
    method: options.method ?? 'PUT',
    body: template(type, id, content),
    index: indexOf(content),
    mustExist: options.mustExist ?? [],
  }
}

export function remove(type: string, id: string, expect: Expectation = ANY): Delete {
  return { kind: 'delete', type, id, expect }
}

export interface CommitOptions {
  readonly access?: AccessFilter
  readonly assertions?: readonly MatchAssertion[]
}

export function commit(writes: readonly (Put | Delete)[], options: CommitOptions = {}): Commit {
  return { access: options.access ?? SEE_EVERYTHING, assertions: options.assertions ?? [], writes }
}

/** Commits what must succeed. @throws Error when it does not */
export async function write(store: Store, ...writes: (Put | Delete)[]) {
  const result = await store.commit(commit(writes))
  if (result.kind !== 'committed') throw new Error(`not committed: ${JSON.stringify(result)}`)
  return result.results
}

/** The results of commits, counted by kind. */
export function tally(results: readonly CommitResult[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { kind } of results) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

/** Of one `type`, or `from` several. */
export type AskedQuery = Parameters<typeof searchQuery>[0]

export async function search(store: Store, query: AskedQuery, access: AccessFilter = SEE_EVERYTHING) {
  return store.search(searchQuery({ count: 1000, ...query }), access)
}

export async function history(
  store: Store,
  query: Pick<HistoryQuery, 'scope'> & Partial<HistoryQuery>,
  access: AccessFilter = SEE_EVERYTHING,
): Promise<HistoryPage> {
  return store.history({ since: undefined, at: undefined, count: 1000, after: undefined, ...query }, access)
}

export function ids(versions: readonly Pick<StoredVersion, 'id'>[]): string[] {
  return versions.map(({ id }) => id).toSorted()
}

/** `id@version` of each, in the order given; a deletion ends in `-`. */
export function steps(versions: readonly StoredVersion[]): string[] {
  return versions.map(({ id, versionId, change }) => `${id}@${versionId}${change === 'delete' ? '-' : ''}`)
}

export function bodyOf(version: StoredVersion | undefined): Record<string, unknown> {
  if (version?.body === undefined) throw new Error('no body')
  return JSON.parse(version.body.toString('utf8')) as Record<string, unknown>
}

/** A clock that tests turn by hand. */
export function handClock(start = Date.UTC(2026, 0, 1)) {
  const clock = { time: start, now: () => clock.time }
  return clock
}

/** All pages of a search, one after the other; `between` runs before each further page. */
export async function pages(
  store: Store,
  query: AskedQuery,
  access: AccessFilter = SEE_EVERYTHING,
  between: () => Promise<unknown> = () => pause(0),
): Promise<StoredVersion[][]> {
  return (await forward(store, query, access, between)).map(({ matches }) => [...matches])
}

/** All pages of a search from its cursor on, and the same ones found from the last by going back, in the same order. */
export async function walk(
  store: Store,
  query: AskedQuery,
  access: AccessFilter = SEE_EVERYTHING,
  between: () => Promise<unknown> = () => pause(0),
): Promise<{ readonly forth: SearchPage[]; readonly back: SearchPage[] }> {
  const forth = await forward(store, query, access, between)
  const back = [forth.at(-1)!]
  for (let cursor = back[0]!.previous; cursor !== undefined; cursor = back[0]!.previous) {
    back.unshift(await search(store, { ...query, cursor }, access))
    if (back.length > MOST_PAGES) throw new Error('the pages do not begin')
  }
  return { forth, back }
}

const MOST_PAGES = 2000

async function forward(
  store: Store,
  query: AskedQuery,
  access: AccessFilter,
  between: () => Promise<unknown>,
): Promise<SearchPage[]> {
  const found = [await search(store, query, access)]
  for (let cursor = found[0]!.next; cursor !== undefined; cursor = found.at(-1)!.next) {
    await between()
    found.push(await search(store, { ...query, cursor }, access))
    if (found.length > MOST_PAGES) throw new Error('the pages do not end')
  }
  return found
}

/** All pages of a history, one after the other. */
export async function historyPages(
  store: Store,
  query: Pick<HistoryQuery, 'scope'> & Partial<HistoryQuery>,
  access: AccessFilter = SEE_EVERYTHING,
  between: () => Promise<unknown> = () => pause(0),
): Promise<StoredVersion[][]> {
  const found: StoredVersion[][] = []
  let after: string | undefined
  do {
    const page = await history(store, { ...query, after }, access)
    found.push([...page.versions])
    after = page.next
    if (found.length > 200) throw new Error('the pages do not end')
    if (after !== undefined) await between()
  } while (after !== undefined)
  return found
}

export type Tester = Pick<TAP, 'test'>
export type Subtest = Parameters<Parameters<TAP['test']>[0]>[0]
export type Clock = ReturnType<typeof handClock>

/** A test on an empty store of its own, whose clock is turned by hand. */
export function storeTest(
  t: Tester,
  open: OpenStore,
  name: string,
  run: (t: Subtest, store: Store, clock: Clock) => Promise<void>,
): void {
  void t.test(name, async (t) => {
    const clock = handClock()
    const store = await open({ now: clock.now })
    try {
      await run(t, store, clock)
    } finally {
      await store.close()
    }
  })
}
