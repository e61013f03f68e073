// _summary and _elements on every interaction that answers with resources.
import t from 'tap'
import { startServer } from './server.ts'

const TEXT = { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' }
const PATIENT = {
  resourceType: 'Patient',
  id: 'p',
  meta: { tag: [{ system: 'urn:t', code: 'a' }] },
  text: TEXT,
  extension: [{ url: 'http://x.test/e', valueDecimal: 0 }],
  active: true,
  name: [{ family: 'Chalmers', given: ['Ann'], _given: [{ id: 'g' }] }],
  birthDate: '1980-01-01',
  _birthDate: { id: 'b' },
  deceasedBoolean: false,
  contact: [{ name: { family: 'Kin' } }],
  link: [{ other: { reference: 'Patient/p' }, type: 'seealso' }],
  communication: [{ language: { text: 'English' }, preferred: true }],
}
const OBSERVATION = {
  resourceType: 'Observation',
  id: 'o',
  text: TEXT,
  status: 'final',
  code: { text: 'weight' },
  valueQuantity: { value: 1, unit: 'kg' },
  component: [{ code: { text: 'c' }, dataAbsentReason: { text: 'd' }, valueString: 's' }],
  note: [{ text: 'n' }],
}

const KEYS: readonly (readonly [string, string, readonly string[] | 400])[] = [
  ['Patient/p', '_summary=true', ['active', '_birthDate', 'birthDate', 'deceasedBoolean', 'link', 'name']],
  ['Patient/p', '_summary=text', ['text']],
  [
    'Patient/p',
    '_summary=data',
    [
      'active',
      '_birthDate',
      'birthDate',
      'communication',
      'contact',
      'deceasedBoolean',
      'extension',
      'link',
      'name',
    ],
  ],
  ['Patient/p', '_elements=name', ['name']],
  ['Patient/p', '_elements=birthDate,contact', ['_birthDate', 'birthDate', 'contact']],
  ['Patient/p', '_elements=birthDate&_elements=deceased', ['_birthDate', 'birthDate', 'deceasedBoolean']],
  ['Patient/p', '_elements=deceasedBoolean', ['deceasedBoolean']],
  ['Observation/o', '_elements=note', ['code', 'note', 'status']],
  ['Observation/o', '_elements=value', ['code', 'status', 'valueQuantity']],
  ['Observation/o', '_summary=text', ['code', 'status', 'text']],
  ['Observation/o', '_summary=true', ['code', 'component', 'status', 'valueQuantity']],
  ['Patient/p', '_elements=nam', 400],
  ['Patient/p', '_elements=', 400],
  ['Patient/p', '_elements=name.family', 400],
  ['Patient/p', '_summary=maybe', 400],
  ['Patient/p', '_summary=text&_summary=data', 400],
  ['Patient/p', '_summary=text&_elements=name', 400],
]

t.test('what a view shows of a resource', async (t) => {
  const { ask } = startServer(t)
  for (const resource of [PATIENT, OBSERVATION])
    await ask(`PUT ${resource.resourceType}/${resource.id}`, resource)
  for (const [path, query, keys] of KEYS) {
    const [type, id] = path.split('/')
    for (const url of [path, `${path}/_history/1`, `${path}/_history`, `${type}`]) {
      const what = `${url}?${query}`
      const reply = await ask(`GET ${what}${url === type ? `&_id=${id}` : ''}`)
      if (keys === 400) {
        t.equal(reply.status, 400, what)
        t.match(reply.json.issue[0].expression?.[0], /^http\._(summary|elements)$/, what)
        continue
      }
      t.equal(reply.status, 200, `${what} ${reply.text.slice(0, 200)}`)
      const shown = reply.json.entry?.[0].resource ?? reply.json
      const rest = Object.keys(shown).filter((key) => !['resourceType', 'id', 'meta'].includes(key))
      t.same(rest.toSorted(), [...keys].toSorted(), what)
      t.equal(shown.id, id, what)
      t.equal(shown.meta.versionId, '1', what)
      t.ok(
        shown.meta.tag.some((tag: { code: string }) => tag.code === 'SUBSETTED'),
        `${what} is marked`,
      )
    }
  }
})

t.test('a summary within elements', async (t) => {
  const { ask } = startServer(t)
  await ask('PUT Patient/p', PATIENT)
  await ask('PUT Observation/o', OBSERVATION)
  const observation = (await ask('GET Observation/o?_summary=true')).json
  // Of a component code and value are in the summary, dataAbsentReason is not.
  t.same(observation.component, [{ code: { text: 'c' }, valueString: 's' }])
  const patient = (await ask('GET Patient/p?_summary=true')).json
  t.same(patient.name, PATIENT.name)
  t.same(patient.meta.tag[0], { system: 'urn:t', code: 'a' })
})

t.test('what shows all is not marked, and passes as it is stored', async (t) => {
  const { ask } = startServer(t)
  await ask('PUT Patient/p', PATIENT)
  const whole = await ask('GET Patient/p')
  for (const query of ['_summary=false', '_summary=count', '_format=json'])
    t.equal((await ask(`GET Patient/p?${query}`)).text, whole.text, query)
  t.notMatch(whole.text, /SUBSETTED/)
})

t.test('decimals survive a view', async (t) => {
  const { ask } = startServer(t)
  await ask(
    'PUT Observation/o',
    '{"resourceType":"Observation","id":"o","status":"final","code":{"text":"w"},"valueQuantity":{"value":1.00}}',
  )
  for (const query of ['_summary=true', '_summary=data', '_elements=value', '_pretty=true'])
    t.match((await ask(`GET Observation/o?${query}`)).text, /"value": ?1\.00/, query)
})

t.test('an unknown element suggests one', async (t) => {
  const { ask } = startServer(t)
  await ask('PUT Patient/p', PATIENT)
  t.match(
    (await ask('GET Patient/p?_elements=birthdate')).json.issue[0].diagnostics,
    /did you mean birthDate\?/,
  )
})

t.test('the answer to a write', async (t) => {
  const { ask } = startServer(t)
  const reply = await ask('PUT Patient/p?_elements=name', PATIENT)
  t.equal(reply.status, 201)
  t.equal(reply.json.birthDate, undefined)
  t.equal((await ask('GET Patient/p')).json.birthDate, '1980-01-01', 'what is stored is whole')
})

t.test('searches: count, and includes beside _elements', async (t) => {
  const { ask } = startServer(t)
  await ask('PUT Patient/p', PATIENT)
  await ask('PUT Observation/o', { ...OBSERVATION, subject: { reference: 'Patient/p' } })
  const count = (await ask('GET Patient?_summary=count')).json
  t.equal(count.total, 1)
  t.equal(count.entry, undefined)
  const history = (await ask('GET Patient/p/_history?_summary=count')).json
  t.equal(history.entry, undefined)
  t.equal(history.total, 1)
  const included = (await ask('GET Observation?_elements=status&_include=Observation:subject')).json
  t.equal(included.entry[0].resource.valueQuantity, undefined)
  t.equal(included.entry[1].search.mode, 'include')
  t.equal(included.entry[1].resource.birthDate, '1980-01-01', 'the list does not apply to included resources')
  t.equal((await ask('GET Observation?_summary=text&_include=Observation:subject')).status, 400)
})
