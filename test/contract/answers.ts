// Everything that a store answers about a small world, in a form in which two stores can be compared.
import {
  and,
  searchQuery,
  typedCondition,
  type AccessFilter,
  type HistoryQuery,
  type Store,
  type StoredVersion,
} from '../../src/store/index.ts'
import { KEYS, nameOf, START, TICK, TYPES, type Asked } from './arbitraries.ts'
import { history, historyPages, pages } from './world.ts'

const byName = (a: StoredVersion, b: StoredVersion) => (nameOf(a) < nameOf(b) ? -1 : 1)

/** Where no order is promised, or only that of times, the rest is put in the order of names. */
function settled(versions: readonly StoredVersion[], sort: Asked['sort']): StoredVersion[] {
  const direction = sort.length === 0 ? 0 : sort[0]!.descending ? -1 : 1
  return versions.toSorted((a, b) => direction * (a.lastUpdated - b.lastUpdated) || byName(a, b))
}

/** Whether the versions stand in the order of times that was asked for. */
function ordered(versions: readonly StoredVersion[], sort: Asked['sort']): boolean {
  const direction = sort.length === 0 ? 0 : sort[0]!.descending ? -1 : 1
  return versions.every(
    (one, at) => at === 0 || direction * (one.lastUpdated - versions[at - 1]!.lastUpdated) >= 0,
  )
}

/** One search: its page, its pages, its total, and its matches. */
export async function searchAnswers(store: Store, query: Asked, access: AccessFilter, pageSize = 2) {
  const page = await store.search(searchQuery({ ...query, count: 10_000, total: 'accurate' }), access)
  const walked = await pages(store, { ...query, count: pageSize }, access)
  const counted = await store.search(searchQuery({ ...query, count: 0, total: 'accurate' }), access)
  const matches = []
  for (const { type, where } of query.from)
    matches.push(...(await store.matches(type, where, 10_000, access)))
  return {
    matches: settled(page.matches, query.sort),
    ordered: ordered(page.matches, query.sort),
    included: page.included.toSorted(byName),
    total: page.total,
    next: page.next,
    pages: walked.map((one) => one.length),
    walkedTheSame: JSON.stringify(walked.flat()) === JSON.stringify(page.matches),
    counted: counted.total,
    ids: matches.toSorted(),
  }
}

/** Every read of every version that may be there. */
export async function readAnswers(store: Store, access: AccessFilter, versions = 12) {
  const answers = []
  for (const key of KEYS) {
    const read = await store.read(key, access)
    const each = []
    for (let versionId = 1; versionId <= versions; versionId++)
      each.push(await store.readVersion(key, versionId, access))
    answers.push({ key: nameOf(key), read, each })
  }
  return answers
}

/** The histories of all, of each type and of a few resources, whole, in part and by pages. */
export async function historyAnswers(store: Store, access: AccessFilter) {
  const scopes: HistoryQuery['scope'][] = [
    { kind: 'system' },
    ...TYPES.map((type) => ({ kind: 'type', type }) as const),
    ...KEYS.filter((_, at) => at % 2 === 0).map((key) => ({ kind: 'instance', ...key }) as const),
  ]
  const answers = []
  for (const scope of scopes) {
    const whole = await history(store, { scope }, access)
    answers.push({
      scope,
      whole: whole.versions,
      total: scope.kind === 'instance' ? whole.total : (whole.total ?? whole.versions.length),
      since: (await history(store, { scope, since: START + 3 * TICK }, access)).versions,
      at: await historyAt(store, scope, access),
      pages: scope.kind === 'instance' ? [] : await historyPages(store, { scope, count: 3 }, access),
    })
  }
  return answers
}

export async function historyAt(store: Store, scope: HistoryQuery['scope'], access: AccessFilter) {
  const at = { low: START + 2 * TICK, high: START + 4 * TICK }
  return (await history(store, { scope, at }, access)).versions
}

/** A search for all of each type, beside the random ones. */
export const PLAIN: readonly Asked[] = TYPES.map((type) => ({
  from: [typedCondition(type, and([]))],
  sort: [],
  includes: TYPES.map((source) => ({
    direction: 'forward',
    iterate: false,
    source,
    param: undefined,
    target: undefined,
  })),
}))
