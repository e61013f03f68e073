// Contract: what matches what, for values without an order, and for conditions within conditions.
import {
  and,
  idMatch,
  lastUpdatedMatch,
  localReferenceMatch,
  or,
  stringMatch,
  tokenMatch,
  uriMatch,
  urlReferenceMatch,
  type Comparator,
  type Expression,
  type IndexEntry,
} from '../../src/store/index.ts'
import { table } from './match-table.ts'
import { commit, ids, put, search, storeTest, write, type OpenStore, type Tester } from './world.ts'

export function expressionsContract(t: Tester, open: OpenStore): void {
  tokens(t, open)
  uris(t, open)
  strings(t, open)
  references(t, open)
  combinations(t, open)
  lastUpdated(t, open)
}

function tokens(t: Tester, open: OpenStore): void {
  const token = (system: string, code: string): IndexEntry => ({ kind: 'token', param: 'code', system, code })
  table(
    t,
    open,
    'tokens: system and code, either, or neither',
    {
      ax: [token('urn:a', 'x')],
      bx: [token('urn:b', 'x')],
      x: [token('', 'x')],
      ay: [token('urn:a', 'y')],
      upper: [token('urn:a', 'X')],
      many: [token('urn:a', 'x'), token('urn:b', 'z'), token('urn:a', 'x')],
      empty: [token('urn:c', '')],
      none: [],
    },
    [
      ['urn:a|x', tokenMatch('code', 'urn:a', 'x'), 'ax many'],
      ['x of any system', tokenMatch('code', undefined, 'x'), 'ax bx x many'],
      ['|x', tokenMatch('code', '', 'x'), 'x'],
      ['urn:a|', tokenMatch('code', 'urn:a', undefined), 'ax ay upper many'],
      ['|', tokenMatch('code', '', undefined), 'x'],
      ['anything', tokenMatch('code', undefined, undefined), 'ax bx x ay upper many empty'],
      ['codes are told apart by case', tokenMatch('code', 'urn:a', 'X'), 'upper'],
      ['an unknown system', tokenMatch('code', 'urn:z', 'x'), ''],
      ['an unknown code', tokenMatch('code', 'urn:a', 'never'), ''],
      ['system and code of one entry, not of two', tokenMatch('code', 'urn:a', 'z'), ''],
      ['an unknown parameter', tokenMatch('never', 'urn:a', 'x'), ''],
      ['the code of another kind of entry', stringMatch('code', 'x'), ''],
    ],
  )
}

function uris(t: Tester, open: OpenStore): void {
  const uri = (value: string): IndexEntry => ({ kind: 'uri', param: 'url', value })
  table(
    t,
    open,
    'uris: exact, by case',
    {
      plain: [uri('http://a.test/x')],
      slash: [uri('http://a.test/x/')],
      upper: [uri('http://A.test/x')],
      version: [uri('http://a.test/x|1')],
      urn: [uri('urn:oid:1.2.3'), uri('urn:oid:1.2.3')],
      both: [uri('http://a.test/x'), uri('urn:oid:1.2.3')],
    },
    [
      ['the url', uriMatch('url', 'http://a.test/x'), 'plain both'],
      ['with a slash', uriMatch('url', 'http://a.test/x/'), 'slash'],
      ['by case', uriMatch('url', 'http://A.test/x'), 'upper'],
      ['whole', uriMatch('url', 'http://a.test/x|1'), 'version'],
      ['an oid', uriMatch('url', 'urn:oid:1.2.3'), 'urn both'],
      ['a part', uriMatch('url', 'http://a.test/'), ''],
      ['not as a token', tokenMatch('url', undefined, 'http://a.test/x'), ''],
    ],
  )
}

