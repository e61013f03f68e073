// One visit and its claim, or all that stands against one at once.
import t from 'tap'
import { generateForEncounter, type EncounterRequest, type Generated } from '../../../src/billing/index.ts'
import { createValidator } from '../../../src/conformance/index.ts'
import { loadDefinitions, writeJson, type JsonObject, type Resource } from '../../../src/fhir/index.ts'
import {
  ACT_CODE,
  billed,
  billingWorld,
  type BillingWorld,
  clinic,
  condition,
  coverage,
  DAY,
  ICD_10,
  note,
  NOTE_WORDS,
  NOW,
  patient,
  performed,
  priceOf,
  resource,
  therapist,
  visit,
} from '../practice.ts'

const validator = createValidator(loadDefinitions())

async function generate(
  { view, parts }: BillingWorld,
  encounterId = 'v1',
  more: Partial<EncounterRequest> = {},
): Promise<Generated> {
  return generateForEncounter(view(), parts, { encounterId, now: NOW, ...more })
}

const listOf = (holder: JsonObject | undefined, key: string): readonly JsonObject[] =>
  (holder?.[key] ?? []) as JsonObject[]

const codesOf = (claim: Resource | undefined): readonly string[] =>
  listOf(claim, 'item').map((item) => {
    const { coding } = item['productOrService'] as { coding: JsonObject[] }
    const quantity = item['quantity'] as JsonObject
    return `${String(coding[0]?.['code'])} x${String(quantity['value'])}`
  })

const told = ({ refusals }: Generated): readonly string[] =>
  refusals.map(({ details, expression }) => `${String(details?.code)} ${String(expression)}`).toSorted()

const warned = ({ warnings }: Generated): readonly string[] =>
  warnings.map(({ details, expression }) => `${String(details?.code)} ${String(expression)}`).toSorted()

t.test('a signed visit becomes a claim', async (t) => {
  const world = await billingWorld()
  await world.put(visit('v1', { modality: 'video', location: 'home1' }), note('v1'))
  const { claim, provenance, refusals, warnings } = await generate(world)
  t.same([refusals, warnings], [[], []])
  t.same(
    validator.validate(claim as Resource).filter(({ severity }) => severity === 'error'),
    [],
  )
  t.match(claim, {
    status: 'draft',
    use: 'claim',
    patient: { reference: 'Patient/p1' },
    insurer: { reference: 'Organization/payer1' },
    provider: { reference: 'Organization/clinic1' },
    billablePeriod: { start: DAY, end: DAY },
    careTeam: [{ provider: { reference: 'Practitioner/therapist1' } }],
    diagnosis: [
      { diagnosisCodeableConcept: { coding: [{ system: ICD_10, code: 'F33.1' }] } },
      { diagnosisCodeableConcept: { coding: [{ system: ICD_10, code: 'F41.1' }] } },
    ],
    item: [
      {
        productOrService: { coding: [{ code: '90834' }] },
        modifier: [{ coding: [{ code: '95' }] }],
        locationCodeableConcept: { coding: [{ code: '10' }] },
        servicedDate: DAY,
        diagnosisSequence: [1, 2],
        encounter: [{ reference: 'Encounter/v1' }],
      },
    ],
  })
  t.ok(writeJson(claim as Resource).includes(`"total":{"value":${priceOf('90834')},`))
  t.same(
    listOf(provenance, 'entity').map(({ what }) => (what as JsonObject)['reference']),
    ['DocumentReference/note-v1/_history/1', 'Encounter/v1/_history/1'],
  )
  for (const made of [claim, provenance])
    for (const word of [NOTE_WORDS, Buffer.from(NOTE_WORDS).toString('base64'), 'lamp'])
      t.notOk(writeJson(made as Resource).includes(word), 'no word of the note')
})

