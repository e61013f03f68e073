// Payers pull claims by search: by the day of service, the period, type, diagnosis, coverage and who pays it, by when
// they changed, with whom and what they are about; and nobody finds, or counts, what he may not see.
import t from 'tap'
import type { JsonObject, Resource } from '../../../src/fhir/index.ts'
import { BASE, type Reply, type TestServer } from '../../rest/server.ts'
import { ACT_CODE, coded, resource } from '../practice.ts'
import { revenueServer, SHIPPED_PARAMETERS } from './revenue-server.ts'
import { claim, correcting, decision, paidLine, usd } from './written-claims.ts'

const TYPES = 'http://terminology.hl7.org/CodeSystem/claim-type'
const ICD = 'http://hl7.org/fhir/sid/icd-10-cm'

function found(reply: Reply, mode = 'match'): string[] {
  if (reply.status !== 200) throw new Error(reply.text)
  return ((reply.json.entry ?? []) as { search: { mode: string }; resource: JsonObject }[])
    .filter(({ search }) => search.mode === mode)
    .map(({ resource: { resourceType, id } }) => `${resourceType}/${id}`)
    .toSorted()
}

/** All pages. */
async function pulled({ ask }: TestServer, query: string, mode?: string): Promise<string[]> {
  const all: string[] = []
  for (let next: string | undefined = query; next !== undefined; ) {
    const reply: Reply = await ask(`GET ${next}`)
    all.push(...found(reply, mode))
    const url: string | undefined = reply.json.link.find(
      ({ relation }: { relation: string }) => relation === 'next',
    )?.url
    next = url?.slice(BASE.length + 1)
  }
  return all.toSorted()
}

const visit = (id: string, of: string): Resource =>
  resource({
    resourceType: 'Encounter',
    id,
    status: 'finished',
    class: { system: ACT_CODE, code: 'AMB' },
    subject: { reference: `Patient/${of}` },
  })

const line = (date: string, code = '90834') => ({ code, date, cents: 10_001 })

const professional = claim({
  id: 'professional',
  patient: 'p1',
  lines: [line('2026-03-02'), line('2026-03-09')],
})
const CLAIMS: readonly Resource[] = [
  visit('e1', 'p1'),
  {
    ...professional,
    item: (professional['item'] as JsonObject[]).map((item) => ({
      ...item,
      encounter: [{ reference: 'Encounter/e1' }],
    })),
  } as Resource,
  claim({
    id: 'institutional',
    patient: 'p2',
    payer: 'payer2',
    lines: [line('2026-03-05', 'H0018')],
    more: {
      type: coded(TYPES, 'institutional'),
      billablePeriod: { start: '2026-03-01', end: '2026-03-31' },
      diagnosis: [
        { sequence: 1, diagnosisCodeableConcept: coded(ICD, 'F10.20') },
        { sequence: 2, diagnosisCodeableConcept: coded(ICD, 'F32.1') },
      ],
    },
  }),
  claim({ id: 'old', patient: 'p3', lines: [line('2025-12-30')] }),
  claim({ id: 'replacing', patient: 'p3', lines: [line('2025-12-30')], more: correcting('old', '7') }),
]

