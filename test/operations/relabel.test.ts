// $relabel: begun by POST, told by GET, with what has changed and which rules are at fault.
import t from 'tap'
import { createValidator } from '../../src/conformance/index.ts'
import { loadDefinitions, parseJson, type JsonObject, type Resource } from '../../src/fhir/index.ts'
import { plan } from '../access/labels/rules.ts'
import type { Reply, TestServer } from '../rest/server.ts'
import { labellingServer } from './labelling-server.ts'

const validator = createValidator(loadDefinitions())

interface Part {
  readonly name: string
  readonly part?: readonly Part[]
  readonly [value: string]: unknown
}

function valueOf(part: Part | undefined): unknown {
  return Object.entries(part ?? {}).find(([key]) => key.startsWith('value'))?.[1]
}

function value(reply: Reply, name: string): unknown {
  return valueOf(reply.json.parameter.find((one: Part) => one.name === name))
}

function groups(reply: Reply, name: string): Record<string, unknown>[] {
  return (reply.json.parameter as Part[])
    .filter((one) => one.name === name)
    .map(({ part = [] }) => Object.fromEntries(part.map((one) => [one.name, valueOf(one)])))
}

/** What a GET says when nothing is under way any more. */
async function finished({ ask }: TestServer): Promise<Reply> {
  for (;;) {
    const reply = await ask('GET $relabel')
    if (value(reply, 'status') === 'finished') return reply
    await new Promise((resolve) => void setTimeout(resolve, 5))
  }
}

async function put({ ask }: TestServer, resource: JsonObject): Promise<void> {
  const reply = await ask(`PUT ${String(resource.resourceType)}/${String(resource.id)}`, resource)
  if (reply.status >= 300) throw new Error(reply.text)
}

t.test('a rule that a practice adds', async (t) => {
  const server = await labellingServer(t)
  const { ask } = server
  const before = await finished(server)
  await put(server, { resourceType: 'Patient', id: 'p' })
  for (const id of ['a', 'b'])
    await put(server, {
      resourceType: 'Observation',
      id,
      status: 'final',
      code: { coding: [{ system: 'urn:tests', code: 'DRUGS-12' }] },
      subject: { reference: 'Patient/p' },
    })
  await put(
    server,
    plan({
      id: 'ours',
      title: 'Ours',
      code: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'SUD' }] }],
      input: [
        {
          type: 'Resource',
          codeFilter: [
            { path: 'descendants().ofType(Coding)', code: [{ system: 'urn:tests', code: 'DRUGS-12' }] },
          ],
        },
        { type: 'Resource', codeFilter: [{ path: 'nonsense()', code: [{ code: 'x' }] }] },
      ],
    }) as JsonObject,
  )
  const reply = await finished(server)
  t.same(
    validator
      .validate(parseJson(Buffer.from(reply.text)) as Resource)
      .filter(({ severity }) => severity === 'error'),
    [],
  )
  t.not(value(reply, 'rules'), value(before, 'rules'))
  t.equal(value(reply, 'changed'), 2)
  t.equal(value(reply, 'done'), value(reply, 'total'))
  t.equal(value(reply, 'pending'), 0)
  t.match(value(reply, 'started'), /^2026-01-31T/)
  t.match(value(reply, 'finished'), /^2026-01-31T/)
  t.same(
    groups(reply, 'change').map(({ label, added, removed }) => [
      (label as { code: string }).code,
      added,
      removed,
    ]),
    [
      ['SUD', 2, 0],
      ['R', 2, 0],
    ],
  )
  t.same(groups(reply, 'type'), [{ name: 'Observation', changed: 2 }])
  t.match(groups(reply, 'fault'), [{ resource: 'PlanDefinition/p', path: /action\[0\]\.input\[1\]/ }])
  t.same((await ask('GET Observation?_security=SUD&_summary=count')).json.total, 2)
})

t.test('a POST begins, a GET does not', async (t) => {
  const server = await labellingServer(t)
  const { ask, tick } = server
  const first = value(await finished(server), 'started')
  tick(60_000)
  t.equal((await ask('HEAD $relabel')).status, 200)
  t.equal(value(await finished(server), 'started'), first)
  const begun = await ask('POST $relabel')
  t.equal(begun.status, 200)
  t.ok(['running', 'finished'].includes(value(begun, 'status') as string))
  t.not(value(await finished(server), 'started'), first)
  t.match(
    (await ask('GET $relabel?_format=xml')).text,
    /<name value="status"\/><valueCode value="finished"\/>/,
  )
  t.equal((await ask('POST $relabel?x=y')).status, 400)
})

t.test('it is no part of a transaction', async (t) => {
  const { ask } = await labellingServer(t)
  const entry = [{ request: { method: 'POST', url: '$relabel' } }]
  const refused = await ask('POST ', { resourceType: 'Bundle', type: 'transaction', entry })
  t.equal(refused.status, 400)
  t.equal(refused.json.issue[0].expression[0], 'Bundle.entry[0]')
  const batch = await ask('POST ', { resourceType: 'Bundle', type: 'batch', entry })
  t.equal(batch.json.entry[0].response.status, '200')
})
