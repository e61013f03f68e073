// `alcove load`: what files hold is in the database afterwards, and what is refused is told where and why.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { UNAUTHENTICATED } from '../../src/access/index.ts'
import { readConfig } from '../../src/config.ts'
import { FhirError, parseJson, writeJson, type Resource } from '../../src/fhir/index.ts'
import { searchQuery } from '../../src/store/index.ts'
import { openParts } from '../../src/server.ts'
import { alcove, writeFiles, type Run } from './process.ts'

const line = (resource: object) => `${JSON.stringify(resource)}\n`
const patient = (id: string, more: object = {}) => ({ resourceType: 'Patient', id, ...more })
const URN = 'urn:uuid:4a9e2e3c-6f3d-4c55-8f0e-0d5b3d1c0a11'

class Practice {
  readonly folder: string
  readonly #env: Record<string, string>

  constructor(folder: string, env: Record<string, string> = {}) {
    this.folder = folder
    this.#env = { ALCOVE_DATABASE: `sqlite:${folder}/db/alcove.db`, ...env }
  }

  load(args: readonly string[], files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<Run> {
    writeFiles(this.folder, files)
    return alcove(['load', '--quiet', ...args], { env: this.#env, cwd: this.folder })
  }

  async summary(args: readonly string[]): Promise<Record<string, unknown>> {
    return JSON.parse((await this.load(['--json', ...args])).stdout) as Record<string, unknown>
  }

  /** The resource as stored; undefined when it is not there. */
  async read(type: string, id: string): Promise<Resource | undefined> {
    return this.#open(async ({ repository }) => {
      try {
        return parseJson((await repository.read(type, id)).body ?? Buffer.of()) as Resource
      } catch (error) {
        if (error instanceof FhirError && error.code === 'not-found') return undefined
        throw error
      }
    })
  }

  async all(type: string): Promise<Resource[]> {
    return this.#open(async ({ repository }) => {
      const { matches } = await repository.search(searchQuery({ type, count: 1000 }))
      return matches.map(({ body }) => parseJson(body ?? Buffer.of()) as Resource)
    })
  }

  async #open<T>(use: (parts: { repository: ReturnType<Parts['repositoryFor']> }) => Promise<T>): Promise<T> {
    const parts = await openParts(readConfig({ ALCOVE_LOG_LEVEL: 'silent', ...this.#env }))
    try {
      return await use({ repository: parts.repositoryFor(UNAUTHENTICATED) })
    } finally {
      await parts.close()
    }
  }
}

type Parts = Awaited<ReturnType<typeof openParts>>

t.test('resources of every kind of file are in the database', async (t) => {
  const practice = new Practice(t.testdir())
  const { status, stdout } = await practice.load(['in'], {
    'in/one.json': JSON.stringify(patient('one', { name: [{ family: 'One' }] }), undefined, 2),
    'in/none.json':
      '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.50}}',
    'in/many.ndjson': line(patient('m1')) + line(patient('m2')) + '\n' + line(patient('m3')),
    'in/sub/more.jsonl.gz': gzipSync(line(patient('z1')) + line(patient('z2'))),
    'in/sub/search.json': JSON.stringify({
      resourceType: 'Bundle',
      type: 'searchset',
      entry: [
        {
          fullUrl: 'https://elsewhere.example/Patient/s1',
          resource: patient('s1'),
          search: { mode: 'match' },
        },
        { resource: { resourceType: 'OperationOutcome', issue: [] }, search: { mode: 'outcome' } },
      ],
    }),
  })
  t.equal(status, 0, stdout)
  t.match(stdout, /^8 created, 0 refused; 5 files in 0:\d\d\n$/)
  for (const id of ['one', 'm1', 'm2', 'm3', 'z1', 'z2', 's1']) t.ok(await practice.read('Patient', id), id)
  const [observation] = await practice.all('Observation')
  t.match(writeJson(observation ?? null), /"valueQuantity":\{"value":1\.50\}/, 'decimals as written')

  const again = await practice.summary(['in/one.json', 'in/many.ndjson'])
  t.match(again, { created: 0, updated: 0, unchanged: 4, refused: 0, files: 2, interrupted: false })
})

t.test('versions of one resource keep the order of the file', async (t) => {
  const practice = new Practice(t.testdir())
  const count = 150
  const lines = Array.from({ length: count }, (_, i) =>
    line(patient('same', { birthDate: String(1800 + i) })),
  )
  const summary = await practice.load(['--json', 'v.ndjson'], { 'v.ndjson': lines.join('') })
  t.match(JSON.parse(summary.stdout), { created: 1, updated: count - 1, unchanged: 0 })
  t.match(await practice.read('Patient', 'same'), {
    birthDate: String(1800 + count - 1),
    meta: { versionId: String(count) },
  })
})

t.test('transactions and batches are carried out as such', async (t) => {
  const practice = new Practice(t.testdir())
  const bundle = (type: string, ...entry: object[]) => JSON.stringify({ resourceType: 'Bundle', type, entry })
  const post = (fullUrl: string, resource: { resourceType: string }) => ({
    fullUrl,
    resource,
    request: { method: 'POST', url: resource.resourceType },
  })
  const put = (resource: { resourceType: string; id: string }) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  })
  const condition = { resourceType: 'Condition', subject: { reference: URN } }
  const { status, stdout } = await practice.load(['in'], {
    'in/transaction.json': bundle(
      'transaction',
      post(URN, { resourceType: 'Patient' }),
      post('urn:uuid:4a9e2e3c-6f3d-4c55-8f0e-0d5b3d1c0a12', condition),
    ),
    'in/spoiled.json': bundle('transaction', put(patient('never')), put(patient('bad', { gender: 'x' }))),
    'in/batch.json': bundle(
      'batch',
      put(patient('b1')),
      put(patient('b2', { gender: 'x' })),
      put(patient('b3')),
    ),
  })
  t.equal(status, 1)
  t.match(stdout, /^in\/batch\.json:1: Bundle\.entry\[1\]\.resource\.gender: /m)
  t.match(stdout, /^in\/spoiled\.json:1: Bundle\.entry\[1\]\.resource\.gender: /m)
  t.match(stdout, /^4 created, 2 refused; 3 files/m)
  t.equal(await practice.read('Patient', 'never'), undefined, 'a transaction is all or nothing')
  t.ok(await practice.read('Patient', 'b3'), 'a batch is not')
  const [stored] = await practice.all('Condition')
  const { reference } = (stored as unknown as { subject: { reference: string } }).subject
  t.match(reference, /^Patient\/[^u]/, 'references are resolved')
  t.ok(await practice.read('Patient', reference.slice('Patient/'.length)))
})