t.test('each way of asking', async (t) => {
  const server = await revenueServer(t)
  await server.put(...CLAIMS)
  const all = ['institutional', 'old', 'professional', 'replacing']
  const asked: readonly (readonly [query: string, ids: readonly string[]])[] = [
    ['', all],
    ['service-date=2026-03-02', ['professional']],
    ['service-date=2026-03-09', ['professional']],
    ['service-date=2026-03-05', ['institutional']],
    ['service-date=ge2026-03-10', ['institutional']],
    ['service-date=ge2026-03', ['institutional', 'professional']],
    ['service-date=lt2026', ['old', 'replacing']],
    ['billable-period=2026-03', ['institutional', 'professional']],
    ['billable-period=ge2026-03-15', ['institutional']],
    ['type=professional', ['old', 'professional', 'replacing']],
    [`type=${TYPES}|institutional`, ['institutional']],
    ['diagnosis=F33.1', ['old', 'professional', 'replacing']],
    [`diagnosis=${ICD}|F32.1`, ['institutional']],
    ['diagnosis=F99', []],
    ['coverage=cov-p1', ['professional']],
    ['coverage=Coverage/cov-p2,Coverage/cov-p3', ['institutional', 'old', 'replacing']],
    ['coverage.payor=Organization/payer1', ['old', 'professional', 'replacing']],
    ['coverage.payor:Organization.name=valley', ['institutional']],
    ['insurer=Organization/payer2', ['institutional']],
    ['related=Claim/old', ['replacing']],
    ['coverage.payor=payer1&service-date=ge2026&type=professional&diagnosis=F33.1', ['professional']],
    ['service-date:missing=true', []],
    ['related:missing=true', ['institutional', 'old', 'professional']],
  ]
  for (const [query, ids] of asked)
    t.same(
      found(await server.ask(`GET Claim?${query}`)),
      ids.map((id) => `Claim/${id}`),
      query,
    )
  t.same(
    found(await server.ask('GET Coverage?_has:Claim:coverage:service-date=ge2026')),
    ['Coverage/cov-p1', 'Coverage/cov-p2'],
    'and the other way round',
  )
  t.same(found(await server.ask('GET Claim?_sort=service-date&_count=1')), ['Claim/old'])
})

t.test('what payers answered', async (t) => {
  const server = await revenueServer(t)
  const [, made] = CLAIMS as [Resource, Resource]
  const response = decision({ id: 'r', to: made, lines: [paidLine(1, 10_001, 1, 0)], date: '2026-04-02' })
  const explanation = resource({
    resourceType: 'ExplanationOfBenefit',
    id: 'eob',
    status: 'active',
    type: coded(TYPES, 'professional'),
    use: 'claim',
    patient: { reference: 'Patient/p1' },
    billablePeriod: { start: '2026-03-02', end: '2026-03-09' },
    created: '2026-04-02',
    insurer: { reference: 'Organization/payer1' },
    provider: { reference: 'Organization/clinic1' },
    outcome: 'complete',
    diagnosis: [{ sequence: 1, diagnosisCodeableConcept: coded(ICD, 'F33.1') }],
    insurance: [{ focal: true, coverage: { reference: 'Coverage/cov-p1' } }],
    item: [
      { sequence: 1, productOrService: coded('urn:x', 'a'), servicedDate: '2026-03-02' },
      {
        sequence: 2,
        productOrService: coded('urn:x', 'a'),
        servicedPeriod: { start: '2026-03-08', end: '2026-03-09' },
      },
    ],
  })
  await server.put(
    ...CLAIMS,
    { ...response, preAuthRef: 'AUTH-7' } as Resource,
    explanation,
    resource({
      resourceType: 'PaymentReconciliation',
      id: 'payment',
      status: 'active',
      created: '2026-04-03',
      paymentDate: '2026-04-02',
      paymentAmount: usd(10_000),
      detail: [
        {
          type: coded('http://terminology.hl7.org/CodeSystem/payment-type', 'payment'),
          response: { reference: 'ClaimResponse/r' },
          amount: usd(10_000),
        },
      ],
    }),
  )
  const asked: readonly (readonly [query: string, isFound: boolean])[] = [
    ['ClaimResponse?preauth-ref=AUTH-7', true],
    ['ClaimResponse?preauth-ref=AUTH-8', false],
    ['ExplanationOfBenefit?service-date=2026-03-02', true],
    ['ExplanationOfBenefit?service-date=lt2026-03-02', false],
    ['ExplanationOfBenefit?service-start-date=2026-03-08', true],
    ['ExplanationOfBenefit?service-start-date=2026-03-09', false],
    ['ExplanationOfBenefit?billable-period=2026-03', true],
    ['ExplanationOfBenefit?billable-period=gt2026-03-09', false],
    ['ExplanationOfBenefit?billable-period-start=2026-03-02', true],
    ['ExplanationOfBenefit?billable-period-start=2026-03-09', false],
    ['ExplanationOfBenefit?type=professional', true],
    ['ExplanationOfBenefit?type=oral', false],
    ['ExplanationOfBenefit?insurer=Organization/payer1', true],
    ['ExplanationOfBenefit?insurer=Organization/payer2', false],
    ['ExplanationOfBenefit?diagnosis=F33.1', true],
    ['ExplanationOfBenefit?diagnosis=F33', false],
    ['PaymentReconciliation?payment-date=2026-04-02', true],
    ['PaymentReconciliation?payment-date=2026-04-03', false],
    ['PaymentReconciliation?response=ClaimResponse/r', true],
    ['PaymentReconciliation?response=ClaimResponse/other', false],
    ['PaymentReconciliation?response.request=Claim/professional', true],
  ]
  for (const [query, isFound] of asked)
    t.equal(found(await server.ask(`GET ${query}`)).length, isFound ? 1 : 0, query)
  const used = new Set(
    asked.flatMap(([query]) => {
      const [type, name = ''] = query.split(/[?.=]/)
      return `${type}-${name}`
    }),
  )
  for (const { id } of SHIPPED_PARAMETERS)
    t.ok(used.has(String(id)) || String(id).startsWith('Claim-'), `${id}`)
})

