// The people whom the practice treats: made up, all of them. One row tells a person's whole course.
import type { DiagnosisId } from './diagnoses.ts'
import type { DrugId } from './drugs.ts'
import type { InstrumentId } from './instruments.ts'
import type { ClinicId, PayerId } from './organizations.ts'
import type { StaffId } from './staff.ts'

export type Focus = 'mood' | 'worry' | 'trauma' | 'attention' | 'substance'

export interface Person {
  readonly given: string
  readonly family: string
  readonly gender: 'female' | 'male' | 'other'
  readonly age: number
  readonly daysSinceBirthday: number
  readonly language?: readonly [code: string, display: string]
  readonly street: string
  /** Last four digits of a telephone number in the block kept for fiction. */
  readonly phone: string
  readonly clinic: ClinicId
  readonly payer: PayerId
  readonly therapist: StaffId
  readonly prescriber?: StaffId
  readonly diagnoses: readonly DiagnosisId[]
  readonly focus: Focus
  /** Individual visits: how many, how many days apart, the last one how many days ago. */
  readonly visits: {
    readonly count: number
    readonly every: number
    readonly lastAgo: number
    readonly byVideo?: boolean
  }
  /** Scores from the first to the latest, spread evenly over the visits. */
  readonly scores: Readonly<Partial<Record<InstrumentId, readonly number[]>>>
  readonly drugs: readonly DrugId[]
  readonly goal: { readonly text: string; readonly instrument: InstrumentId; readonly below: number }
  readonly group?: 'coping' | 'recovery'
  readonly guardian?: {
    readonly given: string
    readonly relationship: readonly [code: string, display: string]
  }
}

