// `alcove relabel`: labels all that is stored by the rules in force, says what changed, and goes on where it was stopped.
import { UNAUTHENTICATED } from '../../src/access/index.ts'
import t from 'tap'
import { readConfig } from '../../src/config.ts'
import { parseJson, type Resource } from '../../src/fhir/index.ts'
import { openParts } from '../../src/server.ts'
import { condition, encounter, patient, plan, type TestRule } from '../repository/labelled-run.ts'
import { alcove, writeFiles } from './process.ts'

const RULE: TestRule = { name: 'mine', type: 'Condition', label: 'ETHUD', codes: ['a'] }
const COUNT = 600

t.test('what is stored is labelled by a rule that was loaded after it', async (t) => {
  const folder = t.testdir()
  const env = { ALCOVE_DATABASE: `sqlite:${folder}/alcove.db` }
  const load = async (resources: readonly Resource[]): Promise<void> => {
    const lines = resources.map((resource) => `${JSON.stringify(resource)}\n`).join('')
    writeFiles(folder, { 'records.ndjson': lines })
    const { status, stderr } = await alcove(['load', '--quiet', 'records.ndjson'], { env, cwd: folder })
    t.equal(status, 0, stderr)
  }
  const labelled = async (type: string, id: string): Promise<string> => {
    const parts = await openParts(readConfig({ ALCOVE_LOG_LEVEL: 'silent', ...env }))
    const { body } = await parts.repositoryFor(UNAUTHENTICATED).read(type, id)
    await parts.close()
    return JSON.stringify((parseJson(body as Buffer) as Resource).meta)
  }
  await load([
    patient,
    ...Array.from({ length: COUNT }, (_, at) => condition(`c${at}`, at % 3 === 0 ? 'a' : 'b')),
    encounter('e', 'c0'),
  ])
  t.match(
    (await alcove(['relabel'], { env })).stdout,
    /^[\d,]+ resources gone through, the labels of 0 changed/,
  )

  await load([
    plan('mine', [
      { ...RULE, label: 'NONSENSE' },
      { ...RULE, name: 'other' },
    ]),
  ])
  t.notMatch(await labelled('Encounter', 'e'), /ETHUD/)

  // The clock is asked for each line of progress: by then it is at work.
  const stop = new AbortController()
  const stopped = await alcove(['relabel'], {
    env,
    stop: stop.signal,
    now() {
      setImmediate(() => setImmediate(() => stop.abort()))
      return Date.now()
    },
  })
  t.match(stopped, {
    status: 130,
    stdout: '',
    stderr: /stopped after [\d,]+ of [\d,]+ resources; run it again/,
  })

  const { status, stdout, stderr } = await alcove(['relabel'], { env })
  t.equal(status, 0)
  t.match(stderr, /alcove relabel: PlanDefinition\/mine, PlanDefinition\.action\[0\]\S*: ActCode has no such/)
  t.match(stdout, /^ {2}Condition {2}200$/m)
  t.match(stdout, /^ {2}Encounter {2}1$/m)
  t.match(stdout, /^ {2}\+ http:\/\/terminology\.hl7\.org\/CodeSystem\/v3-ActCode\|ETHUD {2}201$/m)
  t.match(stdout, /\d+ resources gone through, the labels of 201 changed, in 0:\d\d\n$/)
  t.match(await labelled('Encounter', 'e'), /ETHUD/)
  t.match(await labelled('Condition', 'c597'), /ETHUD/)
  t.notMatch(await labelled('Condition', 'c598'), /security/)
  t.match((await alcove(['verify'], { env })).stdout, /bodies, history and index agree/)
})