function strings(t: Tester, open: OpenStore): void {
  const string = (folded: string): IndexEntry => ({ kind: 'string', param: 'name', folded, exact: folded })
  table(
    t,
    open,
    'strings: by the beginning of the folded form',
    {
      smith: [string('smith')],
      smithson: [string('smithson')],
      sm: [string('sm')],
      twice: [string('anna'), string('smith'), string('smith')],
      percent: [string('100% sure')],
      under: [string('a_b')],
      glob: [string('a*b[c]?')],
      quote: [string("o'hara")],
      last: [string('z')],
      ffff: [string('z\uffff')],
      astral: [string('z\u{1f642}x')],
      han: [string('漢字')],
      empty: [string('')],
    },
    [
      ['smith', stringMatch('name', 'smith'), 'smith smithson twice'],
      ['sm', stringMatch('name', 'sm'), 'smith smithson sm twice'],
      ['smithsonian', stringMatch('name', 'smithsonian'), ''],
      ['the middle', stringMatch('name', 'mith'), ''],
      ['unfolded', stringMatch('name', 'Smith'), ''],
      ['percent is a letter', stringMatch('name', '100%'), 'percent'],
      ['percent alone', stringMatch('name', '%'), ''],
      ['underscore is a letter', stringMatch('name', 'a_'), 'under'],
      ['star is a letter', stringMatch('name', 'a*'), 'glob'],
      ['bracket is a letter', stringMatch('name', 'a*b[c]'), 'glob'],
      ['a quote', stringMatch('name', "o'"), 'quote'],
      ['the last letter', stringMatch('name', 'z'), 'last ffff astral'],
      ['the last code unit', stringMatch('name', 'z\uffff'), 'ffff'],
      ['beyond the basic plane', stringMatch('name', 'z\u{1f642}'), 'astral'],
      ['han', stringMatch('name', '漢'), 'han'],
      [
        'everything with a value',
        stringMatch('name', ''),
        'smith smithson sm twice percent under glob quote last ffff astral han empty',
      ],
    ],
  )
}

