// Sending that breaks off at any moment: afterwards every claim stands in one file, whose bytes are always the same.
import t, { type Test } from 'tap'
import {
  createControlNumbers,
  resumeSubmissions,
  type BillingParts,
  type OutgoingFile,
  type Transport,
} from '../../../src/billing/index.ts'
import { FhirError, type Resource } from '../../../src/fhir/index.ts'
import { callerView } from '../../../src/operations/caller-view.ts'
import type { Store } from '../../../src/store/index.ts'
import { openNaiveStore } from '../../contract/naive-store.ts'
import {
  billingParts,
  billingWorld,
  BASE,
  clinic,
  NOW,
  patient,
  payer,
  type BillingWorld,
} from '../practice.ts'
import { institutionalClaim, professionalClaim } from './claims.ts'
import { mortal } from './mortal.ts'
import { allOf, received, statusOf, submit } from './sending.ts'

const HOUR = 3_600_000
const CLAIMS = ['c1', 'c2', 'c3']

interface Broken {
  readonly world: BillingWorld
  readonly life: ReturnType<typeof mortal>['life']
  readonly inner: Store
  /** Everything that was ever handed over. */
  readonly sent: OutgoingFile[]
}

async function breakable(): Promise<Broken> {
  const inner = openNaiveStore({ now: () => NOW })
  const { store, life } = mortal(inner)
  const world = await billingWorld(store)
  await world.put(
    professionalClaim('c1'),
    institutionalClaim('c2'),
    professionalClaim('c3', { price: '99.10' }),
  )
  life.commits = 0
  return { world, life, inner, sent: world.sent }
}

/** The same store and numbers, in a new process. */
async function restarted({ world, life }: Broken): Promise<void> {
  life.isDead = false
  life.dies = () => undefined
  await resumeSubmissions(world.repository, callerView(world.repository), world.parts, NOW + HOUR, NOW + 1)
}

async function requireSentOnce(t: Test, { world, inner, sent }: Broken): Promise<void> {
  const files = new Map<string, string>()
  for (const { name, bytes } of sent) {
    const text = Buffer.from(bytes).toString('latin1')
    t.equal(files.get(name) ?? text, text, 'what is handed over again is the same')
    files.set(name, text)
  }
  const claims = [...files.keys()].flatMap((name) =>
    received(sent.find((file) => file.name === name) as OutgoingFile).claims.map((one) => one.controlNumber),
  )
  t.same(claims.toSorted(), ['CC1', 'CC2', 'CC3'], 'every claim stands in one file')
  const tasks = await allOf(inner, 'Task')
  t.equal(tasks.length, CLAIMS.length)
  for (const task of tasks) t.same(statusOf(task), ['in-progress', 'sent'])
  for (const id of CLAIMS) t.equal((await world.read('Claim', id))['status'], 'active')
}

for (const commit of [1, 2, 3, 4])
  for (const how of ['before', 'after'] as const)
    t.test(`the process ends ${how} commit ${commit}`, async (t) => {
      const broken = await breakable()
      broken.life.dies = (number) => (number === commit ? how : undefined)
      const results = await submit(broken.world, CLAIMS).catch(() => [])
      t.ok(results.every(({ outcome }) => outcome !== 'was-sent'))
      t.ok(broken.life.isDead, 'it ended')
      await restarted(broken)
      const again = await submit(broken.world, CLAIMS, { now: NOW + HOUR })
      t.ok(again.every(({ outcome }) => outcome === 'sent' || outcome === 'was-sent'))
      await requireSentOnce(t, broken)
    })

for (const moment of ['before', 'after'] as const)
  for (const which of [1, 2])
    t.test(`the process ends ${moment} file ${which} is handed over`, async (t) => {
      const broken = await breakable()
      const { world, life, sent } = broken
      let files = 0
      const send: Transport['send'] = async (file) => {
        files += 1
        const ends = files === which
        if (ends) life.isDead = true
        if (!ends || moment === 'after') sent.push(file)
        if (ends) throw new Error('The process has ended.')
      }
      const parts: BillingParts = { ...world.parts, transport: { ...world.parts.transport, send } }
      await submit(world, CLAIMS, { parts }).catch(() => [])
      await restarted(broken)
      await submit(world, CLAIMS, { now: NOW + HOUR })
      await requireSentOnce(t, broken)
    })

