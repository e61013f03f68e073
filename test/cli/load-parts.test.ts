// The loader's single parts: lines of a stream, lines of elements, discretion, finding files.
import fc from 'fast-check'
import { symlinkSync } from 'node:fs'
import t from 'tap'
import { withoutValues } from '../../src/cli/load/discretion.ts'
import { linesOf } from '../../src/cli/load/lines.ts'
import { lineOfElement } from '../../src/cli/load/locate-line.ts'
import { lineOfXmlElement } from '../../src/cli/load/locate-xml-line.ts'
import { refusalLines } from '../../src/cli/load/report.ts'
import { findSources } from '../../src/cli/load/sources.ts'
import { writeFiles } from './process.ts'

async function linesIn(chunks: readonly string[], limit = 100): Promise<[number, string | undefined][]> {
  const lines: [number, string | undefined][] = []
  const stream = (async function* () {
    for (const chunk of chunks) yield Buffer.from(chunk)
  })()
  for await (const some of linesOf(stream, limit))
    for (const { number, bytes } of some) lines.push([number, bytes?.toString()])
  return lines
}

t.test('lines are numbered, however the stream is cut', async (t) => {
  t.same(await linesIn(['a\nb', 'c\r\n', '\n  \nd']), [
    [1, 'a'],
    [2, 'bc'],
    [5, 'd'],
  ])
  t.same(await linesIn(['a\n']), [[1, 'a']], 'an end of line at the end begins no line')
  t.same(await linesIn([]), [])
  t.same(
    await linesIn(['12345', '6\n7\n'], 5),
    [
      [1, undefined],
      [2, '7'],
    ],
    'a line too long is said to be one',
  )
  t.same(await linesIn(['12345\n'], 5), [[1, '12345']])
})

t.test('any text cut anywhere has the same lines', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: fc.constantFrom('a', 'é', '\n', '\r\n', ' ') }),
      fc.array(fc.nat(40), { maxLength: 4 }),
      async (text, cuts) => {
        const places = [0, ...cuts.filter((it) => it < text.length).sort((a, b) => a - b), text.length]
        const chunks = places.slice(1).map((end, i) => text.slice(places[i], end))
        const expected = text
          .split('\n')
          .map((line, i): [number, string] => [i + 1, line.replace(/\r$/, '')])
          .filter(([, line]) => !/^[ \r]*$/.test(line))
        t.strictSame(await linesIn(chunks), expected)
      },
    ),
    { seed: 7, numRuns: 200 },
  )
})

const TEXT = `{
  "resourceType": "Patient",
  "note": "a \\" name: [{",
  "name": [
    { "family": "x" },
    { "use": "old",
      "given": ["a",
        "b"] }
  ],
  "_birthDate": { "extension": [] },
  "deceasedBoolean": true,
  "contained": [{ "resourceType": "Observation",
    "code": {} }]
}`

t.test('an element is found on its line', async (t) => {
  const cases: readonly [path: string, line: number][] = [
    ['Patient', 1],
    ['Patient.note', 3],
    ['Patient.name', 4],
    ['Patient.name[0]', 5],
    ['Patient.name[0].family', 5],
    ['Patient.name[1].use', 6],
    ['Patient.name[1].given[1]', 8],
    ['Patient.birthDate', 10],
    ['Patient.deceased', 11],
    ['Patient.contained[0].code', 13],
    ['Patient.name[1].nothing', 6],
    ['Patient.nothing[3].at.all', 1],
    ['', 1],
  ]
  for (const [path, line] of cases) t.equal(lineOfElement(TEXT, path), line, path)
  t.equal(lineOfElement('\ufeff\n{"a":1}', 'X.a'), 2, 'behind a byte order mark')
})

t.test('the line of an element in XML', async (t) => {
  const text = `<?xml version="1.0"?>
<!-- <name/> -->
<f:Bundle xmlns:f="http://hl7.org/fhir">
  <f:type value="a &lt; b > c"/>
  <f:entry/>
  <f:entry>
    <f:resource>
      <f:Patient>
        <f:contained>
          <f:Basic>
            <f:id value="b"/>
          </f:Basic>
        </f:contained>
        <f:name>
          <f:given value='"'/>
          <f:given
            value="/>"/>
        </f:name>
        <f:name><f:use value="x"/>
          <f:family value="y"/></f:name>
        <f:multipleBirthInteger value="1"/>
      </f:Patient>
    </f:resource>
  </f:entry>
  <f:entry><f:fullUrl value="z"/></f:entry>
</f:Bundle>
`
  for (const [path, line] of [
    ['', 3],
    ['Bundle', 3],
    ['Bundle.type', 4],
    ['Bundle.entry[0]', 5],
    ['Bundle.entry[0].resource', 5],
    ['Bundle.entry[1].resource', 7],
    ['Bundle.entry[1].resource.contained[0].id', 11],
    ['Bundle.entry[1].resource.contained[1].id', 7],
    ['Bundle.entry[1].resource.name[0].given[1]', 16],
    ['Bundle.entry[1].resource.name[1].use', 19],
    ['Bundle.entry[1].resource.name[1].family', 20],
    ['Bundle.entry[1].resource.multipleBirth', 21],
    ['Bundle.entry[1].resource.gender', 7],
    ['Bundle.entry[2].fullUrl', 25],
    ['Bundle.entry[3].fullUrl', 3],
  ] as const)
    t.equal(lineOfXmlElement(text, path), line, path)
})

