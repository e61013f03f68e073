// While a server starts nothing is compiled by V8's optimizing compilers, and afterwards all is as ever, in every thread.
import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'

const SOURCE = path.resolve(import.meta.dirname, '../src/unoptimized-start.ts')

/** `isCompiled()` runs a function until it is compiled by an optimizing compiler, or has been called often enough for that. */
const HOT = `
    const OPTIMIZED = 16
    const TURBOFANNED = 64
    const hot = (a, b) => { let sum = a; for (let at = 0; at < 3; at++) sum = (sum * 31 + b) | 0; return sum }
    const isCompiled = async (how = OPTIMIZED) => {
      for (let turn = 0; turn < 200; turn++) {
        for (let at = 0; at < 2000; at++) hot(at, turn)
        // Compiled beside this thread, it is put in place between two turns.
        await new Promise((done) => setImmediate(done))
        if ((%GetOptimizationStatus(hot) & how) !== 0) return true
      }
      return false
    }
    const untilCompiled = async (how) => {
      for (const ends = Date.now() + 60_000; Date.now() < ends; ) if (await isCompiled(how)) return true
      return false
    }
  `

async function run(script: string, ...flags: readonly string[]): Promise<unknown> {
  const arguments_ = [...flags, '--input-type=module', '--eval', script]
  const { stdout } = await promisify(execFile)(process.execPath, arguments_)
  return JSON.parse(stdout)
}

function script(body: string): string {
  return `
    import { loadOptimized, loadUnoptimized, startUnoptimized } from ${JSON.stringify(SOURCE)}
    const say = (value) => process.stdout.write(JSON.stringify(value))
    ${body}`
}

t.test('what runs often is compiled once the start is over, and not before', async (t) => {
  const answer = await run(
    script(`${HOT}
      loadUnoptimized()
      const { promise: ready } = Promise.withResolvers()
      const start = startUnoptimized(ready)
      const before = await isCompiled()
      start.end()
      say([before, await untilCompiled()])`),
    '--allow-natives-syntax',
  )
  t.strictSame(answer, [false, true])
})

t.test('a start that has much to do is optimized after all', async (t) => {
  const answer = await run(
    script(`${HOT}
      loadUnoptimized()
      loadOptimized()
      say(await untilCompiled(TURBOFANNED))`),
    '--allow-natives-syntax',
  )
  t.equal(answer, true)
})

t.test('it is over when there is much to do after the start, and when the start fails', async (t) => {
  for (const ready of ['Promise.resolve()', "Promise.reject(new Error('no disk'))"]) {
    const answer = await run(
      script(`${HOT}
        startUnoptimized(${ready})
        say(await untilCompiled())`),
      '--allow-natives-syntax',
    )
    t.equal(answer, true, ready)
  }
})

t.test('a thread that began while the server was loaded compiles afterwards as any other', async (t) => {
  const thread = `${HOT}
    import { parentPort } from 'node:worker_threads'
    parentPort.once('message', async () => parentPort.postMessage(await untilCompiled()))
    parentPort.postMessage('begun')`
  const answer = await run(
    script(`
      import { once } from 'node:events'
      import { Worker } from 'node:worker_threads'
      loadUnoptimized()
      const thread = new Worker(${JSON.stringify(thread)}, { eval: true })
      await once(thread, 'message')
      const start = startUnoptimized(Promise.resolve())
      start.end()
      thread.postMessage('go')
      say((await once(thread, 'message'))[0])`),
    '--allow-natives-syntax',
  )
  t.equal(answer, true)
})

t.test('nothing is switched on that somebody has switched off', async (t) => {
  const answer = await run(
    script(`${HOT}
      loadUnoptimized()
      startUnoptimized(Promise.resolve()).end()
      say(await isCompiled())`),
    '--allow-natives-syntax',
    '--no-opt',
    '--no-maglev',
  )
  t.equal(answer, false)
})

t.test('where V8 makes no machine code, as it has no WebAssembly then, it is left alone', async (t) => {
  const answer = await run(
    script(`${HOT}
      delete globalThis.WebAssembly
      loadUnoptimized()
      startUnoptimized(Promise.withResolvers().promise)
      say(await untilCompiled())`),
    '--allow-natives-syntax',
  )
  t.equal(answer, true)
})

t.test('it does not keep the process alive', async (t) => {
  t.equal(await run(script(`startUnoptimized(Promise.resolve()); say('done')`)), 'done')
})
