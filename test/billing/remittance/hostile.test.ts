// Files that somebody has spoiled: refused with a 4xx or read, never a failure of the server, and nothing of them is quoted.
import fc from 'fast-check'
import t from 'tap'
import { importX12 } from '../../../src/billing/index.ts'
import { FhirError } from '../../../src/fhir/index.ts'
import { NOW } from '../practice.ts'
import { remittanceWorld, sentClaim } from './claims.ts'
import { acknowledgement, claimStatus, file, payment } from './files.ts'

t.setTimeout(600_000)

const one = sentClaim('one')
const good = file([
  acknowledgement(1, [{ number: '0001', accepted: false }]),
  claimStatus('R', [{ control: one.control, accepted: false, number: 'ICN' }]),
  payment({
    trace: 'E1',
    claims: [
      {
        control: one.control,
        lines: [
          { code: '90837', control: `${one.control}-1`, charged: 15_010, paid: 15_010, remarks: ['N1'] },
          { code: '90785', charged: 2000, paid: 0, adjustments: [{ group: 'CO', reason: '1', cents: 2000 }] },
        ],
      },
    ],
    plb: [{ reason: 'WO', cents: -5 }],
  }),
]).toString()
const segments = good.split('~\n').slice(0, -1)

const strange = fc.constantFrom(
  '',
  '0',
  '-1',
  '1e308',
  '9'.repeat(40),
  '99999999.99',
  'SECRET',
  '20261399',
  '\u0000',
  'é',
  '*',
  ':::::',
  '^',
  '__proto__',
  '{"a":1}',
  'A'.repeat(5000),
)

const spoiled = fc.oneof(
  fc.tuple(fc.nat(segments.length - 1), fc.nat(12), strange).map(([at, element, text]) => {
    const parts = (segments[at] as string).split('*')
    parts[element % parts.length] = text
    return segments.with(at, parts.join('*'))
  }),
  fc.nat(segments.length - 1).map((at) => segments.toSpliced(at, 1)),
  fc
    .tuple(fc.nat(segments.length - 1), fc.nat(segments.length - 1))
    .map(([from, to]) => segments.toSpliced(to, 0, segments[from] as string)),
  fc
    .tuple(fc.nat(segments.length - 1), strange)
    .map(([at, text]) => segments.with(at, `${segments[at]}*${text}`)),
)

t.test('spoiled files are refused by name or read, whatever is in them', async (t) => {
  const world = await remittanceWorld(one.claim)
  let refused = 0
  await fc.assert(
    fc.asyncProperty(spoiled, fc.boolean(), async (changed, counted) => {
      let at = -1
      // With the counts of SE made right, faults further in are come to.
      const mended = changed.map((segment, index) => {
        if (segment.startsWith('ST*')) at = index
        return counted && segment.startsWith('SE*') && at >= 0 ? `SE*${index - at + 1}*0001` : segment
      })
      try {
        const { faults } = await importX12(
          world.repository,
          world.view,
          world.parts,
          Buffer.from(mended.map((one) => `${one}~`).join('\n')),
          NOW,
        )
        if (faults.some(({ diagnostics }) => /SECRET|A{30}|9{30}/.test(diagnostics)))
          throw new Error('quotes')
      } catch (error) {
        if (!(error instanceof FhirError)) throw error
        if (error.status >= 500) throw error
        if (error.issues.some(({ diagnostics }) => /SECRET|A{30}|9{30}/.test(diagnostics)))
          throw new Error('quotes', { cause: error })
        refused += 1
      }
    }),
    { seed: 999, numRuns: 400 },
  )
  t.ok(refused > 100, 'many were refused')
  t.ok(refused < 390, 'and not all')
})

t.test('random bytes', async (t) => {
  const world = await remittanceWorld(one.claim)
  const head = good.slice(0, 106)
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.uint8Array({ maxLength: 400 }), async (withHead, bytes) => {
      const given = Buffer.concat([Buffer.from(withHead ? head : ''), bytes])
      try {
        await importX12(world.repository, world.view, world.parts, given, NOW)
        throw new Error('was read')
      } catch (error) {
        if (!(error instanceof FhirError) || error.status >= 500) throw error
      }
    }),
    { seed: 277, numRuns: 300 },
  )
  t.pass('refused')
})
