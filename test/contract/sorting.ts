// Contract: in which order the matches of a search stand (SortKey).
import {
  and,
  or,
  SEE_EVERYTHING,
  tokenMatch,
  typedCondition,
  type IndexEntry,
  type SortKey,
  type SortableEntry,
} from '../../src/store/index.ts'
import { only, R } from './access-world.ts'
import {
  EVERY,
  put,
  remove,
  search,
  storeTest,
  walk,
  write,
  type Content,
  type OpenStore,
  type Subtest,
  type Tester,
} from './world.ts'
import type { AccessFilter, Store, TypedCondition } from '../../src/store/index.ts'

const by = (entry: SortableEntry, param: string, descending = false): SortKey => ({
  by: 'entry',
  entry,
  param,
  descending,
})
const string = (folded: string): IndexEntry => ({ kind: 'string', param: 's', folded, exact: folded })
const token = (code: string, system = 'urn:s'): IndexEntry => ({ kind: 'token', param: 't', system, code })
const uri = (value: string): IndexEntry => ({ kind: 'uri', param: 'u', value })
const date = (low: number, high = low + 1): IndexEntry => ({ kind: 'date', param: 'd', low, high })
const number = (low: number, high = low): IndexEntry => ({ kind: 'number', param: 'n', low, high })
const quantity = (low: number, unit = 'mg', high = low): IndexEntry => ({
  kind: 'quantity',
  param: 'q',
  low,
  high,
  system: 'urn:u',
  code: unit,
  unit,
})
const local = (type: string, id: string): IndexEntry => ({
  kind: 'reference',
  param: 'r',
  target: { kind: 'local', type, id },
})
const url = (to: string, version?: string): IndexEntry => ({
  kind: 'reference',
  param: 'r',
  target: { kind: 'url', url: to, version },
})

async function build(store: Store, contents: Readonly<Record<string, Content>>): Promise<void> {
  for (const [id, content] of Object.entries(contents)) await write(store, put('Observation', id, content))
}

async function stands(
  t: Subtest,
  store: Store,
  sort: readonly SortKey[],
  expected: string,
  from: readonly TypedCondition[] = [typedCondition('Observation', EVERY)],
  access: AccessFilter = SEE_EVERYTHING,
): Promise<void> {
  const told = JSON.stringify(sort)
  const whole = await search(store, { from, sort, total: 'accurate' }, access)
  t.equal(whole.matches.map(({ id }) => id).join(' '), expected, told)
  t.equal(whole.total, whole.matches.length)
  for (const count of [1, 2, 3]) {
    const { forth, back } = await walk(store, { from, sort, count }, access)
    const pages = forth.map(({ matches }) => matches.map(({ id }) => id).join(' '))
    t.equal(pages.join(' '), expected, `${told}: pages of ${count}`)
    t.strictSame(
      back.map(({ matches }) => matches.map(({ id }) => id).join(' ')),
      pages,
      `${told}: and back`,
    )
  }
}

