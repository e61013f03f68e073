// References: what a text points to, and where in a resource such texts stand.
import t from 'tap'
import {
  cloneJson,
  eachReference,
  type JsonObject,
  type LinkKind,
  loadDefinitions,
  mapReferences,
  parseReference,
} from '../../src/fhir/index.ts'

const base = 'http://127.0.0.1:8080/fhir'
const definitions = loadDefinitions()

t.test('what a reference points to', async (t) => {
  const uuid = 'urn:uuid:0f8fad5b-d9cb-469f-a165-70867728950e'
  const cases: [text: string, parsed: ReturnType<typeof parseReference>][] = [
    ['Patient/1', { kind: 'local', type: 'Patient', id: '1' }],
    ['Patient/a-B.9/_history/2', { kind: 'local', type: 'Patient', id: 'a-B.9', versionId: '2' }],
    [`${base}/Patient/1`, { kind: 'local', type: 'Patient', id: '1' }],
    [`${base}/Patient/1/_history/2`, { kind: 'local', type: 'Patient', id: '1', versionId: '2' }],
    [`${base}/Patient?identifier=a|b`, { kind: 'conditional', type: 'Patient', criteria: 'identifier=a|b' }],
    [`${base}/metadata`, { kind: 'absolute', url: `${base}/metadata` }],
    [`${base}2/Patient/1`, { kind: 'absolute', url: `${base}2/Patient/1`, type: 'Patient', id: '1' }],
    [
      'https://example.org/r4/Patient/1/_history/7',
      {
        kind: 'absolute',
        url: 'https://example.org/r4/Patient/1/_history/7',
        type: 'Patient',
        id: '1',
        versionId: '7',
      },
    ],
    ['http://hl7.org/fhir/sid/us-npi', { kind: 'absolute', url: 'http://hl7.org/fhir/sid/us-npi' }],
    ['mailto:a@example.org', { kind: 'absolute', url: 'mailto:a@example.org' }],
    [uuid, { kind: 'urn', urn: uuid }],
    [uuid.toUpperCase(), { kind: 'urn', urn: uuid.toUpperCase() }],
    ['urn:oid:1.2.840.113556', { kind: 'urn', urn: 'urn:oid:1.2.840.113556' }],
    ['urn:uuid:1', { kind: 'absolute', url: 'urn:uuid:1' }],
    ['#', { kind: 'fragment', id: '' }],
    ['#p1', { kind: 'fragment', id: 'p1' }],
    ['#p 1', { kind: 'invalid' }],
    [
      'Patient?identifier=http://a|b&active=true',
      { kind: 'conditional', type: 'Patient', criteria: 'identifier=http://a|b&active=true' },
    ],
    ['Patient?', { kind: 'invalid' }],
    ['Patient', { kind: 'invalid' }],
    ['Patient/', { kind: 'invalid' }],
    ['/Patient/1', { kind: 'invalid' }],
    ['patient/1', { kind: 'invalid' }],
    ['Patient/1/2', { kind: 'invalid' }],
    ['Patient/1\n', { kind: 'invalid' }],
    [`Patient/${'a'.repeat(65)}`, { kind: 'invalid' }],
    ['', { kind: 'invalid' }],
    ['http://example.org/a b', { kind: 'invalid' }],
  ]
  for (const [text, parsed] of cases) {
    t.strictSame(parseReference(text, base), parsed, text)
    t.strictSame(parseReference(text, `${base}/`), parsed, `${text}, with a slash behind the base`)
  }
  t.equal(parseReference(`${base}/Patient/1`).kind, 'absolute', 'without a base')
})

