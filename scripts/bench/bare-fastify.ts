// The floor of a read: Fastify that sends one stored Buffer, and tells its processor time. Argument: bytes to send.
import fastify from 'fastify'

const stored = Buffer.alloc(Number(process.argv[2]), '{"resourceType":"Patient"}')
const app = fastify()

app.get('/fhir/:type/:id', (_request, reply) =>
  reply.header('content-type', 'application/fhir+json; charset=utf-8').send(stored),
)
app.get('/metrics', (_request, reply) => {
  const { user, system } = process.cpuUsage()
  return reply.send(
    `process_cpu_seconds_total ${(user + system) / 1e6}\n` +
      `process_resident_memory_bytes ${process.memoryUsage().rss}\n`,
  )
})
process.once('SIGTERM', () => void app.close())
process.stdout.write(`listening at ${await app.listen({ host: '127.0.0.1', port: 0 })}\n`)
