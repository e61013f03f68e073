// The short way to plan a write comes to what the long one does, and leaves to that whatever it cannot tell at once.
import t from 'tap'
import type { JsonObject, Resource } from '../../src/fhir/index.ts'
import { planBodies, type BodyContext, type PlannedBodies } from '../../src/repository/bodies.ts'
import { CriteriaResolver } from '../../src/repository/criteria.ts'
import { planOne } from '../../src/repository/plan-one.ts'
import type { PlannedTarget } from '../../src/repository/targets.ts'
import { SEE_EVERYTHING, type AccessFilter } from '../../src/store/index.ts'
import { labelledWorld } from '../access/reach/labelled-world.ts'

const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
const DRINKING = { system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'F10.20' }
const PLAIN = { system: 'http://loinc.org', code: '8867-4' }

const observation = (coding: JsonObject, more: JsonObject = {}): Resource => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [coding] },
  subject: { reference: 'Patient/p' },
  valueQuantity: { value: 1.5, unit: 'mg' },
  ...more,
})

/** What it is, the resource, and whether the short way plans it. */
const CASES: readonly (readonly [name: string, resource: Resource, isShort: boolean])[] = [
  ['plain', observation(PLAIN), true],
  ['sensitive by itself', observation(DRINKING), true],
  ['by what it refers to', observation(PLAIN, { hasMember: [{ reference: 'Observation/drinking' }] }), true],
  ['by what is plain', observation(PLAIN, { hasMember: [{ reference: 'Observation/heart' }] }), true],
  ['by what is not there', observation(PLAIN, { hasMember: [{ reference: 'Observation/none' }] }), true],
  [
    'sent with a label',
    observation(PLAIN, { meta: { security: [{ system: ACT_CODE, code: 'PSY' }] } }),
    true,
  ],
  [
    'sent as less confidential than it is',
    observation(DRINKING, { meta: { security: [{ system: CONFIDENTIALITY, code: 'N' }] } }),
    false,
  ],
  ['not valid', observation(PLAIN, { status: 7 }), false],
  [
    'that gives labels to what it refers to',
    {
      resourceType: 'Provenance',
      target: [{ reference: 'Observation/heart' }],
      recorded: '2026-01-31T08:00:00Z',
      agent: [{ who: { display: 'A' } }],
    },
    false,
  ],
]

const ONE_PATIENT: AccessFilter = {
  anyOf: [{ types: ['Observation', 'Provenance'], patients: ['other'], withoutLabels: [] }],
}

const settled = (plan: Promise<PlannedBodies>): Promise<unknown> =>
  plan.then(
    ({ writes, labels }) => ({
      writes,
      labels: labels?.labels.map(({ key, labels: found }) => ({ key, found })),
      relabelled: labels?.relabelled,
      referrers: labels?.referrers,
      lowered: labels?.lowered,
    }),
    (error: unknown) => error,
  )

t.test('as the long way', async (t) => {
  const { parts, repository, close } = await labelledWorld()
  t.teardown(close)
  const put = (resource: Resource): Promise<unknown> =>
    repository.write({
      kind: 'update',
      target: { type: resource.resourceType, id: String(resource.id) },
      resource,
    })
  await put({ resourceType: 'Patient', id: 'p' })
  await put(observation(PLAIN, { id: 'heart' }))
  await put(observation(DRINKING, { id: 'drinking' }))
  await put(observation(PLAIN, { id: 'told', meta: { security: [{ system: ACT_CODE, code: 'PSY' }] } }))

  const compare = async (
    name: string,
    resource: Resource,
    isShort: boolean,
    id: string | undefined,
    access = SEE_EVERYTHING,
  ): Promise<void> => {
    const { resourceType: type } = resource
    const sent: Resource = id === undefined ? resource : { ...resource, id }
    const target: PlannedTarget = {
      request:
        id === undefined
          ? { kind: 'create', type, resource: sent, entry: 0 }
          : { kind: 'update', target: { type, id }, resource: sent, entry: 0 },
      type,
      id: id ?? 'new',
      action: 'put',
      expect: id === undefined ? { kind: 'absent' } : { kind: 'any' },
      resource: sent,
    }
    const criteria = new CriteriaResolver(parts.store, parts.search, access, () => repository.lookup)
    const context: BodyContext = { parts, access, criteria, transaction: false }
    const short = planOne(context, [target])
    t.equal(short !== undefined, isShort, `${name}: whether there is a short way`)
    if (short === undefined) return
    t.same(await settled(Promise.resolve(short)), await settled(planBodies(context, [target])), name)
  }
  for (const [name, resource, isShort] of CASES) {
    await compare(`a new one, ${name}`, resource, isShort, undefined)
    await compare(`for whom may not write it, ${name}`, resource, false, undefined, ONE_PATIENT)
  }
  await compare('in place of a plain one', observation(PLAIN), true, 'heart')
  await compare('sensitive in place of a plain one', observation(DRINKING), false, 'heart')
  await compare('in place of one that says the same', observation(DRINKING), true, 'drinking')
  await compare('plain in place of a sensitive one', observation(PLAIN), false, 'drinking')
  await compare('in place of one that was sent with a label', observation(PLAIN), false, 'told')
  await compare('in place of nothing', observation(PLAIN), true, 'never')
})

t.test('what is one of several, or of a transaction, has none', async (t) => {
  const { parts, repository, close } = await labelledWorld()
  t.teardown(close)
  const resource = observation(PLAIN)
  const target: PlannedTarget = {
    request: { kind: 'create', type: 'Observation', resource, entry: 0 },
    type: 'Observation',
    id: 'new',
    action: 'put',
    expect: { kind: 'absent' },
    resource,
  }
  const criteria = new CriteriaResolver(parts.store, parts.search, SEE_EVERYTHING, () => repository.lookup)
  const context = (transaction: boolean): BodyContext => ({
    parts,
    access: SEE_EVERYTHING,
    criteria,
    transaction,
  })
  t.equal(planOne(context(true), [target]), undefined)
  t.equal(planOne(context(false), [target, { ...target, id: 'other' }]), undefined)
  t.not(planOne(context(false), [target]), undefined)
})
