// Contract: what is found follows what is written, and brings along what it refers to.
import {
  dateMatch,
  localReferenceMatch,
  numberMatch,
  or,
  quantityMatch,
  SEE_EVERYTHING,
  stringMatch,
  tokenMatch,
  uriMatch,
  urlReferenceMatch,
  type Expression,
  type Include,
  type IndexEntry,
  type Store,
} from '../../src/store/index.ts'
import { ids, put, remove, search, storeTest, write, type OpenStore, type Tester } from './world.ts'

export function findingContract(t: Tester, open: OpenStore): void {
  rows(t, open)
  totals(t, open)
  includes(t, open)
}

/** One entry of every kind for a number, and the conditions that find it. */
function ofEveryKind(n: number): { readonly entries: IndexEntry[]; readonly wheres: Expression[] } {
  const reference = { kind: 'reference', param: 'r' } as const
  const range = { low: n * 10, high: n * 10 + 1 }
  const eq = { comparator: 'eq', ...range } as const
  return {
    entries: [
      { kind: 'token', param: 't', system: 'urn:s', code: `${n}` },
      { kind: 'string', param: 's', folded: `name ${n}`, exact: `Name ${n}` },
      { ...reference, target: { kind: 'local', type: 'Patient', id: `${n}` } },
      { ...reference, target: { kind: 'url', url: `http://a.test/${n}`, version: '1' } },
      { kind: 'date', param: 'd', ...range },
      { kind: 'number', param: 'n', low: n * 10, high: n * 10 },
      { kind: 'quantity', param: 'q', low: n * 10, high: n * 10, system: 'urn:u', code: 'u', unit: 'U' },
      { kind: 'uri', param: 'u', value: `urn:x:${n}` },
    ],
    wheres: [
      tokenMatch('t', 'urn:s', `${n}`),
      tokenMatch('t', undefined, `${n}`),
      stringMatch('s', `name ${n}`),
      localReferenceMatch('r', ['Patient'], `${n}`),
      urlReferenceMatch('r', `http://a.test/${n}`),
      urlReferenceMatch('r', `http://a.test/${n}|1`),
      dateMatch('d', eq),
      numberMatch('n', eq),
      quantityMatch('q', eq, 'urn:u', 'u'),
      uriMatch('u', `urn:x:${n}`),
    ],
  }
}

