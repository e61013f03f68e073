// Authorization asked for by 278 and what payers answer: the segments of a request, and the ClaimResponse of an answer.
import t from 'tap'
import {
  authorizationRequestOf,
  authorizationResponseOf,
  readAuthorizationAnswer,
  readAuthorizationSet,
  type AuthorizationAnswer,
  type AuthorizationBundle,
} from '../../../src/billing/index.ts'
import { createValidator } from '../../../src/conformance/index.ts'
import {
  decimalText,
  loadDefinitions,
  parseJson,
  type JsonObject,
  type Resource,
} from '../../../src/fhir/index.ts'
import { written278 } from './authorization.ts'
import {
  answerText,
  bundle as eligibility,
  coded,
  coverage,
  onlySetOf,
  segmentsIn,
  THO,
  X12,
} from './eligibility.ts'

const validator = createValidator(loadDefinitions())
const CPT = 'http://www.ama-assn.org/go/cpt'
const HCPCS = 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets'
const ICD = 'http://hl7.org/fhir/sid/icd-10-cm'
const NPI = 'http://hl7.org/fhir/sid/us-npi'
const NUBC = 'https://www.nubc.org/CodeSystem'
const PLACE = 'https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set'
const PAS = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition'
const exact = (value: object) => parseJson(Buffer.from(JSON.stringify(value))) as Resource
const told = (name: string, value: object) => ({ url: `${PAS}/extension-${name}`, ...value })

const claim = {
  resourceType: 'Claim',
  id: 'pa1',
  identifier: [{ system: 'https://clinic.example/authorizations', value: 'PA-1' }],
  status: 'active',
  use: 'preauthorization',
  type: coded(`${THO}/claim-type`, 'professional'),
  patient: { reference: 'Patient/p1' },
  created: '2026-11-30',
  insurer: { reference: 'Organization/plan' },
  provider: { reference: 'Organization/clinic' },
  priority: coded(`${THO}/processpriority`, 'stat'),
  billablePeriod: { start: '2026-12-01', end: '2027-02-28' },
  careTeam: [
    {
      sequence: 1,
      provider: { reference: 'Practitioner/1' },
      role: coded(`${THO}/claimcareteamrole`, 'rendering'),
      qualification: coded('http://nucc.org/provider-taxonomy', '103TC0700X'),
    },
    {
      sequence: 2,
      provider: { reference: 'Practitioner/2' },
      role: coded(`${THO}/claimcareteamrole`, 'referring'),
    },
    {
      sequence: 3,
      provider: { reference: 'Practitioner/3' },
      role: coded(`${THO}/claimcareteamrole`, 'rendering'),
    },
  ],
  diagnosis: [
    {
      sequence: 1,
      diagnosisCodeableConcept: coded(ICD, 'F11.20'),
      type: [coded(`${THO}/diagnosistype`, 'secondary')],
    },
    {
      sequence: 2,
      diagnosisCodeableConcept: coded(ICD, 'F33.1'),
      type: [coded(`${THO}/diagnosistype`, 'principal')],
    },
    {
      sequence: 3,
      diagnosisCodeableConcept: coded(ICD, 'F41.1'),
      type: [coded(`${THO}/diagnosistype`, 'admitting')],
    },
  ],
  insurance: [{ sequence: 1, focal: true, coverage: { reference: 'Coverage/c1' } }],
  item: [
    {
      sequence: 1,
      category: coded(`${X12}/1365`, 'A6'),
      diagnosisSequence: [2, 1],
      productOrService: coded(CPT, '90837'),
      modifier: [coded(CPT, '95')],
      locationCodeableConcept: coded(PLACE, '10'),
      servicedPeriod: { start: '2026-12-01', end: '2027-02-28' },
      quantity: { value: 12, unit: 'UN' },
      net: { value: 1800, currency: 'USD' },
    },
    {
      extension: [
        told('serviceItemRequestType', { valueCodeableConcept: coded(`${X12}/1525`, 'SC') }),
        told('itemTraceNumber', { valueIdentifier: { system: 'urn:trnorg:9CLINIC001', value: 'L-2' } }),
      ],
      sequence: 2,
      careTeamSequence: [3],
      category: coded(`${X12}/1365`, 'MH'),
      productOrService: coded(HCPCS, 'H0032'),
      quantity: { value: 2.5, unit: 'VS' },
    },
  ],
}

