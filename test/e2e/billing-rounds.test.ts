// Billing does its rounds in the server as a user starts it: a file of a payer is read, and the server still ends well.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { serve, temporaryFolder } from './server-process.ts'

t.test('what stands in the folder for answers is read; what is no answer has failed', async (t) => {
  const folder = await temporaryFolder(t)
  const incoming = path.join(folder, 'x12', 'in')
  await mkdir(incoming, { recursive: true })
  await writeFile(path.join(incoming, 'answer.txt'), 'Rosa Delgado owes nothing')
  const server = await serve(t, { ALCOVE_DATABASE: `sqlite:${path.join(folder, 'alcove.db')}` })
  const failed = path.join(incoming, 'failed')
  while (!(await readdir(failed).catch((): string[] => [])).includes('answer.txt.reason.txt'))
    await setTimeout(50)
  t.strictSame(await readdir(incoming), ['failed'])
  const reason = await readFile(path.join(failed, 'answer.txt.reason.txt'), 'utf8')
  t.notMatch(reason, 'Rosa')
  const metrics = await server.client.ask('GET /metrics')
  t.match(metrics.text, 'alcove_job_failing{job="billing"} 0')
  t.match(metrics.text, 'alcove_job_failing{job="files"} 0')
  const { status, stderr } = await server.stop()
  t.equal(status, 0)
  t.match(stderr, 'files of payers could not be read')
  t.notMatch(stderr, 'Rosa')
})
