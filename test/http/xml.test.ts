// XML over HTTP, both ways, on every interaction: what is asked in XML is answered in XML, errors too, and says the
// same as the JSON.
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import {
  equalJson,
  loadDefinitions,
  parseJson,
  parseXml,
  writeXml,
  type JsonObject,
  type Resource,
} from '../../src/fhir/index.ts'
import { startServer, type Reply } from '../rest/server.ts'

const definitions = loadDefinitions()
const NS = 'xmlns="http://hl7.org/fhir"'
const DIV =
  '<div xmlns="http://www.w3.org/1999/xhtml"><!-- n --><p title=\'a\'>x&#160;&amp; y</p><br /></div>'
const PATIENT = `<?xml version="1.0" encoding="UTF-8"?>
<Patient ${NS}>
  <!-- of no meaning -->
  <id value="p"/>
  <text><status value="generated"/>${DIV}</text>
  <extension url="http://example.org/e"><valueDecimal value="1.00"/></extension>
  <name><family value="Ödön &amp; &lt;Co&gt;"/><given value="A"/><given id="g"><extension url="http://example.org/e"><valueCode value="x"/></extension></given></name>
  <birthDate value="1980-02-29"><extension url="http://example.org/t"><valueDateTime value="1980-02-29T10:00:00Z"/></extension></birthDate>
</Patient>`
const SENDS_XML = { 'content-type': 'application/fhir+xml; charset=utf-8' }
const WANTS_XML = { accept: 'application/fhir+xml' }
const XML_ONLY = { ...SENDS_XML, ...WANTS_XML }

/** What an answer says, which must be FHIR's XML. */
function readXml(reply: Reply): Resource {
  if (reply.headers['content-type'] !== 'application/fhir+xml; charset=utf-8')
    throw new Error(`${reply.headers['content-type']}: ${reply.text.slice(0, 200)}`)
  return parseXml(reply.text, definitions)
}

const readJson = ({ text }: Reply): Resource => parseJson(Buffer.from(text)) as Resource

t.test('what is written in XML is the same resource in JSON', async (t) => {
  const { ask } = startServer(t)
  const created = await ask('PUT Patient/p', PATIENT, SENDS_XML)
  t.equal(created.status, 201, created.text)
  t.equal(
    created.headers['content-type'],
    'application/fhir+json; charset=utf-8',
    'JSON unless XML is asked for',
  )
  const { text } = await ask('GET Patient/p')
  t.match(text, '"valueDecimal":1.00}')
  t.match(text, JSON.stringify({ div: DIV }).slice(1, -1))
  t.match(text, '"given":["A",null],"_given":[null,{"id":"g","extension":[')
  t.match(text, '"birthDate":"1980-02-29","_birthDate":{"extension":[')

  const read = await ask('GET Patient/p', undefined, WANTS_XML)
  t.ok(equalJson(readXml(read), readJson({ text } as Reply)))
  t.ok(read.text.includes(DIV))
  t.match(read.headers, { etag: 'W/"1"', vary: /Accept/ })
  t.equal(read.headers['content-length'], String(Buffer.byteLength(read.text)))

  const again = await ask('PUT Patient/p', read.text, XML_ONLY)
  t.equal(again.status, 200)
  t.equal(again.headers['etag'], 'W/"1"', 'nothing has changed')
  const head = await ask('HEAD Patient/p', undefined, WANTS_XML)
  t.match(head.headers, {
    'content-type': 'application/fhir+xml; charset=utf-8',
    'content-length': read.headers['content-length'],
  })
  t.equal((await ask('GET Patient/p', undefined, { ...WANTS_XML, 'if-none-match': 'W/"1"' })).status, 304)

  const pretty = await ask('GET Patient/p?_format=xml&_pretty=true')
  t.match(pretty.text, /\n {2}<name>\n {4}<family value="Ödön &amp; &lt;Co&gt;"\/>\n/)
  t.ok(equalJson(readXml(pretty), readXml(read)))
  const packed = await ask('POST Patient', gzipSync(PATIENT), { ...XML_ONLY, 'content-encoding': 'gzip' })
  t.equal(packed.status, 201)
  t.match(packed.headers['location'], /\/fhir\/Patient\/[^/]+\/_history\/1$/)
  t.equal((await ask('POST Patient', Buffer.from(`\ufeff${PATIENT}`), XML_ONLY)).status, 201)
})

