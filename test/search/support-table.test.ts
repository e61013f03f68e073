// The README's table of what searches take, cell by cell, through a whole server: each mark finds what R4 says, each
// empty cell is refused by name (a modifier) or part of the value (a prefix). A cell without a case fails.
import t, { type Test } from 'tap'
import type { SearchParameterType } from '../../src/fhir/index.ts'
import {
  GENERAL_PARAMETERS,
  INCLUDE_MODIFIERS,
  RESULT_PARAMETERS,
  SHAPING_PARAMETERS,
  SUPPORT,
} from '../../src/search/index.ts'
import { BASE, startSqliteServer, type Reply, type TestServer } from '../rest/server.ts'
import { PRACTICE } from './practice.ts'

/** A search, and the ids of what it finds; or how its answer is looked at. */
type Case = readonly [search: string, found: readonly string[] | ((t: Test, reply: Reply) => void)]

const ICD = 'http://hl7.org/fhir/sid/icd-10-cm'
const UCUM = 'http://unitsofmeasure.org'
const NPI = 'http://hl7.org/fhir/sid/us-npi'

/** By `[type]` for no modifier, `[type]:[modifier]`, and `[type] [prefix]`. */
const CELLS: Readonly<Record<string, readonly Case[]>> = {
  string: [
    ['Patient?family=delgado', ['rosa', 'sam']],
    ['Patient?given=jos%C3%A9', ['jose']],
    ['Patient?given=JOSE', ['jose']],
    ['Patient?family=newman,de', ['jose', 'noor', 'rosa', 'sam']],
  ],
  'string:missing': [
    ['Patient?given:missing=true', ['sam']],
    ['Patient?given:missing=false', ['jose', 'noor', 'rosa']],
  ],
  'string:exact': [
    ['Patient?family:exact=Delgado', ['rosa']],
    ['Patient?family:exact=delgado', []],
    ['Patient?given:exact=Jose', []],
  ],
  'string:contains': [
    ['Patient?family:contains=NEW', ['noor', 'sam']],
    ['Patient?family:contains=cruz', ['jose']],
  ],

  token: [
    ['Patient?gender=female', ['rosa']],
    [`Condition?code=${ICD}|F33.1`, ['depression']],
    ['Condition?code=F33.1,F41.1', ['anxiety', 'depression']],
    ['Condition?code=http://other.example|F33.1', []],
    [`Condition?code=${ICD}|`, ['anxiety', 'depression', 'opioids']],
  ],
  'token:missing': [
    ['Patient?gender:missing=true', ['jose']],
    ['Condition?code:missing=false', ['anxiety', 'depression', 'opioids']],
  ],
  'token:text': [
    ['Condition?code:text=opioid', ['opioids']],
    ['Condition?code:text=major', ['depression']],
    ['Condition?code:text=dependence', []],
  ],
  'token:not': [
    // What has no value is not of this one either.
    ['Patient?gender:not=female', ['jose', 'noor', 'sam']],
    ['Condition?code:not=F33.1,F41.1', ['opioids', 'uncoded']],
  ],
  'token:in': [
    ['Condition?code:in=http://practice.example/ValueSet/mood', ['depression']],
    ['Condition?code:in=ValueSet/mood', ['depression']],
    ['Patient?gender:in=http://hl7.org/fhir/ValueSet/administrative-gender', ['noor', 'rosa', 'sam']],
  ],
  'token:not-in': [
    ['Condition?code:not-in=http://practice.example/ValueSet/mood', ['anxiety', 'opioids', 'uncoded']],
  ],
  'token:above': [
    [`Condition?code:above=${ICD}|F33.1`, ['depression']],
    [`Condition?code:above=${ICD}|F41`, []],
  ],
  'token:below': [
    [`Condition?code:below=${ICD}|F33`, ['depression']],
    [`Condition?code:below=${ICD}|F10-F19`, ['opioids']],
  ],
  'token:of-type': [
    ['Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|446053', ['rosa']],
    ['Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|SS|446053', []],
  ],

  reference: [
    ['Condition?subject=Patient/rosa', ['depression']],
    [`Condition?subject=${BASE}/Patient/rosa`, ['depression']],
    ['Condition?patient=rosa,noor', ['anxiety', 'depression']],
  ],
  'reference:missing': [
    ['Patient?organization:missing=true', ['noor', 'rosa', 'sam']],
    ['Patient?organization:missing=false', ['jose']],
  ],
  'reference:[type]': [
    ['Patient?general-practitioner:Practitioner=same', ['rosa']],
    ['Patient?general-practitioner:Organization=same', ['noor']],
  ],
  'reference:identifier': [
    [`Patient?organization:identifier=${NPI}|1234567893`, ['jose']],
    [`Patient?organization:identifier=${NPI}|1`, []],
  ],
  'reference:above': [['Encounter?location:above=Location/wing', ['stay']]],
  'reference:below': [
    ['Encounter?location:below=Location/wing', ['visit']],
    ['Encounter?location:below=Location/house', ['stay', 'visit']],
  ],

  date: [
    ['Encounter?date=2025-02', ['stay', 'visit']],
    ['Encounter?date=2025-02-05', ['visit']],
  ],
  'date:missing': [
    ['Encounter?date:missing=true', ['undated']],
    ['Encounter?date:missing=false', ['open', 'stay', 'visit']],
  ],
  'date eq': [
    ['Encounter?date=eq2025-02-05', ['visit']],
    // 9:30 of Minneapolis is 15:30 of Greenwich.
    ['Patient?birthdate=eq1972-03-14', ['rosa']],
    ['Observation?date=eq2025-02-03T09:30-06:00', ['phq-severe']],
  ],
  'date ne': [['Encounter?date=ne2025-02', ['open']]],
  'date gt': [['Encounter?date=gt2025-02-05', ['open', 'stay']]],
  'date lt': [['Encounter?date=lt2025-02-05', ['stay']]],
  'date ge': [['Encounter?date=ge2025-02-05', ['open', 'stay', 'visit']]],
  'date le': [['Encounter?date=le2025-02-05', ['stay', 'visit']]],
  'date sa': [['Encounter?date=sa2025-02-05', ['open']]],
  'date eb': [
    ['Encounter?date=eb2025-02-11', ['stay', 'visit']],
    ['Encounter?date=eb2025-02-10', ['visit']],
  ],
  // By a tenth of the time that has passed since.
  'date ap': [['Patient?birthdate=ap1974', ['rosa']]],

  number: [
    ['RiskAssessment?probability=0.5', ['even']],
    ['RiskAssessment?probability=0.85', ['likely']],
  ],
  'number:missing': [
    ['RiskAssessment?probability:missing=true', ['unknown']],
    ['RiskAssessment?probability:missing=false', ['even', 'likely', 'unlikely']],
  ],
  // One digit stands for [0.75, 0.85), two for [0.845, 0.855).
  'number eq': [
    ['RiskAssessment?probability=eq0.9', ['likely']],
    ['RiskAssessment?probability=eq0.90', []],
  ],
  'number ne': [['RiskAssessment?probability=ne0.5', ['likely', 'unlikely']]],
  'number gt': [['RiskAssessment?probability=gt0.5', ['likely']]],
  'number lt': [['RiskAssessment?probability=lt0.5', ['unlikely']]],
  'number ge': [['RiskAssessment?probability=ge0.5', ['even', 'likely']]],
  'number le': [['RiskAssessment?probability=le0.5', ['even', 'unlikely']]],
  'number sa': [['RiskAssessment?probability=sa0.5', ['likely']]],
  'number eb': [['RiskAssessment?probability=eb0.5', ['unlikely']]],
  'number ap': [
    ['RiskAssessment?probability=ap0.80', ['likely']],
    ['RiskAssessment?probability=ap0.60', []],
  ],

  quantity: [
    [`Observation?value-quantity=17|${UCUM}|{score}`, ['phq-severe']],
    ['Observation?value-quantity=17', ['phq-severe']],
    ['Observation?value-quantity=17||{score}', ['phq-severe']],
    // 900 micromoles are 0.9 millimoles.
    [`Observation?value-quantity=0.900|${UCUM}|mmol/L`, ['lithium-micro']],
  ],
  'quantity:missing': [
    ['Observation?value-quantity:missing=true', ['declined']],
    [
      'Observation?value-quantity:missing=false',
      ['lithium-micro', 'lithium-milli', 'phq-mild', 'phq-severe'],
    ],
  ],
  'quantity eq': [[`Observation?value-quantity=eq0.80|${UCUM}|mmol/L`, ['lithium-milli']]],
  'quantity ne': [[`Observation?value-quantity=ne0.80|${UCUM}|mmol/L`, ['lithium-micro']]],
  'quantity gt': [[`Observation?value-quantity=gt0.8|${UCUM}|mmol/L`, ['lithium-micro']]],
  'quantity lt': [[`Observation?value-quantity=lt900|${UCUM}|umol/L`, ['lithium-milli']]],
  'quantity ge': [[`Observation?value-quantity=ge0.8|${UCUM}|mmol/L`, ['lithium-micro', 'lithium-milli']]],
  'quantity le': [[`Observation?value-quantity=le800|${UCUM}|umol/L`, ['lithium-milli']]],
  'quantity sa': [['Observation?value-quantity=sa4||{score}', ['phq-severe']]],
  'quantity eb': [['Observation?value-quantity=eb17||{score}', ['phq-mild']]],
  'quantity ap': [
    ['Observation?value-quantity=ap16||{score}', ['phq-severe']],
    ['Observation?value-quantity=ap12||{score}', []],
  ],

  uri: [
    ['Questionnaire?url=http://practice.example/fhir/Questionnaire/phq9', ['phq9']],
    ['Questionnaire?url=http://practice.example/fhir/Questionnaire/PHQ9', []],
    ['Questionnaire?url=urn:oid:2.16.840.1.113883.3.1', ['by-oid']],
  ],
  'uri:missing': [
    ['Questionnaire?url:missing=true', ['intake']],
    ['Questionnaire?url:missing=false', ['by-oid', 'phq9', 'phq9-teen']],
  ],
  'uri:above': [
    ['Questionnaire?url:above=http://practice.example/fhir/Questionnaire/phq9/teen/2', ['phq9', 'phq9-teen']],
  ],
  'uri:below': [
    ['Questionnaire?url:below=http://practice.example/fhir/', ['phq9', 'phq9-teen']],
    ['Questionnaire?url:below=http://practice.example/fhir/questionnaire/', []],
  ],

  composite: [
    ['Observation?code-value-quantity=http://loinc.org|44261-6$17', ['phq-severe']],
    // Each of the two is there, but not together.
    ['Observation?code-value-quantity=http://loinc.org|44261-6$0.8', []],
    ['Observation?code-value-quantity=44261-6$4,44261-6$17', ['phq-mild', 'phq-severe']],
  ],
  special: [
    ['Location?near=44.98|-93.27|5|km', ['house']],
    ['Location?near=44.98|-93.27|5000|km', ['faraway', 'house']],
  ],
}

