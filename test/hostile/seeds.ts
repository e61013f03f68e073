// Valid resources that mutants are made of: the least of each type, and some that are full.
import { minimalResource } from '../e2e/minimal-resource.ts'
import { PRACTICE } from '../search/practice.ts'
import { definitions } from './judge.ts'

export interface Seed {
  readonly resourceType: string
  readonly [name: string]: unknown
}

const FULL: readonly Seed[] = [
  {
    resourceType: 'Patient',
    meta: { profile: ['http://example.org/p'], tag: [{ system: 'urn:a', code: 'b' }], source: 'urn:x' },
    text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml"><p>a &amp; b</p></div>' },
    contained: [{ resourceType: 'Organization', id: 'org', name: 'O' }],
    extension: [{ url: 'http://example.org/e', valueQuantity: { value: 1.5, unit: 'kg' } }],
    identifier: [{ system: 'urn:ids', value: '1', period: { start: '2020-01' } }],
    active: true,
    name: [{ use: 'official', family: 'F', given: ['A', 'B'], _given: [null, { id: 'x' }] }],
    telecom: [{ system: 'phone', value: '+1 555' }],
    gender: 'female',
    birthDate: '1990-02-03',
    _birthDate: { extension: [{ url: 'http://example.org/t', valueDateTime: '1990-02-03T04:05:06Z' }] },
    address: [{ line: ['1 Street'], city: 'C', postalCode: '1' }],
    managingOrganization: { reference: '#org' },
    multipleBirthInteger: 2,
    photo: [{ contentType: 'image/png', data: 'AQID', url: 'http://example.org/photo', size: 3 }],
  },
  {
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '44261-6' }], text: 'PHQ-9' },
    subject: { reference: 'Patient/known' },
    effectivePeriod: { start: '2026-01-01', end: '2026-01-31T10:00:00.123Z' },
    valueQuantity: { value: 12.5, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' },
    component: [{ code: { text: 'c' }, valueRange: { low: { value: 1 }, high: { value: 2 } } }],
  },
  {
    resourceType: 'Questionnaire',
    status: 'active',
    url: 'http://example.org/q',
    item: [{ linkId: '1', type: 'group', item: [{ linkId: '1.1', type: 'string', text: 't' }] }],
  },
  {
    resourceType: 'SearchParameter',
    url: 'http://example.org/sp',
    name: 'Sp',
    status: 'draft',
    description: 'd',
    code: 'sp',
    base: ['Patient'],
    type: 'string',
    expression: "Patient.name.where(use = 'official').family",
  },
  {
    resourceType: 'ValueSet',
    status: 'active',
    url: 'http://example.org/vs',
    compose: {
      include: [
        { system: 'http://example.org/cs', filter: [{ property: 'code', op: 'regex', value: 'a+' }] },
      ],
    },
  },
  {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [
      { fullUrl: 'urn:uuid:0b0f1a2c-5d3e-4f60-8a71-92b3c4d5e6f7', resource: { resourceType: 'Patient' } },
    ],
  },
]

/** Few of a type, none with an id; the same in the same order each time. */
export const SEEDS: readonly Seed[] = [
  ...FULL,
  ...FULL,
  ...definitions.resourceTypes.map((type) => minimalResource(type as never, definitions) as Seed),
  ...PRACTICE([])
    .filter((_, index) => index % 3 === 0)
    .map(({ id: _id, ...resource }) => resource as Seed),
]
