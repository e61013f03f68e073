// The Claim that a plan comes to: valid R4 that the 837 can write, with exact amounts, the same for the same name.
import t from 'tap'
import {
  controlNumberOf,
  claimOf,
  isNpi,
  partiesOf,
  provenanceOf,
} from '../../../src/billing/claims/index.ts'
import type { ClaimPlan } from '../../../src/billing/claims/index.ts'
import { contentOf, fhirMoney, madeName, readMoney } from '../../../src/billing/index.ts'
import { createValidator } from '../../../src/conformance/index.ts'
import { loadDefinitions, writeJson, type JsonObject, type Resource } from '../../../src/fhir/index.ts'
import {
  billingWorld,
  CLINIC_NPI,
  clinic,
  coverage,
  DAY,
  NOW,
  npi,
  patient,
  payer,
  PLACES,
  site,
  therapist,
} from '../practice.ts'

const validator = createValidator(loadDefinitions())
const name = madeName('claim', 'Encounter/v1', 'payer1')

const plan: ClaimPlan = {
  type: 'professional',
  source: 'Encounter/v1',
  period: { start: DAY, end: DAY },
  parties: {
    patient: patient(),
    coverage: coverage(),
    payer: payer(),
    provider: clinic(),
    careTeam: [
      {
        resource: therapist(),
        role: 'rendering',
        taxonomy: { system: 'http://nucc.org/provider-taxonomy', code: '1041C0700X' },
      },
    ],
  },
  diagnoses: [
    { code: { system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'F33.1' }, type: 'principal' },
    { code: { system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'F41.1' }, type: 'secondary' },
  ],
  lines: ['90834', '90785'].map((code, at) => ({
    line: {
      code: { system: 'http://www.ama-assn.org/go/cpt', code, display: 'A service' },
      modifiers: [{ system: 'http://www.ama-assn.org/go/cpt', code: '95' }],
      units: at + 1,
      minutes: 45,
      place: { system: PLACES, code: '10' },
      rule: `https://alcove.health/fhir/ChargeItemDefinition/${code}|1.0.0`,
      service: at,
    },
    date: DAY,
    unitPrice: readMoney(['0.10', '0.2'][at] as string, 'x'),
    net: readMoney(['0.10', '0.4'][at] as string, 'x'),
    encounters: ['Encounter/v1'],
    diagnoses: [1, 2],
    careTeam: [1],
    unit: 'UN' as const,
  })),
  information: [],
  authorizations: ['A123'],
  madeOf: ['DocumentReference/note-v1/_history/1', 'Encounter/v1/_history/1'],
  labels: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'SUD' }],
}

function errorsOf(resource: Resource): readonly unknown[] {
  return validator.validate(resource).filter(({ severity }) => severity === 'error')
}

t.test('valid, exact, and readable by an 837', async (t) => {
  const claim = claimOf(plan, { name, now: NOW })
  t.same(errorsOf(claim), [])
  t.match(writeJson(claim), /"total":\{"value":0\.50,/, 'as decimals say it, not as floats do')
  t.equal(
    contentOf({
      ...plan.parties,
      claim,
      careTeam: { 1: therapist() },
      billingProvider: clinic(),
      terms: { assignment: 'A', release: 'Y', signature: true },
    }).lines.length,
    2,
  )
  t.same(claim['total'] as JsonObject, fhirMoney(readMoney('0.5', 'x')))
  t.match(JSON.stringify(claim['meta']), /SUD/)
})

t.test('its Provenance names the versions that it was made of', async (t) => {
  const [claim, provenance] = [claimOf, provenanceOf].map((made) =>
    made(plan, { name, attempt: 1, now: NOW }),
  )
  t.same(errorsOf(provenance as Resource), [])
  t.match(provenance, {
    target: [{ reference: `Claim/${String(claim?.['id'])}` }],
    entity: plan.madeOf.map((reference) => ({ what: { reference } })),
  })
})

t.test('a control number is twenty letters and digits, the same for the same name', async (t) => {
  const seen = new Set<string>()
  for (let at = 0; at < 2000; at++) {
    const number = controlNumberOf(madeName('claim', String(at)))
    t.match(number, /^C[0-9A-Z]{19}$/)
    t.equal(number, controlNumberOf(madeName('claim', String(at))))
    seen.add(number)
  }
  t.equal(seen.size, 2000)
})

t.test('an NPI whose digit is wrong is none', async (t) => {
  t.ok(isNpi(CLINIC_NPI))
  for (let digit = 0; digit < 10; digit++) {
    const other = `${CLINIC_NPI.slice(0, 9)}${digit}`
    t.equal(isNpi(other), other === CLINIC_NPI, other)
  }
  for (const text of ['', '123456789', `${CLINIC_NPI}0`, ' 1234567893', npi('323456789')])
    t.notOk(isNpi(text))
})

t.test('parties by references', async (t) => {
  const { view, put, parts } = await billingWorld()
  await put(
    clinic({
      id: 'ward',
      identifier: undefined,
      address: undefined,
      partOf: { reference: 'Organization/clinic1' },
    }),
    site('elsewhere', '53', {
      address: { line: ['9 Lake Road'], city: 'Peoria', state: 'IL', postalCode: '61602' },
    }),
    therapist('without', {
      identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '1234567890' }],
      qualification: undefined,
    }),
  )
  const source = {
    patient: patient(),
    coverage: coverage(),
    provider: { reference: 'Organization/ward' },
    providerElement: 'Encounter.serviceProvider',
    performers: [
      {
        reference: { reference: 'PractitionerRole/role1' },
        role: 'rendering',
        element: 'Encounter.participant[0]',
      },
    ],
    facility: site('elsewhere', '53', { address: { line: ['9 Lake Road'], city: 'Peoria' } }),
    date: DAY,
  }
  const found = await partiesOf(view(), source, parts.baseUrl)
  t.same(found.refusals, [])
  t.match(found.parties, {
    payer: { id: 'payer1' },
    provider: { id: 'clinic1' },
    careTeam: [{ resource: { id: 'therapist1' }, taxonomy: { code: '1041C0700X' } }],
    facility: { id: 'elsewhere' },
  })
  const atClinic = await partiesOf(view(), { ...source, facility: site() }, parts.baseUrl)
  t.equal(atClinic.parties?.facility, undefined, 'not where the clinic itself is')
  const refused = await partiesOf(
    view(),
    {
      ...source,
      coverage: coverage('cov1', 'p1', { payor: [{ reference: 'Organization/nobody' }] }),
      provider: { reference: 'Organization/nobody' },
      performers: [
        {
          reference: { reference: 'Practitioner/without' },
          role: 'rendering',
          element: 'Encounter.participant[0]',
        },
        {
          reference: { reference: 'Practitioner/nobody' },
          role: 'rendering',
          element: 'Encounter.participant[1]',
        },
      ],
    },
    parts.baseUrl,
  )
  t.equal(refused.parties, undefined)
  t.same(
    refused.refusals.map(({ details, expression }) => [details?.code, expression]),
    [
      ['payer-missing', 'Coverage.payor'],
      ['provider-missing', 'Encounter.serviceProvider'],
      ['rendering-without-npi', 'Practitioner.identifier'],
      ['rendering-without-taxonomy', 'Practitioner.qualification'],
      ['rendering-missing', 'Encounter.participant[1]'],
    ],
  )
})
