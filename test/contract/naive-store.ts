// A Store of arrays and loops, slow and obviously right: the oracle for the adapters, and a store for tests.
import { readFileSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { deserialize, serialize } from 'node:v8'
import { FhirError } from '../../src/fhir/errors.ts'
import {
  stampBody,
  type AccessFilter,
  type Commit,
  type CommitResult,
  type Expression,
  type HistoryQuery,
  type ResourceKey,
  type SecurityLabel,
  type Store,
  type StoredVersion,
  type WriteResult,
} from '../../src/store/index.ts'
import { naiveVisible } from './naive-access.ts'
import { currentOf, matching, search, type Version } from './naive-search.ts'

interface NaiveData {
  /** Every version ever written, oldest first. */
  readonly versions: Version[]
  readonly settings: Map<string, string>
}

export interface NaiveStoreOptions {
  /** Milliseconds since 1970. */
  readonly now?: (() => number) | undefined
  /** A file that `backup` of a naive store wrote, to start from. */
  readonly file?: string | undefined
}

export function openNaiveStore(options: NaiveStoreOptions = {}): Store {
  const now = options.now ?? Date.now
  const { versions, settings }: NaiveData =
    options.file === undefined
      ? { versions: [], settings: new Map() }
      : (deserialize(readFileSync(options.file)) as NaiveData)

  const counts = () => ({ resources: currentOf(versions).filter(isThere).length, versions: versions.length })

  return {
    read: async (key, access) => {
      const current = latest(versions, key)
      return current && naiveVisible(current, access) ? shown(current) : undefined
    },

    readVersion: async (key, versionId, access) => {
      const version = versions.find((one) => same(one, key) && one.versionId === versionId)
      return version && isShown(versions, version, access) ? shown(version) : undefined
    },

    history: async (query, access) => history(versions, query, access),

    search: async (query, access) => {
      const { matches, included, ...rest } = search(versions, query, access)
      return { ...rest, matches: matches.map(shown), included: included.map(shown) }
    },

    matches: async (type, where, limit, access) => matches(versions, type, where, access).slice(0, limit),

    labelsOf: async (keys) => keys.map((key) => latest(versions, key)?.index.labels),

    referrers: async (key, limit, behind) => referrersOf(versions, key, behind).slice(0, limit),

    commit: async (commit) => {
      const lastUpdated = Math.max(now(), versions.at(-1)?.lastUpdated ?? 0)
      const staged = [...versions]
      const result = turn(staged, commit, lastUpdated)
      if (result.kind === 'committed') versions.push(...staged.slice(versions.length))
      return result
    },

    pendingCommits: 0,
    close: async () => {},

    maintenance: {
      counts: async () => counts(),

      async *currentResources(batchSize, within) {
        const ever = currentOf(versions).filter(({ type }) => within === undefined || type === within.type)
        const first = ever.findIndex(({ id }) => id === within?.after) + 1
        const all = ever.slice(first).filter(isThere).map(shown)
        for (let at = 0; at < all.length; at += batchSize) yield all.slice(at, at + batchSize)
      },

      replaceIndexes: async (items) => {
        let replaced = 0
        for (const { key, versionId, index } of items) {
          const current = latest(versions, key)
          if (current === undefined || !isThere(current) || current.versionId !== versionId) continue
          current.index = index
          replaced++
        }
        return replaced
      },

      clearStrays: async () => {},
      indexWordsAnew: async () => {},

      getSetting: async (name) => settings.get(name),
      setSetting: async (name, value) => void settings.set(name, value),

      backup: async (file, progress) => {
        const bytes = serialize({ versions, settings } satisfies NaiveData)
        try {
          writeFileSync(file, bytes, { flag: 'wx' })
        } catch (cause) {
          throw new FhirError('conflict', 'The backup file is there already, or cannot be written.', {
            cause,
          })
        }
        progress?.(1, 1)
        return { ...counts(), bytes: bytes.length }
      },

      verify: async () => [],
    },
  }
}

function same(a: ResourceKey, b: ResourceKey): boolean {
  return a.type === b.type && a.id === b.id
}

function isThere(version: Version): boolean {
  return version.change !== 'delete'
}

/** The version at hand without what only the store knows of it. */
function shown({ type, id, versionId, lastUpdated, change, method, body }: Version): StoredVersion {
  return { type, id, versionId, lastUpdated, change, method, body: body && Buffer.from(body) }
}

function latest(versions: readonly Version[], key: ResourceKey): Version | undefined {
  return versions.findLast((version) => same(version, key))
}

/** As it was, and as the resource is now. */
function isShown(versions: readonly Version[], version: Version, access: AccessFilter): boolean {
  return naiveVisible(version, access) && naiveVisible(latest(versions, version)!, access)
}

function matches(
  versions: readonly Version[],
  type: string,
  where: Expression,
  access: AccessFilter,
): string[] {
  return matching(versions, type, where, access).map(({ id }) => id)
}

/** In the order in which they first came to be. */
function referrersOf(
  versions: readonly Version[],
  key: ResourceKey,
  behind: ResourceKey | undefined,
): ResourceKey[] {
  const ever = currentOf(versions)
  const first = behind === undefined ? 0 : ever.findIndex((one) => same(one, behind)) + 1
  return ever
    .slice(first)
    .filter(
      (one) =>
        isThere(one) &&
        !same(one, key) &&
        [one.index, ...one.index.contained].some(({ entries }) =>
          entries.some(
            (entry) => entry.kind === 'reference' && entry.target.kind === 'local' && same(entry.target, key),
          ),
        ),
    )
    .map(({ type, id }) => ({ type, id }))
}

function sameLabels(
  some: readonly SecurityLabel[] | undefined,
  others: readonly SecurityLabel[] | undefined,
): boolean {
  const told = (labels: readonly SecurityLabel[]) =>
    new Set(labels.map(({ system, code }) => JSON.stringify([system, code])))
  return isDeepStrictEqual(some && told(some), others && told(others))
}

/** Writes into `versions` what the commit asks; when the result is not `committed`, they must be thrown away. */
function turn(versions: Version[], commit: Commit, lastUpdated: number): CommitResult {
  const { access, assertions, labels = [], referrers = [], writes } = commit
  for (const [assertion, { type, where, ids }] of assertions.entries()) {
    const found = matches(versions, type, where, access)
    if (!isDeepStrictEqual(new Set(found), new Set(ids))) return { kind: 'matches-changed', assertion }
  }

  for (const { key, labels: asserted, versionId } of labels) {
    const last = latest(versions, key)
    const isVersion = versionId === undefined || last === undefined || last.versionId === versionId
    if (!sameLabels(last?.index.labels, asserted) || !isVersion)
      return { kind: 'labels-changed', assertion: key }
  }
  for (const { key, referrers: asserted } of referrers) {
    const names = (some: readonly ResourceKey[]) => new Set(some.map(({ type, id }) => `${type}/${id}`))
    if (!isDeepStrictEqual(names(referrersOf(versions, key, undefined)), names(asserted)))
      return { kind: 'labels-changed', assertion: key }
  }

  const results: WriteResult[] = []
  for (const [write, request] of writes.entries()) {
    const { type, id, expect } = request
    const last = latest(versions, request)
    const byServer = request.kind === 'put' && request.byServer === true
    if (last !== undefined && !byServer && !naiveVisible(last, access)) return { kind: 'hidden', write }
    const current = last !== undefined && isThere(last) ? last : undefined
    const expected =
      expect.kind === 'any' ||
      (expect.kind === 'absent' ? current === undefined : current?.versionId === expect.versionId)
    if (!expected) return { kind: 'unexpected-version', write, current: current?.versionId }

    const versionId = (last?.versionId ?? 0) + 1
    if (request.kind === 'delete') {
      if (current === undefined) {
        results.push({ outcome: 'absent', versionId: 0, lastUpdated: 0 })
        continue
      }
      versions.push({
        type,
        id,
        versionId,
        lastUpdated,
        change: 'delete',
        method: 'DELETE',
        body: undefined,
        index: current.index,
      })
      results.push({ outcome: 'deleted', versionId, lastUpdated })
    } else if (current === undefined) {
      const body = stampBody(request.body, versionId, lastUpdated)
      const method = request.method === 'PATCH' ? 'PUT' : request.method
      versions.push({
        type,
        id,
        versionId,
        lastUpdated,
        change: 'create',
        method,
        body,
        index: request.index,
      })
      results.push({ outcome: 'created', versionId, lastUpdated })
    } else if (sameContent(current.body!, stampBody(request.body, current.versionId, current.lastUpdated))) {
      results.push({ outcome: 'unchanged', versionId: current.versionId, lastUpdated: current.lastUpdated })
    } else {
      const body = stampBody(request.body, versionId, lastUpdated)
      const method = request.method === 'POST' ? 'PUT' : request.method
      versions.push({
        type,
        id,
        versionId,
        lastUpdated,
        change: 'update',
        method,
        body,
        index: request.index,
      })
      results.push({ outcome: 'updated', versionId, lastUpdated })
    }
  }

  for (const [write, request] of writes.entries()) {
    if (request.kind === 'delete') continue
    const missing = request.mustExist.filter((key) => {
      const target = latest(versions, key)
      return target === undefined || !isThere(target) || !naiveVisible(target, access)
    })
    if (missing.length > 0) return { kind: 'missing-references', write, missing }
  }
  return { kind: 'committed', results }
}

/** Equal but for the order of properties; `1.0` and `1.00` are not. */
function sameContent(a: Buffer, b: Buffer): boolean {
  return isDeepStrictEqual(parseKeepingNumbers(a), parseKeepingNumbers(b))
}

function parseKeepingNumbers(body: Buffer): unknown {
  const quoted = body
    .toString('utf8')
    .replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (text) =>
      text.startsWith('"') ? text : `"number ${text}"`,
    )
  return JSON.parse(quoted)
}

