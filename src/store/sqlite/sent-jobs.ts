// Jobs as they are sent to the writer's thread: what a message costs both threads goes by how many values it has, so
// all of a batch's commits are an array of numbers and a text (./tape.ts).
import type { AccessFilter, SecurityLabel } from '../access-filter.ts'
import type { BodyTemplate } from '../body.ts'
import type {
  Commit,
  Delete,
  Expectation,
  LabelAssertion,
  MatchAssertion,
  Put,
  ReferrerAssertion,
  ResourceKey,
} from '../commit.ts'
import type { Job } from './jobs.ts'
import { readIndex, writeIndex } from './sent-index.ts'
import { TapeReader, TapeWriter, type Tape } from './tape.ts'

type CommitJob = Extract<Job, { kind: 'commit' }>
type OtherJob = Exclude<Job, { kind: 'commit' }>

/** One batch. Its two buffers are to be handed over, not copied: `handedOver`. */
export interface SentJobs {
  readonly jobs: number
  readonly tape: Tape
  /** The bytes of all bodies, one behind the other. */
  readonly bodies: ArrayBuffer
  /** What is sent as it is, in the order in which the tape asks for it. */
  readonly others: readonly OtherJob[]
  readonly accesses: readonly AccessFilter[]
  readonly assertions: readonly (readonly MatchAssertion[])[]
}

const COMMIT = 0
const OTHER = 1
const EXPECTATIONS = ['any', 'absent', 'version'] as const
const METHODS = ['POST', 'PUT', 'PATCH'] as const
const DELETE = -1
/** In place of how many labels a resource has. */
const NEVER_WAS = -1
/** In place of a version's number, where any will do. */
const ANY_VERSION = 0

/** For one thread at the other end, which must unpack each batch, in order. */
export class JobPacker {
  readonly #tape = new TapeWriter()

  pack(jobs: readonly Job[]): SentJobs {
    const tape = this.#tape
    const bodies: Uint8Array[] = []
    const others: OtherJob[] = []
    const accesses: AccessFilter[] = []
    const assertions: (readonly MatchAssertion[])[] = []
    for (const job of jobs) {
      if (job.kind !== 'commit') {
        tape.number(OTHER)
        others.push(job)
        continue
      }
      const { access, writes } = job.commit
      tape.number(COMMIT)
      tape.number(job.time)
      tape.number(placeOf(accesses, access))
      tape.number(job.commit.assertions.length)
      if (job.commit.assertions.length > 0) assertions.push(job.commit.assertions)
      writeAssertions(tape, job.commit)
      tape.number(writes.length)
      for (const write of writes) {
        writeWrite(tape, write)
        if (write.kind === 'put') bodies.push(write.body.bytes)
      }
    }
    return { jobs: jobs.length, tape: tape.take(), bodies: joined(bodies), others, accesses, assertions }
  }
}

/** The buffers of a batch that its message hands over. */
export function handedOver({ tape, bodies }: SentJobs): ArrayBuffer[] {
  return [tape.numbers.buffer, bodies]
}

/** Of what one JobPacker has packed. */
export class JobUnpacker {
  readonly #tape = new TapeReader()

  unpack({ jobs, tape: sent, bodies, others, accesses, assertions }: SentJobs): Job[] {
    const tape = this.#tape
    tape.take(sent)
    let at = 0
    const next = (length: number): Uint8Array => {
      at += length
      return new Uint8Array(bodies, at - length, length)
    }
    const [other, asserted] = [others.values(), assertions.values()]
    return Array.from({ length: jobs }, (): Job => {
      if (tape.number() === OTHER) return other.next().value!
      const time = tape.number()
      const access = accesses[tape.number()]!
      const own = tape.number() === 0 ? [] : asserted.next().value!
      return { kind: 'commit', time, commit: readCommit(tape, access, own, next) }
    })
  }
}

/** Most commits of a batch have the same few. */
function placeOf(accesses: AccessFilter[], access: AccessFilter): number {
  const place = accesses.indexOf(access)
  return place >= 0 ? place : accesses.push(access) - 1
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

function readCommit(
  tape: TapeReader,
  access: AccessFilter,
  assertions: CommitJob['commit']['assertions'],
  bytesOf: (length: number) => Uint8Array,
): Commit {
  const [labels, referrers] = [readLabelAssertions(tape), readReferrerAssertions(tape)]
  return { access, assertions, labels, referrers, writes: tape.list(() => readWrite(tape, bytesOf)) }
}

function writeAssertions(tape: TapeWriter, { labels = [], referrers = [] }: Commit): void {
  tape.number(labels.length)
  for (const { key, labels: asserted, versionId = ANY_VERSION } of labels) {
    writeKey(tape, key)
    tape.number(versionId)
    tape.number(asserted === undefined ? NEVER_WAS : asserted.length)
    for (const { system, code } of asserted ?? []) {
      tape.text(system)
      tape.text(code)
    }
  }
  tape.number(referrers.length)
  for (const { key, referrers: asserted } of referrers) {
    writeKey(tape, key)
    writeKeys(tape, asserted)
  }
}

function readLabelAssertions(tape: TapeReader): LabelAssertion[] {
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

function readReferrerAssertions(tape: TapeReader): ReferrerAssertion[] {
  return tape.list(() => ({ key: readKey(tape), referrers: tape.list(() => readKey(tape)) }))
}

function writeKeys(tape: TapeWriter, keys: readonly ResourceKey[]): void {
  tape.number(keys.length)
  for (const key of keys) writeKey(tape, key)
}

function writeKey(tape: TapeWriter, { type, id }: ResourceKey): void {
  tape.word(type)
  tape.text(id)
}

function readKey(tape: TapeReader): ResourceKey {
  return { type: tape.word(), id: tape.text() }
}

function writeWrite(tape: TapeWriter, write: Put | Delete): void {
  const { expect } = write
  writeKey(tape, write)
  tape.number(EXPECTATIONS.indexOf(expect.kind))
  tape.number(expect.kind === 'version' ? expect.versionId : 0)
  if (write.kind === 'delete') return tape.number(DELETE)
  const { body, mustExist } = write
  tape.number(METHODS.indexOf(write.method))
  tape.number(body.bytes.length)
  tape.number(body.versionAt)
  tape.number(body.lastUpdatedAt)
  tape.number(write.byServer === true ? 1 : 0)
  writeKeys(tape, mustExist)
  writeIndex(tape, write.index)
}

function readWrite(tape: TapeReader, bytesOf: (length: number) => Uint8Array): Put | Delete {
  const { type, id } = readKey(tape)
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
