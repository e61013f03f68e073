// Searches as users make them, through a whole server on a real store: of all types and of compartments, contained
// resources, chains, includes, pages while others write, lenient handling.
import t from 'tap'
import { FhirError } from '../../src/fhir/index.ts'
import { PRACTICE } from '../search/practice.ts'
import {
  entries,
  finds,
  follow,
  FORM,
  get,
  included,
  link,
  places,
  practice,
  refuses,
  write,
} from './searching.ts'
import { BASE, startSqliteServer, type Reply } from './server.ts'

t.test('all types', async (t) => {
  const server = await practice(t)
  const named = '_type=Patient,Practitioner'
  await finds(t, server, {
    '?_id=same': ['Practitioner/same', 'Organization/same'],
    [`?${named}&family=de`]: ['Patient/jose', 'Patient/rosa', 'Patient/sam'],
    '?_type=Condition,Observation&patient=noor': ['Condition/anxiety', 'Observation/phq-mild'],
    '?_content=lithium': ['MedicationRequest/lithium-order'],
    '?_filter=_id eq rosa': ['Patient/rosa'],
    '?_list=caseload': ['Patient/rosa', 'Patient/noor'],
    '?_type=Patient&_has:Condition:patient:code=F33.1': ['Patient/rosa'],
  })
  t.same(
    places(await get(server, `?${named}&_sort=family&_count=3`)),
    ['Practitioner/family', 'Patient/jose', 'Patient/rosa'],
    'one order for all',
  )
  const posted = await server.ask('POST _search', '_type=Patient&family=delgado', FORM)
  t.same(places(posted).sort(), ['Patient/rosa', 'Patient/sam'])
  t.equal(link(posted, 'self'), `${BASE}?_type=Patient&family=delgado`)
  const count = await get(server, '?_summary=count')
  t.equal(count.json.total, PRACTICE([]).length)
  t.notOk('entry' in count.json)
  await refuses(t, server, 400, {
    '?family=delgado': /'family': .* has no such parameter\. All types .*_type/,
    '?_type=Pacient': /'Pacient' is no resource type\. Did you mean 'Patient'\?/,
    '?_type=Patient&_type=Practitioner': /'_type': it stands more than once/,
    '?_type=': /'_type': it has no value/,
    '?_type=Patient,Condition&_sort=family': /not every type that is searched has 'family'/,
    'Patient?_type=Patient': /'_type'.*here the type is given/,
  })
})

t.test('compartments', async (t) => {
  const server = await practice(t)
  await write(
    server,
    { resourceType: 'RelatedPerson', id: 'sister', patient: { reference: 'Patient/noor' } },
    { resourceType: 'Device', id: 'pump' },
    {
      resourceType: 'Communication',
      id: 'call',
      status: 'completed',
      subject: { reference: 'Patient/noor' },
      sender: { reference: 'RelatedPerson/sister' },
      recipient: [{ reference: 'Practitioner/same' }, { reference: 'Device/pump' }],
    },
  )
  await finds(t, server, {
    'Patient/noor/*': [
      'Patient/noor',
      'Condition/anxiety',
      'Encounter/open',
      'Observation/phq-mild',
      'RelatedPerson/sister',
      'Communication/call',
    ],
    'Patient/noor/*?_type=Condition,Communication': ['Condition/anxiety', 'Communication/call'],
    'Patient/noor/Condition?code=F41.1': ['Condition/anxiety'],
    'Patient/noor/Condition?code=F33.1': [],
    'Patient/nobody/Condition': [],
    'Encounter/visit/*': ['Encounter/visit', 'Observation/phq-severe'],
    'RelatedPerson/sister/*': ['RelatedPerson/sister', 'Communication/call'],
    'Practitioner/same/*': ['Practitioner/same', 'Patient/rosa', 'Communication/call'],
    'Device/pump/*': ['Device/pump', 'Communication/call'],
  })
  const posted = await server.ask('POST Patient/rosa/Observation/_search?_sort=-date', 'code=44261-6', FORM)
  t.same(places(posted), ['Observation/phq-severe'])
  t.equal(link(posted, 'self'), `${BASE}/Patient/rosa/Observation?_sort=-date&code=44261-6`)
  const all = await server.ask('POST Patient/rosa/*/_search', '_type=Condition', FORM)
  t.same(places(all), ['Condition/depression'])
  await refuses(t, server, 400, {
    'Patient/rosa/Location': /^Location is not in the compartment of Patient\. In it are: Account/,
    'Patient/rosa/*?_type=Location': /'_type': Location is not in this compartment/,
    'Encounter/visit/Patient': /Patient is not in the compartment of Encounter/,
    'Patient/rosa/Condition?_type=Condition': /here the type is given/,
    'Patient/rosa/Condition?foo=1': /'foo': Condition has no such parameter/,
  })
  await refuses(t, server, 404, {
    'Location/house/Encounter': /Location has no compartment.*Patient, Encounter, RelatedPerson/,
    'Patient/rosa/Feeling': /no resource type Feeling/,
  })
})