t.test('a Bundle whose entries refer to each other by urn is taken as one', async (t) => {
  const practice = new Practice(t.testdir())
  const { status, stdout } = await practice.load(['c.json'], {
    'c.json': JSON.stringify({
      resourceType: 'Bundle',
      type: 'collection',
      entry: [
        { fullUrl: URN, resource: patient('kept') },
        {
          fullUrl: 'urn:uuid:4a9e2e3c-6f3d-4c55-8f0e-0d5b3d1c0a12',
          resource: { resourceType: 'Condition', id: 'c', subject: { reference: URN } },
        },
      ],
    }),
  })
  t.equal(status, 0, stdout)
  t.match(await practice.read('Condition', 'c'), { subject: { reference: 'Patient/kept' } })
})

t.test('a transaction that needs one loaded after it is tried again', async (t) => {
  const practice = new Practice(t.testdir())
  const { status, stdout } = await practice.load(['in'], {
    'in/a-needs.json': JSON.stringify({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          resource: {
            resourceType: 'Condition',
            id: 'c',
            subject: { reference: 'Patient?identifier=urn:x|7' },
          },
          request: { method: 'PUT', url: 'Condition/c' },
        },
      ],
    }),
    'in/b-has.json': JSON.stringify({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          resource: patient('seven', { identifier: [{ system: 'urn:x', value: '7' }] }),
          request: { method: 'PUT', url: 'Patient/seven' },
        },
      ],
    }),
  })
  t.equal(status, 0, stdout)
  t.match(await practice.read('Condition', 'c'), { subject: { reference: 'Patient/seven' } })
})

