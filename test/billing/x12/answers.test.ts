// Answers of payers read: 999, 277CA and 835, written here by hand as the guides lay them out.
import t from 'tap'
import {
  imbalancesOf,
  isRefusal,
  printMoney,
  readAcknowledgement,
  readClaimAcknowledgement,
  readInterchanges,
  readRemittance,
  type TransactionSet,
} from '../../../src/billing/index.ts'

/** A set within its envelope; line ends after the segments, as files have them. */
function setOf(id: string, version: string, body: string): TransactionSet {
  const lines = body
    .trim()
    .split('\n')
    .map((line) => line.trim())
  const text = [
    `ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         *261001*0930*^*00501*000000007*0*T*:`,
    `GS*FA*PAYER*CLINIC*20261001*0930*7*X*${version}`,
    id === '835' ? 'ST*835*0001' : `ST*${id}*0001*${version}`,
    ...lines,
    `SE*${lines.length + 2}*0001`,
    'GE*1*7',
    'IEA*1*000000007',
  ]
  const set = readInterchanges(text.map((line) => `${line}~\r\n`).join(''))[0]?.groups[0]?.sets[0]
  if (set === undefined) throw new Error('no set')
  return set
}

const shown = (read: unknown) =>
  JSON.stringify(read, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))

t.test('a 999 tells which sets are accepted, and where the others are wrong', async (t) => {
  const read = readAcknowledgement(
    setOf(
      '999',
      '005010X231A1',
      `AK1*HC*34*005010X222A1
       AK2*837*0001*005010X222A1
       IK5*A
       AK2*837*0002*005010X222A1
       IK3*CLM*22*2300*8
       CTX*CLM01:C-17
       IK4*5:1*1331*7*SECRET
       IK4*2**1
       IK5*R*5
       AK9*P*2*2*1`,
    ),
  )
  t.match(read, { functionalCode: 'HC', groupControlNumber: '34', code: 'P', accepted: false })
  t.same(read.sets, { included: 2, received: 2, accepted: 1 })
  t.same(
    read.transactions.map((one) => [one.controlNumber, one.accepted, one.code]),
    [
      ['0001', true, 'A'],
      ['0002', false, 'R'],
    ],
  )
  t.same(read.transactions[1]?.errors, ['5'])
  t.same(read.transactions[1]?.segments, [
    {
      segment: 'CLM',
      position: 22,
      loop: '2300',
      code: '8',
      elements: [
        { element: 5, component: 1, code: '7' },
        { element: 2, code: '1' },
      ],
    },
  ])
  t.notMatch(JSON.stringify(read), /SECRET/, 'the bad value is not carried on')
})

t.test('a 999 whose counts its sets belie is refused', async (t) => {
  const body = 'AK1*HC*34\nAK2*837*0001\nIK5*R\nAK9*A*1*1*1'
  t.throws(() => readAcknowledgement(setOf('999', '005010X231A1', body)), {
    code: 'malformed',
    message: /segment 7, AK904/,
  })
})

const HEADS_277 = `BHT*0085*08*ANSWER-1*20261001*0930*TH
  HL*1**20*1
  NM1*PR*2*HEALTH PLAN*****PI*12345
  TRN*1*T-1
  DTP*050*D8*20261001
  DTP*009*D8*20261001
  HL*2*1*21*1
  NM1*41*2*OPEN DOOR CLINIC*****46*SUB1
  TRN*2*BATCH-7
  STC*A1:19:PR*20261001*WQ*345
  QTY*90*1
  QTY*AA*2
  AMT*YU*100
  AMT*YY*245
  HL*3*2*19*1
  NM1*85*2*OPEN DOOR CLINIC*****XX*1234567893
  TRN*1*0
  STC*A1:19:PR**WQ*345`

t.test('a 277CA tells which claims are taken on', async (t) => {
  const read = readClaimAcknowledgement(
    setOf(
      '277',
      '005010X214',
      `${HEADS_277}
      HL*4*3*PT
      NM1*QC*1*DOE*JANE****MI*M1
      TRN*2*C-1
      STC*A2:20:PR*20261001*WQ*100
      REF*1K*ICN-9
      DTP*472*D8*20260914
      HL*5*3*PT
      NM1*QC*1*ROE*RICHARD****MI*M2
      TRN*2*C-2
      STC*A7:562:85*20261001*U*145******A6:21:QC
      REF*D9*CH-2
      DTP*472*RD8*20260901-20260907
      HL*6*3*PT
      NM1*QC*1*POE*PAT****MI*M3
      TRN*2*C-3
      STC*A2:20:PR*20261001*WQ*100
      DTP*472*D8*20260914
      SVC*HC:90837*100*****1
      STC*A8:454*20261001*U
      REF*FJ*L-1
      DTP*472*D8*20260914`,
    ),
  )
  t.match(read, {
    reference: 'ANSWER-1',
    source: { name: 'HEALTH PLAN', id: '12345' },
    receiver: { id: 'SUB1', trace: 'BATCH-7' },
  })
  t.same(
    read.claims.map((claim) => [claim.controlNumber, claim.accepted]),
    [
      ['C-1', true],
      ['C-2', false],
      ['C-3', false],
    ],
  )
  t.equal(read.claims[0]?.payerControlNumber, 'ICN-9')
  t.equal(read.claims[1]?.clearingHouseNumber, 'CH-2')
  t.same(read.claims[1]?.statuses[0]?.reasons, [
    { category: 'A7', status: '562', entity: '85' },
    { category: 'A6', status: '21', entity: 'QC' },
  ])
  t.equal(read.claims[2]?.lines[0]?.controlNumber, 'L-1')
  t.notMatch(shown(read), /JANE|ROE/, 'names of patients are not carried on')
})