t.test('pages of a compartment and of all types', async (t) => {
  const server = await practice(t)
  for (const search of ['Patient/rosa/*?_count=3', '?_count=7&_sort=-_lastUpdated']) {
    const whole = places(await get(server, `${search}&_count=100`.replace(/_count=\d&?/, '')))
    const seen: string[] = []
    let reply = await get(server, search)
    for (;;) {
      seen.push(...places(reply))
      if (link(reply, 'next') === undefined) break
      reply = await follow(server, link(reply, 'next'))
    }
    t.same(seen.sort(), whole.sort(), search)
    t.ok(whole.length > 10)
  }
})

t.test('contained resources', async (t) => {
  const server = await practice(t)
  await write(server, {
    resourceType: 'DiagnosticReport',
    id: 'screening',
    status: 'final',
    code: { text: 'Screening' },
    subject: { reference: 'Patient/rosa' },
    result: [{ reference: '#gad' }],
    contained: [
      {
        resourceType: 'Observation',
        id: 'gad',
        status: 'final',
        code: { coding: [{ system: 'http://loinc.org', code: '69737-5' }] },
        subject: { reference: 'Patient/rosa' },
      },
    ],
  })
  const gad = 'Observation?code=69737-5'
  await finds(t, server, {
    [gad]: [],
    [`${gad}&_contained=false`]: [],
    [`${gad}&_contained=true`]: ['DiagnosticReport/screening'],
    [`${gad}&_contained=true&_containedType=container`]: ['DiagnosticReport/screening'],
    [`${gad}&_contained=true&_containedType=contained`]: ['DiagnosticReport/screening#gad'],
    'Observation?code=69737-5,44261-6&patient=rosa&_contained=both': [
      'DiagnosticReport/screening',
      'Observation/phq-severe',
    ],
    'Observation?code=69737-5,44261-6&patient=rosa&_contained=both&_containedType=contained': [
      'DiagnosticReport/screening#gad',
      'Observation/phq-severe',
    ],
    'Observation?_contained=true&patient.family=delgado': ['DiagnosticReport/screening'],
    'Observation?_contained=true&patient.family=newman': [],
    'DiagnosticReport?result.code=69737-5': ['DiagnosticReport/screening'],
    'DiagnosticReport?result.code=44261-6': [],
    'Patient/rosa/Observation?_contained=true': ['DiagnosticReport/screening'],
    'Patient/noor/Observation?_contained=true': [],
    '?_type=Medication,Observation&_contained=true': [
      'MedicationRequest/lithium-order',
      'DiagnosticReport/screening',
    ],
  })
  const shown = entries(await get(server, `${gad}&_contained=true&_containedType=contained`))
  t.match(shown, [{ resource: { resourceType: 'Observation', id: 'gad' }, search: { mode: 'match' } }])
  t.same(included(await get(server, `${gad}&_contained=true&_include=DiagnosticReport:subject`)), [
    'Patient/rosa',
  ])
  const alone = '_contained=true&_containedType=contained'
  const cannot = /'_containedType': .*not shown by themselves.*_containedType=container/
  await refuses(t, server, 400, {
    [`Observation?${alone}&patient.family=delgado`]: cannot,
    // Whatever is there: nobody's Observation is contained anywhere.
    [`Observation?${alone}&code=nothing&patient.family=delgado`]: cannot,
    [`Observation?${alone}&_filter=not (patient.family eq delgado)`]: cannot,
    [`Observation?${alone}&_has:DiagnosticReport:result:status=final`]: cannot,
    [`Observation?${alone}&_list=caseload`]: cannot,
    'Observation?_contained=maybe': /'_contained': 'maybe' is none of false, true, both/,
    'Observation?_contained=true&_containedType=x': /'_containedType': 'x' is none of container, contained/,
    'Observation?_contained=true&_sort=date': /'_sort'.*_id and _lastUpdated alone/,
  })
})

