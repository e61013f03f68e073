// Patches as bombs: JSON Patches that multiply or shift what is there without end, FHIRPath that explodes.
import t from 'tap'
import { attacked, KNOWN, type Attacked } from './attacked.ts'

t.setTimeout(600_000)

const JSON_PATCH = { 'content-type': 'application/json-patch+json' }
const many = (count: number, item: string): string => Array.from({ length: count }, () => item).join(',')

/** Each patch with what its refusal must say. */
const JSON_PATCHES: Readonly<Record<string, readonly [status: number, patch: string, told: RegExp]>> = {
  'doubles what the one before doubled': [
    422,
    `[{"op":"add","path":"/x","value":["aaaaaaaaaa"]},${many(60, '{"op":"copy","from":"/x","path":"/x/-"}')}]`,
    /copies too much/,
  ],
  'shifts a long array a thousand times': [
    422,
    `[{"op":"add","path":"/x","value":[${many(10_000, '1')}]},${many(1000, '{"op":"add","path":"/x/0","value":1}')}]`,
    /Operation \d+ .*the patch has too much to do/,
  ],
  'shifts decimals a thousand times': [
    422,
    `[{"op":"add","path":"/x","value":[${many(10_000, '1.0')}]},${many(1000, '{"op":"add","path":"/x/0","value":1.0}')}]`,
    /the patch has too much to do/,
  ],
  'moves a tree to and fro': [
    422,
    `[{"op":"add","path":"/x","value":[${many(10_000, '1')}]},${many(1000, '{"op":"move","from":"/x","path":"/y"},{"op":"move","from":"/y","path":"/x"}')}]`,
    /the patch has too much to do/,
  ],
  'changes one decimal among many, again and again': [
    422,
    `[{"op":"add","path":"/x","value":{${Array.from({ length: 10_000 }, (_, n) => `"a${n}":1.0`).join(',')}}},${many(1000, '{"op":"replace","path":"/x/a0","value":1.50}')}]`,
    /the patch has too much to do/,
  ],
  'builds a tower by copying it onto itself': [
    422,
    `[{"op":"add","path":"/a","value":${'{"a":'.repeat(150)}{}${'}'.repeat(150)}},${many(200, `{"op":"copy","from":"/a","path":"${'/a'.repeat(150)}"}`)}]`,
    /more than 200 levels deep/,
  ],
  'points where nothing can be': [
    400,
    `[{"op":"add","path":"${'/a'.repeat(100_000)}","value":1}]`,
    /leads deeper than the 200 levels/,
  ],
  'an index beyond all': [422, '[{"op":"add","path":"/name/99999999","value":{}}]', /only 1 items/],
  'an index of many digits': [
    422,
    `[{"op":"add","path":"/name/${'9'.repeat(10_000)}","value":{}}]`,
    /no index/,
  ],
  'a prototype': [
    400,
    '[{"op":"add","path":"/__proto__/polluted","value":true}]',
    /no element has this name/,
  ],
  'a constructor': [400, '[{"op":"copy","from":"/constructor","path":"/x"}]', /no element has this name/],
  'a method of all objects': [422, '[{"op":"copy","from":"/toString","path":"/x"}]', /leads to nothing/],
  'another type': [422, '[{"op":"replace","path":"/resourceType","value":"Observation"}]', /resourceType/],
  'nothing at all': [422, '[{"op":"replace","path":"","value":null}]', /no resource/],
  'half a surrogate pair': [
    400,
    '[{"op":"add","path":"/\\ud800","value":"\\ud800"}]',
    /of that name|no element|surrogate/,
  ],
}

