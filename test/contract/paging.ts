// Contract: the pages of a search walk every match once, in one order.
import { or, SEE_EVERYTHING, tokenMatch, type IndexEntry, type SortKey } from '../../src/store/index.ts'
import { FhirError } from '../../src/fhir/errors.ts'
import {
  EVERY,
  history,
  ids,
  pages,
  put,
  remove,
  search,
  storeTest,
  write,
  type OpenStore,
  type Tester,
} from './world.ts'

const SORTS: Readonly<Record<string, readonly SortKey[]>> = {
  'no sort': [],
  'oldest first': [{ by: 'lastUpdated', descending: false }],
  'newest first': [{ by: 'lastUpdated', descending: true }],
}

const token = (code: string): IndexEntry => ({ kind: 'token', param: 'code', system: 'urn:s', code })

export function pagingContract(t: Tester, open: OpenStore): void {
  for (const [name, sort] of Object.entries(SORTS))
    storeTest(
      t,
      open,
      `${name}: pages of 1 to 14 walk the same order, once each`,
      async (t, store, clock) => {
        // Equal times, equal dates and no dates among them, in an order of ids that says nothing.
        const dates = [5, undefined, -7, 5, 5, undefined, 1e12, -7, 0, undefined, 5, 3]
        for (const [at, date] of dates.entries()) {
          if (at % 4 === 0) clock.time += 1000
          const content = { date, entries: [token('all'), token(`${at % 3}`)] }
          await write(
            store,
            put('Observation', `o${(at * 7) % 12}`, content),
            put('Group', `g${at}`, content),
          )
        }
        await write(store, put('Observation', 'o3', { date: 9, entries: [token('all'), token('0')] }))
        const wheres = {
          all: EVERY,
          'one token': tokenMatch('code', 'urn:s', 'all'),
          'two entries': tokenMatch('code', 'urn:s', undefined),
        }
        for (const [what, where] of Object.entries({
          ...wheres,
          or: or([
            tokenMatch('code', undefined, '0'),
            tokenMatch('code', undefined, '1'),
            tokenMatch('code', undefined, 'all'),
          ]),
        })) {
          const query = { type: 'Observation', where, sort }
          const whole = await search(store, query)
          t.equal(whole.next, undefined)
          const order = whole.matches.map(({ id }) => id)
          t.equal(new Set(order).size, 12, what)
          for (const count of [1, 2, 3, 4, 5, 6, 7, 11, 12, 13]) {
            const walked = await pages(store, { ...query, count })
            t.strictSame(
              walked.flat().map(({ id }) => id),
              order,
              `${what}, pages of ${count}`,
            )
            t.ok(
              walked.every((page, at) => page.length === (at < walked.length - 1 ? count : page.length)),
              'full pages',
            )
            t.equal(walked.length, Math.ceil(12 / count), 'no empty last page')
          }
          if (sort.length === 0) continue
          const times = whole.matches.map(({ lastUpdated }) => lastUpdated)
          const sorted = times.toSorted((a, b) => (sort[0]!.descending ? b - a : a - b))
          t.strictSame(times, sorted, `${what}: in the order asked for`)
        }
      },
    )

  for (const [name, sort] of Object.entries(SORTS))
    storeTest(
      t,
      open,
      `${name}: what is not touched while one pages is seen once`,
      async (t, store, clock) => {
        for (let at = 0; at < 20; at++) {
          clock.time += at % 2
          await write(store, put('Observation', `o${at}`, { date: at % 5, entries: [token('all')] }))
        }
        let turn = 0
        const walked = await pages(
          store,
          { type: 'Observation', where: tokenMatch('code', undefined, 'all'), sort, count: 3 },
          SEE_EVERYTHING,
          async () => {
            turn++
            clock.time += 1
            await write(store, put('Observation', `new${turn}`, { date: turn % 5, entries: [token('all')] }))
            await write(
              store,
              turn % 2
                ? remove('Observation', `o${turn}`)
                : put('Observation', `o${turn}`, { date: 4, entries: [token('all'), token('x')] }),
            )
            if (turn > 50) throw new Error('the pages do not end')
          },
        )
        const seen = walked.flat().map(({ id }) => id)
        for (let at = turn + 1; at < 20; at++)
          t.equal(seen.filter((id) => id === `o${at}`).length, 1, `o${at}`)
        t.ok(turn >= 5)
      },
    )

  storeTest(t, open, 'a search of nothing has one empty page', async (t, store) => {
    const empty = await search(store, { type: 'Observation', total: 'accurate', count: 5 })
    t.same(empty.memory ?? [], [])
    t.strictSame(
      { ...empty, memory: undefined },
      {
        matches: [],
        included: [],
        total: 0,
        includedCut: false,
        next: undefined,
        previous: undefined,
        memory: undefined,
      },
    )
  })

  storeTest(t, open, "a page link that no store made is refused as the client's fault", async (t, store) => {
    for (const id of ['a', 'b', 'c']) await write(store, put('Patient', id))
    const good = (await search(store, { type: 'Patient', count: 1 })).next!
    const goodHistory = (await history(store, { scope: { kind: 'system' }, count: 1 })).next!
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const bad = [
      '',
      ' ',
      'x',
      '0',
      '-1',
      'null',
      '%00',
      '🙂',
      "' OR 1=1 --",
      good.slice(0, -1),
      `${good}A`,
      `${good} `,
      ` ${good}`,
      ...[null, {}, [], 1, 'a', true, [null], ['1'], [{}], { a: 1 }, [1.5], [1, 2, 3, 4, 5, 6, 7, 8, 9]].map(
        encode,
      ),
      Buffer.from('{"').toString('base64url'),
      'A'.repeat(100_000),
    ]
    for (const after of bad) {
      const shown = JSON.stringify(after.slice(0, 40))
      for (const sort of Object.values(SORTS))
        await t.rejects(
          search(store, { type: 'Patient', count: 1, sort, cursor: after }),
          invalidSearch,
          `search after ${shown}`,
        )
      if (after !== goodHistory)
        await t.rejects(
          history(store, { scope: { kind: 'system' }, count: 1, after }),
          invalidSearch,
          `history after ${shown}`,
        )
    }
    const sorted = SORTS['newest first']!
    await t.rejects(
      search(store, { type: 'Patient', count: 1, sort: sorted, cursor: good }),
      invalidSearch,
      'of another sort',
    )
    t.strictSame(ids((await search(store, { type: 'Patient', count: 9, cursor: good })).matches).length, 2)
  })
}

const invalidSearch = { name: 'FhirError', code: 'invalid-search', constructor: FhirError }
