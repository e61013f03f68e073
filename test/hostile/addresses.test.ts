// Whatever address an input names, in whichever place: nobody is called. Were anybody called, this process would open
// a socket, for the server runs in it.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer, type AddressInfo } from 'node:net'
import t from 'tap'
import { definitions } from './judge.ts'
import { attacked } from './attacked.ts'
import { SEEDS } from './seeds.ts'

t.setTimeout(600_000)

const NAMES: ReadonlySet<string> = new Set(['uri', 'url', 'canonical'])
type Json = null | string | number | boolean | Json[] | { [name: string]: Json }

/** The resource with the address in every element that may name one, those that it does not have yet too. */
function naming(
  address: string,
  resource: { [name: string]: Json },
  typeName: string,
  depth = 0,
): { [name: string]: Json } {
  const type = definitions.type(typeName)
  const named: { [name: string]: Json } = { ...resource }
  if (type === undefined || depth > 3) return named
  for (const [name, { type: of, array, element }] of type.properties) {
    const present = named[name]
    if (element.choice && present === undefined) continue
    const wrap = (value: Json): Json => (array ? [value] : value)
    if (name === 'implicitRules' || name === 'extension' || name === 'modifierExtension') continue
    if (NAMES.has(of.code)) named[name] = wrap(address)
    else if (of.code === 'Reference') named[name] = wrap({ reference: address })
    else if (of.code === 'Attachment') named[name] = wrap({ url: address })
    else if (of.code === 'Meta') named[name] = { profile: [address], source: address }
    else if (present !== undefined && typeof present === 'object' && present !== null) {
      const within = (value: Json): Json =>
        typeof value === 'object' && value !== null && !Array.isArray(value) && of.code !== 'Resource'
          ? naming(address, value, of.code, depth + 1)
          : value
      named[name] = Array.isArray(present) ? present.map(within) : within(present)
    }
  }
  return named
}

t.test('no input makes the server call anybody', async (t) => {
  let touched = 0
  const listener = createServer((socket) => {
    touched++
    socket.destroy()
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  t.teardown(() => listener.close())
  const opened: unknown[] = []
  const notice = (message: unknown): void => {
    opened.push(message)
  }
  subscribe('net.client.socket', notice)
  t.teardown(() => unsubscribe('net.client.socket', notice))
  const address = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/trap`

  const server = await attacked(t)
  const ask = (line: string, body?: unknown, headers?: Record<string, string>) =>
    server.attack(line, line, body, headers)
  let taken = 0
  for (const [index, seed] of SEEDS.entries()) {
    const type = seed.resourceType
    const named = naming(address, { ...(seed as { [name: string]: Json }), id: `s${index}` }, type)
    const reply = await ask(`PUT ${type}/s${index}`, named)
    if (reply.status !== 201) continue
    taken++
    await ask(`GET ${type}/s${index}?_format=xml`)
  }
  t.ok(taken > 140, `${taken} resources that name it are kept`)

  const vs = { resourceType: 'ValueSet', id: 'vs', status: 'active', url: `${address}/vs` }
  await ask('PUT ValueSet/vs', {
    ...vs,
    compose: { include: [{ system: `${address}/cs` }, { valueSet: [`${address}/other`] }] },
  })
  const sp = {
    resourceType: 'SearchParameter',
    name: 'T',
    status: 'active',
    description: 'd',
    code: 'trap',
    type: 'string',
  }
  const expressions = [
    "'trap'.memberOf('trap')",
    "Patient.where('trap'.resolve().exists())",
    "Patient.conformsTo('trap')",
  ]
  for (const expression of expressions)
    await ask('POST SearchParameter', {
      ...sp,
      url: address,
      base: ['Patient'],
      expression: expression.replaceAll('trap', address),
    })
  const escaped = encodeURIComponent(address)
  for (const search of [
    `Patient?_profile=${escaped}`,
    `Patient?_source=${escaped}`,
    `Patient?gender:in=${escaped}%2Fvs`,
    `Patient?gender:not-in=${escaped}%2Fnone`,
    `Condition?code:below=${escaped}|a`,
    `Observation?subject=${escaped}%2Ffhir%2FPatient%2F1`,
    `Observation?subject:Patient.name=a&_include=Observation:subject&_include:iterate=*`,
    `Patient?_has:Observation:subject:code=${escaped}|a`,
    `ValueSet?url=${escaped}&_include=*&_revinclude=*`,
    `ValueSet?url:below=${escaped}`,
    `Patient?_filter=organization%20eq%20${escaped}`,
    `Patient?_list=${escaped}`,
    `Patient?_format=${escaped}`,
    `${escaped}`,
    `Patient/known/$everything?_since=2020-01-01`,
    `Patient/known/_history?_at=2020`,
  ])
    await ask(`GET ${search}`)
  const headers = [
    'referer',
    'origin',
    'x-forwarded-host',
    'x-forwarded-for',
    'forwarded',
    'from',
    'link',
    'x-original-url',
  ]
  for (const header of headers) await ask('GET Patient/known', undefined, { [header]: address })
  await ask(`GET ${address}/fhir/Patient/known`)
  await ask('POST Patient', { resourceType: 'Patient' }, { 'if-none-exist': `${address}?identifier=a` })

  const url = (method: string, at: string): object => ({ fullUrl: at, request: { method, url: at } })
  for (const type of ['batch', 'transaction'])
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD'])
      await ask('POST ', {
        resourceType: 'Bundle',
        type,
        link: [{ relation: 'next', url: address }],
        entry: [url(method, `${address}/fhir/Patient/1`)],
      })
  for (const doc of [
    `<!DOCTYPE Patient SYSTEM "${address}"><Patient xmlns="http://hl7.org/fhir"/>`,
    `<!DOCTYPE a [<!ENTITY % x SYSTEM "${address}">%x;]><Patient xmlns="http://hl7.org/fhir"/>`,
    `<?xml-stylesheet href="${address}"?><Patient xmlns="http://hl7.org/fhir"/>`,
    `<Patient xmlns="http://hl7.org/fhir" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="${address} ${address}"/>`,
    `<Patient xmlns="http://hl7.org/fhir" xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="${address}"/></Patient>`,
    `<Patient xmlns="http://hl7.org/fhir"><text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"><img src="${address}" alt="a"/></div></text></Patient>`,
  ])
    await ask('POST Patient', doc, { 'content-type': 'application/fhir+xml' })
  const patch = [
    `Patient.where('${address}'.resolve().exists())`,
    `Patient.where(gender.memberOf('${address}'))`,
    `%terminologies.expand('${address}')`,
  ]
  for (const path of patch) {
    const part = [
      { name: 'type', valueCode: 'delete' },
      { name: 'path', valueString: path },
    ]
    await ask('PATCH Patient/known', { resourceType: 'Parameters', parameter: [{ name: 'operation', part }] })
  }
  // What would be called later would be called by now.
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  t.equal(touched, 0, 'nobody came to the address')
  t.same(opened, [], 'and no socket was opened')
  await server.survives()
})
