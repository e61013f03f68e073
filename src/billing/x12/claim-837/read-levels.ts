// The levels of an 837, read: billing providers, their subscribers, their dependents, and the claims of each.
import { Levels } from '../levels.ts'
import type { SetReader } from '../loops.ts'
import type { BillingProvider, ClaimContent, ClaimKind, Dependent, Party, Subscriber } from './content.ts'
import { readClaim } from './read-claim.ts'
import { noMoreThan, nothingAt, optional, readParty, readPerson } from './read-parties.ts'

/** All claims, each with what stands above it. */
export function readLevels(reader: SetReader, kind: ClaimKind): readonly ClaimContent[] {
  const claims: ClaimContent[] = []
  const levels = new Levels(reader)
  while (reader.peek('HL') !== undefined) {
    const provider = levels.take('20', undefined)
    const billingProvider = readBillingProvider(reader, kind)
    while (levels.comes('22')) {
      const subscriberLevel = levels.take('22', provider)
      const { subscriber, self } = readSubscriber(reader)
      const payer: Party = readParty(reader, 'PR', { idQualifier: 'PI', idNeeded: true, address: true })
      const above = { kind, billingProvider, subscriber, payer }
      if (self) claims.push(...readClaims(reader, above))
      else
        while (levels.comes('23')) {
          levels.take('23', subscriberLevel)
          claims.push(...readClaims(reader, { ...above, dependent: readDependent(reader) }))
        }
    }
  }
  if (claims.length === 0) throw reader.unexpected('HL and a claim')
  return claims
}

type Above = Pick<ClaimContent, 'kind' | 'billingProvider' | 'subscriber' | 'payer' | 'dependent'>

function readClaims(reader: SetReader, above: Above): ClaimContent[] {
  const claims = [readClaim(reader, above)]
  while (reader.peek('CLM') !== undefined) claims.push(readClaim(reader, above))
  return claims
}

function readBillingProvider(reader: SetReader, kind: ClaimKind): BillingProvider {
  const qualifiers = kind === 'professional' ? (['EI', 'SY'] as const) : (['EI'] as const)
  const specialty = reader.take('PRV', ['BI'])
  specialty?.oneOf(2, ['PXC'])
  const party = readParty(reader, '85', { idQualifier: 'XX', address: true })
  const tax = reader.need('REF', qualifiers)
  noMoreThan(tax, 2)
  return {
    ...party,
    ...(specialty === undefined ? {} : { taxonomy: specialty.need(3) }),
    taxId: { qualifier: tax.oneOf(1, qualifiers), value: tax.need(2) },
  }
}

function readSubscriber(reader: SetReader): { readonly subscriber: Subscriber; readonly self: boolean } {
  const insured = reader.need('SBR')
  noMoreThan(insured, 9)
  nothingAt(insured, 5, 6, 7, 8)
  const responsibility = insured.oneOf(1, ['P', 'S', 'T', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'])
  const self = insured.at(2) !== ''
  if (self) insured.oneOf(2, ['18'])
  const person = readPerson(reader, 'IL', { idQualifier: 'MI', idNeeded: true, address: true })
  return {
    subscriber: {
      ...person,
      responsibility,
      ...optional('groupNumber', insured.at(3)),
      ...optional('groupName', insured.at(4)),
      filingIndicator: insured.need(9),
    },
    self,
  }
}

function readDependent(reader: SetReader): Dependent {
  const patient = reader.need('PAT')
  noMoreThan(patient, 1)
  return { ...readPerson(reader, 'QC', { address: true }), relationship: patient.need(1) }
}
