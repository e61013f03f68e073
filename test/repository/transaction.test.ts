// Transactions: order, references between entries, all or nothing (https://hl7.org/fhir/R4/http.html#transaction).
import t from 'tap'
import type { FhirError, Resource } from '../../src/fhir/index.ts'
import type { TransactionRequest } from '../../src/repository/index.ts'
import { searchQuery } from '../../src/store/index.ts'
import { bodyOf, identified, patient, world } from './world.ts'

const URN = 'urn:uuid:05efabf0-4be2-4561-91ce-51548425acb9'
const OTHER = 'urn:uuid:88f151c0-a954-468a-88bd-5ae15c08e059'

const create = (resource: object, more: object = {}): TransactionRequest =>
  ({
    kind: 'create',
    type: (resource as Resource).resourceType,
    resource,
    entry: 0,
    ...more,
  }) as TransactionRequest
const numbered = (requests: readonly TransactionRequest[]): TransactionRequest[] =>
  requests.map((request, entry) => ({ ...request, entry }))
const observation = (subject: string, more: object = {}) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'x' },
  subject: { reference: subject },
  ...more,
})

async function failure(promise: Promise<unknown>): Promise<FhirError> {
  return (await promise.then(
    () => {
      throw new Error('should have been refused')
    },
    (error: unknown) => error,
  )) as FhirError
}

t.test('references to entries are rewritten wherever they may stand', async (t) => {
  const { repository } = world()
  const div = `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${URN}">the patient</a> and ${URN} in words</div>`
  const [, report] = await repository.transaction(
    numbered([
      create(patient(), { fullUrl: URN }),
      create(
        {
          resourceType: 'DocumentReference',
          status: 'current',
          text: { status: 'generated', div },
          subject: { reference: URN },
          content: [{ attachment: { url: OTHER, title: URN } }],
          extension: [
            { url: 'http://example.org/a', valueUri: URN },
            { url: 'http://example.org/b', valueCanonical: `${OTHER}|2` },
            { url: 'http://example.org/c', valueString: URN },
          ],
        },
        {},
      ),
      create({ resourceType: 'Binary', contentType: 'text/plain', data: 'aGk=' }, { fullUrl: OTHER }),
    ]),
  )
  const body = bodyOf(report)
  t.match(body, {
    subject: { reference: 'Patient/made-1' },
    content: [{ attachment: { url: 'Binary/made-3', title: URN } }],
    extension: [{ valueUri: 'Patient/made-1' }, { valueCanonical: 'Binary/made-3|2' }, { valueString: URN }],
  })
  t.equal((body.text as { div: string }).div, div.replace(`"${URN}"`, '"Patient/made-1"'))
})

t.test('a circle of references, urn:oid and RESTful fullUrls', async (t) => {
  const { repository } = world()
  const outcomes = await repository.transaction(
    numbered([
      create(patient({ managingOrganization: { reference: 'Organization/9' } }), {
        fullUrl: 'https://far.example/fhir/Patient/7',
      }),
      create(
        { resourceType: 'Organization', name: 'x', endpoint: [{ reference: 'urn:oid:1.2.3' }] },
        { fullUrl: 'https://far.example/fhir/Organization/9' },
      ),
      create(
        {
          resourceType: 'Endpoint',
          status: 'active',
          connectionType: { code: 'x' },
          payloadType: [{ text: 'x' }],
          address: 'https://far.example/',
          managingOrganization: { reference: 'https://far.example/fhir/Organization/9' },
        },
        { fullUrl: 'urn:oid:1.2.3' },
      ),
    ]),
  )
  const [p, organization, endpoint] = outcomes.map(bodyOf)
  t.match(p, { managingOrganization: { reference: `Organization/${organization?.id}` } })
  t.match(organization, { endpoint: [{ reference: `Endpoint/${endpoint?.id}` }] })
  t.match(endpoint, {
    managingOrganization: { reference: `Organization/${organization?.id}` },
    address: 'https://far.example/',
  })
})