/** What a parameter that does not know prefixes finds by a value that begins like one. */
const PREFIXED: Readonly<Partial<Record<SearchParameterType, (prefix: string) => Case>>> = {
  string: (prefix) => [`Practitioner?family=${prefix}ara`, [`family-${prefix}`]],
  token: (prefix) => [`Practitioner?identifier=${prefix}5`, [`family-${prefix}`]],
  reference: (prefix) => [`PractitionerRole?practitioner=family-${prefix}`, [`role-${prefix}`]],
  uri: (prefix) => [`Questionnaire?url=${prefix}:phq9`, []],
  special: (prefix) => [
    `Location?near=${prefix}44.98|-93.27`,
    (t, reply) => refused(t, reply, 'near', `'${prefix}44.98'`),
  ],
  // As its component takes it.
  composite: (prefix) => [
    `Observation?code-value-quantity=44261-6$${prefix}10`,
    {
      eq: [],
      ne: ['phq-mild', 'phq-severe'],
      gt: ['phq-severe'],
      lt: ['phq-mild'],
      ge: ['phq-severe'],
      le: ['phq-mild'],
      sa: ['phq-severe'],
      eb: ['phq-mild'],
      ap: [],
    }[prefix] ?? [`no case for ${prefix}`],
  ],
}

/** A search by each type of parameter, to which a modifier may be added. */
const PLAIN: Readonly<Record<SearchParameterType, readonly [type: string, code: string, value: string]>> = {
  string: ['Patient', 'family', 'delgado'],
  token: ['Condition', 'code', 'F33.1'],
  reference: ['Condition', 'subject', 'Patient/rosa'],
  date: ['Patient', 'birthdate', '1972'],
  number: ['RiskAssessment', 'probability', '0.5'],
  quantity: ['Observation', 'value-quantity', '17'],
  uri: ['Questionnaire', 'url', 'http://practice.example/fhir/Questionnaire/phq9'],
  composite: ['Observation', 'code-value-quantity', '44261-6$17'],
  special: ['Location', 'near', '44.98|-93.27|5|km'],
}

