// Contract: the modifiers of values: absence, sets, modes of strings, places, words and values that stand together.
import {
  and,
  compartmentMatch,
  dateMatch,
  localReferenceMatch,
  nearMatch,
  not,
  numberMatch,
  or,
  presenceMatch,
  quantityMatch,
  stringMatch,
  stringOrderMatch,
  textMatch,
  tokenMatch,
  tokenSetMatch,
  unlikeMatch,
  uriBelowMatch,
  uriMatch,
  urlReferenceMatch,
  type Expression,
  type IndexEntry,
} from '../../src/store/index.ts'
import { among, table, type Ask } from './match-table.ts'
import type { OpenStore, Tester } from './world.ts'

export function valuesContract(t: Tester, open: OpenStore): void {
  absence(t, open)
  sets(t, open)
  stringModes(t, open)
  uris(t, open)
  compartments(t, open)
  places(t, open)
  words(t, open)
}

const token = (param: string, system: string, code: string): IndexEntry => ({
  kind: 'token',
  param,
  system,
  code,
})
const string = (param: string, folded: string, exact = folded): IndexEntry => ({
  kind: 'string',
  param,
  folded,
  exact,
})

function absence(t: Tester, open: OpenStore): void {
  const reference = { kind: 'reference', param: 'r' } as const
  const stored: Record<string, readonly IndexEntry[]> = {
    token: [token('t', 's', 'x')],
    two: [token('t', 's', 'x'), token('t', 's', 'y')],
    bare: [token('t', '', '')],
    string: [string('s', 'a')],
    empty: [string('s', '')],
    local: [{ ...reference, target: { kind: 'local', type: 'Patient', id: 'never' } }],
    url: [{ ...reference, target: { kind: 'url', url: 'http://a.test', version: '1' } }],
    dangling: [{ ...reference, target: { kind: 'contained', id: 'not-there' } }],
    date: [{ kind: 'date', param: 'd', low: -Infinity, high: Infinity }],
    number: [{ kind: 'number', param: 'n', low: 0, high: 0 }],
    quantity: [{ kind: 'quantity', param: 'q', low: 1, high: Infinity, system: '', code: '', unit: '' }],
    uri: [{ kind: 'uri', param: 'u', value: '' }],
    position: [{ kind: 'position', param: 'p', latitude: 0, longitude: 0 }],
    composite: [{ kind: 'composite', param: 'c', components: [] }],
    none: [],
  }
  const names = Object.keys(stored).join(' ')
  const but = (without: string) =>
    names
      .split(' ')
      .filter((name) => !without.split(' ').includes(name))
      .join(' ')
  const present = (node: Expression, expected: string): Ask[] => [
    [`${JSON.stringify(node)}`, node, expected],
    [`not ${JSON.stringify(node)}`, among(names, not(node)), but(expected)],
    [`not not ${JSON.stringify(node)}`, not(not(node)), expected],
  ]
  table(t, open, 'presence of every kind of entry, and its absence', stored, [
    ...present(presenceMatch('t', 'token'), 'token two bare'),
    ...present(presenceMatch('s', 'string'), 'string empty'),
    ...present(presenceMatch('r', 'reference'), 'local url'),
    ...present(presenceMatch('d', 'date'), 'date'),
    ...present(presenceMatch('n', 'number'), 'number'),
    ...present(presenceMatch('q', 'quantity'), 'quantity'),
    ...present(presenceMatch('u', 'uri'), 'uri'),
    ...present(presenceMatch('p', 'position'), 'position'),
    ...present(presenceMatch('c', 'composite'), 'composite'),
    ...present(presenceMatch('never', 'token'), ''),
    ...present(tokenMatch('t', 's', 'x'), 'token two'),
    ...present(tokenMatch('t', 's', 'y'), 'two'),
    ...present(tokenMatch('t', 'other', undefined), ''),
    ...present(tokenMatch('never', 's', 'x'), ''),
    ...present(stringMatch('s', 'a'), 'string'),
    ...present(localReferenceMatch('r', ['Patient'], 'never'), 'local'),
    ...present(localReferenceMatch('r', ['Patient'], 'unheard-of'), ''),
    ...present(urlReferenceMatch('r', 'http://a.test'), 'url'),
    ...present(dateMatch('d', { comparator: 'eq', low: 1, high: 2 }), ''),
    ...present(numberMatch('n', { comparator: 'ge', low: 0, high: 0 }), 'number'),
    ...present(quantityMatch('q', { comparator: 'gt', low: 5, high: 5 }, undefined, undefined), 'quantity'),
    ...present(uriMatch('u', ''), 'uri'),
    ['not and of nothing', among(names, not(and([]))), ''],
    ...present(or([]), ''),
    ...present(or([tokenMatch('t', 's', 'y'), presenceMatch('s', 'string')]), 'two string empty'),
    ...present(and([tokenMatch('t', 's', 'y'), not(tokenMatch('t', 's', 'x'))]), ''),
    ...present(and([presenceMatch('t', 'token'), not(tokenMatch('t', 's', 'y'))]), 'token bare'),
  ])
}

