// Two visits and one unit that is left of what was authorized; and who may not see what uses it.
import t from 'tap'
import { authorizationsOf, generateForEncounter, saveGenerated } from '../../../src/billing/index.ts'
import type { JsonObject } from '../../../src/fhir/index.ts'
import { callerView } from '../../../src/operations/caller-view.ts'
import {
  ACT_CODE,
  BASE,
  billingParts,
  billingServer,
  billingWorld,
  money,
  note,
  NOW,
  OURS,
  visit,
} from '../practice.ts'
import { definitionOf } from '../rules/services.ts'
import { answering, asking, TERMS, using } from './answers.ts'

// oxlint-disable-next-line no-explicit-any -- tests look into resources of every shape
type Loose = any

const CODE = '90834'
const shipped = definitionOf(CODE)
/** The payer wants it authorized. */
const needed = {
  ...shipped,
  id: 'needs-authorization',
  url: `https://payer.test/ChargeItemDefinition/${CODE}`,
  useContext: [
    { code: { system: TERMS, code: 'payer' }, valueReference: { reference: 'Organization/payer1' } },
  ],
  propertyGroup: [{ priceComponent: [{ type: 'base', amount: money('100.00') }] }],
  extension: [
    ...(shipped['extension'] as JsonObject[]),
    {
      url: `${OURS}service-authorization`,
      extension: [{ url: 'required', valueBoolean: true }],
    },
  ],
}
const oneUnit = [asking('a1', [{ code: CODE, quantity: 1 }]), answering('r1', 'a1', 'AUTH-1', [{ units: 1 }])]
const [first, second] = [visit('v1', { day: '2026-03-02' }), visit('v2', { day: '2026-03-03' })]

async function practice(t: Parameters<typeof billingServer>[0]) {
  const server = await billingServer(t)
  await server.put(needed, ...oneUnit, first, note('v1'), second, note('v2'))
  const generate = (id: string) => server.ask(`POST Encounter/${id}/$generate-claim`)
  const codes = (reply: Loose): readonly string[] =>
    reply.json.issue.map(({ details }: Loose) => details?.coding[0].code)
  return { ...server, generate, codes }
}

t.test('who comes second is refused, and is not once the first is given up', async (t) => {
  const { ask, put, generate, codes } = await practice(t)
  const claim = await generate('v1')
  t.equal(claim.status, 201, claim.text)
  t.same(claim.json.insurance[0].preAuthRef, ['AUTH-1'])
  const refused = await generate('v2')
  t.equal(refused.status, 422)
  t.same(codes(refused), ['authorization-exceeded'])
  await put({ ...(await ask(`GET Claim/${claim.json.id}`)).json, status: 'cancelled' })
  t.equal((await generate('v2')).status, 201)
})

t.test('two at the same moment may both be drafts, but not both be sent', async (t) => {
  const { ask, codes, sent, repository } = await practice(t)
  const plan = (encounterId: string) =>
    generateForEncounter(callerView(repository), billingParts(BASE), { encounterId, now: NOW })
  const both = [await plan('v1'), await plan('v2')]
  const drafts: string[] = []
  for (const one of both) {
    const { resources } = await saveGenerated(repository, one, NOW)
    drafts.push(String(resources[0]['id']))
  }
  for (const id of drafts) {
    const reply = await ask(`POST Claim/${id}/$submit`)
    t.equal(reply.status, 422, 'each sees the other')
    t.ok(codes(reply).includes('authorization-exceeded'))
  }
  t.equal(sent.length, 0)
  t.equal((await ask(`DELETE Claim/${drafts[1]}`)).status, 204)
  const mended = await ask(`POST Claim/${drafts[0]}/$submit`)
  t.equal(mended.status, 200, mended.text)
  t.equal(sent.length, 1)
})

t.test('what the caller may not see changes nothing', async (t) => {
  const label = { system: ACT_CODE, code: 'SUD' }
  const hidden = { meta: { security: [label] } }
  const [world, without] = [await billingWorld(), await billingWorld()]
  const plain = [...oneUnit, using('c1', ['AUTH-1'], [{ code: CODE, units: 0.5 }])]
  await without.put(...plain)
  await world.put(
    ...plain,
    using('c2', ['AUTH-1'], [{ code: CODE, units: 0.25 }], hidden),
    asking('a2', [{ code: CODE, quantity: 5 }], hidden),
    answering('r2', 'a2', 'AUTH-2', [{ units: 5 }], hidden),
    answering('r3', 'a1', 'AUTH-1', [{ units: 9 }], { ...hidden, created: '2026-02-01' }),
  )
  const seen = callerView(world.repository.leavingOut([label]))
  t.strictSame(await authorizationsOf(seen, 'p1', BASE), await authorizationsOf(without.view(), 'p1', BASE))
  t.equal((await authorizationsOf(world.view(), 'p1', BASE)).length, 2)
})
