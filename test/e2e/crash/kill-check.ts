// Holds a server that was killed and started again to everything it had acknowledged.
import type { Client } from '../../clients/client.ts'
import { eachConcurrently } from '../each-concurrently.ts'
import { SYSTEM, TRANSACTION_SIZE, type Ledger, type Transaction, type Written } from './kill-ledger.ts'
import { expectStatus, observation } from './kill-writers.ts'

const CHECKS_AT_ONCE = 8

/** What it did not keep, and what it has by half; empty when all is well. */
export async function checkRound(client: Client, round: number, ledger: Ledger): Promise<readonly string[]> {
  const broken = [...ledger.broken]
  await eachConcurrently(ledger.written, CHECKS_AT_ONCE, (written) => checkWritten(client, written, broken))
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
  await eachConcurrently(ledger.transactions, CHECKS_AT_ONCE, (transaction) =>
    checkTransaction(client, transaction, broken),
  )
  // The server goes on where it was.
  const answer = await client.create(observation(`r${round}-after`, 0))
  if (answer.status !== 201) broken.push(`a create after the restart: ${answer.status} ${answer.text}`)
  return broken
}

async function find(client: Client, code: string): Promise<string[]> {
  const answer = await client.search('Observation', { identifier: [`${SYSTEM}|${code}`] })
  expectStatus(answer.status, [200], answer.text)
  return (answer.json.entry ?? []).map(({ resource }) => resource?.id as string)
}

async function checkTransaction(client: Client, transaction: Transaction, broken: string[]): Promise<void> {
  const { code, changes, acknowledged } = transaction
  const { length } = await find(client, code)
  if (length !== TRANSACTION_SIZE && (acknowledged || length !== 0))
    broken.push(`transaction ${code}: ${length} of ${TRANSACTION_SIZE}, acknowledged: ${acknowledged}`)
  if (acknowledged || changes?.pending === undefined) return
  // Unanswered: what it would have changed is changed if, and only if, what it would have created is there.
  const history = await client.history('Observation', changes.id)
  const changed = (history.json.total ?? 0) > changes.versions.length
  if (changed !== length > 0)
    broken.push(`transaction ${code}: ${length} created, the change of ${changes.id} made: ${changed}`)
}

async function checkWritten(
  client: Client,
  { id, versions, pending }: Written,
  broken: string[],
): Promise<void> {
  for (const [index, text] of versions.entries()) {
    const answer = await client.vread('Observation', id, String(index + 1))
    if (text === null ? answer.status !== 410 : answer.status !== 200 || !isSame(answer.text, text))
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
  const last = versions.at(-1)
  const value = known > versions.length ? pending?.value : last === null ? null : valueOf(last)
  const holds =
    value === null
      ? current.status === 410 && found.length === 0
      : current.status === 200 && valueOf(current.text) === value && found.join() === id
  if (!holds) broken.push(`${id} at version ${known}: ${current.status}, found ${found.length}`)
}

/** The bytes; or what they say, where the answer was an entry of a Bundle. */
function isSame(text: string, acknowledged: string): boolean {
  return text === acknowledged || JSON.stringify(JSON.parse(text)) === acknowledged
}

function valueOf(text: string | null | undefined): number {
  return (JSON.parse(text as string) as { valueInteger: number }).valueInteger
}
