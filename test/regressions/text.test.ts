// Characters that once went astray between the wire and the store.
import t from 'tap'
import { startServer } from '../rest/server.ts'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const MUELLER = { resourceType: 'Patient', identifier: [{ system: 'urn:n', value: 'Müller' }] }
/** As a header carries UTF-8: a character a byte. */
const onTheWire = (text: string): string => Buffer.from(text).toString('latin1')

t.test('letters that a client did not escape are read as UTF-8', async (t) => {
  const { ask } = startServer(t)
  t.equal((await ask('POST Patient', MUELLER)).status, 201)
  const found = await ask('POST Patient/_search', 'identifier=urn:n|Müller', FORM)
  t.equal(found.json.total, 1)
  t.match(found.json.link[0].url, 'identifier=urn:n%7CM%C3%BCller')
  const again = await ask('POST Patient', MUELLER, { 'if-none-exist': onTheWire('identifier=urn:n|Müller') })
  t.equal(again.status, 200, 'the conditional create finds it')

  const latin1 = Buffer.from('identifier=urn:n|Müller', 'latin1')
  const broken = await ask('POST Patient/_search', latin1, FORM)
  t.equal(broken.status, 400)
  t.match(broken.json.issue[0].diagnostics, 'UTF-8')
  const header = await ask('POST Patient', MUELLER, { 'if-none-exist': latin1.toString('latin1') })
  t.equal(header.status, 400)
  t.match(header.json.issue[0].diagnostics, 'UTF-8')
  t.strictSame(header.json.issue[0].expression, ['http.if-none-exist'])
})

t.test('control characters', async (t) => {
  const { ask } = startServer(t)
  const of = (value: unknown, element: object): object => ({
    resourceType: 'Patient',
    ...JSON.parse(JSON.stringify(element).replaceAll('"@"', JSON.stringify(value))),
  })
  for (const [element, expression] of [
    [{ name: [{ family: '@' }] }, 'Patient.name[0].family'],
    [{ identifier: [{ system: '@' }] }, 'Patient.identifier[0].system'],
    [
      { communication: [{ language: { coding: [{ code: '@' }] } }] },
      'Patient.communication[0].language.coding[0].code',
    ],
    [{ extension: [{ url: 'http://x', valueMarkdown: '@' }] }, 'Patient.extension[0].value'],
    [{ extension: [{ url: '@', valueBoolean: true }] }, 'Patient.extension[0].url'],
    [{ text: { status: 'generated', div: '@' } }, 'Patient.text.div'],
  ] as const) {
    for (const bad of ['a\u0000b', 'a\u001bb', 'a\u0008b']) {
      const { status, json } = await ask('POST Patient', of(bad, element))
      t.equal(status, 400, `${JSON.stringify(bad)} in ${expression}`)
      t.strictSame(json.issue[0].expression, [expression])
    }
  }
  for (const good of ['a\tb', 'a\r\nb', 'a\u0080b', 'a\u007fb'])
    t.equal(
      (await ask('POST Patient', of(good, { name: [{ family: '@' }] }))).status,
      201,
      JSON.stringify(good),
    )
})
