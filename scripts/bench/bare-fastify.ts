// The floor of an answer over HTTP: Fastify that takes a request's body in and sends a stored Buffer of the size in its path.
import fastify from 'fastify'

const stored = new Map<string, Buffer>()
const app = fastify({ bodyLimit: 64 * 1024 * 1024 })

app.addContentTypeParser('application/fhir+json', { parseAs: 'buffer' }, (_request, body, done) =>
  done(null, body),
)
app.route<{ Params: { bytes: string } }>({
  method: ['GET', 'POST', 'PUT'],
  url: '/stored/:bytes',
  handler: (request, reply) => {
    const { bytes } = request.params
    let body = stored.get(bytes)
    if (body === undefined)
      stored.set(bytes, (body = Buffer.alloc(Number(bytes), '{"resourceType":"Patient"}')))
    return reply.header('content-type', 'application/fhir+json; charset=utf-8').send(body)
  },
})
app.get('/metrics', (_request, reply) => {
  const { user, system } = process.cpuUsage()
  return reply.send(
    `process_cpu_seconds_total ${(user + system) / 1e6}\n` +
      `process_resident_memory_bytes ${process.memoryUsage().rss}\n`,
  )
})
process.once('SIGTERM', () => void app.close())
process.stdout.write(`listening at ${await app.listen({ host: '127.0.0.1', port: 0 })}\n`)
