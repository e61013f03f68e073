// What the writer's thread receives is what was sent to it, whatever that was.
import fc from 'fast-check'
import t from 'tap'
import { packAnswers, unpackAnswers } from '../../../src/store/sqlite/sent-answers.ts'
import { handedOver, JobPacker, JobUnpacker, type SentJobs } from '../../../src/store/sqlite/sent-jobs.ts'
import type { Answer, Job } from '../../../src/store/sqlite/jobs.ts'
import { content, filter, keys } from '../../contract/arbitraries.ts'
import { ABSENT, ANY, commit, put, remove, version } from '../../contract/world.ts'

const expectation = fc.oneof(
  fc.constantFrom(ANY, ABSENT),
  fc.integer({ min: 1, max: 1e9 }).map((n) => version(n)),
)

const write = fc.oneof(
  fc
    .record({
      key: keys,
      content,
      expect: expectation,
      mustExist: fc.array(keys, { maxLength: 3 }),
      method: fc.constantFrom('POST' as const, 'PUT' as const, 'PATCH' as const),
      byServer: fc.boolean(),
    })
    .map(({ key, content, method, byServer, ...options }) => ({
      ...put(key.type, key.id, content, options),
      method,
      ...(byServer ? { byServer } : {}),
    })),
  fc.record({ key: keys, expect: expectation }).map(({ key, expect }) => remove(key.type, key.id, expect)),
)

const labels = fc.array(
  fc.record(
    {
      key: keys,
      labels: fc.option(fc.array(fc.record({ system: fc.string(), code: fc.string() }), { maxLength: 3 }), {
        nil: undefined,
      }),
      versionId: fc.integer({ min: 1 }),
    },
    { requiredKeys: ['key', 'labels'] },
  ),
  { maxLength: 3 },
)
const referrers = fc.array(fc.record({ key: keys, referrers: fc.array(keys, { maxLength: 3 }) }), {
  maxLength: 2,
})

const job: fc.Arbitrary<Job> = fc.oneof(
  fc
    .record({
      writes: fc.array(write, { maxLength: 4 }),
      access: filter,
      ids: fc.array(fc.string(), { maxLength: 3 }),
      time: fc.nat(),
      labels,
      referrers,
    })
    .map(({ writes, access, ids, time, labels, referrers }): Job => {
      const assertions =
        ids.length === 0 ? [] : [{ type: 'Patient', where: { kind: 'id' as const, id: 'a' }, ids }]
      return {
        kind: 'commit',
        time,
        commit: { ...commit(writes, { access }), assertions, labels, referrers },
      }
    }),
  fc.constantFrom<Job>({ kind: 'index-words' }, { kind: 'set', name: 'a', value: 'b' }),
)

/** Bytes compared as bytes, whatever holds them. */
const comparable = (jobs: readonly Job[]): unknown =>
  jobs.map((one) =>
    one.kind !== 'commit'
      ? one
      : {
          ...one,
          commit: {
            ...one.commit,
            writes: one.commit.writes.map((write) =>
              write.kind === 'delete'
                ? write
                : { ...write, body: { ...write.body, bytes: Buffer.from(write.body.bytes).toString('hex') } },
            ),
          },
        },
  )

const posted = (sent: SentJobs): SentJobs => structuredClone(sent, { transfer: handedOver(sent) })

t.test('what is asserted of nothing may be left out', (t) => {
  const sent = new JobPacker().pack([{ kind: 'commit', time: 0, commit: commit([]) }])
  t.match(new JobUnpacker().unpack(sent), [{ commit: { labels: [], referrers: [], writes: [] } }])
  t.end()
})

t.test('jobs arrive as they were sent', (t) => {
  let writes = 0
  const [packer, unpacker] = [new JobPacker(), new JobUnpacker()]
  fc.assert(
    fc.property(fc.array(job, { maxLength: 6 }), (jobs) => {
      const received = unpacker.unpack(posted(packer.pack(jobs)))
      // A copy, for what is made up has objects without a prototype.
      t.strictSame(comparable(received), structuredClone(comparable(jobs)))
      writes += jobs.reduce((sum, one) => sum + (one.kind === 'commit' ? one.commit.writes.length : 0), 0)
    }),
    { numRuns: 300, seed: 20261130 },
  )
  t.ok(writes > 300, `${writes} writes were sent`)
  t.end()
})

t.test('a batch that was never sent leaves nothing behind', (t) => {
  const unpacker = new JobUnpacker()
  const jobs = [{ kind: 'commit', time: 0, commit: commit([put('Patient', 'a', {})]) }] as const
  unpacker.unpack(posted(new JobPacker().pack(jobs)))
  new JobPacker().pack([{ kind: 'commit', time: 0, commit: commit([put('Lost', 'a', {})]) }])
  const other = [{ kind: 'commit', time: 0, commit: commit([put('Encounter', 'b', {})]) }] as const
  t.match(unpacker.unpack(posted(new JobPacker().pack(other))), [
    { commit: { writes: [{ type: 'Encounter', id: 'b' }] } },
  ])
  t.end()
})

t.test('more types than are numbered arrive as they were sent', (t) => {
  const [packer, unpacker] = [new JobPacker(), new JobUnpacker()]
  for (let round = 0; round < 2; round++)
    for (let first = 0; first < 12_000; first += 1000) {
      const types = Array.from({ length: 1000 }, (_, n) => `Type${first + n}`)
      const jobs = types.map(
        (type) => ({ kind: 'commit', time: 0, commit: commit([remove(type, 'a')]) }) as const,
      )
      const received = unpacker.unpack(posted(packer.pack(jobs)))
      t.strictSame(
        received.map((one) => one.kind === 'commit' && one.commit.writes[0]?.type),
        types,
      )
    }
  t.end()
})

const answer: fc.Arbitrary<Answer> = fc.oneof(
  fc
    .array(
      fc.record({
        outcome: fc.constantFrom('created', 'updated', 'unchanged', 'deleted', 'absent'),
        versionId: fc.nat(),
        lastUpdated: fc.integer({ min: 0, max: 4e12 }),
      }),
      { maxLength: 4 },
    )
    .map((results): Answer => ({ kind: 'commit', result: { kind: 'committed', results } })),
  fc.constantFrom<Answer>(
    { kind: 'index-words' },
    { kind: 'commit', result: { kind: 'hidden', write: 1 } },
    { kind: 'replace-indexes', replaced: 3 },
    { kind: 'failed', code: 'conflict', message: 'a', detail: 'b', retryAfterSeconds: undefined },
  ),
)

t.test('answers arrive as they were sent', (t) => {
  fc.assert(
    fc.property(fc.array(answer, { maxLength: 8 }), (answers) => {
      t.strictSame(unpackAnswers(structuredClone(packAnswers(answers))), structuredClone(answers))
    }),
    { numRuns: 200, seed: 20261130 },
  )
  t.end()
})
