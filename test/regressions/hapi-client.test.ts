// What the HAPI FHIR client sends and R4 allows, though its text shows it otherwise.
import t from 'tap'
import { startServer } from '../rest/server.ts'

t.test('If-None-Exist may be the whole URL of a search, with _format', async (t) => {
  const { ask } = startServer(t)
  const patient = { resourceType: 'Patient', identifier: [{ system: 'urn:a', value: '1' }] }
  const first = await ask('POST Patient', patient)
  for (const ifNoneExist of [
    'http://test/fhir/Patient?_format=json&identifier=urn%3Aa%7C1',
    'https://elsewhere.example/a/fhir/Patient?identifier=urn:a|1&_format=xml&_pretty=true',
    'Patient?identifier=urn:a|1',
    '?identifier=urn:a|1',
    'identifier=urn:a|1',
  ]) {
    const again = await ask('POST Patient', patient, { 'if-none-exist': ifNoneExist })
    t.equal(again.status, 200, `${ifNoneExist}: ${again.text}`)
    t.equal(again.json.id, first.json.id, ifNoneExist)
  }
  for (const ifNoneExist of [
    'http://test/fhir/Person?identifier=urn:a|1',
    'http://test/fhir/Patient?_format=json',
    'http://test/fhir/Patient?',
    'http://test/fhir/Patient?_count=1&identifier=urn:a|1',
  ]) {
    const refused = await ask('POST Patient', patient, { 'if-none-exist': ifNoneExist })
    t.equal(refused.status, 400, `${ifNoneExist}: ${refused.text}`)
  }
  t.equal((await ask('GET Patient?_total=accurate')).json.total, 1)
})

t.test('a quantity with empty system and code is one without a unit', async (t) => {
  const { ask } = startServer(t)
  const weigh = (value: number) => ({
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'weight' },
    valueQuantity: { value, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
  })
  await ask('POST Observation', weigh(50))
  const heavy = await ask('POST Observation', weigh(90))
  const found = await ask(`GET Observation?value-quantity=${encodeURIComponent('gt60||')}`)
  t.equal(found.status, 200, found.text)
  t.strictSame(
    found.json.entry.map(({ resource }: { resource: { id: string } }) => resource.id),
    [heavy.json.id],
  )
})