const practitioner = (npi: string, family: string): Resource => ({
  resourceType: 'Practitioner',
  identifier: [{ system: NPI, value: npi }],
  name: [{ family, given: ['Ann'] }],
})
const bundle: AuthorizationBundle = {
  claim: exact(claim),
  patient: eligibility.patient,
  coverage,
  payer: eligibility.payer,
  billingProvider: eligibility.provider,
  careTeam: {
    1: practitioner('1111111112', "O'Hara"),
    2: practitioner('1222222223', 'Low'),
    3: practitioner('1333333334', 'Byrd'),
  },
}
const asking = (more: object): AuthorizationBundle => ({ ...bundle, claim: exact({ ...claim, ...more }) })

t.test('a request for psychotherapy and a plan of treatment', async (t) => {
  const request = authorizationRequestOf(bundle)
  const text = written278(request)
  t.same(segmentsIn(text), [
    'ST*278*0001*005010X217',
    'BHT*0007*13*REQ-7*20261130*1805',
    'HL*1**20*1',
    'NM1*X3*2*HEALTH PLAN*****PI*12345',
    'HL*2*1*21*1',
    'NM1*1P*2*OPEN DOOR CLINIC*****XX*1234567893',
    'HL*3*2*22*1',
    'NM1*IL*1*NUNEZ*MARIA*JOSE***MI*MEM123',
    'REF*6P*G77',
    'DMG*D8*19900203*F',
    'HL*4*3*EV*1',
    'TRN*1*PA-1*1123456789',
    'UM*HS*I*A6*10:B**U',
    'DTP*AAH*RD8*20261201-20270228',
    'HI*ABK:F331*ABJ:F411*ABF:F1120',
    "NM1*SJ*1*O'HARA*ANN****XX*1111111112",
    'PRV*PE*PXC*103TC0700X',
    'NM1*DN*1*LOW*ANN****XX*1222222223',
    'HL*5*4*SS*0',
    'DTP*472*RD8*20261201-20270228',
    'SV1*HC:90837:95*1800*UN*12***1:3',
    'HL*6*4*SS*0',
    'TRN*1*L-2*9CLINIC001',
    'UM*SC*I*MH',
    'SV1*HC:H0032',
    'HSD*VS*2.5',
    'NM1*SJ*1*BYRD*ANN****XX*1333333334',
  ])
  t.same(readAuthorizationSet(onlySetOf(text)).request, request)
})

t.test('an admission to residential treatment of a dependent, renewed', async (t) => {
  const { careTeam: _, billablePeriod: __, priority: ___, ...rest } = claim
  const information = (system: string, category: string, more: object) => ({
    sequence: 1,
    category: coded(system, category),
    ...more,
  })
  const request = authorizationRequestOf({
    ...bundle,
    coverage: { ...coverage, relationship: coded(`${THO}/subscriber-relationship`, 'child') },
    subscriber: { resourceType: 'RelatedPerson', name: [{ family: 'Núñez' }] },
    facility: {
      resourceType: 'Location',
      name: 'The House',
      address: { line: ['9 Oak Rd'], city: 'Troy', state: 'NY', postalCode: '12180' },
    },
    claim: exact({
      ...rest,
      extension: [told('levelOfServiceCode', { valueCodeableConcept: coded(`${X12}/1338`, 'E') })],
      type: coded(`${THO}/claim-type`, 'institutional'),
      insurance: [{ ...claim.insurance[0], preAuthRef: ['AUTH-8'] }],
      supportingInfo: [
        information('urn:x', 'typeofbill', { code: coded(`${NUBC}/TypeOfBill`, '0861') }),
        information('urn:x', 'admtype', { code: coded(`${NUBC}/PriorityTypeOfAdmitOrVisit`, '3') }),
        information('urn:x', 'pointoforigin', { code: coded(`${NUBC}/PointOfOrigin`, '1') }),
        information('urn:x', 'admissionperiod', {
          timingPeriod: { start: '2026-12-02T14:00:00-05:00', end: '2026-12-30' },
        }),
        information('urn:x', 'attachment', {
          code: {
            coding: [
              { system: `${X12}/755`, code: '08' },
              { system: `${X12}/756`, code: 'EL' },
            ],
          },
          valueReference: { identifier: { value: 'DOC-1' } },
        }),
      ],
      item: [
        {
          extension: [
            told('serviceItemRequestType', { valueCodeableConcept: coded(`${X12}/1525`, 'AR') }),
            told('certificationType', { valueCodeableConcept: coded(`${X12}/1322`, 'R') }),
          ],
          sequence: 1,
          category: coded(`${X12}/1365`, 'AI'),
          revenue: coded(`${NUBC}/RevenueCodes`, '1002'),
          productOrService: coded(`${THO}/data-absent-reason`, 'not-applicable'),
          quantity: { value: 28, unit: 'DA' },
        },
      ],
    }),
  })
  const text = written278(request)
  t.same(segmentsIn(text).slice(6), [
    'HL*3*2*22*1',
    'NM1*IL*1*NUNEZ*****MI*MEM123',
    'REF*6P*G77',
    'HL*4*3*23*1',
    'NM1*QC*1*NUNEZ*MARIA*JOSE',
    'DMG*D8*19900203*F',
    'INS*N*19',
    'HL*5*4*EV*1',
    'TRN*1*PA-1*1123456789',
    'UM*AR*R*AI*86:A**E',
    'REF*BB*AUTH-8',
    'DTP*435*D8*20261202',
    'DTP*096*D8*20261230',
    'HI*ABK:F331*ABJ:F411*ABF:F1120',
    'CL1*3*1',
    'PWK*08*EL***AC*DOC-1',
    'NM1*FA*2*THE HOUSE',
    'N3*9 OAK RD',
    'N4*TROY*NY*12180',
    'HL*6*5*SS*0',
    'SV2*1002***DA*28',
  ])
  t.same(readAuthorizationSet(onlySetOf(text)).request, request)
})