function references(t: Tester, open: OpenStore): void {
  const local = (type: string, id: string): IndexEntry => ({
    kind: 'reference',
    param: 'subject',
    target: { kind: 'local', type, id },
  })
  const url = (text: string, version?: string): IndexEntry => ({
    kind: 'reference',
    param: 'subject',
    target: { kind: 'url', url: text, version },
  })
  table(
    t,
    open,
    'references: to resources here, and to urls elsewhere',
    {
      p1: [local('Patient', '1')],
      g1: [local('Group', '1')],
      p2: [local('Patient', '2')],
      own: [local('Observation', 'own')],
      both: [local('Patient', '1'), local('Patient', '2'), local('Patient', '1')],
      plain: [url('http://a.test/q')],
      v1: [url('http://a.test/q', '1')],
      v2: [url('http://a.test/q', '2')],
      elsewhere: [url('http://b.test/fhir/Patient/1')],
      urn: [url('urn:uuid:c757873d-ec9a-4326-a141-556f43239520')],
    },
    [
      ['Patient/1', localReferenceMatch('subject', ['Patient'], '1'), 'p1 both'],
      [
        '1 of several types',
        localReferenceMatch('subject', ['Group', 'Patient', 'Device'], '1'),
        'p1 g1 both',
      ],
      ['1 of no type', localReferenceMatch('subject', [], '1'), ''],
      ['Patient/3', localReferenceMatch('subject', ['Patient'], '3'), ''],
      ['itself', localReferenceMatch('subject', ['Observation'], 'own'), 'own'],
      ['a canonical without version', urlReferenceMatch('subject', 'http://a.test/q'), 'plain v1 v2'],
      ['a canonical with version', urlReferenceMatch('subject', 'http://a.test/q|1'), 'v1'],
      ['a canonical with a version that is not', urlReferenceMatch('subject', 'http://a.test/q|3'), ''],
      ['the beginning of a url', urlReferenceMatch('subject', 'http://a.test/'), ''],
      ['an absolute url', urlReferenceMatch('subject', 'http://b.test/fhir/Patient/1'), 'elsewhere'],
      ['a urn', urlReferenceMatch('subject', 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520'), 'urn'],
      ['a local reference is no url', urlReferenceMatch('subject', 'Patient/1'), ''],
    ],
  )
}

function combinations(t: Tester, open: OpenStore): void {
  const token = (param: string, code: string): IndexEntry => ({ kind: 'token', param, system: '', code })
  const is = (param: string, code: string) => tokenMatch(param, undefined, code)
  const stored = Object.fromEntries(
    Array.from({ length: 12 }, (_, at) => [
      `n${at}`,
      [token('half', `${at % 2}`), token('third', `${at % 3}`), token('self', `${at}`), token('self', 'all')],
    ]),
  )
  const all = Object.keys(stored).join(' ')
  const many = <Item>(count: number, make: (at: number) => Item) =>
    Array.from({ length: count }, (_, at) => make(at))
  const within = or(many(12, (at) => idMatch(`n${at}`)))
  table(t, open, 'and, or and ids, one in another', stored, [
    ['all by id', within, all],
    ['no condition of an or', or([]), ''],
    ['and', and([is('half', '0'), is('third', '0')]), 'n0 n6'],
    ['or', or([is('half', '0'), is('third', '0')]), 'n0 n2 n4 n6 n8 n10 n3 n9'],
    [
      'and of ors',
      and([or([is('self', '1'), is('self', '2')]), or([is('self', '2'), is('self', '3')])]),
      'n2',
    ],
    [
      'or of ands',
      or([and([is('half', '1'), is('third', '1')]), and([is('half', '0'), is('third', '2')])]),
      'n1 n7 n2 n8',
    ],
    ['or with an and of nothing', and([within, or([and([]), is('self', '1')])]), all],
    ['and with an or of nothing', and([within, or([])]), ''],
    ['two values of one parameter', and([is('self', '3'), is('self', 'all')]), 'n3'],
    ['one id', idMatch('n7'), 'n7'],
    ['an id that is not', idMatch('n77'), ''],
    ['two ids at once', and([idMatch('n1'), idMatch('n2')]), ''],
    ['id and value', and([idMatch('n1'), is('half', '1')]), 'n1'],
    ['id or value', or([idMatch('n1'), is('third', '2')]), 'n1 n2 n5 n8 n11'],
    ['200 values or-ed', or(many(200, (at) => is('self', `${at + 10}`))), 'n10 n11'],
    [
      '200 values of several kinds',
      or(many(200, (at) => (at % 2 ? is('self', `${at}`) : idMatch(`n${at}`)))),
      all,
    ],
    ['30 conditions and-ed', and(many(30, (at) => is(at % 2 ? 'half' : 'self', at % 2 ? '1' : '5'))), 'n5'],
    ['30 or-ed pairs and-ed', and(many(30, (at) => or([is('self', '4'), is('self', `${at + 100}`)]))), 'n4'],
    [
      'deep',
      many(20, (at) => at).reduce<Expression>(
        (deep, at) => (at % 2 ? and([deep]) : or([deep])),
        is('self', '9'),
      ),
      'n9',
    ],
  ])
}

function lastUpdated(t: Tester, open: OpenStore): void {
  storeTest(t, open, 'last-updated: an instant is one millisecond long', async (t, store, clock) => {
    const start = clock.time
    for (const id of ['a', 'b', 'c']) {
      await write(store, put('Patient', id))
      clock.time += 1000
    }
    await write(store, put('Patient', 'a', { text: '"again":1' }))
    // b at 1000, c at 2000, a at 3000
    const asks: [Comparator, number, number, string][] = [
      ['eq', 1000, 1001, 'b'],
      ['eq', 1001, 1002, ''],
      ['eq', 0, 2000, 'b'],
      ['eq', 0, 2001, 'b c'],
      ['ne', 1000, 1001, 'a c'],
      ['gt', 1000, 2000, 'a c'],
      ['gt', 1000, 2001, 'a'],
      ['lt', 2000, 2001, 'b'],
      ['ge', 2000, 2001, 'a c'],
      ['le', 2000, 2001, 'b c'],
      ['sa', 1000, 2000, 'a c'],
      ['sa', 1000, 2001, 'a'],
      ['eb', 2001, 3000, 'b c'],
      ['eb', 2000, 3000, 'b'],
      ['ap', 1500, 2001, 'c'],
      ['ap', 1001, 2000, ''],
    ]
    const assertions = []
    for (const [comparator, low, high, names] of asks) {
      const where = lastUpdatedMatch({ comparator, low: start + low, high: start + high })
      const expected = names.split(' ').filter(Boolean)
      const page = await search(store, { type: 'Patient', where, total: 'accurate' })
      t.strictSame(ids(page.matches), expected, `${comparator} ${low} to ${high}`)
      t.equal(page.total, expected.length)
      assertions.push({ type: 'Patient', where, ids: expected })
    }
    t.equal((await store.commit(commit([], { assertions }))).kind, 'committed', 'inside the turn')
  })
}
