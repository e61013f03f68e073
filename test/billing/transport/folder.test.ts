// The folder for what is sent and received: nobody sees half a file, nobody else reads one, and none is read twice.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { createFolderTransport } from '../../../src/billing/index.ts'

t.test('a file that is sent is whole, and for its owner alone', async (t) => {
  const folder = path.join(t.testdir(), 'x12')
  const transport = createFolderTransport(folder)
  await transport.send({ name: '837P-1.x12', bytes: Buffer.from('ISA*1~') })
  await transport.send({ name: '837P-1.x12', bytes: Buffer.from('ISA*2~') })
  t.same(readdirSync(path.join(folder, 'out')), ['837P-1.x12'])
  t.equal(readFileSync(path.join(folder, 'out/837P-1.x12'), 'utf8'), 'ISA*2~')
  t.equal(statSync(path.join(folder, 'out/837P-1.x12')).mode & 0o777, 0o600)
  t.equal(statSync(path.join(folder, 'out')).mode & 0o777, 0o700)
})

t.test('names lead nowhere else', async (t) => {
  const transport = createFolderTransport(t.testdir())
  for (const name of ['../x', 'a/b', '.hidden', '', 'a\0b', 'x'.repeat(300)])
    await t.rejects(transport.send({ name, bytes: Buffer.from('x') }), { code: 'internal' })
})

t.test('what cannot be stored is said in plain words', async (t) => {
  const folder = t.testdir({ out: 'a file, not a folder' })
  await t.rejects(createFolderTransport(folder).send({ name: 'a', bytes: Buffer.from('x') }), {
    code: 'storage-failed',
    message: /could not be put into the folder/,
  })
})

t.test('what has come is read in the order of its names, until it is done or set aside', async (t) => {
  const folder = t.testdir()
  const transport = createFolderTransport(folder)
  t.same(await transport.received(), [], 'without a folder nothing has come')
  mkdirSync(path.join(folder, 'in'))
  for (const name of ['b.835', 'a.999', '.part']) writeFileSync(path.join(folder, 'in', name), name)
  const [first, second, ...more] = await transport.received()
  t.same([first?.name, second?.name, more], ['a.999', 'b.835', []])
  t.equal(Buffer.from(await first!.read()).toString(), 'a.999')
  await first!.done()
  await second!.failed('X12 segment 1: not an interchange')
  t.same(await transport.received(), [])
  t.same(readdirSync(path.join(folder, 'in/done')), ['a.999'])
  t.same(readdirSync(path.join(folder, 'in/failed')).sort(), ['b.835', 'b.835.reason.txt'])
})
