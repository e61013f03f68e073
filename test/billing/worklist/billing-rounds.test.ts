// What billing does by itself: files of payers are read, Tasks kept, and what fails is seen and does not stop the rest.
import { Writable } from 'node:stream'
import { pino } from 'pino'
import t from 'tap'
import { JOBS } from '../../../src/background.ts'
import { billingRounds } from '../../../src/billing-rounds.ts'
import type { BillingParts, IncomingFile } from '../../../src/billing/index.ts'
import { FhirError } from '../../../src/fhir/index.ts'
import { Health } from '../../../src/http/index.ts'
import { note, NOW, visit } from '../practice.ts'
import { DAY_MS, sweptWorld, type SweptWorld } from './sweeping.ts'

const MINUTE = 60_000

function roundsOf(world: SweptWorld, received: () => Promise<readonly IncomingFile[]> = async () => []) {
  const lines: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const clock = { now: NOW + DAY_MS }
  const now = () => clock.now
  const logger = pino({ base: null }, stream)
  const health = new Health(JOBS, logger, now)
  const billing: BillingParts = { ...world.parts, transport: { ...world.parts.transport, received } }
  const rounds = billingRounds({ repository: world.repository, billing, logger, health, now })
  return {
    rounds,
    lines,
    health,
    async after(minutes: number) {
      clock.now += minutes * MINUTE
      await rounds.look()
    },
  }
}

/** A file of no known kind, or what is given. */
function fileOf(text: string) {
  const seen: string[] = []
  const file: IncomingFile = {
    name: 'payer-file.txt',
    read: async () => Buffer.from(text),
    done: async () => void seen.push('done'),
    failed: async () => void seen.push('failed'),
  }
  return { file, seen }
}

t.test('the worklist is kept every hour, from the first minute on', async (t) => {
  const world = await sweptWorld()
  await world.put(visit('v1'))
  const { after, health } = roundsOf(world)
  await after(0)
  t.strictSame(await world.tasks('late-note'), {}, 'not when it starts')
  await after(1)
  t.strictSame(await world.tasks('late-note'), { 'Encounter/v1': 'requested' })
  await world.put(note('v1'))
  await after(59)
  t.strictSame(await world.tasks('late-note'), { 'Encounter/v1': 'requested' })
  await after(1)
  t.strictSame(await world.tasks('late-note'), { 'Encounter/v1': 'completed settled' })
  t.strictSame(health.notes(), [])
  t.ok(
    health
      .gauges()
      .some(
        ({ name, labels }) =>
          name === 'alcove_job_last_success_timestamp_seconds' && labels === '{job="billing"}',
      ),
  )
})

t.test(
  'files of payers are read every minute; one that is none has failed, and the log names none',
  async (t) => {
    const world = await sweptWorld()
    const { file, seen } = fileOf('Rosa Delgado owes nothing')
    let files = [file]
    const { after, lines, health } = roundsOf(world, async () => files.splice(0))
    await after(0)
    t.strictSame(seen, ['failed'])
    files = [file]
    await after(0.5)
    t.equal(seen.length, 1)
    await after(0.5)
    t.equal(seen.length, 2)
    t.match(lines[0], /files of payers could not be read/)
    t.notMatch(lines.join(''), /Rosa|payer-file/)
    t.strictSame(health.notes(), [])
  },
)

t.test('what fails is seen until it works, and keeps nothing else', async (t) => {
  const world = await sweptWorld()
  await world.put(visit('v1'))
  let isThere = false
  const { after, lines, health } = roundsOf(world, async () => {
    if (!isThere) throw Object.assign(new Error('no such folder'), { code: 'EACCES' })
    return []
  })
  await after(1)
  t.match(health.notes(), [/^billing: reading what payers answer.* fails since .*EACCES/])
  t.equal(health.serves, true, 'the server serves all the same')
  t.strictSame(await world.tasks('late-note'), { 'Encounter/v1': 'requested' })
  isThere = true
  await after(1)
  t.strictSame(health.notes(), [])
  t.match(lines.at(-1), /works again/)
})

t.test('Tasks that cannot be kept are told of by a code alone', async (t) => {
  let isRefusing = false
  const world = await sweptWorld((store) => ({
    ...store,
    commit: (commit) =>
      isRefusing
        ? Promise.reject(new FhirError('invalid', 'Encounter/rosa-delgado is not right'))
        : store.commit(commit),
  }))
  await world.put(visit('v1'), visit('v2'))
  isRefusing = true
  const { after, lines, health } = roundsOf(world)
  await after(1)
  t.match(health.notes(), [/^billing: .*: invalid; see the log/])
  t.match(lines.join(''), /2 pieces of the worklist could not be kept/)
  t.notMatch(lines.join(''), 'rosa')
})

t.test('it ends in the middle when the server does, and the next one goes on', async (t) => {
  const store = { commits: 0 }
  let onCommit = async (): Promise<void> => {}
  const world = await sweptWorld((inner) => ({
    ...inner,
    commit: async (commit) => {
      store.commits++
      await onCommit()
      return inner.commit(commit)
    },
  }))
  await world.put(...Array.from({ length: 120 }, (_, at) => visit(`v${at}`)))
  const first = roundsOf(world)
  let stopping: Promise<void> | undefined
  onCommit = async () => void (stopping ??= first.rounds.stop())
  await first.after(1)
  await stopping
  const commits = store.commits
  t.ok(commits < 120, `${commits} commits`)
  t.strictSame(first.health.notes(), [], 'that is no failure')
  await first.after(200)
  t.equal(store.commits, commits, 'nothing is written after it has stopped')
  onCommit = async () => {}
  await roundsOf(world).after(1)
  t.equal(Object.keys(await world.tasks('late-note')).length, 120)
})
