// What the caller may not see changes nothing of a claim, and of what is told: as if it had never been there.
import fc from 'fast-check'
import t from 'tap'
import { generateForEncounter } from '../../../src/billing/index.ts'
import { type Resource, writeJson } from '../../../src/fhir/index.ts'
import { callerView } from '../../../src/operations/caller-view.ts'
import {
  ACT_CODE,
  billingWorld,
  condition,
  consent,
  coverage,
  DAY,
  note,
  NOW,
  payer,
  resource,
  visit,
} from '../practice.ts'

const AT_VISIT = { encounter: { reference: 'Encounter/v1' } }
const HIDDEN = { system: ACT_CODE, code: 'VIP' }
const hidden = (one: Resource): Resource => ({ ...one, meta: { security: [{ ...HIDDEN }] } })

/** What may or may not be there of a visit whose record is under Part 2. */
const things: Readonly<Record<string, () => Resource>> = {
  note: () => note('v1', 'p1', { id: 'second' }),
  unsigned: () => note('v1', 'p1', { id: 'third', authenticator: undefined }),
  coverage: () => coverage('better', 'p1', { order: 1, payor: [{ reference: 'Organization/payer2' }] }),
  permission: () => consent('c1', { type: 'permit' }),
  denial: () => consent('c2', { type: 'deny' }, { dateTime: '2026-02-03' }),
  restriction: () =>
    consent('c3', undefined, { policyRule: { coding: [{ system: ACT_CODE, code: 'HIPAASelfPay' }] } }),
  procedure: () =>
    resource({
      resourceType: 'Procedure',
      id: 'complex',
      status: 'completed',
      code: { coding: [{ system: 'http://www.ama-assn.org/go/cpt', code: '90785' }] },
      subject: { reference: 'Patient/p1' },
      encounter: { reference: 'Encounter/v1' },
    }),
  refusal: () =>
    resource({
      resourceType: 'ChargeItem',
      id: 'no',
      status: 'not-billable',
      code: { text: 'courtesy' },
      subject: { reference: 'Patient/p1' },
      context: { reference: 'Encounter/v1' },
    }),
  condition: () => condition('dx', 'F43.10', 'p1', AT_VISIT),
  claim: () =>
    resource({
      resourceType: 'Claim',
      id: 'before',
      status: 'active',
      type: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/claim-type', code: 'professional' }],
      },
      use: 'claim',
      patient: { reference: 'Patient/p1' },
      created: DAY,
      insurer: { reference: 'Organization/payer1' },
      provider: { reference: 'Organization/clinic1' },
      priority: { coding: [{ code: 'normal' }] },
      insurance: [{ sequence: 1, focal: true, coverage: { reference: 'Coverage/cov1' } }],
      item: [
        {
          sequence: 1,
          productOrService: { coding: [{ system: 'http://www.ama-assn.org/go/cpt', code: '90834' }] },
          servicedDate: DAY,
          quantity: { value: 1 },
        },
      ],
    }),
}
const names = Object.keys(things)

const base: readonly Resource[] = [
  payer('payer2'),
  coverage('cov1', 'p1', { order: 2 }),
  condition('other', 'F41.1', 'p1', AT_VISIT),
  visit('v1', {
    more: {
      diagnosis: undefined,
      meta: { security: [{ system: ACT_CODE, code: '42CFRPart2' }] },
    },
  }),
  note('v1'),
  consent('c0', { type: 'permit' }),
]

/** All that is answered, but for versions. */
async function answered(shown: readonly Resource[], unseen: readonly Resource[]): Promise<string> {
  const world = await billingWorld()
  await world.put(...base, ...shown, ...unseen.map(hidden))
  const view = callerView(world.repository.leavingOut([HIDDEN]))
  const made = await generateForEncounter(view, world.parts, { encounterId: 'v1', now: NOW })
  const { claim, provenance, existing, refusals, warnings } = made
  return [claim, provenance, existing]
    .map((one) => (one === undefined ? '-' : writeJson(one)))
    .concat(JSON.stringify([refusals, warnings]))
    .join('\n')
}

t.test('hidden or not there is the same', async (t) => {
  const different = new Set<string>()
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(0, 1, 2), { minLength: names.length, maxLength: names.length }),
      async (states) => {
        const of = (state: number) =>
          names.filter((_, at) => states[at] === state).map((name) => (things[name] as () => Resource)())
        const [withHidden, without] = await Promise.all([answered(of(1), of(2)), answered(of(1), [])])
        different.add(without)
        if (withHidden !== without) throw new Error(`${withHidden}\n\n${without}`)
      },
    ),
    { numRuns: 12, seed: 12 },
  )
  t.ok(different.size > 5, 'and much of it makes a difference when it is seen')
})