t.test('chains and reverse chains', async (t) => {
  const server = await practice(t)
  await finds(t, server, {
    'Observation?patient.family=newman': ['Observation/phq-mild'],
    'Observation?subject:Patient.general-practitioner:Practitioner.family=okafor': [
      'Observation/phq-severe',
      'Observation/lithium-milli',
    ],
    'Observation?encounter.location.partof.partof.name=house': ['Observation/phq-severe'],
    'Patient?_has:Observation:patient:value-quantity=ge10': ['Patient/rosa', 'Patient/sam'],
    'Practitioner?_has:Patient:general-practitioner:_has:Condition:patient:code=F33.1': ['Practitioner/same'],
    'Condition?patient._has:Observation:patient:code=14334-7': ['Condition/depression', 'Condition/uncoded'],
    'Patient?_has:Encounter:patient:location.partof.name=wing': ['Patient/rosa'],
    'Condition?patient.gender:missing=true': ['Condition/opioids'],
    'Condition?patient.birthdate=lt1980&patient.given=rosa': ['Condition/depression'],
    'Condition?_filter=patient.birthdate lt 1980 or code eq F11.20': [
      'Condition/depression',
      'Condition/opioids',
    ],
    'Condition?_filter=patient[given eq rosa].birthdate ge 1980': [],
    'Condition?_filter=patient[given eq rosa].birthdate lt 1980': ['Condition/depression'],
  })
  await refuses(t, server, 400, {
    'Observation?code.family=x': /'code' is no reference of Observation/,
    'Observation?subject:Location.family=x': /'subject:Location\.family'.*Location has no such parameter/,
    'Observation?patient:Device.family=x': /'patient' never refers to 'Device'/,
    'Observation?patient.famly=x': /Did you mean 'family'/,
    'Patient?_has:Observation:code:status=final':
      /Observation:code never refers to Patient\. Right would be .*subject/,
    'Patient?_has:Observation:patient=x': /lacks some of its parts\. Right would be _has:/,
    'Patient?_has=x': /Right would be _has:\[type\]/,
    'Patient?_filter=family xx delgado': /'xx' is no operator/,
    'Patient?_filter=family eq': /there should be an operator between spaces, such as eq, and a value/,
    'Patient?_query=mine': /'_query'.*no query named 'mine'/,
    'Patient?_list=$current-problems': /functional list '\$current-problems' is not kept/,
  })
})

t.test('words', async (t) => {
  const server = await practice(t)
  await write(server, {
    resourceType: 'Composition',
    id: 'note',
    status: 'final',
    type: { text: 'Progress note' },
    date: '2025-02-03',
    author: [{ reference: 'Practitioner/same' }],
    title: 'Session 4',
    text: {
      status: 'generated',
      div: '<div xmlns="http://www.w3.org/1999/xhtml">Sleep is <b>better</b>; no craving.</div>',
    },
  })
  await finds(t, server, {
    'Composition?_text=SLEEP': ['Composition/note'],
    'Composition?_text="is better"': ['Composition/note'],
    'Composition?_text="better is"': [],
    'Composition?_text=sleep and not relapse': ['Composition/note'],
    'Composition?_text=session': [],
    'Composition?_content=session': ['Composition/note'],
    'Composition?_content=(relapse or progress) sleep': ['Composition/note'],
  })
  await refuses(t, server, 400, {
    'Composition?_text=(sleep': /parenthesis without its fellow/,
    'Composition?_text=...': /no word to search for/,
    'Composition?_content:exact=x': /'exact' is no modifier of it/,
    'Binary?_text=x': /'_text': Binary has no such parameter/,
  })
})

