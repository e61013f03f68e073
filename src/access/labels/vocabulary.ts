// The security labels of HL7 by which a record is told to be sensitive, and what one of them says of another
// (https://terminology.hl7.org: v3-Confidentiality 5.0.0, v3-ActCode 11.0.0; https://hl7.org/fhir/R4/security-labels.html).
import { isJsonObject, type JsonValue } from '../../fhir/index.ts'
import type { SecurityLabel } from '../../store/index.ts'
import { systemKey } from './code-systems.ts'

export const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
export const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
/** Kinds of notes that the law keeps apart; HL7 has a label for the one and none for the other. */
export const NOTE_KINDS = 'https://alcove.health/fhir/CodeSystem/note-kinds'
/** What says that somebody is, or a record was made by, a program under 42 CFR Part 2. */
export const PROGRAM_MARKS = 'https://alcove.health/fhir/CodeSystem/program-marks'

/** From anybody may see it (U) to hardly anybody may (V). */
export const CONFIDENTIALITY_ORDER = ['U', 'L', 'M', 'N', 'R', 'V'] as const
export type Confidentiality = (typeof CONFIDENTIALITY_ORDER)[number]

/** What a label of ActCode is for. */
export type LabelKind =
  | 'sensitivity'
  | 'policy'
  | 'consent-directive'
  | 'obligation'
  | 'refrain'
  | 'privacy-mark'

const CODES: Readonly<Record<LabelKind, string>> = {
  sensitivity:
    'ADOL CEL VIP DIA DRGIS EMP PDS PHY PRS ETH GDIS HIV MST PREGNANT SCA SDV SEX SPI STD TBOO VIO IDS DEMO DOB GENDER ' +
    'LIVARG MARST PATLOC RACE REL B EMPL LOCIS SSP BH MH PSY PSYTHPN SUD COGN DVD EMOTDIS ETHUD OPIOIDUD',
  policy:
    '42CFRPart2 CommonRule HIPAAAuth HIPAAConsent HIPAANOPP HIPAAPsyNotes HIPAAROA HIPAASelfPay Title38Section7332',
  'consent-directive':
    '42CFRPart2CD CompoundResearchCD HIPAAAuthCD HIPAAConsentCD HIPAAResearchAuthCD HIPAAROAD MDHHS-5515 ' +
    'USResearchInformedAssent USResearchInformedConsent USBroadResearchConsent MDHHS-5515MMHC MDHHS-5515Part2',
  obligation:
    'ANONY AOD AUDIT AUDTR CPLYPOL DECLASSIFYLABEL DEID DELAU DOWNGRDLABEL DRIVLABEL ENCRYPT HUAPRV LABEL MASK MINEC ' +
    'PERSISTLABEL PRIVMARK PSEUD REDACT UPGRDLABEL PROCESSINLINELABEL CPLYCC CPLYCD CPLYCUI CPLYJPP CPLYJSP CPLYOPP ' +
    'CPLYOSP ENCRYPTR ENCRYPTT ENCRYPTU CUIMark',
  refrain:
    'NOAUTH NOCOLLECT NODSCLCD NODSCLCDS NOINTEGRATE NOLIST NOMOU NOORGPOL NOPAT NOPERSISTP NORDSCLCD NORDSCLCDS ' +
    'NORDSCLW NORELINK NOREUSE NOVIP ORCON',
  'privacy-mark':
    'CONTROLLED CUI CUIHLTH CUIHLTHP CUIP CUIPRVCY CUIPRVCYP CUISP-HLTH CUISP-HLTHP CUISP-PRVCY CUISP-PRVCYP UUI ' +
    'ConfidentialMark COPYMark DeliverToAddresseeOnlyMark RedisclosureProhibitionMark RestrictedConfidentialityMark ' +
    'DRAFTMark',
}

const KINDS: ReadonlyMap<string, LabelKind> = new Map(
  (Object.keys(CODES) as LabelKind[]).flatMap((kind) => CODES[kind].split(' ').map((code) => [code, kind])),
)

const SPELLINGS: ReadonlyMap<string, string> = new Map(
  [...KINDS.keys()].map((code) => [code.toUpperCase(), code]),
)

/** Retired codes of ActCode, read as those that took their place and never written. */
const RETIRED: ReadonlyMap<string, string> = new Map([
  ['NORDSLCD', 'NORDSCLCD'],
  ['SICKLE', 'SCA'],
  ['A) HIPAACONSENT', 'HIPAAConsent'],
])