/** Of the parameters that are not of one type. */
const NAMED: Readonly<Record<string, readonly Case[]>> = {
  _list: [
    ['Patient?_list=caseload', ['noor', 'rosa']],
    ['Patient?_list=nothing', []],
  ],
  _has: [
    [`Patient?_has:Condition:patient:code=${ICD}|F33.1`, ['rosa']],
    ['Patient?_has:Observation:patient:value-quantity=lt10', ['noor', 'rosa']],
  ],
  _filter: [
    ['Patient?_filter=family co "new" and not (gender eq male)', ['noor']],
    ['Condition?_filter=patient.birthdate lt 1980', ['depression']],
  ],
  _sort: [
    ['Patient?_sort=-birthdate', (t, reply) => t.same(ids(reply), ['sam', 'noor', 'rosa', 'jose'])],
    ['Patient?_sort=birthdate', (t, reply) => t.same(ids(reply), ['rosa', 'noor', 'sam', 'jose'])],
  ],
  _count: [
    [
      'Patient?_sort=_id&_count=2',
      (t, reply) => {
        t.same(ids(reply), ['jose', 'noor'])
        t.ok(reply.json.link.some((link: { relation: string }) => link.relation === 'next'))
      },
    ],
  ],
  _total: [
    ['Patient?_count=1&_total=none', (t, reply) => t.notOk('total' in reply.json)],
    ['Patient?_count=1&_total=accurate', (t, reply) => t.equal(reply.json.total, 4)],
    ['Patient?_count=1&_total=estimate', (t, reply) => t.equal(reply.json.total, 4)],
  ],
  _include: [
    [
      'Condition?code=F33.1&_include=Condition:patient',
      (t, reply) => t.same(modes(reply), ['match depression', 'include rosa']),
    ],
  ],
  _revinclude: [
    [
      'Patient?family=newman&_revinclude=Condition:patient',
      (t, reply) => t.same(modes(reply), ['match noor', 'include anxiety']),
    ],
  ],
  _contained: [
    ['Medication?_contained=true&code:text=lithium', ['lithium-order']],
    ['Medication?_contained=false&code:text=lithium', []],
    ['Medication?_contained=both&code:missing=false', ['lithium-order', 'naloxone']],
  ],
  _containedType: [
    [
      'Medication?_contained=true&_containedType=contained',
      (t, reply) => {
        t.same(ids(reply), ['drug'])
        t.equal(reply.json.entry[0].fullUrl, `${BASE}/MedicationRequest/lithium-order#drug`)
      },
    ],
    ['Medication?_contained=true&_containedType=container', ['lithium-order']],
  ],
  _summary: [
    [
      'Patient?family:exact=Delgado&_summary=true',
      (t, reply) => {
        const [{ resource }] = reply.json.entry
        t.ok('name' in resource && !('photo' in resource))
      },
    ],
    ['Patient?_summary=count', (t, reply) => t.same([reply.json.total, reply.json.entry], [4, undefined])],
  ],
  _elements: [
    [
      'Patient?family:exact=Delgado&_elements=gender',
      (t, reply) =>
        t.same(Object.keys(reply.json.entry[0].resource).sort(), ['gender', 'id', 'meta', 'resourceType']),
    ],
  ],
  _format: [
    [
      'Patient?family:exact=Delgado&_format=xml',
      (t, reply) => t.match(reply.text, /<family value="Delgado"\/>/),
    ],
    ['Patient?family:exact=Delgado&_format=json', ['rosa']],
  ],
  _pretty: [
    [
      'Patient?family:exact=Delgado&_pretty=true',
      (t, reply) => t.match(reply.text, /\n {2}"type": "searchset"/),
    ],
  ],
  // Encounters stand between an Observation and the place.
  iterate: [
    [
      'Observation?_id=phq-severe&_include=Observation:encounter&_include:iterate=Encounter:location',
      (t, reply) => t.same(modes(reply), ['match phq-severe', 'include visit', 'include room']),
    ],
  ],
  recurse: [
    [
      'Observation?_id=phq-severe&_include=Observation:encounter&_include:recurse=Encounter:location',
      (t, reply) => {
        t.same(modes(reply), ['match phq-severe', 'include visit', 'include room'])
        t.match(reply.json.link[0].url, /_include:iterate=/, 'self says it as R4 does')
      },
    ],
  ],
}

