// Labels at a real server's door: every code of the CMS list, the guide's examples, whole histories, and who is a program
// under 42 CFR Part 2.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { FhirError, loadDefinitions, parseXml, type JsonObject, type Resource } from '../../src/fhir/index.ts'
import { CARRIERS } from '../access/labels/carriers.ts'
import { CMS_CODES } from '../access/labels/cms-codes.ts'
import type { Bundle, Client } from '../clients/client.ts'
import { serve, temporaryFolder } from './server-process.ts'

t.setTimeout(600_000)

const DATA = fileURLToPath(new URL('../../../shared/data/', import.meta.url))
const besideCheckout = (folder: string): { skip?: string } =>
  existsSync(DATA + folder) ? {} : { skip: 'the folder of shared records is not beside this checkout' }

async function client(t: Parameters<typeof serve>[0], more: Record<string, string> = {}): Promise<Client> {
  const folder = await temporaryFolder(t)
  const server = await serve(t, {
    ALCOVE_DATABASE: `sqlite:${folder}/alcove.db`,
    ALCOVE_LOG_LEVEL: 'warn',
    ...more,
  })
  return server.client
}

async function put(client: Client, resource: JsonObject): Promise<void> {
  const place = `${String(resource['resourceType'])}/${String(resource['id'])}`
  const { status, text } = await client.ask(`PUT ${place}`, { body: resource })
  if (status >= 300) throw new Error(`${place}: ${status} ${text}`)
}

/** Codes of all labels, in order of their names. */
async function labels(client: Client, place: string): Promise<string> {
  const { json } = await client.ask<{ meta: { security?: { code: string }[] } }>(`GET ${place}`)
  return (json.meta.security ?? [])
    .map(({ code }) => code)
    .toSorted()
    .join(' ')
}

async function count(client: Client, criteria: string): Promise<number> {
  const { json } = await client.ask<Bundle>(`GET ${criteria}&_summary=count`)
  return Number(json.total)
}

t.test('every code of the CMS list, in all kinds of places, is labelled and found by it', async (t) => {
  const alcove = await client(t, { ALCOVE_REFERENCES: 'off' })
  const carriers = Object.entries(CARRIERS)
  // Each code once, one place after the other.
  const sent = CMS_CODES.map(({ system, code, end }, at) => {
    const [place, carry] = carriers[at % carriers.length] as (typeof carriers)[number]
    const resource = { ...carry({ system, code }) }
    for (const date of ['created', 'date'])
      if (end !== undefined && resource[date] !== undefined) resource[date] = '2007-05-01'
    return { name: `${code} in ${place}`, resource }
  })
  const missed: string[] = []
  const found = new Map<string, number>()
  const { status, json } = await alcove.transaction(
    sent.map(({ resource }) => ({
      resource: resource as never,
      request: { method: 'POST', url: String(resource['resourceType']) },
    })),
  )
  t.equal(status, 200)
  for (const [at, { name, resource }] of sent.entries()) {
    const place = /([A-Za-z]+\/[^/]+)\/_history/.exec(json.entry?.[at]?.response?.location ?? '')?.[1] ?? ''
    const codes = (await labels(alcove, place)).split(' ')
    if (!codes.includes('SUD') || !codes.includes('R')) missed.push(name)
    const type = String(resource['resourceType'])
    found.set(type, (found.get(type) ?? 0) + 1)
  }
  t.same(missed, [])
  t.ok(found.size > 15, `${found.size} types`)
  for (const [type, expected] of found)
    t.equal(await count(alcove, `${type}?_security=SUD`), expected, `${type}?_security=SUD`)
})

/**
 * The guide's examples that are labelled, by what each tells, and why. The others tell of nothing that the rules are
 * about: vital signs, an emergency room, diabetes, a peanut allergy, and so on; but see what is missed, below.
 */