function rows(t: Tester, open: OpenStore): void {
  const found = async (store: Store, n: number) =>
    Promise.all(
      ofEveryKind(n).wheres.map(async (where) =>
        (await store.matches('Observation', where, 9, SEE_EVERYTHING)).toSorted().join(),
      ),
    )
  const everywhere = (answer: string) => ofEveryKind(0).wheres.map(() => answer)

  storeTest(
    t,
    open,
    'old values no longer match after an update, a delete, a re-creation',
    async (t, store) => {
      await write(store, put('Observation', 'a', { entries: ofEveryKind(1).entries, date: 10 }))
      await write(store, put('Observation', 'b', { entries: ofEveryKind(1).entries, date: 20 }))
      t.strictSame(await found(store, 1), everywhere('a,b'))
      await write(store, put('Observation', 'a', { entries: ofEveryKind(2).entries, date: 10 }))
      t.strictSame([await found(store, 1), await found(store, 2)], [everywhere('b'), everywhere('a')])
      await write(store, put('Observation', 'a', { entries: ofEveryKind(2).entries, date: undefined }))
      t.strictSame(await found(store, 2), everywhere('a'), 'when only the date changes')
      await write(
        store,
        put('Observation', 'a', {
          entries: ofEveryKind(2).entries,
          patients: ['p'],
          labels: [{ system: 's', code: 'l' }],
        }),
      )
      t.strictSame(await found(store, 2), everywhere('a'), 'when only compartments and labels change')
      await write(
        store,
        put('Observation', 'a', { entries: [...ofEveryKind(2).entries, ...ofEveryKind(3).entries] }),
      )
      t.strictSame([await found(store, 2), await found(store, 3)], [everywhere('a'), everywhere('a')])
      await write(store, put('Observation', 'a', { entries: ofEveryKind(3).entries }))
      t.strictSame([await found(store, 2), await found(store, 3)], [everywhere(''), everywhere('a')])
      await write(store, remove('Observation', 'a'))
      t.strictSame(await found(store, 3), everywhere(''))
      await write(store, put('Observation', 'a', { entries: ofEveryKind(4).entries }))
      t.strictSame([await found(store, 3), await found(store, 4)], [everywhere(''), everywhere('a')])
      await write(store, put('Observation', 'a', { entries: [] }))
      t.strictSame(await found(store, 4), everywhere(''))
      t.strictSame(await found(store, 1), everywhere('b'), 'the other was not touched')
      t.strictSame(await store.maintenance.verify(), [])
    },
  )

  storeTest(t, open, 'an entry that stands twice is found once', async (t, store) => {
    const { entries, wheres } = ofEveryKind(5)
    await write(store, put('Observation', 'a', { entries: [...entries, ...entries] }))
    t.strictSame(await found(store, 5), everywhere('a'))
    t.equal((await search(store, { type: 'Observation', where: or(wheres), total: 'accurate' })).total, 1)
    await write(store, put('Observation', 'a', { entries }))
    t.strictSame(await found(store, 5), everywhere('a'))
    await write(store, put('Observation', 'a', { entries: [...entries.slice(1), ...entries] }))
    await write(store, remove('Observation', 'a'))
    t.strictSame(await found(store, 5), everywhere(''))
    t.strictSame(await store.maintenance.verify(), [])
  })

  storeTest(
    t,
    open,
    'entries that differ only in what is seldom looked at are kept apart',
    async (t, store) => {
      const both: IndexEntry[] = [
        { kind: 'string', param: 's', folded: 'zoe', exact: 'Zoe' },
        { kind: 'string', param: 's', folded: 'zoe', exact: 'Zoë' },
        { kind: 'quantity', param: 'q', low: 1, high: 1, system: 'urn:u', code: 'u', unit: 'one' },
        { kind: 'quantity', param: 'q', low: 1, high: 1, system: 'urn:u', code: 'u', unit: 'two' },
        { kind: 'quantity', param: 'q', low: 1, high: 2, system: 'urn:u', code: 'u', unit: 'two' },
        { kind: 'date', param: 'd', low: 1, high: 2 },
        { kind: 'date', param: 'd', low: 1, high: 3 },
      ]
      const unit = (text: string) =>
        quantityMatch('q', { comparator: 'eq', low: 1, high: 1.5 }, undefined, text)
      const ends = (high: number) => dateMatch('d', { comparator: 'eq', low: 1, high })
      const count = async (...wheres: Expression[]) =>
        Promise.all(
          wheres.map(async (where) => (await store.matches('Observation', where, 9, SEE_EVERYTHING)).length),
        )
      const asked = [stringMatch('s', 'zoe'), unit('one'), unit('two'), ends(2), ends(3)]
      await write(store, put('Observation', 'a', { entries: both }))
      t.strictSame(await count(...asked), [1, 1, 1, 1, 1])
      await write(store, put('Observation', 'a', { entries: both.filter((_, at) => at % 2 === 0) }))
      t.strictSame(await count(...asked), [1, 1, 0, 0, 1])
      await write(store, put('Observation', 'a', { entries: both.filter((_, at) => at % 2 === 1) }))
      t.strictSame(await count(...asked), [1, 0, 1, 1, 1])
      await write(store, remove('Observation', 'a'))
      t.strictSame(await count(...asked), [0, 0, 0, 0, 0])
    },
  )

  storeTest(
    t,
    open,
    'a reference is found whether its target comes sooner, later or goes',
    async (t, store) => {
      const entries: IndexEntry[] = [
        { kind: 'reference', param: 'r', target: { kind: 'local', type: 'Patient', id: 'p' } },
      ]
      const where = localReferenceMatch('r', ['Patient', 'Group'], 'p')
      const ask = async () => (await store.matches('Observation', where, 9, SEE_EVERYTHING)).toSorted()
      await write(store, put('Observation', 'a', { entries }))
      t.strictSame(await ask(), ['a'])
      await write(store, put('Patient', 'p'))
      await write(store, put('Observation', 'b', { entries }))
      t.strictSame(await ask(), ['a', 'b'])
      await write(store, remove('Patient', 'p'))
      t.strictSame(await ask(), ['a', 'b'])
      await write(store, remove('Observation', 'a'), put('Patient', 'p'))
      t.strictSame(await ask(), ['b'])
    },
  )
}

function totals(t: Tester, open: OpenStore): void {
  storeTest(t, open, 'totals count all pages, each match once', async (t, store) => {
    for (let at = 0; at < 9; at++)
      await write(store, put('Observation', `o${at}`, { entries: ofEveryKind(at % 3).entries, date: at }))
    await write(store, put('Condition', 'c', { entries: ofEveryKind(0).entries }))
    await write(store, remove('Observation', 'o8'))
    const type = 'Observation'
    t.equal((await search(store, { type, total: 'accurate' })).total, 8)
    t.equal((await search(store, { type, total: 'accurate', count: 3 })).total, 8)
    for (const where of ofEveryKind(0).wheres) {
      const { memory: _, ...none } = await search(store, { type, where, total: 'accurate', count: 0 })
      t.strictSame(
        none,
        { matches: [], included: [], total: 3, includedCut: false, next: undefined, previous: undefined },
        where.kind,
      )
      const first = await search(store, { type, where, total: 'accurate', count: 1 })
      const second = await search(store, { type, where, total: 'accurate', count: 1, cursor: first.next })
      t.strictSame([first.total, second.total], [3, 3])
    }
    const where = or([...ofEveryKind(0).wheres, ...ofEveryKind(1).wheres])
    t.equal((await search(store, { type, where, total: 'accurate', count: 0 })).total, 6)
    t.equal((await search(store, { type: 'Group', total: 'accurate' })).total, 0)
    t.equal((await search(store, { type: 'Observation' })).total, undefined, 'only when asked for')
  })

  storeTest(t, open, 'matches are cut at the limit', async (t, store) => {
    for (const id of ['a', 'b', 'c']) await write(store, put('Patient', id))
    const every = or([tokenMatch('none', undefined, 'x'), { kind: 'and', all: [] }])
    for (const [limit, length] of [
      [0, 0],
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 3],
    ] as const)
      t.equal((await store.matches('Patient', every, limit, SEE_EVERYTHING)).length, length, `limit ${limit}`)
  })
}