const resource: JsonObject = {
  resourceType: 'DocumentReference',
  id: 'urn:x',
  meta: { profile: ['urn:x'], source: 'urn:x' },
  text: {
    status: 'generated',
    div: '<div xmlns="http://www.w3.org/1999/xhtml">href="urn:x" <a class="b" href="urn:x">urn:x</a> <img alt="a > b" src=\'urn:x\'/> <a href="urn:y?a=1&amp;b=2">z</a></div>',
  },
  contained: [{ resourceType: 'Provenance', target: [{ reference: 'urn:x', display: 'urn:x' }] }],
  identifier: [{ system: 'urn:x', value: 'urn:x' }],
  description: 'urn:x',
  _description: { extension: [{ url: 'urn:x', valueReference: { reference: 'urn:x' } }] },
  subject: { reference: 'urn:x', type: 'urn:x' },
  content: [{ attachment: { url: 'urn:x', title: 'urn:x' } }],
  extension: [
    { url: 'http://example.org', valueUri: 'urn:x' },
    { url: 'http://example.org', valueString: 'urn:x' },
    { url: 'http://example.org', valueCanonical: 'urn:x' },
    { url: 'http://example.org', valueOid: 'urn:x' },
    { url: 'http://example.org', valueUuid: 'urn:x' },
  ],
}

t.test('links are found by the type of their element', async (t) => {
  const found: string[] = []
  eachReference(resource, (text, kind) => void found.push(`${kind} ${text}`), definitions)
  const count = (kind: LinkKind, text: string) => found.filter((link) => link === `${kind} ${text}`).length
  t.equal(
    count('reference', 'urn:x'),
    3,
    'subject, in a contained resource, in an extension beside a primitive',
  )
  t.equal(count('canonical', 'urn:x'), 2, 'meta.profile, valueCanonical')
  t.equal(count('narrative', 'urn:x'), 2, 'href and src of tags, not of text')
  t.equal(count('narrative', 'urn:y?a=1&b=2'), 1, 'entities resolved')
  t.equal(
    count('uri', 'urn:x'),
    8,
    'source, system, extension url, Reference.type, attachment, uri, oid, uuid',
  )

  const changed = cloneJson(resource)
  const map = (text: string) =>
    text === 'urn:x' ? 'Patient/1' : text === 'urn:y?a=1&b=2' ? 'Patient?a="1"&b=<' : text
  t.ok(mapReferences(changed, map, definitions))
  t.match(changed, {
    id: 'urn:x',
    description: 'urn:x',
    subject: { reference: 'Patient/1' },
    identifier: [{ system: 'Patient/1', value: 'urn:x' }],
    contained: [{ target: [{ reference: 'Patient/1', display: 'urn:x' }] }],
    _description: { extension: [{ url: 'Patient/1', valueReference: { reference: 'Patient/1' } }] },
    content: [{ attachment: { url: 'Patient/1', title: 'urn:x' } }],
    extension: [{ valueUri: 'Patient/1' }, { valueString: 'urn:x' }, { valueCanonical: 'Patient/1' }],
  })
  t.equal(
    (changed.text as JsonObject).div,
    '<div xmlns="http://www.w3.org/1999/xhtml">href="urn:x" <a class="b" href="Patient/1">urn:x</a> <img alt="a > b" src="Patient/1"/> <a href="Patient?a=&quot;1&quot;&amp;b=&lt;">z</a></div>',
  )
})

t.test('without a change nothing changes', async (t) => {
  const same = cloneJson(resource)
  t.notOk(mapReferences(same, (text) => text, definitions))
  t.strictSame(same, resource)
})

t.test('where the type is not known, any string may be a link', async (t) => {
  const found: string[] = []
  const unknown = {
    resourceType: 'Patient',
    mystery: { reference: 'a', list: ['b', { deep: 'c' }], div: '<a href="d"/>' },
  }
  eachReference(unknown, (text, kind) => void found.push(`${kind} ${text}`), definitions)
  t.strictSame(found, ['reference a', 'uri b', 'uri c', 'narrative d'])
  found.length = 0
  eachReference(
    { resourceType: 'Patient', link: [{ other: { reference: 'a' } }] },
    (text, kind) => void found.push(`${kind} ${text}`),
  )
  t.strictSame(found, ['reference a'])
})