t.test('what a request needs and is not there, or cannot be written, is named', async (t) => {
  const refused = (changed: AuthorizationBundle, message: RegExp) =>
    t.throws(() => authorizationRequestOf(changed), { code: 'business-rule', message }, String(message))
  const [first] = claim.item
  const item = (more: object) => asking({ item: [{ ...first, ...more }] })
  refused(asking({ use: 'claim' }), /Claim\.use/)
  refused(asking({ accident: {} }), /Claim\.accident: is not written/)
  refused(asking({ type: coded('urn:x', 'oral') }), /Claim\.type/)
  refused(asking({ identifier: [] }), /Claim\.identifier: is required/)
  refused(asking({ insurance: [{}, {}] }), /Claim\.insurance: must be one/)
  refused(asking({ item: [] }), /Claim\.item: must be from 1/)
  refused(item({ quantity: { value: 1, unit: 'DA' } }), /quantity\.unit: must be one of UN, MJ, F2, VS/)
  refused(item({ quantity: { value: -1 } }), /quantity\.value/)
  refused(item({ productOrService: {} }), /item\[0\]\.productOrService/)
  refused(item({ diagnosisSequence: [9] }), /diagnosisSequence: names no diagnosis/)
  refused(item({ net: { value: 1.001 } }), /net\.value/)
  refused(item({ servicedDate: '2026-12', servicedPeriod: undefined }), /serviced: must name a whole day/)
  const extended = (name: string, code: string) =>
    item({ extension: [told(name, { valueCodeableConcept: coded('urn:x', code) })] })
  refused(extended('serviceItemRequestType', 'XX'), /request type of AR, HS or SC/)
  refused(extended('serviceItemRequestType', 'AR'), /must have an admissionperiod/)
  refused(extended('certificationType', 'R'), /preAuthRef: is required of a request that is not initial/)
  refused(
    asking({
      diagnosis: Array.from({ length: 13 }, (_, n) => ({
        ...claim.diagnosis[n === 0 ? 1 : 0],
        sequence: n + 1,
      })),
    }),
    /Claim\.diagnosis: may be no more than 12/,
  )
  refused({ ...bundle, careTeam: {} }, /careTeam\[0\]\.provider: is not at hand/)
  refused(
    asking({ careTeam: [{ sequence: 1, role: coded(`${THO}/claimcareteamrole`, 'supervisor') }] }),
    /careTeam\[0\]\.role: is none/,
  )
  refused({ ...bundle, billingProvider: practitioner('', 'X') }, /NPI/)
})

