// Coverage asked for by 270 and answered by 271: the segments that a request becomes, and what the answer says in FHIR.
import t from 'tap'
import {
  eligibilityResponseOf,
  inquiryOf,
  readEligibilityAnswers,
  type EligibilityAnswer,
} from '../../../src/billing/index.ts'
import { createValidator } from '../../../src/conformance/index.ts'
import { decimalText, loadDefinitions, type JsonObject, type Resource } from '../../../src/fhir/index.ts'
import {
  answerText,
  bundle,
  coded,
  coverage,
  onlySetOf,
  request,
  segmentsIn,
  THO,
  written270,
  X12,
} from './eligibility.ts'

const validator = createValidator(loadDefinitions())
const TERMS = 'https://alcove.health/fhir/CodeSystem/billing-terms'
const CPT = 'http://www.ama-assn.org/go/cpt'

t.test('a request that names nothing asks for behavioral health, and tells no address', async (t) => {
  t.same(segmentsIn(written270([inquiryOf(bundle)])), [
    'ST*270*0001*005010X279A1',
    'BHT*0022*13*BATCH-7*20261130*1805',
    'HL*1**20*1',
    'NM1*PR*2*HEALTH PLAN*****PI*12345',
    'HL*2*1*21*1',
    'NM1*1P*2*OPEN DOOR CLINIC*****XX*1234567893',
    'PRV*BI*PXC*261QM0801X',
    'HL*3*2*22*0',
    'TRN*1*ELIG-1*1123456789',
    'NM1*IL*1*NUNEZ*MARIA*JOSE***MI*MEM123',
    'REF*6P*G77',
    'DMG*D8*19900203*F',
    'DTP*291*D8*20261130',
    'EQ*MH^A4^A6^A8^AI^98',
  ])
})

t.test('of a dependent, for days, by service and by type', async (t) => {
  const { servicedDate: _, ...undated } = request
  const inquiry = inquiryOf({
    ...bundle,
    subscriber: { resourceType: 'RelatedPerson', name: [{ family: 'Núñez', given: ['Juan'] }] },
    coverage: { ...coverage, relationship: coded(`${THO}/subscriber-relationship`, 'parent') },
    request: {
      ...undated,
      identifier: [
        { value: 'OTHER' },
        { type: coded(`${THO}/v2-0203`, 'PLAC'), system: 'urn:trnorg:9CLINIC001', value: 'T-9' },
      ],
      servicedPeriod: { start: '2026-12-01', end: '2026-12-31' },
      item: [
        { category: coded(`${X12}/1365`, 'MH') },
        { category: coded(`${X12}/1365`, 'AI') },
        { category: coded(`${X12}/1365`, 'MH') },
        { productOrService: coded(CPT, '90837'), modifier: [coded(CPT, '95')] },
        { category: coded(`${X12}/1365`, '98') },
      ],
    },
  })
  t.same(segmentsIn(written270([inquiry])).slice(7), [
    'HL*3*2*22*1',
    'NM1*IL*1*NUNEZ*JUAN****MI*MEM123',
    'REF*6P*G77',
    'HL*4*3*23*0',
    'TRN*1*T-9*9CLINIC001',
    'NM1*03*1*NUNEZ*MARIA*JOSE',
    'DMG*D8*19900203*F',
    'INS*N*34',
    'DTP*291*RD8*20261201-20261231',
    'EQ*MH^AI',
    'EQ**HC:90837:95',
    'EQ*98',
  ])
})

t.test('what a 270 needs and is not there is named', async (t) => {
  const refused = (changed: object, message: RegExp) =>
    t.throws(() => inquiryOf({ ...bundle, ...changed }), { code: 'business-rule', message }, String(message))
  const asking = (more: object) => ({ request: { ...request, ...more } })
  refused(asking({ insurance: [{}, {}] }), /insurance: may be one only/)
  refused(asking({ servicedDate: '2026-11' }), /serviced: must name a whole day/)
  refused(
    asking({ servicedDate: undefined, servicedPeriod: { start: '2026-12-02', end: '2026-12-01' } }),
    /serviced: ends before/,
  )
  refused(asking({ item: [{ category: coded('urn:x', 'MH') }] }), /item\[0\]: must have a category of/)
  refused(
    asking({ item: [{ category: coded(`${X12}/1365`, 'MHX') }] }),
    /item\[0\]\.category: must have 1 to 2/,
  )
  refused(
    asking({ item: Array.from({ length: 100 }, (_, n) => ({ category: coded(`${X12}/1365`, String(n)) })) }),
    /item: may be no more than 99/,
  )
  refused(asking({ identifier: [{ value: 'A^B' }] }), /identifier\.value: must not have/)
  refused(asking({ identifier: [{ system: 'urn:trnorg:SHORT', value: 'A' }] }), /identifier\.system/)
  refused({ provider: { ...bundle.provider, identifier: [] } }, /Organization\.identifier: must have an NPI/)
  refused({ patient: { ...bundle.patient, name: [{ family: 'Moon' }] } }, /Patient\.name\.given: is required/)
  refused({ payer: { ...bundle.payer, identifier: [] } }, /must have a payer id/)
  refused({ coverage: { ...coverage, subscriberId: undefined } }, /Coverage\.subscriberId/)
  refused({ coverage: { ...coverage, relationship: undefined } }, /Coverage\.subscriber: is required/)
})

