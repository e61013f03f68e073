// Files that are broken or forged: each is refused with a 4xx that tells a place and quotes nothing, and none hangs.
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { FhirError } from '../../../src/fhir/index.ts'
import {
  contentOf,
  bundleOf,
  GUIDES,
  readAcknowledgement,
  readClaimAcknowledgement,
  readClaimSet,
  readInterchanges,
  readRemittance,
  writeClaimSet,
  writeInterchange,
} from '../../../src/billing/index.ts'
import { CLAIMS } from './random-claims.ts'

const SEED = 4711
const partner = { qualifier: 'ZZ', id: 'A1' }
const header = { sender: partner, receiver: partner, date: '20260915', time: '1805', usage: 'T' as const }
const [claim] = fc.sample(CLAIMS.professional, { seed: SEED, numRuns: 1 })
if (claim === undefined) throw new Error('no claim')
const set = (number: number) =>
  writeClaimSet(number, {
    header: {
      purpose: '00',
      reference: 'B',
      date: '2026-09-15',
      time: '18:05',
      use: 'CH',
      submitter: { name: 'S', id: 'S1', contact: 'C', telephone: '5555550100' },
      receiver: { name: 'R', id: 'R1' },
    },
    kind: 'professional',
    claims: [claim],
  })
const group = (number: number, sets: readonly number[]) => ({
  functionalCode: 'HC',
  sender: 'A1',
  receiver: 'A1',
  controlNumber: number,
  version: GUIDES.professional,
  sets: sets.map(set),
})
const good = writeInterchange({ ...header, controlNumber: 5 }, [group(1, [1, 2]), group(2, [1])])

/** Reads whatever sets there are, by every reader: a FhirError of the client's, or a result. */
function readAll(text: string): void {
  const sets = readInterchanges(text).flatMap(({ groups }) => groups.flatMap((one) => one.sets))
  for (const one of sets)
    for (const read of [readClaimSet, readAcknowledgement, readClaimAcknowledgement, readRemittance])
      try {
        read(one)
      } catch (error) {
        if (!isTheirs(error)) throw error
      }
}

const isTheirs = (error: unknown) => error instanceof FhirError && error.status >= 400 && error.status < 500

function holds(text: string): boolean {
  try {
    readAll(text)
    return true
  } catch (error) {
    return isTheirs(error)
  }
}

const refused = (t: Test, text: string, message: RegExp) => {
  t.throws(() => readInterchanges(text), { code: 'malformed', message }, String(message))
}

t.test('the file that the others are made from is read', async (t) => {
  t.equal(readInterchanges(good)[0]?.groups.flatMap(({ sets }) => sets).length, 3)
  t.equal(readInterchanges(good + good.replaceAll('000000005', '000000006')).length, 2)
})

t.test('counts and control numbers must be right', async (t) => {
  refused(t, good.replace('IEA*2*', 'IEA*1*'), /IEA01: does not count/)
  refused(t, good.replace('GE*2*1~', 'GE*3*1~'), /GE01: does not count/)
  refused(t, good.replace('GE*2*1~', 'GE*2*9~'), /GE02: differs/)
  refused(t, good.replace(/SE\*(\d+)\*0001/, 'SE*1*0001'), /SE01: does not count/)
  refused(t, good.replace(/SE\*(\d+)\*0001/, 'SE*$1*0009'), /SE02: differs/)
  refused(t, good.replace('IEA*2*000000005', 'IEA*2*000000004'), /IEA02: differs/)
  refused(t, good.replaceAll('*0002', '*0001'), /ST02: is a control number that was used before/)
  refused(
    t,
    good.replaceAll('*20260915*1805*2*X', '*20260915*1805*1*X'),
    /GS06: is a control number that was used/,
  )
  refused(t, good + good, /ISA13: is a control number that was used before/)
})

t.test('an envelope that is cut off or crossed is refused', async (t) => {
  refused(t, '', /empty/)
  refused(t, 'ISA*00*', /ISA: is cut off/)
  refused(t, good.slice(0, -1), /no terminator/)
  refused(t, good.slice(0, good.indexOf('IEA')), /the file ends where IEA must come/)
  refused(t, good.slice(0, good.indexOf('SE*')), /the file ends where SE must come/)
  refused(t, good.replace(/SE\*\d+\*0001~/, ''), /stands where SE must come/)
  refused(t, good.replace(/GE\*2\*1~/, ''), /GS: stands where GE must come/)
  refused(t, `${good}HEY~`, /HEY: stands where ISA must come/)
  refused(t, `HELLO${good}`, /begins with ISA/)
  refused(t, good.replaceAll('*', 'A'), /names delimiters/)
  refused(t, good.replace('*:~', '**~'), /names delimiters/)
})

t.test('a file cut off anywhere is refused', async (t) => {
  for (let length = 0; length < good.length; length += 7) {
    const cut = good.slice(0, length)
    t.throws(() => readInterchanges(cut), { code: 'malformed' }, `after ${length}`)
  }
})

