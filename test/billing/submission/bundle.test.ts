// What an 837 is written from: all that a stored claim refers to, or every element that leads nowhere.
import t from 'tap'
import { CLAIM_TERMS, claimBundleOf, contentOf } from '../../../src/billing/index.ts'
import { FhirError, type Resource } from '../../../src/fhir/index.ts'
import { BASE, billingWorld, clinic, coverage, payer, resource, site } from '../practice.ts'
import { institutionalClaim, professionalClaim } from './claims.ts'

const terms = (...parts: readonly object[]) => ({ extension: [{ url: CLAIM_TERMS, extension: parts }] })

async function issuesOf(work: Promise<unknown>): Promise<readonly string[]> {
  try {
    await work
  } catch (error) {
    if (error instanceof FhirError && error.code === 'business-rule')
      return error.issues.map(({ expression }) => String(expression))
    throw error
  }
  return []
}

t.test('whole resources of a claim', async (t) => {
  const { put, view } = await billingWorld()
  await put(professionalClaim('c1'), institutionalClaim('c2'))
  const of = async (id: string) =>
    claimBundleOf(view(), (await view().read('Claim', id))?.resource as Resource, BASE)
  const [one, two] = [await of('c1'), await of('c2')]
  t.equal(one.patient['id'], 'p1')
  t.equal(one.coverage['id'], 'cov1')
  t.equal(one.payer['id'], 'payer1')
  t.equal(one.billingProvider['id'], 'clinic1')
  t.equal(one.careTeam[1]?.['id'], 'therapist1')
  t.equal(two.careTeam[1]?.['id'], 'therapist1', 'the practitioner of a role')
  t.same(one.terms, { assignment: 'A', release: 'Y', signature: true })
  t.notOk('facility' in one, 'the office is where the clinic is')
  t.notOk('subscriber' in one, 'the patient is insured himself')
  t.equal(contentOf(one).providers['82']?.name, 'RIVERA')
  t.equal(contentOf(two).providers['71']?.taxonomy, '1041C0700X')
})

t.test(
  'a place elsewhere, another subscriber, a payer by the coverage, absolute and contained references',
  async (t) => {
    const { put, view } = await billingWorld()
    await put(
      resource({
        resourceType: 'RelatedPerson',
        id: 'mother',
        patient: { reference: 'Patient/p1' },
        name: [{ family: 'Lake', given: ['Ida'] }],
      }),
      coverage('cov2', 'p1', {
        relationship: { coding: [{ code: 'child' }] },
        subscriber: { reference: 'RelatedPerson/mother' },
      }),
      site('site2', '11', {
        address: { line: ['1 Main Street'], city: 'Peoria', state: 'IL', postalCode: '61602' },
      }),
      site('site3', '11', {
        address: { line: ['1 MAIN  street.'], city: 'springfield', state: 'IL', postalCode: '62701' },
      }),
      site('kind', '02', { mode: 'kind', address: undefined }),
    )
    const made = (more: object) =>
      claimBundleOf(view(), professionalClaim('c1', { coverage: 'cov2', more }), BASE)
    const elsewhere = await made({ facility: { reference: `${BASE}/Location/site2` }, insurer: undefined })
    t.equal(elsewhere.facility?.['id'], 'site2')
    t.equal(elsewhere.subscriber?.['id'], 'mother')
    t.equal(elsewhere.payer['id'], 'payer1')
    t.notOk('facility' in (await made({ facility: { reference: 'Location/site3' } })), 'the same address')
    t.notOk('facility' in (await made({ facility: { reference: 'Location/kind' } })), 'no place at all')
    const contained = await made({
      contained: [{ resourceType: 'Location', id: 'x', name: 'Mobile', address: { city: 'Alton' } }],
      facility: { reference: '#x' },
    })
    t.equal(contained.facility?.['name'], 'Mobile')
  },
)

t.test('all that leads nowhere is told at once', async (t) => {
  const { put, view } = await billingWorld()
  await put(site('bare', '11', { address: undefined }))
  const broken = professionalClaim('c1', {
    more: {
      patient: { reference: 'Patient/nobody' },
      insurer: { display: 'Somebody' },
      provider: { reference: 'https://elsewhere.example/Organization/clinic1' },
      facility: { reference: 'Patient/p1' },
      careTeam: [
        { sequence: 1, provider: { reference: 'Practitioner/nobody' } },
        { sequence: 2, provider: { reference: '#none' } },
      ],
      insurance: [{ sequence: 1, focal: true, coverage: { reference: 'Coverage/none' } }],
    },
  })
  t.same(await issuesOf(claimBundleOf(view(), broken, BASE)), [
    'Claim.patient',
    'Claim.insurance[0].coverage',
    'Claim.insurer',
    'Claim.provider',
    'Claim.careTeam[0].provider',
    'Claim.careTeam[1].provider',
    'Claim.facility',
  ])
  const bare = professionalClaim('c2', { more: { facility: { reference: 'Location/bare' } } })
  t.same(await issuesOf(claimBundleOf(view(), bare, BASE)), ['Location.address'])
  const unfocused = professionalClaim('c3', { more: { insurance: [] } })
  t.same(await issuesOf(claimBundleOf(view(), unfocused, BASE)), ['Claim.insurance'])
})

t.test('terms: the coverage before the payer before the provider', async (t) => {
  const { put, view } = await billingWorld()
  await put(
    clinic({
      ...terms(
        { url: 'assignment', valueCode: 'B' },
        { url: 'release', valueCode: 'I' },
        { url: 'signature', valueBoolean: false },
      ),
    }),
    payer('payer1', terms({ url: 'assignment', valueCode: 'C' }, { url: 'release', valueCode: 'Y' })),
    coverage('cov1', 'p1', terms({ url: 'release', valueCode: 'I' })),
  )
  const made = await claimBundleOf(view(), professionalClaim('c1'), BASE)
  t.same(made.terms, { assignment: 'C', release: 'I', signature: false })
  await put(payer('payer1', terms({ url: 'assignment', valueCode: 'X' }, { url: 'other', valueCode: 'Y' })))
  t.same(await issuesOf(claimBundleOf(view(), professionalClaim('c1'), BASE)), [
    'Organization.extension[0].extension[1]',
    'Organization.extension[0].extension[0].valueCode',
  ])
})