const TYPES = Object.keys(SUPPORT) as SearchParameterType[]
const MODIFIERS = [...new Set(TYPES.flatMap((type) => SUPPORT[type].modifiers))]
const PREFIXES = [...new Set(TYPES.flatMap((type) => SUPPORT[type].prefixes))]

const server = await startSqliteServer(t)
for (const resource of PRACTICE(PREFIXES)) {
  const reply = await server.ask(`PUT ${resource.resourceType}/${resource.id}`, resource)
  if (reply.status !== 201) throw new Error(`${resource.resourceType}/${resource.id}: ${reply.text}`)
}

t.test('without modifier or prefix', async (t) => {
  for (const type of TYPES) await look(t, server, type, CELLS[type])
})

t.test('modifiers', async (t) => {
  for (const type of TYPES)
    for (const modifier of MODIFIERS) {
      const name = `${type}:${modifier}`
      if (SUPPORT[type].modifiers.includes(modifier)) await look(t, server, name, CELLS[name])
      else {
        t.notOk(name in CELLS, `${name} is no cell`)
        const [resource, code, value] = PLAIN[type]
        const written = `${code}:${modifier === '[type]' ? 'Patient' : modifier}`
        const reply = await ask(server, `${resource}?${written}=${value}`)
        refused(t, reply, written, `'${modifier === '[type]' ? 'Patient' : modifier}'`)
      }
    }
})

