// The medications prescribed at the practice, in RxNorm (https://www.nlm.nih.gov/research/umls/rxnorm).
import { concept, rxnorm, snomed } from './concepts.ts'

interface Drug {
  readonly text: string
  readonly rxnorm: readonly [code: string, display: string]
  readonly instruction: string
  readonly dose: { readonly value: number; readonly unit: string; readonly code: string }
  readonly repeat: { readonly frequency: number; readonly period: number; readonly periodUnit: 'd' | 'wk' }
  readonly route: readonly [code: string, display: string]
}

const BY_MOUTH = ['26643006', 'Oral route'] as const
const DAILY = { frequency: 1, period: 1, periodUnit: 'd' } as const
const tablets = (value: number) => ({ value, unit: 'tablet', code: '{tbl}' })

export const DRUGS = {
  sertraline: {
    text: 'Sertraline 50 mg tablet',
    rxnorm: ['312941', 'sertraline 50 MG Oral Tablet'],
    instruction: 'One tablet each morning.',
    dose: tablets(1),
    repeat: DAILY,
    route: BY_MOUTH,
  },
  escitalopram: {
    text: 'Escitalopram 10 mg tablet',
    rxnorm: ['349332', 'escitalopram 10 MG Oral Tablet'],
    instruction: 'One tablet each morning.',
    dose: tablets(1),
    repeat: DAILY,
    route: BY_MOUTH,
  },
  bupropion: {
    text: 'Bupropion XL 150 mg tablet',
    rxnorm: ['993541', '24 HR bupropion hydrochloride 150 MG Extended Release Oral Tablet'],
    instruction: 'One tablet each morning; do not crush.',
    dose: tablets(1),
    repeat: DAILY,
    route: BY_MOUTH,
  },
  lamotrigine: {
    text: 'Lamotrigine 100 mg tablet',
    rxnorm: ['28439', 'lamotrigine'],
    instruction: 'One tablet at bedtime.',
    dose: tablets(1),
    repeat: DAILY,
    route: BY_MOUTH,
  },
  prazosin: {
    text: 'Prazosin 2 mg capsule',
    rxnorm: ['8629', 'prazosin'],
    instruction: 'One capsule at bedtime for nightmares.',
    dose: { value: 1, unit: 'capsule', code: '{capsule}' },
    repeat: DAILY,
    route: BY_MOUTH,
  },
  methylphenidate: {
    text: 'Methylphenidate ER 18 mg tablet',
    rxnorm: ['6901', 'methylphenidate'],
    instruction: 'One tablet on school mornings.',
    dose: tablets(1),
    repeat: DAILY,
    route: BY_MOUTH,
  },
  buprenorphineNaloxone: {
    text: 'Buprenorphine 8 mg / naloxone 2 mg film',
    rxnorm: ['1010604', 'buprenorphine 8 MG / naloxone 2 MG Sublingual Film'],
    instruction: 'One film under the tongue each morning; let it dissolve.',
    dose: { value: 1, unit: 'film', code: '{film}' },
    repeat: DAILY,
    route: ['37839007', 'Sublingual route'],
  },
  naltrexoneInjection: {
    text: 'Naltrexone 380 mg extended-release injection',
    rxnorm: ['637213', 'naltrexone 380 MG Injection'],
    instruction: '380 mg into the gluteal muscle every four weeks, given by the nurse.',
    dose: { value: 380, unit: 'mg', code: 'mg' },
    repeat: { frequency: 1, period: 4, periodUnit: 'wk' },
    route: ['78421000', 'Intramuscular route'],
  },
} as const satisfies Record<string, Drug>

export type DrugId = keyof typeof DRUGS

export function drugOf(id: DrugId): Drug {
  return DRUGS[id]
}

export function drugConcept(id: DrugId) {
  const {
    text,
    rxnorm: [code, display],
  } = drugOf(id)
  return concept(text, rxnorm(code, display))
}

export function routeConcept(id: DrugId) {
  const {
    route: [code, display],
  } = drugOf(id)
  return concept(display, snomed(code, display))
}
