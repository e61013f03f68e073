// What payers ask beside the service: authorizations, corrections of what they took on, their own modifiers and prices.
import t from 'tap'
import {
  generateForEncounter,
  saveGenerated,
  type EncounterRequest,
  type Generated,
} from '../../../src/billing/index.ts'
import type { JsonObject, Resource } from '../../../src/fhir/index.ts'
import {
  billingWorld,
  type BillingWorld,
  coded,
  coverage,
  DAY,
  money,
  note,
  NOW,
  OURS,
  payer,
  performed,
  resource,
  site,
  visit,
} from '../practice.ts'
import { CPT, definitionOf } from '../rules/services.ts'

const TERMS = 'https://alcove.health/fhir/CodeSystem/billing-terms'

async function generate(
  { view, parts }: BillingWorld,
  encounterId = 'v1',
  more: Partial<EncounterRequest> = {},
): Promise<Generated> {
  return generateForEncounter(view(), parts, { encounterId, now: NOW, ...more })
}

async function save(
  world: BillingWorld,
  encounterId = 'v1',
  more: Partial<EncounterRequest> = {},
): Promise<Resource> {
  const { resources } = await saveGenerated(world.repository, await generate(world, encounterId, more), NOW)
  return resources[0]
}

const told = ({ refusals }: Generated): readonly string[] =>
  refusals.map(({ details, expression }) => `${String(details?.code)} ${String(expression)}`)

const itemsOf = ({ claim }: Pick<Generated, 'claim'>): readonly JsonObject[] =>
  (claim?.['item'] ?? []) as JsonObject[]

const numbersOf = ({ claim }: Generated): unknown =>
  ((claim?.['insurance'] as JsonObject[] | undefined) ?? [])[0]?.['preAuthRef']

/** The rule of a code for one payer, with other extensions beside its own. */
function ownRule(code: string, of: string, extension: readonly JsonObject[], more: object = {}): Resource {
  const shipped = definitionOf(code)
  return {
    ...shipped,
    id: `own-${code}`,
    url: `https://payer.test/ChargeItemDefinition/${code}`,
    useContext: [{ code: { system: TERMS, code: 'payer' }, valueReference: { reference: of } }],
    propertyGroup: [{ priceComponent: [{ type: 'base', amount: money('100.00') }] }],
    extension: [...(shipped['extension'] as JsonObject[]), ...extension],
    ...more,
  }
}

const needsAuthorization: JsonObject = {
  url: `${OURS}service-authorization`,
  extension: [{ url: 'required', valueBoolean: true }],
}

/** What a payer authorized: so many units of a code. */
function authorized(number: string, code: string, units: number, more: object = {}): Resource[] {
  return [
    resource({
      resourceType: 'Claim',
      id: `ask-${number}`,
      status: 'active',
      type: coded('http://terminology.hl7.org/CodeSystem/claim-type', 'professional'),
      use: 'preauthorization',
      patient: { reference: 'Patient/p1' },
      created: '2026-01-02',
      provider: { reference: 'Organization/clinic1' },
      insurer: { reference: 'Organization/payer1' },
      priority: coded('http://terminology.hl7.org/CodeSystem/processpriority', 'normal'),
      insurance: [{ sequence: 1, focal: true, coverage: { reference: 'Coverage/cov1' } }],
      item: [{ sequence: 1, productOrService: coded(CPT, code), quantity: { value: units } }],
    }),
    resource({
      resourceType: 'ClaimResponse',
      id: `answer-${number}`,
      status: 'active',
      type: coded('http://terminology.hl7.org/CodeSystem/claim-type', 'professional'),
      use: 'preauthorization',
      patient: { reference: 'Patient/p1' },
      created: '2026-01-03',
      insurer: { reference: 'Organization/payer1' },
      request: { reference: `Claim/ask-${number}` },
      outcome: 'complete',
      preAuthRef: number,
      preAuthPeriod: { start: '2026-01-01', end: '2026-06-30' },
      item: [
        {
          itemSequence: 1,
          adjudication: [{ category: coded(TERMS, 'authorized-units'), value: units }],
        },
      ],
      ...more,
    }),
  ]
}

