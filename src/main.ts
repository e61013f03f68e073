#!/usr/bin/env node
// The process: argv -> command; signals; nothing else.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 14)) {
  process.stderr.write(
    `alcove needs Node 22.14 or newer, this is ${process.versions.node}: npm scripts bring their own, so use ` +
      '"npm start", or install a newer Node from https://nodejs.org\n',
  )
  process.exit(1)
}

const { runCli, EXIT } = await import('./cli/index.ts')
const { stackFrames } = await import('./fhir/errors.ts')
const { default: packageJson } = await import('../package.json', { with: { type: 'json' } })

// Databases, their logs and backups are for the user who runs this, and no one else on the machine.
process.umask(0o077)

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    // Asked twice, it goes at once; the store keeps what was acknowledged.
    if (stop.signal.aborted) process.exit(EXIT.interrupted)
    stop.abort()
  })

// A fault of ours, whoever it concerns: nothing can be relied on any more but the store. It is told, what was accepted
// is finished as far as that goes, and whoever watches the process starts it again.
const MS_TO_FINISH = 10_000
let faulty = false
process.on('uncaughtException', (fault: unknown, origin) => {
  process.stderr.write(`alcove: FAULT (${origin}): ${describeFault(fault)}\n`)
  if (faulty) process.exit(EXIT.failed)
  faulty = true
  setTimeout(() => process.exit(EXIT.failed), MS_TO_FINISH).unref()
  stop.abort()
})

/** Without the message: it may quote what was being read. */
function describeFault(fault: unknown): string {
  if (!(fault instanceof Error)) return typeof fault
  const { name, code } = fault as NodeJS.ErrnoException
  return [code === undefined ? name : `${name} ${code}`, ...stackFrames(fault)].join('\n    ')
}

// A reader that goes away (`alcove ... | head`) is no fault of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok)
  throw error
})

const status = await runCli(process.argv.slice(2), packageJson.version, {
  env: process.env,
  cwd: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  now: Date.now,
  stop: stop.signal,
  root: () => import('./server.ts'),
})
process.exitCode = faulty ? EXIT.failed : status
