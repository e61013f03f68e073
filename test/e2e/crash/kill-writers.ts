// Writers that write until the server is killed under them, and keep account of what it told them.
import type { Client, Resource } from '../../clients/client.ts'
import { SYSTEM, TRANSACTION_SIZE, UNIQUE_CODES, type Ledger, type Written } from './kill-ledger.ts'
import { pick, type Random } from './seeded.ts'

export interface Writer {
  readonly client: Client
  /** Sets this round's records apart from those of others. */
  readonly round: number
  readonly writer: number
  readonly random: Random
  readonly ledger: Ledger
}

/** Resolves when the connection ends. */
export async function writeUntilKilled(writer: Writer): Promise<void> {
  const { round, random, ledger } = writer
  const own: Written[] = []
  const name = `r${round}-w${writer.writer}`
  const add = () => putNew(writer, `${name}-${own.length}`, own)
  const works = [
    () => change(writer, pick(own, random), false),
    () => change(writer, pick(own, random), random() < 0.4),
    add,
    () => createPlain(writer),
    () => createUnique(writer, `r${round}-u${Math.floor(random() * UNIQUE_CODES)}`),
    () => transact(writer, `${name}-t${ledger.transactions.length}`, pick(own, random)),
  ]
  try {
    for (let work = add; ; work = pick(works, random)) {
      await work()
      ledger.acknowledged++
    }
  } catch (error) {
    // The connection ends with the server; every other failure is one.
    if (error instanceof TypeError && error.cause !== undefined) ledger.unanswered++
    else ledger.broken.push(String(error))
  }
}

export function observation(code: string, value: number): Resource {
  return {
    resourceType: 'Observation',
    status: 'final',
    identifier: [{ system: SYSTEM, value: code }],
    code: { text: 'kill' },
    valueInteger: value,
    ...(value % 3 === 0 ? { contained: [{ resourceType: 'Device', id: 'd', status: 'active' }] } : {}),
    ...(value % 3 === 0 ? { device: { reference: '#d' } } : {}),
  } as Resource
}

async function putNew({ client, ledger }: Writer, id: string, own: Written[]): Promise<void> {
  const written: Written = { id, versions: [], pending: { value: 0 } }
  ledger.written.push(written)
  const answer = await client.update({ ...observation(id, 0), id })
  expectStatus(answer.status, [201], answer.text)
  written.versions.push(answer.text)
  written.pending = undefined
  own.push(written)
}

async function change({ client }: Writer, written: Written, deletes: boolean): Promise<void> {
  const isDeleted = written.versions.at(-1) === null
  const value = written.versions.length
  written.pending = { value: deletes && !isDeleted ? null : value }
  if (deletes && !isDeleted) {
    const answer = await client.delete('Observation', written.id)
    expectStatus(answer.status, [204], answer.text)
    written.versions.push(null)
  } else {
    const answer = await client.update({ ...observation(written.id, value), id: written.id })
    expectStatus(answer.status, [isDeleted ? 201 : 200], answer.text)
    written.versions.push(answer.text)
  }
  written.pending = undefined
}

async function createPlain({ client, round, ledger }: Writer): Promise<void> {
  const answer = await client.create(observation(`r${round}-plain`, 0))
  expectStatus(answer.status, [201], answer.text)
  ledger.created.set(answer.json.id as string, answer.text)
}

async function createUnique({ client, ledger }: Writer, code: string): Promise<void> {
  const ids = ledger.unique.get(code) ?? new Set()
  ledger.unique.set(code, ids)
  const answer = await client.create(observation(code, 0), `identifier=${SYSTEM}|${code}`)
  expectStatus(answer.status, [200, 201], answer.text)
  ids.add(answer.json.id as string)
}

/** Creates, one of them on a condition, and a change of the writer's own: all or nothing. */
async function transact({ client, ledger }: Writer, code: string, own: Written): Promise<void> {
  const transaction = { code, changes: own, acknowledged: false }
  ledger.transactions.push(transaction)
  const value = own.versions.length
  own.pending = { value }
  const answer = await client.ask<{ entry: { resource: Resource }[] }>('POST ', {
    headers: { prefer: 'return=representation' },
    body: {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        ...Array.from({ length: TRANSACTION_SIZE }, (_, at) => ({
          resource: observation(code, at),
          request: {
            method: 'POST',
            url: 'Observation',
            ...(at === 0 ? { ifNoneExist: `identifier=${SYSTEM}|${code}-none` } : {}),
          },
        })),
        {
          resource: { ...observation(own.id, value), id: own.id },
          request: { method: 'PUT', url: `Observation/${own.id}` },
        },
      ],
    },
  })
  expectStatus(answer.status, [200], answer.text)
  own.versions.push(JSON.stringify(answer.json.entry.at(-1)?.resource))
  own.pending = undefined
  transaction.acknowledged = true
}

export function expectStatus(status: number, expected: readonly number[], text: string): void {
  if (!expected.includes(status)) throw new Error(`${status} instead of ${expected.join(' or ')}: ${text}`)
}