t.test('AUTH2: units of an authorization run out', async (t) => {
  const world = await billingWorld()
  const visits = ['v1', 'v2', 'v3'].flatMap((id, at) => [visit(id, { day: `2026-03-0${at + 1}` }), note(id)])
  await world.put(ownRule('90834', 'Organization/payer1', [needsAuthorization]), ...visits)
  t.same(told(await generate(world)), ['authorization-missing Encounter.type[0]'], 'none')
  await world.put(...authorized('A1', '90834', 2, { preAuthPeriod: { end: '2026-02-28' } }))
  t.same(told(await generate(world)), ['authorization-missing Encounter.type[0]'], 'of another time')
  await world.put(...authorized('A1', '90837', 2))
  t.same(told(await generate(world)), ['authorization-missing Encounter.type[0]'], 'of another service')
  await world.put(...authorized('A1', '90834', 2))
  t.same(numbersOf(await generate(world)), ['A1'])
  await save(world, 'v1')
  await save(world, 'v2')
  t.same(told(await generate(world, 'v3')), ['authorization-exceeded Encounter.type[0]'])
  await world.put(...authorized('A2', '90834', 5))
  t.same(numbersOf(await generate(world, 'v3')), ['A2'], 'the next one')
  t.same((await generate(world, 'v1')).existing?.['status'], 'draft', 'what was billed stays billed')
})

t.test('one is named where it is there, and only one', async (t) => {
  const world = await billingWorld()
  await world.put(
    visit('v1', {
      more: { extension: [performed('individual-psychotherapy', 45), performed('interactive-complexity')] },
    }),
    note('v1'),
    ...authorized('A1', '90834', 9),
  )
  t.same(numbersOf(await generate(world)), ['A1'], 'without being asked for')
  await world.put(
    ownRule('90834', 'Organization/payer1', [needsAuthorization]),
    ownRule('90785', 'Organization/payer1', [needsAuthorization]),
    ...authorized('A2', '90785', 9),
  )
  t.same(told(await generate(world)), ['authorization-missing ClaimResponse.preAuthRef'], 'an 837 names one')
})

t.test('REP1: what the payer took on is replaced', async (t) => {
  const world = await billingWorld()
  await world.put(visit('v1'), note('v1'), visit('v2', { day: '2026-03-01' }), note('v2'))
  const first = await save(world)
  const other = await save(world, 'v2')
  const correctionOf = String(first['id'])
  t.same(told(await generate(world, 'v1', { correctionOf })), [
    'correction-not-accepted ClaimResponse.identifier',
  ])
  t.same(told(await generate(world, 'v1', { correctionOf: `Claim/${String(other['id'])}` })), [
    'correction-of-another Claim',
    'billed-before Claim.item.encounter',
  ])
  await world.put({ ...first, status: 'active' })
  t.same(told(await generate(world, 'v1', { correctionOf })), [
    'correction-not-accepted ClaimResponse.identifier',
  ])
  const response = (outcome: string, more: object = {}) =>
    resource({
      resourceType: 'ClaimResponse',
      id: 'said',
      status: 'active',
      type: first['type'],
      use: 'claim',
      patient: first['patient'],
      created: '2026-03-04',
      insurer: first['insurer'],
      request: { reference: `Claim/${correctionOf}` },
      outcome,
      identifier: [{ system: 'urn:payer', value: 'ICN77' }],
      ...more,
    })
  await world.put(response('error'))
  t.same(told(await generate(world, 'v1', { correctionOf })), [
    'correction-not-accepted ClaimResponse.identifier',
  ])
  await world.put(
    response('complete'),
    note('v1', 'p1', { description: 'mended' }),
    visit('v1', { minutes: 60 }),
  )
  t.equal((await generate(world)).existing?.['id'], correctionOf, 'unasked, the first stands')
  const { claim, refusals } = await generate(world, 'v1', { correctionOf })
  t.same(refusals, [])
  t.match(claim, {
    related: [
      {
        claim: { reference: `Claim/${correctionOf}` },
        relationship: { coding: [{ code: 'prior' }] },
        reference: { value: 'ICN77' },
      },
    ],
    supportingInfo: [
      { category: { coding: [{ code: 'claimFrequency' }] }, code: { coding: [{ code: '7' }] } },
    ],
    item: [{ productOrService: { coding: [{ code: '90837' }] } }],
  })
  t.not(claim?.['id'], correctionOf)
  const saved = await save(world, 'v1', { correctionOf })
  t.equal((await save(world, 'v1', { correctionOf }))['id'], saved['id'], 'asked twice, the same')
  t.equal((await generate(world)).existing?.['id'], saved['id'], 'and what bills the visit now')
  t.equal(
    (await world.read('Claim', correctionOf))['status'],
    'active',
    'the first stands until the payer takes the other on',
  )
  await world.put({ ...(await world.read('Claim', correctionOf)), status: 'cancelled' })
  t.equal((await generate(world, 'v1', { correctionOf })).existing?.['id'], saved['id'])
})

