// The diagnoses made at the practice, in ICD-10-CM (https://www.cdc.gov/nchs/icd/icd-10-cm) and SNOMED CT.
import { concept, icd10, snomed } from './concepts.ts'

interface Diagnosis {
  readonly text: string
  readonly icd10: readonly [code: string, display: string]
  readonly snomed: readonly [code: string, display: string]
  /** Which substance, when the record is one of substance use treatment. */
  readonly substance?: 'ETHUD' | 'OPIOIDUD'
}

export const DIAGNOSES = {
  depression: {
    text: 'Recurrent major depression, moderate',
    icd10: ['F33.1', 'Major depressive disorder, recurrent, moderate'],
    snomed: ['18818009', 'Moderate recurrent major depression'],
  },
  firstDepression: {
    text: 'Major depression, single episode',
    icd10: ['F32.1', 'Major depressive disorder, single episode, moderate'],
    snomed: ['370143000', 'Major depressive disorder'],
  },
  anxiety: {
    text: 'Generalized anxiety',
    icd10: ['F41.1', 'Generalized anxiety disorder'],
    snomed: ['21897009', 'Generalized anxiety disorder'],
  },
  socialAnxiety: {
    text: 'Social anxiety',
    icd10: ['F40.10', 'Social phobia, unspecified'],
    snomed: ['25501002', 'Social phobia'],
  },
  ptsd: {
    text: 'Post-traumatic stress',
    icd10: ['F43.10', 'Post-traumatic stress disorder, unspecified'],
    snomed: ['47505003', 'Posttraumatic stress disorder'],
  },
  bipolar2: {
    text: 'Bipolar II',
    icd10: ['F31.81', 'Bipolar II disorder'],
    snomed: ['83225003', 'Bipolar II disorder'],
  },
  adhd: {
    text: 'ADHD, inattentive',
    icd10: ['F90.0', 'Attention-deficit hyperactivity disorder, predominantly inattentive type'],
    snomed: ['35253001', 'Attention deficit hyperactivity disorder, predominantly inattentive type'],
  },
  adjustment: {
    text: 'Adjustment after a loss',
    icd10: ['F43.23', 'Adjustment disorder with mixed anxiety and depressed mood'],
    snomed: ['17226007', 'Adjustment disorder'],
  },
  postpartum: {
    text: 'Postpartum depression',
    icd10: ['F53.0', 'Postpartum depression'],
    snomed: ['58703003', 'Postpartum depression'],
  },
  alcohol: {
    text: 'Alcohol use disorder',
    icd10: ['F10.20', 'Alcohol dependence, uncomplicated'],
    snomed: ['66590003', 'Alcohol dependence'],
    substance: 'ETHUD',
  },
  opioid: {
    text: 'Opioid use disorder',
    icd10: ['F11.20', 'Opioid dependence, uncomplicated'],
    snomed: ['75544000', 'Opioid dependence'],
    substance: 'OPIOIDUD',
  },
} as const satisfies Record<string, Diagnosis>

export type DiagnosisId = keyof typeof DIAGNOSES

export function diagnosisOf(id: DiagnosisId): Diagnosis {
  return DIAGNOSES[id]
}

export function diagnosisConcept(id: DiagnosisId) {
  const {
    text,
    icd10: [code, display],
    snomed: [concept2, name],
  } = diagnosisOf(id)
  return concept(text, icd10(code, display), snomed(concept2, name))
}
