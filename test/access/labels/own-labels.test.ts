// What is found in one resource: where, by which type of resource, at what time, and in the names of medications.
import t from 'tap'
import {
  CODE_VALIDITY,
  labelsOf,
  MEDICATION_INGREDIENT,
  ownLabels,
  sentLabels,
} from '../../../src/access/labels/index.ts'
import type { JsonObject, Resource } from '../../../src/fhir/index.ts'
import { CARRIERS } from './carriers.ts'
import {
  ACT_CODE,
  action,
  compile,
  condition,
  CONFIDENTIALITY,
  found,
  input,
  plan,
  shippedRules,
  valueSet,
} from './rules.ts'

const OWN = 'http://example.org/codes'
const coding = { system: OWN, code: 'a' }
const listed = valueSet({ include: [{ system: OWN, concept: [{ code: 'a' }] }] })
const everywhere = compile(plan(action()), listed).rules

t.test('a finding names the label, the rule, the coding, and where it stands', async (t) => {
  const expected: Readonly<Record<string, string>> = {
    'Condition.code': 'Condition.code.coding[0]',
    'Condition.code, the last of three': 'Condition.code.coding[2]',
    'Observation.value': 'Observation.value.coding[0]',
    'MedicationRequest.medication': 'MedicationRequest.medication.coding[0]',
    'Claim.diagnosis': 'Claim.diagnosis[0].diagnosis.coding[0]',
    'Encounter.class': 'Encounter.class',
    'QuestionnaireResponse.item.item.answer.value': 'QuestionnaireResponse.item[0].item[0].answer[1].value',
    'Patient.extension.value': 'Patient.extension[0].value',
    'Patient.birthDate.extension': 'Patient.birthDate.extension[0].value',
    'Patient.name.given.extension': 'Patient.name[0].given[1].extension[0].value',
    'Encounter.contained.code': 'Encounter.contained[0].code.coding[0]',
    'Bundle in a Bundle': 'Bundle.entry[0].resource.entry[0].resource.code.coding[0]',
    'Parameters.parameter.part.resource': 'Parameters.parameter[0].part[0].resource.code.coding[0]',
  }
  for (const [place, path] of Object.entries(expected)) {
    const resource = CARRIERS[place]?.(coding) as Resource
    t.same(
      ownLabels(everywhere, resource),
      [{ label: { system: ACT_CODE, code: 'SUD' }, rule: 'r', path, coding }],
      place,
    )
  }
})

t.test('a rule for a type reaches what stands in a resource of that type, however deep', async (t) => {
  const { rules } = compile(
    plan(action({ input: [input({ type: 'Encounter' }), input({ type: 'Questionnaire' })] })),
    listed,
  )
  t.same(found(rules, condition(OWN, 'a')), [])
  t.same(found(rules, CARRIERS['Encounter.reasonCode']?.(coding) as Resource), ['SUD'])
  t.same(found(rules, CARRIERS['Encounter.contained.code']?.(coding) as Resource), ['SUD'])
  t.same(
    found(rules, {
      resourceType: 'Bundle',
      entry: [{ resource: CARRIERS['Encounter.type']?.(coding) as JsonObject }],
    }),
    ['SUD'],
  )
  t.same(
    found(rules, {
      resourceType: 'Bundle',
      entry: [{ resource: { resourceType: 'Encounter' } }, { resource: condition(OWN, 'a') }],
    }),
    [],
    'not what stands beside it',
  )
  t.same(
    found(rules, { resourceType: 'Questionnaire', code: [coding] }),
    ['SUD'],
    'a definition that is named',
  )
})