const HEAD = `BHT*0007*11*RESP-9*20261203*19385828*18
  HL*1**20*1
  NM1*X3*2*HEALTH PLAN*****PI*12345
  PER*IC**TE*8005550100
  HL*2*1*21*1
  NM1*1P*2*OPEN DOOR CLINIC*****XX*1234567893
  HL*3*2*22*1
  NM1*IL*1*NUNEZ*MARIA****MI*MEM123
  DMG*D8*19900203*F`
const EVENT = `${HEAD}
  HL*4*3*EV*1
  TRN*2*PA-1*1123456789
  TRN*1*UMO-77*9PAYER0001
  UM*HS*I*A6*10:B**U`

const answerOf = (body: string): AuthorizationAnswer =>
  readAuthorizationAnswer(onlySetOf(answerText('278', 'HI', '005010X217', body)))

function responseOf(body: string, asked: Resource = bundle.claim): Resource {
  const response = authorizationResponseOf(answerOf(body), asked)
  t.same(validator.validate(response), [], 'is valid R4')
  return response
}

interface Shown {
  readonly action: string
  readonly number?: string
  readonly reasons: readonly string[]
  /** As written. */
  readonly units?: string
}

/** What is decided of each item, by its sequence. */
function shown(response: Resource, key: 'item' | 'addItem' = 'item'): readonly (readonly [number, Shown])[] {
  return ((response[key] ?? []) as JsonObject[]).map((item) => {
    const [submitted, authorized] = item.adjudication as JsonObject[]
    const [review] = (submitted as JsonObject).extension as JsonObject[]
    t.equal(review?.url, `${PAS}/extension-reviewAction`)
    const parts = review?.extension as JsonObject[]
    const codes = (url: string) =>
      parts
        .filter((one) => one.url === url)
        .map((one) => ((one.valueCodeableConcept as JsonObject).coding as JsonObject[])[0]?.code as string)
    const number = parts.find((one) => one.url === 'number')?.valueString as string | undefined
    if (authorized !== undefined)
      t.same(
        authorized.category,
        coded('https://alcove.health/fhir/CodeSystem/billing-terms', 'authorized-units'),
      )
    return [
      Number(item.itemSequence ?? 0),
      {
        action: codes(`${PAS}/extension-reviewActionCode`)[0] ?? '',
        ...(number === undefined ? {} : { number }),
        reasons: codes('reasonCode'),
        ...(authorized === undefined
          ? {}
          : { units: decimalText(authorized, 'value') ?? String(authorized.value) }),
      },
    ] as const
  })
}

t.test('certified in total: each item has what was asked', async (t) => {
  const response = responseOf(`${EVENT}
    HCR*A1*AUTH-1
    DTP*102*D8*20261202
    DTP*007*RD8*20261201-20270228
    HI*ABK:F331
    MSG*RENEW BY 02/15
    NM1*SJ*1*O'HARA*ANN****XX*1111111112`)
  t.match(response, {
    identifier: [{ system: 'urn:trnorg:9PAYER0001', value: 'UMO-77' }],
    status: 'active',
    use: 'preauthorization',
    created: '2026-12-03',
    request: { reference: 'Claim/pa1' },
    patient: { reference: 'Patient/p1' },
    insurer: { reference: 'Organization/plan' },
    requestor: { reference: 'Organization/clinic' },
    outcome: 'complete',
    disposition: 'RENEW BY 02/15',
    preAuthRef: 'AUTH-1',
    preAuthPeriod: { start: '2026-12-01', end: '2027-02-28' },
    error: undefined,
  })
  const all = { action: 'A1', number: 'AUTH-1', reasons: [] }
  t.same(shown(response), [
    [1, { ...all, units: '12' }],
    [2, { ...all, units: '2.5' }],
  ])
})

