// Whatever is stored, where nothing invalid is refused, and whatever is asked for: a claim or a 4xx that says why.
import fc from 'fast-check'
import t from 'tap'
import { generateForEncounter } from '../../../src/billing/index.ts'
import {
  FhirError,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type Resource,
} from '../../../src/fhir/index.ts'
import type { KnownVersion, WorldView } from '../../../src/repository/index.ts'
import { runs } from '../../runs.ts'
import {
  ACT_CODE,
  billingServer,
  billingWorld,
  consent,
  note,
  NOW,
  performed,
  resource,
  visit,
} from '../practice.ts'

const JUNK: readonly (JsonValue | undefined)[] = [
  undefined,
  null,
  0,
  -1,
  1.5,
  1e21,
  '',
  'x',
  '2026-02-30',
  '2026',
  'Patient/../p1',
  '#p1',
  true,
  [],
  {},
  [{}],
  [null],
  ['x'],
  [[]],
  { coding: 'x' },
  { coding: [{ code: 7 }] },
  { reference: 7 },
  { reference: 'Claim/x' },
  { start: '2027' },
]

type Place = readonly (string | number)[]

function placesIn(value: JsonValue | undefined, at: Place = []): Place[] {
  const own = at.length === 0 ? [] : [at]
  if (Array.isArray(value)) return [...own, ...value.flatMap((one, index) => placesIn(one, [...at, index]))]
  if (!isJsonObject(value)) return own
  return [...own, ...Object.entries(value).flatMap(([key, one]) => placesIn(one, [...at, key]))]
}

function withJunk(
  value: JsonValue | undefined,
  [key, ...rest]: Place,
  junk: JsonValue | undefined,
): JsonValue | undefined {
  if (key === undefined) return junk
  if (Array.isArray(value))
    return value.map((one, index) => (index === key ? (withJunk(one, rest, junk) ?? null) : one))
  if (!isJsonObject(value)) return value
  return { ...value, [key]: withJunk(value[key], rest, junk) }
}

/** As it is, but that some resources of a type have junk at one place, other than their id and type. */
function spoiled(view: WorldView, type: string, pick: number, junk: JsonValue | undefined): WorldView {
  const spoil = (version: KnownVersion): KnownVersion => {
    const { resource: whole, id, versionId } = version
    if (whole.resourceType !== type) return version
    const places = placesIn(whole).filter(([first]) => first !== 'id' && first !== 'resourceType')
    const place = places[pick % places.length] as Place
    return { id, versionId, resource: withJunk(whole, place, junk) as Resource }
  }
  return {
    ...view,
    stateOf: () => undefined,
    read: async (of, id) => {
      const found = await view.read(of, id)
      return found && spoil(found)
    },
    search: async (query) => (await view.search(query)).map(spoil),
    every: async (query, most) => (await view.every(query, most)).map(spoil),
  }
}