t.test('all that stands against it, at once', async (t) => {
  const world = await billingWorld()
  await world.put(
    condition('head', 'F32'),
    clinic({ id: 'nameless', identifier: undefined }),
    therapist('student', { identifier: undefined, qualification: undefined }),
    coverage('cov1', 'p1', { status: 'cancelled', period: { end: '2026-01-31' } }),
    visit('v1', {
      more: {
        location: undefined,
        status: 'in-progress',
        period: { start: `${DAY}T10:00:00Z`, end: `${DAY}T10:45:00Z` },
        diagnosis: billed('head'),
        serviceProvider: { reference: 'Organization/nameless' },
        participant: [{ individual: { reference: 'Practitioner/student' } }],
        meta: { security: [{ system: ACT_CODE, code: '42CFRPart2' }] },
      },
    }),
    note('v1', 'p1', { docStatus: 'preliminary' }),
    resource({
      resourceType: 'ChargeItem',
      id: 'no',
      status: 'not-billable',
      code: { text: 'courtesy' },
      subject: { reference: 'Patient/p1' },
      context: { reference: 'Encounter/v1' },
    }),
  )
  const made = await generate(world)
  t.equal(made.claim, undefined)
  t.same(told(made), [
    'consent-missing Consent.provision',
    'coverage-not-active Coverage.status',
    'coverage-not-in-force Coverage.period',
    'diagnosis-not-billable Condition.code',
    'not-billable ChargeItem.status',
    'note-not-final DocumentReference.docStatus',
    'place-missing Encounter.location',
    'provider-without-npi Organization.identifier',
    'rendering-without-npi Practitioner.identifier',
    'rendering-without-taxonomy Practitioner.qualification',
    'visit-not-finished Encounter.status',
  ])
  t.match(
    made.refusals.find(({ expression }) => expression === 'Condition.code')?.diagnostics,
    /F32.*F32\.0.*F32\.A/,
    'DX3: the codes to use',
  )
})

t.test('also where nobody knows who pays, or when it was', async (t) => {
  const world = await billingWorld()
  const missing = [
    'diagnosis-missing Encounter.diagnosis',
    'note-missing DocumentReference.context.encounter',
    'nothing-billed Encounter.type',
    'rendering-missing Encounter.participant',
  ]
  const nothing = {
    type: undefined,
    diagnosis: undefined,
    participant: undefined,
    period: undefined,
    serviceProvider: undefined,
  }
  await world.put(visit('v1', { more: nothing }))
  t.same(
    told(await generate(world)),
    [
      ...missing,
      'provider-missing Encounter.serviceProvider',
      'visit-without-period Encounter.period.end',
      'visit-without-period Encounter.period.start',
    ].toSorted(),
  )
  await world.put(
    visit('v1', {
      more: {
        ...nothing,
        period: { start: DAY, end: DAY },
        serviceProvider: { reference: 'Organization/clinic1' },
      },
    }),
  )
  await world.put(coverage('cov1', 'p1', { payor: [{ reference: 'Patient/p1' }] }))
  t.same(told(await generate(world)), [...missing, 'payer-missing Coverage.payor'].toSorted())
  await world.put(coverage('cov1', 'p1', { status: 'draft' }))
  t.same(told(await generate(world)), [...missing, 'coverage-missing Coverage.beneficiary'].toSorted())
})