t.test('every interaction answers in XML what it answers in JSON', async (t) => {
  const { ask } = startServer(t)
  await ask('PUT Patient/p', PATIENT, SENDS_XML)
  await ask(
    'PUT Observation/o',
    `<Observation ${NS}><id value="o"/><status value="final"/><code><text value="PHQ-9"/></code><subject><reference value="Patient/p"/></subject><valueQuantity><value value="12.0"/></valueQuantity></Observation>`,
    SENDS_XML,
  )
  const lines = [
    'GET metadata',
    'GET Patient/p',
    'GET Patient/p/_history/1',
    'GET Patient/p/_history',
    'GET Patient/_history',
    'GET _history',
    'GET Patient?name=Ödön',
    'GET Patient?_summary=true',
    'GET Patient?_elements=name',
    'GET Patient?_summary=count',
    'GET Observation?_include=Observation:subject',
    'GET Patient/none',
    'GET Patient/p/_history/9',
    'GET Nothing',
    'GET Patient?nothing=1',
    'GET Patient?birthdate=x',
    'DELETE Patient',
    'PUT Patient/p',
    'POST $nothing',
  ]
  for (const line of lines) {
    const json = await ask(line)
    for (const xml of [
      await ask(line, undefined, WANTS_XML),
      await ask(`${line}${line.includes('?') ? '&' : '?'}_format=xml`),
    ]) {
      t.equal(xml.status, json.status, line)
      const links = /"(?:self|next|first|last)","url":"[^"]*"/g
      const plain = (text: string): string => text.replace(links, '')
      const [a, b] = [readXml(xml), readJson(json)]
      if (b.resourceType === 'Bundle') {
        delete a['link']
        delete b['link']
        t.equal(a['total'], b['total'], line)
        t.ok(equalJson(a['entry'], b['entry']), line)
      } else t.ok(equalJson(a, b), `${line}: ${plain(JSON.stringify(a)).slice(0, 300)}`)
    }
  }
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  t.match(readXml(await ask('POST Patient/_search', 'name=A&_format=xml', form)), { total: 1 })
  t.match(readXml(await ask('POST Patient/_search', '_count=x&_format=application/fhir%2Bxml', form)), {
    resourceType: 'OperationOutcome',
  })
  t.same(readXml(await ask('GET metadata?_format=xml'))['format'], [
    'application/fhir+json',
    'json',
    'application/fhir+xml',
    'xml',
  ])
})

t.test('create, update, patch and delete', async (t) => {
  const { ask } = startServer(t)
  const created = readXml(
    await ask('POST Patient', `<Patient ${NS}><gender value="male"/></Patient>`, XML_ONLY),
  )
  const at = `Patient/${String(created['id'])}`
  t.match(created, { gender: 'male', meta: { versionId: '1' } })
  const outcome = await ask('POST Patient', `<Patient ${NS}/>`, {
    ...XML_ONLY,
    prefer: 'return=OperationOutcome',
  })
  t.equal(readXml(outcome).resourceType, 'OperationOutcome')

  const patch = `<Parameters ${NS}><parameter><name value="operation"/>
    <part><name value="type"/><valueCode value="replace"/></part>
    <part><name value="path"/><valueString value="Patient.gender"/></part>
    <part><name value="value"/><valueCode value="female"/></part></parameter></Parameters>`
  t.match(readXml(await ask(`PATCH ${at}`, patch, XML_ONLY)), { gender: 'female', meta: { versionId: '2' } })
  const jsonPatch = await ask(`PATCH ${at}`, JSON.stringify([{ op: 'remove', path: '/gender' }]), {
    ...WANTS_XML,
    'content-type': 'application/json-patch+json',
  })
  t.notOk(readXml(jsonPatch)['gender'])
  const xmlPatch = await ask(`PATCH ${at}`, '<diff/>', {
    ...WANTS_XML,
    'content-type': 'application/xml-patch+xml',
  })
  t.equal(xmlPatch.status, 415)
  t.match(readXml(xmlPatch), { issue: [{ diagnostics: /XML Patch .* FHIRPath Patch/ }] })
  t.equal((await ask(`DELETE ${at}`, undefined, WANTS_XML)).status, 204)
  t.equal(readXml(await ask(`GET ${at}`, undefined, WANTS_XML)).resourceType, 'OperationOutcome')
})

t.test('transactions and batches', async (t) => {
  const { ask } = startServer(t)
  const bundle = (type: string, last: string): string => `<Bundle ${NS}><type value="${type}"/>
    <entry><fullUrl value="urn:uuid:c757873d-ec9a-4326-a141-556f43239520"/>
      <resource><Patient><active value="true"/></Patient></resource>
      <request><method value="POST"/><url value="Patient"/></request></entry>
    <entry><resource><Observation><status value="final"/><code><text value="a"/></code>
        <subject><reference value="${type === 'batch' ? 'Patient/none' : 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520'}"/></subject>
        <valueQuantity><value value="1.50"/></valueQuantity></Observation></resource>
      <request><method value="POST"/><url value="Observation"/></request></entry>${last}</Bundle>`
  const done = readXml(
    await ask('POST ', bundle('transaction', ''), { ...XML_ONLY, prefer: 'return=representation' }),
  )
  t.match(done, {
    type: 'transaction-response',
    entry: [{ response: { status: /^201/ } }, { response: { status: /^201/ } }],
  })
  const search = await ask('GET Observation?subject:Patient.active=true', undefined, WANTS_XML)
  t.match(search.text, '<valueQuantity><value value="1.50"/></valueQuantity>')
  const mixed = readXml(
    await ask(
      'POST ',
      bundle('batch', '<entry><request><method value="GET"/><url value="Patient/none"/></request></entry>'),
      XML_ONLY,
    ),
  )
  t.match(mixed, {
    entry: [
      { response: { status: /^201/ } },
      { response: { status: /^4/, outcome: { resourceType: 'OperationOutcome' } } },
      { response: { status: /^404/, outcome: { resourceType: 'OperationOutcome' } } },
    ],
  })
  const wrong = await ask(
    'POST ',
    `<Bundle ${NS}><type value="transaction"/><entry><resource/></entry></Bundle>`,
    XML_ONLY,
  )
  t.equal(wrong.status, 400)
  t.match(readXml(wrong), { issue: [{ expression: ['Bundle.entry[0].resource'] }] })
})