t.test('junk in any place of anything', async (t) => {
  const world = await billingWorld()
  await world.put(
    visit('v1', {
      modality: 'video',
      more: {
        extension: [performed('individual-psychotherapy', 45), performed('interactive-complexity', 5, 1)],
        length: { value: 45, unit: 'min', code: 'min', system: 'http://unitsofmeasure.org' },
        meta: { security: [{ system: ACT_CODE, code: '42CFRPart2' }] },
      },
    }),
    note('v1'),
    consent('c1', {
      type: 'permit',
      period: { start: '2026-01-01' },
      actor: [{ role: { coding: [{ code: 'PRCP' }] }, reference: { reference: 'Organization/payer1' } }],
      provision: [{ type: 'deny', purpose: [{ system: 'urn:x', code: 'HMARKT' }] }],
    }),
    resource({
      resourceType: 'Procedure',
      id: 'pr',
      status: 'completed',
      code: { coding: [{ system: 'http://www.ama-assn.org/go/cpt', code: '96127' }] },
      subject: { reference: 'Patient/p1' },
      encounter: { reference: 'Encounter/v1' },
      performedPeriod: { start: '2026-03-02T10:00:00Z', end: '2026-03-02T10:05:00Z' },
    }),
    resource({
      resourceType: 'Claim',
      id: 'before',
      status: 'active',
      type: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/claim-type', code: 'professional' }],
      },
      use: 'claim',
      patient: { reference: 'Patient/p1' },
      created: '2026-02-28',
      insurer: { reference: 'Organization/payer1' },
      provider: { reference: 'Organization/clinic1' },
      priority: { coding: [{ code: 'normal' }] },
      insurance: [{ sequence: 1, focal: true, coverage: { reference: 'Coverage/cov1' }, preAuthRef: ['A'] }],
      item: [
        {
          sequence: 1,
          productOrService: { coding: [{ system: 'http://www.ama-assn.org/go/cpt', code: '90834' }] },
          servicedDate: '2026-02-28',
          quantity: { value: 1 },
        },
      ],
    }),
  )
  // The rules stay whole: what is wrong with one of them is told by the reader of rules.
  const books = { of: () => world.parts.books.of(world.view()) }
  const types = [
    'Encounter',
    'DocumentReference',
    'Consent',
    'Coverage',
    'Organization',
    'Practitioner',
    'PractitionerRole',
    'Location',
    'Patient',
    'Condition',
    'Procedure',
    'Claim',
  ]
  let claims = 0
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...types),
      fc.nat(),
      fc.constantFrom(...JUNK),
      async (type, pick, junk) => {
        try {
          const { claim, existing, refusals } = await generateForEncounter(
            spoiled(world.view(), type, pick, junk),
            { ...world.parts, books },
            { encounterId: 'v1', now: NOW },
          )
          if (claim !== undefined) claims++
          if ((claim ?? existing) === undefined && refusals.length === 0)
            throw new Error('no claim and no word')
        } catch (error) {
          if (!(error instanceof FhirError) || error.status >= 500) throw error
        }
      },
    ),
    runs(600),
  )
  t.ok(claims > 100, `${claims} claims all the same`)
})

t.test('whatever is asked for', async (t) => {
  const { ask, put } = await billingServer(t)
  await put(
    visit('v1'),
    note('v1'),
    resource({ resourceType: 'Group', id: 'g1', type: 'person', actual: true }),
  )
  const values = [
    '../p1',
    'Coverage/',
    '/',
    '//',
    '#',
    'x'.repeat(3000),
    'Coverage/cov1/_history/1',
    'urn:uuid:x',
    "'",
    '%00',
    '%ff',
    'Claim/%2e%2e',
    '{}',
    '2026-03-02',
    '-1',
    'null',
    '$generate-claim',
    '\u{1f600}',
  ]
  for (const value of values)
    for (const path of [
      `Encounter/v1/$generate-claim?dryRun=true&coverage=`,
      `Encounter/v1/$generate-claim?dryRun=true&correctionOf=`,
      `Encounter/v1/$generate-claim?claimType=`,
      `Group/g1/$generate-claims?encounter=`,
      `Group/g1/$generate-claims?date=`,
    ]) {
      const sent = value.startsWith('%') || value.includes('%2e') ? value : encodeURIComponent(value)
      const { status, text } = await ask(`POST ${path}${sent}`)
      t.ok(
        (status >= 400 && status < 500) || (status === 200 && /cov1/.test(value)),
        `${path}${value.slice(0, 40)}: ${status} ${text.slice(0, 200)}`,
      )
    }
  for (const body of [
    { resourceType: 'Patient' },
    { resourceType: 'Parameters', parameter: [{ name: 'coverage', valuePeriod: {} }] },
    { resourceType: 'Parameters', parameter: {} },
    [],
  ]) {
    const { status } = await ask('POST Encounter/v1/$generate-claim', body)
    t.ok(status >= 400 && status < 500, JSON.stringify(body))
  }
  t.equal((await ask('GET Encounter/v1/$generate-claim')).status, 405)
  t.equal((await ask('GET Claim?_summary=count')).json.total as JsonObject, 0)
})
