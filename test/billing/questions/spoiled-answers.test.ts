// Files of answers that are spoiled at random: they are read or refused, and say nothing of what stands in them.
import t from 'tap'
import { askPayer, importX12 } from '../../../src/billing/index.ts'
import { FhirError } from '../../../src/fhir/index.ts'
import { seeded } from '../episodes/random.ts'
import { billingWorld, NOW } from '../practice.ts'
import { costSharing } from '../remittance/claims.ts'
import {
  acknowledged,
  authorizationRequest,
  decided,
  eligibilityRequest,
  fileOf,
  received270,
  received278,
  told271,
} from './questions.ts'

t.setTimeout(300_000)

const SECRET = 'SECRETWORD'

t.test('eight hundred spoiled files', async (t) => {
  const world = await billingWorld()
  await world.put(costSharing, authorizationRequest('pa1'), eligibilityRequest('e1'))
  for (const [kind, id] of [
    ['authorization', 'pa1'],
    ['eligibility', 'e1'],
  ] as const)
    await askPayer(world.repository, world.view(), world.parts, { kind, id }, NOW)
  const trace278 = world.sent[0] && received278(world.sent[0]).request.trace.number
  const trace271 = world.sent[1] && received270(world.sent[1]).inquiry.trace?.number
  const decision = ['HCR*A1*AUTH-1', 'DTP*007*RD8*20260301-20260831', `MSG*${SECRET}`]
  const benefits = ['EB*1**30', 'EB*B**A6***27*25', `MSG*${SECRET}`, 'EB*F**A6***29*10**VS*4', 'AAA*N**42*R']
  const files = [
    fileOf([decided({ ...(trace278 === undefined ? {} : { trace: trace278 }), reference: '1', decision })]),
    fileOf([told271({ ...(trace271 === undefined ? {} : { trace: trace271 }), reference: '2', benefits })]),
    fileOf([acknowledged('HI', 1, false), acknowledged('HS', 2, true)]),
  ]
  const random = seeded(27)
  const below = (most: number) => Math.floor(random() * most)
  const SPOILS = ['~', '*', ':', '^', '0', '9', 'A', '', '~~', '*****', '\u0000', 'é', '-1', '99999999999999']
  let [read, refused] = [0, 0]
  for (let run = 0; run < 800; run++) {
    let text = (files[run % files.length] as Buffer).toString('latin1')
    for (let spoil = 0; spoil <= below(3); spoil++) {
      const at = 106 + below(text.length - 106)
      const end = random() < 0.5 ? at + 1 : Math.min(text.length, at + below(40))
      text = text.slice(0, at) + (SPOILS[below(SPOILS.length)] as string) + text.slice(end)
    }
    try {
      const bytes = Buffer.from(text, 'latin1')
      const { faults } = await importX12(world.repository, world.view(), world.parts, bytes, NOW)
      read++
      t.notMatch(JSON.stringify(faults), SECRET)
    } catch (error) {
      refused++
      if (!(error instanceof FhirError)) throw error
      if (!['malformed', 'business-rule', 'conflict', 'too-large'].includes(error.code)) throw error
      t.notMatch(JSON.stringify(error.issues), SECRET)
    }
  }
  t.ok(read > 50 && refused > 200, `${read} read, ${refused} refused`)
})