function sets(t: Tester, open: OpenStore): void {
  const many = Array.from({ length: 3000 }, (_, at) => `c${at}`)
  table(
    t,
    open,
    'tokens: one of a set, and those that are not',
    {
      ax: [token('code', 'urn:a', 'x')],
      bx: [token('code', 'urn:b', 'x')],
      x: [token('code', '', 'x')],
      ay: [token('code', 'urn:a', 'y')],
      c2999: [token('code', 'urn:c', 'c2999')],
      several: [token('code', 'urn:a', 'z'), token('code', 'urn:b', 'y')],
      none: [],
    },
    [
      ['one', tokenSetMatch('code', [{ system: 'urn:a', codes: ['x'] }]), 'ax'],
      ['two of a system', tokenSetMatch('code', [{ system: 'urn:a', codes: ['x', 'y', 'w'] }]), 'ax ay'],
      [
        'of two systems, not across',
        tokenSetMatch('code', [
          { system: 'urn:a', codes: ['y'] },
          { system: 'urn:b', codes: ['x'] },
        ]),
        'bx ay',
      ],
      ['without a system', tokenSetMatch('code', [{ system: '', codes: ['x'] }]), 'x'],
      ['all of a system', tokenSetMatch('code', [{ system: 'urn:a', codes: 'all' }]), 'ax ay several'],
      ['all without a system', tokenSetMatch('code', [{ system: '', codes: 'all' }]), 'x'],
      ['all of none', tokenSetMatch('code', [{ system: 'urn:z', codes: 'all' }]), ''],
      ['of no set', tokenSetMatch('code', []), ''],
      ['of an empty set', tokenSetMatch('code', [{ system: 'urn:a', codes: [] }]), ''],
      [
        'thousands',
        tokenSetMatch('code', [
          { system: 'urn:c', codes: many },
          { system: 'urn:d', codes: many },
        ]),
        'c2999',
      ],
      [
        'not in the set: another code, or none',
        among(
          'ax bx x ay c2999 several none',
          not(
            tokenSetMatch('code', [
              { system: 'urn:a', codes: ['x', 'z'] },
              { system: 'urn:c', codes: many },
            ]),
          ),
        ),
        'bx x ay none',
      ],
      [
        'some value that is another',
        unlikeMatch(tokenMatch('code', 'urn:a', 'z')),
        'ax bx x ay c2999 several',
      ],
      ['some of another system', unlikeMatch(tokenMatch('code', 'urn:a', undefined)), 'bx x c2999 several'],
      ['some of another code', unlikeMatch(tokenMatch('code', undefined, 'x')), 'ay c2999 several'],
    ],
  )
}

