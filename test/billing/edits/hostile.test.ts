// Claims of every shape, also such as are stored where nothing is enforced, are answered or refused, and never failed over.
import fc from 'fast-check'
import t from 'tap'
import { runs } from '../../runs.ts'
import { checkClaim } from '../../../src/billing/index.ts'
import { FhirError } from '../../../src/fhir/index.ts'
import { billingWorld, NOTE_WORDS, NOW } from '../practice.ts'
import { type Any, billedCase, putCase, stay } from './billed.ts'

/** Every place in a value, as a path of keys. */
function placesOf(
  value: Any,
  path: readonly (string | number)[] = [],
): readonly (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([key, child]) => placesOf(child, [...path, key]))]
}

const STRANGE: readonly Any[] = [
  '0001-01-01',
  '9999-12-31',
  '2026',
  '2026-02',
  '2024-02-29',
  -1,
  0,
  0.001,
  1e12,
  999_999_999_999,
  '',
  'x'.repeat(300),
  'Encounter/none',
  'http://elsewhere.test/Encounter/1',
  '#gone',
  'urn:uuid:6f3a8a1e-8f0c-4a0a-9e65-0c1d8d6a2f11',
  true,
  {},
  [],
]

type Change = readonly [place: number, value: number]

function changed(claim: Any, changes: readonly Change[]): Any {
  const copy = structuredClone(claim)
  for (const [at, value] of changes) {
    const places = placesOf(copy).filter((path) => path.length > 0)
    const path = places[at % places.length] as readonly (string | number)[]
    const holder = path.slice(0, -1).reduce((one: Any, key) => one?.[key], copy)
    const key = path.at(-1) as string | number
    if (value >= STRANGE.length) {
      if (Array.isArray(holder)) holder.splice(Number(key), 1)
      else delete holder[key]
    } else holder[key] = STRANGE[value]
  }
  return copy
}

t.test('no claim makes the check fail', async (t) => {
  const world = await billingWorld()
  const bases: Any[] = []
  for (const made of [billedCase(), stay({ id: 'c2' })]) {
    await putCase(world, made)
    bases.push(await world.read('Claim', made.claim.id))
  }
  let answered = 0
  const change = fc.tuple(fc.nat(100_000), fc.nat(STRANGE.length + 8))
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(0, 1),
      fc.array(change, { minLength: 1, maxLength: 3 }),
      async (base, changes) => {
        const claim = changed(bases[base], changes)
        try {
          const findings = await checkClaim(world.view(), world.parts, claim, NOW)
          answered += 1
          t.notOk(JSON.stringify(findings).includes(NOTE_WORDS))
        } catch (error) {
          if (!(error instanceof FhirError) || !REFUSED.has(error.code)) throw error
        }
      },
    ),
    runs(500, 20_000),
  )
  t.ok(answered > 400, `${answered} answered`)
})

const REFUSED: ReadonlySet<string> = new Set(['invalid', 'business-rule', 'malformed'])
