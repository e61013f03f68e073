// Searches that do harm or would: forged cursors, what costs too much, too many and enormous values, bait for parsers.
import t from 'tap'
import { FORM, get, link, places, practice, write } from './searching.ts'

t.test('a cursor is good for its own search alone', async (t) => {
  const server = await practice(t)
  const cursorOf = async (search: string) =>
    new URL(link(await get(server, search), 'next') as string).searchParams.get('_cursor') as string
  const cursor = await cursorOf('Patient?_count=1')
  const whole = await cursorOf('?_count=1')
  const compartment = await cursorOf('Patient/rosa/*?_count=1')
  const flipped = Buffer.from(cursor, 'base64url')
  flipped[20] = (flipped[20] as number) ^ 1
  const wrong = [
    `Patient?_count=1&_cursor=${whole}`,
    `Patient?_count=1&_cursor=${compartment}`,
    `Patient?_count=1&_cursor=${flipped.toString('base64url')}`,
    `Patient?_count=1&family=delgado&_cursor=${cursor}`,
    `Patient?_count=2&_cursor=${cursor}`,
    `Patient?_count=1&_total=accurate&_cursor=${cursor}`,
    `Patient?_count=1&_sort=family&_cursor=${cursor}`,
    `Patient/noor/*?_count=1&_cursor=${compartment}`,
    `Patient/rosa/*?_count=1&_type=Condition&_cursor=${compartment}`,
    `?_count=1&_type=Patient&_cursor=${whole}`,
    `Practitioner?_count=1&_cursor=${cursor}`,
    `Patient?_count=1&_cursor=`,
    `Patient?_count=1&_cursor=${'A'.repeat(5000)}`,
  ]
  for (const search of wrong) {
    const reply = await get(server, search)
    t.equal(reply.status, 400, search.slice(0, 100))
    t.match(reply.json.issue[0].diagnostics, /_cursor/)
  }
  t.equal((await get(server, `Patient?_count=1&_cursor=${cursor}`)).status, 200)
})

t.test('a search that would cost too much is stopped, and says what made it dear', async (t) => {
  const server = await practice(t, { sqlite: { mostExamined: 20 } })
  await write(
    server,
    ...Array.from({ length: 40 }, (_, n) => ({
      resourceType: 'Encounter',
      id: `earlier${n}`,
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'VR' },
    })),
  )
  const dear = await get(server, 'Encounter?status:not=finished,in-progress')
  t.equal(dear.status, 422)
  t.match(dear.json.issue, [{ code: 'too-costly', diagnostics: /too many Encounter resources.*Narrow it/ }])
  t.same(places(await get(server, 'Patient?family=newman')), ['Patient/noor'], 'the server goes on')
})

