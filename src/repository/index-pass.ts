// Indexes what is stored by new search parameters, and proves that searches then find all of it.
import { parseJson, type Resource } from '../fhir/index.ts'
import type { CustomParameter, Search } from '../search/index.ts'
import {
  and,
  containsMatch,
  idMatch,
  or,
  presenceMatch,
  SEE_EVERYTHING,
  searchQuery,
  typedCondition,
  type Expression,
  type IndexEntry,
  type ResourceIndex,
  type Store,
  type StoredVersion,
} from '../store/index.ts'
import { breathe } from './breathe.ts'
import { foundBy } from './found-by.ts'

export interface IndexPassParts {
  readonly store: Store
  readonly search: Search
}

const BATCH = 200

/** How often a resource is looked at again that others change between its reading and its search. */
const MOST_LOOKS = 5

/**
 * The types whose resources are to be indexed anew, sorted: those that the parameters are for, and those of which
 * some resource contains one of these. A container that is written from now on is indexed by its write.
 */
export async function typesConcerned(
  { store }: IndexPassParts,
  parameters: readonly CustomParameter[],
  allTypes: readonly string[],
): Promise<readonly string[]> {
  const types = new Set(parameters.flatMap((parameter) => parameter.types))
  const containers: string[] = []
  for (const container of allTypes) {
    if (types.has(container)) continue
    const where = or([...types].map((type) => containsMatch(type, and([]))))
    if ((await store.matches(container, where, 1, SEE_EVERYTHING)).length > 0) containers.push(container)
  }
  return [...types, ...containers].toSorted()
}

/** Current resources of these types. */
export async function countOf({ store }: IndexPassParts, types: readonly string[]): Promise<number> {
  const from = types.map((type) => typedCondition(type, and([])))
  const { total } = await store.search(searchQuery({ from, count: 0, total: 'accurate' }), SEE_EVERYTHING)
  return total ?? 0
}

/**
 * Replaces the index of every current resource of a type, behind the one with the id `after`. `progress` is told of
 * each batch and its last id, and may end the walk by `false`. Whether it came to its end.
 */
export async function indexType(
  { store, search }: IndexPassParts,
  type: string,
  after: string | undefined,
  progress: (count: number, lastId: string) => boolean | Promise<boolean>,
): Promise<boolean> {
  for await (const versions of store.maintenance.currentResources(BATCH, { type, after })) {
    await store.maintenance.replaceIndexes(await itemsOf(search, versions))
    const last = versions.at(-1) as StoredVersion
    if (!(await progress(versions.length, last.id))) return false
  }
  return true
}

/**
 * Reads every current resource of a type again, works out what it must be found by, and asks the store. `go` may end
 * the walk by `false`. Whether it came to its end.
 * @throws Error when a resource is not found by what it holds, though its index was made once more
 */
export async function verifyType(
  parts: IndexPassParts,
  type: string,
  parameters: readonly CustomParameter[],
  go: () => boolean,
): Promise<boolean> {
  for await (const versions of parts.store.maintenance.currentResources(BATCH, { type })) {
    if (!go()) return false
    await verify(parts, type, parameters, versions)
  }
  return true
}

async function verify(
  parts: IndexPassParts,
  type: string,
  parameters: readonly CustomParameter[],
  versions: readonly StoredVersion[],
): Promise<void> {
  let open = await unfound(parts, type, parameters, versions)
  for (let look = 1; open.length > 0; look++) {
    if (look > MOST_LOOKS)
      throw new Error(`${type}/${open[0]?.id} is not indexed as it should be, after ${MOST_LOOKS} attempts`)
    const now = await Promise.all(open.map(({ id }) => parts.store.read({ type, id }, SEE_EVERYTHING)))
    const current = now.filter((version) => version?.body !== undefined) as StoredVersion[]
    await parts.store.maintenance.replaceIndexes(await itemsOf(parts.search, current))
    open = await unfound(parts, type, parameters, current)
  }
}

/** Of a resource, or of one that it contains: what it must be found by under the parameters. */
interface Expected {
  /** '' for the resource itself, else the type of the contained one. */
  readonly contained: string
  readonly entries: readonly IndexEntry[]
}

/** Entries of one resource that are looked for; the others were written with them. */
const MOST_ENTRIES = 100

/**
 * Those that the store's index does not have as extraction has them; of some, because they changed since. Each must
 * be found by every value that it has, and none under a parameter that it has no value for.
 */
async function unfound(
  { store, search }: IndexPassParts,
  type: string,
  parameters: readonly CustomParameter[],
  versions: readonly StoredVersion[],
): Promise<readonly StoredVersion[]> {
  const own = parameters.filter(({ types }) => types.includes(type))
  const wrong = new Set<string>()
  for (const [step, version] of versions.entries()) {
    await breathe(step)
    const { id } = version
    const isFound = async (where: Expression): Promise<boolean> =>
      (await store.matches(type, and([idMatch(id), where]), 1, SEE_EVERYTHING)).length > 0
    const expected = expectedOf(type, parameters, indexOf(search, version))
    const conditions = expected.flatMap(({ contained, entries }) => {
      const all = and(entries.slice(0, MOST_ENTRIES).map(foundBy))
      return entries.length === 0 ? [] : contained === '' ? all : containsMatch(contained, all)
    })
    if (conditions.length > 0 && !(await isFound(and(conditions)))) wrong.add(id)
    const lacking = own.filter(
      ({ code }) =>
        !expected.some(
          ({ contained, entries }) => contained === '' && entries.some(({ param }) => param === code),
        ),
    )
    const others = lacking.map(({ code, type: kind }) => presenceMatch(code, kind))
    if (others.length > 0 && (await isFound(or(others)))) wrong.add(id)
  }
  return versions.filter(({ id }) => wrong.has(id))
}

function expectedOf(
  type: string,
  parameters: readonly CustomParameter[],
  { entries, contained }: ResourceIndex,
): readonly Expected[] {
  const under = (ofType: string, all: readonly IndexEntry[]): readonly IndexEntry[] =>
    all.filter(({ param }) =>
      parameters.some(
        ({ code, types }) => types.includes(ofType) && (param === code || param.startsWith(`${code}:`)),
      ),
    )
  return [
    { contained: '', entries: under(type, entries) },
    ...contained.map((inside) => ({ contained: inside.type, entries: under(inside.type, inside.entries) })),
  ]
}

type IndexItem = Parameters<Store['maintenance']['replaceIndexes']>[0][number]

async function itemsOf(search: Search, versions: readonly StoredVersion[]): Promise<readonly IndexItem[]> {
  const items: IndexItem[] = []
  for (const [step, version] of versions.entries()) {
    await breathe(step)
    const { type, id, versionId } = version
    items.push({ key: { type, id }, versionId, index: indexOf(search, version) })
  }
  return items
}

function indexOf(search: Search, { body }: StoredVersion): ResourceIndex {
  return search.extract(parseJson(body as Buffer) as Resource)
}
