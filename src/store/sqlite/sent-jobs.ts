// Jobs as they are sent to the writer's thread: an array of plain values takes a quarter of the time that objects take to be copied.
import type { SecurityLabel } from '../access-filter.ts'
import type { BodyTemplate } from '../body.ts'
import type {
  Commit,
  Delete,
  Expectation,
  LabelAssertion,
  Put,
  ReferrerAssertion,
  ResourceKey,
} from '../commit.ts'
import type { Job } from './jobs.ts'
import { readIndex, writeIndex } from './sent-index.ts'
import { Tape, type Plain } from './tape.ts'

export interface SentJobs {
  readonly jobs: readonly SentJob[]
  /** The bytes of all bodies, one behind the other, to be handed over: small Buffers are cut from a pool that would be copied whole. */
  readonly bodies: ArrayBuffer
}

type SentJob =
  | Exclude<Job, { kind: 'commit' }>
  | (Omit<Extract<Job, { kind: 'commit' }>, 'commit'> &
      Pick<Commit, 'access' | 'assertions'> & {
        /** What is asserted of labels and of referrers, then the writes. */
        readonly rest: readonly Plain[]
      })

const EXPECTATIONS = ['any', 'absent', 'version'] as const
const METHODS = ['POST', 'PUT', 'PATCH'] as const
const DELETE = -1
/** In place of how many labels a resource has. */
const NEVER_WAS = -1
/** In place of a version's number, where any will do. */
const ANY_VERSION = 0

export function packJobs(jobs: readonly Job[]): SentJobs {
  const bodies: Uint8Array[] = []
  const sent = jobs.map((job): SentJob => {
    if (job.kind !== 'commit') return job
    const { access, assertions, writes } = job.commit
    const tape = new Tape()
    writeAssertions(tape, job.commit)
    for (const write of writes) {
      writeWrite(tape, write)
      if (write.kind === 'put') bodies.push(write.body.bytes)
    }
    return { kind: 'commit', time: job.time, access, assertions, rest: tape.values }
  })
  return { jobs: sent, bodies: joined(bodies) }
}

export function unpackJobs({ jobs, bodies }: SentJobs): Job[] {
  let at = 0
  const next = (length: number): Uint8Array => {
    at += length
    return new Uint8Array(bodies, at - length, length)
  }
  return jobs.map((job): Job => {
    if (job.kind !== 'commit') return job
    const tape = new Tape(job.rest)
    const [labels, referrers] = [readLabelAssertions(tape), readReferrerAssertions(tape)]
    const writes: (Put | Delete)[] = []
    while (!tape.atEnd) writes.push(readWrite(tape, next))
    return {
      kind: 'commit',
      time: job.time,
      commit: { access: job.access, assertions: job.assertions, labels, referrers, writes },
    }
  })
}

function joined(parts: readonly Uint8Array[]): ArrayBuffer {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all.buffer
}

function writeAssertions(tape: Tape, { labels = [], referrers = [] }: Commit): void {
  tape.add(labels.length)
  for (const { key, labels: asserted, versionId = ANY_VERSION } of labels) {
    tape.add(key.type, key.id, versionId, asserted === undefined ? NEVER_WAS : asserted.length)
    for (const { system, code } of asserted ?? []) tape.add(system, code)
  }
  tape.add(referrers.length)
  for (const { key, referrers: asserted } of referrers) {
    tape.add(key.type, key.id)
    writeKeys(tape, asserted)
  }
}

function readLabelAssertions(tape: Tape): LabelAssertion[] {
  return tape.list(() => {
    const key = readKey(tape)
    const version = tape.number()
    const more = version === ANY_VERSION ? {} : { versionId: version }
    const labels: SecurityLabel[] = []
    const count = tape.number()
    if (count === NEVER_WAS) return { key, labels: undefined, ...more }
    while (labels.length < count) labels.push({ system: tape.text(), code: tape.text() })
    return { key, labels, ...more }
  })
}

function readReferrerAssertions(tape: Tape): ReferrerAssertion[] {
  return tape.list(() => ({ key: readKey(tape), referrers: tape.list(() => readKey(tape)) }))
}

function writeKeys(tape: Tape, keys: readonly ResourceKey[]): void {
  tape.add(keys.length)
  for (const { type, id } of keys) tape.add(type, id)
}

function readKey(tape: Tape): ResourceKey {
  return { type: tape.text(), id: tape.text() }
}

function writeWrite(tape: Tape, write: Put | Delete): void {
  const { type, id, expect } = write
  tape.add(type, id, EXPECTATIONS.indexOf(expect.kind), expect.kind === 'version' ? expect.versionId : 0)
  if (write.kind === 'delete') return tape.add(DELETE)
  const { body, mustExist } = write
  tape.add(METHODS.indexOf(write.method), body.bytes.length, body.versionAt, body.lastUpdatedAt)
  tape.add(write.byServer === true ? 1 : 0)
  writeKeys(tape, mustExist)
  writeIndex(tape, write.index)
}

function readWrite(tape: Tape, bytesOf: (length: number) => Uint8Array): Put | Delete {
  const [type, id] = [tape.text(), tape.text()]
  const expect = expectationOf(tape.number(), tape.number())
  const method = tape.number()
  if (method === DELETE) return { kind: 'delete', type, id, expect }
  const body: BodyTemplate = {
    bytes: bytesOf(tape.number()),
    versionAt: tape.number(),
    lastUpdatedAt: tape.number(),
  }
  const byServer = tape.number() === 1
  const mustExist = tape.list(() => readKey(tape))
  const index = readIndex(tape)
  const put: Put = { kind: 'put', type, id, expect, method: METHODS[method]!, body, index, mustExist }
  return byServer ? { ...put, byServer } : put
}

function expectationOf(place: number, versionId: number): Expectation {
  const kind = EXPECTATIONS[place]!
  return kind === 'version' ? { kind, versionId } : { kind }
}