t.test('includes', async (t) => {
  const server = await practice(t)
  const shown = async (search: string) => {
    const reply = await get(server, search)
    return [places(reply).sort(), included(reply)]
  }
  const severe = 'Observation?_id=phq-severe'
  t.same(await shown(`${severe}&_include=Observation:patient`), [
    ['Observation/phq-severe'],
    ['Patient/rosa'],
  ])
  t.same(await shown(`${severe}&_include=*`), [
    ['Observation/phq-severe'],
    ['Encounter/visit', 'Patient/rosa'],
  ])
  t.same(
    await shown(`${severe}&_include=Observation:patient&_include:iterate=Patient:general-practitioner`),
    [['Observation/phq-severe'], ['Patient/rosa', 'Practitioner/same']],
  )
  t.same(
    await shown(
      `${severe}&_include=Observation:encounter&_include:iterate=Encounter:location&_include:iterate=Location:partof`,
    ),
    [['Observation/phq-severe'], ['Encounter/visit', 'Location/house', 'Location/room', 'Location/wing']],
  )
  t.same(
    await shown('Patient?_id=noor&_revinclude=Condition:patient&_revinclude=Observation:subject:Patient'),
    [['Patient/noor'], ['Condition/anxiety', 'Observation/phq-mild']],
  )
  t.same(
    await shown(
      'Practitioner?_id=same&_revinclude=Patient:general-practitioner&_revinclude:iterate=Condition:patient',
    ),
    [['Practitioner/same'], ['Condition/depression', 'Patient/rosa']],
  )
  const twice = await get(server, 'Observation?patient=rosa&_include=Observation:patient')
  t.same(included(twice), ['Patient/rosa'], 'once, whoever refers to it')
  t.equal(twice.json.total, 2, 'what is included is not counted')
  await refuses(t, server, 400, {
    'Observation?_include=Observation:code': /'_include': Observation has no reference parameter 'code'/,
    'Observation?_include=Condition:patient': /Condition is not what is searched.*:iterate/,
    'Observation?_include=Observation:subject:Medication': /Observation:subject never refers to Medication/,
    'Patient?_revinclude=Condition:encounter': /does not lead to what is searched \(Patient\)/,
    'Patient?_include:all=Patient:link': /'all' is no modifier of it/,
    'Patient?_include=Patient': /is none of Patient:\[parameter\]/,
    'Patient?_summary=text&_include=Patient:link': /_summary=text cannot be combined/,
  })
})

t.test('more than is included with one page is told', async (t) => {
  const server = await startSqliteServer(t)
  const scores = Array.from({ length: 1001 }, (_, n) => ({
    resource: {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'PHQ-9' },
      subject: { reference: 'Patient/rosa' },
      valueInteger: n % 28,
    },
    request: { method: 'POST', url: 'Observation' },
  }))
  const rosa = { resourceType: 'Patient', id: 'rosa' }
  const written = await server.ask('POST ', {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [{ resource: rosa, request: { method: 'PUT', url: 'Patient/rosa' } }, ...scores],
  })
  t.equal(written.status, 200)
  const reply = await get(server, 'Patient?_revinclude=Observation:patient')
  t.same(places(reply), ['Patient/rosa'])
  t.equal(included(reply).length, 1000)
  t.match(entries(reply).at(-1), {
    resource: {
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'warning', code: 'too-costly', diagnostics: /More than 1000 .*_count/ }],
    },
    search: { mode: 'outcome' },
  })
  t.equal(reply.json.total, 1)
  const few = await get(server, 'Patient?_id=rosa&_include=Patient:link')
  t.notOk(entries(few).some(({ search }) => search.mode === 'outcome'))
})

t.test('there and back, while others write', async (t) => {
  const server = await startSqliteServer(t)
  const put = (id: string, family: string) =>
    write(server, { resourceType: 'Patient', id, name: [{ family }] })
  for (let n = 1; n <= 9; n++) await put(`p${n}`, `Family${n}`)
  const first = await get(server, 'Patient?family=family&_sort=family&_count=3&_total=accurate')
  t.equal(link(first, 'previous'), undefined)
  const there: Reply[] = [first]
  for (let reply = first; link(reply, 'next') !== undefined; ) {
    // Each would come before, leave, or stand elsewhere.
    const n = there.length
    await put(`q${n}`, `Family0${n}`)
    await put(`p${9 - n}`, 'Gone')
    await server.ask(`DELETE Patient/p${n}`)
    reply = await follow(server, link(reply, 'next'))
    there.push(reply)
  }
  t.same(there.map(places), [
    ['Patient/p1', 'Patient/p2', 'Patient/p3'],
    ['Patient/p4', 'Patient/p5', 'Patient/p6'],
    ['Patient/p7', 'Patient/p8', 'Patient/p9'],
  ])
  for (const reply of there) {
    t.equal(reply.json.total, 9, 'the total of the moment')
    t.equal(link(reply, 'first'), link(first, 'self'))
    for (const entry of entries(reply)) t.match(entry, { resource: { name: [{ family: /^Family/ }] } })
  }
  const back: Reply[] = []
  for (let reply = there.at(-1) as Reply; link(reply, 'previous') !== undefined; ) {
    reply = await follow(server, link(reply, 'previous'))
    back.push(reply)
  }
  t.same(back.map(places), [places(there[1] as Reply), places(first)])
  t.equal(link(back.at(-1) as Reply, 'previous'), undefined, 'nothing before the first')
  t.same(places(await follow(server, link(back[0] as Reply, 'next'))), places(there[2] as Reply))
  t.same(
    places(await follow(server, link(first, 'first'))),
    ['Patient/q1', 'Patient/q2', 'Patient/p3'],
    'first is a new search',
  )
})

