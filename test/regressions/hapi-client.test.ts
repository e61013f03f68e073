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

t.test('_total may be asked for as estimated', async (t) => {
  const { ask } = startServer(t)
  await ask('POST Patient', { resourceType: 'Patient' })
  const found = await ask('GET Patient?_total=estimated')
  t.equal(found.status, 200, found.text)
  t.equal(found.json.total, 1)
})

t.test('a page link may be asked for in another format', async (t) => {
  const { ask } = startServer(t)
  for (let index = 0; index < 3; index++) await ask('POST Patient', { resourceType: 'Patient', active: true })
  for (const line of [
    'GET Patient?active=true&_sort=_id&_count=1',
    'GET Patient/_history?_count=1&_since=2000-01-01T00:00:00Z',
  ]) {
    const first = await ask(line)
    const next: string = first.json.link.find(({ relation }: { relation: string }) => relation === 'next').url
    const [url, query] = next.split('?') as [string, string]
    const path = url.replace(/^.*\/fhir\//, '')
    const expected = (await ask(`GET ${path}?${query}`)).json.entry
    for (const written of [`${query}&_format=json`, `_format=application/json&_pretty=true&${query}`]) {
      const page = await ask(`GET ${path}?${written}`)
      t.equal(page.status, 200, `${written}: ${page.text}`)
      t.strictSame(page.json.entry, expected, written)
    }
    const xml = await ask(`GET ${path}?${query}`, undefined, { accept: 'application/fhir+xml' })
    t.equal(xml.status, 200, xml.text)
    const other = await ask(`GET ${path}?${query.replace('_count=1', '_count=2')}`)
    t.equal(other.status, 400, 'what chooses the page must be the same')
  }
})
