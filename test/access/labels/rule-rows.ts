// A starting set of rules, row by row, put together from public lists and from memory, with what each row is to add.
// Copied, so that what ships is held against it.

export interface RuleRow {
  readonly rule: string
  readonly system: string
  /** `prefix`: the code and all below it; `ingredient`: a name in what a medication is called. */
  readonly match: 'code' | 'prefix' | 'ingredient'
  readonly value: string
  /** Codes of ActCode, none for what is to stay without a label. */
  readonly add: readonly string[]
}

type Line = readonly [rule: string, system: string, match: RuleRow['match'], values: string, add: string]

const LINES: readonly Line[] = [
  ['sud-icd10cm-prefix', 'http://hl7.org/fhir/sid/icd-10-cm', 'prefix', 'F10', 'SUD ETHUD'],
  ['sud-icd10cm-prefix', 'http://hl7.org/fhir/sid/icd-10-cm', 'prefix', 'F11', 'SUD OPIOIDUD'],
  ['sud-icd10cm-prefix', 'http://hl7.org/fhir/sid/icd-10-cm', 'prefix', 'F12,F13,F14,F15,F16,F18,F19', 'SUD'],
  ['sud-icd10cm-exact', 'http://hl7.org/fhir/sid/icd-10-cm', 'code', 'Z71.41,R78.0', 'SUD ETHUD'],
  [
    'sud-icd10cm-exact',
    'http://hl7.org/fhir/sid/icd-10-cm',
    'code',
    'Z71.51,F55.0,F55.1,F55.2,F55.3,F55.4,F55.8',
    'SUD',
  ],
  ['tobacco', 'http://hl7.org/fhir/sid/icd-10-cm', 'prefix', 'F17', ''],
  ['sud-icd10pcs-prefix', 'http://www.cms.gov/Medicare/Coding/ICD10', 'prefix', 'HZ', 'SUD'],
  [
    'sud-hcpcs',
    'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
    'code',
    'H0005,H0006,H0007,H0008,H0009,H0010,H0011,H0012,H0013,H0014,H0015,H0050,H0034,H0047,H2035,' +
      'H2036,H0020,S9475,T1006,T1007,T1008,T1009,T1010,T1011,T1012,G2011,G2067,G2068,G2069,G2070,' +
      'G2071,G2072,G2073,G2074,G2075,G2076,G2077,G2078,G2079,G2080,G2086,G2087,G2088,G9562,G9578,' +
      'G9584,G9621,J0570,M1034,M1035,Q9991,Q9992,G2172,G1028,G2215,G2216,G0137,G0532,G0533,G0534,' +
      'G0535,G0536',
    'SUD',
  ],
  [
    'hcpcs-gap',
    'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
    'code',
    'H0001,H0003,H0016,H0021,H0022,H0028,H0029,H0033,H0048,H0049,H2034,G0396,G0397',
    'SUD',
  ],
  ['sud-cpt', 'http://www.ama-assn.org/go/cpt', 'code', '99408,99409,4320F,0078U', 'SUD'],
  [
    'sud-rxnorm',
    'http://www.nlm.nih.gov/research/umls/rxnorm',
    'code',
    '1819,6813,352364,352990,1818,1431077',
    'SUD OPIOIDUD',
  ],
  ['sud-rxnorm', 'http://www.nlm.nih.gov/research/umls/rxnorm', 'code', '7243,105069,636556,152092', 'SUD'],
  [
    'sud-rxnorm',
    'http://www.nlm.nih.gov/research/umls/rxnorm',
    'code',
    '3554,82819,151358,602959',
    'SUD ETHUD',
  ],
  ['do-not-use', 'http://www.nlm.nih.gov/research/umls/rxnorm', 'code', '42347,581646,3639,281', ''],
  [
    'psy-icd10cm-prefix',
    'http://hl7.org/fhir/sid/icd-10-cm',
    'prefix',
    'F06,F20,F21,F22,F23,F24,F25,F29,F30,F31,F32,F33,F34,F39,F40,F41,F42,F43,F44,F45,F48,F50,F51,' +
      'F52,F53,F60,F63,F64,F65,F66,F68,F69,F70,F71,F72,F73,F78,F79,F80,F81,F82,F84,F88,F89,F90,F91,' +
      'F93,F94,F95,F98,F99',
    'PSY',
  ],
  // The source has PSYTHPN too; but it is a therapy, and how somebody is treated is no psychotherapy note (45 CFR 164.501).
  ['psythpn-snomed', 'http://snomed.info/sct', 'code', '444175001', 'BH'],
  ['bh-screeners', 'http://loinc.org', 'code', '44249-1,89204-2', 'BH'],
  ['sud-screeners', 'http://loinc.org', 'code', '72109-2', 'SUD ETHUD'],
  ['sud-screeners', 'http://loinc.org', 'code', '82666-9,65750-2', 'SUD'],
  ['hiv', 'http://loinc.org', 'code', '80203-3', 'HIV'],
  ['hiv', 'http://www.nlm.nih.gov/research/umls/rxnorm', 'code', '1747692', 'HIV'],
  [
    'hiv-ingredients',
    'http://www.nlm.nih.gov/research/umls/rxnorm',
    'ingredient',
    'abacavir,atazanavir,bictegravir,cabotegravir,cobicistat,darunavir,didanosine,dolutegravir,' +
      'doravirine,efavirenz,elvitegravir,enfuvirtide,etravirine,fosamprenavir,fostemsavir,ibalizumab,' +
      'indinavir,islatravir,lamivudine,lenacapavir,lopinavir,maraviroc,nelfinavir,nevirapine,' +
      'raltegravir,rilpivirine,ritonavir,saquinavir,stavudine,tipranavir,zalcitabine,zidovudine,' +
      'emtricitabine / tenofovir',
    'HIV',
  ],
  [
    'hiv-icd10cm',
    'http://hl7.org/fhir/sid/icd-10-cm',
    'prefix',
    'B20,Z21,R75,B97.35,O98.7,Z20.6,Z11.4,Z71.7',
    'HIV',
  ],
  ['sdv', 'http://hl7.org/fhir/sid/icd-10-cm', 'code', 'T74.11,T74.11XA,T74.11XS,Z62.810', 'SDV'],
  ['sdv', 'http://snomed.info/sct', 'code', '706893006,713834002', 'SDV'],
  [
    'sdv-icd10cm-prefix',
    'http://hl7.org/fhir/sid/icd-10-cm',
    'prefix',
    'T74,T76,Z69,Y07,O9A.3,O9A.4,O9A.5,Z04.4,Z91.41',
    'SDV',
  ],
]

export const RULE_ROWS: readonly RuleRow[] = LINES.flatMap(([rule, system, match, values, add]) =>
  values.split(',').map((value) => ({ rule, system, match, value, add: add === '' ? [] : add.split(' ') })),
)
