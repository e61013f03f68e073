// However a code system is named and a code is spelled, it is the same.
import t from 'tap'
import { codeKey, isHierarchicalBySpelling, systemKey } from '../../../src/access/labels/code-systems.ts'
import { condition, found, shippedRules } from './rules.ts'

/** For one code of each system: the names that others use for the system. */
const NAMES: Readonly<Record<string, readonly [code: string, names: string]>> = {
  'ICD-10-CM': [
    'F10.20',
    'http://hl7.org/fhir/sid/icd-10-cm urn:oid:2.16.840.1.113883.6.90 http://hl7.org/fhir/sid/icd-10 urn:oid:2.16.840.1.113883.6.3',
  ],
  'ICD-10-PCS': ['HZ2ZZZZ', 'http://www.cms.gov/Medicare/Coding/ICD10 urn:oid:2.16.840.1.113883.6.4'],
  'ICD-9-CM': [
    '303.90',
    'http://hl7.org/fhir/sid/icd-9-cm http://hl7.org/fhir/sid/icd-9-cm/diagnosis urn:oid:2.16.840.1.113883.6.103',
  ],
  'ICD-9 procedures': [
    '94.62',
    'http://www.cms.gov/Medicare/Coding/ICD9 http://hl7.org/fhir/sid/icd-9-cm/procedure urn:oid:2.16.840.1.113883.6.104',
  ],
  'SNOMED CT': [
    '706893006',
    'http://snomed.info/sct urn:oid:2.16.840.1.113883.6.96 http://snomed.info/sct/731000124108 http://snomed.info/sct/731000124108/version/20240301 http://snomed.info/sct|http://snomed.info/sct/731000124108',
  ],
  LOINC: [
    '72109-2',
    'http://loinc.org urn:oid:2.16.840.1.113883.6.1 http://loinc.org/ http://loinc.org|2.77',
  ],
  RxNorm: ['6813', 'http://www.nlm.nih.gov/research/umls/rxnorm urn:oid:2.16.840.1.113883.6.88'],
  CPT: ['99408', 'http://www.ama-assn.org/go/cpt urn:oid:2.16.840.1.113883.6.12'],
  'CPT as the first level of HCPCS': [
    '0078U',
    'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets https://bluebutton.cms.gov/resources/codesystem/hcpcs',
  ],
  HCPCS: [
    'H0005',
    'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets urn:oid:2.16.840.1.113883.6.285 urn:oid:2.16.840.1.113883.6.14 http://terminology.hl7.org/CodeSystem/HCPCS https://bluebutton.cms.gov/resources/codesystem/hcpcs',
  ],
}

t.test('names of systems', async (t) => {
  for (const [system, [code, names]] of Object.entries(NAMES)) {
    for (const name of names.split(' ')) {
      const others = [
        name,
        name.toUpperCase(),
        ` ${name} `,
        name.replace(/^http:/, 'https:'),
        name.replace('urn:oid:', ''),
      ]
      for (const other of others)
        t.not(found(shippedRules, condition(other, code)).length, 0, `${system}: ${other}`)
    }
    t.same(found(shippedRules, condition(`${names.split(' ')[0]}x`, code)), [], `${system}: another`)
  }
})

t.test('spellings of codes', async (t) => {
  const ICD = 'http://hl7.org/fhir/sid/icd-10-cm'
  for (const code of ['F10.20', 'F1020', 'f10.20', 'f1020', ' F10.20 ', 'F10.20\t', 'F.1020', 'F10'])
    t.same(found(shippedRules, condition(ICD, code)), ['ETHUD', 'SUD'], code)
  t.same(
    found(shippedRules, condition('http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', ' h0005 ')),
    ['SUD'],
  )
  const dx = systemKey('http://hl7.org/fhir/sid/icd-9-cm')
  const procedures = systemKey('http://www.cms.gov/Medicare/Coding/ICD9')
  t.equal(codeKey(dx, '946.1'), codeKey(procedures, '94.61'), 'without the dot they read alike')
  t.not(dx, procedures, 'so they are kept apart')
  t.same(found(shippedRules, condition('http://hl7.org/fhir/sid/icd-9-cm', '946.1')), [], 'burns')
  t.equal(
    codeKey(systemKey('http://example.org/own'), '1.23'),
    '1.23',
    'elsewhere a dot may tell codes apart',
  )
})

t.test('NDC with and without dashes', async (t) => {
  const ndc = systemKey('http://hl7.org/fhir/sid/ndc')
  const same: readonly [string, string][] = [
    ['0054-0176-13', '00054017613'],
    ['00054-0176-13', '00054017613'],
    ['12496-757-01', '12496075701'],
    ['12496-7571-1', '12496757101'],
  ]
  for (const [dashed, digits] of same) t.equal(codeKey(ndc, dashed), digits, dashed)
  t.equal(codeKey(ndc, '0054-0176'), '0054-0176', 'a product without its package stays as it is')
})

t.test("HL7's older names of its own tables", async (t) => {
  const same: readonly [string, string][] = [
    ['http://hl7.org/fhir/v3/ActCode', 'http://terminology.hl7.org/CodeSystem/v3-ActCode'],
    ['urn:oid:2.16.840.1.113883.5.4', 'http://terminology.hl7.org/CodeSystem/v3-ActCode'],
    ['http://hl7.org/fhir/v3/RoleCode', 'http://terminology.hl7.org/CodeSystem/v3-RoleCode'],
    ['http://hl7.org/fhir/v2/0203', 'http://terminology.hl7.org/CodeSystem/v2-0203'],
    ['urn:oid:2.16.840.1.113883.12.74', 'http://terminology.hl7.org/CodeSystem/v2-0074'],
  ]
  for (const [old, now] of same) t.equal(systemKey(old), systemKey(now), old)
  t.not(
    systemKey('http://hl7.org/fhir/versions'),
    systemKey('http://terminology.hl7.org/CodeSystem/v3-versions'),
  )
})

t.test('a hierarchy is read off the spelling of ICD alone', async (t) => {
  const is = (system: string) => isHierarchicalBySpelling(systemKey(system))
  t.ok(is('http://hl7.org/fhir/sid/icd-10-cm') && is('https://www.cms.gov/Medicare/Coding/ICD10'))
  t.notOk(is('http://snomed.info/sct') || is('http://loinc.org') || is('http://example.org/own'))
})