export function sortingContract(t: Tester, open: OpenStore): void {
  storeTest(t, open, 'by each kind of value, up and down, none last', async (t, store) => {
    await build(store, {
      none: {},
      b: {
        entries: [
          string('b'),
          token('b', 'urn:z'),
          uri('b'),
          date(20),
          number(2),
          quantity(2),
          local('Patient', '2'),
        ],
      },
      ac: {
        entries: [
          string('a'),
          string('c'),
          token('a'),
          token('c', ''),
          uri('a'),
          uri('c'),
          date(10),
          date(30),
          number(1),
          number(3),
          quantity(1),
          quantity(3, 'g'),
          local('Group', '9'),
          local('Patient', '3'),
        ],
      },
      again: {
        entries: [
          string('b'),
          token('b'),
          uri('b'),
          date(20, 25),
          number(2),
          quantity(2, 'g'),
          local('Patient', '2'),
        ],
      },
      late: {},
      open: { entries: [date(-Infinity, 15), quantity(-Infinity, 'mg', 5)] },
      d: {
        entries: [
          string('d'),
          token('d'),
          uri('d'),
          date(40),
          number(4),
          quantity(4, 'mg', Infinity),
          url('http://a.test', '2'),
        ],
      },
    })
    for (const [entry, param] of [
      ['string', 's'],
      ['token', 't'],
      ['uri', 'u'],
      ['number', 'n'],
    ] as const) {
      await stands(t, store, [by(entry, param)], 'ac b again d none late open')
      await stands(t, store, [by(entry, param, true)], 'd ac b again none late open')
    }
    await stands(t, store, [by('date', 'd')], 'open ac b again d none late')
    await stands(t, store, [by('date', 'd', true)], 'd ac b again open none late')
    await stands(t, store, [by('quantity', 'q')], 'open ac b again d none late')
    await stands(t, store, [by('quantity', 'q', true)], 'd ac b again open none late')
    await stands(t, store, [by('reference', 'r')], 'ac b again d none late open')
    await stands(t, store, [by('reference', 'r', true)], 'd ac b again none late open')
    await stands(t, store, [by('string', 'never')], 'none b ac again late open d')
    await stands(t, store, [by('string', 'never', true)], 'none b ac again late open d')
    await stands(t, store, [by('token', 's')], 'none b ac again late open d')
  })

  storeTest(t, open, 'texts by code points; numbers as numbers', async (t, store) => {
    await build(store, {
      astral: { entries: [string('\u{1f642}'), token('\u{1f642}'), uri('\u{1f642}')] },
      private: { entries: [string('\uffee'), token('\uffee'), uri('\uffee')] },
      lower: { entries: [string('a'), token('a'), uri('a')] },
      upper: { entries: [string('B'), token('B'), uri('B')] },
      empty: { entries: [string(''), token(''), uri('')] },
      longer: { entries: [string('a b'), token('a b'), uri('a b')] },
    })
    for (const key of [by('string', 's'), by('token', 't'), by('uri', 'u')])
      await stands(t, store, [key], 'empty upper lower longer private astral')
    for (const key of [by('string', 's', true), by('token', 't', true), by('uri', 'u', true)])
      await stands(t, store, [key], 'astral private longer lower upper empty')
  })

  storeTest(t, open, 'numbers of all sizes', async (t, store) => {
    const values = { big: 1e20, ten: 10, nine: 9, small: 1e-7, zero: 0, half: 0.5, minus: -3, huge: -1e20 }
    await build(
      store,
      Object.fromEntries(
        Object.entries(values).map(([id, value]) => [
          id,
          { entries: [number(value), quantity(value), date(Math.round(value))] },
        ]),
      ),
    )
    const order = 'huge minus zero small half nine ten big'
    for (const key of [by('number', 'n'), by('quantity', 'q')]) await stands(t, store, [key], order)
    for (const key of [by('number', 'n', true), by('quantity', 'q', true)])
      await stands(t, store, [key], order.split(' ').toReversed().join(' '))
  })

  storeTest(t, open, 'references by type and id, or url; not those within', async (t, store) => {
    await build(store, {
      url: { entries: [url('http://a.test/x')] },
      version: { entries: [url('http://a.test/w', '3')] },
      within: {
        entries: [{ kind: 'reference', param: 'r', target: { kind: 'contained', id: 'k' } }],
        contained: [{ type: 'Patient', id: 'k', entries: [] }],
      },
      p10: { entries: [local('Patient', '10')] },
      p9: { entries: [local('Patient', '9')] },
      group: { entries: [local('Group', 'z')] },
      unknown: { entries: [local('Practitioner', 'never')] },
      both: {
        entries: [
          { kind: 'reference', param: 'r', target: { kind: 'contained', id: 'k' } },
          local('Patient', '95'),
        ],
        contained: [{ type: 'Patient', id: 'k', entries: [] }],
      },
    })
    await write(store, put('Patient', '9'))
    await stands(t, store, [by('reference', 'r')], 'group p10 p9 both unknown version url within')
    await stands(t, store, [by('reference', 'r', true)], 'url version unknown both p9 p10 group within')
  })

  storeTest(t, open, 'several keys, each in its direction; by id and by time', async (t, store, clock) => {
    const rows = {
      e: ['x', 1],
      d: ['y', 1],
      c: ['x', 2],
      b: ['y', 2],
      a: ['x', 1],
      f: [undefined, 3],
      g: ['x', undefined],
    } as const
    for (const [id, [s, n]] of Object.entries(rows)) {
      if (id === 'c' || id === 'a') clock.time += 1000
      await write(
        store,
        put('Observation', id, { entries: [...(s ? [string(s)] : []), ...(n ? [number(n)] : [])] }),
      )
    }
    await stands(t, store, [by('string', 's'), by('number', 'n')], 'e a c g d b f')
    await stands(t, store, [by('string', 's'), by('number', 'n', true)], 'c e a g b d f')
    await stands(t, store, [by('string', 's', true), by('number', 'n')], 'd b e a c g f')
    await stands(t, store, [by('number', 'n', true), by('string', 's', true)], 'f b c d e a g')
    await stands(t, store, [by('string', 's'), { by: 'id', descending: true }], 'g e c a d b f')
    await stands(t, store, [{ by: 'id', descending: false }], 'a b c d e f g')
    await stands(t, store, [{ by: 'id', descending: true }], 'g f e d c b a')
    await stands(t, store, [{ by: 'lastUpdated', descending: false }], 'e d c b a f g')
    await stands(t, store, [{ by: 'lastUpdated', descending: true }], 'a f g c b e d')
    await stands(
      t,
      store,
      [
        { by: 'lastUpdated', descending: true },
        { by: 'id', descending: true },
      ],
      'g f a c b e d',
    )
    await stands(
      t,
      store,
      [{ by: 'lastUpdated', descending: true }, by('string', 's', true)],
      'a g f b c d e',
    )
    await stands(t, store, [by('number', 'n'), { by: 'lastUpdated', descending: true }], 'a e d c b f g')
  })

  storeTest(
    t,
    open,
    'an update, a delete and a second life do not change when it came to be',
    async (t, store, clock) => {
      for (const id of ['c', 'a', 'b'])
        await write(store, put('Observation', id, { entries: [string('same')] }))
      clock.time += 1000
      await write(store, put('Observation', 'c', { entries: [string('same')], text: '"again":1' }))
      await write(store, remove('Observation', 'a'))
      await stands(t, store, [by('string', 's')], 'c b')
      await write(store, put('Observation', 'a', { entries: [string('same')] }))
      await stands(t, store, [by('string', 's')], 'c a b')
      await stands(t, store, [by('string', 's', true)], 'c a b')
      await stands(t, store, [{ by: 'lastUpdated', descending: true }], 'c a b')
    },
  )

  storeTest(t, open, 'several types in one order; conditions of each', async (t, store, clock) => {
    for (const [at, name] of [
      'Observation/a',
      'Condition/b',
      'Observation/c',
      'Condition/d',
      'Group/e',
    ].entries()) {
      const [type, id] = name.split('/') as [string, string]
      if (at === 3) clock.time += 1000
      await write(
        store,
        put(type, id, { entries: [string(`s${(at * 3) % 5}`), token(at % 2 ? 'odd' : 'even')] }),
      )
    }
    const all = ['Observation', 'Condition', 'Group', 'Never'].map((type) => typedCondition(type, EVERY))
    await stands(t, store, [by('string', 's')], 'a c e b d', all)
    await stands(t, store, [by('string', 's', true)], 'd b e c a', all)
    await stands(t, store, [{ by: 'lastUpdated', descending: true }], 'd e a b c', all)
    await stands(t, store, [{ by: 'id', descending: true }], 'e d c b a', all)
    await stands(t, store, [by('token', 'never')], 'a b c d e', all)
    const some = [
      typedCondition('Condition', tokenMatch('t', undefined, 'odd')),
      typedCondition('Observation', or([tokenMatch('t', undefined, 'odd'), and([EVERY])])),
      typedCondition('Group', tokenMatch('t', undefined, 'odd')),
    ]
    await stands(t, store, [by('string', 's')], 'a c b d', some)
    t.equal((await search(store, { from: [], total: 'accurate' })).total, 0, 'no type')
    await stands(t, store, [by('string', 's')], 'a c', all, only({ types: ['Observation'] }))
  })

  storeTest(t, open, 'values that are not for the eye do not sort', async (t, store) => {
    await build(store, {
      secret: { entries: [string('a')], labels: [R] },
      b: { entries: [string('b')] },
      a: { entries: [string('a')] },
    })
    await stands(t, store, [by('string', 's')], 'a b', undefined, only({ withoutLabels: [R] }))
  })

  storeTest(t, open, 'among hundreds, with a condition that few and many meet', async (t, store) => {
    const names: string[] = []
    for (let at = 0; at < 600; at += 50)
      await write(
        store,
        ...Array.from({ length: 50 }, (_, n) => {
          const place = at + n
          names.push(`o${place}`)
          return put('Observation', `o${place}`, {
            date: place % 7,
            entries: [
              token('all'),
              ...(place % 97 === 0 ? [token('few')] : []),
              ...(place % 11 === 0
                ? []
                : [string(`s${place % 13}`), date((place * 37) % 101), number(place % 5)]),
            ],
          })
        }),
      )
    const value = {
      s: (at: number) => `s${at % 13}`,
      d: (at: number) => (at * 37) % 101,
      n: (at: number) => at % 5,
    }
    for (const [param, entry] of [
      ['s', 'string'],
      ['d', 'date'],
      ['n', 'number'],
    ] as const)
      for (const descending of [false, true])
        for (const code of ['all', 'few']) {
          const sorted = names
            .map((_, at) => at)
            .filter((at) => code === 'all' || at % 97 === 0)
            .toSorted((a, b) => {
              const [missingA, missingB] = [a % 11 === 0, b % 11 === 0]
              if (missingA || missingB) return Number(missingA) - Number(missingB)
              const [one, other] = [value[param](a), value[param](b)]
              return (one === other ? 0 : one < other ? -1 : 1) * (descending ? -1 : 1)
            })
            .map((at) => `o${at}`)
          const from = [typedCondition('Observation', tokenMatch('t', 'urn:s', code))]
          const sort = [by(entry, param, descending)]
          const whole = await search(store, { from, sort })
          t.strictSame(
            whole.matches.map(({ id }) => id),
            sorted,
            `${param} ${descending} ${code}`,
          )
          const { forth, back } = await walk(store, { from, sort, count: 150 })
          t.strictSame(
            forth.flatMap(({ matches }) => matches.map(({ id }) => id)),
            sorted,
          )
          t.strictSame(
            back.flatMap(({ matches }) => matches.map(({ id }) => id)),
            sorted,
          )
        }
  })
}
