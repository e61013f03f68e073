// Group/[id]/$generate-claims: one claim of each member who came, none that tells of another.
import fc from 'fast-check'
import t from 'tap'
import { generateForEncounter, visitsOfGroup } from '../../../src/billing/index.ts'
import { type JsonObject, type Resource, writeJson } from '../../../src/fhir/index.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import {
  ACT_CODE,
  billed,
  billingServer,
  billingWorld,
  condition,
  coverage,
  DAY,
  note,
  NOW,
  OURS,
  patient,
  performed,
  priced,
  resource,
  visit,
} from '../practice.ts'
import { definitionOf, unit } from '../rules/services.ts'

const group = (members: readonly string[], id = 'g1'): Resource =>
  resource({
    resourceType: 'Group',
    id,
    type: 'person',
    actual: true,
    member: members.map((id) => ({ entity: { reference: `Patient/${id}` } })),
  })

const session = (id = 'session1', day = DAY, of = 'g1'): Resource =>
  visit(id, {
    day,
    kinds: ['group-psychotherapy'],
    more: { subject: { reference: `Group/${of}` }, diagnosis: undefined },
  })

interface Member {
  readonly minutes?: number
  readonly status?: string
  readonly hasNote?: boolean
  readonly more?: object
}

/** A member with coverage, diagnosis, visit and note; ids that say whose they are. */
function member(
  name: string,
  { minutes = 60, status = 'finished', hasNote = true, more }: Member = {},
): Resource[] {
  return [
    patient(`p-${name}`),
    coverage(`cov-${name}`, `p-${name}`),
    condition(`dx-${name}`, 'F43.10', `p-${name}`),
    visit(`e-${name}`, {
      of: `p-${name}`,
      minutes,
      kinds: ['group-psychotherapy'],
      more: { status, partOf: { reference: 'Encounter/session1' }, diagnosis: billed(`dx-${name}`), ...more },
    }),
    ...(hasNote ? [note(`e-${name}`, `p-${name}`)] : []),
  ]
}

/** The payer of these members wants half an hour of a group. */
const halfAnHour: Resource = {
  ...priced(definitionOf('90853'), '45.00'),
  id: 'own-90853',
  url: 'https://payer.test/ChargeItemDefinition/90853',
  useContext: [
    {
      code: { system: 'https://alcove.health/fhir/CodeSystem/billing-terms', code: 'payer' },
      valueReference: { reference: 'Organization/payer1' },
    },
  ],
  extension: (definitionOf('90853')['extension'] as JsonObject[]).map((extension) =>
    extension['url'] === `${OURS}service-unit`
      ? { url: `${OURS}service-unit`, ...unit('event', { minMinutes: 30, maxUnitsPerDay: 1 }) }
      : extension,
  ),
}

// oxlint-disable-next-line no-explicit-any -- entries of an answer
type Entry = any

t.test('GRP1: six came, one did not, one left', async (t) => {
  const { ask, put } = await billingServer(t)
  const names = ['one', 'two', 'three', 'four', 'five', 'six', 'absent', 'left']
  await put(
    halfAnHour,
    ...names.slice(0, 6).flatMap((name) => member(name)),
    ...member('absent', { status: 'cancelled', hasNote: false }),
    ...member('left', { minutes: 10 }),
    group(names.map((name) => `p-${name}`)),
    session(),
  )
  const dry = await ask(`POST Group/g1/$generate-claims?date=${DAY}&dryRun=true`)
  t.equal(dry.json.entry.length, 7, dry.text)
  t.equal((await ask('GET Claim?_summary=count')).json.total, 0)
  const { json, status } = await ask('POST Group/g1/$generate-claims?encounter=session1')
  t.equal(status, 200)
  const entries: readonly Entry[] = json.entry
  t.same(
    entries.map(({ link, response }) => `${link[0].url} ${response.status}`),
    ['five 201', 'four 201', 'left 422', 'one 201', 'six 201', 'three 201', 'two 201'].map(
      (text) => `Encounter/e-${text}`,
    ),
  )
  const left = entries.find(({ link }) => link[0].url === 'Encounter/e-left')
  t.equal(left.resource, undefined, 'who left is held back')
  t.equal(left.response.outcome.issue[0].details.coding[0].code, 'below-minimum')
  t.match(left.response.outcome.issue[0].diagnostics, /at least 30 minutes/)
  for (const { resource: claim } of entries.filter((one) => one.resource !== undefined))
    t.match(claim, {
      item: [{ productOrService: { coding: [{ code: '90853' }] }, net: { value: 45 } }],
      total: { value: 45 },
    })
  const again = await ask('POST Group/g1/$generate-claims?encounter=Encounter/session1')
  t.same(
    again.json.entry.map(({ resource: claim }: Entry) => claim?.id),
    entries.map(({ resource: claim }) => claim?.id),
    'asked again, the same',
  )
  t.equal((await ask('GET Claim?_summary=count')).json.total, 6)
})