t.test('no sex is told but female and male', async (t) => {
  const inquiry = inquiryOf({ ...bundle, patient: { ...bundle.patient, gender: 'other' } })
  t.ok(segmentsIn(written270([inquiry])).includes('DMG*D8*19900203'))
})

t.test('without an EIN the trace number is the NPI less its check digit', async (t) => {
  const [npi] = bundle.provider.identifier as JsonObject[]
  const inquiry = inquiryOf({ ...bundle, provider: { ...bundle.provider, identifier: [npi as JsonObject] } })
  t.same(inquiry.trace, { number: 'ELIG-1', origin: '9123456789' })
})

const HEAD = `BHT*0022*11*BATCH-7*20261130*0931
  HL*1**20*1
  NM1*PR*2*HEALTH PLAN*****PI*12345
  PER*IC*PROVIDER LINE*TE*8005550100
  HL*2*1*21*1
  NM1*1P*2*OPEN DOOR CLINIC*****XX*1234567893`
const MARIA = `${HEAD}
  HL*3*2*22*0
  TRN*2*ELIG-1*1123456789
  TRN*1*PAYER-9*9PAYER0001
  NM1*IL*1*NUNEZ*MARIA****MI*MEM123
  REF*6P*G77
  N3*1 MAIN ST
  N4*ALBANY*NY*12201
  DMG*D8*19900203*F
  INS*Y*18*001*25
  DTP*346*D8*20260101
  DTP*347*D8*20261231`

const answersOf = (body: string): readonly EligibilityAnswer[] =>
  readEligibilityAnswers(onlySetOf(answerText('271', 'HB', '005010X279A1', body)))

function responseOf(body: string, asked: Resource = request): Resource {
  const [answer] = answersOf(body)
  if (answer === undefined) throw new Error('no answer')
  const response = eligibilityResponseOf(answer, asked)
  t.same(validator.validate(response), [], 'is valid R4')
  return response
}

const insuranceIn = (response: Resource) => (response.insurance as JsonObject[])[0] as JsonObject
const itemsIn = (response: Resource) => insuranceIn(response).item as JsonObject[]
/** Type and values of each benefit, without the written forms of numbers. */
const types = (item: JsonObject) =>
  (JSON.parse(JSON.stringify(item.benefit ?? [])) as JsonObject[]).map((one) => {
    const { type, ...values } = one
    const [first] = (type as JsonObject).coding as JsonObject[]
    return { [String(first?.code)]: values }
  })
const benefitsIn = (item: JsonObject | undefined) => (item?.benefit ?? []) as JsonObject[]
const usd = (value: number) => ({ value, currency: 'USD' })

