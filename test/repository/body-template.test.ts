// What is stored is the same whether it is written anew or cut from what was sent.
import fc from 'fast-check'
import t from 'tap'
import { readJson, writeJson, type JsonObject, type JsonValue, type Resource } from '../../src/fhir/index.ts'
import { bodyTemplate } from '../../src/repository/body-template.ts'

const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonValue>

/** Id and meta anywhere, or nowhere. */
const sent: fc.Arbitrary<JsonObject> = fc
  .record({
    id: fc.option(fc.constantFrom('a', 'b-1')),
    meta: fc.option(
      fc.record(
        { versionId: fc.constant('7'), lastUpdated: fc.constant('x'), tag: fc.array(json, { maxLength: 2 }) },
        { requiredKeys: [] },
      ),
    ),
    others: fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), json, { maxKeys: 4 }),
    order: fc.constantFrom('id first', 'meta first', 'others first'),
  })
  .map(({ id, meta, others, order }) => {
    const { id: _id, meta: _meta, ...rest } = others
    const own = { ...(id === null ? {} : { id }), ...(meta === null ? {} : { meta }) }
    const turned = { ...(meta === null ? {} : { meta }), ...(id === null ? {} : { id }) }
    const members =
      order === 'id first'
        ? { ...own, ...rest }
        : order === 'meta first'
          ? { ...turned, ...rest }
          : { ...rest, ...own }
    return { resourceType: 'Basic', ...members } as JsonObject
  })

t.test('a body cut from the text that was sent is the body written anew', (t) => {
  const security = [{ system: 'urn:s', code: 'R' }]
  let cut = 0
  fc.assert(
    fc.property(sent, fc.boolean(), (made, labelled) => {
      const { value, text } = readJson(Buffer.from(writeJson(made)))
      const resource = value as Resource
      const meta = labelled ? { ...(resource.meta as JsonObject), security } : resource.meta
      const draft: Resource = { ...resource, id: 'new', ...(meta === undefined ? {} : { meta }) }
      if (text === undefined) return
      cut++
      const [short, long] = [bodyTemplate(draft, 'new', { resource, text }), bodyTemplate(draft, 'new')]
      t.equal(Buffer.from(short.bytes).toString(), Buffer.from(long.bytes).toString())
      t.same([short.versionAt, short.lastUpdatedAt], [long.versionAt, long.lastUpdatedAt])
    }),
    { numRuns: 500, seed: 20261130 },
  )
  t.ok(cut > 100, `${cut} were cut`)
  t.end()
})