t.test('the time of a code is held against the times of the resource', async (t) => {
  const dated = (period: JsonObject) =>
    compile(
      plan(action()),
      valueSet({
        include: [
          { system: OWN, concept: [{ code: 'a', extension: [{ url: CODE_VALIDITY, valuePeriod: period }] }] },
        ],
      }),
    ).rules
  const rules = dated({ start: '2020-03-01', end: '2021-06-30' })
  const cases: readonly [JsonObject, boolean][] = [
    [{}, true],
    [{ onsetDateTime: '2020-03-01' }, true],
    [{ onsetDateTime: '2020-02-29' }, false],
    [{ onsetDateTime: '2021-06-30T23:59:59Z' }, true],
    [{ onsetDateTime: '2021-07-01' }, false],
    [{ onsetDateTime: '2021-06-30T23:00:00-08:00' }, true],
    [{ onsetDateTime: '2020-03-01T00:30:00+03:00' }, true],
    [{ onsetDateTime: '2020' }, true],
    [{ onsetDateTime: '2019' }, false],
    [{ onsetPeriod: { start: '2019-01-01', end: '2020-03-01' } }, true],
    [{ onsetPeriod: { start: '2019-01-01', end: '2020-02-01' } }, false],
    [{ onsetPeriod: { start: '2019-01-01' } }, true],
    [{ onsetPeriod: { start: '2022-01-01' } }, false],
    [{ onsetPeriod: { end: '2019-01-01' } }, false],
    [{ onsetDateTime: '2019-01-01', abatementDateTime: '2022-01-01' }, true],
    [{ onsetDateTime: '2019-01-01', recordedDate: '2020-05-01' }, true],
    [{ onsetPeriod: { start: '2022-01-01', end: '2019-01-01' } }, true],
    [{ onsetDateTime: 'soon' }, true],
    [{ onsetAge: { value: 20, unit: 'a' } }, true],
  ]
  for (const [dates, counts] of cases)
    t.equal(found(rules, condition(OWN, 'a', dates)).length > 0, counts, JSON.stringify(dates))

  const of = (place: string, more: JsonObject) =>
    found(rules, { ...(CARRIERS[place]?.(coding) as Resource), ...more }).length > 0
  const claim = 'Claim.diagnosis'
  t.notOk(of(claim, { created: '2023-01-01' }))
  t.ok(of(claim, { created: '2023-01-01', billablePeriod: { start: '2021-06-01', end: '2021-06-02' } }))
  t.ok(of(claim, { created: '2023-01-01', item: [{ servicedDate: '2021-06-01' }] }))
  t.ok(of(claim, { created: '2023-01-01', item: [{ servicedPeriod: { start: '2021-06-01' } }] }))
  t.ok(of(claim, { created: '2023-01-01', procedure: [{ date: '2021-06-01' }] }))
  t.notOk(of('Encounter.reasonCode', { period: { start: '2023-01-01' } }))
  t.notOk(of('Procedure.code', { performedPeriod: { start: '2023-01-01' } }))
  t.notOk(of('Observation.code', { effectiveInstant: '2023-01-01T00:00:00Z' }))
  t.notOk(of('ServiceRequest.code', { occurrenceTiming: { event: ['2023-01-01', '2024'] } }))
  t.ok(of('ServiceRequest.code', { occurrenceTiming: { event: ['2019-01-01', '2023-01-01'] } }))
  t.notOk(of('ServiceRequest.code', { occurrenceTiming: { repeat: { boundsPeriod: { start: '2023' } } } }))
  const eligibility = {
    resourceType: 'CoverageEligibilityRequest',
    servicedDate: '2023-01-01',
    item: [{ category: { coding: [coding] } }],
  }
  t.same(found(rules, eligibility), [])
  t.ok(of('Patient.extension.value', { birthDate: '1990-01-01' }), 'a birth is no date of care')

  const within = (outer: JsonObject, inner: JsonObject) =>
    found(rules, { resourceType: 'Bundle', ...outer, entry: [{ resource: condition(OWN, 'a', inner) }] })
      .length > 0
  t.ok(within({}, {}))
  t.notOk(within({ timestamp: '2023-01-01T00:00:00Z' }, {}), 'what has no date has that of what it stands in')
  t.ok(within({ timestamp: '2023-01-01T00:00:00Z' }, { onsetDateTime: '2020-05-01' }))
  t.same(
    [dated({ start: '2020' }), dated({ end: '2020' })].map(
      (it) => found(it, condition(OWN, 'a', { onsetDateTime: '2024' })).length,
    ),
    [1, 0],
    'open at one end',
  )
})