t.test('attacks', async (t) => {
  const server = await practice(t)
  const each = (count: number, write: (n: number) => string, joint = '&') =>
    Array.from({ length: count }, (_, n) => write(n)).join(joint)
  const long = (text: string, count: number) => text.repeat(count)
  const cases: readonly (readonly [status: number, path: string, form: string, told: RegExp])[] = [
    [422, 'Patient', each(10_000, (n) => `family=a${n}`), /more than 1000 values/],
    [422, 'Patient', each(10_000, (n) => `p${n}=x`), /more than 1000 values/],
    [422, '', each(900, (n) => `_id=a${n}`), /more than 20000 conditions.*_type/],
    [422, 'Patient', `family=${each(5000, (n) => `a${n}`, ',')}`, /more than 1000 values/],
    [422, 'Patient', `family=${long('x', 1_000_000)}`, /longer than 200000 characters/],
    [422, 'Patient', `${long('x', 1_000_000)}=1`, /longer than 200000 characters/],
    [422, 'Patient', `_text=${long('x ', 50_000)}`, /more than 5000 conditions/],
    [400, 'Patient', `_text=${long('(', 5000)}x${long(')', 5000)}`, /too many parentheses/],
    [400, 'Patient', `_filter=${long('(', 50_000)}`, /more than 50 deep/],
    [400, 'Patient', `_filter=${long('not ', 40_000)}(family eq x)`, /more than 50 deep/],
    [400, 'Patient', `_filter=${long('link[', 10_000)}`, /more than 50 deep/],
    [400, 'Patient', `_filter=family eq "${long('\\"', 90_000)}`, /there should be a value/],
    [400, 'Patient', `_filter=family eq x${long(' ', 190_000)}y`, /there should be and, or, or the end/],
    [400, 'Patient', `_filter=${long('family', 30_000)}`, /an operator between spaces/],
    [422, 'Patient', `_filter=family eq x${long(' and family eq x', 9000)}`, /more than 5000 conditions/],
    [400, 'Patient', `_filter=family eq x${long(' and family eq x or family eq x', 100)}`, /50 deep/],
    [422, 'Patient', `${long('link.', 5000)}family=x`, /leads over more than 10 references/],
    [422, 'Observation', `${long('focus.', 9)}code=x`, /more than 5000 conditions/],
    [422, 'List', `${long('_has:List:item:', 5000)}code=x`, /leads over more than 10 references/],
    [422, '', '_contained=both', /more than 20000 conditions/],
    [400, 'Observation', 'value-quantity=1e999999', /'1e999999' is not a number/],
    [400, 'Observation', `value-quantity=${long('9', 100_000)}`, /is not a number/],
    [400, 'Observation', `date=${long('2', 100_000)}`, /is not a date/],
    [400, 'Observation', 'date=2025-02-30', /not a date that exists/],
    [400, 'Questionnaire', `url:above=http://x${long('/', 100_000)}`, /more than 100 parts/],
    [400, 'Patient', `gender:in=${long('http://x/', 10_000)}`, /The value set http:.*\.\.\.$/],
    [400, 'Patient', `gender:${long('x', 100_000)}=1`, /is no modifier of it/],
    [400, 'Patient', `_sort=${long('a,', 50_000)}`, /more than 10 keys/],
    [400, 'Patient', each(3000, (n) => `_include=Patient:x${n}`), /no reference parameter 'x0'/],
    [400, 'Patient', each(900, (n) => `p${n}=x`), /'p0': Patient has no such parameter/],
    [400, 'Patient', `_include=${long('Patient:', 20_000)}`, /is none of Patient/],
    [400, 'Patient', `_elements=${long('a,', 50_000)}`, /no element a/],
    [400, 'Patient', `_id=${long('x', 65)}`, /is not an id/],
    [400, 'Location', `near=1|1|9|${long('k', 100_000)}`, /no length of UCUM/],
    [400, 'Location', `near=1e400|1`, /latitude/],
    [400, 'Patient', '__proto__=x', /'__proto__': Patient has no such parameter/],
    [400, 'Patient', 'constructor.name=x', /has no such parameter/],
    [400, 'Patient', '_has:constructor:x:y=1', /'constructor' is no resource type/],
    [400, 'Patient', '_filter=toString[a eq b].c eq x', /Patient has no such parameter/],
    [400, 'Patient', '_sort=hasOwnProperty', /no parameter 'hasOwnProperty'/],
    [400, 'Patient', '=x', /'': Patient has no such parameter/],
    [400, 'Patient', `${long('.', 100_000)}=x`, /has no such parameter/],
    [400, 'Patient', 'family=a,,b', /a value between its commas is empty/],
    [400, 'Patient', 'family=%ED%A0%80', /escape of a UTF-8 character/],
  ]
  for (const [status, path, form, told] of cases) {
    const name = `${path}?${form.slice(0, 60)}`
    const reply = await server.ask(`POST ${path === '' ? '' : `${path}/`}_search`, form, FORM)
    t.equal(reply.status, status, name)
    t.match(reply.json.issue[0].diagnostics, told, name)
    t.ok(reply.text.length < 100_000, `${name}: no answer of ${reply.text.length} characters`)
  }
  // What is only odd finds nothing, and hurts nobody.
  for (const form of [
    'family=%00',
    "family=' OR 1=1 --",
    'family:contains=%25_%5C%5C',
    'family:exact=*',
    '_filter=family co "%25"',
    '_text="\' OR narrative MATCH"',
  ]) {
    const reply = await server.ask('POST Patient/_search', form, FORM)
    t.same(places(reply), [], form)
  }
  t.equal((await get(server, 'Patient?_summary=count')).json.total, 4, 'everybody is still there')
  for (const line of server.log) t.notMatch(line, /"error"/, line.slice(0, 200))
})
