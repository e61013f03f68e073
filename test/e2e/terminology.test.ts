// Searches by value sets, hierarchies of codes and places, on a real server.
import t from 'tap'
import { serve, temporaryFolder } from './server-process.ts'

t.setTimeout(120_000)

const V = 'http://practice.example/ValueSet/mood'
const S = 'http://practice.example/CodeSystem/disorders'

t.test('searches by what is stored, as it is now', async (t) => {
  const folder = await temporaryFolder(t)
  const { client, stop } = await serve(t, { ALCOVE_DATABASE: `sqlite:${folder}/alcove.db` })
  const put = async (resource: Record<string, unknown>) => {
    const { status, text } = await client.ask(`PUT ${resource['resourceType']}/${resource['id']}`, {
      body: resource,
    })
    if (status >= 300) throw new Error(text)
  }
  const found = async (query: string): Promise<string> => {
    const { status, text } = await client.ask(`GET ${query}`)
    if (status !== 200) return `${status} ${text}`
    const bundle = JSON.parse(text) as { entry?: { resource: { id: string } }[] }
    return (bundle.entry ?? [])
      .map(({ resource }) => resource.id)
      .toSorted()
      .join(' ')
  }
  const valueSet = (compose: object) => ({
    resourceType: 'ValueSet',
    id: 'mood',
    url: V,
    status: 'active',
    compose,
  })
  await put({
    resourceType: 'CodeSystem',
    id: 'disorders',
    url: S,
    status: 'active',
    content: 'complete',
    concept: [
      {
        code: 'mood',
        concept: [{ code: 'depression', concept: [{ code: 'postpartum' }] }, { code: 'mania' }],
      },
      { code: 'anxiety' },
    ],
  })
  await put(
    valueSet({
      include: [{ system: S, filter: [{ property: 'concept', op: 'descendent-of', value: 'mood' }] }],
    }),
  )
  await put({ resourceType: 'Patient', id: 'p' })
  for (const code of ['mood', 'depression', 'postpartum', 'mania', 'anxiety'])
    await put({
      resourceType: 'Condition',
      id: code,
      subject: { reference: 'Patient/p' },
      code: { coding: [{ system: S, code }] },
    })
  await put({
    resourceType: 'Condition',
    id: 'text',
    subject: { reference: 'Patient/p' },
    code: { text: 'low mood' },
  })

  t.equal(await found(`Condition?code:in=${V}`), 'depression mania postpartum')
  t.equal(await found('Condition?code:in=ValueSet/mood'), 'depression mania postpartum')
  t.equal(await found(`Condition?code:not-in=${V}`), 'anxiety mood text')
  t.equal(await found(`Condition?code:below=${S}|depression`), 'depression postpartum')
  t.equal(await found(`Condition?code:above=${S}|postpartum`), 'depression mood postpartum')
  t.equal(await found(`Patient?_has:Condition:subject:code:in=${V}`), 'p')
  t.equal(
    await found(`Condition?subject:Patient._has:Condition:subject:code:in=${V}&code=${S}|anxiety`),
    'anxiety',
  )
  t.match(await found(`Condition?code:in=${V}2`), /^400 .*not known here/)
  t.match(await found(`Condition?code:below=${S}|gloom`), /^400 .*gloom/)
  t.match(await found('Condition?code:below=http://snomed.info/sct|35489007'), /^400 .*snomed/)

  await put(valueSet({ include: [{ system: S, concept: [{ code: 'anxiety' }] }] }))
  t.equal(await found(`Condition?code:in=${V}`), 'anxiety')
  const created = await client.ask('POST Condition', {
    body: { resourceType: 'Condition', subject: { reference: 'Patient/p' } },
    headers: { 'if-none-exist': `code:in=${V}` },
  })
  t.equal(created.status, 200, 'conditions of writes ask it too')
  await client.ask('DELETE ValueSet/mood')
  t.match(await found(`Condition?code:in=${V}`), /^400 /)

  for (const [id, within] of [['site'], ['wing', 'site'], ['room', 'wing']])
    await put({
      resourceType: 'Location',
      id,
      ...(within === undefined ? {} : { partOf: { reference: `Location/${within}` } }),
    })
  await put({
    resourceType: 'Encounter',
    id: 'e',
    status: 'finished',
    class: { code: 'AMB' },
    location: [{ location: { reference: 'Location/room' } }],
  })
  t.equal(await found('Encounter?location:below=Location/site'), 'e')
  t.equal(await found('Encounter?location:below=Location/room'), 'e')
  t.equal(await found('Encounter?location:above=Location/room'), 'e')
  t.equal(await found('Encounter?location:above=Location/wing'), '')
  await stop()
})
