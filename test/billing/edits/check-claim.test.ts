// Claim/$check over HTTP: stored claims and posted ones, what it answers, and the one Task that it keeps of a claim.
import t from 'tap'
import { billingServer, type BillingServer } from '../practice.ts'
import { type Any, billedCase, putCase, summed } from './billed.ts'
import { shipped } from '../rules/services.ts'

const EDITS = 'https://alcove.health/fhir/CodeSystem/claim-edits'
const TASKS = 'https://alcove.health/fhir/CodeSystem/billing-tasks'

/** A claim without fault, and one that bills two units where a day has one, for a diagnosis that is none. */
async function started(t: Parameters<typeof billingServer>[0]): Promise<BillingServer> {
  const server = await billingServer(t)
  const world = {
    repository: server.repository,
    put: server.put,
    read: async (type: string, id: string) => (await server.ask(`GET ${type}/${id}`)).json,
  } as Any
  await putCase(world, billedCase())
  const faulty = billedCase({ id: 'c2', day: '2026-03-03' })
  const [item] = faulty.claim.item
  item.quantity.value = 2
  item.net = { value: item.unitPrice.value * 2, currency: 'USD' }
  summed(faulty.claim)
  faulty.claim.diagnosis[1].diagnosisCodeableConcept.coding[0].code = 'F32'
  await putCase(world, faulty)
  return server
}

const tasksOf = async (server: BillingServer, claim: string): Promise<Any[]> => {
  const { json } = await server.ask(`GET Task?code=${TASKS}|claim-edit&focus=Claim/${claim}`)
  return (json.entry ?? []).map(({ resource }: Any) => resource)
}

t.test('a stored claim, by GET and POST', async (t) => {
  const server = await started(t)
  for (const method of ['GET', 'POST']) {
    const clean = await server.ask(`${method} Claim/c1/$check`)
    t.equal(clean.status, 200)
    t.match(clean.json, {
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'information', code: 'informational' }],
    })
    t.equal(clean.json.issue.length, 1)
    const faulty = await server.ask(`${method} Claim/c2/$check`)
    t.equal(faulty.status, 200)
    t.strictSame(
      faulty.json.issue.map(({ severity, expression, details }: Any) => [
        severity,
        expression,
        details.coding,
      ]),
      [
        [
          'error',
          ['Claim.diagnosis[1].diagnosisCodeableConcept'],
          [{ system: EDITS, code: 'diagnosis-not-billable' }],
        ],
        ['error', ['Claim.item[0].quantity'], [{ system: EDITS, code: 'units-over-day-limit' }]],
      ],
    )
    t.match(faulty.json.issue[0].diagnostics, /F32.*category.*F32\.9.*Likely denial: 146\.$/)
    t.match(
      faulty.json.issue[1].diagnostics,
      /^90834 may have 1 unit in one day, and has 2\. .*Likely denial: 222\.$/,
    )
  }
  t.equal((await server.ask('GET Claim/none/$check')).status, 404)
  t.strictSame(await tasksOf(server, 'c2'), [], 'nothing is written that was not asked for')
})

t.test('a posted claim, as it is or in Parameters', async (t) => {
  const server = await started(t)
  const { json: claim } = await server.ask('GET Claim/c2')
  claim.status = 'draft'
  delete claim.id
  const bare = await server.ask('POST Claim/$check', claim)
  // A claim that is posted is one more beside the one that is stored.
  t.strictSame(
    bare.json.issue.map(({ details }: Any) => details.coding[0].code),
    ['diagnosis-not-billable', 'duplicate', 'units-over-day-limit'],
  )
  for (const name of ['claim', 'resource']) {
    const parameters = { resourceType: 'Parameters', parameter: [{ name, resource: claim }] }
    t.strictSame((await server.ask('POST Claim/$check', parameters)).json, bare.json)
  }
  t.equal((await server.ask('POST Claim/$check', { resourceType: 'Parameters' })).status, 400)
  t.equal((await server.ask('POST Claim/$check', { ...claim, status: 'none' })).status, 400)
  const two = {
    resourceType: 'Parameters',
    parameter: ['claim', 'resource'].map((name) => ({ name, resource: claim })),
  }
  t.equal((await server.ask('POST Claim/$check', two)).status, 400)
  const asked = await server.ask('POST Claim/$check', { ...claim, use: 'preauthorization' })
  t.equal(asked.status, 422)
  t.match(asked.json.issue, [{ expression: ['Claim.use'] }])
})

t.test('what cannot be asked', async (t) => {
  const server = await started(t)
  for (const line of [
    'GET Claim/c1/$check?worklist=true',
    'POST Claim/c1/$check?worklist=perhaps',
    'POST Claim/c1/$check?work=true',
  ])
    t.equal((await server.ask(line)).status, 400, line)
  const { json: claim } = await server.ask('GET Claim/c1')
  t.equal((await server.ask('POST Claim/$check?worklist=true', claim)).status, 400)
  const parameters = { resourceType: 'Parameters', parameter: [{ name: 'claim', resource: claim }] }
  t.equal((await server.ask('POST Claim/c1/$check', parameters)).status, 400)
})

