// A thousand random claims of each kind go to X12 and to FHIR and back: nothing is lost, and bytes stay as they were.
import fc from 'fast-check'
import t from 'tap'
import {
  bundleOf,
  contentOf,
  printMoney,
  readClaimSet,
  readInterchanges,
  sumMoney,
  writeClaimSet,
  type ClaimContent,
  type ClaimKind,
} from '../../../src/billing/index.ts'
import { CLAIMS } from './random-claims.ts'
import { HEADER, written837 } from './written-837.ts'

const SEED = 837
const RUNS = 334
const ELSEWHERE = {
  created: '2026-09-15',
  controlNumberSystem: 'https://clinic.example/claims',
  zone: '-05:00',
}

function written(kind: ClaimKind, claims: readonly ClaimContent[]): string {
  return written837(kind, writeClaimSet(1, { header: HEADER, kind, claims }))
}

function read(text: string) {
  const [interchange] = readInterchanges(text)
  const set = interchange?.groups[0]?.sets[0]
  if (set === undefined) throw new Error('no set')
  return readClaimSet(set)
}

for (const kind of ['professional', 'institutional'] as const)
  t.test(`${kind} claims`, async (t) => {
    fc.assert(
      fc.property(fc.array(CLAIMS[kind], { minLength: 1, maxLength: 5 }), (claims) => {
        const text = written(kind, claims)
        const set = read(text)
        t.same(set.claims, claims, 'are read as they were written')
        t.same(set.header, HEADER)
        const bundles = set.claims.map((claim) => bundleOf(claim, ELSEWHERE))
        const again = bundles.map(contentOf)
        t.same(again, claims, 'come back from FHIR')
        t.equal(written(kind, again), text, 'are the same bytes then')
        t.same(
          again.map((claim) => bundleOf(claim, ELSEWHERE)),
          bundles,
          'are the same resources then',
        )
        for (const claim of claims)
          t.equal(printMoney(claim.total), printMoney(sumMoney(claim.lines.map((line) => line.charge))))
      }),
      { seed: SEED, numRuns: RUNS },
    )
  })