t.test('deletes come first, then creates, then updates, whatever the order of the entries', async (t) => {
  const { repository } = world()
  await repository.write({
    kind: 'update',
    target: { type: 'Patient', id: 'old' },
    resource: identified('1', { id: 'old' }),
  })
  const outcomes = await repository
    .transaction(
      numbered([
        {
          kind: 'update',
          target: { type: 'Patient', criteria: 'identifier=2' },
          resource: identified('2', { active: true }),
          entry: 0,
        },
        create(identified('1'), { ifNoneExist: 'identifier=1' }),
        create(identified('2', { active: false })),
        { kind: 'delete', target: { type: 'Patient', criteria: 'identifier=1' }, entry: 0 },
      ]).map((request) => request),
    )
    .catch((error: FhirError) => error)
  t.match(
    outcomes,
    { code: 'invalid', message: /entry\[/ },
    'the update finds what an earlier entry creates: one resource twice',
  )

  const again = await repository.transaction(
    numbered([
      create(identified('1'), { ifNoneExist: 'identifier=1' }),
      { kind: 'delete', target: { type: 'Patient', criteria: 'identifier=1' }, entry: 0 },
    ]),
  )
  t.match(again, [{ outcome: 'created' }, { outcome: 'deleted', version: { id: 'old' } }])
})

t.test('conditional creates and references', async (t) => {
  const { repository } = world()
  await repository.write({
    kind: 'update',
    target: { type: 'Practitioner', id: 'known' },
    resource: { resourceType: 'Practitioner', id: 'known', identifier: [{ value: 'npi' }] },
  })
  const [first, second, existing, seen, byCriteria] = await repository.transaction(
    numbered([
      create(identified('1'), { fullUrl: URN, ifNoneExist: 'identifier=1' }),
      create(identified('1'), { fullUrl: OTHER, ifNoneExist: 'identifier=1' }),
      create(
        { resourceType: 'Practitioner' },
        { ifNoneExist: 'identifier=npi', fullUrl: 'urn:uuid:3c0f9b3e-0cf4-4ea6-9a0e-5b7e9e0f0a11' },
      ),
      create(
        observation(OTHER, { performer: [{ reference: 'urn:uuid:3c0f9b3e-0cf4-4ea6-9a0e-5b7e9e0f0a11' }] }),
      ),
      create(
        observation('Patient?identifier=1', { performer: [{ reference: 'Practitioner?identifier=npi' }] }),
      ),
    ]),
  )
  t.equal(first?.outcome, 'created')
  t.match(existing, { outcome: 'existing', version: { id: 'known' } })
  t.equal(second?.outcome, 'existing', 'the second finds what the first makes')
  t.equal(second?.version?.id, first?.version?.id)
  for (const body of [bodyOf(seen), bodyOf(byCriteria)])
    t.match(body, {
      subject: { reference: `Patient/${first?.version?.id}` },
      performer: [{ reference: 'Practitioner/known' }],
    })

  const nothing = await failure(
    repository.transaction(numbered([create(patient()), create(observation('Patient?identifier=9'))])),
  )
  t.match(nothing, {
    code: 'precondition-failed',
    message: /identifier=9 matches nothing/,
    issues: [{ expression: 'Bundle.entry[1]' }],
  })
  await repository.write({ kind: 'create', type: 'Patient', resource: identified('1') })
  t.match(
    await failure(
      repository.transaction(numbered([create(patient()), create(observation('Patient?identifier=1'))])),
    ),
    {
      code: 'multiple-matches',
    },
  )
})

t.test('all or nothing, every faulty entry told', async (t) => {
  const { repository, parts } = world()
  await repository.write({
    kind: 'update',
    target: { type: 'Patient', id: 'a' },
    resource: patient({ id: 'a' }),
  })
  const before = await parts.store.maintenance.counts()
  const cases: [string, TransactionRequest[], object][] = [
    [
      'invalid entries',
      [create(patient()), create(patient({ gender: 'odd' })), create(patient({ active: 'yes' }))],
      {
        code: 'invalid',
        issues: [
          { expression: 'Bundle.entry[1].resource.gender' },
          { expression: 'Bundle.entry[2].resource.active' },
        ],
      },
    ],
    [
      'a version that is not current',
      [
        create(patient()),
        {
          kind: 'update',
          target: { type: 'Patient', id: 'a' },
          resource: patient({ id: 'a', active: true }),
          ifMatch: { versions: ['5'] },
          entry: 1,
        },
      ],
      { code: 'precondition-failed', issues: [{ expression: 'Bundle.entry[1].request.ifMatch' }] },
    ],
    [
      'a reference to nothing',
      [create(patient()), create(observation('Patient/none'))],
      { code: 'business-rule', issues: [{ expression: 'Bundle.entry[1]' }] },
    ],
    [
      'a reference to what the same transaction deletes',
      [{ kind: 'delete', target: { type: 'Patient', id: 'a' }, entry: 0 }, create(observation('Patient/a'))],
      { code: 'business-rule' },
    ],
    ['a urn that is no fullUrl', [create(patient()), create(observation(URN))], { code: 'invalid' }],
    [
      'one resource twice',
      [
        {
          kind: 'update',
          target: { type: 'Patient', id: 'a' },
          resource: patient({ id: 'a', active: true }),
          entry: 0,
        },
        { kind: 'delete', target: { type: 'Patient', id: 'a' }, entry: 1 },
      ],
      { code: 'invalid', issues: [{ code: 'duplicate' }] },
    ],
    [
      'a patch of nothing',
      [
        create(patient()),
        {
          kind: 'patch',
          target: { type: 'Patient', id: 'none' },
          patch: { kind: 'json-patch', operations: [] },
          entry: 1,
        },
      ],
      { code: 'not-found', issues: [{ expression: 'Bundle.entry[1]' }] },
    ],
  ]
  for (const [name, requests, expected] of cases)
    t.match(await failure(repository.transaction(numbered(requests))), expected, name)
  t.same(await parts.store.maintenance.counts(), before, 'nothing was written')
  const page = await repository.search(searchQuery({ type: 'Patient' }))
  t.same(
    page.matches.map(({ id }) => id),
    ['a'],
  )
})

t.test('transactions that make the same resource by condition make it once', async (t) => {
  const { repository } = world()
  const outcomes = await Promise.all(
    Array.from({ length: 40 }, () =>
      repository.transaction(
        numbered([
          create(identified('1'), { fullUrl: URN, ifNoneExist: 'identifier=1' }),
          create(observation(URN)),
        ]),
      ),
    ),
  )
  const patients = new Set(outcomes.map(([made]) => made?.version?.id))
  t.equal(patients.size, 1)
  for (const [, seen] of outcomes)
    t.match(bodyOf(seen), { subject: { reference: `Patient/${[...patients][0]}` } })
})

t.test('criteria that lead elsewhere count what the transaction itself writes', async (t) => {
  const { repository } = world()
  await repository.write({
    kind: 'update',
    target: { type: 'Patient', id: 'old' },
    resource: identified('old', { id: 'old' }),
  })
  const seen = (id: string, subject: string) => ({
    kind: 'update',
    target: { type: 'Encounter', id },
    resource: {
      resourceType: 'Encounter',
      id,
      status: 'finished',
      class: { code: 'AMB' },
      subject: { reference: subject },
    } as Resource,
    entry: 0,
  })
  await repository.write(seen('stored', 'Patient/old') as never)
  const during = (criteria: string) =>
    observation('Patient/old', { encounter: { reference: `Encounter?${criteria}` } })

  const [made] = await repository.transaction(numbered([create(during('subject:Patient.identifier=old'))]))
  t.match(bodyOf(made), { encounter: { reference: 'Encounter/stored' } }, 'what is stored')

  const [, , found] = await repository.transaction(
    numbered([
      create(identified('new'), { fullUrl: URN }),
      seen('fresh', URN) as TransactionRequest,
      create(during('subject:Patient.identifier=new')),
    ]),
  )
  t.match(bodyOf(found), { encounter: { reference: 'Encounter/fresh' } }, 'what is written by it')

  const [, renamed] = await repository.transaction(
    numbered([
      {
        kind: 'update',
        target: { type: 'Patient', id: 'old' },
        resource: identified('renamed', { id: 'old' }),
        entry: 0,
      },
      create(during('subject:Patient.identifier=renamed')),
    ]),
  )
  t.match(bodyOf(renamed), { encounter: { reference: 'Encounter/stored' } }, 'what it changes')
  t.match(
    await failure(repository.transaction(numbered([create(during('subject:Patient.identifier=old'))]))),
    { code: 'precondition-failed' },
    'and what is so no longer',
  )
  t.match(
    await failure(
      repository.transaction(
        numbered([
          create(identified('later'), { fullUrl: URN }),
          create(
            {
              resourceType: 'Encounter',
              status: 'finished',
              class: { code: 'AMB' },
              subject: { reference: URN },
            },
            { fullUrl: OTHER },
          ),
          create(
            { resourceType: 'Encounter', status: 'finished', class: { code: 'AMB' } },
            { ifNoneExist: 'subject:Patient.identifier=later' },
          ),
        ]),
      ),
    ),
    { code: 'invalid-search', message: /subject/ },
    'what is settled only later is refused',
  )
})
