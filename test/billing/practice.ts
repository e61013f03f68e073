// A practice that bills, for tests: who pays and who is paid, a therapist, a patient with diagnoses, visits with their
// notes, priced services; in memory behind a real Repository, or as a whole server.
import { UNAUTHENTICATED, withLabelLinks } from '../../src/access/index.ts'
import {
  type BillingParts,
  createControlNumbers,
  createRuleBooks,
  type OutgoingFile,
} from '../../src/billing/index.ts'
import { createTerminology, createValidator } from '../../src/conformance/index.ts'
import {
  evaluatorOnDemand,
  isJsonObject,
  type JsonObject,
  loadDefinitions,
  parseJson,
  type Resource,
  setDecimalText,
} from '../../src/fhir/index.ts'
import { callerView } from '../../src/operations/caller-view.ts'
import {
  createLabelling,
  Repository,
  type RepositoryParts,
  TypeChanges,
  WriteLines,
  type WorldView,
} from '../../src/repository/index.ts'
import { createSearch } from '../../src/search/index.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { shipped as labelRules } from '../access/labels/rules.ts'
import { openNaiveStore } from '../contract/naive-store.ts'
import { BASE, startServer, type TestServer } from '../rest/server.ts'
import { shipped as icd10Cm } from './diagnoses/shipped-list.ts'
import { definitions as services, EXTENSION, KINDS, PLACES } from './rules/services.ts'

export const NOW = Date.UTC(2026, 2, 5, 9, 0, 0)
/** The day of visits, unless they say another. */
export const DAY = '2026-03-02'

export const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
export const ICD_10 = 'http://hl7.org/fhir/sid/icd-10-cm'
export const NUCC = 'http://nucc.org/provider-taxonomy'
export const OURS = 'https://alcove.health/fhir/StructureDefinition/'

const definitions = loadDefinitions()
const validator = createValidator(definitions)

/** Resources of tests are written down loosely. */
export type Loose = { readonly resourceType: string; readonly [key: string]: unknown }
/** Without what is undefined: so a fixture loses an element. */
export const resource = (loose: Loose): Resource =>
  Object.fromEntries(Object.entries(loose).filter(([, value]) => value !== undefined)) as unknown as Resource

/** Ten digits of which the last checks the others (ISO 7812, with 80840 before them). */
export function npi(nineDigits: string): string {
  const digits = [...`80840${nineDigits}`].map(Number)
  const sum = digits
    .toReversed()
    .map((digit, at) => (at % 2 === 0 ? (digit > 4 ? 2 * digit - 9 : 2 * digit) : digit))
    .reduce((all, digit) => all + digit, 0)
  return `${nineDigits}${(10 - (sum % 10)) % 10}`
}

export const CLINIC_NPI = npi('123456789')
export const THERAPIST_NPI = npi('100000001')

export function coded(system: string, code: string, display?: string): JsonObject {
  return { coding: [{ system, code, ...(display === undefined ? {} : { display }) }] }
}

export const payer = (id = 'payer1', more: object = {}): Resource =>
  resource({
    resourceType: 'Organization',
    id,
    identifier: [
      {
        type: coded('http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBIdentifierType', 'payerid'),
        system: 'urn:oid:2.16.840.1.113883.6.300',
        value: '60054',
      },
    ],
    name: 'Harbor Health Plan',
    ...more,
  })

export const clinic = (more: object = {}): Resource =>
  resource({
    resourceType: 'Organization',
    id: 'clinic1',
    identifier: [
      { system: 'http://hl7.org/fhir/sid/us-npi', value: CLINIC_NPI },
      { system: 'urn:oid:2.16.840.1.113883.4.4', value: '12-3456789' },
    ],
    type: [coded(NUCC, '261QM0801X')],
    name: 'Harbor Behavioral Health',
    telecom: [{ system: 'phone', value: '+1 217-555-0100' }],
    address: [{ line: ['1 Main Street'], city: 'Springfield', state: 'IL', postalCode: '627010001' }],
    ...more,
  })