t.test('an answer of active coverage with benefits of mental health', async (t) => {
  const response = responseOf(`${MARIA}
    EB*1**30**GOLD PLAN
    EB*1**MH^AI^A6
    EB*B**A6***27*25.5*****Y
    EB*A**A6***27**.125****N
    EB*C*IND*30***23*1500.10*****Y
    EB*C*IND*30***29*400.10*****Y
    EB*G*FAM*30***23*6000*****W
    EB*I**A8*********N
    EB*F**A6***23***VS*30*Y*Y
    EB*F**A6***29***VS*12**Y
    MSG*ONE VISIT A DAY
    MSG*CALL FIRST`)
  t.match(response, {
    purpose: ['benefits'],
    patient: { reference: 'Patient/p1' },
    created: '2026-11-30',
    servicedDate: '2026-11-30',
    requestor: { reference: 'Organization/clinic' },
    request: { reference: 'CoverageEligibilityRequest/r1' },
    insurer: { reference: 'Organization/plan' },
    outcome: 'complete',
  })
  const insurance = insuranceIn(response)
  t.match(insurance, {
    coverage: { reference: 'Coverage/c1' },
    inforce: true,
    benefitPeriod: { start: '2026-01-01', end: '2026-12-31' },
  })
  const items = itemsIn(response)
  const found = (code: string, more: object = {}) =>
    items.filter((item) => {
      const coding = ((item.category as JsonObject).coding as JsonObject[])[0]
      const plain = { network: item.network !== undefined, benefit: item.benefit !== undefined }
      return (
        coding?.code === code && Object.entries(more).every(([key, is]) => plain[key as 'network'] === is)
      )
    })
  t.match(found('30')[0], { excluded: false, name: 'GOLD PLAN' })
  for (const code of ['MH', 'AI', 'A6'])
    t.match(found(code)[0], { category: coded(`${X12}/1365`, code), excluded: false })
  const [copay, coinsurance, visits] = found('A6', { network: true })
  t.match(copay, { network: coded(`${THO}/benefit-network`, 'in'), term: coded(`${X12}/615`, '27') })
  t.same(types(copay as JsonObject), [{ copay: { allowedMoney: usd(25.5) } }])
  const [paid] = benefitsIn(copay)
  t.equal(decimalText(paid?.allowedMoney as JsonObject, 'value'), '25.50', 'with two decimals')
  t.match(coinsurance, { network: coded(`${THO}/benefit-network`, 'out') })
  t.same(types(coinsurance as JsonObject), [{ 'copay-percent': { allowedString: '12.5' } }])
  t.match(visits, {
    authorizationRequired: true,
    description: 'ONE VISIT A DAY\nCALL FIRST',
    term: { coding: [{ system: `${THO}/benefit-term`, code: 'annual' }, { code: '23' }] },
  })
  t.same(types(visits as JsonObject), [
    { visit: { allowedUnsignedInt: 30, usedUnsignedInt: 18 } },
    { 'visit-remaining': { allowedUnsignedInt: 12 } },
  ])
  const [, deductible, most] = found('30')
  t.match(deductible, { unit: { coding: [{ system: `${THO}/benefit-unit`, code: 'individual' }, {}] } })
  t.same(types(deductible as JsonObject), [
    { deductible: { allowedMoney: usd(1500.1), usedMoney: usd(1100) } },
    { 'deductible-remaining': { allowedMoney: usd(400.1) } },
  ])
  const [whole, left] = benefitsIn(deductible)
  t.equal(decimalText(whole?.usedMoney as JsonObject, 'value'), '1100.00', 'exactly')
  t.match(left?.type, {
    coding: [
      { system: TERMS, code: 'deductible-remaining' },
      { system: `${X12}/1390`, code: 'C' },
    ],
  })
  t.match(most, { unit: { coding: [{ code: 'family' }, {}] } })
  t.equal(most?.network, undefined, 'alike in both networks')
  t.same(types(most as JsonObject), [{ 'out-of-pocket': { allowedMoney: usd(6000) } }])
  t.match(found('A8')[0], { excluded: true, authorizationRequired: undefined })
})

t.test('substance use is split by the place of service', async (t) => {
  const items = itemsIn(
    responseOf(`${MARIA}
      EB*1**AI
      EB*B**AI***36*250*****Y
      III*ZZ*55
      EB*B**AI***27*20*****Y
      III*ZZ*57
      III*ZZ*11`),
  )
  const places = items.map((item) =>
    ((item.extension ?? []) as JsonObject[]).map(
      (one) => ((one.valueCodeableConcept as JsonObject).coding as JsonObject[])[0]?.code,
    ),
  )
  t.same(places, [[], ['55'], ['57', '11']])
  t.same(types(items[1] as JsonObject), [{ copay: { allowedMoney: usd(250) } }])
  t.same(types(items[2] as JsonObject), [{ copay: { allowedMoney: usd(20) } }])
})

t.test('visits by HSD, what is used so far, and services by their code', async (t) => {
  const items = itemsIn(
    responseOf(`${MARIA}
      EB*F**MH
      HSD*VS*20***23
      HSD*VS*5***29
      EB*F**A8
      HSD*VS*3*WK*1*34*2
      EB*C**30***23*500
      EB*C**30***24*125.25
      EB*D**********N**HC:90837:95
      EB*F**RT***23***DY*60
      EB*B**MH***27*-1`),
  )
  const [visits, weekly, deductible, service, days] = items
  t.same(types(visits as JsonObject), [
    { visit: { allowedUnsignedInt: 20, usedUnsignedInt: 15 } },
    { 'visit-remaining': { allowedUnsignedInt: 5 } },
  ])
  t.same(types(weekly as JsonObject), [{ visit: { allowedString: '3 visits per week for 2 months' } }])
  t.same(types(deductible as JsonObject), [
    { deductible: { allowedMoney: usd(500), usedMoney: usd(125.25) } },
  ])
  t.match(service, {
    productOrService: coded(CPT, '90837'),
    modifier: [coded(CPT, '95')],
    authorizationRequired: false,
  })
  t.equal(service?.category, undefined)
  t.match(types(days as JsonObject), [{ DY: { allowedUnsignedInt: 60 } }])
})

