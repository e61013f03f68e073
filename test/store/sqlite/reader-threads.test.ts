// Searches that take long are answered by a thread of their own: the same answers, and everybody else is served meanwhile.
import t from 'tap'
import {
  and,
  not,
  or,
  SEE_EVERYTHING,
  searchQuery,
  stringMatch,
  textMatch,
  tokenMatch,
  type Expression,
  type SearchQuery,
  type SortKey,
  type Store,
} from '../../../src/store/index.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { put, remove, write, type Content } from '../../contract/world.ts'
import { testFolder } from './folder.ts'

const COUNT = 12_000

const contentOf = (n: number): Content => ({
  date: n,
  notes: n % 3000 === 7 ? ['red fox'] : ['grey'],
  entries: [
    { kind: 'token', param: 'code', system: 'urn:s', code: `c${n % 7}` },
    { kind: 'token', param: 'status', system: 'urn:s', code: 'final' },
    { kind: 'string', param: 'name', folded: `name ${n} end`, exact: `name ${n} end` },
  ],
})

async function fill(store: Store): Promise<void> {
  for (let n = 0; n < COUNT; n += 500)
    await write(
      store,
      ...Array.from({ length: 500 }, (_, at) => put('Observation', `o${n + at}`, contentOf(n + at))),
    )
}

const ask = async (
  store: Store,
  query: Partial<SearchQuery> & { type?: string; where?: SearchQuery['from'][0]['where'] },
) => store.search(searchQuery(query), SEE_EVERYTHING)

const ids = (page: { readonly matches: readonly { readonly id: string }[] }) =>
  page.matches.map(({ id }) => id)
/** No index serves it, and few meet it. */
const RARE = and([not(tokenMatch('code', undefined, 'c1')), not(not(stringMatch('name', '777 end', 'ends')))])
const BY_CODE: SortKey = { by: 'entry', entry: 'token', param: 'code', descending: true }