t.test('random text, and random damage to a file, end in a 4xx or a result', async (t) => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300, unit: 'binary' }), fc.boolean(), (junk, headed) =>
      holds(headed ? good.slice(0, 106) + junk : junk),
    ),
    { seed: SEED, numRuns: 500 },
  )
  const damage = fc.tuple(
    fc.integer({ min: 0, max: good.length }),
    fc.integer({ min: 0, max: 6 }),
    fc.oneof(fc.constantFrom('*', '~', ':', '^', '', '~HL*1~', '\u0000', '9'.repeat(40)), fc.string()),
  )
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (all) => {
      let text = good
      for (const [at, length, put] of all) text = text.slice(0, at) + put + text.slice(at + length)
      return holds(text)
    }),
    { seed: SEED, numRuns: 1000 },
  )
  t.pass('each held')
})

t.test(
  'a set whose segments are dropped, doubled or swapped is refused or read, and never breaks',
  async (t) => {
    const [head = '', ...rest] = good.split(/(?<=\*0001\*005010X222A1~)/)
    const body = (rest[0] ?? '').split('~').slice(0, -1)
    const end = body.findIndex((segment) => segment.startsWith('SE*'))
    const inner = body.slice(0, end)
    const file = (segments: readonly string[]) =>
      `${head}${[...segments, `SE*${segments.length + 2}*0001`, 'GE*1*1', 'IEA*1*000000005'].join('~')}~`
    t.doesNotThrow(() => readClaimSet(readInterchanges(file(inner))[0]?.groups[0]?.sets[0] as never))
    let refusals = 0
    for (const index of inner.keys())
      for (const changed of [inner.toSpliced(index, 1), inner.toSpliced(index, 0, inner[index] as string)]) {
        const one = readInterchanges(file(changed))[0]?.groups[0]?.sets[0]
        try {
          readClaimSet(one as never)
        } catch (error) {
          t.ok(isTheirs(error), `at ${index}`)
          refusals += 1
        }
      }
    t.ok(refusals > inner.length, `${refusals} of ${inner.length * 2} are refused`)
  },
)

t.test('no fault quotes the file', async (t) => {
  const marked = good.replace(/NM1\*85\*[12]\*[^*~]*/, 'NM1*85*7*SECRETNAME')
  const one = readInterchanges(marked)[0]?.groups[0]?.sets[0]
  try {
    readClaimSet(one as never)
    t.fail('read')
  } catch (error) {
    t.ok(isTheirs(error))
    t.match(String(error), /NM102/)
    t.notMatch(String(error), /SECRETNAME/)
  }
})

t.test('a claim whose lines do not add up to it is refused', async (t) => {
  const forged = good.replace(/CLM\*([^*]*)\*[^*]*/, 'CLM*$1*1234567.89')
  const one = readInterchanges(forged)[0]?.groups[0]?.sets[0]
  t.throws(() => readClaimSet(one as never), { code: 'malformed', message: /CLM02: is not the sum/ })
})

t.test('large files are bounded', async (t) => {
  t.throws(() => readInterchanges(good, 100), { code: 'too-large' })
  const many = good.slice(0, 106) + 'GS*HC~'.repeat(300_000)
  t.throws(() => readInterchanges(many), { code: 'malformed' })
  const long = `${good.slice(0, 106)}GS*${'A'.repeat(20_000)}~`
  t.throws(() => readInterchanges(long), { code: 'malformed', message: /more than 10000 characters/ })
  const wide = `${good.slice(0, 106)}GS${'*1'.repeat(500)}~`
  t.throws(() => readInterchanges(wide), { code: 'malformed', message: /too many elements/ })
})

t.test('delimiters within what is written are folded in texts and refused in codes', async (t) => {
  const bundle = bundleOf(claim, { created: '2026-09-15', controlNumberSystem: 'urn:c', zone: 'Z' })
  const named = { ...bundle, payer: { ...bundle.payer, name: 'Zoë~ST*837 & Søns: "Łódź" ^Plan' } }
  t.equal(contentOf(named).payer.name, 'ZOE ST 837 & SONS "LODZ" PLAN')
  for (const name of ['~*:^', '計画', ' '])
    t.throws(() => contentOf({ ...bundle, payer: { ...bundle.payer, name } }), { code: 'business-rule' })
  for (const value of ['A~B', 'A*B', 'A:B', 'A^B', 'A\nB', 'Ä', ' A', 'X'.repeat(39)]) {
    const [identifier] = bundle.claim.identifier as { value: string }[]
    const forged = { ...bundle.claim, identifier: [{ ...identifier, value }] }
    t.throws(() => contentOf({ ...bundle, claim: forged as never }), { code: 'business-rule' }, value)
  }
  const forged = {
    ...group(1, []),
    sets: [{ id: '837', controlNumber: 1, segments: [['NTE', 'ADD', 'A~ST*837']] }],
  }
  t.throws(() => writeInterchange({ ...header, controlNumber: 1 }, [forged as never]), {
    code: 'business-rule',
  })
  t.throws(() => writeInterchange({ ...header, controlNumber: 0 }, []), { code: 'business-rule' })
  t.throws(() => writeInterchange({ ...header, controlNumber: 1 }, [group(1, [1, 1])]), {
    code: 'business-rule',
  })
  t.throws(
    () => writeInterchange({ ...header, controlNumber: 1, sender: { qualifier: 'ZZ', id: 'A*B' } }, []),
    {
      code: 'business-rule',
    },
  )
})
