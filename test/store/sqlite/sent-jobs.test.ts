// What the writer's thread receives is what was sent to it, whatever that was.
import fc from 'fast-check'
import t from 'tap'
import { packJobs, unpackJobs } from '../../../src/store/sqlite/sent-jobs.ts'
import type { Job } from '../../../src/store/sqlite/jobs.ts'
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

t.test('what is asserted of nothing may be left out', (t) => {
  const sent = packJobs([{ kind: 'commit', time: 0, commit: commit([]) }])
  t.match(unpackJobs(sent), [{ commit: { labels: [], referrers: [], writes: [] } }])
  t.end()
})

t.test('jobs arrive as they were sent', (t) => {
  let writes = 0
  fc.assert(
    fc.property(fc.array(job, { maxLength: 6 }), (jobs) => {
      const sent = packJobs(jobs)
      const received = unpackJobs(structuredClone(sent, { transfer: [sent.bodies] }))
      // A copy, for what is made up has objects without a prototype.
      t.strictSame(comparable(received), structuredClone(comparable(jobs)))
      writes += jobs.reduce((sum, one) => sum + (one.kind === 'commit' ? one.commit.writes.length : 0), 0)
    }),
    { numRuns: 300, seed: 20261130 },
  )
  t.ok(writes > 300, `${writes} writes were sent`)
  t.end()
})