t.test('what a file is made of may change before it is handed over again', async (t) => {
  const broken = await breakable()
  const { world, life, sent } = broken
  life.dies = (number) => (number === 2 ? 'before' : undefined)
  await submit(world, CLAIMS)
  const first = sent.map(({ bytes }) => Buffer.from(bytes).toString('latin1'))
  t.equal(first.length, 1)
  life.isDead = false
  life.dies = () => undefined
  await world.put(
    patient('p1', { name: [{ family: 'Other', given: ['Name'] }] }),
    clinic({ name: 'Another Clinic', telecom: [{ system: 'phone', value: '2175550111' }] }),
    payer('payer1', { name: 'Another Plan' }),
  )
  const changed = {
    ...world.parts,
    settings: {
      ...world.parts.settings,
      sender: { qualifier: '30', id: 'OTHER' },
      receiver: { qualifier: '30', id: 'ELSEWHERE' },
      isTest: false,
    },
  }
  await resumeSubmissions(world.repository, world.view(), changed, NOW + HOUR, NOW + 1)
  t.same(
    sent
      .filter(({ name }) => name === sent[0]?.name)
      .map(({ bytes }) => Buffer.from(bytes).toString('latin1')),
    [first[0], first[0]],
  )
})

t.test(
  'a transport that fails: the claim waits and says so, and is sent when it is submitted again',
  async (t) => {
    const broken = await breakable()
    const { world, sent } = broken
    const down: BillingParts = {
      ...world.parts,
      transport: {
        ...world.parts.transport,
        send: async () => {
          throw new FhirError('storage-failed', 'The line is dead.')
        },
      },
    }
    for (const now of [NOW, NOW + 1000]) {
      const results = await submit(world, CLAIMS, { parts: down, now })
      for (const { outcome, code, issues, task } of results) {
        t.equal(outcome, 'not-sent')
        t.equal(code, 'storage-failed')
        t.equal(issues[0]?.diagnostics, 'The line is dead.')
        t.same(statusOf(task), ['requested', undefined])
        t.match(task, { statusReason: { text: 'The line is dead.' } })
      }
    }
    t.equal(sent.length, 0)
    const [first] = await submit(world, ['c1'], { now: NOW + 2000 })
    t.equal(first?.outcome, 'sent')
    t.equal(first?.task?.['statusReason'], undefined)
    t.same(received(sent[0] as OutgoingFile).claims.length, 2, 'with the others of its file')
    await submit(world, CLAIMS, { now: NOW + 3000 })
    await requireSentOnce(t, broken)
    const numbers = sent.map((file) => received(file).envelope.controlNumber)
    t.same(numbers, [1, 2], 'under the numbers that were given first')
  },
)

t.test('a failure that cannot be told either leaves the claim to the next start', async (t) => {
  const broken = await breakable()
  const { world, life } = broken
  const parts: BillingParts = {
    ...world.parts,
    transport: {
      ...world.parts.transport,
      send: async () => {
        life.isDead = true
        throw new Error('Gone.')
      },
    },
  }
  const [one] = await submit(world, ['c1'], { parts })
  t.equal(one?.outcome, 'not-sent')
  t.match(one?.issues[0]?.diagnostics, /could not be handed over/)
  life.isDead = false
  const [soon] = await submit(world, ['c1'], { now: NOW + 1000 })
  t.equal(soon?.outcome, 'under-way', 'somebody may still be at it')
  const [later] = await submit(world, ['c1'], { now: NOW + HOUR })
  t.equal(later?.outcome, 'sent')
})

t.test('32 who find it left in the middle: one hands it over', async (t) => {
  const broken = await breakable()
  const { world, life, sent } = broken
  life.dies = (number) => (number === 1 ? 'after' : undefined)
  await submit(world, ['c1']).catch(() => [])
  life.isDead = false
  const results = await Promise.all(
    Array.from({ length: 32 }, () => submit(world, ['c1'], { now: NOW + HOUR })),
  )
  t.equal(sent.length, 1)
  t.equal(results.filter(([one]) => one?.outcome === 'sent').length, 1)
})