function stringModes(t: Tester, open: OpenStore): void {
  table(
    t,
    open,
    'strings: contained, at the end, whole, as written, in order',
    {
      smith: [string('name', 'smith', 'Smith')],
      lower: [string('name', 'smith', 'smith')],
      accent: [string('name', 'smith', 'Smïth')],
      smithson: [string('name', 'smithson', 'Smithson')],
      blacksmith: [string('name', 'blacksmith', 'Blacksmith')],
      both: [string('name', 'smith', 'SMITH'), string('name', 'zoe', 'Zoë')],
      percent: [string('name', '100% a_b', '100% A_B')],
      glob: [string('name', '[*]?')],
      astral: [string('name', 'z\u{1f642}')],
      private: [string('name', 'z\uffee')],
      empty: [string('name', '')],
      none: [],
    },
    [
      ['contains', stringMatch('name', 'smith', 'contains'), 'smith lower accent smithson blacksmith both'],
      [
        'contains the middle',
        stringMatch('name', 'mit', 'contains'),
        'smith lower accent smithson blacksmith both',
      ],
      ['contains is folded', stringMatch('name', 'Smith', 'contains'), ''],
      ['contains a percent sign', stringMatch('name', '%', 'contains'), 'percent'],
      ['contains an underscore', stringMatch('name', '_', 'contains'), 'percent'],
      ['contains a star', stringMatch('name', '*', 'contains'), 'glob'],
      ['contains half of no character', stringMatch('name', '\u{1f642}', 'contains'), 'astral'],
      [
        'contains nothing',
        stringMatch('name', '', 'contains'),
        'smith lower accent smithson blacksmith both percent glob astral private empty',
      ],
      ['ends', stringMatch('name', 'smith', 'ends'), 'smith lower accent blacksmith both'],
      ['ends in more than it is', stringMatch('name', 'xsmith', 'ends'), ''],
      ['ends beyond the basic plane', stringMatch('name', '\u{1f642}', 'ends'), 'astral'],
      ['ends in underscore b', stringMatch('name', '_b', 'ends'), 'percent'],
      ['is', stringMatch('name', 'smith', 'equals'), 'smith lower accent both'],
      ['is nothing', stringMatch('name', '', 'equals'), 'empty'],
      ['exact', stringMatch('name', 'Smith', 'exact'), 'smith'],
      ['exact as folded', stringMatch('name', 'smith', 'exact'), 'lower'],
      ['exact with an accent', stringMatch('name', 'Smïth', 'exact'), 'accent'],
      ['exact of two', stringMatch('name', 'Zoë', 'exact'), 'both'],
      ['exact, the folded of another', stringMatch('name', 'zoe', 'exact'), ''],
      ['exact, a part', stringMatch('name', 'Smit', 'exact'), ''],
      ['exact, empty', stringMatch('name', '', 'exact'), 'empty'],
      ['behind', stringOrderMatch('name', 'gt', 'smith'), 'smithson both astral private'],
      [
        'at or behind',
        stringOrderMatch('name', 'ge', 'smith'),
        'smith lower accent smithson both astral private',
      ],
      ['before', stringOrderMatch('name', 'lt', 'blacksmith'), 'percent glob empty'],
      ['at or before', stringOrderMatch('name', 'le', 'blacksmith'), 'percent glob empty blacksmith'],
      ['by code points', stringOrderMatch('name', 'gt', 'z\uffee'), 'astral'],
      [
        'another than',
        unlikeMatch(stringMatch('name', 'smith', 'equals')),
        'smithson blacksmith both percent glob astral private empty',
      ],
      [
        'another than written',
        unlikeMatch(stringMatch('name', 'smith', 'exact')),
        'smith accent smithson blacksmith both percent glob astral private empty',
      ],
      ['not', among('smith lower both none', not(stringMatch('name', 'Zoë', 'exact'))), 'smith lower none'],
    ],
  )
}

function uris(t: Tester, open: OpenStore): void {
  const uri = (value: string): IndexEntry => ({ kind: 'uri', param: 'url', value })
  table(
    t,
    open,
    'uris: below a path, and others than asked',
    {
      root: [uri('http://a.test/x')],
      below: [uri('http://a.test/x/y')],
      beside: [uri('http://a.test/xy')],
      upper: [uri('http://A.test/x/y')],
      percent: [uri('http://a.test/%25/y')],
      urn: [uri('urn:oid:1.2.3')],
      two: [uri('urn:oid:1.2'), uri('http://a.test/x/z')],
    },
    [
      ['below', uriBelowMatch('url', 'http://a.test/x/'), 'below two'],
      ['any that begin so', uriBelowMatch('url', 'http://a.test/x'), 'root below beside two'],
      ['percent is a letter', uriBelowMatch('url', 'http://a.test/%'), 'percent'],
      ['by case', uriBelowMatch('url', 'http://A.'), 'upper'],
      ['an oid', uriBelowMatch('url', 'urn:oid:1.2'), 'urn two'],
      ['all', uriBelowMatch('url', ''), 'root below beside upper percent urn two'],
      ['none', uriBelowMatch('url', 'http://b'), ''],
      ['another', unlikeMatch(uriMatch('url', 'urn:oid:1.2')), 'root below beside upper percent urn two'],
    ],
  )
}

function compartments(t: Tester, open: OpenStore): void {
  const stored = {
    p: { patients: ['p'] },
    q: { patients: ['q'] },
    pq: { patients: ['p', 'q'] },
    pqr: { patients: ['r', 'q', 'p'] },
    none: {},
  }
  const crowd = Array.from({ length: 500 }, (_, at) => `x${at}`)
  table(
    t,
    open,
    'compartments: of one patient, of any of several, of none',
    stored,
    (
      [
        ['p', ['p'], 'p pq pqr'],
        ['q', ['q'], 'q pq pqr'],
        ['r or q', ['r', 'q'], 'q pq pqr'],
        ['one that is not', ['z'], ''],
        ['none', [], ''],
        ['one among hundreds', [...crowd, 'r', ...crowd], 'pqr'],
      ] as const
    ).flatMap(([what, patients, expected]): Ask[] => {
      const ids = Object.keys(stored)
      // The copies that a table keeps elsewhere are in no compartment.
      const node = compartmentMatch(patients)
      return [
        [what, node, expected],
        [
          `not ${what}`,
          among(ids.join(' '), not(node)),
          ids.filter((id) => !expected.split(' ').includes(id)).join(' '),
        ],
      ]
    }),
  )
}