t.test('which session', async (t) => {
  const { ask, put } = await billingServer(t)
  await put(...member('one'), group(['p-one']), session(), visit('own'))
  for (const [query, status, parameter] of [
    ['', 400, 'encounter'],
    [`?date=${DAY}&encounter=session1`, 400, 'encounter'],
    ['?date=2026-03', 400, 'date'],
    ['?encounter=session1&coverage=cov1', 400, 'coverage'],
    ['?date=2026-03-03', 422, 'date'],
    ['?encounter=own', 422, 'encounter'],
    ['?encounter=never', 422, 'encounter'],
    ['?encounter=Patient/p-one', 422, 'encounter'],
  ] as const) {
    const reply = await ask(`POST Group/g1/$generate-claims${query}`)
    t.equal(reply.status, status, `${query} ${reply.text}`)
    t.equal(reply.json.issue[0].expression[0], `http.${parameter}`)
  }
  t.equal((await ask(`POST Group/never/$generate-claims?date=${DAY}`)).status, 404)
  const refused = await ask('POST Encounter/session1/$generate-claim')
  t.equal(refused.json.issue[0].details.coding[0].code, 'visit-of-group')
})

t.test('the number of those who came is that of the session', async (t) => {
  const { ask, put } = await billingServer(t)
  await put(
    {
      ...halfAnHour,
      applicability: [
        {
          description: 'no more than two together',
          expression: '%service.participants <= 2',
          language: 'text/fhirpath',
        },
      ],
    } as Resource,
    ...member('one'),
    ...member('two'),
    ...member('absent', { status: 'cancelled' }),
    group(['p-one', 'p-two', 'p-absent']),
    session(),
  )
  const two = await ask('POST Group/g1/$generate-claims?encounter=session1&dryRun=true')
  t.same(
    two.json.entry.map(({ response }: Entry) => response.status),
    ['200', '200'],
  )
  await put(...member('three'))
  const three = await ask('POST Group/g1/$generate-claims?encounter=session1&dryRun=true')
  t.same(
    three.json.entry.map(({ response }: Entry) => response.status),
    ['422', '422', '422'],
  )
})

const anyMember = fc.record({
  minutes: fc.constantFrom(5, 30, 60, 90),
  status: fc.constantFrom('finished', 'finished', 'finished', 'in-progress', 'cancelled'),
  hasNote: fc.constantFrom(true, true, false),
  isCovered: fc.constantFrom(true, true, false),
  diagnosis: fc.constantFrom('F43.10', 'F10.20', 'F32', 'F41.1'),
  isPart2: fc.constantFrom(false, false, true),
  isComplex: fc.boolean(),
})

t.test('no word of another member, whatever groups they are', async (t) => {
  const store = await openSqliteStore({ file: ':memory:', now: () => NOW })
  t.teardown(() => store.close())
  const { put, view, parts } = await billingWorld(store)
  let runs = 0
  await fc.assert(
    fc.asyncProperty(fc.array(anyMember, { minLength: 2, maxLength: 6 }), async (members) => {
      const run = ++runs
      const names = members.map((_, at) => `m${run}q${at}x`)
      const all = members.flatMap(
        ({ minutes, status, hasNote, isCovered, diagnosis, isPart2, isComplex }, at) => {
          const name = names[at] as string
          const labels = isPart2 ? { meta: { security: [{ system: ACT_CODE, code: '42CFRPart2' }] } } : {}
          const extension = [
            performed('group-psychotherapy', minutes),
            ...(isComplex ? [performed('interactive-complexity')] : []),
          ]
          return [
            ...member(name, {
              minutes,
              status,
              hasNote,
              more: { extension, partOf: { reference: `Encounter/session${run}x` }, ...labels },
            }),
            condition(`dx-${name}`, diagnosis, `p-${name}`),
            ...(isCovered ? [] : [coverage(`cov-${name}`, `p-${name}`, { status: 'cancelled' })]),
          ]
        },
      )
      const last = new Map(all.map((one) => [`${one.resourceType}/${String(one['id'])}`, one]))
      const groupId = `g${run}x`
      await put(
        ...last.values(),
        group(
          names.map((name) => `p-${name}`),
          groupId,
        ),
        session(`session${run}x`, DAY, groupId),
      )
      const visits = await visitsOfGroup(view(), { groupId, date: DAY }, parts.baseUrl)
      t.same(
        visits.map(({ id }) => id),
        names.filter((_, at) => members[at]?.status !== 'cancelled').map((name) => `e-${name}`),
      )
      for (const { id } of visits) {
        const own = id.slice('e-'.length)
        const { claim, provenance, refusals, warnings } = await generateForEncounter(view(), parts, {
          encounterId: id,
          now: NOW,
        })
        const said = [claim, provenance]
          .map((made) => (made === undefined ? '' : writeJson(made)))
          .concat(JSON.stringify([refusals, warnings]))
          .join('\n')
        for (const other of [...names.filter((name) => name !== own), `session${run}x`, groupId])
          if (new RegExp(`\\b(\\w+-)?${other}\\b`).test(said)) throw new Error(`${own} is told of ${other}`)
        if ((claim === undefined) === (refusals.length === 0)) throw new Error('either a claim or refusals')
      }
    }),
    { numRuns: 40, seed: 8 },
  )
  t.pass()
})
