// Random claims as an 837 tells them: every element that is written comes and goes, in X12's characters.
import fc from 'fast-check'
import { readMoney, sumMoney, type ClaimContent, type ClaimKind } from '../../../src/billing/index.ts'

type Line = ClaimContent['lines'][number]
type Provider = NonNullable<ClaimContent['providers']['82']>

const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
const word = (least: number, most: number, from = LETTERS) =>
  fc.string({ unit: fc.constantFrom(...from), minLength: least, maxLength: most })
const digits = (length: number) => word(length, length, [...'0123456789'])
/** Words with the punctuation that names and addresses have. */
const text = (most: number) =>
  fc
    .array(word(1, 8, [...LETTERS, ...LETTERS, ...LETTERS, "'", '-', '.', '&', ',', '/', '1', '7']), {
      minLength: 1,
      maxLength: 4,
    })
    .map((words) => words.join(' ').slice(0, most).trim())
const code = (most: number) => word(2, most, [...LETTERS, ...'0123456789', '-', '_', 'a', 'b'])
const day = fc
  .integer({ min: 0, max: 25_000 })
  .map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10))
const clock = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'))
const period = fc.tuple(day, day).map(([a, b]) => (a < b ? { start: a, end: b } : { start: b, end: a }))
const amount = fc.integer({ min: 0, max: 9_999_999 }).map((cents) => readMoney(`${cents}e-2`, 'amount'))
const quantity = fc
  .tuple(fc.integer({ min: 1, max: 99 }), fc.constantFrom('', '.5', '.25', '.125'))
  .map((parts) => parts.join(''))

/** The record of the values that are drawn, without those drawn as undefined. */
function record<T extends object>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc
    .record(model)
    .map((made) => Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined)) as T)
}
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined, freq: 2 }) as fc.Arbitrary<T>