export const therapist = (id = 'therapist1', more: object = {}): Resource =>
  resource({
    resourceType: 'Practitioner',
    id,
    identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: THERAPIST_NPI }],
    name: [{ family: 'Rivera', given: ['Ana'] }],
    qualification: [{ code: coded(NUCC, '1041C0700X') }],
    ...more,
  })

export const therapistRole = (more: object = {}): Resource =>
  resource({
    resourceType: 'PractitionerRole',
    id: 'role1',
    active: true,
    practitioner: { reference: 'Practitioner/therapist1' },
    organization: { reference: 'Organization/clinic1' },
    specialty: [coded(NUCC, '1041C0700X')],
    ...more,
  })

/** An office at the clinic's own address. */
export const site = (id = 'site1', place = '11', more: object = {}): Resource =>
  resource({
    resourceType: 'Location',
    id,
    name: 'Main Street office',
    type: [coded(PLACES, place)],
    address: { line: ['1 Main Street'], city: 'Springfield', state: 'IL', postalCode: '627010001' },
    managingOrganization: { reference: 'Organization/clinic1' },
    ...more,
  })

/** The patient's home, as where a patient is who is seen by video. */
export const home = (): Resource =>
  resource({
    resourceType: 'Location',
    id: 'home1',
    mode: 'kind',
    type: [coded('http://terminology.hl7.org/CodeSystem/v3-RoleCode', 'PTRES')],
  })

export const patient = (id = 'p1', more: object = {}): Resource =>
  resource({
    resourceType: 'Patient',
    id,
    name: [{ family: `Lake-${id}`, given: ['Sam'] }],
    gender: 'female',
    birthDate: '1990-04-01',
    address: [{ line: ['22 Oak Avenue'], city: 'Springfield', state: 'IL', postalCode: '62704' }],
    ...more,
  })

export const coverage = (id = 'cov1', of = 'p1', more: object = {}): Resource =>
  resource({
    resourceType: 'Coverage',
    id,
    status: 'active',
    type: coded('https://codesystem.x12.org/005010/1032', 'CI'),
    subscriberId: `M${id}`,
    beneficiary: { reference: `Patient/${of}` },
    relationship: coded('http://terminology.hl7.org/CodeSystem/subscriber-relationship', 'self'),
    period: { start: '2026-01-01' },
    payor: [{ reference: 'Organization/payer1' }],
    order: 1,
    ...more,
  })

export const condition = (id: string, code: string, of = 'p1', more: object = {}): Resource =>
  resource({
    resourceType: 'Condition',
    id,
    clinicalStatus: coded('http://terminology.hl7.org/CodeSystem/condition-clinical', 'active'),
    verificationStatus: coded('http://terminology.hl7.org/CodeSystem/condition-ver-status', 'confirmed'),
    category: [coded('http://terminology.hl7.org/CodeSystem/condition-category', 'problem-list-item')],
    code: coded(ICD_10, code),
    subject: { reference: `Patient/${of}` },
    ...more,
  })

/** `Encounter.diagnosis` of these, by rank, for billing. */
export function billed(...conditions: readonly string[]): JsonObject[] {
  return conditions.map((id, at) => ({
    condition: { reference: `Condition/${id}` },
    use: coded('http://terminology.hl7.org/CodeSystem/diagnosis-role', 'billing'),
    rank: at + 1,
  }))
}

export interface Visit {
  readonly of?: string
  readonly day?: string
  readonly minutes?: number
  /** Kinds of billable-services, or codings. */
  readonly kinds?: readonly (string | JsonObject)[]
  readonly modality?: 'in-person' | 'video' | 'audio'
  readonly location?: string
  /** Elements of the Encounter instead of those made. */
  readonly more?: object
}

export const kind = (name: string): JsonObject => coded(KINDS, name)

