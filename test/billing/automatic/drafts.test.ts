// A finished visit and its final note make one draft claim, whichever comes last, however often and however close together.
import t from 'tap'
import { UNAUTHENTICATED } from '../../../src/access/index.ts'
import {
  billingWriteRules,
  generateForEncounter,
  MADE_FROM,
  saveGenerated,
  sweepWorklist,
  type BillingParts,
} from '../../../src/billing/index.ts'
import { createTerminology, createValidator } from '../../../src/conformance/index.ts'
import { loadDefinitions, parseJson, type JsonObject, type Resource } from '../../../src/fhir/index.ts'
import { callerView } from '../../../src/operations/caller-view.ts'
import {
  everyMatch,
  Repository,
  TypeChanges,
  WriteLines,
  type RepositoryParts,
} from '../../../src/repository/index.ts'
import { createSearch } from '../../../src/search/index.ts'
import { searchQuery, type SecurityLabel } from '../../../src/store/index.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { BASE } from '../../rest/server.ts'
import { seeded } from '../../e2e/crash/seeded.ts'
import {
  NOTE_WORDS,
  NOW,
  billed,
  billingParts,
  coded,
  condition,
  coverage,
  note,
  patient,
  performed,
  practice,
  pricedServices,
  resource,
  therapist,
  visit,
} from '../practice.ts'

const definitions = loadDefinitions()
const validator = createValidator(definitions)
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'

interface Practice {
  readonly repository: Repository
  readonly reported: unknown[]
  readonly billing: BillingParts
  put(...resources: readonly Resource[]): Promise<void>
  remove(type: string, id: string): Promise<void>
  all(type: string): Promise<readonly Resource[]>
}

async function openPractice(
  t: { teardown(work: () => unknown): void },
  draftsClaims = true,
  more: Partial<BillingParts> = {},
  now = Date.now,
): Promise<Practice> {
  const store = await openSqliteStore({ file: ':memory:', now })
  t.teardown(() => store.close())
  const parts = billingParts(BASE)
  const billing = { ...parts, ...more, settings: { ...parts.settings, draftsClaims } }
  const reported: unknown[] = []
  const labelsOf = (resource: Resource): Promise<readonly SecurityLabel[]> =>
    Promise.resolve(
      JSON.stringify(resource).includes('kept apart') ? [{ system: ACT_CODE, code: 'PSYTHPN' }] : [],
    )
  let made = 0
  const repositoryParts: RepositoryParts = {
    store,
    definitions,
    validator,
    search: createSearch({ definitions, baseUrl: BASE }),
    terminology: createTerminology(),
    typeChanges: new TypeChanges(),
    lines: new WriteLines(),
    newId: () => `made-${++made}`,
    validation: 'enforce',
    references: 'enforce',
    baseUrl: BASE,
    writeRules: billingWriteRules({
      billing,
      labelsOf,
      now: () => NOW,
      report: (error) => reported.push(error),
    }),
  }
  const repository = new Repository(repositoryParts, UNAUTHENTICATED)
  const put = async (...resources: readonly Resource[]) => {
    await repository.transaction(
      resources.map((resource, entry) => ({
        kind: 'update',
        target: { type: resource.resourceType, id: String(resource['id']) },
        resource,
        entry,
      })),
    )
  }
  await put(...pricedServices, ...practice)
  return {
    repository,
    reported,
    billing,
    put,
    remove: async (type, id) => void (await repository.write({ kind: 'delete', target: { type, id } })),
    all: async (type) =>
      (await everyMatch(searchQuery({ type }), 5000, (page) => repository.search(page))).map(
        ({ resource }) => resource,
      ),
  }
}

function day(number: number): string {
  return new Date(Date.UTC(2026, 0, 5 + number)).toISOString().slice(0, 10)
}

function encounterOf(claim: Resource): string {
  const [item] = claim['item'] as unknown as readonly { encounter: readonly { reference: string }[] }[]
  return item?.encounter[0]?.reference ?? ''
}

function entitiesOf(provenance: Resource | undefined): readonly string[] {
  return ((provenance?.['entity'] ?? []) as unknown as readonly { what: { reference: string } }[]).map(
    ({ what }) => what.reference,
  )
}