/** What a cursor holds: the numbers by which the last entry of a page was placed. */
function writeCursor(at: readonly number[]): string {
  return Buffer.from(JSON.stringify(at)).toString('base64url')
}

function readCursor(text: string, length: number): number[] {
  try {
    const at: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    if (
      Array.isArray(at) &&
      at.length === length &&
      at.every(Number.isSafeInteger) &&
      writeCursor(at) === text
    )
      return at as number[]
  } catch {
    // What is not JSON is refused below.
  }
  throw new FhirError('invalid-search', 'The page link was not made by this server.')
}

function compare(a: readonly number[], b: readonly number[]): number {
  const differs = a.findIndex((value, at) => value !== b[at])
  return differs === -1 ? 0 : a[differs]! - b[differs]!
}

/** One page out of entries that stand at places; places ascend. */
function page<Entry>(
  entries: readonly { readonly place: readonly number[]; readonly entry: Entry }[],
  length: number,
  count: number,
  after: string | undefined,
): { readonly entries: Entry[]; readonly next: string | undefined } {
  const from = after === undefined ? undefined : readCursor(after, length)
  if (count === 0) return { entries: [], next: undefined }
  const rest = entries
    .filter(({ place }) => from === undefined || compare(place, from) > 0)
    .toSorted((a, b) => compare(a.place, b.place))
  const cut = rest.slice(0, count)
  return {
    entries: cut.map(({ entry }) => entry),
    next: rest.length > count ? writeCursor(cut.at(-1)!.place) : undefined,
  }
}

function history(versions: readonly Version[], query: HistoryQuery, access: AccessFilter) {
  const { scope, since, at } = query
  const placed = versions
    .map((entry, index) => ({ place: [-index], entry }))
    .filter(
      ({ entry }) =>
        (scope.kind === 'system' || scope.type === entry.type) &&
        (scope.kind !== 'instance' || scope.id === entry.id) &&
        isShown(versions, entry, access) &&
        (since === undefined || entry.lastUpdated >= since) &&
        (at === undefined || (entry.lastUpdated < at.high && supersededAt(versions, entry) > at.low)),
    )
  const { entries, next } = page(placed, 1, query.count, query.after)
  return { versions: entries.map(shown), total: placed.length, next }
}

function supersededAt(versions: readonly Version[], version: Version): number {
  const next = versions.find((one) => same(one, version) && one.versionId === version.versionId + 1)
  return next?.lastUpdated ?? Infinity
}
