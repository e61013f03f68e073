// The process itself: its streams, signals and exit status, as a shell sees them.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import packageJson from '../../package.json' with { type: 'json' }

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

function start(...args: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  const ended = once(child, 'close').then(([status, signal]) => ({ status, signal, stdout, stderr }))
  return { child, ended }
}

t.test('exit status and streams', async (t) => {
  const version = await start('--version').ended
  t.match(version, { status: 0, stdout: `${packageJson.version}\n`, stderr: '' })
  t.match(await start('srve').ended, { status: 2, stdout: '', stderr: /did you mean serve\?/ })
})

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  t.test(`${signal} ends a server cleanly`, async (t) => {
    const { child, ended } = start('demo', '--port', '0', '--json')
    const first = await Promise.race([once(child.stdout, 'data'), ended])
    t.ok(Array.isArray(first), 'it began')
    child.kill(signal)
    const { status, signal: killedBy, stdout, stderr } = await ended
    t.same({ status, killedBy, stderr }, { status: 0, killedBy: null, stderr: '' })
    t.equal(stdout.split('\n').length, 2, 'one line')
  })