t.test('prefixes', async (t) => {
  for (const type of TYPES)
    for (const prefix of PREFIXES) {
      const name = `${type} ${prefix}`
      if (SUPPORT[type].prefixes.includes(prefix)) await look(t, server, name, CELLS[name])
      else {
        t.notOk(name in CELLS, `${name} is no cell`)
        const asPart = PREFIXED[type]?.(prefix)
        await look(t, server, name, asPart && [asPart])
      }
    }
})

t.test('a modifier that goes with a type may not go with each parameter of it', async (t) => {
  const wrong: readonly (readonly [search: string, parameter: string])[] = [
    ['Patient?gender:of-type=a|b|c', 'gender:of-type'],
    ['Patient?gender:text=fem', 'gender:text'],
    ['Patient?active:in=http://practice.example/ValueSet/mood', 'active:in'],
    ['Patient?identifier:below=urn:s|1', 'identifier:below'],
    ['Patient?phonetic:exact=smith', 'phonetic:exact'],
    ['Condition?subject:Medication=1', 'subject:Medication'],
    ['Condition?subject:above=Patient/rosa', 'subject:above'],
    ['Questionnaire?derived-from:identifier=urn:s|1', 'derived-from:identifier'],
    ['Patient?family:exakt=Delgado', 'family:exakt'],
    ['Patient?family:=Delgado', 'family:'],
  ]
  for (const [search, parameter] of wrong) refused(t, await ask(server, search), parameter)
})

t.test('parameters of every type, for the result and for its shape', async (t) => {
  const names = [...GENERAL_PARAMETERS, ...RESULT_PARAMETERS, ...SHAPING_PARAMETERS, ...INCLUDE_MODIFIERS]
  for (const name of names) await look(t, server, name, NAMED[name])
  t.same(Object.keys(NAMED).sort(), [...names].sort(), 'no case is of a parameter that is not there')
})

async function look(
  t: Test,
  to: TestServer,
  name: string,
  cases: readonly Case[] | undefined,
): Promise<void> {
  t.ok(cases !== undefined && cases.length > 0, `${name} has a case`)
  for (const [search, found] of cases ?? []) {
    const reply = await ask(to, search)
    if (typeof found === 'function') found(t, reply)
    else {
      t.equal(reply.status, 200, reply.status === 200 ? search : `${search}: ${reply.text}`)
      t.same(ids(reply).sort(), [...found].sort(), `${name}: ${search}`)
    }
  }
}

function ask(to: TestServer, search: string): Promise<Reply> {
  return to.ask(`GET ${search.replaceAll(' ', '%20').replaceAll('"', '%22')}`)
}

function refused(t: Test, reply: Reply, parameter: string, names = ''): void {
  t.equal(reply.status, 400, parameter)
  t.equal(reply.json.resourceType, 'OperationOutcome')
  const [issue] = reply.json.issue
  t.ok(issue.diagnostics.includes(`'${parameter}'`) && issue.diagnostics.includes(names), issue.diagnostics)
  t.same(issue.expression, [`http.${parameter}`])
}

function ids(reply: Reply): string[] {
  return (reply.json.entry ?? []).map((entry: { resource: { id: string } }) => entry.resource.id)
}

function modes(reply: Reply): string[] {
  return (reply.json.entry ?? []).map(
    (entry: { search: { mode: string }; resource: { id: string } }) =>
      `${entry.search.mode} ${entry.resource.id}`,
  )
}
