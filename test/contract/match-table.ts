// A table of what matches what, asked in every way a store can be asked.
import {
  and,
  idMatch,
  or,
  SEE_EVERYTHING,
  type Comparator,
  type Expression,
  type IndexEntry,
} from '../../src/store/index.ts'
import {
  commit,
  EVERY,
  ids,
  put,
  search,
  storeTest,
  write,
  type Content,
  type OpenStore,
  type Tester,
} from './world.ts'

/** What is asked, and the ids that must answer, parted by spaces. */
export type Ask = readonly [what: string, where: Expression, expected: string]

/** Stores one Observation for each name, and asks each question in every way there is. */
export function table(
  t: Tester,
  open: OpenStore,
  name: string,
  stored: Readonly<Record<string, readonly IndexEntry[] | Content>>,
  asks: readonly Ask[],
): void {
  storeTest(t, open, name, async (t, store) => {
    for (const [id, told] of Object.entries(stored)) {
      const content: Content = Array.isArray(told) ? { entries: told } : (told as Content)
      const { entries = [] } = content
      const elsewhere = entries.map((entry) => ({ ...entry, param: `${entry.param}-other` }))
      await write(
        store,
        put('Observation', id, content),
        put('Observation', `${id}-other`, { entries: elsewhere }),
        put('Condition', id, content),
      )
    }
    const assertions = []
    for (const [what, where, names] of asks) {
      const expected = names.split(' ').filter(Boolean).toSorted()
      const page = await search(store, { type: 'Observation', where, total: 'accurate' })
      t.strictSame(ids(page.matches), expected, what)
      t.equal(page.total, expected.length, `${what}: total`)
      const found = await store.matches('Observation', where, 1000, SEE_EVERYTHING)
      t.strictSame(found.toSorted(), expected, `${what}: matches`)
      assertions.push({ type: 'Observation', where, ids: expected })
      assertions.push({ type: 'Observation', where: and([EVERY, or([where, or([])])]), ids: expected })
      const within = or(Object.keys(stored).map(idMatch))
      assertions.push({ type: 'Observation', where: and([within, where, where]), ids: expected })
    }
    t.strictSame(
      await store.commit(commit([], { assertions })),
      { kind: 'committed', results: [] },
      'inside the turn',
    )
  })
}

/** A condition, asked of those that a table stores by name and of nothing else. */
export function among(names: string, node: Expression): Expression {
  return and([or(names.split(' ').map(idMatch)), node])
}

/** One question for each comparator. */
export function compared(
  what: string,
  node: (comparator: Comparator) => Expression,
  expected: Partial<Record<Comparator, string>>,
): Ask[] {
  return Object.entries(expected).map(([comparator, names]) => [
    `${comparator} ${what}`,
    node(comparator as Comparator),
    names,
  ])
}
