// A rule that is put to a real server that is killed while it brings what is stored up to it: the next one goes on.
import t from 'tap'
import { condition, encounter, patient, plan, type TestRule } from '../repository/labelled-run.ts'
import { runAlcove, serve, temporaryFolder, type ServerProcess } from './server-process.ts'

t.setTimeout(300_000)

const RULE: TestRule = { name: 'mine', type: 'Condition', label: 'SUD', codes: ['a'] }
const COUNT = 1500

const notesOf = async ({ url }: ServerProcess): Promise<string> => (await fetch(`${url}/readyz`)).text()

async function untilLabelled(server: ServerProcess): Promise<void> {
  while (/labels \(/.test(await notesOf(server))) await new Promise((resolve) => setTimeout(resolve, 20))
}

async function total(server: ServerProcess, query: string): Promise<number> {
  const { text } = await server.client.ask(`GET ${query}&_total=accurate&_count=0`)
  return (JSON.parse(text) as { total: number }).total
}

t.test('kill -9 while what is stored is labelled anew', async (t) => {
  const folder = await temporaryFolder(t)
  const env = { ALCOVE_DATABASE: `sqlite:${folder}/alcove.db`, ALCOVE_LOG_LEVEL: 'info' }
  let server = await serve(t, env)
  const put = async (resource: object): Promise<void> => {
    const { status, text } = await server.client.update(resource as never)
    if (status >= 300) throw new Error(text)
  }
  await put(patient)
  const resources = [
    ...Array.from({ length: COUNT }, (_, at) => condition(`c${at}`, at % 2 === 0 ? 'a' : 'b')),
    encounter('e', 'c0'),
    encounter('other', 'c1'),
  ]
  const entry = resources.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${String(resource['id'])}` },
  }))
  const answer = await fetch(`${server.url}/fhir`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/fhir+json' },
    body: JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }),
  })
  t.equal(answer.status, 200)
  await untilLabelled(server)
  t.equal(await total(server, 'Condition?_security=SUD'), 0)

  await put(plan('mine', [RULE]))
  t.match(await notesOf(server), /labels \(running\)/, 'readyz tells of it')
  for (let kill = 0; kill < 3; kill++) {
    const before = await total(server, 'Condition?_security=SUD')
    while ((await total(server, 'Condition?_security=SUD')) === before && before < COUNT / 2)
      await new Promise((resolve) => setTimeout(resolve, 5))
    server.kill('SIGKILL')
    await server.ended
    server = await serve(t, env)
  }
  await untilLabelled(server)
  t.equal(await total(server, 'Condition?_security=SUD'), COUNT / 2)
  t.equal(await total(server, 'Encounter?_security=SUD'), 1)
  t.equal(await total(server, 'Condition?_security:not=SUD'), COUNT / 2)
  const { text } = await server.client.ask('GET Condition/c0/_history?_count=10')
  t.equal(
    (JSON.parse(text) as { entry: unknown[] }).entry.length,
    2,
    'one new version, however often it began',
  )
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  t.match(metrics, /^alcove_relabel_done \d+$/m)
  t.match(metrics, /^alcove_label_rule_faults 0$/m)
  t.match(server.log(), /all that is stored is labelled by the rules/)

  await server.client.delete('PlanDefinition', 'mine')
  await untilLabelled(server)
  t.equal(await total(server, 'Condition?_security=SUD'), 0)
  t.equal(await total(server, 'Encounter?_security=SUD'), 0)

  // What is wrong with one rule is told, and leaves the other in force.
  await put(plan('mine', [{ ...RULE, name: 'broken', valueSet: 'urn:sets:none' }, RULE]))
  t.match(
    await notesOf(server),
    /label rules, PlanDefinition\/mine, PlanDefinition\.action\[0\].*urn:sets:none/,
  )
  const withFault = await (await fetch(`${server.url}/metrics`)).text()
  t.match(withFault, /^alcove_label_rule_faults 1$/m)
  await untilLabelled(server)
  t.equal(await total(server, 'Condition?_security=SUD'), COUNT / 2)
  await server.stop()
  t.match((await runAlcove(['verify'], env)).stdout, /bodies, history and index agree/)
})