const city = text(29).map((name) => `${name}X`)
const state = fc.constantFrom('NY', 'OH', 'CA', 'PR')
const place = fc.constantFrom('02', '11', '53', '55', '57')
const address = fc.oneof(
  record<NonNullable<Provider['address']>>({
    lines: fc.array(text(55), { minLength: 1, maxLength: 2 }),
    city,
    state,
    postalCode: fc.oneof(
      digits(9),
      digits(9).map((nine) => (nine.endsWith('0') ? nine.slice(0, 5) : nine)),
    ),
  }),
  record<NonNullable<Provider['address']>>({
    lines: fc.array(text(55), { minLength: 1, maxLength: 2 }),
    city,
    postalCode: maybe(digits(6)),
    country: fc.constantFrom('CA', 'MX', 'FR'),
  }),
)
const personName = {
  person: fc.constant(true),
  name: text(60),
  first: maybe(text(35)),
}
const person = { ...personName, suffix: maybe(fc.constantFrom('JR', 'III')) }
/** A middle name stands only after a first one. */
const middle = <T extends { first?: string }>(one: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc
    .tuple(one, maybe(word(1, 10)))
    .map(([made, second]) =>
      made.first === undefined || second === undefined ? made : { ...made, middle: second },
    )
const sex = fc.constantFrom('F' as const, 'M' as const, 'U' as const)
const taxonomy = word(10, 10, [...'0123456789X'])
const provider = (specialty: boolean): fc.Arbitrary<Provider> =>
  middle(
    record<Provider>({
      ...person,
      id: maybe(digits(10)),
      ...(specialty ? { taxonomy: maybe(taxonomy) } : {}),
    }),
  )

const billingProvider = fc
  .tuple(
    record<ClaimContent['billingProvider']>({
      person: fc.constant(false),
      name: text(60),
      id: digits(10),
      address,
      taxonomy: maybe(taxonomy),
      taxId: fc.record({ qualifier: fc.constantFrom('EI' as const, 'SY' as const), value: digits(9) }),
    }),
    fc.boolean(),
  )
  .map(([made, alone]) => (alone ? { ...made, person: true } : made))

const professionalLine = (diagnoses: number) =>
  record<Line>({
    code: fc.oneof(
      digits(5),
      word(1, 1).chain((first) => digits(4).map((rest) => first + rest)),
    ),
    modifiers: fc.array(word(2, 2, [...LETTERS, '2', '9']), { maxLength: 4 }),
    charge: amount,
    unit: fc.constantFrom('UN' as const, 'MJ' as const),
    quantity,
    place: maybe(place),
    pointers: fc.array(fc.integer({ min: 1, max: diagnoses }), { minLength: 1, maxLength: 4 }),
    serviced: fc.oneof(
      day.map((one) => ({ start: one, end: one })),
      period,
    ),
    controlNumber: maybe(code(30)),
    drug: maybe(fc.record({ ndc: digits(11), quantity, unit: fc.constantFrom('ML', 'UN', 'F2') })),
    rendering: maybe(provider(true)),
  })

const institutionalLine = fc
  .tuple(
    record<Line>({
      revenue: digits(4),
      code: maybe(word(1, 1).chain((first) => digits(4).map((rest) => first + rest))),
      modifiers: fc.array(word(2, 2), { maxLength: 4 }),
      charge: amount,
      unit: fc.constantFrom('UN' as const, 'DA' as const),
      quantity,
      pointers: fc.constant([]),
      serviced: maybe(period),
      controlNumber: maybe(code(30)),
      rendering: maybe(provider(false)),
    }),
  )
  .map(([line]) => (line.code === undefined ? { ...line, modifiers: [] } : line))

const icd = fc.tuple(word(1, 1), digits(2), word(0, 4, [...'0123456789A'])).map((parts) => parts.join(''))
type Diagnosis = ClaimContent['diagnoses'][number]
function diagnosesOf(kind: ClaimKind): fc.Arbitrary<Diagnosis[]> {
  const some = (which: Diagnosis['kind'], most: number, least = 0) =>
    fc.array(
      record<Diagnosis>({
        kind: fc.constant(which),
        code: icd,
        ...(kind === 'institutional' && which !== 'admitting' && which !== 'reason'
          ? { presentOnAdmission: maybe(fc.constantFrom('Y', 'N', 'U', 'W')) }
          : {}),
      }),
      { minLength: least, maxLength: most },
    )
  const kinds =
    kind === 'professional'
      ? [some('principal', 1, 1), some('other', 11)]
      : [
          some('principal', 1, 1),
          some('admitting', 1),
          some('reason', 3),
          some('external-cause', 12),
          some('other', 24),
        ]
  return fc.tuple(...kinds).map((all) => all.flat())
}

const common = {
  billingProvider,
  subscriber: middle(
    record<ClaimContent['subscriber']>({
      ...person,
      id: code(20),
      address,
      birthDate: day,
      sex,
      responsibility: fc.constantFrom('P', 'S', 'T', 'A', 'H'),
      groupNumber: maybe(code(20)),
      groupName: maybe(text(60)),
      filingIndicator: fc.constantFrom('CI', 'MC', '12', 'BL'),
    }),
  ),
  payer: record<ClaimContent['payer']>({
    person: fc.constant(false),
    name: text(60),
    id: code(20),
    address: maybe(address),
  }),
  dependent: maybe(
    middle(
      record<NonNullable<ClaimContent['dependent']>>({
        ...person,
        address,
        birthDate: day,
        sex,
        relationship: fc.constantFrom('01', '19', '20', '21', '53', 'G8'),
      }),
    ),
  ),
  controlNumber: code(38),
  frequency: fc.constantFrom('1', '7', '8'),
  assignment: fc.constantFrom('A' as const, 'B' as const, 'C' as const),
  benefits: fc.constantFrom('Y' as const, 'N' as const),
  release: fc.constantFrom('Y' as const, 'I' as const),
  attachments: fc.array(
    record<ClaimContent['attachments'][number]>({
      type: fc.constantFrom('OZ', '08', 'AS'),
      transmission: fc.constantFrom('BM', 'FX', 'EL'),
      control: code(50),
    }),
    { maxLength: 3 },
  ),
  referral: maybe(code(50)),
  authorization: maybe(code(50)),
  original: maybe(code(50)),
  medicalRecord: maybe(code(50)),
  note: maybe(fc.record({ code: fc.constantFrom('ADD', 'CER'), text: text(80) })),
  facility: maybe(
    record<NonNullable<ClaimContent['facility']>>({
      person: fc.constant(false),
      name: text(60),
      id: maybe(digits(10)),
      address,
    }),
  ),
}

const totalled = (claim: ClaimContent): ClaimContent => ({
  ...claim,
  total: sumMoney(claim.lines.map((line) => line.charge)),
})

/** A line's place is told where it differs from the claim's, and the first line's never does. */
const placed = (claim: ClaimContent): ClaimContent => ({
  ...claim,
  lines: claim.lines.map((line, index) => {
    if (index > 0 && line.place !== claim.place) return line
    const { place: _, ...rest } = line
    return rest
  }),
})

const professional: fc.Arbitrary<ClaimContent> = diagnosesOf('professional').chain((diagnoses) =>
  record<ClaimContent>({
    ...common,
    kind: fc.constant('professional' as const),
    total: amount,
    place,
    signature: fc.constantFrom('Y' as const, 'N' as const),
    onset: maybe(day),
    admission: maybe(day),
    discharge: maybe(day),
    diagnoses: fc.constant(diagnoses),
    procedures: fc.constant([]),
    values: fc.constant([]),
    conditions: fc.constant([]),
    providers: record<ClaimContent['providers']>({
      DN: maybe(provider(false)),
      '82': maybe(provider(true)),
      DQ: maybe(provider(false)),
    }),
    lines: fc.array(professionalLine(diagnoses.length), { minLength: 1, maxLength: 6 }),
  }).map((claim) => placed(totalled(claim))),
)

const institutional: fc.Arbitrary<ClaimContent> = diagnosesOf('institutional').chain((diagnoses) =>
  record<ClaimContent>({
    ...common,
    kind: fc.constant('institutional' as const),
    billingProvider: billingProvider.map((made) => ({
      ...made,
      person: false,
      taxId: { ...made.taxId, qualifier: 'EI' as const },
    })),
    note: maybe(fc.record({ code: fc.constant('ADD'), text: text(80) })),
    total: amount,
    place: digits(2),
    statement: period,
    admission: maybe(
      fc.oneof(
        day,
        fc.tuple(day, clock).map((parts) => parts.join('T')),
      ),
    ),
    discharge: maybe(clock),
    admissionType: fc.constantFrom('1', '3'),
    pointOfOrigin: maybe(fc.constantFrom('1', '8')),
    dischargeStatus: fc.constantFrom('01', '30'),
    diagnoses: fc.constant(diagnoses),
    procedures: fc
      .array(fc.record({ code: word(7, 7), date: day }), { maxLength: 4 })
      .map((all) => all.map((one, index) => ({ principal: index === 0, ...one }))),
    drg: maybe(digits(3)),
    values: fc.array(fc.record({ code: digits(2), amount }), { maxLength: 14 }),
    conditions: fc.array(digits(2), { maxLength: 14 }),
    providers: record<ClaimContent['providers']>({
      '71': maybe(provider(true)),
      '72': maybe(provider(false)),
      ZZ: maybe(provider(false)),
      '82': maybe(provider(false)),
      DN: maybe(provider(false)),
    }),
    lines: fc.array(institutionalLine, { minLength: 1, maxLength: 6 }),
  }).map(totalled),
)

/** Random claims of a kind. */
export const CLAIMS: Readonly<Record<ClaimKind, fc.Arbitrary<ClaimContent>>> = { professional, institutional }
