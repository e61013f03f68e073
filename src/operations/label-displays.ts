// What HL7 calls the labels that rules come to (https://terminology.hl7.org: v3-Confidentiality 5.0.0, v3-ActCode 11.0.0).
import { ACT_CODE, CONFIDENTIALITY } from '../access/index.ts'
import type { SecurityLabel } from '../store/index.ts'

const DISPLAYS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [CONFIDENTIALITY]: {
    U: 'unrestricted',
    L: 'low',
    M: 'moderate',
    N: 'normal',
    R: 'restricted',
    V: 'very restricted',
  },
  [ACT_CODE]: {
    BH: 'behavioral health information sensitivity',
    COGN: 'cognitive disability information sensitivity',
    DVD: 'developmental disability information sensitivity',
    EMOTDIS: 'emotional disturbance information sensitivity',
    ETH: 'substance abuse information sensitivity',
    ETHUD: 'alcohol use disorder information sensitivity',
    GENDER: 'gender and sexual orientation information sensitivity',
    HIV: 'HIV/AIDS information sensitivity',
    MH: 'mental health information sensitivity',
    OPIOIDUD: 'opioid use disorder information sensitivity',
    PSY: 'psychiatry disorder information sensitivity',
    PSYTHPN: 'psychotherapy note information sensitivity',
    SDV: 'sexual assault, abuse, or domestic violence information sensitivity',
    SEX: 'sexuality and reproductive health information sensitivity',
    STD: 'sexually transmitted disease information sensitivity',
    SUD: 'substance use disorder information sensitivity',
    '42CFRPart2': '42 CFR Part2',
    HIPAAPsyNotes: 'HIPAA psychotherapy notes',
    Title38Section7332: 'Title 38 Section 7332',
  },
}

/** undefined for a label of which no words are known here. */
export function displayOf({ system, code }: SecurityLabel): string | undefined {
  const displays = Object.hasOwn(DISPLAYS, system) ? DISPLAYS[system] : undefined
  return displays !== undefined && Object.hasOwn(displays, code) ? displays[code] : undefined
}
