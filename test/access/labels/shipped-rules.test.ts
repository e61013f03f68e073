// What ships in profiles/labels/: valid, without faults, and labelling every code that its sources name.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { createValidator } from '../../../src/conformance/index.ts'
import { CODE_VALIDITY, labelsOf, ownLabels, sentLabels } from '../../../src/access/labels/index.ts'
import { type JsonObject, parseJson, type Resource } from '../../../src/fhir/index.ts'
import { CARRIERS } from './carriers.ts'
import { CMS_CODES } from './cms-codes.ts'
import { RULE_ROWS } from './rule-rows.ts'
import {
  ACT_CODE,
  compile,
  condition,
  CONFIDENTIALITY,
  definitions,
  found,
  NOTE_KINDS,
  shipped,
  shippedRules,
} from './rules.ts'

const validator = createValidator(definitions)

/** All labels of a resource, as codes. */
const labelled = (resource: JsonObject): readonly string[] =>
  labelsOf(shippedRules, [
    ...sentLabels(resource as Resource),
    ...ownLabels(shippedRules, resource as Resource).map(({ label }) => label),
  ]).map(({ code }) => code)

t.test('every resource is valid R4 and the rules are without faults', async (t) => {
  for (const resource of shipped)
    t.same(validator.validate(resource), [], `${resource.resourceType}/${String(resource['id'])}`)
  t.same(compile(...shipped).faults, [])
  const canonicals = shipped.map(({ resourceType, id, url }) => [
    `https://alcove.health/fhir/${resourceType}/${String(id)}`,
    url,
  ])
  for (const [expected, url] of canonicals) t.equal(url, expected)
})

t.test('every rule says why, where it is from, and is in use', async (t) => {
  const [rules] = shipped.filter(({ resourceType }) => resourceType === 'PlanDefinition')
  const actions = rules?.['action'] as JsonObject[]
  t.ok(actions.length > 20)
  for (const { id, title, description, documentation } of actions) {
    const labels = (documentation as JsonObject[]).map(({ label }) => label)
    t.ok(
      labels.length > 0 && labels.every((it) => ['verified', 'proposal', 'unverified'].includes(String(it))),
      `${String(id)}: ${labels.join()}`,
    )
    t.ok(typeof title === 'string' && typeof description === 'string' && description.length > 10)
  }
  const named = JSON.stringify(rules)
  for (const { resourceType, url } of shipped)
    if (resourceType === 'ValueSet')
      t.ok(named.includes(`"${String(url)}"`), `${String(url)} is named by a rule`)
})

t.test('the page for privacy officers has every rule, and its example holds', async (t) => {
  const page = readFileSync(new URL('../../../ig/security-labels.md', import.meta.url), 'utf8')
  const actions = shipped.flatMap((it) =>
    it.resourceType === 'PlanDefinition' ? (it['action'] as JsonObject[]) : [],
  )
  for (const { id, title, code } of actions) {
    const labels = (code as { coding: { code: string }[] }[]).map(({ coding }) => coding[0]?.code).join(', ')
    t.ok(page.includes(`| \`${String(id)}\` | ${String(title)} | ${labels} |`), String(id))
  }
  const example = /```json\n(\{\n {2}"resourceType"[^]*?)```/.exec(page)?.[1] ?? ''
  const ours = parseJson(Buffer.from(example)) as Resource
  t.same(validator.validate(ours), [])
  const { rules, faults } = compile(...shipped, ours)
  t.same(faults, [])
  t.same(found(rules, condition('http://clinic.example.org/tests', 'DRUGS-12')), ['SUD'])
  t.same(
    found(rules, { resourceType: 'MedicationRequest', medicationReference: { display: 'Naloxone 4 MG' } }),
    ['SUD'],
  )
  const requester = { identifier: { system: 'http://hl7.org/fhir/sid/us-npi', value: '1234567893' } }
  t.same(found(rules, { resourceType: 'ServiceRequest', performer: [requester] }), ['SUD'])
  t.equal(labelsOf(rules, [{ system: ACT_CODE, code: 'HIV' }])[0]?.code, 'V')
})

t.test('every carrier of codes is valid R4', async (t) => {
  for (const [place, carry] of Object.entries(CARRIERS)) {
    const resource = carry({ system: 'http://snomed.info/sct', code: '1', display: 'x' }) as Resource
    const errors = validator.validate(resource).filter(({ severity }) => severity === 'error')
    t.same(errors, [], place)
  }
})