/** An Encounter, finished, with what was done. */
export function visit(id: string, made: Visit = {}): Resource {
  const { of = 'p1', day = DAY, minutes = 45, kinds = ['individual-psychotherapy'], modality, more } = made
  const end = new Date(Date.parse(`${day}T10:00:00Z`) + minutes * 60_000).toISOString().slice(11, 19)
  return resource({
    resourceType: 'Encounter',
    id,
    ...(modality === undefined
      ? {}
      : { extension: [{ url: `${OURS}encounter-modality`, valueCode: modality }] }),
    status: 'finished',
    class: { system: ACT_CODE, code: modality === 'video' ? 'VR' : 'AMB' },
    type: kinds.map((one) => (typeof one === 'string' ? kind(one) : { coding: [one] })),
    subject: { reference: `Patient/${of}` },
    participant: [
      {
        type: [coded('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'PPRF')],
        individual: { reference: 'Practitioner/therapist1' },
      },
    ],
    period: { start: `${day}T10:00:00-06:00`, end: `${day}T${end}-06:00` },
    diagnosis: billed('dep', 'anx'),
    location: [{ location: { reference: `Location/${made.location ?? 'site1'}` } }],
    serviceProvider: { reference: 'Organization/clinic1' },
    ...more,
  })
}

/** What no claim may ever hold. */
export const NOTE_WORDS = 'cried about the divorce and asked for a lamp'

/** The signed progress note of a visit. */
export function note(of: string, patientId = 'p1', more: object = {}): Resource {
  return resource({
    resourceType: 'DocumentReference',
    id: `note-${of}`,
    status: 'current',
    docStatus: 'final',
    type: coded('http://loinc.org', '11506-3'),
    subject: { reference: `Patient/${patientId}` },
    date: `${DAY}T11:30:00-06:00`,
    authenticator: { reference: 'Practitioner/therapist1' },
    description: NOTE_WORDS,
    content: [
      { attachment: { contentType: 'text/plain', data: Buffer.from(NOTE_WORDS).toString('base64') } },
    ],
    context: { encounter: [{ reference: `Encounter/${of}` }] },
    ...more,
  })
}

/** An active consent under 42 CFR Part 2. */
export const consent = (id: string, provision: object | undefined, more: object = {}) =>
  resource({
    resourceType: 'Consent',
    id,
    status: 'active',
    scope: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
    },
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: '42CFRPart2CD' }] },
    ],
    policyRule: { coding: [{ system: ACT_CODE, code: '42CFRPart2CD' }] },
    patient: { reference: 'Patient/p1' },
    dateTime: '2026-02-01',
    provision,
    ...more,
  })

/** `Consent.provision.purpose` of these codes of v3-ActReason. */
export const purposes = (...codes: readonly string[]) =>
  codes.map((code) => ({ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code }))

/** `Money` of a text such as `131.07`. */
export function money(text: string): JsonObject {
  const made: JsonObject = { value: Number(text), currency: 'USD' }
  setDecimalText(made, 'value', text)
  return made
}

/** Awkward cents, the same for the same code. */
export function priceOf(code: string): string {
  const sum = [...code].reduce((all, letter) => (all * 31 + letter.charCodeAt(0)) % 19_997, 7)
  return `${40 + (sum % 160)}.${String(sum % 100).padStart(2, '0')}`
}

/** A definition with a price, of one unit. */
export function priced(definition: Resource, price: string): Resource {
  const propertyGroup = [{ priceComponent: [{ type: 'base', amount: money(price) }] }]
  return { ...definition, propertyGroup }
}

function codeOfRule(definition: Resource): string | undefined {
  const { code } = definition
  const [first] = isJsonObject(code) && Array.isArray(code['coding']) ? code['coding'] : []
  return isJsonObject(first) ? String(first['code']) : undefined
}

/** The services that ship, each with a price. */
export const pricedServices: readonly Resource[] = services.map((definition) => {
  const code = codeOfRule(definition)
  return code === undefined ? definition : priced(definition, priceOf(code))
})

/** Everything but visits and notes. */
export const practice: readonly Resource[] = [
  payer(),
  clinic(),
  therapist(),
  therapistRole(),
  site(),
  home(),
  patient(),
  coverage(),
  condition('dep', 'F33.1'),
  condition('anx', 'F41.1'),
]

export interface BillingWorld {
  readonly repository: Repository
  readonly parts: BillingParts
  /** What was sent. */
  readonly sent: OutgoingFile[]
  view(): WorldView
  put(...resources: readonly Resource[]): Promise<void>
  read(type: string, id: string): Promise<Resource>
}

