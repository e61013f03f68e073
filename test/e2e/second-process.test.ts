// A second process on the file that a server has open: what would write is refused and says so, what reads may.
import { writeFileSync } from 'node:fs'
import t from 'tap'
import { runAlcove, serve, temporaryFolder } from './server-process.ts'

t.setTimeout(120_000)

t.test('beside a running server', async (t) => {
  const folder = await temporaryFolder(t)
  const env = { ALCOVE_DATABASE: `sqlite:${folder}/a.db`, ALCOVE_LOG_LEVEL: 'silent', ALCOVE_PORT: '0' }
  writeFileSync(`${folder}/in.ndjson`, '{"resourceType":"Basic","id":"loaded","code":{"text":"a"}}\n')
  const { client, stop, kill, ended } = await serve(t, env)
  const put = (id: string) => client.update({ resourceType: 'Basic', id, code: { text: 'a' } } as never)
  t.match(await put('first'), { status: 201 })

  for (const command of [['serve'], ['load', `${folder}/in.ndjson`], ['reindex']])
    t.match(
      await runAlcove(command, env),
      { status: 1, stderr: /a\.db is in use by another Alcove process\. Stop that one/ },
      `${command[0]} is refused`,
    )
  t.match(await put('second'), { status: 201 }, 'the server goes on')

  t.match(await runAlcove(['backup', `${folder}/b.db`], env), { status: 0, stdout: /verified/ })
  t.match(await runAlcove(['verify'], env), { status: 0, stdout: /agree/ })
  t.match(
    await runAlcove(['restore', '--force', `${folder}/b.db`], env),
    { status: 1, stderr: /a server is running on .*a\.db: end it first/ },
    'a restore is refused',
  )
  t.match(await client.read('Basic', 'second'), { status: 200 })
  t.match(await client.read('Basic', 'loaded'), { status: 404 })

  kill('SIGKILL')
  await ended
  t.match(await runAlcove(['load', `${folder}/in.ndjson`], env), { status: 0 }, 'a dead server holds nothing')
  const again = await serve(t, env)
  for (const id of ['first', 'second', 'loaded'])
    t.match(await again.client.read('Basic', id), { status: 200 }, `${id} is there`)
  await again.stop()
  await stop()
})