t.test('all 724 codes of the CMS list, in every kind of place', async (t) => {
  t.equal(CMS_CODES.length, 724)
  t.equal(new Set(CMS_CODES.map(({ system, code }) => `${system}|${code}`)).size, 724)
  for (const [place, carry] of Object.entries(CARRIERS)) {
    const missed = CMS_CODES.filter(({ system, code, end }) => {
      const resource = { ...carry({ system, code }) }
      // Two codes went out of use in 2007; the carriers with a date tell of 2025.
      for (const date of ['created', 'date'])
        if (end !== undefined && resource[date] !== undefined) resource[date] = '2007-05-01'
      const labels = labelled(resource)
      return !labels.includes('SUD') || labels[0] !== 'R'
    })
    t.same(missed, [], place)
  }
})

t.test('codes that count for a time only', async (t) => {
  const dated = CMS_CODES.filter(
    ({ system, start, end }) => (start ?? end) !== undefined && !system.endsWith('icd-10-cm'),
  )
  t.equal(dated.length, 11)
  const on = (code: (typeof dated)[number], date: string) =>
    found(shippedRules, condition(code.system, code.code, { onsetDateTime: date })).includes('SUD')
  for (const it of dated) {
    if (it.start !== undefined) {
      t.ok(on(it, it.start), `${it.code} on its first day`)
      t.notOk(on(it, dayBefore(it.start)), `${it.code} on the day before`)
    }
    if (it.end !== undefined) {
      t.ok(on(it, it.end), `${it.code} on its last day`)
      t.notOk(on(it, dayBefore(it.end, -1)), `${it.code} on the day after`)
    }
  }
  const times = JSON.stringify(shipped).split(`"url":"${CODE_VALIDITY}","valuePeriod"`).length - 1
  t.equal(times, dated.length, 'no other code has a time')
})

t.test('every row of the starting set', async (t) => {
  const deeper = { prefix: ['', '0', '.0', '.9', 'X1'], code: [''], ingredient: [''] }
  const missed = RULE_ROWS.flatMap((row) => {
    const { system, match, value, add } = row
    return deeper[match].flatMap((suffix) => {
      const resource =
        match === 'ingredient'
          ? {
              resourceType: 'MedicationRequest',
              medicationCodeableConcept: { text: `Name (${value}) 30 MG` },
            }
          : condition(system, value + suffix)
      const labels = found(shippedRules, resource)
      const isRight = add.length === 0 ? labels.length === 0 : add.every((it) => labels.includes(it))
      return isRight ? [] : [{ ...row, suffix, labels }]
    })
  })
  t.same(missed, [])
  t.equal(
    RULE_ROWS.filter(({ add }) => add.length === 0).length,
    5,
    'tobacco, and four mistakes of a public list',
  )
})

t.test('what reads alike is left alone', async (t) => {
  const ICD_10 = 'http://hl7.org/fhir/sid/icd-10-cm'
  const ICD_9 = 'http://hl7.org/fhir/sid/icd-9-cm'
  const alike: readonly [system: string, codes: string][] = [
    [
      ICD_10,
      'F F1 F17 F17.210 F1720 F0 F05 F07 F26 F54 F55 F59 Z71.4 Z71.5 Z71.89 R78 R78.1 T7 T73 T75 B19 B21 B2 Z20 Z20.5 Z11.3 O9A O9A.2 Z62.81',
    ],
    [ICD_10, 'XF10 AF10.20 0F10 F-10'],
    [ICD_9, '29 290 290.0 300.00 305.1 305.10 3051 302 790 790.6 V65 V65.4 94.6 94.61'],
    ['http://www.cms.gov/Medicare/Coding/ICD10', 'GZ2ZZZZ H HY F10'],
    ['http://www.cms.gov/Medicare/Coding/ICD9', '94.4 94.49 94.5 94.7 291'],
    [
      'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
      'H0002 H0004 H0005X H00055 H0017 99407 99406',
    ],
    [
      'http://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/AcuteInpatientPPS/MS-DRG-Classifications-and-Software',
      '89 894 898 8951',
    ],
    ['http://snomed.info/sct', 'F10 F10.20 H0005'],
    ['http://loinc.org', '72109 72109-20 F10.20'],
    ['http://example.org/own', 'F10.20 H0005 1819'],
    ['http://www.nlm.nih.gov/research/umls/rxnorm', '181 18190 42347'],
  ]
  for (const [system, codes] of alike)
    for (const code of codes.split(' '))
      t.same(found(shippedRules, condition(system, code)), [], `${system}|${code}`)
  t.same(
    found(shippedRules, condition(ICD_10, 'F10.20', { code: { text: 'Alcohol dependence F10.20' } })),
    [],
  )
  t.same(found(shippedRules, condition('', 'F10.20')), [])
})