const GUIDE: Readonly<Record<string, string>> = {
  'Condition/depression-condition-example-1': 'PSY R', // F32.A
  'Condition/grief-condition-example-1': 'PSY R', // F43.81
  'Condition/substance-abuse-condition-example-1': 'R SUD', // a history of substance abuse
  'Procedure/alcohol-prevetion-education-example-1': 'R SUD', // education about ending substance use
  'Procedure/harm-reduction-example-1': 'R SUD', // an alcohol harm reduction program
  'DocumentReference/mental-health-consult-note-example-1': 'MH R',
  'DocumentReference/mental-health-discharge-summary-example-1': 'MH R',
  'DocumentReference/mental-health-hx-physical-example-1': 'MH R',
  'DocumentReference/mental-health-procedure-example-1': 'MH R',
  'DocumentReference/mental-health-progress-example-1': 'MH R',
  'Observation/sexual-orientation-example-1': 'GENDER R',
  'ServiceRequest/ServiceRequest-peer-mentoring-example-1': 'PSY R', // its reason is the depression
  'Procedure/bh-prevention-education-program-example-1': 'PSY R', // what was asked for by that
  // Answers to questionnaires of others that ours read too.
  'QuestionnaireResponse/alcohol-use-identification-test-1': 'ETHUD R SUD',
  'QuestionnaireResponse/phq-9-example-1': 'BH R',
  'QuestionnaireResponse/C-SSRS-example-1': 'BH R',
}

/**
 * Sensitive to whoever reads them, and labelled by nothing that a public list has: answers to questionnaires that are
 * not stored here, a finding in SNOMED CT, and drugs for mood and sleep. Whoever mends one moves it up.
 */
const MISSED: readonly string[] = [
  'QuestionnaireResponse/hark-example-1',
  'QuestionnaireResponse/ace-example-1',
  'Condition/panic-attack-condition-example-1',
  'MedicationRequest/bupropion-discharge-med-example-1',
]

t.test("the behavioral-health guide's examples", besideCheckout('hl7-behavioral-health'), async (t) => {
  const alcove = await client(t, { ALCOVE_REFERENCES: 'off', ALCOVE_VALIDATION: 'warn' })
  const definitions = loadDefinitions()
  const folder = `${DATA}hl7-behavioral-health/`
  const places: string[] = []
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.xml'))) {
    let resource: Resource
    try {
      resource = parseXml(readFileSync(folder + file), definitions)
    } catch (error) {
      // Four are no FHIR XML.
      if (!(error instanceof FhirError)) throw error
      continue
    }
    await put(alcove, resource)
    places.push(`${resource.resourceType}/${String(resource['id'])}`)
  }
  t.equal(places.length, 70)
  const labelled: Record<string, string> = {}
  for (const place of places) {
    const codes = await labels(alcove, place)
    if (codes !== '') labelled[place] = codes
  }
  t.same(labelled, GUIDE)
  for (const place of MISSED) t.ok(places.includes(place) && labelled[place] === undefined, place)
})

t.test('what of whole patient histories is labelled', besideCheckout('synthea'), async (t) => {
  const alcove = await client(t)
  for (const file of readdirSync(`${DATA}synthea`).filter((name) => name.endsWith('.json'))) {
    const { status } = await alcove.ask('POST ', { body: readFileSync(`${DATA}synthea/${file}`) })
    if (status !== 200) t.fail(`${file}: ${status}`)
  }
  // The social history of eight visits asks after orientation, HIV and abuse; two visits had a test for HIV.
  const expected: Readonly<Record<string, Readonly<Record<string, number>>>> = {
    Observation: { GENDER: 8, HIV: 8, SDV: 8, R: 24 },
    Procedure: { HIV: 2, R: 2 },
    Claim: { HIV: 2, R: 2 },
    ExplanationOfBenefit: { HIV: 2, R: 2 },
  }
  const types =
    'Patient Organization Practitioner Encounter Observation Immunization DiagnosticReport Claim ExplanationOfBenefit Condition MedicationRequest CarePlan Procedure ImagingStudy Goal AllergyIntolerance'
  for (const type of types.split(' '))
    for (const code of ['GENDER', 'HIV', 'SDV', 'SUD', 'PSY', 'MH', 'BH', '42CFRPart2', 'N', 'R', 'V'])
      t.equal(
        await count(alcove, `${type}?_security=${code}`),
        expected[type]?.[code] ?? 0,
        `${type} labelled ${code}`,
      )
  t.equal(await count(alcove, 'Observation?code=76690-7,55277-8,28245-9'), 24, 'all of the kind')
})