t.test('every element of any JSON is found on the line where it was written', async (t) => {
  fc.assert(
    fc.property(fc.object({ key: fc.stringMatching(/^[a-z]{1,5}$/), withNullPrototype: false }), (value) => {
      const text = JSON.stringify(value, undefined, 2)
      // A value of its own in the place of each element tells its line.
      const visit = (node: unknown, path: string, replace: (mark: string) => unknown): void => {
        const mark = '\u{1f4cd}'
        const marked = JSON.stringify(replace(mark), undefined, 2).split('\n')
        t.equal(lineOfElement(text, path), marked.findIndex((it) => it.includes(mark)) + 1, path)
        if (Array.isArray(node))
          node.forEach((item, i) => visit(item, `${path}[${i}]`, (m) => replace(node.with(i, m) as never)))
        else if (typeof node === 'object' && node !== null)
          for (const [key, child] of Object.entries(node))
            if (child !== undefined)
              visit(child, `${path}.${key}`, (m) => replace({ ...node, [key]: m } as never))
      }
      for (const [key, child] of Object.entries(value))
        if (child !== undefined) visit(child, `X.${key}`, (mark) => ({ ...value, [key]: mark }))
    }),
    { seed: 11, numRuns: 40 },
  )
})

t.test('what a record says is taken out of the reason', async (t) => {
  const patient = {
    resourceType: 'Patient',
    name: [{ family: 'Secret "Q" Name', use: 'usua' }],
    birthDate: '1980-13-45',
    multipleBirthInteger: 1.5,
    generalPractitioner: [{ reference: 'Practitioner/secret-1' }],
    text: { div: '<div>Secret story, told at length</div>' },
  }
  const cases: readonly [path: string, reason: string, told: string][] = [
    ['Patient.birthDate', '"1980-13-45" is not a date: YYYY-MM-DD.', '… is not a date: YYYY-MM-DD.'],
    ['Patient.name[0].use', '"usua" is not among: usual, official.', '… is not among: usual, official.'],
    ['Patient.name[0].family', `${JSON.stringify('Secret "Q" Name')} is wrong`, '… is wrong'],
    ['Patient.name[0]', 'the family "Secret \\"Q\\" Name" is wrong', 'the family … is wrong'],
    ['Patient.multipleBirth', '1.5 is not a whole number up to 21.5', '… is not a whole number up to 21.5'],
    ['Patient.text.div', '"<div>Secret story, to… is empty', '… is empty'],
    ['Patient.text.div', 'is not XHTML: "story, told" is no tag', 'is not XHTML: … is no tag'],
    [
      'Patient.generalPractitioner[0].reference',
      'Practitioner/secret-1 points at nothing',
      '… points at nothing',
    ],
    ['Patient', 'The reference Practitioner/secret-1 points at nothing', 'The reference … points at nothing'],
    ['Patient.gender', 'must be "male" or "female"', 'must be "male" or "female"'],
  ]
  for (const [path, reason, told] of cases) t.equal(withoutValues(reason, patient, path), told)
})

t.test('refusals are listed in the order of files and lines, one line each', async (t) => {
  t.same(
    refusalLines([
      { file: 'b.json', line: 1, element: '', rule: 'no' },
      { file: 'a.json', line: 10, element: 'Patient.name', rule: 'two\n  lines' },
      { file: 'a.json', line: 9, element: 'Patient', rule: 'no' },
    ]),
    ['a.json:9: Patient: no', 'a.json:10: Patient.name: two lines', 'b.json:1: no'],
  )
})

t.test('folders are walked in sorted order, hidden files passed over', async (t) => {
  const folder = t.testdir()
  writeFiles(folder, {
    'in/b.json': '{}',
    'in/B.NDJSON': '',
    'in/a/z.jsonl.gz': '',
    'in/a.json.gz': '',
    'in/.hidden.json': '',
    'in/readme.md': '',
    'in/old.xml': '',
    'in/old.XML.gz': '',
    'single.txt': '',
  })
  symlinkSync(folder, `${folder}/in/loop`)
  const { sources, refused, skipped } = await findSources(['in/', 'single.txt', 'gone.json'], folder)
  t.same(
    sources.map(({ file, format, gzip }) => [file, format, gzip]),
    [
      ['in/B.NDJSON', 'ndjson', false],
      ['in/a/z.jsonl.gz', 'ndjson', true],
      ['in/a.json.gz', 'json', true],
      ['in/b.json', 'json', false],
      ['in/old.XML.gz', 'xml', true],
      ['in/old.xml', 'xml', false],
    ],
  )
  t.same(
    refused.map(({ file }) => file),
    ['single.txt', 'gone.json'],
  )
  t.equal(skipped, 2)
})