t.test('whatever comes last makes the claim that $generate-claim would make', async (t) => {
  const { put, all, repository, billing } = await openPractice(t)
  await put(visit('note-last', { day: day(0) }))
  t.same(await all('Claim'), [])
  await put(note('note-last'))
  await put(note('visit-last', 'p1', { context: undefined }))
  await put({ ...visit('visit-last', { day: day(1) }), status: 'in-progress' })
  await put(note('visit-last'))
  t.equal((await all('Claim')).length, 1)
  await put(visit('visit-last', { day: day(1) }))
  await put(visit('together', { day: day(2) }), note('together'))
  await put(note('reversed'), visit('reversed', { day: day(3) }))
  const claims = await all('Claim')
  t.same(claims.map(encounterOf).toSorted(), [
    'Encounter/note-last',
    'Encounter/reversed',
    'Encounter/together',
    'Encounter/visit-last',
  ])
  const provenances = await all('Provenance')
  t.equal(provenances.length, claims.length)
  for (const claim of claims) {
    t.match(claim, { status: 'draft', use: 'claim' })
    t.notMatch(JSON.stringify(claim), NOTE_WORDS)
    const encounterId = encounterOf(claim).slice('Encounter/'.length)
    const view = callerView(repository)
    const found = await generateForEncounter(view, billing, { encounterId, now: NOW })
    t.equal(found.existing?.['id'], claim['id'], 'asked for, it is there')
    const own = provenances.find((one) => JSON.stringify(one['target']).includes(String(claim['id'])))
    for (const reference of entitiesOf(own)) {
      const [type = '', id = '', , version = ''] = reference.split('/')
      const { body } = await repository.readVersion(type, id, version)
      const now = await repository.read(type, id)
      t.same(body, now.body, `${reference} is the version that it was made of`)
    }
  }
})

t.test(
  'in any order, repeated, alone and together, each visit has one claim, and one Provenance',
  async (t) => {
    const { put, all } = await openPractice(t)
    const random = seeded(11)
    const pick = (most: number) => Math.floor(random() * most)
    const waiting: Promise<void>[] = []
    for (let number = 0; number < 40; number++) {
      const id = `v${number}`
      const finished = visit(id, { day: day(number) })
      const steps = [
        [{ ...finished, status: 'in-progress' }],
        [{ ...finished, status: 'in-progress' }, note(id, 'p1', { docStatus: 'preliminary' })],
        ...(pick(2) === 0 ? [[finished], [note(id)]] : [[note(id)], [finished]]),
        ...(pick(3) === 0 ? [[finished, note(id)]] : []),
        ...(pick(3) === 0 ? [[note(id)], [finished]] : []),
      ]
      waiting.push(
        (async () => {
          for (const step of steps) await put(...step)
        })(),
      )
    }
    await Promise.all(waiting)
    const claims = await all('Claim')
    t.same(new Set(claims.map(encounterOf)).size, 40)
    t.equal(claims.length, 40)
    t.equal((await all('Provenance')).length, 40)
    t.same(await all('Task'), [])
  },
)

t.test('a visit and its note finished at the same moment, by two, are not both too early', async (t) => {
  const { put, all } = await openPractice(t)
  for (let number = 0; number < 20; number++) {
    const id = `v${number}`
    const finished = visit(id, { day: day(number) })
    await put({ ...finished, status: 'in-progress' }, note(id, 'p1', { docStatus: 'preliminary' }))
    await Promise.all([put(finished), put(note(id))])
    t.equal((await all('Claim')).length, number + 1)
  }
})

t.test('what is missing is a Task, brought up to date, and done once the claim is there', async (t) => {
  const { put, all } = await openPractice(t)
  const bare = visit('v', { day: day(0), more: { diagnosis: undefined, serviceProvider: undefined } })
  await put(bare, note('v'))
  t.same(await all('Claim'), [])
  const [task, ...others] = await all('Task')
  t.same(others, [])
  t.match(task, {
    status: 'requested',
    focus: { reference: 'Encounter/v' },
    for: { reference: 'Patient/p1' },
  })
  const codes = (one: Resource | undefined) =>
    ((one?.['input'] ?? []) as unknown as readonly { type: { coding: readonly { code: string }[] } }[]).map(
      ({ type }) => type.coding[0]?.code,
    )
  t.same(codes(task).toSorted(), ['diagnosis-missing', 'provider-missing'])
  t.notMatch(JSON.stringify(task), NOTE_WORDS)
  await put(bare)
  t.equal((await all('Task'))[0]?.meta && (await all('Task')).length, 1)
  await put(visit('v', { day: day(0), more: { serviceProvider: undefined } }))
  t.same(codes((await all('Task'))[0]), ['provider-missing'])
  await put({ ...((await all('Task'))[0] as Resource), status: 'cancelled' })
  await put(visit('v', { day: day(0), more: { serviceProvider: undefined, priority: { text: 'again' } } }))
  t.match(await all('Task'), [{ status: 'cancelled' }], 'what a person has put away stays so')
  await put(bare)
  t.match(await all('Task'), [{ status: 'requested' }], 'until there is something new to tell')
  await put(visit('v', { day: day(0) }))
  t.equal((await all('Claim')).length, 1)
  t.match(await all('Task'), [{ status: 'completed' }])
  t.equal((await all('Task')).length, 1)
})