t.test('a status refuses by its category, whatever its action says', async (t) => {
  const refuses = (category: string) => isRefusal({ reasons: [{ category, status: '20' }] })
  t.same(['A0', 'A1', 'A2', 'A3', 'A4', 'A5', 'A6', 'A7', 'A8'].map(refuses), [
    false,
    false,
    false,
    true,
    true,
    false,
    true,
    true,
    true,
  ])
  t.ok(isRefusal({ reasons: [{ category: 'A1', status: '19' }], action: 'U' }))
})

t.test('a claim without a status is refused', async (t) => {
  const body = `${HEADS_277}\nHL*4*3*PT\nNM1*QC*1*DOE*JANE\nTRN*2*C-1`
  t.throws(() => readClaimAcknowledgement(setOf('277', '005010X214', body)), { code: 'malformed' })
})

const remittance = (changes: Readonly<Record<string, string>> = {}) => {
  let body = `BPR*I*170.5*C*ACH*CCP*01*999999999*DA*123*1512345678**01*999988880*DA*98765*20261005
  TRN*1*EFT-55*1512345678
  REF*EV*SUB1
  DTM*405*20261004
  N1*PR*HEALTH PLAN*XV*12345
  N3*1 PLAN ST
  N4*ALBANY*NY*12201
  PER*BL*HELP DESK*TE*5555550111
  N1*PE*OPEN DOOR CLINIC*XX*1234567893
  REF*TJ*123456789
  LX*1
  CLP*C-1*1*245*180.5*24.5*12*ICN-9*11*1
  NM1*QC*1*DOE*JANE****MI*M1
  MOA***MA01*N130
  REF*EA*MR-1
  DTM*050*20260920
  AMT*AU*205
  SVC*HC:90837:95*150*115.5**1
  DTM*472*20260914
  CAS*CO*45*20
  CAS*PR*3*14.5*1
  REF*6R*L-1
  AMT*B6*130
  LQ*HE*N381
  SVC*HC:90785*95*65**1*HC:90786
  DTM*472*20260914
  CAS*CO*45*15**253*5
  CAS*PR*2*10
  CLP*C-2*4*100*0**12*ICN-10
  CAS*CO*197*100
  NM1*QC*1*ROE*RICHARD
  PLB*1234567893*20261231*WO:ICN-3*12.25*L6*-2.25`
  for (const [from, to] of Object.entries(changes)) body = body.replace(from, to)
  return readRemittance(setOf('835', '005010X221A1', body))
}

t.test('an 835 tells payments, lines and adjustments, and adds up', async (t) => {
  const read = remittance()
  t.match(read, { handling: 'I', method: 'ACH', date: '2026-10-05', trace: 'EFT-55', produced: '2026-10-04' })
  t.equal(printMoney(read.paid), '170.50')
  t.match(read.payee, { id: '1234567893', references: [{ qualifier: 'TJ', value: '123456789' }] })
  const [first, second] = read.claims
  t.match(first, {
    controlNumber: 'C-1',
    status: '1',
    payerControlNumber: 'ICN-9',
    remarks: ['MA01', 'N130'],
  })
  t.equal(second?.status, '4')
  t.match(first?.lines[0], { code: '90837', modifiers: ['95'], controlNumber: 'L-1', remarks: ['N381'] })
  t.equal(first?.lines[1]?.chargedCode, '90786')
  t.same(
    first?.lines[1]?.adjustments.map(({ group, reason, amount }) => [group, reason, printMoney(amount)]),
    [
      ['CO', '45', '15.00'],
      ['CO', '253', '5.00'],
      ['PR', '2', '10.00'],
    ],
  )
  t.same(
    read.providerAdjustments.map(({ reason, reference, amount }) => [reason, reference, printMoney(amount)]),
    [
      ['WO', 'ICN-3', '12.25'],
      ['L6', undefined, '-2.25'],
    ],
  )
  t.same(imbalancesOf(read), [])
  t.notMatch(shown(read), /JANE/)
})

t.test('an 835 that is a cent off says where', async (t) => {
  const told = (changes: Readonly<Record<string, string>>) =>
    imbalancesOf(remittance(changes)).map(({ of, position, expected, told: stands }) => [
      of,
      position,
      printMoney(expected),
      printMoney(stands),
    ])
  t.same(told({ '*150*115.5*': '*150*115.51*' }), [['line', 21, '115.50', '115.51']])
  t.same(told({ '*245*180.5*': '*245*180.49*' }), [
    ['claim', 15, '180.50', '180.49'],
    ['payment', 0, '170.49', '170.50'],
  ])
  t.same(told({ '*12.25*': '*12.26*' }), [['payment', 0, '170.49', '170.50']])
  t.same(told({ '*245*180.5*': '*246*181.5*', 'BPR*I*170.5*': 'BPR*I*171.5*' }), [
    ['charges', 15, '245.00', '246.00'],
  ])
})

t.test('what is no amount or not for here is refused by its place alone', async (t) => {
  const refused = (changes: Readonly<Record<string, string>>, message: RegExp) =>
    t.throws(() => remittance(changes), { code: 'malformed', message })
  refused({ 'CAS*CO*45*20': 'CAS*CO*45*20.001' }, /segment 23, CAS03/)
  refused({ 'CAS*CO*45*20': 'CAS*XX*45*20' }, /segment 23, CAS01/)
  refused({ 'DTM*405*20261004': 'DTM*405*20261304' }, /segment 7, DTM02/)
  refused({ 'CLP*C-1*1*245': 'CLP**1*245' }, /segment 15, CLP01/)
  refused({ 'LX*1': 'ZZ*1' }, /segment 14, ZZ/)
})
