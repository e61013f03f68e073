// A Bundle that is spliced from bytes says what one does that is written by JSON.stringify.
import fc from 'fast-check'
import t from 'tap'
import { formatInstant } from '../../src/fhir/index.ts'
import { bundleBytes, type BundleEntry } from '../../src/rest/bundle.ts'

const text = fc.string({ unit: 'binary', maxLength: 60 })
const instant = fc.integer({ min: 0, max: 4e12 })
const resource = fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value)))
const url = fc.record({
  // With letters beyond ASCII, whose bytes are more than they are.
  base: fc.constant('http://a.example/größe/fhir'),
  type: fc.constantFrom('Patient', 'Observation'),
  id: fc.stringMatching(/^[A-Za-z0-9.-]{1,64}$/),
})
const entry: fc.Arbitrary<BundleEntry> = fc.record(
  {
    fullUrl: fc.oneof(text, url),
    resource,
    search: fc.record({ mode: fc.constantFrom('match', 'include', 'outcome') }),
    request: fc.record({ method: text, url: text }),
    response: fc.record(
      { status: text, location: text, lastModified: instant, outcome: resource },
      {
        requiredKeys: ['status'],
      },
    ),
  },
  { requiredKeys: [] },
)
const head = fc.record(
  {
    type: fc.constantFrom('searchset', 'history'),
    timestamp: instant,
    total: fc.nat(),
    links: fc.array(fc.record({ relation: text, url: text }), { maxLength: 3 }),
  },
  { requiredKeys: ['type', 'timestamp'] },
)

const parsed = (bytes: Buffer | undefined): unknown => bytes && JSON.parse(bytes.toString())

/** As JSON.stringify would have it. */
function expected(
  { type, timestamp, total, links = [] }: Parameters<typeof bundleBytes>[0],
  entries: readonly BundleEntry[],
): string {
  return JSON.stringify({
    resourceType: 'Bundle',
    type,
    timestamp: formatInstant(timestamp),
    total,
    link: links.length === 0 ? undefined : links,
    entry:
      entries.length === 0
        ? undefined
        : entries.map(({ fullUrl, resource, search, request, response }) => ({
            fullUrl: typeof fullUrl === 'object' ? `${fullUrl.base}/${fullUrl.type}/${fullUrl.id}` : fullUrl,
            resource: parsed(resource),
            search,
            request,
            response: response && {
              ...response,
              lastModified:
                response.lastModified === undefined ? undefined : formatInstant(response.lastModified),
              outcome: parsed(response.outcome),
            },
          })),
  })
}

t.test('whatever is in it', async (t) => {
  fc.assert(
    fc.property(head, fc.array(entry, { maxLength: 12 }), (about, entries) => {
      const text = bundleBytes(about, entries).toString()
      t.equal(JSON.stringify(JSON.parse(text)), JSON.stringify(JSON.parse(expected(about, entries))))
      t.equal(text.length, expected(about, entries).length, 'and nothing else')
    }),
    { seed: 20261130, numRuns: 300 },
  )
})

t.test('and where texts take far more room than was thought', async (t) => {
  const entries = [{ fullUrl: 'ö'.repeat(100_000), search: { mode: 'match' } }, { fullUrl: 'x' }] as const
  const about = { type: 'searchset', timestamp: 0 } as const
  t.equal(bundleBytes(about, entries).toString(), expected(about, entries))
})