t.test('a page of a moment that cannot be shown any more', async (t) => {
  const expired = new FhirError('expired', 'Too much has changed. Start the search again.')
  const server = await practice(t, {
    wrap: (store) => ({
      ...store,
      search: (query, access) =>
        query.cursor === undefined ? store.search(query, access) : Promise.reject(expired),
    }),
  })
  const reply = await follow(server, link(await get(server, 'Patient?_count=1'), 'next'))
  t.equal(reply.status, 410)
  t.match(reply.json.issue, [{ code: 'expired', diagnostics: /Start the search again/ }])
})

t.test('totals, summaries and elements', async (t) => {
  const server = await practice(t)
  const total = async (search: string) => (await get(server, search)).json.total
  t.equal(await total('Patient?_count=1'), undefined)
  t.equal(await total('Patient?_count=1&_total=none'), undefined)
  t.equal(await total('Patient?_count=1&_total=accurate'), 4)
  t.equal(await total('Patient?_count=1&_total=estimate'), 4)
  t.equal(await total('Patient/rosa/*?_count=0'), await total('Patient/rosa/*?_summary=count'))
  const mixed = entries(await get(server, 'Condition?code=F33.1&_include=Condition:patient&_elements=code'))
  t.same(Object.keys(mixed[0]?.resource ?? {}).sort(), ['code', 'id', 'meta', 'resourceType', 'subject'])
  t.ok('name' in (mixed[1]?.resource ?? {}), '_elements is for matches alone')
  const data = await get(server, 'Patient?_id=rosa&_summary=data')
  t.match(data.json.entry[0].resource.meta.tag, [{ code: 'SUBSETTED' }])
  await refuses(t, server, 400, {
    'Patient?_total=maybe': /'_total': 'maybe' is none of none, estimate, accurate/,
    'Patient?_total=none&_total=none': /'_total': it stands more than once/,
    'Patient?_elements=nmae': /no element nmae, did you mean name/,
    'Patient?_summary=some': /_summary .* one of true, text, data, count, false/,
    'Patient?_sort=-_score': /no score/,
    'Patient?_sort=patient.name': /'patient.name' is a chain/,
    'Patient?_sort=famly': /Did you mean 'family'/,
  })
})

t.test('lenient handling leaves out what is unknown, and self shows that', async (t) => {
  const server = await practice(t)
  const lenient = (search: string) => get(server, search, 'handling=lenient')
  const used: Readonly<Record<string, string>> = {
    'Patient?famly=x&family=newman': 'Patient?family=newman',
    'Observation?patient.famly=x&code=44261-6': 'Observation?code=44261-6',
    '?_type=Patient,Condition&family=x&_count=3': '?_type=Patient,Condition&_count=3',
    'Patient/rosa/Condition?foo=1': 'Patient/rosa/Condition',
    'Patient?_count=5000': 'Patient?_count=1000',
  }
  for (const [search, self] of Object.entries(used)) {
    const reply = await lenient(search)
    t.equal(reply.status, 200, search)
    t.equal(link(reply, 'self'), self.startsWith('?') ? BASE + self : `${BASE}/${self}`, search)
  }
  for (const search of [
    'Patient?birthdate=yesterday',
    'Patient?family:below=x',
    'Patient?_filter=famly eq x',
    'Patient?_sort=famly',
    'Patient/rosa/Location?foo=1',
    'Patient?_include=Patient:famly',
  ])
    t.equal((await lenient(search)).status, 400, `${search}: no guess at what was meant`)
})