function includes(t: Tester, open: OpenStore): void {
  const refers = (param: string, type: string, id: string): IndexEntry => ({
    kind: 'reference',
    param,
    target: { kind: 'local', type, id },
  })
  const include = (param?: string, target?: string, source = 'Observation'): Include => ({
    direction: 'forward',
    iterate: false,
    source,
    param,
    target,
  })

  storeTest(t, open, 'includes bring the targets of the page, each once', async (t, store) => {
    await write(
      store,
      put('Patient', 'p'),
      put('Patient', 'q'),
      put('Group', 'p'),
      put('Practitioner', 'd'),
      put('Patient', 'gone'),
    )
    await write(store, remove('Patient', 'gone'))
    const entries: Record<string, IndexEntry[]> = {
      a: [refers('subject', 'Patient', 'p'), refers('performer', 'Practitioner', 'd')],
      b: [
        refers('subject', 'Patient', 'p'),
        refers('subject', 'Patient', 'q'),
        refers('has-member', 'Observation', 'a'),
      ],
      c: [
        refers('subject', 'Group', 'p'),
        refers('performer', 'Patient', 'gone'),
        refers('performer', 'Patient', 'never'),
      ],
      d: [
        {
          kind: 'reference',
          param: 'subject',
          target: { kind: 'url', url: 'http://a.test/Patient/p', version: undefined },
        },
      ],
      e: [refers('has-member', 'Observation', 'e'), refers('has-member', 'Observation', 'd')],
    }
    for (const [id, own] of Object.entries(entries))
      await write(
        store,
        put('Observation', id, { entries: [...own, { kind: 'token', param: 'id', system: '', code: id }] }),
      )
    const ask = async (of: string, ...asked: Include[]) => {
      const where = or(of.split('').map((code) => tokenMatch('id', undefined, code)))
      const { matches, included } = await search(store, { type: 'Observation', where, includes: asked })
      t.strictSame(ids(matches), of.split(''))
      return included.map(({ type, id }) => `${type}/${id}`).toSorted()
    }
    t.strictSame(await ask('abc', include('subject')), ['Group/p', 'Patient/p', 'Patient/q'])
    t.strictSame(await ask('a', include('subject')), ['Patient/p'])
    t.strictSame(await ask('abc', include('subject', 'Patient')), ['Patient/p', 'Patient/q'])
    t.strictSame(await ask('abc', include('subject', 'Practitioner')), [])
    t.strictSame(
      await ask('abc', include('performer')),
      ['Practitioner/d'],
      'what is deleted or never was is left out',
    )
    t.strictSame(await ask('abcd'), [], 'nothing is brought unasked')
    t.strictSame(await ask('d', include()), [], 'urls are not followed')
    t.strictSame(await ask('ab', include('has-member')), [], 'what is a match already does not come again')
    t.strictSame(await ask('b', include('has-member')), ['Observation/a'])
    t.strictSame(await ask('e', include('has-member')), ['Observation/d'], 'not even itself')
    t.strictSame(await ask('abc', include()), ['Group/p', 'Patient/p', 'Patient/q', 'Practitioner/d'])
    t.strictSame(await ask('abc', include(undefined, 'Patient')), ['Patient/p', 'Patient/q'])
    t.strictSame(
      await ask(
        'abc',
        include('subject', 'Group'),
        include('performer'),
        include('performer'),
        include('never'),
      ),
      ['Group/p', 'Practitioner/d'],
    )
    t.strictSame(
      await ask('abc', include('subject', undefined, 'Condition')),
      [],
      'the source is another type',
    )
  })

  storeTest(t, open, 'includes bring current versions, for this page alone', async (t, store) => {
    for (const n of [1, 2, 3]) {
      await write(
        store,
        put('Patient', `p${n}`),
        put('Observation', `o${n}`, { entries: [refers('subject', 'Patient', `p${n}`)] }),
      )
      await write(store, put('Patient', `p${n}`, { text: '"new":1' }))
    }
    let cursor: string | undefined
    const seen: string[] = []
    do {
      const page = await search(store, {
        type: 'Observation',
        includes: [include('subject')],
        count: 1,
        cursor,
      })
      t.strictSame(
        page.included.map(({ id }) => id),
        page.matches.map(({ id }) => id.replace('o', 'p')),
      )
      t.match(page.included[0], { versionId: 2, change: 'update', body: Buffer })
      seen.push(...ids(page.matches))
      cursor = page.next
    } while (cursor !== undefined)
    t.strictSame(seen.toSorted(), ['o1', 'o2', 'o3'])
    const none = await search(store, { type: 'Observation', includes: [include('subject')], count: 0 })
    t.strictSame(none.included, [])
  })
}