t.test('what is wrong with a body is said in XML, with its place', async (t) => {
  const { ask } = startServer(t)
  for (const [body, status, issue] of [
    [
      `<Patient ${NS}>\n <active value="yes"/></Patient>`,
      400,
      { diagnostics: /must be a boolean/, expression: ['Patient.active'] },
    ],
    [
      `<Patient ${NS}><multipleBirthInteger value="1.5"/></Patient>`,
      400,
      { expression: ['Patient.multipleBirth'] },
    ],
    [`<Patient ${NS}><name/></Patient>`, 400, { diagnostics: /ele-1/, expression: ['Patient.name[0]'] }],
    [`<Patient ${NS}><birthDate value=""/></Patient>`, 400, { expression: ['Patient.birthDate'] }],
    [`<Patient ${NS}>\n <surname value="Geheim"/></Patient>`, 400, { diagnostics: /^Line 2, column 2: / }],
    [`<Patient ${NS}>Geheim</Patient>`, 400, { diagnostics: /text stands/ }],
    ['<?xml version="1.0" encoding="latin1"?><Patient/>', 415, { diagnostics: /encoding/ }],
    [`<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x"><Patient ${NS}/>`, 400, { diagnostics: /DOCTYPE/ }],
    [`<Observation ${NS}/>`, 400, { diagnostics: /not that of the URL/ }],
    ['', 400, { diagnostics: /empty/ }],
    ['   ', 400, { diagnostics: /a resource was expected/ }],
    ['{"resourceType":"Patient"}', 400, { code: 'structure' }],
  ] as const) {
    const reply = await ask('POST Patient', body, XML_ONLY)
    t.equal(reply.status, status, body)
    const {
      issue: [told],
    } = readXml(reply) as Resource & { issue: [JsonObject] }
    t.match(told, issue)
    if (status !== 400 || !body.includes('value=""')) t.notMatch(reply.text, /Geheim/)
  }
  const huge = startServer(t, { http: { limits: { bodyBytes: 1000 } } })
  const large = await huge.ask('POST Patient', Buffer.alloc(2000, ' '), XML_ONLY)
  t.equal(large.status, 413)
  t.equal(readXml(large).resourceType, 'OperationOutcome', 'also before the request came to FHIR')
  const early = await huge.ask('GET Nothing/x?_format=text/xml')
  t.equal(early.headers['content-type'], 'text/xml; charset=utf-8')
})

t.test('what was stored against the rules, and XML cannot say', async (t) => {
  const { ask } = startServer(t, { repository: { validation: 'warn' } })
  const patient = { resourceType: 'Patient', id: 'p', surname: 'x' }
  const written = await ask('PUT Patient/p', patient, WANTS_XML)
  if (written.status >= 400) return t.pass('nothing of the kind is ever stored')
  t.equal(written.status, 201)
  t.equal(written.json.surname, 'x', 'who has written is answered, if in JSON')
  const read = await ask('GET Patient/p', undefined, WANTS_XML)
  t.equal(read.status, 406)
  t.match(readXml(read), { issue: [{ diagnostics: /Ask for JSON/ }] })
  t.equal((await ask('GET Patient/p')).json.surname, 'x')
})

t.test('whatever is sent as XML, the answer is XML and no failure', async (t) => {
  const { ask } = startServer(t)
  const piece = fc.constantFrom(
    '<Patient xmlns="http://hl7.org/fhir">',
    '</Patient>',
    '<name>',
    '</name>',
    '<family value="a"/>',
    '<family value="&#xFFFD;\u{1f600}"/>',
    '<id value="a"/>',
    '<x/>',
    '<text><status value="generated"/>',
    DIV,
    '</text>',
    '&amp;',
    '&x;',
    '<!-- -->',
    '<?a b?>',
    '<![CDATA[',
    ']]>',
    '\uffff',
    '\u0000',
    ' ',
  )
  let taken = 0
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 8 }), fc.boolean(), async (pieces, whole) => {
      const text = whole ? `<Patient ${NS}>${pieces.join('')}</Patient>` : pieces.join('')
      const reply = await ask('POST Patient', text, XML_ONLY)
      if (reply.status >= 500) throw new Error(`${reply.status} for ${text}`)
      if (reply.status === 201) taken++
      writeXml(readXml(reply), definitions)
    }),
    { numRuns: 400 },
  )
  t.ok(taken > 10)
})
