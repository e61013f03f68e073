// Searches of the naive store: every version up to a moment, filtered, sorted and cut by loops.
import { createHash } from 'node:crypto'
import { FhirError } from '../../src/fhir/errors.ts'
import type { JsonObject } from '../../src/fhir/index.ts'
import type {
  AccessFilter,
  Expression,
  Include,
  IndexEntry,
  ResourceIndex,
  SearchQuery,
  SortKey,
  StoredVersion,
} from '../../src/store/index.ts'
import {
  byCodePoints,
  leadsTo,
  matchesExpression,
  referencesOf,
  worldOf,
  type Subject,
  type World,
} from '../search/naive-match.ts'
import { naiveVisible } from './naive-access.ts'

export interface Version extends StoredVersion {
  /** Of a deletion: that of the version it deleted. */
  index: ResourceIndex
  /** Of the body, once somebody asked for it. */
  parsed?: JsonObject
}

interface Here extends Subject {
  readonly lastUpdated: number
  readonly version: Version
}

/** The last version of every resource, deletions included, in the order in which the resources came to be. */
export function currentOf(versions: readonly Version[]): Version[] {
  const current = new Map<string, Version>()
  for (const version of versions) current.set(`${version.type}/${version.id}`, version)
  return [...current.values()]
}

/** What was there, as it was, of all that is visible both as it was and as it is `now`. */
function visibleWorld(
  versions: readonly Version[],
  access: AccessFilter,
  now: readonly Version[] = versions,
): World {
  const hidden = new Set(
    currentOf(now).flatMap((one) => (naiveVisible(one, access) ? [] : [`${one.type}/${one.id}`])),
  )
  const there = currentOf(versions).filter(
    (one) => one.change !== 'delete' && naiveVisible(one, access) && !hidden.has(`${one.type}/${one.id}`),
  )
  return worldOf(
    there.map((version): Here => {
      const { type, id, index, lastUpdated } = version
      return {
        type,
        id,
        index,
        lastUpdated,
        version,
        get resource() {
          version.parsed ??= JSON.parse(version.body!.toString('utf8')) as JsonObject
          return version.parsed
        },
      }
    }),
  )
}

/** In the order in which they came to be. */
export function matching(
  versions: readonly Version[],
  type: string,
  where: Expression,
  access: AccessFilter,
): Version[] {
  const world = visibleWorld(versions, access)
  return (world.subjects as readonly Here[])
    .filter((one) => one.type === type && matchesExpression(where, one, world))
    .map(({ version }) => version)
}

/**
 * What a cursor holds: how many versions there were on the first page, how many matches when that was asked, and where
 * this page begins or ends among all that was visible then.
 */
interface Cursor {
  readonly search: string
  readonly moment: number
  readonly total: number | null
  readonly edge: number
  readonly backward: boolean
}

function writeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url')
}

function readCursor(text: string, search: string): Cursor {
  try {
    const cursor = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Cursor
    if (cursor.search === search && writeCursor(cursor) === text) return cursor
  } catch {
    // What is not JSON is refused below.
  }
  throw new FhirError('invalid-search', 'The page link was not made by this server for this search.')
}

export function search(all: readonly Version[], query: SearchQuery, access: AccessFilter) {
  const told = JSON.stringify([query.from, query.sort, access])
  const digest = createHash('sha256').update(told).digest('hex')
  const cursor = query.cursor === undefined ? undefined : readCursor(query.cursor, digest)
  const moment = cursor?.moment ?? all.length
  const then = all.slice(0, moment)
  const world = visibleWorld(then, access, all)
  const placed = new Map(
    (visibleWorld(then, access).subjects as readonly Here[])
      .toSorted(inOrder(query.sort))
      .map(({ version }, place) => [version, place]),
  )
  const placeOf = ({ version }: Here) => placed.get(version)!
  const found = (world.subjects as readonly Here[])
    .filter((one) =>
      query.from.some(({ type, where }) => one.type === type && matchesExpression(where, one, world)),
    )
    .toSorted((a, b) => placeOf(a) - placeOf(b))

  const { edge = 0, backward = false } = cursor ?? {}
  const { count } = query
  const onward = found.filter((one) => placeOf(one) < edge === backward)
  const matches = count === 0 ? [] : backward ? onward.slice(-count) : onward.slice(0, count)
  const total = cursor?.total ?? (query.total === 'accurate' ? found.length : undefined)
  const to = (one: Here | undefined, back: boolean) =>
    one &&
    writeCursor({
      search: digest,
      moment,
      total: total ?? null,
      edge: placeOf(one) + (back ? 0 : 1),
      backward: back,
    })

  const included = query.count === 0 ? [] : includedWith(matches, query.includes, world)
  const more = onward.length > matches.length
  return {
    matches: matches.map(({ version }) => version),
    included: included.slice(0, query.mostIncluded).map(({ version }) => version),
    includedCut: included.length > query.mostIncluded,
    total: query.total === 'accurate' ? total : undefined,
    next: more || backward ? to(matches.at(-1), false) : undefined,
    previous: cursor !== undefined && (more || !backward) ? to(matches[0], true) : undefined,
  }
}

/** What the includes bring, nearest first. */
function includedWith(matches: readonly Here[], includes: readonly Include[], world: World): Here[] {
  const everyone = world.subjects as readonly Here[]
  const brought = new Set<Here>()
  let round = matches
  for (let first = true; round.length > 0; first = false) {
    const now = new Set<Here>()
    for (const include of includes)
      if (first || include.iterate)
        for (const one of round)
          for (const other of everyone) {
            const [source, target] = include.direction === 'forward' ? [one, other] : [other, one]
            if (
              (include.source === undefined || include.source === source.type) &&
              (include.target === undefined || include.target === target.type) &&
              referencesOf(source, include.param).some((reference) => leadsTo(reference, source, target))
            )
              now.add(other)
          }
    round = [...now].filter((one) => !matches.includes(one) && !brought.has(one))
    for (const one of round) brought.add(one)
  }
  return [...brought]
}

type Value = string | number

function inOrder(keys: readonly SortKey[]): (a: Here, b: Here) => number {
  return (a, b) => {
    for (const key of keys) {
      const [one, other] = [sortValue(key, a), sortValue(key, b)]
      if (one === undefined && other === undefined) continue
      if (one === undefined) return 1
      if (other === undefined) return -1
      const difference = compare(one, other)
      if (difference !== 0) return key.descending ? -difference : difference
    }
    return 0
  }
}

function sortValue(key: SortKey, { type, id, lastUpdated, index }: Here): Value | undefined {
  if (key.by !== 'entry') return key.by === 'id' ? id : lastUpdated
  const { entry: kind, param, kept } = key
  const names = kept?.[type] ?? [param]
  const values = index.entries
    .filter((entry) => entry.kind === kind && names.includes(entry.param))
    .map(valueOf)
    .filter((value) => value !== undefined)
    .toSorted(compare)
  return key.descending ? values.at(-1) : values[0]
}

function valueOf(entry: IndexEntry): Value | undefined {
  switch (entry.kind) {
    case 'token':
      return entry.code
    case 'string':
      return entry.folded
    case 'uri':
      return entry.value
    case 'date':
    case 'number':
    case 'quantity':
      return entry.low
    case 'reference': {
      const { target } = entry
      if (target.kind === 'contained') return undefined
      return target.kind === 'local' ? `${target.type}/${target.id}` : target.url
    }
    case 'composite':
    case 'position':
      return undefined
  }
}

function compare(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return byCodePoints(a, b)
  return a === b ? 0 : a < b ? -1 : 1
}