t.test('a file that was answered was handed over, though nobody stored it', async (t) => {
  const broken = await breakable()
  const { world, life, inner, sent } = broken
  life.dies = (number) => (number === 2 ? 'before' : undefined)
  await submit(world, ['c1', 'c3'])
  life.isDead = false
  life.dies = () => undefined
  const [task] = await allOf(inner, 'Task')
  await world.put({
    ...(task as Resource),
    businessStatus: {
      coding: [{ system: 'https://alcove.health/fhir/CodeSystem/billing-tasks', code: 'acknowledged' }],
    },
  })
  await resumeSubmissions(world.repository, world.view(), world.parts, NOW + HOUR, NOW + 1)
  t.equal(sent.length, 1)
  const states = (await allOf(inner, 'Task')).map((one) => statusOf(one)[1])
  t.same(states.toSorted(), ['acknowledged', 'sent'])
})

t.test('a file cannot be sent any more of which a claim was given up, or a Task is gone', async (t) => {
  const broken = await breakable()
  const { world, inner, life, sent } = broken
  life.dies = (number) => (number === 1 ? 'after' : undefined)
  await submit(world, ['c1', 'c3'])
  life.isDead = false
  life.dies = () => undefined
  await world.put({ ...(await world.read('Claim', 'c3')), status: 'cancelled' })
  const [one] = await submit(world, ['c1'], { now: NOW + HOUR })
  t.equal(one?.code, 'conflict')
  t.match(one?.issues[0]?.diagnostics, 'not active any more')
  t.match(one?.issues[0]?.diagnostics, 'Claim/c3')
  for (const task of await allOf(inner, 'Task')) await world.put({ ...task, status: 'cancelled' })
  const [again] = await submit(world, ['c1'], { now: NOW + HOUR })
  t.equal(again?.outcome, 'sent')
  t.same(
    sent.map((file) => received(file).claims.map(({ controlNumber }) => controlNumber)),
    [['CC1']],
  )
})

t.test('Tasks that say nothing sensible any more send nothing', async (t) => {
  const broken = await breakable()
  const { world, inner, life, sent } = broken
  life.dies = (number) => (number === 1 ? 'after' : undefined)
  await submit(world, ['c1', 'c3'])
  life.isDead = false
  life.dies = () => undefined
  const whole = (await allOf(inner, 'Task'))[0] as Resource
  const input = whole['input'] as { readonly [key: string]: unknown }[]
  const told = (at: number, value: object) =>
    ({ ...whole, input: input.map((one, index) => (index === at ? { ...one, ...value } : one)) }) as Resource
  for (const hostile of [
    { ...whole, input: undefined },
    { ...whole, focus: { reference: 'Claim/c1/_history/2' } },
    { ...whole, groupIdentifier: { value: 'x' } },
    { ...whole, groupIdentifier: { ...(whole['groupIdentifier'] as object), value: '7' } },
    told(0, { valueString: 'nobody' }),
    told(1, { valueString: 'ZZ:a*b~c' }),
    told(3, { valueCode: 'dental' }),
    told(4, { valuePositiveInt: 3 }),
    told(5, { valuePositiveInt: 2 }),
    told(6, { valueReference: { reference: 'Claim/c3/_history/1' } }),
    told(6, { valueReference: { reference: 'Patient/p1/_history/1' } }),
    told(6, { valueReference: { reference: 'Claim/c1/_history/99' } }),
  ] as Resource[]) {
    await world.put(hostile)
    const [one] = await submit(world, ['c1'], { now: NOW + HOUR })
    t.equal(one?.outcome, 'not-sent', JSON.stringify(one?.issues))
    t.ok(['conflict', 'business-rule'].includes(String(one?.code)))
  }
  t.equal(sent.length, 0)
})

t.test('numbers begin behind those of the process before', async (t) => {
  const kept = new Map<string, string>()
  const sent: OutgoingFile[] = []
  for (const id of ['c1', 'c2', 'c3']) {
    const world = await billingWorld()
    await world.put(professionalClaim(id))
    const numbers = createControlNumbers({
      getSetting: async (name) => kept.get(name),
      setSetting: async (name, value) => void kept.set(name, value),
    })
    await submit(world, [id], { parts: { ...billingParts(BASE, sent), numbers } })
  }
  t.same(
    sent.map(({ name }) => name),
    [1, 2, 3].map((number) => `837P-00000000${number}.x12`),
  )
})
