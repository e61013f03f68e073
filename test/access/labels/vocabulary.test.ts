// The labels themselves: their order, what one says of another, and how old ones are read.
import t from 'tap'
import {
  broaderLabel,
  confidentialityRank,
  implications,
  isPart2Program,
  isSensitivity,
  labelKind,
  labelsOf,
  narrowerSensitivities,
  part2Flag,
  readLabel,
} from '../../../src/access/labels/index.ts'
import type { JsonObject, Resource } from '../../../src/fhir/index.ts'
import { ACT_CODE, CONFIDENTIALITY, NOTE_KINDS, shippedRules } from './rules.ts'

const act = (code: string) => ({ system: ACT_CODE, code })

t.test('confidentiality', async (t) => {
  const ranks = ['U', 'L', 'M', 'N', 'R', 'V'].map((code) =>
    confidentialityRank({ system: CONFIDENTIALITY, code }),
  )
  t.same(ranks, [0, 1, 2, 3, 4, 5])
  t.equal(confidentialityRank({ system: CONFIDENTIALITY, code: 'X' }), undefined)
  t.equal(confidentialityRank(act('R')), undefined)
})

t.test('what a label is for', async (t) => {
  const kinds = {
    SUD: 'sensitivity',
    '42CFRPart2': 'policy',
    '42CFRPart2CD': 'consent-directive',
    MASK: 'obligation',
    NORDSCLCD: 'refrain',
    CUI: 'privacy-mark',
  }
  for (const [code, kind] of Object.entries(kinds)) t.equal(labelKind(act(code)), kind, code)
  for (const code of ['AMB', 'NORDSLCD', 'DV', 'sud']) t.equal(labelKind(act(code)), undefined, code)
  t.equal(labelKind({ system: 'http://example.org', code: 'SUD' }), undefined)
  t.ok(isSensitivity(act('PSY')))
  t.notOk(isSensitivity(act('MASK')))
})

t.test('what is a kind of what', async (t) => {
  t.same(broaderLabel(act('ETHUD')), act('SUD'))
  t.equal(broaderLabel(act('SUD')), undefined)
  t.same(narrowerSensitivities('SUD').toSorted(), ['ETH', 'ETHUD', 'OPIOIDUD', 'SUD'])
  t.same(narrowerSensitivities('HIV'), ['HIV'])
  t.same(narrowerSensitivities('SPI').toSorted(), [
    'BH',
    'COGN',
    'DVD',
    'EMOTDIS',
    'ETH',
    'ETHUD',
    'MH',
    'OPIOIDUD',
    'PSY',
    'PSYTHPN',
    'SPI',
    'SUD',
  ])
})

t.test('labels as others write them', async (t) => {
  const cases: readonly [JsonObject, JsonObject | undefined][] = [
    [{ system: 'http://hl7.org/fhir/v3/ActCode', code: 'SUD' }, act('SUD')],
    [{ system: 'urn:oid:2.16.840.1.113883.5.4', code: '42cfrpart2' }, act('42CFRPart2')],
    [{ system: ACT_CODE, code: 'NORDSLCD' }, act('NORDSCLCD')],
    [{ system: ACT_CODE, code: ' sud ' }, act('SUD')],
    [{ system: ACT_CODE, code: 'Unheard' }, act('Unheard')],
    [
      { system: 'http://hl7.org/fhir/v3/Confidentiality', code: 'r' },
      { system: CONFIDENTIALITY, code: 'R' },
    ],
    [{ system: CONFIDENTIALITY, code: 'HIV' }, act('HIV')],
    [{ system: CONFIDENTIALITY, code: 'T' }, act('TBOO')],
    [
      { system: CONFIDENTIALITY, code: 'S' },
      { system: CONFIDENTIALITY, code: 'R' },
    ],
    [
      { system: `${NOTE_KINDS}/`, code: 'Psychotherapy-Notes' },
      { system: NOTE_KINDS, code: 'psychotherapy-notes' },
    ],
    [
      { system: 'http://example.org/x', code: 'A b' },
      { system: 'http://example.org/x', code: 'A b' },
    ],
    [{ code: 'SUD' }, undefined],
    [{ system: ACT_CODE }, undefined],
  ]
  for (const [sent, read] of cases) t.same(readLabel(sent), read, JSON.stringify(sent))
  for (const none of [undefined, null, 'SUD', [], 1]) t.equal(readLabel(none), undefined)
})

t.test('what a label brings, and why', async (t) => {
  t.same(
    implications(shippedRules, [act('ETHUD')]).map(({ label, because, rule }) => [
      label.code,
      because.code,
      rule,
    ]),
    [
      ['SUD', 'ETHUD', undefined],
      ['R', 'ETHUD', 'sensitive-is-restricted'],
      ['R', 'SUD', 'sensitive-is-restricted'],
    ],
  )
  t.same(
    labelsOf(shippedRules, [act('ETHUD'), act('ETHUD'), act('MASK')]).map(({ code }) => code),
    ['R', 'ETHUD', 'MASK', 'SUD'],
  )
})

t.test('labels once worked out bring nothing more', async (t) => {
  for (const code of narrowerSensitivities('SPI').concat('HIV', '42CFRPart2', 'HIPAAPsyNotes')) {
    const once = labelsOf(shippedRules, [act(code)])
    t.same(labelsOf(shippedRules, once), once, code)
  }
})

t.test('who is a Part 2 program', async (t) => {
  const URL = 'https://alcove.health/fhir/StructureDefinition/part2-program'
  const flagged = (resourceType: string, ...extension: JsonObject[]) =>
    ({ resourceType, extension }) as Resource
  for (const type of ['Organization', 'HealthcareService', 'Location', 'PractitionerRole', 'Practitioner'])
    t.ok(
      isPart2Program(
        flagged(type, { url: 'http://example.org/x', valueBoolean: false }, { url: URL, valueBoolean: true }),
      ),
      type,
    )
  t.notOk(isPart2Program(flagged('Organization', { url: URL, valueBoolean: false })))
  t.notOk(isPart2Program(flagged('Organization', { url: URL, valueString: 'true' })))
  t.notOk(isPart2Program(flagged('Patient', { url: URL, valueBoolean: true })), 'a patient is none')
  t.notOk(isPart2Program({ resourceType: 'Organization' }))
  t.equal(
    part2Flag(flagged('Location', { url: URL, valueBoolean: false })),
    false,
    'a unit may say that it is none',
  )
  t.equal(part2Flag({ resourceType: 'Location' }), undefined, 'or nothing')
})
