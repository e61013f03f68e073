// The small words of the contract tests about links: resources that refer to others, and questions about them.
import {
  chainMatch,
  SEE_EVERYTHING,
  tokenMatch,
  typedCondition,
  type AccessFilter,
  type Expression,
  type IndexEntry,
  type Store,
} from '../../src/store/index.ts'
import { commit, EVERY, pages, put, search, write, type Content, type Subtest } from './world.ts'

export const code = (of: string): IndexEntry => ({ kind: 'token', param: 'code', system: '', code: of })
export const is = (of: string) => tokenMatch('code', undefined, of)
export const refers = (param: string, to: string): IndexEntry => {
  const [type, id] = to.split('/') as [string, string]
  return { kind: 'reference', param, target: { kind: 'local', type, id } }
}
export const within = (param: string, id: string): IndexEntry => ({
  kind: 'reference',
  param,
  target: { kind: 'contained', id },
})
export const to = (type: string, where: Expression = EVERY) => typedCondition(type, where)
export const chain = (param: string, type: string, where: Expression = EVERY) =>
  chainMatch(param, [to(type, where)])

export async function build(store: Store, contents: Readonly<Record<string, Content>>): Promise<void> {
  for (const [name, content] of Object.entries(contents)) {
    const [type, id] = name.split('/') as [string, string]
    await write(store, put(type, id, content))
  }
}

/** Asks in every way there is; `expected` are ids parted by spaces. */
export async function asks(
  t: Subtest,
  store: Store,
  type: string,
  table: readonly (readonly [what: string, where: Expression, expected: string])[],
  access: AccessFilter = SEE_EVERYTHING,
): Promise<void> {
  const assertions = []
  for (const [what, where, names] of table) {
    const expected = names.split(' ').filter(Boolean).toSorted()
    const page = await search(store, { type, where, total: 'accurate' }, access)
    t.strictSame(page.matches.map(({ id }) => id).toSorted(), expected, what)
    t.equal(page.total, expected.length, `${what}: total`)
    const count = Math.max(1, Math.ceil(expected.length / 4))
    const walked = await pages(store, { type, where, count }, access)
    t.strictSame(
      walked
        .flat()
        .map(({ id }) => id)
        .toSorted(),
      expected,
      `${what}: by pages`,
    )
    t.strictSame((await store.matches(type, where, 99, access)).toSorted(), expected, `${what}: ids`)
    assertions.push({ type, where, ids: expected })
  }
  t.strictSame(
    await store.commit(commit([], { assertions, access })),
    { kind: 'committed', results: [] },
    'inside the turn',
  )
}
