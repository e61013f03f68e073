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
import { KEYS, nameOf, START, TICK, TYPES } from './arbitraries.ts'
import type { Asked } from './questions.ts'
import { history, historyPages, walk } from './world.ts'

const byName = (a: StoredVersion, b: StoredVersion) => (nameOf(a) < nameOf(b) ? -1 : 1)
const told = ({ type, id, versionId }: StoredVersion) => `${type}/${id}@${versionId}`

/** One search: its page, its pages there and back, its total, and its matches. */
export async function searchAnswers(store: Store, query: Asked, access: AccessFilter, pageSize = 2) {
  const ask = async (more: object) => store.search(searchQuery({ ...query, ...more }), access)
  const page = await ask({ count: 10_000, total: 'accurate' })
  const all = page.includedCut ? await ask({ count: 10_000, mostIncluded: 10_000 }) : page
  const counted = await ask({ count: 0, total: 'accurate' })
  const { forth, back } = await walk(store, { ...query, count: pageSize }, access)
  const ids = []
  for (const { type, where } of query.from)
    ids.push((await store.matches(type, where, 10_000, access)).toSorted())
  const order = page.matches.map(told)
  const walked = forth.map(({ matches }) => matches.map(told))
  return {
    /** Where no order is promised they stand in that of their names. */
    matches: query.sort.length === 0 ? page.matches.toSorted(byName) : page.matches,
    included: page.includedCut ? page.included.length : page.included.toSorted(byName),
    includedAreOfAll: page.included.every((one) => all.included.some((other) => told(one) === told(other))),
    includedCut: page.includedCut,
    total: page.total,
    next: page.next,
    previous: page.previous,
    pages: walked.map((one) => one.length),
    walkedTheSame: walked.flat().join() === order.join(),
    walkedBack: back.map(({ matches }) => matches.map(told)).join('; ') === walked.join('; '),
    includedByPage:
      query.sort.length === 0
        ? undefined
        : forth.map(({ included, includedCut }) =>
            includedCut ? included.length : included.map(nameOf).toSorted(),
          ),
    counted: counted.total,
    ids,
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
  mostIncluded: 1000,
}))
