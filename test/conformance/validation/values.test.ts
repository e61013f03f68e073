// Formats, codes, references, extensions and invariants, one fault at a time.
import t from 'tap'
import { check, extended, observation, patient } from './checking.ts'

t.test('formats', async (t) => {
  const types: Record<string, { right: unknown[]; wrong: unknown[] }> = {
    valueDate: {
      right: ['2024', '2024-02', '2024-02-29', '0001-01-01', '9999-12-31', '2000-02-29'],
      wrong: [
        '24',
        '2023-02-29',
        '1900-02-29',
        '2024-13',
        '2024-00-01',
        '2024-04-31',
        '2024-1-1',
        '0000',
        '2024-01-01T10:00:00Z',
        ' 2024',
        '2024\n',
      ],
    },
    valueDateTime: {
      right: [
        '2024',
        '2024-02-29',
        '2024-02-29T23:59:60Z',
        '2024-01-01T00:00:00.123456789+14:00',
        '2024-01-01T10:00:00-12:30',
      ],
      wrong: [
        '2024-01-01T10:00Z',
        '2024-01-01T10:00:00',
        '2024-01-01T24:00:00Z',
        '2024-01-01 10:00:00Z',
        '2024-01-01T10:60:00Z',
        '2024-02-30T10:00:00Z',
        '2024-01-01T10:00:00+14:01',
        '2024-01-01T10:00:00z',
        'today',
      ],
    },
    valueInstant: {
      right: ['2024-01-01T10:00:00Z', '2015-02-07T13:28:17.239+02:00'],
      wrong: ['2024-01-01', '2024', '2024-01-01T10:00Z', '2024-01-01T10:00:00'],
    },
    valueTime: { right: ['00:00:00', '23:59:59.999'], wrong: ['24:00:00', '10:00', '10:00:00Z', '1:00:00'] },
    valueCode: {
      right: ['a', 'two words'],
      wrong: [' a', 'a ', 'two  words', 'a\n', 'a\tb', 'a\nb', 'a\u00a0b'],
    },
    valueId: { right: ['a', 'A-1.b', 'x'.repeat(64)], wrong: ['a_b', 'x'.repeat(65), 'a b', 'ä'] },
    valueUri: { right: ['http://example.org', 'urn:a:b', 'x'], wrong: ['http://example.org/a b', 'a\tb'] },
    valueUrl: { right: ['http://example.org'], wrong: ['http://example.org/a b'] },
    valueCanonical: { right: ['http://example.org|1.0', '#a'], wrong: ['http://a b'] },
    valueOid: {
      right: ['urn:oid:1.2.3', 'urn:oid:2.0'],
      wrong: ['1.2.3', 'urn:oid:3.1', 'urn:oid:1.02', 'urn:oid:1'],
    },
    valueUuid: {
      right: ['urn:uuid:c757873d-ec9a-4326-a141-556f43239520'],
      wrong: ['c757873d-ec9a-4326-a141-556f43239520', 'urn:uuid:C757873D-ec9a-4326-a141-556f43239520'],
    },
    valueString: {
      right: ['a', ' a ', 'line\nline\ttab', 'a\u{1f600}', 'x'.repeat(1024 * 1024)],
      wrong: ['a\u000bb', 'a\fb', 'a\ud800b', 'x'.repeat(1024 * 1024 + 1)],
    },
    valueMarkdown: { right: ['# A\n\n*b*'], wrong: ['a\ud800'] },
    valueBase64Binary: {
      right: ['QQ==', 'QUI=', 'QUJD', 'QUJD\nQUJD', 'QQ = ='],
      wrong: ['QQ', 'QQ=', 'Q===', 'QUJ$', '    ', 'QQ==QUJD'],
    },
    valueInteger: { right: [0, -1, 2147483647, -2147483648], wrong: [1.5, 2147483648, -2147483649] },
    valueUnsignedInt: { right: [0, 2147483647], wrong: [-1, 0.5, 2147483648] },
    valuePositiveInt: { right: [1, 2147483647], wrong: [0, -1, 2147483648] },
    valueDecimal: { right: [0, 1.5, -1e-9, 123456789.123], wrong: [] },
    valueBoolean: { right: [true, false], wrong: [] },
  }
  for (const [key, { right, wrong }] of Object.entries(types)) {
    const show = (value: unknown) => `${key} ${JSON.stringify(value).slice(0, 50)}`
    for (const value of right) check(t, show(value), extended({ [key]: value }))
    for (const value of wrong)
      check(t, show(value), extended({ [key]: value }), ['Patient.extension[0].value', 'value', /./])
  }
  check(t, 'how it would be right', patient({ birthDate: '01.02.1980' }), [
    'Patient.birthDate',
    'value',
    /^"01\.02\.1980" is not a date: YYYY, YYYY-MM or YYYY-MM-DD, of a day that exists\.$/,
  ])
  for (const written of ['1.0', '1e0', '10E-1'])
    check(
      t,
      `an integer written ${written}`,
      `{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueInteger":${written}}`,
      ['Observation.value', 'value', /must be written without a point or exponent \(integer\)/],
    )
  check(
    t,
    'a decimal in any form',
    '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.00e-2}}',
  )
})