t.test('what is left stands by itself where no amount, or more than one, can be meant', async (t) => {
  const [left] = itemsIn(responseOf(`${MARIA}\nEB*C*IND*30***29*400`))
  t.equal(left?.term, undefined)
  t.same(types(left as JsonObject), [{ 'deductible-remaining': { allowedMoney: usd(400) } }])
  const items = itemsIn(
    responseOf(`${MARIA}
      EB*C*IND*30***23*1000
      EB*C*IND*30***32*9000
      EB*C*IND*30***29*400
      EB*G*IND*30***23*10
      EB*G*IND*30***29*11`),
  )
  t.same(items.map(types), [
    [
      { deductible: { allowedMoney: usd(1000) } },
      { 'out-of-pocket': { allowedMoney: usd(10) } },
      { 'out-of-pocket-remaining': { allowedMoney: usd(11) } },
    ],
    [{ deductible: { allowedMoney: usd(9000) } }],
    [{ 'deductible-remaining': { allowedMoney: usd(400) } }],
  ])
})

t.test('who administers a benefit is told beside the messages', async (t) => {
  const body = `${MARIA}
    EB*U**MH
    MSG*CARVED OUT
    LS*2120
    NM1*VN*2*MIND PARTNERS*****PI*MP1
    N3*PO BOX 1
    N4*UTICA*NY*13501
    PER*IC**UR*MIND.EXAMPLE*TE*8005550111
    NM1*1I*1*ROE*RICHARD
    LE*2120`
  const [item] = itemsIn(responseOf(body))
  t.equal(item?.description, 'CARVED OUT\nMIND PARTNERS 8005550111\nRICHARD ROE')
  t.same(answersOf(body)[0]?.benefits[0]?.entities, [
    { role: 'VN', name: 'MIND PARTNERS', id: 'MP1', telephone: '8005550111' },
    { role: '1I', name: 'RICHARD ROE' },
  ])
})

t.test('coverage that is not in force, and coverage that is not spoken of', async (t) => {
  t.equal(insuranceIn(responseOf(`${MARIA}\nEB*6**30\nEB*1**35`)).inforce, false)
  t.equal(insuranceIn(responseOf(`${MARIA}\nEB*1**MH`)).inforce, true)
  t.equal(insuranceIn(responseOf(`${MARIA}\nEB*6**MH\nEB*B**A6***27*10`)).inforce, false)
  t.equal(insuranceIn(responseOf(`${MARIA}\nEB*B**A6***27*10`)).inforce, undefined)
})

t.test('what messages tell apart stays apart, with what is left of each', async (t) => {
  const items = itemsIn(
    responseOf(`${MARIA}
      EB*C*IND*A8***23*100*****W
      MSG*PARTIAL HOSPITAL
      EB*C*IND*A8***23*50*****W
      MSG*OFFICE
      EB*C*IND*A8***29*20*****W
      MSG*OFFICE
      EB*C*IND*A8***24*0*****W
      MSG*PARTIAL HOSPITAL
      EB*C*IND*A8***29*7*****W
      MSG*ELSEWHERE`),
  )
  t.same(
    items.map((item) => [item.description, types(item)]),
    [
      ['PARTIAL HOSPITAL', [{ deductible: { allowedMoney: usd(100), usedMoney: usd(0) } }]],
      [
        'OFFICE',
        [
          { deductible: { allowedMoney: usd(50), usedMoney: usd(30) } },
          { 'deductible-remaining': { allowedMoney: usd(20) } },
        ],
      ],
      ['ELSEWHERE', [{ 'deductible-remaining': { allowedMoney: usd(7) } }]],
    ],
  )
})

t.test('the period is of the plan, however the payer tells it', async (t) => {
  const periodOf = (dates: string, more = '') =>
    insuranceIn(responseOf(`${MARIA.replace(/DTP\*346[^]*/, dates)}\nEB*1**30${more}`)).benefitPeriod
  const year = { start: '2026-01-01', end: '2026-12-31' }
  t.same(periodOf('DTP*291*RD8*20260101-20261231'), year)
  t.same(periodOf('DTP*346*RD8*20260101-20261231'), year)
  t.same(periodOf('DTP*346*D8*20260101'), { start: '2026-01-01' })
  t.same(periodOf('DTP*291*D8*20260101'), { start: '2026-01-01' })
  t.same(periodOf('DTP*347*D8*20261231'), { end: '2026-12-31' })
  t.same(periodOf('INS*Y*18', '\nDTP*348*D8*20260101\nDTP*349*D8*20261231'), year)
  t.same(periodOf('INS*Y*18'), undefined)
})