t.test('services decided one by one: fewer units, refused, pended', async (t) => {
  const response = responseOf(`${EVENT}
    HCR*A2*AUTH-1
    HL*5*4*SS*0
    HCR*A6*AUTH-1*0B^0C*N
    DTP*007*D8*20261201
    DTP*036*D8*20270115
    SV1*HC:90837:95*1200.50*UN*8.50
    HSD*VS*2*WK*1*34*3
    MSG*EIGHT NOW
    HL*6*4*SS*0
    TRN*2*L-2*9CLINIC001
    HCR*A3**0M
    REF*NT*NO-55
    SV1*HC:H0032`)
  t.match(response, { outcome: 'complete', preAuthRef: 'AUTH-1', status: 'active' })
  t.same(shown(response), [
    [1, { action: 'A6', number: 'AUTH-1', reasons: ['0B', '0C'], units: '8.5' }],
    [2, { action: 'A3', reasons: ['0M'], units: '0' }],
  ])
  const [first, second] = response.item as JsonObject[]
  t.match(first?.extension, [
    told('itemPreAuthPeriod', { valuePeriod: { start: '2026-12-01', end: '2027-01-15' } }),
    told('itemAuthorizedDetail', {
      extension: [
        { url: 'productOrServiceCode', valueCodeableConcept: coded(CPT, '90837') },
        { url: 'modifier', valueCodeableConcept: coded(CPT, '95') },
        { url: 'quantity', valueQuantity: { unit: 'UN' } },
      ],
    }),
  ])
  t.match(second?.extension, [
    told('itemTraceNumber', { valueIdentifier: { system: 'urn:trnorg:9CLINIC001', value: 'L-2' } }),
    told('administrationReferenceNumber', { valueString: 'NO-55' }),
    {},
  ])
  t.same(first?.noteNumber, [1])
  t.match(response.processNote, [{ number: 1, text: 'EIGHT NOW\n2 visits per week for 3 months' }])
})

t.test('services are matched by trace, else order, else code; others are added', async (t) => {
  const swapped = responseOf(`${EVENT}
    HL*5*4*SS*0
    TRN*2*L-2*9CLINIC001
    HCR*A1*N-2
    HSD*VS*2
    HL*6*4*SS*0
    HCR*A1*N-1`)
  t.same(shown(swapped), [
    [1, { action: 'A1', number: 'N-1', reasons: [], units: '12' }],
    [2, { action: 'A1', number: 'N-2', reasons: [], units: '2' }],
  ])
  t.equal(swapped.preAuthRef, undefined, 'of two numbers none is the one')
  const others = responseOf(`${EVENT}
    HL*5*4*SS*0
    HCR*A1*N-2
    SV1*HC:H0032**UN*3
    HL*6*4*SS*0
    HCR*A6*N-3
    DTP*472*D8*20261205
    SV2*0915*HC:90853*45*UN*4`)
  t.same(shown(others), [[2, { action: 'A1', number: 'N-2', reasons: [], units: '3' }]])
  t.same(shown(others, 'addItem'), [[0, { action: 'A6', number: 'N-3', reasons: [], units: '4' }]])
  t.match(others.addItem, [
    { productOrService: coded(CPT, '90853'), servicedDate: '2026-12-05', net: { value: 45 } },
  ])
})

t.test('pended, asked to call, cancelled, refused as a whole', async (t) => {
  const of = (hcr: string, more = '') => responseOf(`${EVENT}\nHCR*${hcr}${more}`)
  t.match(of('A4*REV-1'), { outcome: 'queued', preAuthRef: undefined })
  t.same(
    shown(of('A4*REV-1*0U')).map(([, one]) => one),
    [1, 2].map(() => ({ action: 'A4', number: 'REV-1', reasons: ['0U'] })),
  )
  t.match(of('CT'), { outcome: 'queued' })
  t.match(of('C*AUTH-1'), { status: 'cancelled', outcome: 'complete', preAuthRef: undefined })
  const refused = of('A3*REV-2*0V*Y')
  t.match(refused, { outcome: 'complete', preAuthRef: undefined })
  t.same(
    shown(refused).map(([, one]) => one.units),
    ['0', '0'],
  )
  t.match(of('A2*AUTH-1', '\nHL*5*4*SS*0\nHCR*A4\nHL*6*4*SS*0\nHCR*A1'), { outcome: 'partial' })
  t.match(of('A2*AUTH-1'), { outcome: 'complete', preAuthRef: 'AUTH-1' })
  t.same(
    shown(of('A2*AUTH-1')).map(([, one]) => one.units),
    [undefined, undefined],
    'which units is not said',
  )
  t.match(responseOf(EVENT), { outcome: 'queued', item: undefined })
})