t.setTimeout(300_000)
t.test('long searches', async (t) => {
  const file = testFolder(t)('long.db')
  const store = await openSqliteStore({ file })
  await fill(store)

  t.test('pages, totals and ids, while others are served', async (t) => {
    const expected = Array.from({ length: COUNT }, (_, n) => n)
      .filter((n) => n % 7 !== 1 && `${n}`.endsWith('777'))
      .map((n) => `o${n}`)
    let done = false
    const long = ask(store, { type: 'Observation', where: RARE, total: 'accurate' }).then((page) => {
      done = true
      return page
    })
    const read = await store.read({ type: 'Observation', id: 'o5' }, SEE_EVERYTHING)
    // No message of another thread arrives before the turn of the event loop ends.
    for (let n = 0; n < 100; n++) await Promise.resolve()
    t.equal(done, false, 'a read need not wait for the search before it')
    t.equal(read?.id, 'o5')
    const page = await long
    t.strictSame(ids(page).toSorted(), expected.toSorted())
    t.equal(page.total, expected.length)
    for (const match of page.matches) {
      t.ok(Buffer.isBuffer(match.body))
      t.strictSame(match, await store.read({ type: 'Observation', id: match.id }, SEE_EVERYTHING))
    }
    t.strictSame(
      (await store.matches('Observation', RARE, 100, SEE_EVERYTHING)).toSorted(),
      expected.toSorted(),
    )
  })

  t.test('a walk in the order of an index, when it finds too little', async (t) => {
    const final = tokenMatch('status', undefined, 'final')
    const notMany = not(tokenMatch('code', undefined, 'c1'))
    const found = async (where: Expression) => {
      let done = false
      const asked = ask(store, { type: 'Observation', where, count: 20 }).finally(() => {
        done = true
      })
      for (let n = 0; n < 100; n++) await Promise.resolve()
      return { atOnce: done, page: await asked }
    }
    const soon = await found(and([final, notMany]))
    t.equal(soon.atOnce, true, 'a page that is soon full needs no other thread')
    t.equal(soon.page.matches.length, 20)
    const late = await found(and([final, RARE]))
    t.equal(late.atOnce, false)
    t.strictSame(
      ids(late.page).toSorted(),
      ids(await ask(store, { type: 'Observation', where: RARE })).toSorted(),
    )
  })

  t.test('whatever makes it dear', async (t) => {
    const unmet = (count: number): Expression[] =>
      Array.from({ length: count }, (_, n) => not(stringMatch('name', `none ${n}`, 'ends')))
    const final = tokenMatch('status', undefined, 'final')
    const type = 'Observation'
    await write(store, put('Basic', 'of-known', { patients: ['known'] }))
    const EVERY_VERSION = { scope: { kind: 'type', type }, since: undefined, after: undefined } as const
    const ANY_TIME = { low: 0, high: Date.now() + 1e9 }
    const dear: Record<string, () => Promise<unknown>> = {
      'many conditions on each of a few': async () =>
        ask(store, { type, where: and([final, ...unmet(300)]) }),
      'many conditions where no index serves': async () => ask(store, { type, where: and(unmet(300)) }),
      'a page of a thousand': async () => ask(store, { type, where: final, count: 1000 }),
      'a text within many': async () => ask(store, { type, where: stringMatch('name', 'none', 'contains') }),
      'a text at the end of many': async () =>
        ask(store, { type, where: or([stringMatch('name', 'none', 'ends'), stringMatch('name', 'no')]) }),
      'a word of many, counted': async () =>
        ask(store, { type, where: textMatch('narrative', ['none']), total: 'accurate', count: 0 }).then(
          async () =>
            ask(store, { type, where: textMatch('content', ['grey']), total: 'accurate', count: 0 }),
        ),
      'a word of many, tested': async () =>
        ask(store, { type, where: and([not(textMatch('content', ['grey'])), final]) }),
      'all versions of a type, at a time': async () =>
        store.history({ ...EVERY_VERSION, at: ANY_TIME, count: 0 }, SEE_EVERYTHING),
      'versions that are not to be seen': async () =>
        store.history(
          { ...EVERY_VERSION, at: undefined, count: 10 },
          { anyOf: [{ types: '*', patients: ['known'], withoutLabels: [] }] },
        ),
    }
    for (const [what, run] of Object.entries(dear)) {
      let done = false
      const asked = run().finally(() => {
        done = true
      })
      for (let n = 0; n < 100; n++) await Promise.resolve()
      t.equal(done, false, what)
      await asked
    }
    const cheap: Record<string, () => Promise<unknown>> = {
      'a page of the versions of a type': async () =>
        store.history({ ...EVERY_VERSION, at: undefined, count: 10 }, SEE_EVERYTHING),
      'a page of a hundred': async () => ask(store, { type, where: final, count: 100 }),
      'some conditions': async () => ask(store, { type, where: and([final, ...unmet(10)]), count: 10 }),
    }
    for (const [what, run] of Object.entries(cheap)) {
      let done = false
      const asked = run().finally(() => {
        done = true
      })
      for (let n = 0; n < 100; n++) await Promise.resolve()
      t.equal(done, true, what)
      await asked
    }
    const page = await store.history({ ...EVERY_VERSION, at: ANY_TIME, count: 3 }, SEE_EVERYTHING)
    const counted = await store.history({ ...EVERY_VERSION, at: ANY_TIME, count: 0 }, SEE_EVERYTHING)
    t.equal(counted.total, COUNT)
    for (const { id, versionId, body } of page.versions)
      t.strictSame(body, (await store.readVersion({ type, id }, versionId, SEE_EVERYTHING))?.body)
  })

  t.test('what refers to many, by many parameters', async (t) => {
    const parameters = Array.from({ length: 40 }, (_, n) => n)
    const patients = Array.from({ length: 300 }, (_, n) => put('Patient', `p${n}`))
    const target = { kind: 'local', type: 'Patient', id: 'p99' } as const
    const referring = parameters.map((n) =>
      put('Basic', `b${n}`, { entries: [{ kind: 'reference', param: `to${n}`, target }] }),
    )
    await write(store, ...patients, ...referring)
    const referrers = {
      direction: 'reverse',
      iterate: false,
      source: undefined,
      param: undefined,
      target: undefined,
    } as const
    let done = false
    const long = ask(store, { type: 'Patient', count: 300, includes: [referrers] }).finally(() => {
      done = true
    })
    for (let n = 0; n < 100; n++) await Promise.resolve()
    t.equal(done, false)
    const page = await long
    t.same(page.included.map(({ id }) => id).toSorted(), parameters.map((n) => `b${n}`).toSorted())
  })

  t.test('what was written before is seen, and pages go on as they began', async (t) => {
    const sorted = { type: 'Observation', sort: [BY_CODE], count: 5000 }
    const first = await ask(store, sorted)
    t.strictSame(first.matches.length, 5000)
    await write(store, remove('Observation', 'o777'), put('Observation', 'x777', contentOf(777)))
    const now = ids(await ask(store, { type: 'Observation', where: RARE }))
    t.ok(now.includes('x777') && !now.includes('o777'), 'the write before')
    const rest = []
    for (let at = await ask(store, { ...sorted, cursor: first.next }); ; ) {
      rest.push(...ids(at))
      if (at.next === undefined) break
      at = await ask(store, { ...sorted, cursor: at.next })
    }
    const codeOf = (id: string) => Number(id.slice(1)) % 7
    const whole = [...ids(first), ...rest]
    t.equal(new Set(whole).size, COUNT)
    t.ok(!whole.includes('x777') && whole.includes('o777'), 'the write after the first page')
    t.strictSame(
      whole,
      whole.toSorted((a, b) => codeOf(b) - codeOf(a) || Number(a.slice(1)) - Number(b.slice(1))),
    )
  })

  t.test('words that were written just now', async (t) => {
    const words = and([not(stringMatch('name', 'x')), not(not(textMatch('content', ['fox'])))])
    const before = ids(await ask(store, { type: 'Observation', where: words, sort: [BY_CODE], count: 100 }))
    await write(store, put('Observation', 'fox', { notes: ['a fox'] }))
    const after = ids(await ask(store, { type: 'Observation', where: words, sort: [BY_CODE], count: 100 }))
    t.strictSame(after.toSorted(), [...before, 'fox'].toSorted())
  })

  t.test('errors are what they are here', async (t) => {
    await t.rejects(
      ask(store, { type: 'Observation', where: RARE, cursor: 'x' }),
      { code: 'invalid-search' },
      'a bad link',
    )
  })

  t.test('what was accepted is answered before the store closes', async (t) => {
    const some = Array.from({ length: 6 }, async () => ask(store, { type: 'Observation', where: RARE }))
    await new Promise((resolve) => setImmediate(resolve))
    await store.close()
    for (const page of await Promise.all(some)) t.ok(page.matches.length > 5)
    await t.rejects(ask(store, { type: 'Observation', where: RARE }))
  })

  t.test('the bound on work holds there too, with its message', async (t) => {
    const bounded = await openSqliteStore({ file, mostExamined: 5000 })
    await t.rejects(ask(bounded, { type: 'Observation', where: RARE }), {
      name: 'FhirError',
      code: 'too-costly',
      message: /Observation/,
    })
    await bounded.close()
  })

  t.test('an encrypted store', async (t) => {
    const key = Buffer.alloc(32, 7)
    const encrypted = await openSqliteStore({ file: testFolder(t)('e.db'), key })
    await fill(encrypted)
    t.ok((await ask(encrypted, { type: 'Observation', where: RARE })).matches.length > 5)
    await encrypted.close()
  })
})