t.test('what is not meant to be billed makes nothing', async (t) => {
  const { put, all } = await openPractice(t)
  const uninsured = { subject: { reference: 'Patient/p2' }, diagnosis: undefined }
  await put(patient('p2'), visit('no-coverage', { more: uninsured }), note('no-coverage', 'p2'))
  await put(visit('cancelled', { more: { status: 'cancelled' } }), note('cancelled'))
  await put(visit('unsigned'), note('unsigned', 'p1', { authenticator: undefined }))
  await put(visit('unfinished-note'), note('unfinished-note', 'p1', { docStatus: 'preliminary' }))
  await put(visit('not-billable', { day: day(4) }), {
    resourceType: 'ChargeItem',
    id: 'free',
    status: 'not-billable',
    code: { text: 'Support group' },
    subject: { reference: 'Patient/p1' },
    context: { reference: 'Encounter/not-billable' },
  } as unknown as Resource)
  await put(note('not-billable'))
  t.same(await all('Claim'), [])
  t.same(await all('Task'), [])
})

t.test(
  'a psychotherapy note that is kept apart counts for nothing, also while it is only being written',
  async (t) => {
    const { put, all } = await openPractice(t)
    await put(visit('v', { day: day(0) }), note('v', 'p1', { type: { text: 'kept apart' } }))
    t.same(await all('Claim'), [])
    // Stored, it carries what the labels' rules have made of it.
    const security = [{ system: ACT_CODE, code: 'PSYTHPN' }]
    await put(note('v', 'p1', { type: { text: 'kept apart' }, meta: { security } }))
    await put({ ...note('v'), id: 'progress' } as Resource)
    const [provenance] = await all('Provenance')
    t.ok(entitiesOf(provenance).some((one) => one.startsWith('DocumentReference/progress')))
    t.notOk(entitiesOf(provenance).some((one) => one.startsWith('DocumentReference/note-v')))
  },
)

t.test('an amended visit makes its draft anew; what somebody changed or sent stays', async (t) => {
  const { put, all, repository } = await openPractice(t)
  const codeOf = (claim: Resource | undefined) =>
    (
      (claim?.['item'] ?? []) as unknown as readonly { productOrService: { coding: readonly JsonObject[] } }[]
    )[0]?.productOrService.coding[0]?.['code']
  await put(visit('v', { day: day(0), minutes: 45 }), note('v'))
  const [first] = await all('Claim')
  t.equal(codeOf(first), '90834')
  await put(visit('v', { day: day(0), minutes: 60 }))
  const [second, ...others] = await all('Claim')
  t.same(others, [])
  t.match(second, { id: first?.['id'], status: 'draft' })
  t.equal(codeOf(second), '90837')
  const [provenance, ...more] = await all('Provenance')
  t.same(more, [])
  t.ok(entitiesOf(provenance).includes('Encounter/v/_history/2'))
  const edited: Resource = { ...(second as Resource), status: 'active' }
  await repository.write({
    kind: 'update',
    target: { type: 'Claim', id: String(edited['id']) },
    resource: edited,
  })
  await put(visit('v', { day: day(0), minutes: 30 }))
  t.match(await all('Claim'), [{ id: first?.['id'], status: 'active' }])
  t.equal(codeOf((await all('Claim'))[0]), '90837')
  t.equal((await all('Claim')).length, 1)
})

t.test('a failure of making the claim stops no note from being stored', async (t) => {
  const broken = { of: () => Promise.reject(new Error('a fault of ours')) }
  const { put, all, reported, repository } = await openPractice(t, true, { books: broken })
  await put(visit('v', { day: day(0) }), note('v'))
  await t.resolves(repository.read('DocumentReference', 'note-v'))
  t.match(reported, [{ message: 'a fault of ours' }])
  t.match(await all('Task'), [{ status: 'requested' }])
  t.notMatch(JSON.stringify(await all('Task')), 'a fault of ours')
})

t.test('somebody else at the id of the claim or Task is left alone', async (t) => {
  const { put, all } = await openPractice(t)
  await put(visit('v', { day: day(0) }), note('v'))
  const [claim] = await all('Claim')
  const other = await openPractice(t)
  await other.put({ ...claim, identifier: [], item: [] } as unknown as Resource).catch(() => {})
  const squatter = { ...(claim as Resource), identifier: [{ system: 'urn:other', value: '1' }] }
  delete (squatter as Record<string, unknown>)['item']
  await other.put(squatter as Resource)
  await other.put(visit('v', { day: day(0) }), note('v'))
  const claims = await other.all('Claim')
  t.equal(claims.length, 2)
  const made = claims.filter((one) => JSON.stringify(one['identifier']).includes(MADE_FROM))
  t.equal(made.length, 1)
  t.not(made[0]?.['id'], claim?.['id'])
})