t.test('all claims of its members since it last asked, with what they are about, page by page', async (t) => {
  const server = await revenueServer(t)
  const many = Array.from({ length: 25 }, (_, at) =>
    claim({
      id: `c${String(at).padStart(2, '0')}`,
      patient: `p${1 + (at % 4)}`,
      payer: `payer${1 + (at % 2)}`,
      lines: [line(`2026-04-${String(1 + at).padStart(2, '0')}`)],
    }),
  )
  await server.put(...many)
  server.tick(60_000)
  const since = new Date(Date.UTC(2026, 5, 30, 9, 1, 0)).toISOString()
  const changed = ['c00', 'c02', 'c03', 'c08'].map((id) => {
    const [before] = many.filter((one) => one['id'] === id) as [Resource]
    return { ...before, status: 'cancelled' } as Resource
  })
  await server.put(...changed, ...CLAIMS)

  const query = 'Claim?coverage.payor=Organization/payer1&_lastUpdated=ge'
  const ids = ['c00', 'c02', 'c08', 'old', 'professional', 'replacing']
  const include = ['Claim:coverage', 'Claim:patient', 'Claim:provider', 'Claim:encounter']
    .map((one) => `&_include=${one}`)
    .join('')
  t.same(
    await pulled(server, `${query}${since}&_count=2${include}`),
    ids.map((id) => `Claim/${id}`),
  )
  t.same(
    [...new Set(await pulled(server, `${query}${since}&_count=2${include}`, 'include'))],
    [
      'Coverage/cov-p1',
      'Coverage/cov-p3',
      'Encounter/e1',
      'Organization/clinic1',
      'Patient/p1',
      'Patient/p3',
    ],
  )
  const total = async (of: TestServer, asked: string): Promise<number> =>
    (await of.ask(`GET ${asked}&_summary=count`)).json.total
  t.equal(await total(server, `${query}${since}`), ids.length)
  t.equal(await total(server, `${query}2026`), 16)

  // Who may not see what tells of substance use, and who may see one member alone.
  await server.put({
    ...many[4],
    meta: { security: [{ system: ACT_CODE, code: '42CFRPart2' }] },
  } as Resource)
  const withoutLabels = [{ system: ACT_CODE, code: '42CFRPart2' }]
  const labelled = server.seenBy({ anyOf: [{ types: '*', patients: '*', withoutLabels }] })
  t.equal(await total(labelled, `${query}2026`), 15)
  t.notOk((await pulled(labelled, `${query}2026&_count=4`)).includes('Claim/c04'))
  t.same(found(await labelled.ask('GET Claim?service-date=2026-04-05')), [])
  t.equal((await labelled.revenue('?start=2026-04-05&end=2026-04-05')).total['claims'], 0)
  t.equal((await server.revenue('?start=2026-04-05&end=2026-04-05')).total['claims'], 1)
  const member = server.seenBy({ anyOf: [{ types: '*', patients: ['p3'], withoutLabels: [] }] })
  const own = ['c02', 'c06', 'c10', 'c14', 'c18', 'c22', 'old', 'replacing'].map((id) => `Claim/${id}`)
  t.same(await pulled(member, `${query}2026&_count=3`), own)
  t.equal(await total(member, `${query}2026`), own.length)
  t.same(found(await member.ask('GET Claim?coverage=cov-p1')), [], 'nor by the coverage of another')
  t.same(found(await member.ask('GET Claim?coverage.payor=Organization/payer2')), [])
})
