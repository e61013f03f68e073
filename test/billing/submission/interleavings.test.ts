// Random days of a practice that sends: several at once, lines that are dead, processes that end, claims that are rejected.
// Whatever happens, each claim stands in one file for each time that it was to be sent, and a file is always the same.
import fc from 'fast-check'
import t from 'tap'
import {
  BILLING_TASKS,
  resumeSubmissions,
  type BillingParts,
  type OutgoingFile,
} from '../../../src/billing/index.ts'
import { FhirError, type Resource } from '../../../src/fhir/index.ts'
import { callerView } from '../../../src/operations/caller-view.ts'
import { openNaiveStore } from '../../contract/naive-store.ts'
import { billingWorld, NOW, patient } from '../practice.ts'
import { institutionalClaim, professionalClaim } from './claims.ts'
import { mortal } from './mortal.ts'
import { allOf, received, statusOf, submit } from './sending.ts'

const HOUR = 3_600_000
const IDS = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6']

const some = fc.uniqueArray(fc.constantFrom(...IDS), { minLength: 1 })
type Step =
  | {
      readonly do: 'submit'
      readonly batches: readonly (readonly string[])[]
      readonly dies: Death | undefined
    }
  | { readonly do: 'resume' }
  | { readonly do: 'wait' }
  | { readonly do: 'reject'; readonly claim: string }
  | { readonly do: 'cancel'; readonly claim: string }
  | { readonly do: 'change'; readonly name: string }
interface Death {
  readonly commit: number
  readonly how: 'before' | 'after'
}
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('submit' as const),
        batches: fc.array(some, { minLength: 1, maxLength: 3 }),
        dies: fc.option(
          fc.record({
            commit: fc.integer({ min: 1, max: 6 }),
            how: fc.constantFrom('before' as const, 'after' as const),
          }),
          { nil: undefined },
        ),
      }),
    },
    fc.record({ do: fc.constant('resume' as const) }),
    fc.record({ do: fc.constant('wait' as const) }),
    fc.record({ do: fc.constant('reject' as const), claim: fc.constantFrom(...IDS) }),
    fc.record({ do: fc.constant('cancel' as const), claim: fc.constantFrom(...IDS) }),
    fc.record({ do: fc.constant('change' as const), name: fc.constantFrom('A', 'B', 'C') }),
  ),
  { minLength: 3, maxLength: 14 },
)

t.test('random days', async (t) => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 0, max: 9 }), async (day, deadLines) => {
      const inner = openNaiveStore({ now: () => NOW })
      const { store, life } = mortal(inner)
      const world = await billingWorld(store)
      await world.put(
        ...IDS.map((id, at) =>
          at % 3 === 2 ? institutionalClaim(id, { day: `2026-01-1${at}` }) : professionalClaim(id),
        ),
      )
      const handed: OutgoingFile[] = []
      let [now, files] = [NOW, 0]
      const parts: BillingParts = {
        ...world.parts,
        transport: {
          ...world.parts.transport,
          send: async (file) => {
            if (life.isDead) throw new Error('The process has ended.')
            files += 1
            if (deadLines > 0 && files % deadLines === 0)
              throw new FhirError('storage-failed', 'The line is dead.')
            handed.push(file)
          },
        },
      }
      /** How often each claim was to be sent anew. */
      const anew = new Map<string, number>()
      const restart = async () => {
        if (!life.isDead) return
        life.isDead = false
        life.dies = () => undefined
        now += 1000
        await resumeSubmissions(world.repository, callerView(world.repository), parts, now, now)
      }
      for (const step of day) {
        now += 1000
        if (step.do === 'submit') {
          life.commits = 0
          const { dies } = step
          if (dies !== undefined) life.dies = (commit) => (commit === dies.commit ? dies.how : undefined)
          await Promise.all(step.batches.map((batch) => submit(world, batch, { parts, now }).catch(() => [])))
          life.dies = () => undefined
          await restart()
        } else if (step.do === 'resume') await resumeSubmissions(world.repository, world.view(), parts, now)
        else if (step.do === 'wait') now += HOUR
        else if (step.do === 'change') await world.put(patient('p1', { name: [{ family: step.name }] }))
        else if (step.do === 'reject' || step.do === 'cancel') {
          const last = (await allOf(inner, 'Task'))
            .filter((task) => (task['focus'] as { reference: string }).reference === `Claim/${step.claim}`)
            .filter((task) => statusOf(task)[1] === 'sent' && task['status'] === 'in-progress')
          for (const task of last) {
            anew.set(step.claim, (anew.get(step.claim) ?? 0) + 1)
            const rejected = { businessStatus: { coding: [{ system: BILLING_TASKS, code: 'rejected' }] } }
            await world.put({
              ...task,
              ...(step.do === 'reject' ? rejected : { status: 'cancelled' }),
            } as Resource)
          }
        }
      }
      const bytes = new Map<string, string>()
      for (const file of handed) {
        const text = Buffer.from(file.bytes).toString('latin1')
        t.equal(bytes.get(file.name) ?? text, text, 'a file is always the same')
        bytes.set(file.name, text)
      }
      const texts = [...bytes].map(([name, text]) => received({ name, bytes: Buffer.from(text, 'latin1') }))
      const numbers = texts.map(({ envelope }) => envelope.controlNumber)
      t.equal(new Set(numbers).size, numbers.length, 'each file has a number of its own')
      for (const id of IDS) {
        const times = texts.filter(({ claims }) =>
          claims.some((one) => one.controlNumber === `C${id.toUpperCase()}`),
        )
        t.ok(times.length <= 1 + (anew.get(id) ?? 0), `${id} stands in ${times.length} files`)
        const tasks = (await allOf(inner, 'Task')).filter(
          (task) => (task['focus'] as { reference: string }).reference === `Claim/${id}`,
        )
        const sent = tasks.filter((task) => statusOf(task)[1] !== undefined)
        t.equal(sent.length, times.length, `of ${id} every file that was handed over is known`)
      }
      // At the end everything that was begun can be sent.
      await resumeSubmissions(
        world.repository,
        world.view(),
        { ...parts, transport: world.parts.transport },
        now + HOUR,
      )
      const waiting = (await allOf(inner, 'Task')).filter((task) => task['status'] === 'requested')
      t.same(waiting, [])
    }),
    { seed: 837, numRuns: process.env['ALCOVE_TEST_LONG'] === '1' ? 500 : 25 },
  )
})