t.test('names of ingredients', async (t) => {
  const { rules } = compile(
    plan(
      action({
        input: ['methadone', 'emtricitabine / tenofovir', 'valproic acid'].map((valueString) => ({
          type: 'Resource',
          extension: [{ url: MEDICATION_INGREDIENT, valueString }],
        })),
      }),
    ),
  )
  const medication = (concept: JsonObject) => ({
    resourceType: 'MedicationRequest',
    medicationCodeableConcept: concept,
  })
  const named: readonly string[] = [
    'methadone',
    'Methadone Hydrochloride 10 MG Oral Tablet',
    'METHADONE/NALOXONE',
    'tab methadone, 1-0-1',
    'Emtricitabine 200 MG / tenofovir disoproxil fumarate 300 MG',
    'tenofovir-emtricitabine',
    'Valproic  Acid 250 MG',
  ]
  const unnamed = [
    'methadonex',
    'levomethadone',
    'tenofovir 300 MG',
    'emtricitabine 200 MG',
    'valproic acidity',
    'acid valproic',
    'valproic',
    'meth adone',
    '',
  ]
  for (const text of named) t.same(found(rules, medication({ text })), ['SUD'], text)
  for (const text of unnamed) t.same(found(rules, medication({ text })), [], text)

  const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm'
  const drug = { system: RXNORM, code: '864706', display: 'methadone hydrochloride 10 MG' }
  const places: readonly [JsonObject, string, string?][] = [
    [medication({ coding: [drug] }), 'MedicationRequest.medication.coding[0]', '864706'],
    [medication({ coding: [{ display: 'Methadone' }] }), 'MedicationRequest.medication.coding[0].display'],
    [
      { resourceType: 'MedicationStatement', medicationReference: { display: 'Methadone' } },
      'MedicationStatement.medication.display',
    ],
    [{ resourceType: 'Medication', code: { text: 'Methadone' } }, 'Medication.code.text'],
    [
      { resourceType: 'Medication', ingredient: [{}, { itemCodeableConcept: { text: 'Methadone' } }] },
      'Medication.ingredient[1].item.text',
    ],
    [
      { resourceType: 'Medication', ingredient: [{ itemReference: { display: 'Methadone' } }] },
      'Medication.ingredient[0].item.display',
    ],
    [{ resourceType: 'Substance', code: { text: 'Methadone' } }, 'Substance.code.text'],
    [
      { resourceType: 'Claim', item: [{ productOrService: { coding: [drug] } }] },
      'Claim.item[0].productOrService.coding[0]',
      '864706',
    ],
    [
      {
        resourceType: 'AllergyIntolerance',
        code: { coding: [{ ...drug, system: 'http://hl7.org/fhir/sid/ndc' }] },
      },
      'AllergyIntolerance.code.coding[0]',
      '864706',
    ],
    [
      {
        resourceType: 'MedicationRequest',
        contained: [{ resourceType: 'Medication', code: { text: 'Methadone' } }],
      },
      'MedicationRequest.contained[0].code.text',
    ],
  ]
  for (const [resource, path, code] of places) {
    const findings = ownLabels(rules, resource as Resource)
    t.same(
      findings.map((it) => [it.path, it.coding?.code, it.ingredient]),
      [[path, code, 'methadone']],
      path,
    )
  }
  t.same(
    found(rules, { resourceType: 'Observation', code: { text: 'Methadone' } }),
    [],
    'only what is a medication',
  )
  t.same(
    found(rules, {
      resourceType: 'Condition',
      note: [{ text: 'takes methadone' }],
      code: { text: 'methadone' },
    }),
    [],
  )
  t.same(found(rules, { resourceType: 'Patient', name: [{ text: 'Methadone' }] }), [])
})

t.test("labels that were sent, in today's words", async (t) => {
  const security = [
    { system: 'http://hl7.org/fhir/v3/ActCode', code: 'nordslcd' },
    { system: CONFIDENTIALITY, code: 'N' },
    { system: CONFIDENTIALITY, code: 'ETH' },
    { system: 'http://example.org/own', code: 'Secret' },
    { code: 'x' },
    { display: 'y' },
  ]
  const resource = { resourceType: 'Observation', meta: { security } } as Resource
  t.same(
    sentLabels(resource).map(({ system, code }) => `${system}|${code}`),
    [`${ACT_CODE}|NORDSCLCD`, `${CONFIDENTIALITY}|N`, `${ACT_CODE}|ETH`, 'http://example.org/own|Secret'],
  )
  t.same(
    labelsOf(shippedRules, sentLabels(resource)).map(({ code }) => code),
    ['R', 'ETH', 'NORDSCLCD', 'SUD', 'Secret'],
  )
  t.same(sentLabels({ resourceType: 'Observation' }), [])
})

t.test('odd shapes are passed over', async (t) => {
  const odd: readonly JsonObject[] = [
    { resourceType: 'Observation', meta: null },
    { resourceType: 'Observation', contained: [null, 1, 'x', [coding]] },
    { resourceType: 'Observation', medicationCodeableConcept: [], medicationReference: 'x' },
    {
      resourceType: 'Medication',
      code: null,
      ingredient: [null, 'x', { itemCodeableConcept: { coding: 'x' } }],
    },
    { resourceType: 'Bundle', entry: { resource: null } },
    {
      resourceType: 'Condition',
      code: {
        coding: [
          { system: 1, code: 'a' },
          { system: OWN, code: 1 },
        ],
      },
    },
    { resourceType: 'Condition', onsetPeriod: [], code: { coding: [{ system: '', code: '' }] } },
  ]
  for (const resource of odd)
    t.same(ownLabels(shippedRules, resource as Resource), [], JSON.stringify(resource))
  let deep: JsonObject = { ...coding }
  for (let i = 0; i < 190; i++) deep = { extension: [deep] }
  t.equal(
    ownLabels(everywhere, { resourceType: 'Patient', ...deep } as Resource).length,
    1,
    'as deep as a body may be',
  )
})