t.test('what only defines something is not labelled', async (t) => {
  const coding = { system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'F10.20' }
  const questionnaire = { resourceType: 'Questionnaire', status: 'active', code: [coding] }
  t.same(found(shippedRules, questionnaire), [])
  t.same(
    found(shippedRules, { resourceType: 'Bundle', type: 'collection', entry: [{ resource: questionnaire }] }),
    [],
  )
  t.same(
    found(shippedRules, { resourceType: 'QuestionnaireResponse', contained: [questionnaire] }),
    ['ETHUD', 'SUD'],
    'but within a response it tells what was answered',
  )
  t.same(
    ownLabels(shippedRules, questionnaire as Resource, 'QuestionnaireResponse').map(
      ({ label }) => label.code,
    ),
    ['SUD', 'ETHUD'],
    'or when asked on behalf of one',
  )
  for (const resource of shipped) t.same(found(shippedRules, resource), [], String(resource['id']))
})

t.test('confidentiality comes with what is sensitive', async (t) => {
  const label = (code: string, system = ACT_CODE) => ({ system, code })
  const with_ = (...labels: { system: string; code: string }[]) =>
    labelsOf(shippedRules, labels).map(({ code }) => code)
  t.same(with_(label('PSY')), ['R', 'PSY'])
  t.same(with_(label('HIV')), ['R', 'HIV'])
  t.same(with_(label('ETHUD')), ['R', 'ETHUD', 'SUD'])
  t.same(with_(label('42CFRPart2')), ['R', '42CFRPart2', 'SUD'])
  t.same(with_(label('Title38Section7332')), ['R', 'Title38Section7332'])
  t.same(with_(label('PSYTHPN')), ['V', 'HIPAAPsyNotes', 'PSYTHPN'])
  t.same(with_(label('HIPAAPsyNotes')), ['V', 'HIPAAPsyNotes', 'PSYTHPN'])
  t.same(with_(label('sud-counseling-notes', NOTE_KINDS)), ['V', '42CFRPart2', 'SUD', 'sud-counseling-notes'])
  t.same(with_(label('psychotherapy-notes', NOTE_KINDS)), [
    'V',
    'HIPAAPsyNotes',
    'PSYTHPN',
    'psychotherapy-notes',
  ])
  t.same(with_(label('PSY'), label('N', CONFIDENTIALITY)), ['R', 'PSY'], 'raised')
  t.same(with_(label('PSY'), label('V', CONFIDENTIALITY)), ['V', 'PSY'], 'not lowered')
  t.same(with_(label('NODSCLCD')), ['NODSCLCD'], 'a rule of handling is no sensitivity')
  t.same(with_(), [])
})

t.test('notes that the law keeps apart are told by their flag', async (t) => {
  const note = (type: string, kind: string, more: JsonObject = {}): JsonObject => ({
    resourceType: type,
    category: [{ coding: [{ system: NOTE_KINDS, code: kind }] }],
    ...more,
  })
  for (const type of [
    'DocumentReference',
    'Composition',
    'Observation',
    'Communication',
    'DiagnosticReport',
  ]) {
    t.same(labelled(note(type, 'psychotherapy-notes')), ['V', 'HIPAAPsyNotes', 'PSYTHPN'], type)
    t.same(
      labelled(note(type, 'sud-counseling-notes')),
      ['V', '42CFRPart2', 'SUD', 'sud-counseling-notes'],
      type,
    )
  }
  const aboutTherapy = { coding: [{ system: 'http://snomed.info/sct', code: '444175001' }] }
  t.same(
    labelled({ resourceType: 'DocumentReference', type: aboutTherapy }),
    ['R', 'BH'],
    'which therapy it is makes no note of it',
  )
  t.same(
    labelled({
      resourceType: 'Binary',
      meta: { security: [{ system: NOTE_KINDS, code: 'psychotherapy-notes' }] },
    }),
    ['V', 'HIPAAPsyNotes', 'PSYTHPN', 'psychotherapy-notes'],
    'any resource, by a security label',
  )
  t.same(labelled(note('Consent', 'sud-counseling-notes')), [], 'a consent to them is none of them')
  const bundle = { resourceType: 'Bundle', entry: [{ resource: note('Composition', 'psychotherapy-notes') }] }
  t.equal(labelled(bundle)[0], 'V', 'what holds one is as confidential')
})

function dayBefore(date: string, days = 1): string {
  return new Date(Date.parse(date) - days * 86_400_000).toISOString().slice(0, 10)
}