export const PEOPLE: readonly Person[] = [
  {
    given: 'Rosa',
    family: 'Delgado',
    gender: 'female',
    age: 34,
    daysSinceBirthday: 96,
    street: '8 Ocotillo Lane',
    phone: '0121',
    clinic: 'juniper-wells',
    payer: 'saguaro-health-plan',
    therapist: 'tomas-lindqvist',
    prescriber: 'amara-osei',
    diagnoses: ['depression', 'anxiety'],
    focus: 'mood',
    visits: { count: 10, every: 14, lastAgo: 5 },
    scores: { 'phq-9': [19, 16, 13, 9, 6], 'gad-7': [14, 12, 9, 7, 5] },
    drugs: ['sertraline'],
    goal: { text: 'Depressive symptoms in remission', instrument: 'phq-9', below: 5 },
    group: 'coping',
  },
  {
    given: 'Walter',
    family: 'Ng',
    gender: 'male',
    age: 71,
    daysSinceBirthday: 201,
    street: '402 Mesa View Drive',
    phone: '0122',
    clinic: 'juniper-wells',
    payer: 'desert-mutual',
    therapist: 'renee-tsosie',
    diagnoses: ['adjustment'],
    focus: 'mood',
    visits: { count: 6, every: 14, lastAgo: 9 },
    scores: { 'phq-9': [12, 11, 8, 4] },
    drugs: [],
    goal: { text: 'Back to the walking club twice a week', instrument: 'phq-9', below: 5 },
  },
  {
    given: 'Keisha',
    family: 'Monroe',
    gender: 'female',
    age: 27,
    daysSinceBirthday: 14,
    street: '77 Agave Court, Apt 5',
    phone: '0123',
    clinic: 'juniper-wells',
    payer: 'state-medicaid',
    therapist: 'renee-tsosie',
    prescriber: 'amara-osei',
    diagnoses: ['postpartum'],
    focus: 'mood',
    visits: { count: 8, every: 7, lastAgo: 3, byVideo: true },
    scores: { 'phq-9': [21, 18, 14, 10], 'gad-7': [11, 10, 8, 6] },
    drugs: ['sertraline'],
    goal: { text: 'Sleeping through when the baby does, and mood lifted', instrument: 'phq-9', below: 10 },
  },
  {
    given: 'Daniel',
    family: 'Whitehorse',
    gender: 'male',
    age: 45,
    daysSinceBirthday: 310,
    street: '19 Ridge Road',
    phone: '0124',
    clinic: 'juniper-wells',
    payer: 'saguaro-health-plan',
    therapist: 'tomas-lindqvist',
    prescriber: 'amara-osei',
    diagnoses: ['ptsd', 'alcohol'],
    focus: 'trauma',
    visits: { count: 10, every: 7, lastAgo: 2 },
    scores: { 'phq-9': [17, 15, 15, 11], 'audit-c': [9, 6, 4] },
    drugs: ['prazosin', 'naltrexoneInjection'],
    goal: { text: 'Four nights a week without nightmares', instrument: 'phq-9', below: 10 },
    group: 'coping',
  },
  {
    given: 'Emi',
    family: 'Sato',
    gender: 'female',
    age: 15,
    daysSinceBirthday: 45,
    street: '5 Palo Verde Street',
    phone: '0125',
    clinic: 'juniper-wells',
    payer: 'saguaro-health-plan',
    therapist: 'renee-tsosie',
    prescriber: 'amara-osei',
    diagnoses: ['adhd', 'socialAnxiety'],
    focus: 'attention',
    visits: { count: 7, every: 14, lastAgo: 11 },
    scores: { 'gad-7': [13, 11, 10, 7] },
    drugs: ['methylphenidate'],
    goal: { text: 'Speaks up in class once a day', instrument: 'gad-7', below: 8 },
    guardian: { given: 'Haruka', relationship: ['MTH', 'mother'] },
  },
  {
    given: 'Luis',
    family: 'Ibarra',
    gender: 'male',
    age: 38,
    daysSinceBirthday: 150,
    language: ['es', 'Spanish'],
    street: '61 Mission Avenue',
    phone: '0126',
    clinic: 'juniper-wells',
    payer: 'state-medicaid',
    therapist: 'renee-tsosie',
    diagnoses: ['anxiety'],
    focus: 'worry',
    visits: { count: 8, every: 14, lastAgo: 6, byVideo: true },
    scores: { 'gad-7': [16, 13, 11, 8, 4] },
    drugs: ['escitalopram'],
    prescriber: 'amara-osei',
    goal: { text: 'Drives to work without turning back', instrument: 'gad-7', below: 5 },
    group: 'coping',
  },
  {
    given: 'Priya',
    family: 'Raman',
    gender: 'female',
    age: 30,
    daysSinceBirthday: 220,
    street: '12 Yucca Circle',
    phone: '0127',
    clinic: 'juniper-wells',
    payer: 'desert-mutual',
    therapist: 'tomas-lindqvist',
    prescriber: 'amara-osei',
    diagnoses: ['bipolar2'],
    focus: 'mood',
    visits: { count: 6, every: 28, lastAgo: 13 },
    scores: { 'phq-9': [15, 9, 12, 7] },
    drugs: ['lamotrigine'],
    goal: { text: 'Keeps a steady sleep schedule for eight weeks', instrument: 'phq-9', below: 8 },
  },
  {
    given: 'Jamie',
    family: 'Okafor',
    gender: 'other',
    age: 22,
    daysSinceBirthday: 77,
    street: '300 College Street, Room 18',
    phone: '0128',
    clinic: 'juniper-wells',
    payer: 'saguaro-health-plan',
    therapist: 'tomas-lindqvist',
    prescriber: 'amara-osei',
    diagnoses: ['firstDepression', 'socialAnxiety'],
    focus: 'worry',
    visits: { count: 7, every: 14, lastAgo: 4, byVideo: true },
    // Worse again: the latest answer about self-harm is the one that somebody has to act on today.
    scores: { 'phq-9': [14, 13, 12, 19], 'gad-7': [12, 12, 11] },
    drugs: ['bupropion'],
    goal: { text: 'Back at lectures three days a week', instrument: 'phq-9', below: 8 },
    group: 'coping',
  },
  {
    given: 'Travis',
    family: 'Cole',
    gender: 'male',
    age: 33,
    daysSinceBirthday: 132,
    street: '9 Furnace Road',
    phone: '0151',
    clinic: 'copper-ridge',
    payer: 'state-medicaid',
    therapist: 'marcus-bell',
    prescriber: 'amara-osei',
    diagnoses: ['opioid'],
    focus: 'substance',
    visits: { count: 12, every: 7, lastAgo: 4 },
    scores: { 'phq-9': [13, 10, 8, 6] },
    drugs: ['buprenorphineNaloxone'],
    goal: { text: 'No opioid use other than the medication for 90 days', instrument: 'phq-9', below: 5 },
    group: 'recovery',
  },
  {
    given: 'Nadia',
    family: 'Petrenko',
    gender: 'female',
    age: 41,
    daysSinceBirthday: 260,
    language: ['uk', 'Ukrainian'],
    street: '88 Quarry Lane',
    phone: '0152',
    clinic: 'copper-ridge',
    payer: 'desert-mutual',
    therapist: 'marcus-bell',
    prescriber: 'amara-osei',
    diagnoses: ['alcohol', 'depression'],
    focus: 'substance',
    visits: { count: 9, every: 7, lastAgo: 1 },
    scores: { 'audit-c': [10, 8, 5, 2], 'phq-9': [16, 14, 11, 8] },
    drugs: ['naltrexoneInjection', 'sertraline'],
    goal: { text: 'Ninety days without a drink', instrument: 'audit-c', below: 3 },
    group: 'recovery',
  },
  {
    given: 'Earl',
    family: 'Jessup',
    gender: 'male',
    age: 58,
    daysSinceBirthday: 18,
    street: 'PO Box 31',
    phone: '0153',
    clinic: 'copper-ridge',
    payer: 'saguaro-health-plan',
    therapist: 'marcus-bell',
    diagnoses: ['alcohol'],
    focus: 'substance',
    visits: { count: 6, every: 14, lastAgo: 8 },
    scores: { 'audit-c': [8, 8, 7] },
    drugs: [],
    goal: { text: 'Fewer than two drinking days a week', instrument: 'audit-c', below: 4 },
    group: 'recovery',
  },
  {
    given: 'Shawna',
    family: 'Begay',
    gender: 'female',
    age: 29,
    daysSinceBirthday: 188,
    street: '41 Smelter Street',
    phone: '0154',
    clinic: 'copper-ridge',
    payer: 'state-medicaid',
    therapist: 'marcus-bell',
    prescriber: 'amara-osei',
    diagnoses: ['opioid', 'ptsd'],
    focus: 'substance',
    visits: { count: 8, every: 7, lastAgo: 6 },
    scores: { 'phq-9': [18, 17, 13, 10], 'gad-7': [15, 13, 10, 9] },
    drugs: ['buprenorphineNaloxone', 'prazosin'],
    goal: { text: 'Stays in treatment for a year', instrument: 'phq-9', below: 8 },
    group: 'recovery',
  },
]

/** `rosa-delgado` */
export function personId({ given, family }: Person): string {
  return `${given}-${family}`.toLowerCase()
}

export function personName({ given, family }: Person): string {
  return `${given} ${family}`
}