t.test('one Task of a claim: made, kept, brought up to date, completed, opened again', async (t) => {
  const server = await started(t)
  const none = await server.ask('POST Claim/c1/$check?worklist=true')
  t.equal(none.json.issue.length, 1)
  t.strictSame(await tasksOf(server, 'c1'), [], 'what is clean makes no work')

  const first = await server.ask('POST Claim/c2/$check?worklist=true')
  const [task, ...more] = await tasksOf(server, 'c2')
  t.strictSame(more, [])
  t.equal(first.json.issue.at(-1).severity, 'information')
  t.match(first.json.issue.at(-1).diagnostics, new RegExp(`^Task/${task.id} .*requested`))
  t.match(task, {
    status: 'requested',
    priority: 'urgent',
    for: { reference: 'Patient/p1' },
    input: [
      { type: { coding: [{ system: EDITS, code: 'diagnosis-not-billable' }] } },
      { type: { coding: [{ system: EDITS, code: 'units-over-day-limit' }] } },
    ],
  })
  t.match(task.input[1].valueString, /^Claim\.item\[0\]\.quantity: 90834 may have/)

  const { id, meta, ...taken } = task
  await server.put({ ...taken, id, status: 'in-progress', owner: { reference: 'Practitioner/therapist1' } })
  const [held] = await tasksOf(server, 'c2')
  server.tick(60_000)
  await server.ask('POST Claim/c2/$check?worklist=true')
  t.strictSame(await tasksOf(server, 'c2'), [held], 'the same faults change nothing')

  const { json: claim } = await server.ask('GET Claim/c2')
  claim.diagnosis[1].diagnosisCodeableConcept.coding[0].code = 'F41.1'
  await server.put(claim)
  await server.ask('POST Claim/c2/$check?worklist=true')
  const [less] = await tasksOf(server, 'c2')
  t.match(less, { status: 'in-progress', owner: held.owner })
  t.equal(less.input.length, 1)

  const mended: Any = billedCase({ id: 'c2', day: '2026-03-03' }).claim
  await server.put(mended)
  const done = await server.ask('POST Claim/c2/$check?worklist=true')
  t.match(done.json.issue, [{ severity: 'information' }, { diagnostics: /completed/ }])
  t.match(await tasksOf(server, 'c2'), [{ id, status: 'completed' }])
  const [completed] = await tasksOf(server, 'c2')
  await server.ask('POST Claim/c2/$check?worklist=true')
  t.strictSame(await tasksOf(server, 'c2'), [completed])

  await server.put(claim)
  await server.ask('POST Claim/c2/$check?worklist=true')
  t.match(await tasksOf(server, 'c2'), [{ id, status: 'requested' }])
  t.equal((await tasksOf(server, 'c2')).length, 1)
  t.not(meta.versionId, (await tasksOf(server, 'c2'))[0].meta.versionId)
})

t.test('thirty who ask at once make one Task', async (t) => {
  const server = await started(t)
  const answers = await Promise.all(
    Array.from({ length: 30 }, () => server.ask('POST Claim/c2/$check?worklist=true')),
  )
  t.strictSame([...new Set(answers.map(({ status }) => status))], [200])
  const tasks = await tasksOf(server, 'c2')
  t.equal(tasks.length, 1)
  t.equal(tasks[0].meta.versionId, '1')
})

t.test('a practice says otherwise what mends a fault, and whether it stands against sending', async (t) => {
  const server = await started(t)
  const system: Any = structuredClone(shipped.find(({ id }) => id === 'claim-edits'))
  const concept = system.concept.find(({ code }: Any) => code === 'units-over-day-limit')
  concept.property = [
    { code: 'severity', valueCode: 'warning' },
    { code: 'mend', valueString: 'Ask Jo.' },
  ]
  await server.put({ ...system, version: '1.0.1' })
  const { json } = await server.ask('GET Claim/c2/$check')
  t.match(json.issue[1], { severity: 'warning', diagnostics: /has 2\. Ask Jo\.$/ })
})

t.test('the Task of a fault that another record makes carries the labels of that record', async (t) => {
  const server = await started(t)
  const secret = billedCase({ id: 'c9', day: '2026-03-03', lines: [{ code: '90839' }] })
  secret.claim.meta = {
    security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: '42CFRPart2' }],
  }
  await server.put(...secret.visits, ...secret.notes, secret.claim)
  await server.ask('POST Claim/c2/$check?worklist=true')
  const [task] = await tasksOf(server, 'c2')
  t.ok(task.input.some(({ valueReference }: Any) => valueReference?.reference === 'Claim/c9'))
  t.ok(task.meta.security.some(({ code }: Any) => code === '42CFRPart2'))
  const { json: claim } = await server.ask('GET Claim/c2')
  t.notOk((claim.meta.security ?? []).some(({ code }: Any) => code === '42CFRPart2'))
})