t.test('what was lacking in another record is found by the next look at the worklist', async (t) => {
  const { put, all, repository, billing } = await openPractice(t, true, {}, () => NOW)
  const sweep = () => sweepWorklist(repository, callerView(repository), billing, NOW, () => false)
  // A coverage that comes later, and a therapist without a number.
  await put(patient('p2'), condition('dep2', 'F33.1', 'p2'))
  const uncovered = { subject: { reference: 'Patient/p2' }, diagnosis: billed('dep2') }
  await put(visit('later-covered', { day: day(50), more: uncovered }), note('later-covered', 'p2'))
  await put(therapist('therapist2', { identifier: undefined }))
  const participant = [
    {
      type: [coded('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'PPRF')],
      individual: { reference: 'Practitioner/therapist2' },
    },
  ]
  await put(visit('numberless', { day: day(3), more: { participant } }), note('numberless'))
  t.same(await all('Claim'), [])
  t.match(await all('Task'), [{ status: 'requested', focus: { reference: 'Encounter/numberless' } }])
  t.match(await sweep(), { failures: [], finished: true })
  t.same(await all('Claim'), [], 'nothing has changed')
  await put(coverage('cov2', 'p2'), therapist('therapist2', { identifier: therapist()['identifier'] }))
  const before = await repository.read('Encounter', 'numberless')
  t.match(await sweep(), { failures: [] })
  t.same((await all('Claim')).map(encounterOf).toSorted(), [
    'Encounter/later-covered',
    'Encounter/numberless',
  ])
  t.equal((await repository.read('Encounter', 'numberless')).versionId, before.versionId)
  t.match(await all('Task'), [{ status: 'completed' }])
  await sweep()
  t.equal((await all('Claim')).length, 2)
})

t.test('what is left out of a draft is a Task, until it is billed too', async (t) => {
  const { put, all } = await openPractice(t)
  const services = (minutes: number) => [
    performed('family-psychotherapy-with-patient', 45),
    performed('individual-psychotherapy', minutes),
  ]
  const visitOf = (minutes: number) => visit('v', { day: day(0), more: { extension: services(minutes) } })
  await put(visitOf(10), note('v'))
  t.equal((await all('Claim')).length, 1)
  const [task] = await all('Task')
  t.match(task, {
    status: 'requested',
    description: /not all that was done/,
    focus: { reference: 'Encounter/v' },
    input: [{ type: { coding: [{ code: 'below-minimum' }] } }],
  })
  await put(visitOf(10))
  t.same(await all('Task'), [task], 'nothing new is told')
  await put(visitOf(30))
  t.match(await all('Claim'), [{ item: [{ sequence: 1 }, { sequence: 2 }] }])
  t.match(await all('Task'), [{ status: 'completed' }])
})

t.test('a visit that is not to be billed after all needs no mending', async (t) => {
  const { put, all } = await openPractice(t)
  await put(therapist('therapist1', { identifier: undefined }), visit('v', { day: day(0) }), note('v'))
  t.match(await all('Task'), [{ status: 'requested' }])
  await put(
    resource({
      resourceType: 'ChargeItem',
      id: 'free',
      status: 'not-billable',
      code: { text: 'Visit' },
      subject: { reference: 'Patient/p1' },
      context: { reference: 'Encounter/v' },
    }),
  )
  await put(visit('v', { day: day(0), minutes: 46 }))
  t.same(await all('Claim'), [])
  t.match(await all('Task'), [{ status: 'completed' }])
})

t.test('a claim that somebody asked for completes the Task as well', async (t) => {
  const { put, all, repository, billing } = await openPractice(t, true, {}, () => NOW)
  const sweep = () => sweepWorklist(repository, callerView(repository), billing, NOW, () => false)
  await put(therapist('therapist1', { identifier: undefined }), visit('v', { day: day(0) }), note('v'))
  t.match(await all('Task'), [{ status: 'requested' }])
  await put(therapist('therapist1'))
  const view = callerView(repository)
  await saveGenerated(
    repository,
    await generateForEncounter(view, billing, { encounterId: 'v', now: NOW }),
    NOW,
  )
  await sweep()
  t.equal((await all('Claim')).length, 1)
  t.match(await all('Task'), [{ status: 'completed' }])
})

t.test('switched off, nothing is made', async (t) => {
  const { put, all } = await openPractice(t, false)
  await put(visit('v', { day: day(0) }), note('v'))
  t.same(await all('Claim'), [])
  t.same(await all('Task'), [])
})

t.test('the claim is as its body says: nothing of it is lost in writing', async (t) => {
  const { put, all, repository } = await openPractice(t)
  await put(visit('v', { day: day(0) }), note('v'))
  const [claim] = await all('Claim')
  const { body } = await repository.read('Claim', String(claim?.['id']))
  t.match(String(body), /"total":\{"value":\d+\.\d\d,/)
  t.same(parseJson(body as Buffer), claim)
})