t.test('what a visit says of what was done', async (t) => {
  const world = await billingWorld()
  const cases: readonly [id: string, made: Parameters<typeof visit>[1], codes: readonly string[]][] = [
    ['PSY16', { minutes: 16 }, ['90832 x1']],
    ['CRI29', { kinds: ['crisis-psychotherapy'], minutes: 29 }, ['90832 x1']],
    ['CRI30', { kinds: ['crisis-psychotherapy'], minutes: 30 }, ['90839 x1']],
    ['CRI75', { kinds: ['crisis-psychotherapy'], minutes: 75 }, ['90839 x1', '90840 x1']],
    ['CRI105', { kinds: ['crisis-psychotherapy'], minutes: 105 }, ['90839 x1', '90840 x2']],
    ['FAM26', { kinds: ['family-psychotherapy-with-patient'], minutes: 26 }, ['90847 x1']],
    ['IC2', { kinds: ['group-psychotherapy', 'interactive-complexity'] }, ['90853 x1', '90785 x1']],
    [
      'EMPSY',
      {
        more: {
          extension: [performed('office-visit-established', 20), performed('individual-psychotherapy', 40)],
        },
      },
      ['99213 x1', '90836 x1'],
    ],
    ['U15-23', { kinds: ['psychosocial-rehabilitation'], minutes: 23 }, ['H2017 x2']],
    ['length', { minutes: 60, more: { length: { value: 0.5, unit: 'h' } } }, ['90832 x1']],
    [
      'SNOMED',
      {
        more: {
          type: [
            { coding: [{ system: 'http://snomed.info/sct', code: '185389009' }] },
            { coding: [{ system: 'http://www.ama-assn.org/go/cpt', code: '90791' }] },
          ],
        },
      },
      ['90791 x1'],
    ],
  ]
  for (const [at, [id, made, codes]] of cases.entries()) {
    const day = `2026-02-${String(at + 1).padStart(2, '0')}`
    await world.put(visit(id, { day, ...made }), note(id))
    const generated = await generate(world, id)
    t.same(generated.refusals, [], id)
    t.same(codesOf(generated.claim), codes, id)
  }
  for (const [id, made, problem] of [
    ['PSY15', { minutes: 15 }, 'below-minimum Encounter.type[0]'],
    [
      'FAM25',
      { kinds: ['family-psychotherapy-with-patient'], minutes: 25 },
      'below-minimum Encounter.type[0]',
    ],
    [
      'EMPSY2',
      { minutes: 40, kinds: [{ system: 'http://www.ama-assn.org/go/cpt', code: '90836' }] },
      'without-primary Encounter.type[0]',
    ],
    [
      'NOTHING',
      { more: { type: [{ coding: [{ system: 'http://snomed.info/sct', code: '185389009' }] }] } },
      'nothing-billed Encounter.type',
    ],
  ] as const) {
    await world.put(visit(id, made), note(id))
    t.same(told(await generate(world, id)), [problem], id)
  }
})

t.test('diagnoses', async (t) => {
  const world = await billingWorld()
  const codes = [
    'F33.1',
    'F41.1',
    'F10.20',
    'F17.210',
    'F43.10',
    'F60.3',
    'F90.0',
    'F42.2',
    'F54',
    'F51.01',
    'G47.00',
    'R45.851',
    'Z63.0',
  ]
  await world.put(...codes.map((code, at) => condition(`d${at}`, code)))
  const ids = codes.map((_, at) => `d${at}`)
  await world.put(
    visit('dx1', { more: { diagnosis: billed(...ids.slice(0, 5)) } }),
    note('dx1'),
    visit('dx2', { day: '2026-02-02', more: { diagnosis: billed(...ids) } }),
    note('dx2'),
    visit('own', { day: '2026-02-03', more: { diagnosis: undefined } }),
    note('own'),
    visit('why', {
      day: '2026-02-05',
      more: { diagnosis: undefined, reasonReference: [{ reference: 'Condition/d2' }] },
    }),
    note('why'),
    condition('late', 'F41.0', 'p1', {
      encounter: { reference: 'Encounter/own' },
      recordedDate: '2026-02-04',
    }),
    condition('early', 'F40.10', 'p1', {
      encounter: { reference: 'Encounter/own' },
      recordedDate: '2026-02-03',
    }),
    condition('past', 'F40.00', 'p1', {
      encounter: { reference: 'Encounter/own' },
      clinicalStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'resolved' }],
      },
    }),
  )
  const five = await generate(world, 'dx1')
  t.same(warned(five), ['pointers-left-out Encounter.diagnosis'], 'DX1')
  t.equal(listOf(five.claim, 'diagnosis').length, 5)
  t.same(listOf(five.claim, 'item')[0]?.['diagnosisSequence'], [1, 2, 3, 4])
  const thirteen = await generate(world, 'dx2')
  t.same(
    warned(thirteen),
    ['diagnoses-left-out Encounter.diagnosis', 'pointers-left-out Encounter.diagnosis'],
    'DX2',
  )
  t.equal(listOf(thirteen.claim, 'diagnosis').length, 12)
  const { claim } = await generate(world, 'own')
  t.match(claim?.['diagnosis'], [
    { diagnosisCodeableConcept: { coding: [{ code: 'F40.10' }] } },
    { diagnosisCodeableConcept: { coding: [{ code: 'F41.0' }] } },
  ])
  t.equal(listOf(claim, 'diagnosis').length, 2)
  t.match(listOf((await generate(world, 'why')).claim, 'diagnosis'), [
    { diagnosisCodeableConcept: { coding: [{ code: 'F10.20' }] } },
  ])
})