t.test('each refusal is told with file, line, element and rule, without what the record says', async (t) => {
  const practice = new Practice(t.testdir())
  const { status, stdout } = await practice.load(['in', 'gone.json', 'in/notes.txt'], {
    'in/array.json': '[1]',
    'in/bad.json': `{
 "resourceType": "Patient",
 "name": [{ "family": "Secretname" }],
 "birthDate": "1980-13-45",
 "gender": "femal"
}`,
    'in/bundle.json': `{"resourceType": "Bundle", "type": "collection", "entry": [
 {"resource": {"resourceType": "Patient", "id": "in-bundle"}},
 {"resource": {"resourceType": "Patient",
   "bogus": 1}},
 {}
]}`,
    'in/cut.ndjson.gz': gzipSync(line(patient('x', { language: 'en' })).repeat(9)).subarray(0, 40),
    'in/history.json': '{"resourceType":"Bundle",\n"type":"history","entry":[]}',
    'in/id.json': '{"resourceType":"Patient",\n"id":"not an id"}',
    'in/latin1.json': Buffer.from('{"resourceType":"Patient",\n"name":[{"family":"M\xfcller"}]}', 'latin1'),
    'in/lines.ndjson': `${line(patient('fine'))}${line(patient('nme', { nme: 1 }))}\nnonsense\r\n${line({ a: 1 })}`,
    'in/notes.txt': 'x',
    'in/open.json': '{\n"resourceType":',
    'in/type.json': '{"resourceType":"Patientt"}',
    'in/v.xml': `<Patient xmlns="http://hl7.org/fhir">
 <name><family value="Secretname"/></name>
 <gender
   value="femal"/>
 <birthDate value="1980-13-45"/>
</Patient>`,
    'in/w.xml': `<Bundle xmlns="http://hl7.org/fhir"><type value="collection"/>
 <entry><resource><Patient><id value="xml-in-bundle"/></Patient></resource></entry>
 <entry><resource><Patient>
   <maritalStatus/></Patient></resource></entry>
 <entry/>
</Bundle>`,
    'in/x.xml': `<Patient xmlns="http://hl7.org/fhir">\n <nmae><family value="Secretname"/></nmae></Patient>`,
    'in/y.xml': '{"resourceType":"Patient"}',
    'in/z.xml': `<Patient xmlns="http://hl7.org/fhir">\n  <name>Secretname</name></Patient>`,
  })
  t.equal(status, 1)
  const told = stdout.trim().split('\n')
  const expected: readonly [place: string, rule: RegExp][] = [
    ['gone.json:1: ', /there is no such file/],
    ['in/array.json:1: ', /a JSON object was expected/],
    ['in/bad.json:4: Patient.birthDate: ', /is not a date/],
    ['in/bad.json:5: Patient.gender: ', /male, female, other, unknown/],
    ['in/bundle.json:4: Bundle.entry[1].resource.bogus: ', /no element bogus/],
    ['in/bundle.json:5: Bundle.entry[2].resource: ', /must be a resource/],
    ['in/cut.ndjson.gz:1: ', /gzip/],
    ['in/history.json:2: Bundle.type: ', /a history cannot be loaded/],
    ['in/id.json:2: Patient.id: ', /1 to 64 letters/],
    ['in/latin1.json:2: ', /UTF-8/],
    ['in/lines.ndjson:2: Patient.nme: ', /Did you mean name\?/],
    ['in/lines.ndjson:4: ', /column 1/],
    ['in/lines.ndjson:5: ', /has no resourceType/],
    ['in/notes.txt:1: ', /must end in \.json/],
    ['in/open.json:2: ', /column/],
    ['in/type.json:1: ', /Patientt/],
    ['in/v.xml:3: Patient.gender: ', /male, female, other, unknown/],
    ['in/v.xml:5: Patient.birthDate: ', /is not a date/],
    ['in/w.xml:4: Bundle.entry[1].resource.maritalStatus: ', /ele-1/],
    ['in/w.xml:5: Bundle.entry[2].resource: ', /must be a resource/],
    ['in/x.xml:2: Patient.nmae: ', /^[^"]*column 2: Patient has no element nmae; did you mean name\?$/],
    ['in/y.xml:1: ', /text may not stand outside/],
    ['in/z.xml:2: Patient.name[0]: ', /column 9: text stands in <name>/],
  ]
  for (const [index, [place, rule]] of expected.entries()) {
    t.ok(told[index]?.startsWith(place), `${place} is told, not ${told[index]}`)
    t.match(told[index], rule)
  }
  t.equal(told[expected.length], 'note: 1 file passed over, whose names do not say JSON, NDJSON or XML')
  t.match(told[expected.length + 1], /^3 created, 21 refused; 15 files in /)
  t.equal(told.length, expected.length + 2)
  for (const secret of ['Secretname', '1980-13-45', '"femal"', 'not an id', 'ller'])
    t.notOk(stdout.includes(secret), `${secret} is not told`)
})

t.test('XML is loaded as JSON is, whatever its name', async (t) => {
  const practice = new Practice(t.testdir())
  const ns = 'xmlns="http://hl7.org/fhir"'
  const transaction = `<Bundle ${ns}><type value="transaction"/><entry><fullUrl value="${URN}"/>
    <resource><Patient><gender value="male"/></Patient></resource>
    <request><method value="POST"/><url value="Patient"/></request></entry>
    <entry><resource><Observation><status value="final"/><code><text value="a"/></code><subject><reference value="${URN}"/></subject>
    <valueQuantity><value value="1.50"/></valueQuantity></Observation></resource>
    <request><method value="POST"/><url value="Observation"/></request></entry></Bundle>`
  const { status, stdout } = await practice.load(['.'], {
    'a.xml': `\ufeff<?xml version="1.0" encoding="utf-8"?>\n<Patient ${ns}><!-- x --><id value="a"/><active value="true"/></Patient>`,
    'b.json': `  <Patient ${ns}><id value="b"/><multipleBirthInteger value="2"/></Patient>`,
    'c.xml.gz': gzipSync(transaction),
    'd.XML': `<Bundle ${ns}><type value="searchset"/><entry><resource><Patient><id value="d"/></Patient></resource><search><mode value="match"/></search></entry>
      <entry><resource><OperationOutcome/></resource><search><mode value="outcome"/></search></entry></Bundle>`,
  })
  t.equal(status, 0, stdout)
  t.match(stdout, /^5 created, 0 refused; 4 files in /)
  t.match(await practice.read('Patient', 'a'), { active: true })
  t.match(await practice.read('Patient', 'b'), { multipleBirthInteger: 2 })
  t.ok(await practice.read('Patient', 'd'))
  const [observation] = await practice.all('Observation')
  t.match(writeJson(observation ?? null), '"value":1.50')
  t.match(observation, { subject: { reference: /^Patient\// } })
})

const guide = fileURLToPath(new URL('../../../shared/data/hl7-behavioral-health', import.meta.url))
t.test(
  'the examples of the behavioral-health guide, all but those with faults of their own',
  { skip: existsSync(guide) ? false : 'the examples are not beside this checkout' },
  async (t) => {
    const practice = new Practice(t.testdir())
    const { created, refused, refusals } = await practice.summary([guide])
    t.match({ created, refused }, { created: 59, refused: 15 })
    const faults = (refusals as { file: string; element: string; rule: string }[]).map(
      ({ file, element, rule }) => `${file.slice(guide.length + 1)} ${element}: ${rule}`,
    )
    // HL7's own validator finds the same faults in these fifteen.
    const known: readonly [file: RegExp, files: number, fault: RegExp][] = [
      [/^(?:anxiety-assessment|cognitive-status)-/, 2, /must stand before <component>/],
      [/^ekg-observation-/, 1, /text stands in <valueCodeableConcept>/],
      [/^paroxetine-discharge-med-/, 1, /<quantity> has no attribute value/],
      [/^barthel-index-/, 1, /is not a code/],
      [/-condition-example-1\.xml/, 5, /con-4/],
      [/^mental-health-/, 5, /DocumentReference\.date: .*is not an instant/],
    ]
    for (const [file, files, fault] of known) {
      const own = faults.filter((it) => file.test(it))
      t.ok(
        own.every((it) => fault.test(it)),
        own.join(),
      )
      t.equal(new Set(own.map((it) => it.split(' ', 1)[0])).size, files, String(file))
    }
    t.ok(faults.every((it) => known.some(([file]) => file.test(it))))
    t.match(await practice.read('Patient', 'bh-patient-example'), { name: [{ family: 'Wolff' }, {}] })
  },
)

t.test('a reference to nothing is a note, or refused when asked', async (t) => {
  const practice = new Practice(t.testdir())
  const condition = (id: string, to: string) =>
    line({ resourceType: 'Condition', id, subject: { reference: to } })
  const files = {
    'a.ndjson':
      condition('c1', 'Patient/later') +
      condition('c2', 'Patient/never') +
      condition('c3', 'https://x.example/fhir/Patient/1'),
    'b.ndjson': line(patient('later')),
  }
  const lenient = await practice.load(['a.ndjson', 'b.ndjson'], files)
  t.equal(lenient.status, 0)
  t.match(
    lenient.stdout,
    /^note: a\.ndjson:2: Condition\.subject: refers to a Patient that is not in the database\n4 created/,
  )
  t.match(await practice.summary(['a.ndjson']), {
    danglingReferences: {
      listed: [{ file: 'a.ndjson', line: 2, element: 'Condition.subject', type: 'Patient' }],
      more: 0,
    },
  })

  const strict = new Practice(t.testdir({ strict: {} }) + '/strict')
  const refused = await strict.load(['--references', 'enforce', 'a.ndjson', 'b.ndjson'], files)
  t.equal(refused.status, 1)
  t.match(refused.stdout, /^a\.ndjson:1: .*\na\.ndjson:2: .*\n2 created, 2 refused/)
  t.notMatch(refused.stdout, /Patient\/never/)
})

t.test('warnings are told when validation only warns', async (t) => {
  const practice = new Practice(t.testdir(), { ALCOVE_VALIDATION: 'warn' })
  const { status, stdout } = await practice.load(['p.json'], {
    'p.json': JSON.stringify(patient('w', { gender: 'x' })),
  })
  t.equal(status, 0)
  t.match(stdout, /^warning: p\.json:1: Patient\.gender: /)
  t.ok(await practice.read('Patient', 'w'))
})

t.test('a database that another process has open is left alone', async (t) => {
  const folder = t.testdir()
  const practice = new Practice(folder)
  const parts = await openParts(
    readConfig({ ALCOVE_LOG_LEVEL: 'silent', ALCOVE_DATABASE: `sqlite:${folder}/db/alcove.db` }),
  )
  const { status, stdout, stderr } = await practice.load(['p.json'], {
    'p.json': JSON.stringify(patient('p')),
  })
  await parts.close()
  t.equal(status, 1)
  t.equal(stdout, '')
  t.match(stderr, /^alcove load: .* is in use by another Alcove process/)
  t.equal(await practice.read('Patient', 'p'), undefined)
})

t.test('asked to stop, it finishes what is under way and says so', async (t) => {
  const folder = t.testdir()
  const stop = new AbortController()
  stop.abort()
  writeFiles(folder, { 'p.ndjson': line(patient('p')) })
  const { status, stdout } = await alcove(['load', 'p.ndjson'], {
    env: { ALCOVE_DATABASE: `sqlite:${folder}/a.db` },
    cwd: folder,
    stop: stop.signal,
  })
  t.equal(status, 130)
  t.match(stdout, /^stopped early: nothing loaded, 0 refused/)
})