t.test('rejections are errors, wherever they are said', async (t) => {
  const at = (body: string) => responseOf(body)
  const unknown = at(`${HEAD}
    HL*3*2*22*0
    TRN*2*ELIG-1*1123456789
    NM1*IL*1*NUNEZ*MARIA****MI*MEM123
    AAA*N**75*C`)
  t.match(unknown, {
    outcome: 'error',
    insurance: undefined,
    error: [{ code: { ...coded(`${X12}/901`, '75'), text: 'Correct it and send it again.' } }],
  })
  t.match(at(`${HEAD}\nAAA*N**50*N`), { outcome: 'error', error: [{ code: coded(`${X12}/901`, '50') }] })
  t.match(
    at(`BHT*0022*11*B*20261130*0931
    HL*1**20*0
    AAA*Y**42*R
    NM1*PR*2*HEALTH PLAN*****PI*12345`),
    { outcome: 'error', error: [{ code: coded(`${X12}/901`, '42') }] },
  )
  const partial = at(`${MARIA}\nEB*1**30\nEB*V**AI\nAAA*N**33*Z`)
  t.match(partial, { outcome: 'partial', error: [{ code: { text: undefined } }] })
  t.equal(insuranceIn(partial).inforce, true)
})

t.test('several patients have answers of their own, and dependents their subscriber', async (t) => {
  const answers = answersOf(`${HEAD}
    HL*3*2*22*1
    NM1*IL*1*NUNEZ*JUAN****MI*MEM123
    HL*4*3*23*0
    TRN*2*ELIG-1*1123456789
    NM1*03*1*NUNEZ*MARIA
    DMG*D8*19900203*F
    EB*1**30
    HL*5*3*23*0
    TRN*2*ELIG-2*1123456789
    NM1*03*1*NUNEZ*ANA
    AAA*N**67*C
    HL*6*2*22*0
    NM1*IL*1*ROE*JANE****MI*M2
    EB*6**30`)
  t.match(answers, [
    {
      subscriber: { first: 'JUAN', id: 'MEM123' },
      dependent: { first: 'MARIA', birthDate: '1990-02-03', sex: 'F' },
      traces: [{ referenced: true, number: 'ELIG-1' }],
      payer: { name: 'HEALTH PLAN', id: '12345' },
    },
    { dependent: { first: 'ANA' }, rejections: [{ code: '67', followUp: 'C', loop: '2100D' }] },
    { subscriber: { name: 'ROE' }, dependent: undefined, benefits: [{ information: '6' }] },
  ])
  t.throws(() => eligibilityResponseOf(answers[1] as EligibilityAnswer, request), {
    code: 'business-rule',
    message: /names another CoverageEligibilityRequest by its trace number/,
  })
})

t.test('faults in a 271 name segment and element, and quote nothing', async (t) => {
  const refused = (body: string, message: RegExp) => {
    try {
      answersOf(body)
      t.fail(String(message))
    } catch (error) {
      t.match(error, { code: 'malformed', message }, String(message))
      t.notMatch(String(error), /SECRET/)
    }
  }
  refused(`${MARIA}\nEB**SECRET`, /EB01: is required/)
  refused(`${MARIA}\nEB*B**MH***27*SECRET`, /EB07: must be an amount/)
  refused(`${MARIA}\nEB*A**MH***27**SECRET`, /EB08: must be a decimal/)
  refused(`${MARIA}\nEB*F**MH***27****12`, /EB09: is required/)
  refused(`${MARIA}\nEB*1**MH********SECRET`, /EB11: must be one of/)
  refused(`${MARIA}\nEB*1**MH^^AI`, /EB03: must be no more than 99/)
  refused(`${MARIA}\nEB*1**MH\nDTP*291*D8*SECRET`, /DTP03: must be a date/)
  refused(`${MARIA}\nEB*1**MH\nLS*2120\nNM1*P3*1*SECRET`, /segment stands where NM1|the set ends where NM1/)
  refused(`${MARIA}\nEB*1**MH\nZZZ*SECRET`, /ZZZ: this segment stands where SE must come/)
  refused(MARIA.replace('HL*3*2', 'HL*3*1'), /HL02: must be the number of the level above/)
  refused(MARIA.replace('TRN*1*', 'TRN*7*'), /TRN01: must be one of 1, 2/)
})
