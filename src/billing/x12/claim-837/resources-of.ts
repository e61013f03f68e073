// The people and organizations that an 837 names, as FHIR resources.
import type { JsonObject, Resource } from '../../../fhir/index.ts'
import { RELATIONSHIPS } from './claim-bundle.ts'
import { SYSTEMS } from '../../systems.ts'
import type { BillingProvider, ClaimContent, Party, Person, Provider } from './content.ts'

export function personResource(type: 'Patient' | 'RelatedPerson', id: string, person: Person): Resource {
  const { birthDate, sex } = person
  const gender = sex === 'F' ? 'female' : sex === 'M' ? 'male' : 'unknown'
  return {
    resourceType: type,
    id,
    ...(type === 'RelatedPerson' ? { patient: { reference: 'Patient/patient' } } : {}),
    name: [humanName(person)],
    ...(sex === undefined ? {} : { gender }),
    ...(birthDate === undefined ? {} : { birthDate }),
    ...addresses(person),
  }
}

/** A Practitioner or Organization, with NPI. */
export function providerResource(id: string, provider: Provider): Resource {
  const identifier = provider.id === undefined ? {} : { identifier: [npi(provider.id)] }
  const specialty = provider.taxonomy === undefined ? undefined : nucc(provider.taxonomy)
  if (!provider.person)
    return {
      resourceType: 'Organization',
      id,
      ...identifier,
      ...(specialty === undefined ? {} : { type: [specialty] }),
      name: provider.name,
      ...addresses(provider),
    }
  return {
    resourceType: 'Practitioner',
    id,
    ...identifier,
    name: [humanName(provider)],
    ...addresses(provider),
    ...(specialty === undefined ? {} : { qualification: [{ code: specialty }] }),
  }
}

export function billingProviderResource(provider: BillingProvider): Resource {
  const { qualifier, value } = provider.taxId
  const resource = providerResource('billing-provider', provider)
  const system = qualifier === 'EI' ? SYSTEMS.ein : SYSTEMS.ssn
  const known = provider.id === undefined ? [] : [npi(provider.id)]
  return { ...resource, identifier: [...known, { system, value }] }
}

export function payerResource(payer: Party): Resource {
  return {
    resourceType: 'Organization',
    id: 'payer',
    identifier: [
      { type: { coding: [{ system: SYSTEMS.payerId, code: 'payerid' }] }, value: payer.id as string },
    ],
    name: payer.name,
    ...addresses(payer),
  }
}

export function facilityResource(facility: Party): Resource {
  const [address] = addresses(facility).address ?? []
  return {
    resourceType: 'Location',
    id: 'facility',
    ...(facility.id === undefined ? {} : { identifier: [npi(facility.id)] }),
    name: facility.name,
    ...(address === undefined ? {} : { address }),
  }
}

export function coverageResource({ subscriber, dependent }: ClaimContent): Resource {
  const { groupNumber, groupName } = subscriber
  return {
    resourceType: 'Coverage',
    id: 'coverage',
    status: 'active',
    type: { coding: [{ system: SYSTEMS.filingIndicator, code: subscriber.filingIndicator }] },
    subscriber: {
      reference: dependent === undefined ? 'Patient/patient' : 'RelatedPerson/subscriber',
    },
    subscriberId: subscriber.id as string,
    beneficiary: { reference: 'Patient/patient' },
    relationship: { coding: [relationship(dependent?.relationship)] },
    payor: [{ reference: 'Organization/payer' }],
    ...(groupNumber === undefined && groupName === undefined
      ? {}
      : {
          class: [
            {
              type: { coding: [{ system: SYSTEMS.coverageClass, code: 'group' }] },
              ...(groupNumber === undefined ? {} : { value: groupNumber }),
              ...(groupName === undefined ? {} : { name: groupName }),
            },
          ],
        }),
  }
}

function relationship(code: string | undefined): JsonObject {
  if (code === undefined) return { system: SYSTEMS.relationship, code: 'self' }
  const known = Object.entries(RELATIONSHIPS).find(([, one]) => one === code)?.[0]
  return known === undefined
    ? { system: SYSTEMS.relationshipX12, code }
    : { system: SYSTEMS.relationship, code: known }
}

function humanName({ name, first, middle, suffix }: Party): JsonObject {
  const given = [first, middle].filter((one) => one !== undefined)
  return {
    family: name,
    ...(given.length === 0 ? {} : { given }),
    ...(suffix === undefined ? {} : { suffix: [suffix] }),
  }
}

function addresses({ address }: Party): { readonly address?: JsonObject[] } {
  if (address === undefined) return {}
  const { lines, city, state, postalCode, country } = address
  return {
    address: [
      {
        line: [...lines],
        city,
        ...(state === undefined ? {} : { state }),
        ...(postalCode === undefined ? {} : { postalCode }),
        ...(country === undefined ? {} : { country }),
      },
    ],
  }
}

function npi(value: string): JsonObject {
  return { system: SYSTEMS.npi, value }
}

function nucc(code: string): JsonObject {
  return { coding: [{ system: SYSTEMS.nucc, code }] }
}