t.test('what was taken back can be billed anew', async (t) => {
  const world = await billingWorld()
  await world.put(visit('v1'), note('v1'))
  const first = await save(world)
  await world.put({ ...first, status: 'cancelled' })
  const second = await save(world)
  t.not(second['id'], first['id'])
  t.equal((await save(world))['id'], second['id'])
  await world.repository.write({ kind: 'delete', target: { type: 'Claim', id: String(second['id']) } })
  t.equal((await generate(world)).existing, undefined)
  t.equal((await save(world))['status'], 'draft', 'and a draft that was deleted is made again')
})

t.test('TEL1: a payer that wants no modifier for video', async (t) => {
  const world = await billingWorld()
  const federal = resource({
    resourceType: 'ChargeItemDefinition',
    id: 'federal',
    url: 'https://payer.test/ChargeItemDefinition/all',
    version: '1',
    status: 'active',
    useContext: [
      { code: { system: TERMS, code: 'payer' }, valueReference: { reference: 'Organization/federal' } },
    ],
    extension: [
      {
        url: `${OURS}service-modifier`,
        extension: [
          { url: 'modifier', valueCoding: { system: CPT, code: '93' } },
          {
            url: 'when',
            valueExpression: { language: 'text/fhirpath', expression: "%service.modality = 'audio'" },
          },
        ],
      },
    ],
  })
  await world.put(
    payer('federal'),
    coverage('fed', 'p1', { payor: [{ reference: 'Organization/federal' }], order: 2 }),
    federal,
    visit('v1', { modality: 'video', location: 'home1' }),
    note('v1'),
    visit('v2', { day: '2026-03-01', modality: 'audio', location: 'home1' }),
    note('v2'),
  )
  const lineOf = ({ claim }: Generated): JsonObject | undefined => itemsOf({ claim: claim as Resource })[0]
  const video = lineOf(await generate(world, 'v1', { coverage: 'fed' }))
  t.match(video, { locationCodeableConcept: { coding: [{ code: '10' }] } })
  t.equal(video?.['modifier'], undefined)
  t.match(lineOf(await generate(world, 'v2', { coverage: 'fed' })), {
    modifier: [{ coding: [{ code: '93' }] }],
  })
  t.match(lineOf(await generate(world, 'v1')), { modifier: [{ coding: [{ code: '95' }] }] })
})

t.test('prices', async (t) => {
  const world = await billingWorld()
  await world.put(visit('v1', { kinds: ['psychosocial-rehabilitation'], minutes: 45 }), note('v1'))
  const amount = (text: string, currency = 'USD') => ({
    propertyGroup: [{ priceComponent: [{ type: 'base', amount: { ...money(text), currency } }] }],
  })
  const of = 'Organization/payer1'
  await world.put(ownRule('H2017', of, [], { propertyGroup: undefined }))
  const without = await generate(world)
  t.same(told(without), ['price-missing ChargeItemDefinition.propertyGroup.priceComponent'])
  t.match(without.refusals[0]?.diagnostics, /payer\.test\/ChargeItemDefinition\/H2017/, 'which one')
  await world.put(ownRule('H2017', of, [], amount('10', 'CAD')))
  t.same(told(await generate(world)), [
    'price-unusable ChargeItemDefinition.propertyGroup.priceComponent.amount',
  ])
  const pennies = ownRule('H2017', of, [])
  await world.put({
    ...pennies,
    propertyGroup: [{ priceComponent: [{ type: 'base', amount: money('0.335') }] }],
  })
  const { claim, refusals } = await generate(world)
  t.same(refusals, [])
  t.match(claim, { item: [{ quantity: { value: 3 } }] })
  t.match(claim?.['total'], { value: 1.01 }, 'to the cent, half up')
})