/** Billing on a transport and a keeper of numbers in memory. */
export function billingParts(baseUrl: string, sent: OutgoingFile[] = []): BillingParts {
  const settings = new Map<string, string>()
  return {
    baseUrl,
    books: createRuleBooks(evaluatorOnDemand),
    diagnoses: icd10Cm,
    numbers: createControlNumbers({
      getSetting: async (name) => settings.get(name),
      setSetting: async (name, value) => void settings.set(name, value),
    }),
    transport: {
      send: async (file) => void sent.push(file),
      received: async () => [],
    },
    settings: {
      draftsClaims: false,
      noteHours: 72,
      sender: { qualifier: 'ZZ', id: 'HARBOR' },
      receiver: { qualifier: 'ZZ', id: 'CLEARING' },
      isTest: true,
    },
  }
}

function repositoryParts(
  store: RepositoryParts['store'],
  more: Partial<RepositoryParts> = {},
): RepositoryParts {
  let made = 0
  return {
    store,
    definitions,
    validator,
    search: createSearch({ definitions, baseUrl: BASE }),
    terminology: createTerminology(),
    typeChanges: new TypeChanges(),
    lines: new WriteLines(),
    newId: () => `made-${++made}`,
    validation: 'enforce',
    references: 'enforce',
    baseUrl: BASE,
    ...more,
  }
}

async function putAll(repository: Repository, resources: readonly Resource[]): Promise<void> {
  await repository.transaction(
    resources.map((one, entry) => ({
      kind: 'update',
      target: { type: one.resourceType, id: String(one['id']) },
      resource: one,
      entry,
    })),
  )
}

/** The practice behind a Repository on a store of arrays; the store may be another, to break it. */
export async function billingWorld(store = openNaiveStore({ now: () => NOW })): Promise<BillingWorld> {
  const repository = new Repository(repositoryParts(store), UNAUTHENTICATED)
  await putAll(repository, [...pricedServices, ...practice])
  const sent: OutgoingFile[] = []
  return {
    repository,
    parts: billingParts(BASE, sent),
    sent,
    view: () => callerView(repository),
    put: (...resources) => putAll(repository, resources),
    read: async (type, id) => parseJson((await repository.read(type, id)).body as Buffer) as Resource,
  }
}

export interface BillingServer extends TestServer {
  readonly sent: OutgoingFile[]
  readonly repository: Repository
  put(...resources: readonly Resource[]): Promise<void>
}

/** The practice as a whole server, labelled by the rules that ship, on a real store. */
export async function billingServer(t: { teardown(work: () => unknown): void }): Promise<BillingServer> {
  const clock = { now: NOW }
  const store = await openSqliteStore({ file: ':memory:', now: () => clock.now })
  const search = withLabelLinks(createSearch({ definitions, baseUrl: BASE }), definitions, BASE)
  const labels = createLabelling({
    store,
    definitions,
    search,
    baseUrl: BASE,
    references: 'enforce',
    now: () => clock.now,
    reportRules: () => {},
    reportLabels: () => {},
  })
  const { labelling, relabelling } = labels
  const parts = repositoryParts(store, { search, labelling, relabelling })
  const repository = new Repository(parts, UNAUTHENTICATED)
  await putAll(repository, labelRules)
  await labels.load()
  await putAll(repository, [...pricedServices, ...practice])
  const sent: OutgoingFile[] = []
  const server = startServer(t, {
    kept: { store, clock },
    repository: parts,
    rest: { billing: billingParts(BASE, sent) },
  })
  t.teardown(async () => {
    await server.app.close()
    await labels.stop()
    await store.close()
  })
  relabelling.start()
  return { ...server, sent, repository, put: (...resources) => putAll(repository, resources) }
}

/** An extension of a visit that says what was done beside its type. */
export function performed(name: string, minutes?: number, quantity?: number): JsonObject {
  return {
    url: `${OURS}performed-service`,
    extension: [
      { url: 'service', valueCoding: { system: KINDS, code: name } },
      ...(minutes === undefined ? [] : [{ url: 'minutes', valuePositiveInt: minutes }]),
      ...(quantity === undefined ? [] : [{ url: 'quantity', valuePositiveInt: quantity }]),
    ],
  }
}

export { BASE, EXTENSION, KINDS, PLACES }