/** Retired codes of Confidentiality that say why rather than how much, read as what says it now. */
const RETIRED_CONFIDENTIALITY: ReadonlyMap<string, SecurityLabel> = new Map(
  Object.entries({
    ETH: actCode('ETH'),
    HIV: actCode('HIV'),
    PSY: actCode('PSY'),
    SDV: actCode('SDV'),
    C: actCode('CEL'),
    T: actCode('TBOO'),
    S: confidentiality('R'),
  }),
)

/**
 * What a sensitivity is a kind of, by its parents in ActCode, and ETH, the older code of the same meaning as SUD. SPI
 * above them all is left out: it tells no more than that there is one of them.
 */
const BROADER: ReadonlyMap<string, string> = new Map([
  ['ETHUD', 'SUD'],
  ['OPIOIDUD', 'SUD'],
  ['ETH', 'SUD'],
  ['COGN', 'BH'],
  ['DVD', 'BH'],
  ['EMOTDIS', 'BH'],
])

const SPECIALLY_PROTECTED = ['BH', 'MH', 'PSY', 'PSYTHPN', 'SUD']

export function actCode(code: string): SecurityLabel {
  return { system: ACT_CODE, code }
}

export function confidentiality(code: Confidentiality): SecurityLabel {
  return { system: CONFIDENTIALITY, code }
}

export const PART_2: SecurityLabel = Object.freeze(actCode('42CFRPart2'))
export const NORMAL: SecurityLabel = Object.freeze(confidentiality('N'))
export const PROGRAM_MARK: SecurityLabel = Object.freeze({ system: PROGRAM_MARKS, code: 'part2-program' })

/**
 * Stands in the index beside the labels of a resource that neither has one that was sent, nor gives any to what it
 * refers to: nothing of it need be read when it is replaced.
 */
export const ALL_FOUND: SecurityLabel = Object.freeze({ system: '_security:found', code: 'all' })

export function isFoundMark({ system }: SecurityLabel): boolean {
  return system === ALL_FOUND.system
}

export function isProgramMark({ system, code }: SecurityLabel): boolean {
  return system === PROGRAM_MARKS && code === PROGRAM_MARK.code
}

/** undefined for a code that ActCode does not have, or not among its labels. */
export function labelKind({ system, code }: SecurityLabel): LabelKind | undefined {
  return system === ACT_CODE ? KINDS.get(code) : undefined
}

export function isSensitivity(label: SecurityLabel): boolean {
  return labelKind(label) === 'sensitivity'
}

/** The place of the code in the order, 0 for U; undefined for what is no level of confidentiality. */
export function confidentialityRank({ system, code }: SecurityLabel): number | undefined {
  if (system !== CONFIDENTIALITY) return undefined
  const rank = (CONFIDENTIALITY_ORDER as readonly string[]).indexOf(code)
  return rank < 0 ? undefined : rank
}

/** The label that a sensitivity is a kind of, and so says as well. */
export function broaderLabel({ system, code }: SecurityLabel): SecurityLabel | undefined {
  const broader = system === ACT_CODE ? BROADER.get(code) : undefined
  return broader === undefined ? undefined : actCode(broader)
}

/** The code itself and every kind of it, for a rule of access that names the broader one: SUD, ETHUD, OPIOIDUD and ETH for SUD. */
export function narrowerSensitivities(code: string): readonly string[] {
  const direct =
    code === 'SPI' ? SPECIALLY_PROTECTED : [...BROADER].flatMap(([it, of]) => (of === code ? it : []))
  return [code, ...direct.flatMap(narrowerSensitivities)]
}

/**
 * A label as it was sent, in today's words: older names of HL7's systems, retired codes and other cases of letters
 * are brought to the one that stands for them. Labels of other systems stay as they are. undefined when `coding` names
 * no system or no code.
 */
export function readLabel(coding: JsonValue | undefined): SecurityLabel | undefined {
  if (!isJsonObject(coding)) return undefined
  const { system, code } = coding
  if (typeof system !== 'string' || typeof code !== 'string') return undefined
  const known = SYSTEMS.get(systemKey(system))
  const text = code.trim()
  const upper = text.toUpperCase()
  switch (known) {
    case ACT_CODE:
      return actCode(RETIRED.get(upper) ?? SPELLINGS.get(upper) ?? text)
    case CONFIDENTIALITY:
      return RETIRED_CONFIDENTIALITY.get(upper) ?? { system: CONFIDENTIALITY, code: upper }
    case NOTE_KINDS:
      return { system: NOTE_KINDS, code: text.toLowerCase() }
    default:
      return { system, code }
  }
}

const SYSTEMS: ReadonlyMap<string, string> = new Map(
  [ACT_CODE, CONFIDENTIALITY, NOTE_KINDS].map((url) => [systemKey(url), url]),
)
