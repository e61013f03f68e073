// Random claims are stored with all that they refer to, and shown as an 837: a receiver reads what they say.
import fc from 'fast-check'
import t from 'tap'
import {
  bundleOf,
  CLAIM_TERMS,
  previewClaim,
  readClaimSet,
  readInterchanges,
  type ClaimBundle,
  type ClaimContent,
} from '../../../src/billing/index.ts'
import type { JsonObject, Resource } from '../../../src/fhir/index.ts'
import { BASE, billingParts, NOW } from '../practice.ts'
import { CLAIMS } from '../x12/random-claims.ts'

const ELSEWHERE = {
  created: '2026-03-05',
  controlNumberSystem: 'https://alcove.health/fhir/NamingSystem/claim-control-number',
  zone: '-06:00',
}

/** What is stored of a bundle, each by its own type and id, with what an 837 tells and a Claim does not. */
function storedOf({ terms, careTeam, ...parties }: ClaimBundle): ReadonlyMap<string, Resource> {
  const extension = [
    {
      url: CLAIM_TERMS,
      extension: [
        { url: 'assignment', valueCode: terms.assignment },
        { url: 'release', valueCode: terms.release },
        { url: 'signature', valueBoolean: terms.signature },
      ],
    },
  ]
  const telecom = [{ system: 'phone', value: '2175550100' }]
  const all: readonly Resource[] = [
    ...Object.values({
      ...parties,
      coverage: { ...parties.coverage, extension },
      billingProvider: { ...parties.billingProvider, telecom },
    }),
    ...Object.values(careTeam),
  ]
  return new Map(all.map((one) => [`${one.resourceType}/${String(one['id'])}`, one]))
}

/** A place at the biller's own address is not told. */
function isTold({ facility, billingProvider }: ClaimContent): boolean {
  return JSON.stringify(facility?.address) !== JSON.stringify(billingProvider.address)
}

for (const kind of ['professional', 'institutional'] as const)
  t.test(`${kind} claims`, async (t) => {
    const parts = billingParts(BASE)
    await fc.assert(
      fc.asyncProperty(CLAIMS[kind].filter(isTold), async (content) => {
        const bundle = bundleOf(content, ELSEWHERE)
        const stored = storedOf(bundle)
        const view = {
          read: async (type: string, id: string) => {
            const resource = stored.get(`${type}/${id}`)
            return resource && { id, resource, versionId: 1 }
          },
        }
        const text = await previewClaim(view, parts, bundle.claim, NOW)
        const [interchange] = readInterchanges(text)
        const set = interchange?.groups[0]?.sets[0]
        t.same(set && readClaimSet(set).claims, [content])
        const missing = [...stored.keys()].filter((key) => key !== 'Claim/claim')
        for (const key of missing) {
          const without = {
            read: (type: string, id: string) =>
              `${type}/${id}` === key ? Promise.resolve(undefined) : view.read(type, id),
          }
          const error = await previewClaim(without, parts, bundle.claim, NOW).then(
            () => undefined,
            (thrown: { code: string; issues: readonly JsonObject[] }) => thrown,
          )
          t.equal(error?.code, 'business-rule', `without ${key}`)
        }
      }),
      { seed: 4, numRuns: 200 },
    )
  })
