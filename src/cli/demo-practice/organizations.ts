// The two clinics with their rooms and services, and the insurers that pay them.
import { PART_2_PROGRAM } from '../../access/index.ts'
import { coding, concept, hl7, reference, SYSTEM, type Entry } from './concepts.ts'

export type ClinicId = 'juniper-wells' | 'copper-ridge'
export type PayerId = 'saguaro-health-plan' | 'desert-mutual' | 'state-medicaid'

const CLINICS: readonly {
  id: ClinicId
  name: string
  npi: string
  ein: string
  taxonomy: readonly [code: string, display: string]
  /** Place of service. */
  place: readonly [code: string, display: string]
  street: string
  city: string
  zip: string
  phone: string
}[] = [
  {
    id: 'juniper-wells',
    name: 'Juniper Wells Counseling Center',
    npi: '1000000012',
    ein: '00-0000012',
    taxonomy: ['261QM0801X', 'Mental health clinic'],
    place: ['11', 'Office'],
    street: '14 Juniper Wells Road',
    city: 'Juniper Wells',
    zip: '85901',
    phone: '+1 928 555 0110',
  },
  {
    id: 'copper-ridge',
    name: 'Copper Ridge Recovery Clinic',
    npi: '1000000020',
    ein: '00-0000020',
    taxonomy: ['261QR0405X', 'Substance use rehabilitation clinic'],
    place: ['57', 'Non-residential Substance Abuse Treatment Facility'],
    street: '230 Smelter Street',
    city: 'Copper Ridge',
    zip: '85539',
    phone: '+1 928 555 0150',
  },
]

const PAYERS: readonly { id: PayerId; name: string; type: string; payerId: string }[] = [
  { id: 'saguaro-health-plan', name: 'Saguaro Health Plan', type: 'ins', payerId: '00SHP' },
  { id: 'desert-mutual', name: 'Desert Mutual Insurance', type: 'ins', payerId: '00DMI' },
  { id: 'state-medicaid', name: 'State Medicaid (made up)', type: 'pay', payerId: '00SMD' },
]

const SERVICES: readonly {
  id: string
  clinic: ClinicId
  name: string
  comment: string
  snomed?: readonly [code: string, display: string]
}[] = [
  {
    id: 'individual-therapy',
    clinic: 'juniper-wells',
    name: 'Individual therapy',
    comment: 'In the office and by video.',
    snomed: ['75516001', 'Psychotherapy'],
  },
  {
    id: 'group-therapy',
    clinic: 'juniper-wells',
    name: 'Coping skills group',
    comment: 'Tuesdays, up to eight people.',
    snomed: ['76168009', 'Group psychotherapy'],
  },
  {
    id: 'medication-management',
    clinic: 'juniper-wells',
    name: 'Medication management',
    comment: 'Psychiatric evaluation and follow-up.',
    snomed: ['182836005', 'Review of medication'],
  },
  {
    id: 'opioid-treatment',
    clinic: 'copper-ridge',
    name: 'Medication for opioid use disorder',
    comment: 'Buprenorphine, with counseling; a 42 CFR Part 2 program.',
  },
  {
    id: 'recovery-group',
    clinic: 'copper-ridge',
    name: 'Early recovery group',
    comment: 'Thursdays, up to ten people.',
    snomed: ['76168009', 'Group psychotherapy'],
  },
]

export const CLINIC_NAME: Readonly<Record<ClinicId, string>> = {
  'juniper-wells': 'Juniper Wells Counseling Center',
  'copper-ridge': 'Copper Ridge Recovery Clinic',
}

/** Organizations, locations and services, each before what refers to it. */
export function organizations(): Entry[] {
  const practice: Entry = {
    resourceType: 'Organization',
    id: 'high-desert-behavioral-health',
    identifier: [{ system: SYSTEM.npi, value: '1000000004' }],
    active: true,
    type: [hl7('organization-type', 'prov', 'Healthcare Provider')],
    name: 'High Desert Behavioral Health',
    telecom: [
      { system: 'phone', value: '+1 928 555 0100', use: 'work' },
      { system: 'url', value: 'https://high-desert.example.org' },
    ],
  }
  const clinics = CLINICS.flatMap(
    ({ id, name, npi, ein, taxonomy, place, street, city, zip, phone }): Entry[] => {
      const address = { use: 'work', line: [street], city, state: 'AZ', postalCode: zip, country: 'US' }
      return [
        {
          resourceType: 'Organization',
          id,
          identifier: [
            { system: SYSTEM.npi, value: npi },
            { system: SYSTEM.ein, value: ein },
          ],
          active: true,
          type: [
            hl7('organization-type', 'prov', 'Healthcare Provider'),
            concept(taxonomy[1], coding(SYSTEM.nucc, ...taxonomy)),
          ],
          name,
          telecom: [{ system: 'phone', value: phone, use: 'work' }],
          address: [address],
          partOf: reference('Organization', practice.id, 'High Desert Behavioral Health'),
          // From here on the server knows that what is recorded there is under 42 CFR Part 2.
          ...(id === 'copper-ridge' ? { extension: [{ url: PART_2_PROGRAM, valueBoolean: true }] } : {}),
        },
        {
          resourceType: 'Location',
          id: `${id}-office`,
          status: 'active',
          name: `${name}, main building`,
          mode: 'instance',
          type: [
            hl7('v3-RoleCode', 'PSYCHF', 'Psychiatric Care Facility'),
            concept(place[1], coding(SYSTEM.place, ...place)),
          ],
          telecom: [{ system: 'phone', value: phone, use: 'work' }],
          address,
          managingOrganization: reference('Organization', id, name),
        },
        {
          resourceType: 'Location',
          id: `${id}-group-room`,
          status: 'active',
          name: 'Group room',
          mode: 'instance',
          physicalType: hl7('location-physical-type', 'ro', 'Room'),
          managingOrganization: reference('Organization', id, name),
          partOf: reference('Location', `${id}-office`),
        },
      ]
    },
  )
  const video: Entry = {
    resourceType: 'Location',
    id: 'video-room',
    status: 'active',
    name: 'Video visits',
    description:
      'Where a telehealth encounter takes place: the patient is at home, the clinician in the office.',
    mode: 'instance',
    type: [hl7('v3-RoleCode', 'PTRES', "Patient's Residence")],
    physicalType: hl7('location-physical-type', 'vi', 'Virtual'),
    managingOrganization: reference('Organization', practice.id),
  }
  const services = SERVICES.map(
    ({ id, clinic, name, comment, snomed }): Entry => ({
      resourceType: 'HealthcareService',
      id,
      active: true,
      providedBy: reference('Organization', clinic, CLINIC_NAME[clinic]),
      category: [
        concept(
          'Mental health',
          coding('http://terminology.hl7.org/CodeSystem/service-category', '22', 'Mental Health'),
        ),
      ],
      type: [concept(name, ...(snomed === undefined ? [] : [coding(SYSTEM.snomed, ...snomed)]))],
      location: [reference('Location', `${clinic}-office`)],
      name,
      comment,
      appointmentRequired: true,
    }),
  )
  const payers = PAYERS.map(
    ({ id, name, type, payerId }): Entry => ({
      resourceType: 'Organization',
      id,
      identifier: [
        {
          type: concept(
            'Payer id',
            coding('http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBIdentifierType', 'payerid'),
          ),
          value: payerId,
        },
      ],
      active: true,
      type: [hl7('organization-type', type, type === 'ins' ? 'Insurance Company' : 'Payer')],
      name,
    }),
  )
  return [practice, ...clinics, video, ...services, ...payers]
}
