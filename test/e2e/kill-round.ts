// Kills the server under its writers, starts it again, and holds it to everything it had acknowledged.
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import type { Client, Resource } from '../clients/client.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { eachConcurrently } from './each-concurrently.ts'
import { serve, type ServerProcess } from './server-process.ts'

export interface KillRound {
  /** The database: what earlier rounds left in it stays. */
  readonly file: string
  /** A file of 32 bytes, when the database is encrypted. */
  readonly keyFile?: string | undefined
  /** Sets this round's records apart from those of others. */
  readonly round: number
  readonly writers: number
  /** How long writers write before the end, in milliseconds. */
  readonly killAfterMs: number
  /** From 0 to 1, as Math.random. */
  readonly random: () => number
}

export interface RoundResult {
  readonly acknowledged: number
  /** Writes that the kill left without an answer. */
  readonly unanswered: number
  /** What the server did not keep; empty when all is well. */
  readonly broken: readonly string[]
}

/** One resource that one writer alone changes. */
interface Record {
  readonly id: string
  /** The answers' bodies by version, from 1; null for a deletion. */
  readonly versions: (string | null)[]
  /** The one change that was asked for and not answered: what it would have made. */
  pending: { readonly value: number | null } | undefined
}

interface Ledger {
  readonly records: Record[]
  /** Codes of conditional creates -> ids they were answered with. */
  readonly unique: Map<string, Set<string>>
  /** Codes of transactions. */
  readonly transactions: { readonly code: string; acknowledged: boolean }[]
  /** Creates without an id of the client's: the answered bodies by id. */
  readonly created: Map<string, string>
  acknowledged: number
  unanswered: number
}

const SYSTEM = 'urn:alcove:kill'
const TRANSACTION_SIZE = 4
const CHECKS_AT_ONCE = 8

type Teardown = Parameters<typeof serve>[0]

export async function killRound(t: Teardown, options: KillRound): Promise<RoundResult> {
  const { file, keyFile } = options
  const env = {
    ALCOVE_DATABASE: `sqlite:${file}`,
    ALCOVE_LOG_LEVEL: 'warn',
    ...(keyFile === undefined ? {} : { ALCOVE_ENCRYPTION_KEY_FILE: keyFile }),
  }
  const ledger: Ledger = {
    records: [],
    unique: new Map(),
    transactions: [],
    created: new Map(),
    acknowledged: 0,
    unanswered: 0,
  }
  const broken: string[] = []

  const victim = await serve(t, env)
  const writers = Array.from({ length: options.writers }, (_, writer) =>
    writeUntilKilled(victim.client, writer, options, ledger, broken),
  )
  await wait(options.killAfterMs)
  victim.kill('SIGKILL')
  await Promise.all(writers)
  await victim.ended

  const survivor = await serve(t, env)
  await check(survivor, options.round, ledger, broken)
  await survivor.stop()

  const store = await openSqliteStore({
    file,
    key: keyFile === undefined ? undefined : readFileSync(keyFile),
  })
  try {
    broken.push(...(await store.maintenance.verify()).map((problem) => `verify: ${problem}`))
  } finally {
    await store.close()
  }
  return { acknowledged: ledger.acknowledged, unanswered: ledger.unanswered, broken }
}

async function writeUntilKilled(
  client: Client,
  writer: number,
  { round, random }: KillRound,
  ledger: Ledger,
  broken: string[],
): Promise<void> {
  const own: Record[] = []
  const any = (): Record => own[Math.floor(random() * own.length)] as Record
  const addOwn = () => putNew(client, `r${round}-w${writer}-${own.length}`, own, ledger)
  const works = [
    () => change(client, any(), false),
    () => change(client, any(), random() < 0.3),
    addOwn,
    () => createPlain(client, round, ledger),
    // Few codes, so that writers meet.
    () => createUnique(client, `r${round}-u${Math.floor(random() * 200)}`, ledger),
    () => transact(client, `r${round}-w${writer}-t${ledger.transactions.length}`, ledger),
  ]
  try {
    for (let work = addOwn; ; work = works[Math.floor(random() * works.length)] as typeof work) {
      await work()
      ledger.acknowledged++
    }
  } catch (error) {
    // The connection ends with the server; every other failure is one.
    if (error instanceof TypeError && error.cause !== undefined) ledger.unanswered++
    else broken.push(String(error))
  }
}

function observation(code: string, value: number): Resource {
  return {
    resourceType: 'Observation',
    status: 'final',
    identifier: [{ system: SYSTEM, value: code }],
    code: { text: 'kill' },
    valueInteger: value,
  }
}

async function putNew(client: Client, id: string, own: Record[], ledger: Ledger): Promise<void> {
  const record: Record = { id, versions: [], pending: { value: 0 } }
  ledger.records.push(record)
  const answer = await client.update({ ...observation(id, 0), id })
  expectStatus(answer.status, [201], answer.text)
  record.versions.push(answer.text)
  record.pending = undefined
  own.push(record)
}

