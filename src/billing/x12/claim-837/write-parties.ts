// Names, addresses and the levels above a claim, as 837 segments.
import type { WrittenSegment } from '../segments.ts'
import type { Address, ClaimContent, Party, Person } from './content.ts'

const compact = (date: string) => date.replaceAll('-', '')

/** NM1, and N3 and N4 when there is an address. `idQualifier` is told only with an id. */
export function partySegments(entity: string, party: Party, idQualifier: string): WrittenSegment[] {
  const id = party.id === undefined ? [] : [idQualifier, party.id]
  return [
    [
      'NM1',
      entity,
      party.person ? '1' : '2',
      party.name,
      party.first,
      party.middle,
      undefined,
      party.suffix,
      ...id,
    ],
    ...addressSegments(party.address),
  ]
}

function addressSegments(address: Address | undefined): WrittenSegment[] {
  if (address === undefined) return []
  return [
    ['N3', ...address.lines],
    ['N4', address.city, address.state, address.postalCode, address.country],
  ]
}

/** DMG, for a person whose birth date is told. */
export function demographics({ birthDate, sex }: Person): WrittenSegment[] {
  return birthDate === undefined ? [] : [['DMG', 'D8', compact(birthDate), sex]]
}

/** The billing provider, after its HL. */
export function billingProviderSegments({ billingProvider }: ClaimContent): WrittenSegment[] {
  const { taxonomy, taxId } = billingProvider
  return [
    ...(taxonomy === undefined ? [] : [['PRV', 'BI', 'PXC', taxonomy] as const]),
    ...partySegments('85', billingProvider, 'XX'),
    ['REF', taxId.qualifier, taxId.value],
  ]
}

/** The subscriber and the payer, after their HL. */
export function subscriberSegments({ subscriber, payer, dependent }: ClaimContent): WrittenSegment[] {
  return [
    [
      'SBR',
      subscriber.responsibility,
      dependent === undefined ? '18' : '',
      subscriber.groupNumber,
      subscriber.groupName,
      '',
      '',
      '',
      '',
      subscriber.filingIndicator,
    ],
    ...partySegments('IL', subscriber, 'MI'),
    ...demographics(subscriber),
    ...partySegments('PR', payer, 'PI'),
  ]
}

/** A patient who is not the subscriber, after the HL; none otherwise. */
export function dependentSegments({ dependent }: ClaimContent): WrittenSegment[] {
  if (dependent === undefined) return []
  return [
    ['PAT', dependent.relationship],
    ...partySegments('QC', dependent, 'MI'),
    ...demographics(dependent),
  ]
}
