// How the server ends: told first to whoever balances load, with what was accepted finished, within a limit; and by a fault.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { serve, temporaryFolder, type ServerProcess } from './server-process.ts'

// Processes are started on machines of any speed.
t.setTimeout(300_000)

async function open({ port }: ServerProcess, sent: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(sent)
  return socket
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20))
}

const inFlight = async ({ client }: ServerProcess): Promise<string | undefined> =>
  /^alcove_http_in_flight (\d+)$/m.exec((await client.ask('GET /metrics')).text)?.[1]

const BODY = JSON.stringify({ resourceType: 'Patient', id: 'late' })
const UPLOAD = `PUT /fhir/Patient/late HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/fhir+json\r\nContent-Length: ${BODY.length}\r\n\r\n`

t.test('a load balancer is told before anything is refused', async (t) => {
  const folder = await temporaryFolder(t)
  const env = { ALCOVE_DATABASE: `sqlite:${folder}/a.db`, ALCOVE_DRAIN_SECONDS: '300' }
  const server = await serve(t, env)
  t.equal((await server.client.ask('GET /readyz')).status, 200)
  server.kill('SIGTERM')
  let said = ''
  await until(async () => {
    const { status, text: body } = await server.client.ask('GET /readyz')
    said = body
    return status === 503
  })
  t.match(said, /^closing\n/)
  t.equal((await server.client.create({ resourceType: 'Patient' })).status, 201, 'it serves all the same')
  t.equal((await server.client.ask('GET /healthz')).status, 200)

  server.kill('SIGTERM')
  const { status, signal } = await server.ended
  t.equal(status, 130, 'asked twice, it ends at once')
  t.equal(signal, null)
  const again = await serve(t, { ALCOVE_DATABASE: env.ALCOVE_DATABASE })
  t.equal((await again.client.search('Patient', { _summary: 'count' })).json.total, 1, 'and has lost nothing')
  await again.stop()
})

t.test('what is being sent is finished, within the limit', async (t) => {
  const folder = await temporaryFolder(t)
  const env = { ALCOVE_DATABASE: `sqlite:${folder}/a.db` }
  const server = await serve(t, { ...env, ALCOVE_SHUTDOWN_SECONDS: '300' })
  const upload = await open(server, UPLOAD + BODY.slice(0, 5))
  await until(async () => (await inFlight(server)) === '1')
  server.kill('SIGTERM')
  await until(() => server.log().includes('finishing what was accepted'))
  upload.write(BODY.slice(5))
  const answer = await text(upload)
  t.match(answer, /^HTTP\/1\.1 201 /)
  t.match(answer, /^Connection: close\r$/m)
  t.equal((await server.ended).status, 0)

  const hasty = await serve(t, { ...env, ALCOVE_SHUTDOWN_SECONDS: '1' })
  const never = await open(hasty, UPLOAD + BODY.slice(0, 5))
  await until(async () => (await inFlight(hasty)) === '1')
  hasty.kill('SIGTERM')
  t.equal(await text(never), '', 'one that never ends is cut off')
  const { status, stderr } = await hasty.ended
  t.equal(status, 0)
  t.match(stderr, /could not be finished in time/)
})

t.test('a fault that nobody caught', async (t) => {
  const folder = await temporaryFolder(t)
  const secret = 'rosa-delgado'
  const message = `${JSON.stringify(secret.split('-'))}.join('-')`
  const fault = `process.on('SIGUSR2', () => { throw Object.assign(new TypeError(${message}), { code: 'E_TEST' }) })`
  const rejection = `process.on('SIGUSR2', () => { Promise.reject(new TypeError(${message})) })`
  for (const code of [fault, rejection]) {
    const database = `sqlite:${folder}/a.db`
    const server = await serve(t, {
      ALCOVE_DATABASE: database,
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(code)}`,
    })
    const { status } = await server.client.create({ resourceType: 'Patient' })
    t.equal(status, 201)
    const upload = await open(server, UPLOAD + BODY.slice(0, 5))
    await until(async () => (await inFlight(server)) === '1')
    server.kill('SIGUSR2')
    await until(() => server.log().includes('finishing what was accepted'))
    upload.write(BODY.slice(5))
    t.match(await text(upload), /^HTTP\/1\.1 20[01] /, 'what was accepted is finished')
    const ended = await server.ended
    t.equal(ended.status, 1, 'and whoever watches the process sees that it failed')
    t.match(ended.stderr, /^alcove: FAULT \((uncaughtException|unhandledRejection)\): TypeError/m)
    t.match(ended.stderr, /^\s+at /m, 'with where it was')
    t.notMatch(ended.stderr, secret)
  }
})
