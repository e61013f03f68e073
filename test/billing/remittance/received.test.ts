// Files that the transport has received: done, failed or left, and read once.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { createFolderTransport, importReceived, importX12 } from '../../../src/billing/index.ts'
import { NOW } from '../practice.ts'
import { remittanceWorld, sentClaim, storedOf } from './claims.ts'
import { claimStatus, file, payment } from './files.ts'

t.setTimeout(600_000)

const one = sentClaim('one', { cents: [10_000] })
const paid = payment({ trace: 'E1', claims: [{ control: one.control, charged: 10_000, paid: 10_000 }] })
const wrong = payment({
  trace: 'E2',
  claims: [{ control: one.control, charged: 10_000, paid: 9999 }],
})

async function folderWorld(t: { teardown(work: () => unknown): void }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'alcove-received-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const incoming = path.join(folder, 'in')
  mkdirSync(incoming)
  const world = await remittanceWorld(one.claim)
  const parts = { ...world.parts, transport: createFolderTransport(folder) }
  return {
    ...world,
    parts,
    leave: (name: string, bytes: Buffer) => writeFileSync(path.join(incoming, name), bytes),
    reasonOf: (name: string) => readFileSync(path.join(incoming, 'failed', `${name}.reason.txt`), 'utf8'),
    filesIn: (kind = '') => {
      const entries = readdirSync(path.join(incoming, kind), { withFileTypes: true })
      return entries
        .filter((entry) => entry.isFile())
        .map(({ name }) => name)
        .toSorted()
    },
  }
}

t.test('each file goes where it belongs, and what can be read of it is stored', async (t) => {
  const made = await folderWorld(t)
  const { repository, view, parts, leave, filesIn, reasonOf, all } = made
  leave('a-good.835', file([paid]))
  leave('b-both.835', file([wrong, claimStatus('R', [{ control: one.control, accepted: true }])]))
  leave('c-bad.835', file([wrong]))
  leave('d-none.txt', Buffer.from('nothing of the kind SECRET'))
  leave('e-other.810', Buffer.from(file([paid]).toString().replaceAll('835', '810')))
  const imported = await importReceived(repository, view, parts, NOW)
  t.same(
    imported.map(({ name, report, faults }) => [name, report?.sets, faults.length]),
    [
      ['a-good.835', { 835: 1 }, 0],
      ['b-both.835', { 277: 1 }, 1],
      ['c-bad.835', undefined, 1],
      ['d-none.txt', undefined, 1],
      ['e-other.810', undefined, 1],
    ],
  )
  t.same(filesIn(), ['e-other.810'], 'left for who reads it')
  t.same(filesIn('done'), ['a-good.835'])
  t.same(
    filesIn('failed').filter((name) => !name.endsWith('.reason.txt')),
    ['b-both.835', 'c-bad.835', 'd-none.txt'],
  )
  t.match(reasonOf('c-bad.835'), /does not add up/)
  t.notMatch(reasonOf('d-none.txt'), /SECRET/)
  t.equal((await all('PaymentReconciliation')).length, 1)
  t.equal((await all('ClaimResponse')).length, 2)
})

t.test('two that read at once do not trip over each other', async (t) => {
  const made = await folderWorld(t)
  const { repository, view, parts, leave, filesIn } = made
  const alone = await folderWorld(t)
  alone.leave('a.835', file([paid]))
  await importReceived(alone.repository, alone.view, alone.parts, NOW)
  for (const name of ['a', 'b', 'c', 'd']) leave(`${name}.835`, file([paid]))
  await Promise.all(Array.from({ length: 4 }, () => importReceived(repository, view, parts, NOW)))
  t.same(filesIn(), [])
  t.equal(filesIn('done').length, 4)
  t.same(await storedOf(made), await storedOf(alone))
})

t.test('a file stays where it is when what it says cannot be stored', async (t) => {
  const { repository, view, parts, leave, filesIn } = await folderWorld(t)
  leave('a.835', file([paid]))
  const broken = Object.create(repository, {
    transaction: { value: () => Promise.reject(new Error('no room')) },
    read: { value: repository.read.bind(repository) },
  }) as typeof repository
  await t.rejects(importReceived(broken, view, parts, NOW), { message: 'no room' })
  t.same(filesIn(), ['a.835'])
  await importReceived(repository, view, parts, NOW)
  t.same(filesIn('done'), ['a.835'])
})

t.test('where files are sent in earnest, those for trial only are not taken for money', async (t) => {
  const { repository, view, parts, all } = await remittanceWorld(one.claim)
  const inEarnest = { ...parts, settings: { ...parts.settings, isTest: false } }
  await t.rejects(importX12(repository, view, inEarnest, file([paid]), NOW), {
    code: 'business-rule',
    message: /for trial only/,
  })
  t.same(await all('ClaimResponse'), [])
  const earnest = Buffer.from(file([paid]).toString().replace('*0*T*:', '*0*P*:'))
  t.same((await importX12(repository, view, inEarnest, earnest, NOW)).sets, { 835: 1 })
  t.same((await importX12(repository, view, parts, earnest, NOW)).sets, { 835: 1 })
})