t.test('scored instruments and what else was recorded at the visit', async (t) => {
  const world = await billingWorld()
  const response = (id: string, questionnaire: string, more: object = {}) =>
    resource({
      resourceType: 'QuestionnaireResponse',
      id,
      questionnaire,
      status: 'completed',
      subject: { reference: 'Patient/p1' },
      encounter: { reference: 'Encounter/v1' },
      ...more,
    })
  const score = (of: string) =>
    resource({
      resourceType: 'Observation',
      id: `score-${of}`,
      status: 'final',
      code: { text: 'score' },
      subject: { reference: 'Patient/p1' },
      encounter: { reference: 'Encounter/v1' },
      derivedFrom: [{ reference: `QuestionnaireResponse/${of}` }],
    })
  await world.put(
    visit('v1'),
    note('v1'),
    response('r1', 'https://q.test/one|1'),
    response('r2', 'https://q.test/one|2'),
    response('r3', 'https://q.test/two'),
    response('r4', 'https://q.test/unscored'),
    response('r5', 'https://q.test/three', { status: 'in-progress' }),
    ...['r1', 'r2', 'r3', 'r5'].map(score),
    resource({
      resourceType: 'Procedure',
      id: 'complex',
      status: 'completed',
      code: coded(CPT, '90785'),
      subject: { reference: 'Patient/p1' },
      encounter: { reference: 'Encounter/v1' },
    }),
    resource({
      resourceType: 'Procedure',
      id: 'stopped',
      status: 'stopped',
      code: coded(CPT, '90880'),
      subject: { reference: 'Patient/p1' },
      encounter: { reference: 'Encounter/v1' },
    }),
  )
  const { claim, refusals, provenance } = await generate(world)
  t.same(refusals, [])
  t.same(
    itemsOf({ claim: claim as Resource }).map(({ productOrService, quantity }) => [
      ((productOrService as JsonObject)['coding'] as JsonObject[])[0]?.['code'],
      (quantity as JsonObject)['value'],
    ]),
    [
      ['90834', 1],
      ['90785', 1],
      ['96127', 2],
    ],
  )
  t.ok(JSON.stringify(provenance).includes('QuestionnaireResponse/r1/_history/1'))
})

t.test('a room of a building is where the building is', async (t) => {
  const world = await billingWorld()
  await world.put(
    site('building', '53', {
      address: { line: ['9 Lake Road'], city: 'Peoria', state: 'IL', postalCode: '61602' },
    }),
    site('room', '53', { type: undefined, address: undefined, partOf: { reference: 'Location/building' } }),
    visit('v1', { location: 'room' }),
    note('v1'),
  )
  const { claim } = await generate(world)
  t.match(claim, {
    facility: { reference: 'Location/building' },
    item: [{ locationCodeableConcept: { coding: [{ code: '53' }] }, servicedDate: DAY }],
  })
})

t.test('a visit to the patient at home', async (t) => {
  const world = await billingWorld()
  await world.put(visit('v1', { location: 'home1' }), note('v1'))
  const { claim, refusals } = await generate(world)
  t.same(refusals, [])
  t.match(claim, { item: [{ locationCodeableConcept: { coding: [{ code: '12' }] } }] })
})

t.test('the same thing done twice is one line', async (t) => {
  const world = await billingWorld()
  const extension = [
    performed('counseling', 16),
    performed('counseling', 65),
    performed('interactive-complexity'),
  ]
  await world.put(visit('v1', { more: { extension } }), note('v1'))
  const { claim } = await generate(world)
  t.equal(itemsOf({ claim: claim as Resource }).length, 1)
  t.match(claim, {
    item: [
      {
        productOrService: { coding: [{ code: 'H0004' }] },
        quantity: { value: 5 },
        extension: [{}, {}, { valuePositiveInt: 81 }],
      },
    ],
  })
})