function places(t: Tester, open: OpenStore): void {
  const position = (latitude: number, longitude: number): IndexEntry => ({
    kind: 'position',
    param: 'near',
    latitude,
    longitude,
  })
  const near = (latitude: number, longitude: number, kilometers: number) =>
    nearMatch('near', { latitude, longitude }, kilometers)
  table(
    t,
    open,
    'places: as the crow flies, over the antimeridian and the poles',
    {
      berlin: [position(52.52, 13.405)],
      potsdam: [position(52.4, 13.066)],
      sydney: [position(-33.87, 151.21)],
      fijiEast: [position(-17, 179.95)],
      fijiWest: [position(-17, -179.95)],
      north: [position(89.9, 0)],
      northBehind: [position(89.9, 180)],
      south: [position(-90, 45)],
      greenwich: [position(0, 0)],
      two: [position(52.52, 13.405), position(-33.87, 151.21)],
      none: [],
    },
    [
      ['Berlin, 1 km', near(52.52, 13.405, 1), 'berlin two'],
      ['Berlin, nothing', near(52.52, 13.405, 0), 'berlin two'],
      ['Berlin, 26 km', near(52.52, 13.405, 26), 'berlin two'],
      ['Berlin, 27 km', near(52.52, 13.405, 27), 'berlin two potsdam'],
      ['over the antimeridian', near(-17, 180, 6), 'fijiEast fijiWest'],
      ['from the other side of it', near(-17, -179.95, 11), 'fijiEast fijiWest'],
      ['not so far', near(-17, -179.95, 10), 'fijiWest'],
      ['the north pole', near(90, -77, 12), 'north northBehind'],
      ['over the north pole', near(89.9, 0, 23), 'north northBehind'],
      ['not so far over it', near(89.9, 0, 22), 'north'],
      ['the south pole', near(-89.99, -135, 2), 'south'],
      ['the equator', near(0, 0.5, 56), 'greenwich'],
      [
        'half the world and more',
        near(10, 20, 20_100),
        'berlin potsdam sydney fijiEast fijiWest north northBehind south greenwich two',
      ],
      ['a quarter from the pole', near(90, 0, 10_020), 'berlin potsdam north northBehind greenwich two'],
      ['not near', among('berlin sydney two none', not(near(52.52, 13.405, 1))), 'sydney none'],
    ],
  )
}

function words(t: Tester, open: OpenStore): void {
  table(
    t,
    open,
    'words: of the narrative, of all, as phrases',
    {
      fox: { notes: ['The quick red fox'], narrative: 'a red <b>f</b>ox' },
      reversed: { notes: ['fox red'], narrative: '<p>fox</p><p>red</p>' },
      apart: { notes: ['red', 'fox'], narrative: 'red and fox' },
      accents: { notes: ['Rötlicher Füchsling'], narrative: undefined },
      joined: { notes: ['redfox'], narrative: 'red&#32;fox' },
      quote: { notes: ['the "red" (fox)!'], narrative: undefined },
      operators: { notes: ['red AND NOT fox*', 'near'], narrative: undefined },
      none: {},
    },
    [
      ['fox', textMatch('content', ['fox']), 'fox reversed apart joined quote operators'],
      ['a phrase', textMatch('content', ['red', 'fox']), 'fox joined quote'],
      ['a phrase in the narrative', textMatch('narrative', ['red', 'fox']), 'fox joined'],
      ['words that a tag joins', textMatch('narrative', ['fox']), 'fox reversed apart joined'],
      ['over the end of a paragraph a phrase goes on', textMatch('narrative', ['fox', 'red']), 'reversed'],
      ['from one string into the next none does', textMatch('content', ['red', 'fox', 'red']), ''],
      ['without accents', textMatch('content', ['rotlicher', 'fuchsling']), 'accents'],
      ['the beginning of a word', textMatch('content', ['fo']), ''],
      ['the narrative alone', textMatch('narrative', ['quick']), ''],
      ['a word of the full-text language', textMatch('content', ['not']), 'operators'],
      ['another', textMatch('content', ['near']), 'operators'],
      ['a phrase of such words', textMatch('content', ['and', 'not', 'fox']), 'operators'],
      ['a long word', textMatch('content', ['x'.repeat(500)]), ''],
      ['two phrases', and([textMatch('content', ['quick']), textMatch('narrative', ['red', 'fox'])]), 'fox'],
      ['either', or([textMatch('content', ['quick']), textMatch('content', ['fuchsling'])]), 'fox accents'],
      ['not', among('fox reversed accents none', not(textMatch('content', ['red']))), 'accents none'],
    ],
  )
}