async function change(client: Client, record: Record, deletes: boolean): Promise<void> {
  const isDeleted = record.versions.at(-1) === null
  const value = record.versions.length
  record.pending = { value: deletes && !isDeleted ? null : value }
  if (deletes && !isDeleted) {
    const answer = await client.delete('Observation', record.id)
    expectStatus(answer.status, [204], answer.text)
    record.versions.push(null)
  } else {
    const answer = await client.update({ ...observation(record.id, value), id: record.id })
    expectStatus(answer.status, [isDeleted ? 201 : 200], answer.text)
    record.versions.push(answer.text)
  }
  record.pending = undefined
}

async function createPlain(client: Client, round: number, ledger: Ledger): Promise<void> {
  const answer = await client.create(observation(`r${round}-plain`, 0))
  expectStatus(answer.status, [201], answer.text)
  ledger.created.set(answer.json.id as string, answer.text)
}

async function createUnique(client: Client, code: string, ledger: Ledger): Promise<void> {
  const ids = ledger.unique.get(code) ?? new Set()
  ledger.unique.set(code, ids)
  const answer = await client.create(observation(code, 0), `identifier=${SYSTEM}|${code}`)
  expectStatus(answer.status, [200, 201], answer.text)
  ids.add(answer.json.id as string)
}

async function transact(client: Client, code: string, ledger: Ledger): Promise<void> {
  const transaction = { code, acknowledged: false }
  ledger.transactions.push(transaction)
  const answer = await client.transaction(
    Array.from({ length: TRANSACTION_SIZE }, (_, i) => ({
      resource: observation(code, i),
      request: { method: 'POST' as const, url: 'Observation' },
    })),
  )
  expectStatus(answer.status, [200], answer.text)
  transaction.acknowledged = true
}

function expectStatus(status: number, expected: readonly number[], text: string): void {
  if (!expected.includes(status)) throw new Error(`${status} instead of ${expected.join(' or ')}: ${text}`)
}

async function check(
  { client }: ServerProcess,
  round: number,
  ledger: Ledger,
  broken: string[],
): Promise<void> {
  await eachConcurrently(ledger.records, CHECKS_AT_ONCE, (record) => checkRecord(client, record, broken))
  await eachConcurrently(ledger.created, CHECKS_AT_ONCE, async ([id, text]) => {
    const answer = await client.read('Observation', id)
    if (answer.status !== 200 || answer.text !== text) broken.push(`create ${id}: ${answer.status}`)
  })
  const plain = await client.search('Observation', {
    identifier: [`${SYSTEM}|r${round}-plain`],
    _summary: 'count',
  })
  const total = plain.json.total ?? Number.NaN
  if (!(total >= ledger.created.size && total <= ledger.created.size + ledger.unanswered))
    broken.push(`${total} creates are found of ${ledger.created.size} acknowledged`)
  await eachConcurrently(ledger.unique, CHECKS_AT_ONCE, async ([code, ids]) => {
    const found = await find(client, code)
    if (ids.size > 1 || found.length > 1 || ![...ids].every((id) => found.includes(id)))
      broken.push(`conditional create ${code}: answered ${[...ids]}, found ${found}`)
  })
  await eachConcurrently(ledger.transactions, CHECKS_AT_ONCE, async ({ code, acknowledged }) => {
    const { length } = await find(client, code)
    if (length !== TRANSACTION_SIZE && (acknowledged || length !== 0))
      broken.push(`transaction ${code}: ${length} of ${TRANSACTION_SIZE}, acknowledged: ${acknowledged}`)
  })
  // The server goes on where it was.
  const answer = await client.create(observation(`r${round}-after`, 0))
  if (answer.status !== 201) broken.push(`a create after the restart: ${answer.status} ${answer.text}`)
}

async function find(client: Client, code: string): Promise<string[]> {
  const answer = await client.search('Observation', { identifier: [`${SYSTEM}|${code}`] })
  expectStatus(answer.status, [200], answer.text)
  return (answer.json.entry ?? []).map(({ resource }) => resource?.id as string)
}

async function checkRecord(
  client: Client,
  { id, versions, pending }: Record,
  broken: string[],
): Promise<void> {
  for (const [index, text] of versions.entries()) {
    const answer = await client.vread('Observation', id, String(index + 1))
    if (text === null ? answer.status !== 410 : answer.status !== 200 || answer.text !== text)
      broken.push(`version ${index + 1} of ${id}: ${answer.status}`)
  }
  const history = await client.history('Observation', id)
  const known = history.status === 404 ? 0 : (history.json.total ?? 0)
  const most = versions.length + (pending === undefined ? 0 : 1)
  if (known < versions.length || known > most) {
    broken.push(`${id} has ${known} versions; ${versions.length} were acknowledged, ${most} asked for`)
    return
  }
  if (known === 0) return
  const current = await client.read('Observation', id)
  const found = await find(client, id)
  const value =
    known > versions.length ? pending?.value : versions.at(-1) === null ? null : valueOf(versions.at(-1))
  const holds =
    value === null
      ? current.status === 410 && found.length === 0
      : current.status === 200 && valueOf(current.text) === value && found.join() === id
  if (!holds) broken.push(`${id} at version ${known}: ${current.status}, found ${found.length}`)
}

function valueOf(text: string | null | undefined): number {
  return (JSON.parse(text as string) as { valueInteger: number }).valueInteger
}
