// Who works at the practice, and in which role.
import { coding, concept, reference, SYSTEM, type Entry } from './concepts.ts'
import { CLINIC_NAME, type ClinicId } from './organizations.ts'

interface Member {
  readonly id: string
  readonly given: string
  readonly family: string
  readonly suffix: string
  readonly gender: 'female' | 'male'
  readonly npi: string
  readonly clinics: readonly ClinicId[]
  readonly role: string
  /** Health care provider taxonomy (https://taxonomy.nucc.org). */
  readonly taxonomy: string
  readonly specialty: readonly [code: string, display: string]
}

const STAFF = [
  {
    id: 'amara-osei',
    given: 'Amara',
    family: 'Osei',
    suffix: 'MD',
    gender: 'female',
    npi: '1000000103',
    clinics: ['juniper-wells', 'copper-ridge'],
    role: 'Psychiatrist',
    taxonomy: '2084P0800X',
    specialty: ['394587001', 'Psychiatry'],
  },
  {
    id: 'tomas-lindqvist',
    given: 'Tomas',
    family: 'Lindqvist',
    suffix: 'PsyD',
    gender: 'male',
    npi: '1000000111',
    clinics: ['juniper-wells'],
    role: 'Psychologist',
    taxonomy: '103TC0700X',
    specialty: ['394913002', 'Psychotherapy'],
  },
  {
    id: 'renee-tsosie',
    given: 'Renee',
    family: 'Tsosie',
    suffix: 'LCSW',
    gender: 'female',
    npi: '1000000129',
    clinics: ['juniper-wells'],
    role: 'Licensed clinical social worker',
    taxonomy: '1041C0700X',
    specialty: ['394913002', 'Psychotherapy'],
  },
  {
    id: 'marcus-bell',
    given: 'Marcus',
    family: 'Bell',
    suffix: 'LISAC',
    gender: 'male',
    npi: '1000000137',
    clinics: ['copper-ridge'],
    role: 'Addiction counselor',
    taxonomy: '101YA0400X',
    specialty: ['394913002', 'Psychotherapy'],
  },
  {
    id: 'ines-carvalho',
    given: 'Inês',
    family: 'Carvalho',
    suffix: 'RN',
    gender: 'female',
    npi: '1000000145',
    clinics: ['copper-ridge'],
    role: 'Registered nurse',
    taxonomy: '163WP0808X',
    specialty: ['394587001', 'Psychiatry'],
  },
] as const satisfies readonly Member[]

export type StaffId = (typeof STAFF)[number]['id']

/** `Amara Osei, MD` */
export function staffName(id: StaffId): string {
  const { given, family, suffix } = member(id)
  return `${given} ${family}, ${suffix}`
}

/** Someone as they work in one of the clinics. */
export function roleReference(id: StaffId, clinic: ClinicId) {
  return reference('PractitionerRole', `${id}-${clinic}`, staffName(id))
}

export function staffReference(id: StaffId) {
  return reference('Practitioner', id, staffName(id))
}

export function staffRole(id: StaffId): string {
  return member(id).role
}

/** Practitioners and their roles at the clinics. */
export function staff(): Entry[] {
  return STAFF.flatMap(
    ({ id, given, family, suffix, gender, npi, clinics, role, taxonomy, specialty }): Entry[] => [
      {
        resourceType: 'Practitioner',
        id,
        identifier: [{ system: SYSTEM.npi, value: npi }],
        active: true,
        name: [
          {
            use: 'official',
            text: `${given} ${family}, ${suffix}`,
            family,
            given: [given],
            suffix: [suffix],
          },
        ],
        telecom: [{ system: 'email', value: `${id.replace('-', '.')}@high-desert.example.org`, use: 'work' }],
        gender,
        qualification: [{ code: concept(suffix, coding(SYSTEM.nucc, taxonomy, role)) }],
      },
      ...clinics.map(
        (clinic): Entry => ({
          resourceType: 'PractitionerRole',
          id: `${id}-${clinic}`,
          active: true,
          practitioner: reference('Practitioner', id, `${given} ${family}, ${suffix}`),
          organization: reference('Organization', clinic, CLINIC_NAME[clinic]),
          code: [concept(role, coding(SYSTEM.nucc, taxonomy, role))],
          specialty: [concept(specialty[1], coding(SYSTEM.snomed, specialty[0], specialty[1]))],
          location: [reference('Location', `${clinic}-office`)],
          availableTime: [
            {
              daysOfWeek: ['mon', 'tue', 'wed', 'thu', 'fri'],
              availableStartTime: '08:00:00',
              availableEndTime: '17:00:00',
            },
          ],
        }),
      ),
    ],
  )
}

function member(id: StaffId): Member {
  const found = STAFF.find((it) => it.id === id)
  if (found === undefined) throw new Error(`no member of staff has the id ${id}`)
  return found
}
