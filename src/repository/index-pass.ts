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
  type ResourceIndex,
  type Store,
  type StoredVersion,
} from '../store/index.ts'

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
    await store.maintenance.replaceIndexes(versions.map((version) => itemOf(search, version)))
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
    await parts.store.maintenance.replaceIndexes(current.map((version) => itemOf(parts.search, version)))
    open = await unfound(parts, type, parameters, current)
  }
}

/** One question to the store, and which of the resources at hand must be its answer. */
interface Expected {
  readonly where: Expression
  readonly ids: Set<string>
}

/** Those that the store's index does not have as extraction has them; of some, because they changed since. */
async function unfound(
  { store, search }: IndexPassParts,
  type: string,
  parameters: readonly CustomParameter[],
  versions: readonly StoredVersion[],
): Promise<readonly StoredVersion[]> {
  if (versions.length === 0) return []
  const questions = new Map<string, Expected>()
  const question = (contained: string, { code }: CustomParameter, kind: Kind): Expected => {
    const key = `${contained} ${code} ${kind}`
    const present = presenceMatch(code, kind)
    const known = questions.get(key) ?? {
      where: contained === '' ? present : containsMatch(contained, present),
      ids: new Set(),
    }
    questions.set(key, known)
    return known
  }
  for (const parameter of parameters)
    if (parameter.types.includes(type)) question('', parameter, parameter.type)
  for (const version of versions) {
    const { entries, contained } = indexOf(search, version)
    const expect = (within: string, ofType: string, own: ResourceIndex['entries']): void => {
      for (const parameter of parameters)
        if (parameter.types.includes(ofType))
          for (const { param, kind } of own)
            if (param === parameter.code) question(within, parameter, kind).ids.add(version.id)
    }
    expect('', type, entries)
    for (const inside of contained) expect(inside.type, inside.type, inside.entries)
  }
  const ids = or(versions.map(({ id }) => idMatch(id)))
  const wrong = new Set<string>()
  for (const { where, ids: expected } of questions.values()) {
    const found = new Set(await store.matches(type, and([ids, where]), versions.length, SEE_EVERYTHING))
    for (const id of expected) if (!found.has(id)) wrong.add(id)
    for (const id of found) if (!expected.has(id)) wrong.add(id)
  }
  return versions.filter(({ id }) => wrong.has(id))
}

type Kind = ResourceIndex['entries'][number]['kind']

function itemOf(search: Search, version: StoredVersion) {
  const { type, id, versionId } = version
  return { key: { type, id }, versionId, index: indexOf(search, version) }
}

function indexOf(search: Search, { body }: StoredVersion): ResourceIndex {
  return search.extract(parseJson(body as Buffer) as Resource)
}