const PATHS: Readonly<Record<string, readonly [status: number, path: string, told: RegExp]>> = {
  'a regular expression that tries everything': [
    422,
    `Patient.name.where('${'a'.repeat(40)}!'.matches('^(a+)+$'))`,
    /take too long/,
  ],
  'texts that grow tenfold': [
    422,
    `Patient.name.where('a'${".replace('a','aaaaaaaaaa')".repeat(9)}${".matches('(a*)*b')".repeat(1)})`,
    /take too long|too long|cannot be evaluated/,
  ],
  'all below all, again and again': [
    422,
    `Patient.name${'.select(%resource.descendants())'.repeat(30)}`,
    /take too long/,
  ],
  'a repetition without end': [422, "Patient.name.given.repeat($this & 'a')", /take too long|more memory/],
  'quotes that never close': [400, "\\'".repeat(50_000), /longer than 10000 characters/],
  'comments that never close': [400, '/* '.repeat(3000), /a comment is not closed/],
  parentheses: [400, '('.repeat(9000), /nested too deeply/],
  signs: [400, '-'.repeat(9000), /nested too deeply/],
  'a long chain': [400, `Patient${'.name'.repeat(1900)}`, /more than 500 steps/],
  'a long row of indexes': [400, `Patient${'[0]'.repeat(3000)}`, /more than 500 steps/],
  'a long row of operators': [
    400,
    `Patient.name.where(true${' or true'.repeat(1200)})`,
    /more than 500 steps/,
  ],
  'dates that cannot be': [400, 'Patient.name.where(@9999-99-99 = today())', /cannot be evaluated/],
  'years beyond all': [
    400,
    'Patient.where(@2020-01-01 + 99999999999 years > today())',
    /cannot be evaluated/,
  ],
  'a broken regular expression': [400, "Patient.name.where(family.matches('['))", /no regular expression/],
  'another server': [
    400,
    "Patient.where('http://127.0.0.1:9/Patient/x'.resolve().exists())",
    /cannot be eval/,
  ],
  "another server's value set": [
    400,
    "Patient.name.where(family.memberOf('http://127.0.0.1:9/'))",
    /cannot be/,
  ],
  'the inside of the engine': [400, '%factory', /needed|cannot be evaluated/],
}

/** One operation that deletes what the path selects. */
function deletion(path: string): object {
  const part = [
    { name: 'type', valueCode: 'delete' },
    { name: 'path', valueString: path },
  ]
  return { resourceType: 'Parameters', parameter: [{ name: 'operation', part }] }
}

async function afresh(server: Attacked): Promise<void> {
  await server.ask('PUT Patient/victim', { ...KNOWN, id: 'victim' })
}

t.test('JSON Patches', async (t) => {
  const server = await attacked(t)
  await afresh(server)
  for (const [name, [status, patch, told]] of Object.entries(JSON_PATCHES)) {
    const reply = await server.attack(name, 'PATCH Patient/victim', patch, JSON_PATCH)
    t.equal(reply.status, status, `${name}: ${reply.text.slice(0, 300)}`)
    t.match(reply.json.issue[0].diagnostics, told, name)
  }
  await server.survives()
})

t.test('FHIRPath Patches', async (t) => {
  const server = await attacked(t)
  await afresh(server)
  for (const [name, [status, path, told]] of Object.entries(PATHS)) {
    const reply = await server.attack(name, 'PATCH Patient/victim', deletion(path))
    t.equal(reply.status, status, `${name}: ${reply.text.slice(0, 300)}`)
    t.match(reply.json.issue[0].diagnostics, told, name)
  }
  const each = Array.from({ length: 30_000 }, () => deletion('Patient.contact[0]'))
  const operations = each.flatMap((one) => (one as { parameter: object[] }).parameter)
  const crowd = { resourceType: 'Parameters', parameter: operations }
  const reply = await server.attack('a crowd of operations', 'PATCH Patient/victim', crowd)
  t.equal(reply.status, 422)
  t.match(reply.json.issue[0], { code: 'too-costly', diagnostics: /take too long/ })
  t.equal((await server.ask('GET Patient/victim')).json.meta.versionId, '1', 'nothing was changed')
  await server.survives()
})

t.test('the expressions of search parameters', async (t) => {
  const server = await attacked(t)
  for (const [name, [, expression]] of Object.entries(PATHS)) {
    const reply = await server.attack(name, 'POST SearchParameter', {
      resourceType: 'SearchParameter',
      url: 'http://example.org/bomb',
      name: 'Bomb',
      status: 'active',
      description: 'text',
      code: 'bomb',
      base: ['Patient'],
      type: 'string',
      expression,
    })
    t.ok(reply.status < 500, name)
  }
  await server.survives()
})
