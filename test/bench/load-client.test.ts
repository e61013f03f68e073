// The bench's client takes an answer for one only when it is whole and has the status it must have.
import { createServer } from 'node:net'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { drive, type Request } from '../../scripts/bench/load-client.ts'

const ask: Request = { method: 'POST', path: '/fhir/Patient?a=b', headers: { 'x-test': 'yes' }, body: 'é' }

/** Answers every request with these pieces, one after the other. */
async function server(test: Test, pieces: readonly string[], heard: string[] = []): Promise<string> {
  const it = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', async (data) => {
      heard.push(data.toString())
      for (const piece of pieces) {
        socket.write(piece, 'latin1')
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
    })
  })
  it.listen(0, '127.0.0.1')
  await once(it, 'listening')
  test.teardown(() => it.close())
  return `http://127.0.0.1:${(it.address() as { port: number }).port}`
}

const options = { connections: 2, seconds: 0.05, status: 200, sendings: () => [ask] }

t.test('an answer may come in pieces, cut anywhere', async (test) => {
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello'
  for (const at of [1, 12, 20, 30, answer.indexOf('\r\n\r\n') + 2, answer.length - 5, answer.length - 1]) {
    const heard: string[] = []
    const url = await server(test, [answer.slice(0, at), answer.slice(at)], heard)
    const { answered, p50, p99 } = await drive({ url, ...options })
    test.equal(answered, heard.length, `cut at ${at}: as many answers as requests`)
    test.ok(answered >= 2 && p50 <= p99)
    test.equal(
      heard[0],
      `POST /fhir/Patient?a=b HTTP/1.1\r\nhost: ${url.slice(7)}\r\nx-test: yes\r\ncontent-length: 2\r\n\r\né`,
    )
  }
})

t.test('another status, no length and an early end are failures', async (test) => {
  const refused = await server(test, ['HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n'])
  await test.rejects(drive({ url: refused, ...options }), /200 was expected, but: HTTP\/1\.1 503/)
  const endless = await server(test, ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'])
  await test.rejects(drive({ url: endless, ...options }), /200 was expected/)
  const short = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello'))
  short.listen(0, '127.0.0.1')
  await once(short, 'listening')
  test.teardown(() => short.close())
  const { port } = short.address() as { port: number }
  await test.rejects(
    drive({ url: `http://127.0.0.1:${port}`, ...options }),
    /closed the connection|EPIPE|ECONNRESET/,
  )
})

t.test('a request may be made anew for each sending', async (test) => {
  const heard: string[] = []
  const url = await server(test, ['HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'], heard)
  let made = 0
  const next = (): Request => ({ method: 'GET', path: `/${made++}` })
  await drive({ url, ...options, connections: 1, sendings: () => [next] })
  test.equal(new Set(heard).size, made)
})
