// What fails in the background is seen: in /readyz, in /metrics, and in the log, but not in endless lines.
import { Writable } from 'node:stream'
import { pino } from 'pino'
import t from 'tap'
import { FhirError } from '../../src/fhir/index.ts'
import { Disk, Health } from '../../src/http/index.ts'
import { startServer } from '../rest/server.ts'

const SECRET = 'Rosa Delgado'

function logged(): { readonly lines: string[]; readonly logger: pino.Logger } {
  const lines: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  return { lines, logger: pino({ base: null }, stream) }
}

t.test('a job that fails, goes on failing, and works again', async (t) => {
  const { lines, logger } = logged()
  let now = Date.UTC(2026, 0, 1)
  const health = new Health(
    { writer: { what: 'the thread that writes', vital: true }, index: { what: 'taking words in' } },
    logger,
    () => now,
  )
  const server = startServer(t, {
    http: { ready: () => health.serves, notes: () => health.notes(), gauges: () => health.gauges() },
  })
  const metric = async (line: string): Promise<boolean> =>
    (await server.ask('GET /metrics')).text.split('\n').includes(line)

  t.equal((await server.ask('GET /readyz')).text, 'ready\n')
  health.worked('index')
  t.ok(await metric(`alcove_job_last_success_timestamp_seconds{job="index"} ${now / 1000}`))
  t.same(lines, [], 'what works needs no line')

  const fault = new FhirError('storage-failed', SECRET, {
    cause: Object.assign(new Error('x'), { code: 'SQLITE_FULL' }),
  })
  for (let n = 0; n < 1000; n++) health.failed('index', fault)
  t.equal(lines.length, 1)
  t.match(JSON.parse(lines[0] as string), {
    level: 50,
    job: 'index',
    msg: 'taking words in failed',
    code: 'storage-failed',
  })
  now += 3_600_000
  health.failed('index', fault)
  t.match(JSON.parse(lines[1] as string), { failures: 1000 }, 'much later again, with how often it was')
  t.ok(await metric('alcove_job_failures_total{job="index"} 1001'))
  t.ok(await metric('alcove_job_failing{job="index"} 1'))
  t.ok(await metric('alcove_job_failing{job="writer"} 0'))
  const beside = await server.ask('GET /readyz')
  t.equal(beside.status, 200, 'it can serve all the same')
  t.match(
    beside.text,
    /^ready\nindex: taking words in fails since 2026-01-01T00:00:00.000Z, 1001 .*SQLITE_FULL/,
  )
  t.notMatch(beside.text, SECRET)

  health.failed('writer', fault)
  const without = await server.ask('GET /readyz')
  t.equal(without.status, 503)
  t.match(without.text, /^not ready\nwriter: [^\n]*\nindex: /)
  health.worked('writer')
  health.worked('index')
  t.equal((await server.ask('GET /readyz')).text, 'ready\n')
  t.match(JSON.parse(lines.at(-1) as string), { level: 30, job: 'index', msg: 'taking words in works again' })
  t.ok(await metric('alcove_job_failing{job="index"} 0'))
})

t.test('every metric is described once', async (t) => {
  const { logger } = logged()
  const health = new Health({ a: { what: 'a' }, b: { what: 'b' } }, logger, Date.now)
  const { text } = await startServer(t, { http: { gauges: () => health.gauges() } }).ask('GET /metrics')
  const described = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name]) => name as string)
  t.same(described, [...new Set(described)])
  for (const [, name] of text.matchAll(/^([a-z_]+?)(?:_bucket|_sum|_count)?[{ ]/gm))
    if (!described.includes(name as string)) t.fail(`${name} is not described`)
})

t.test('a disk that is nearly full', async (t) => {
  const told: string[] = []
  const reports = { worked: () => told.push('worked'), failed: (error: Error) => told.push(error.message) }
  const roomy = new Disk('.', reports, 1)
  await roomy.look()
  t.ok((roomy.free ?? 0) > 0)
  await new Disk('.', reports, Number.MAX_SAFE_INTEGER).look()
  await new Disk('/nowhere/at/all', reports).look()
  t.equal(told[0], 'worked')
  t.match(told[1], /nearly full/)
  t.match(told[2], /ENOENT/)
})