t.test('records of a Part 2 program are told by who made them (42 CFR 2.11, 2.12)', async (t) => {
  const alcove = await client(t)
  const flag = (valueBoolean: boolean) => ({
    extension: [{ url: 'https://alcove.health/fhir/StructureDefinition/part2-program', valueBoolean }],
  })
  const to = (reference: string) => ({ reference })
  const subject = to('Patient/p')
  const ICD = 'http://hl7.org/fhir/sid/icd-10-cm'
  const observation = (id: string, more: JsonObject): JsonObject => ({
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { text: 'Blood pressure' },
    subject,
    ...more,
  })
  const encounter = (id: string, provider: string): JsonObject => ({
    resourceType: 'Encounter',
    id,
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    subject,
    serviceProvider: to(provider),
  })
  const role = (id: string, organization: string): JsonObject => ({
    resourceType: 'PractitionerRole',
    id,
    practitioner: to('Practitioner/counselor'),
    organization: to(organization),
  })
  for (const resource of [
    { resourceType: 'Patient', id: 'p' },
    { resourceType: 'Practitioner', id: 'counselor' },
    { resourceType: 'Organization', id: 'hospital', name: 'General hospital' },
    {
      resourceType: 'Organization',
      id: 'unit',
      name: 'Addiction unit',
      partOf: to('Organization/hospital'),
      ...flag(true),
    },
    { resourceType: 'Organization', id: 'ward', name: 'Ward', partOf: to('Organization/hospital') },
    { resourceType: 'Organization', id: 'clinic', name: 'Methadone clinic', ...flag(true) },
    {
      resourceType: 'Organization',
      id: 'outpatients',
      name: 'Its outpatients',
      partOf: to('Organization/clinic'),
    },
    {
      resourceType: 'Organization',
      id: 'dentist',
      name: 'Its dentist',
      partOf: to('Organization/clinic'),
      ...flag(false),
    },
    role('at-unit', 'Organization/unit'),
    role('at-ward', 'Organization/ward'),
    encounter('unit', 'Organization/unit'),
    encounter('ward', 'Organization/ward'),
    encounter('outpatients', 'Organization/outpatients'),
    encounter('dentist', 'Organization/dentist'),
    observation('by-unit', { performer: [to('PractitionerRole/at-unit')] }),
    observation('by-ward', { performer: [to('PractitionerRole/at-ward')] }),
    observation('at-unit', { encounter: to('Encounter/unit') }),
    observation('quoting', { derivedFrom: [to('Observation/by-unit')] }),
    {
      resourceType: 'Condition',
      id: 'own-note',
      subject,
      encounter: to('Encounter/ward'),
      code: { coding: [{ system: ICD, code: 'F10.20' }] },
    },
    {
      resourceType: 'ServiceRequest',
      id: 'referral',
      status: 'active',
      intent: 'order',
      subject,
      performer: [to('Organization/unit')],
    },
    observation('received', {}),
    {
      resourceType: 'Provenance',
      id: 'received',
      recorded: '2026-01-01T00:00:00Z',
      target: [to('Observation/received')],
      agent: [{ who: to('Organization/clinic') }],
    },
  ])
    await put(alcove, resource)

  const PART_2 = '42CFRPart2 R SUD'
  const expected: Readonly<Record<string, string>> = {
    'Organization/hospital': '', // 2.11: a general medical facility is none for having a unit that is one
    'Organization/ward': '',
    'Organization/unit': 'part2-program',
    'Organization/outpatients': 'part2-program', // what belongs to a program
    'Organization/dentist': '', // but for what says that it is none
    'PractitionerRole/at-unit': 'part2-program',
    'PractitionerRole/at-ward': '', // the same counselor, elsewhere
    'Practitioner/counselor': '',
    'Encounter/unit': PART_2,
    'Encounter/ward': '',
    'Encounter/outpatients': PART_2,
    'Encounter/dentist': '',
    'Observation/by-unit': PART_2, // 2.12(a): any record that a program made, a blood pressure too
    'Observation/by-ward': '',
    'Observation/at-unit': PART_2,
    'Observation/quoting': PART_2, // 2.12(d)(2): it stays so with whoever received it
    'Condition/own-note': 'ETHUD R SUD', // 2.12(d)(2)(ii): a doctor's own note is sensitive, and not a program's
    'ServiceRequest/referral': '', // to a program, not by one
    'Observation/received': PART_2, // told of by a Provenance
    'Provenance/received': `${PART_2} part2-program`, // which tells what is in it
    'Patient/p': '',
  }
  for (const [place, codes] of Object.entries(expected)) t.equal(await labels(alcove, place), codes, place)
})