t.test('required bindings', async (t) => {
  check(t, 'a code', patient({ gender: 'Male' }), [
    'Patient.gender',
    'code-invalid',
    /^"Male" is not among the codes of AdministrativeGender: male, female, other, unknown\.$/,
  ])
  check(
    t,
    'a code within an array',
    {
      resourceType: 'HealthcareService',
      availableTime: [{ daysOfWeek: ['mon', 'Tuesday'] }],
    },
    ['HealthcareService.availableTime[0].daysOfWeek[1]', 'code-invalid', /mon, tue, wed/],
  )
  const condition = (clinicalStatus: object) => ({
    resourceType: 'Condition',
    subject: { reference: 'Patient/1' },
    clinicalStatus,
  })
  const system = 'http://terminology.hl7.org/CodeSystem/condition-clinical'
  check(t, 'a concept', condition({ coding: [{ system, code: 'active' }] }))
  check(
    t,
    'a concept with one coding from it',
    condition({
      coding: [
        { code: 'x', system: 'http://example.org' },
        { system, code: 'active' },
      ],
    }),
  )
  check(
    t,
    'a concept of another system',
    condition({ coding: [{ system: 'http://example.org', code: 'active' }] }),
    [
      'Condition.clinicalStatus',
      'code-invalid',
      /None of the codings \(http:\/\/example\.org\|active\) .* with the system http:\/\/terminology/,
    ],
  )
  check(t, 'a concept of text alone', condition({ text: 'active' }), [
    'Condition.clinicalStatus',
    'code-invalid',
    /A coding is needed, from the codes of ConditionClinicalStatusCodes: active, recurrence/,
  ])
  check(
    t,
    'a concept that says why there is none',
    condition({ extension: [{ url: 'http://example.org/why', valueCode: 'unknown' }] }),
  )
  check(t, 'what cannot be enumerated is left alone', {
    resourceType: 'Binary',
    contentType: 'application/x-any',
  })
})

t.test('extensions', async (t) => {
  const nested = { extension: [{ url: 'a', valueCode: 'x' }] }
  check(t, 'nested', extended(nested))
  check(t, 'neither', extended({}), ['Patient.extension[0]', 'invariant', /^ext-1: .*and has neither/])
  check(t, 'both', extended({ ...nested, valueCode: 'x' }), [
    'Patient.extension[0]',
    'invariant',
    /^ext-1: .*not both/,
  ])
  check(t, 'no url', patient({ extension: [{ valueCode: 'x' }] }), [
    'Patient.extension[0].url',
    'required',
    /url/,
  ])
  check(t, 'a modifier extension on a datatype', patient({ name: [{ text: 'x', modifierExtension: [] }] }), [
    'Patient.name[0].modifierExtension',
    'structure',
    /HumanName has no element modifierExtension/,
  ])
  check(t, 'deep within an extension', extended({ valueHumanName: { use: 'x' } }), [
    'Patient.extension[0].value.use',
    'code-invalid',
    /NameUse: usual, official/,
  ])
})

t.test('invariants', async (t) => {
  check(t, 'of a resource', observation({ dataAbsentReason: { text: 'x' }, valueString: 'y' }), [
    'Observation',
    'invariant',
    /^obs-6: /,
  ])
  check(t, 'of a backbone', patient({ contact: [{ gender: 'male' }] }), [
    'Patient.contact[0]',
    'invariant',
    /^pat-1: /,
  ])
  check(t, 'of a datatype', observation({ effectivePeriod: { start: '2024-02-01', end: '2024-01-01' } }), [
    'Observation.effective',
    'invariant',
    /^per-1: /,
  ])
  check(
    t,
    'of a profiled datatype',
    {
      resourceType: 'ServiceRequest',
      status: 'active',
      intent: 'order',
      subject: { reference: 'Patient/1' },
      quantityQuantity: { value: 1, code: 'mg' },
    },
    ['ServiceRequest.quantity', 'invariant', /^qty-3: /],
  )
  check(t, 'of SimpleQuantity', observation({ referenceRange: [{ low: { value: 1, comparator: '<' } }] }), [
    'Observation.referenceRange[0].low',
    'invariant',
    /^sqty-1: /,
  ])
  check(
    t,
    'of an element',
    {
      resourceType: 'Organization',
      name: 'x',
      address: [{ use: 'home', text: 'x' }],
    },
    ['Organization.address[0]', 'invariant', /^org-2: /],
  )
})
