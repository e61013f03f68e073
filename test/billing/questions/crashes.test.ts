// Asking that breaks off at any moment: afterwards each question stands in one file, whose bytes are always the same.
import t, { type Test } from 'tap'
import {
  askPayer,
  resumeQuestions,
  type BillingParts,
  type QuestionKind,
} from '../../../src/billing/index.ts'
import { FhirError } from '../../../src/fhir/index.ts'
import type { Store } from '../../../src/store/index.ts'
import { openNaiveStore } from '../../contract/naive-store.ts'
import { billingWorld, NOW, patient, payer } from '../practice.ts'
import { allOf, statusOf } from '../submission/sending.ts'
import { authorizationRequest, eligibilityRequest, received270, received278 } from './questions.ts'

const HOUR = 3_600_000
const QUESTIONS: readonly (readonly [QuestionKind, string])[] = [
  ['authorization', 'pa1'],
  ['eligibility', 'e1'],
]

/** A world whose process ends at a commit, or while a file is handed over: then it does nothing any more. */
async function breakable() {
  const inner = openNaiveStore({ now: () => NOW })
  const life = { isDead: false, commits: 0, diesAt: 0, before: true }
  const dead = () => {
    if (life.isDead) throw new FhirError('storage-failed', 'The process has ended.')
  }
  const store: Store = Object.assign(Object.create(inner) as Store, {
    async read(...asked: Parameters<Store['read']>) {
      dead()
      return inner.read(...asked)
    },
    async search(...asked: Parameters<Store['search']>) {
      dead()
      return inner.search(...asked)
    },
    async commit(...asked: Parameters<Store['commit']>) {
      dead()
      life.commits += 1
      life.isDead = life.commits === life.diesAt
      if (life.before) dead()
      const result = await inner.commit(...asked)
      dead()
      return result
    },
  })
  const world = await billingWorld(store)
  await world.put(authorizationRequest('pa1'), eligibilityRequest('e1'))
  life.commits = 0
  const ask = (kind: QuestionKind, id: string, now = NOW, parts = world.parts) =>
    askPayer(world.repository, world.view(), parts, { kind, id }, now)
  const resume = (now: number, parts = world.parts) =>
    resumeQuestions(world.repository, world.view(), parts, now, now)
  return { world, inner, life, ask, resume, sent: world.sent }
}

type Broken = Awaited<ReturnType<typeof breakable>>

/** Each question in one file, however often it was handed over, and one answer to each that none has come. */
async function requireAskedOnce(t: Test, { sent, inner, world }: Broken): Promise<void> {
  const files = new Map(sent.map((file) => [file.name, file]))
  for (const { name, bytes } of sent)
    t.equal(Buffer.compare(bytes, files.get(name)?.bytes ?? Buffer.alloc(0)), 0, 'the same bytes again')
  t.same([...files.keys()].map((name) => name.slice(0, 3)).toSorted(), ['270', '278'])
  for (const file of files.values())
    if (file.name.startsWith('278')) t.equal(received278(file).request.services.length, 2)
    else t.equal(received270(file).inquiry.asked.length > 0, true)
  const tasks = await allOf(inner, 'Task')
  t.equal(tasks.length, 2)
  for (const task of tasks) t.same(statusOf(task), ['in-progress', 'sent'])
  t.equal((await allOf(inner, 'ClaimResponse')).length, 1)
  t.equal((await allOf(inner, 'CoverageEligibilityResponse')).length, 1)
  t.equal((await world.read('Claim', 'pa1'))['status'], 'active')
}

for (const commit of [1, 2, 3, 4])
  for (const before of [true, false])
    t.test(`the process ends ${before ? 'before' : 'after'} commit ${commit}`, async (t) => {
      const broken = await breakable()
      const { life, ask, resume } = broken
      Object.assign(life, { diesAt: commit, before })
      for (const [kind, id] of QUESTIONS) await ask(kind, id).catch(() => {})
      t.ok(life.isDead, 'it ended')
      Object.assign(life, { isDead: false, diesAt: 0 })
      t.same((await resume(NOW + HOUR)).left, [])
      for (const [kind, id] of QUESTIONS) await ask(kind, id, NOW + HOUR)
      await requireAskedOnce(t, broken)
    })

for (const after of [true, false])
  t.test(`the process ends ${after ? 'after' : 'before'} a file is handed over`, async (t) => {
    const broken = await breakable()
    const { world, life, ask, sent } = broken
    const send: BillingParts['transport']['send'] = async (file) => {
      if (after) sent.push(file)
      life.isDead = true
      throw new Error('The process has ended.')
    }
    const parts = { ...world.parts, transport: { ...world.parts.transport, send } }
    for (const [kind, id] of QUESTIONS) {
      await t.rejects(ask(kind, id, NOW, parts))
      life.isDead = false
    }
    t.equal((await ask('authorization', 'pa1', NOW + 1000)).outcome, 'was-asked', 'somebody is at it')
    for (const [kind, id] of QUESTIONS) t.equal((await ask(kind, id, NOW + HOUR)).outcome, 'asked')
    await requireAskedOnce(t, broken)
  })

t.test('a transport that fails is told, and the same file is handed over when asked again', async (t) => {
  const broken = await breakable()
  const { world, ask, resume, sent } = broken
  const tried: Buffer[] = []
  const send: BillingParts['transport']['send'] = async ({ bytes }) => {
    tried.push(Buffer.from(bytes))
    throw new FhirError('storage-failed', 'The line is dead.')
  }
  const down = { ...world.parts, transport: { ...world.parts.transport, send } }
  for (const [kind, id] of QUESTIONS)
    for (const now of [NOW, NOW + 1000])
      await t.rejects(ask(kind, id, now, down), { message: 'The line is dead.' })
  t.equal((await resume(NOW + 2000, down)).left.length, 2)
  t.same(sent, [])
  await world.put(
    patient('p1', { name: [{ family: 'Other', given: ['Name'] }] }),
    payer('payer1', { name: 'Another Plan' }),
  )
  const { sender } = world.parts.settings
  const changed = { ...world.parts, settings: { ...world.parts.settings, isTest: false, receiver: sender } }
  for (const [kind, id] of QUESTIONS) t.equal((await ask(kind, id, NOW + 3000, changed)).outcome, 'asked')
  t.same(
    sent.map(({ bytes }) => Buffer.from(bytes).toString()).toSorted(),
    [...new Set(tried.map(String))].toSorted(),
  )
  await requireAskedOnce(t, broken)
})
