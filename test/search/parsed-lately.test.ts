// What of a search's text is remembered: the same query for the same text, and never what may be read otherwise the next time.
import t from 'tap'
import { loadDefinitions } from '../../src/fhir/index.ts'
import { createSearch, type SearchLookup, type SearchOptions } from '../../src/search/index.ts'

const definitions = loadDefinitions()
const DAY = 86_400_000
const STRICT: SearchOptions = { handling: 'strict', defaultCount: 20, maxCount: 1000 }
const codes = (code: string): SearchLookup => ({
  codesIn: async () => [{ system: 'http://s', codes: [code] }],
  codesBy: async () => [code],
  placesBy: async () => [code],
})

type Asked = Partial<SearchOptions> & { readonly type?: string; readonly lookup?: SearchLookup }

function parser() {
  let now = Date.UTC(2026, 0, 1)
  const search = createSearch({ definitions, baseUrl: 'http://alcove.example/fhir', now: () => now })
  const parse = (query: string, { type = 'Observation', lookup = codes('a'), ...options }: Asked = {}) =>
    search.parse(
      { kind: 'type', type },
      query.split('&').map((pair) => pair.split('=') as [string, string]),
      { ...STRICT, ...options },
      lookup,
    )
  return {
    search,
    parse,
    pass: (time: number) => {
      now += time
    },
  }
}

t.test('the same text is the same query from the second time on, and another is not', async (t) => {
  const { parse } = parser()
  const first = await parse('code=a&date=ge2026-01-01')
  const parsed = await parse('code=a&date=ge2026-01-01')
  t.not(parsed, first, 'what is asked once is not kept')
  t.strictSame(parsed, first)
  t.equal(await parse('code=a&date=ge2026-01-01'), parsed)
  for (const other of ['code=b&date=ge2026-01-01', 'date=ge2026-01-01&code=a', 'code=a,date=ge2026-01-01'])
    t.not(await parse(other), parsed, other)
  t.not(await parse('code=a&date=ge2026-01-01', { type: 'Condition' }).catch(() => undefined), parsed)
  t.equal((await parse('code=a&date=ge2026-01-01', { defaultCount: 7 })).query.count, 7)
  const lenient = await parse('code=a&made-up=1', { handling: 'lenient' })
  t.strictSame(lenient.used, [['code', 'a']])
  await t.rejects(parse('code=a&made-up=1'))
})

t.test('what is about now is read anew', async (t) => {
  const { parse, pass } = parser()
  const margin = async () => {
    const [first] = (await parse('date=ap2025-01-01')).query.from
    return JSON.stringify(first?.where)
  }
  const before = await margin()
  t.equal(await margin(), before)
  pass(300 * DAY)
  t.not(await margin(), before)
})

t.test('what was looked up is looked up anew, for whoever asks', async (t) => {
  const { parse } = parser()
  for (const query of ['code:in=http://v', 'code:below=http://s|x', 'subject:Location.partof:below=x']) {
    const one = await parse(query, { lookup: codes('one') })
    const other = await parse(query, { lookup: codes('other') })
    t.match(JSON.stringify(one.query), /"one"/, query)
    t.match(JSON.stringify(other.query), /"other"/, query)
    t.notMatch(JSON.stringify(other.query), /"one"/, query)
  }
})

t.test('when parameters change all is read anew', async (t) => {
  const { search, parse } = parser()
  await parse('code=a')
  const before = await parse('code=a')
  t.equal(await parse('code=a'), before)
  const checked = await search.checkCustom({
    resourceType: 'SearchParameter',
    url: 'http://example.org/SearchParameter/made-up',
    code: 'made-up',
    type: 'token',
    base: ['Observation'],
    expression: 'Observation.status',
  })
  await t.rejects(parse('made-up=a'))
  search.setCustom([{ ...checked, state: 'live' }])
  t.not(await parse('code=a'), before)
  await parse('made-up=a')
  search.setCustom([])
  await t.rejects(parse('made-up=a'))
})

t.test('what is long is not kept, and of many the older are forgotten', async (t) => {
  const { parse } = parser()
  const long = `code=${'x'.repeat(600)}`
  t.not(await parse(long), await parse(long))
  const twice = async (query: string) => {
    await parse(query)
    return parse(query)
  }
  const first = await twice('code=first')
  const used = await twice('code=used')
  for (let n = 0; n < 1000; n++) {
    await parse(`code=once${n}`)
    await twice(`code=c${n}`)
    if (n % 100 === 0) t.equal(await parse('code=used'), used)
  }
  t.not(await parse('code=first'), first)
  t.strictSame(await parse('code=first'), first)
})

t.test('what is asked once drives out nothing', async (t) => {
  const { parse } = parser()
  await parse('code=kept')
  const kept = await parse('code=kept')
  for (let n = 0; n < 3000; n++) await parse(`code=a&date=ge2026-01-01T00:00:00.${n}Z`)
  t.equal(await parse('code=kept'), kept)
})
