// Starts the built server as the README tells a newcomer to, tries what it prints, and ends it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

interface Announcement {
  readonly url: string
  readonly resources: number
  readonly try: readonly string[]
}

const server = spawn('npm', ['run', '--silent', 'demo', '--', '--port', '0', '--json'], {
  stdio: ['ignore', 'pipe', 'inherit'],
  detached: true,
})
try {
  const lines = createInterface({ input: server.stdout })
  const [line] = (await once(lines, 'line', { signal: AbortSignal.timeout(60_000) })) as [string]
  const announcement = JSON.parse(line) as Announcement
  const root = announcement.url.replace(/\/fhir$/, '')
  for (const path of [
    '/healthz',
    '/readyz',
    '/metrics',
    '/openapi.json',
    '/',
    '/fhir/metadata',
    '/fhir/Patient?_count=2',
  ])
    await expectOk(root + path)
  if (announcement.try.length !== 7) throw new Error('the demo should print seven lines worth trying')
  for (const command of announcement.try) {
    const url = /https?:\/\/[^\s'"]+/.exec(command)?.[0]
    if (url === undefined) throw new Error(`no URL in: ${command}`)
    await expectOk(url)
  }
  console.log(`smoke: ${announcement.url} answered`)
} finally {
  process.kill(-(server.pid as number), 'SIGTERM')
  await once(server, 'exit')
}

async function expectOk(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) })
  const body = await response.text()
  if (!response.ok || body.length === 0) throw new Error(`${url}: ${response.status} ${body.slice(0, 300)}`)
}
