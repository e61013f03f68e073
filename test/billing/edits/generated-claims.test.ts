// What is made of random visits of one patient passes the edits, when it is made and when all of it is there.
import fc from 'fast-check'
import t from 'tap'
import { generateForEncounter, saveGenerated } from '../../../src/billing/claims/index.ts'
import { checkClaim } from '../../../src/billing/index.ts'
import type { Resource } from '../../../src/fhir/index.ts'
import { runs } from '../../runs.ts'
import { billed, billingWorld, condition, coverage, note, NOW, patient, visit } from '../practice.ts'

const KINDS = [
  'individual-psychotherapy',
  'crisis-psychotherapy',
  'family-psychotherapy-with-patient',
  'group-psychotherapy',
  'diagnostic-evaluation',
  'office-visit-established',
  'interactive-complexity',
  'skills-training',
  'counseling',
  'alcohol-misuse-screening',
  'behavioral-health-integration',
]

const visits = fc.array(
  fc.record({
    day: fc.constantFrom('2026-02-27', '2026-03-02', '2026-03-03'),
    minutes: fc.integer({ min: 10, max: 130 }),
    kinds: fc.uniqueArray(fc.constantFrom(...KINDS), { minLength: 1, maxLength: 3 }),
    modality: fc.constantFrom('in-person' as const, 'video' as const, 'audio' as const),
    atHome: fc.boolean(),
  }),
  { minLength: 1, maxLength: 6 },
)

t.test('generated claims have no fault that stands against sending them', async (t) => {
  const world = await billingWorld()
  let claims = 0
  let patients = 0
  await fc.assert(
    fc.asyncProperty(visits, async (all) => {
      const of = `q${++patients}`
      await world.put(patient(of), coverage(`cov-${of}`, of), condition(`dep-${of}`, 'F33.1', of))
      const made: Resource[] = []
      for (const [at, { day, atHome, ...one }] of all.entries()) {
        const id = `v-${of}-${at}`
        const location = atHome && one.modality !== 'in-person' ? 'home1' : 'site1'
        await world.put(
          visit(id, { ...one, of, day, location, more: { diagnosis: billed(`dep-${of}`) } }),
          note(id, of, { date: `${day}T20:00:00Z` }),
        )
        const generated = await generateForEncounter(world.view(), world.parts, { encounterId: id, now: NOW })
        if (generated.refusals.length > 0) continue
        const { resources } = await saveGenerated(world.repository, generated, NOW)
        made.push(resources[0])
        claims += 1
      }
      for (const claim of made) {
        const errors = (await checkClaim(world.view(), world.parts, claim, NOW)).filter(
          ({ severity }) => severity === 'error',
        )
        t.strictSame(errors, [], JSON.stringify(all))
      }
    }),
    runs(25, 600),
  )
  t.ok(claims > 30, `${claims} claims`)
})
