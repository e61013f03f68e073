// argv -> command: help, versions, and errors that say what would be right.
import t from 'tap'
import { COMMANDS } from '../../src/cli/index.ts'
import { settingsHelp, settingsTable } from '../../src/cli/settings-help.ts'
import { SETTINGS } from '../../src/config.ts'
import { alcove } from './process.ts'

t.test('help lists every command, and each command says what it takes', async (t) => {
  for (const asked of ['--help', '-h', 'help']) {
    const { status, stdout } = await alcove([asked])
    t.equal(status, 0, asked)
    for (const name of Object.keys(COMMANDS)) t.match(stdout, new RegExp(`^  ${name} +\\w`, 'm'))
  }
  for (const name of Object.keys(COMMANDS)) {
    const { status, stdout, stderr } = await alcove([name, '--help'])
    t.same([status, stderr], [0, ''], name)
    t.match(stdout, new RegExp(`^Usage: alcove ${name}`))
    t.equal((await alcove(['help', name])).stdout, stdout, 'and so does "help NAME"')
  }
  t.equal((await alcove([])).status, 2, 'nothing asked is a usage error that shows the help')
})

t.test('the version is told', async (t) => {
  for (const asked of ['--version', '-v', 'version']) t.equal((await alcove([asked])).stdout, '9.9.9\n')
})

t.test('what is not known is told with what is', async (t) => {
  const cases: readonly [args: readonly string[], told: RegExp][] = [
    [['lod'], /there is no command "lod"; did you mean load\?/],
    [['frobnicate'], /there is no command "frobnicate"\n"alcove --help" lists/],
    [['toString'], /there is no command "toString"/],
    [['--prot'], /there is no option "--prot"/],
    [['demo', '--prt', '1'], /there is no option of "alcove demo" "--prt"; did you mean --port\?/],
    [['load', '--jsn=1', 'x'], /"--jsn=1"|"--jsn"/],
    [['demo', '--port'], /alcove demo: .*--port/s],
    [['demo', '--port', '70000'], /--port is "70000", but must be a whole number from 0 to 65535/],
    [['demo', '--port', '1e3'], /--port is "1e3"/],
    [['demo', 'now'], /alcove demo: takes no "now"/],
    [['serve', 'fast'], /alcove serve: takes no "fast"/],
    [['load'], /alcove load: takes the files or folders to load/],
    [['load', '--references', 'maybe', 'x'], /--references is "maybe", but must be off or enforce/],
    [['backup'], /alcove backup: takes one FILE/],
    [['backup', 'a', 'b'], /alcove backup: takes one FILE/],
    [['restore'], /alcove restore: takes one FILE/],
  ]
  for (const [args, told] of cases) {
    const { status, stdout, stderr } = await alcove(args)
    t.equal(status, 2, args.join(' '))
    t.equal(stdout, '')
    t.match(stderr, told)
    t.notMatch(stderr, /\n\s+at /, 'without a stack')
  }
})

t.test('faulty settings end a command before it begins, all told', async (t) => {
  for (const args of [['serve'], ['reindex'], ['backup', 'x'], ['restore', 'x'], ['load', 'x']] as const) {
    const { status, stderr } = await alcove(args, {
      env: { ALCOVE_PORT: 'x', ALCOVE_HOST: '0.0.0.0', ALCOVE_WHAT: '' },
    })
    t.equal(status, 2, args[0])
    for (const name of ['ALCOVE_PORT is "x"', 'ALCOVE_HOST is "0.0.0.0"', 'ALCOVE_WHAT is not a setting'])
      t.ok(stderr.includes(`\n  ${name}`), `${args[0]} names ${name}`)
  }
})

t.test('a throwaway store has no backup', async (t) => {
  const env = { ALCOVE_DATABASE: 'sqlite::memory:' }
  t.equal((await alcove(['backup', 'x'], { env })).status, 2)
  t.equal((await alcove(['restore', 'x'], { env })).status, 2)
})

t.test('the settings are told from the one table', async (t) => {
  const help = (await alcove(['serve', '--help'])).stdout
  const rows = settingsTable().split('\n')
  t.equal(rows.length, Object.keys(SETTINGS).length + 2)
  for (const { name, default: fallback } of Object.values(SETTINGS)) {
    t.ok(help.includes(`  ${name}  (`), `help has ${name}`)
    t.ok(
      rows.some((it) => it.startsWith(`| \`${name}\` | `) && it.includes(fallback)),
      `table has ${name}`,
    )
  }
  t.notMatch(settingsHelp(), /`/, 'no Markdown on a terminal')
})