t.test('COCM1: a month that is recorded as one visit, with a word of warning', async (t) => {
  const world = await billingWorld()
  await world.put(visit('v1', { kinds: ['collaborative-care-initial'], minutes: 116 }), note('v1'))
  const made = await generate(world)
  t.same(codesOf(made.claim), ['99492 x1', '99494 x2'])
  t.same(warned(made), ['visit-of-period Encounter.type[0]'])
})

t.test('which notes count', async (t) => {
  const world = await billingWorld()
  const composition = (id: string, more: object = {}) =>
    resource({
      resourceType: 'Composition',
      id,
      status: 'final',
      type: { text: 'Progress note' },
      subject: { reference: 'Patient/p1' },
      encounter: { reference: 'Encounter/v1' },
      date: DAY,
      author: [{ reference: 'Practitioner/therapist1' }],
      title: 'Progress note',
      attester: [{ mode: 'professional' }],
      ...more,
    })
  await world.put(visit('v1'), visit('v2', { of: 'p2', day: '2026-03-01' }), patient('p2'))
  for (const [what, problem, one] of [
    [
      'a psychotherapy note',
      'note-missing',
      note('v1', 'p1', { meta: { security: [{ system: ACT_CODE, code: 'PSYTHPN' }] } }),
    ],
    ['one that was replaced', 'note-missing', note('v1', 'p1', { status: 'superseded' })],
    ['one of somebody else', 'note-missing', note('v1', 'p2')],
    ['one of another visit', 'note-missing', note('v2', 'p1')],
    ['a preliminary one', 'note-not-final', note('v1', 'p1', { docStatus: 'preliminary' })],
    ['one without a status', 'note-not-final', note('v1', 'p1', { docStatus: undefined })],
    ['one that nobody signed', 'note-not-signed', note('v1', 'p1', { authenticator: undefined })],
    ['one that was amended', undefined, note('v1', 'p1', { docStatus: 'amended' })],
    ['a composition', undefined, composition('c1')],
    [
      'an amended composition',
      undefined,
      composition('c1', { status: 'amended', attester: [{ mode: 'legal' }] }),
    ],
    ['a preliminary composition', 'note-not-final', composition('c1', { status: 'preliminary' })],
    [
      'a composition that only its author attests',
      'note-not-signed',
      composition('c1', { attester: [{ mode: 'personal' }] }),
    ],
    [
      'a composition of somebody else',
      'note-missing',
      composition('c1', { subject: { reference: 'Patient/p2' } }),
    ],
  ] as const) {
    await world.put(one)
    const made = await generate(world)
    t.equal(made.refusals[0]?.details?.code, problem, what)
    if (problem === undefined) {
      const [first] = listOf(made.provenance, 'entity')
      t.match(
        first?.['what'],
        {
          reference: `${one.resourceType}/${String(one['id'])}/_history/${String(await versionOf(world, one))}`,
        },
        what,
      )
    }
    await world.repository.write({
      kind: 'delete',
      target: { type: one.resourceType, id: String(one['id']) },
    })
  }
})

async function versionOf({ view }: BillingWorld, one: Resource): Promise<number | undefined> {
  return (await view().read(one.resourceType, String(one['id'])))?.versionId
}