t.test('rejections are errors, with the loop that says them', async (t) => {
  const error = (code: string, loop: string, followUp?: string) => ({
    code: coded(`${X12}/901`, code),
    extension: [
      ...(followUp === undefined
        ? []
        : [told('errorFollowupAction', { valueCodeableConcept: coded(`${X12}/889`, followUp) })]),
      told('errorElement', { valueString: loop }),
    ],
  })
  const same = (body: string, outcome: string, errors: readonly object[]) => {
    const response = responseOf(body)
    t.equal(response.outcome, outcome)
    t.same(response.error, errors)
  }
  same(`${HEAD}\nAAA*N**72*C`, 'error', [error('72', '2010C', 'C')])
  same('BHT*0007*11*R*20261203*0931\nHL*1**20*0\nAAA*Y**42*Y\nNM1*X3*2*PLAN*****PI*1', 'error', [
    error('42', '2000A', 'Y'),
  ])
  same(`${EVENT}\nAAA*N**15\nNM1*SJ*2*X\nAAA*N**43*R`, 'error', [
    error('15', '2000E'),
    error('43', '2010E', 'R'),
  ])
  same(`${EVENT}\nHCR*A1*A\nHL*5*4*SS*0\nHCR*A1*A\nHL*6*4*SS*0\nAAA*N**33*N`, 'partial', [
    { ...error('33', '2000F', 'N'), itemSequence: 2 },
  ])
})

t.test(
  'an answer to another claim is refused, and one as a Medicare contractor writes it is read',
  async (t) => {
    t.throws(() => responseOf(EVENT.replace('*PA-1*', '*PA-2*')), {
      code: 'business-rule',
      message: /names another Claim/,
    })
    t.throws(() => authorizationResponseOf(answerOf(EVENT), { ...bundle.claim, use: 'claim' }), {
      code: 'business-rule',
    })
    const answer = answerOf(`${HEAD}
    HL*4*3*EV*1
    TRN*1*FSP000000008824*9ESMDSYSTM
    UM*HS*I**32:A
    HCR*A2*15H00000000336
    HI*ABK:R130
    MSG*HH07F
    NM1*DK*1*ROE*KAY****XX*1285612259
    NM1*FA*2*HOME*****XX*1427351956
    HL*5*4*SS*0
    HCR*A1*15H00000000336
    DTP*472*RD8*20190201-20190401
    SV2**HC:G0299**UN*10
    HL*6*4*SS*0
    HCR*A3
    REF*NT*15H00000000336
    SV2**HC:G0156**UN*4
    MSG*HH07F`)
    t.match(answer, {
      event: { decision: { action: 'A2', number: '15H00000000336' }, messages: ['HH07F'] },
      services: [
        { decision: { action: 'A1' }, code: 'G0299', quantity: { unit: 'UN', value: '10' } },
        { decision: { action: 'A3' }, refused: '15H00000000336', messages: ['HH07F'] },
      ],
    })
  },
)

t.test('faults in an answer name segment and element, and quote nothing', async (t) => {
  const refused = (body: string, message: RegExp) => {
    try {
      answerOf(body)
      t.fail(String(message))
    } catch (error) {
      t.match(error, { code: 'malformed', message }, String(message))
      t.notMatch(String(error), /SECRET/)
    }
  }
  refused(`${EVENT}\nHCR**SECRET`, /HCR01: is required/)
  refused(`${EVENT}\nHCR*A1*SECRET**7`, /HCR04: must be one of/)
  refused(`${EVENT}\nDTP*007*D8*SECRET`, /DTP03: must be a date/)
  refused(`${EVENT}\nDTP*007*TM*SECRET`, /DTP02: must be one of/)
  refused(`${EVENT}\nHL*5*4*SS*0\nSV1*HC:90837**UN*SECRET`, /SV104: must be a decimal/)
  refused(`${EVENT}\nHL*5*4*SS*0\nSV1*HC`, /SV101-2: is required/)
  refused(`${EVENT}\nHL*5*3*SS*0`, /HL02: must be the number of the level above/)
  refused(`${EVENT}\nZZZ*SECRET`, /ZZZ: this segment stands where SE must come/)
  refused(EVENT.replace('*11*RESP-9', '*13*RESP-9'), /BHT02: must be one of 11/)
  refused('', /the set ends where BHT must come|has no segment name/)
})
