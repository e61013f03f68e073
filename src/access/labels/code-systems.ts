// By what names a code system is called, and how its codes may be spelled, so that a code is known however it is sent.

/** Canonical URLs of the code systems that rules are about (https://hl7.org/fhir/R4/terminologies-systems.html). */
export const ICD_10_CM = 'http://hl7.org/fhir/sid/icd-10-cm'
export const ICD_10_PCS = 'http://www.cms.gov/Medicare/Coding/ICD10'
export const ICD_9_CM = 'http://hl7.org/fhir/sid/icd-9-cm'
export const ICD_9_PROCEDURES = 'http://www.cms.gov/Medicare/Coding/ICD9'
export const SNOMED_CT = 'http://snomed.info/sct'
export const LOINC = 'http://loinc.org'
export const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm'
export const NDC = 'http://hl7.org/fhir/sid/ndc'
export const HCPCS = 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets'
export const MS_DRG =
  'http://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/AcuteInpatientPPS/MS-DRG-Classifications-and-Software'

interface Naming {
  readonly url: string
  /**
   * Other names in use. OIDs are those of the HL7 registry, as FHIR's table of code systems and HL7's
   * terminology (https://terminology.hl7.org) give them.
   */
  readonly aliases: readonly string[]
  /** How two spellings of one code are made alike, beyond space around it and the case of letters. */
  readonly spelling?: 'dots' | 'ndc'
}

const NAMINGS: readonly Naming[] = [
  {
    url: ICD_10_CM,
    spelling: 'dots',
    aliases: [
      '2.16.840.1.113883.6.90',
      // ICD-10 as such, which many send who mean ICD-10-CM. Its categories say the same of what is sensitive.
      'http://hl7.org/fhir/sid/icd-10',
      '2.16.840.1.113883.6.3',
      'http://hl7.org/fhir/sid/icd-10-us',
      'http://terminology.hl7.org/CodeSystem/icd10CM',
    ],
  },
  {
    url: ICD_10_PCS,
    spelling: 'dots',
    aliases: [
      '2.16.840.1.113883.6.4',
      'http://hl7.org/fhir/sid/icd-10-pcs',
      'http://terminology.hl7.org/CodeSystem/icd10PCS',
    ],
  },
  {
    url: ICD_9_CM,
    spelling: 'dots',
    // The name with /diagnosis is DSTU2's.
    aliases: [
      '2.16.840.1.113883.6.103',
      'http://hl7.org/fhir/sid/icd-9-cm/diagnosis',
      'http://terminology.hl7.org/CodeSystem/icd9cm',
    ],
  },
  {
    // Apart from the diagnoses: without the dot a procedure and a diagnosis can read alike (94.61, 946.1).
    url: ICD_9_PROCEDURES,
    spelling: 'dots',
    aliases: ['2.16.840.1.113883.6.104', 'http://hl7.org/fhir/sid/icd-9-cm/procedure'],
  },
  { url: SNOMED_CT, aliases: ['2.16.840.1.113883.6.96'] },
  { url: LOINC, aliases: ['2.16.840.1.113883.6.1'] },
  { url: RXNORM, aliases: ['2.16.840.1.113883.6.88'] },
  { url: NDC, spelling: 'ndc', aliases: ['2.16.840.1.113883.6.69'] },
  {
    // HCPCS has CPT for its first level, so claims name either for a code; no code of one reads as one of the other.
    url: HCPCS,
    aliases: [
      '2.16.840.1.113883.6.285',
      '2.16.840.1.113883.6.14',
      'http://terminology.hl7.org/CodeSystem/HCPCS',
      // CMS Blue Button's name for both levels.
      'https://bluebutton.cms.gov/resources/codesystem/hcpcs',
      'http://www.ama-assn.org/go/cpt',
      '2.16.840.1.113883.6.12',
    ],
  },
  { url: MS_DRG, aliases: [] },
  {
    url: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
    aliases: ['2.16.840.1.113883.5.4'],
  },
  {
    url: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
    aliases: ['2.16.840.1.113883.5.25'],
  },
]

const KNOWN: ReadonlyMap<string, string> = new Map(
  NAMINGS.flatMap(({ url, aliases }) => [url, ...aliases].map((name) => [reduced(name), reduced(url)])),
)

const SPELLINGS: ReadonlyMap<string, Naming['spelling']> = new Map(
  NAMINGS.map(({ url, spelling }) => [reduced(url), spelling]),
)

/** HL7's older names of its tables: STU3 URLs and, for version 2, OIDs. */
const OLD_V2_OR_V3 = /^(?:hl7\.org\/fhir\/(v[23])\/(.+)|2\.16\.840\.1\.113883\.12\.([0-9]+))$/

/**
 * What stands for a code system in the tables here: the same for all of its names, http or https, in any case. Not a
 * URL. A system that is not known here stands for itself.
 */
export function systemKey(system: string): string {
  const key = reduced(system)
  const known = KNOWN.get(key)
  if (known !== undefined) return known
  // SNOMED's editions belong into Coding.version, yet are sent as systems.
  if (key.startsWith('snomed.info/sct/')) return 'snomed.info/sct'
  if (!key.startsWith('hl7.org/fhir/v') && !key.startsWith('2.16.840.1.113883.12.')) return key
  const old = OLD_V2_OR_V3.exec(key)
  if (old === null) return key
  const [, version = 'v2', name, table = ''] = old
  return `terminology.hl7.org/codesystem/${version}-${name ?? table.padStart(4, '0')}`
}

/** The same for all spellings of a code of the system with this key. */
export function codeKey(system: string, code: string): string {
  const key = code.trim().toUpperCase()
  switch (SPELLINGS.get(system)) {
    case 'dots':
      return key.includes('.') ? key.replaceAll('.', '') : key
    case 'ndc':
      return elevenDigits(key)
    default:
      return key
  }
}

/** Whether a code of this system stands below another exactly when its spelling goes on from it: ICD and its kin. */
export function isHierarchicalBySpelling(system: string): boolean {
  return SPELLINGS.get(system) === 'dots'
}

function reduced(system: string): string {
  let key = system.trim().toLowerCase()
  if (key.startsWith('http://')) key = key.slice(7)
  else if (key.startsWith('https://')) key = key.slice(8)
  else if (key.startsWith('urn:oid:')) key = key.slice(8)
  const version = key.indexOf('|')
  if (version >= 0) key = key.slice(0, version)
  return key.endsWith('/') ? key.slice(0, -1) : key
}

/** NDC as HIPAA has it: five digits of the labeler, four of the product, two of the package. */
function elevenDigits(code: string): string {
  const [labeler, product, size, more] = code.split('-')
  if (labeler === undefined || product === undefined || size === undefined || more !== undefined) return code
  return labeler.padStart(5, '0') + product.padStart(4, '0') + size.padStart(2, '0')
}
