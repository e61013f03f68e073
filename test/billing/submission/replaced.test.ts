// From a visit to its claim, sent, paid, corrected and voided: what a practice and its payer say to each other, over HTTP.
import t from 'tap'
import type { OutgoingFile } from '../../../src/billing/index.ts'
import type { JsonObject } from '../../../src/fhir/index.ts'
import { billingServer, DAY, note, visit, type BillingServer } from '../practice.ts'
import { costSharing } from '../remittance/claims.ts'
import { acknowledgement, claimStatus, file, payment } from '../remittance/files.ts'
import { at } from './claims.ts'
import { received } from './sending.ts'

t.setTimeout(120_000)

interface Practice extends BillingServer {
  generate(parameters?: string): Promise<string>
  answer(...sets: Parameters<typeof file>[0]): Promise<void>
  claim(id: string): Promise<JsonObject>
  /** Of the last Task of its being sent. */
  state(claimId: string): Promise<unknown>
  /** The claim in the last file. */
  last(): ReturnType<typeof received>['claims'][number]
}

async function practice(t: Parameters<typeof billingServer>[0]): Promise<Practice> {
  const server = await billingServer(t)
  const { ask, put, sent } = server
  await put(costSharing, visit('v1'), note('v1'))
  return {
    ...server,
    async generate(parameters = '') {
      const reply = await ask(`POST Encounter/v1/$generate-claim${parameters}`)
      if (reply.status >= 300) throw new Error(reply.text)
      return reply.json.id
    },
    async answer(...sets) {
      const reply = await ask('POST $import-x12', file(sets), { 'content-type': 'application/edi-x12' })
      if (reply.status >= 300) throw new Error(reply.text)
    },
    claim: async (id) => (await ask(`GET Claim/${id}`)).json,
    async state(claimId) {
      const tasks = (await ask(`GET Task?focus=Claim/${claimId}&code=claim-submission`)).json
      return at(tasks, `entry.${tasks.entry.length - 1}.resource.businessStatus.coding.0.code`)
    },
    last: () => received(sent.at(-1) as OutgoingFile).claims.at(-1) as never,
  }
}

const paid = (control: string, number: string, cents: number, trace: string, status = '1') =>
  payment({
    trace,
    claims: [
      {
        control,
        number,
        status,
        lines: [{ code: '90834', day: DAY, charged: cents, paid: cents }],
      },
    ],
  })

const cents = (claim: JsonObject): number => Math.round(Number(at(claim, 'total.value')) * 100)

t.test(
  'a note that is amended after its claim was paid: the claim is replaced, and cancelled when that is taken on',
  async (t) => {
    const { put, ask, answer, claim, generate, last, state, sent } = await practice(t)
    const first = await generate()
    t.equal((await ask(`POST Claim/${first}/$submit`)).status, 200)
    const original = last()
    t.equal(original.frequency, '1')
    await answer(
      acknowledgement(received(sent[0] as OutgoingFile).group.controlNumber, [
        { number: '0001', accepted: true },
      ]),
    )
    t.equal(await state(first), 'acknowledged')
    await answer(claimStatus('R1', [{ control: original.controlNumber, accepted: true }]))
    t.equal(await state(first), 'accepted')
    const early = await ask(`POST Encounter/v1/$generate-claim?correctionOf=${first}`)
    t.equal(early.status, 422, 'the payer has given it no number yet')
    await answer(paid(original.controlNumber, 'ICN-1', cents(await claim(first)), 'E1'))
    t.equal(await state(first), 'paid')

    await put(visit('v1', { minutes: 55 }), note('v1', 'p1', { description: 'Amended.' }))
    const second = await generate(`?correctionOf=${first}`)
    t.not(second, first)
    t.match(await claim(second), {
      status: 'draft',
      related: [{ claim: { reference: `Claim/${first}` }, reference: { value: 'ICN-1' } }],
    })
    t.equal(await generate(`?correctionOf=${first}`), second, 'once')
    const submitted = await ask(`POST Claim/${second}/$submit`)
    t.equal(submitted.status, 200, submitted.text)
    const replacement = last()
    t.equal(replacement.frequency, '7')
    t.equal(replacement.original, 'ICN-1', 'REF*F8')
    t.not(replacement.controlNumber, original.controlNumber)
    t.equal((await claim(first))['status'], 'active', 'as long as it is not taken on')
    await answer(claimStatus('R2', [{ control: replacement.controlNumber, accepted: false }]))
    t.equal((await claim(first))['status'], 'active', 'nor when it is refused')
    t.equal(await state(second), 'rejected')
    t.equal((await ask(`POST Claim/${second}/$submit`)).status, 200, 'it may be sent anew then')
    await answer(
      claimStatus('R3', [{ control: replacement.controlNumber, accepted: true }], { date: '20260312' }),
    )
    t.equal((await claim(first))['status'], 'cancelled')
    t.equal((await claim(second))['status'], 'active')
    t.equal((await ask(`POST Claim/${first}/$void`)).status, 422, 'what was replaced is not voided')
  },
)

t.test('a claim is voided when the payer has taken the void on', async (t) => {
  const { ask, answer, claim, generate, last } = await practice(t)
  const first = await generate('?submit=true')
  const original = last()
  await answer(paid(original.controlNumber, 'ICN-1', cents(await claim(first)), 'E1'))
  const made = await ask(`POST Claim/${first}/$void`)
  t.equal(made.status, 201, made.text)
  t.equal((await ask(`POST Claim/${made.json.id}/$submit`)).status, 200)
  t.equal(last().frequency, '8')
  t.equal(last().original, 'ICN-1')
  t.equal((await claim(first))['status'], 'active')
  await answer(paid(original.controlNumber, 'ICN-1', -cents(await claim(first)), 'E2', '22'))
  t.equal((await claim(first))['status'], 'active', 'the void itself has not been answered')
  await answer(claimStatus('R2', [{ control: last().controlNumber, accepted: true }]))
  t.equal((await claim(first))['status'], 'cancelled')
})
