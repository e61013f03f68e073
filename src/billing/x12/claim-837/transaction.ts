// A transaction set 837: who submits it to whom, and its claims, each under its billing provider and subscriber.
import { FhirError } from '../../../fhir/index.ts'
import type { TransactionSet, WrittenSet } from '../envelope.ts'
import { SetReader } from '../loops.ts'
import type { WrittenSegment } from '../segments.ts'
import { clockTime, readDate } from '../values.ts'
import { GUIDES, type ClaimContent, type ClaimKind } from './content.ts'
import { readLevels } from './read-levels.ts'
import { claimSegments } from './write-claim.ts'
import { billingProviderSegments, dependentSegments, subscriberSegments } from './write-parties.ts'

/** BHT, submitter and receiver of a set. */
export interface ClaimSetHeader {
  /** BHT02: `00` original, `18` sent again. */
  readonly purpose: '00' | '18'
  /** BHT03, of this set alone. */
  readonly reference: string
  /** `YYYY-MM-DD` and `hh:mm`. */
  readonly date: string
  readonly time: string
  /** BHT06: `CH` to be paid, `RP` to be told of only, `31` subrogation. */
  readonly use: 'CH' | 'RP' | '31'
  readonly submitter: {
    readonly name: string
    readonly id: string
    readonly contact: string
    readonly telephone: string
  }
  readonly receiver: { readonly name: string; readonly id: string }
}

export interface ClaimSet {
  readonly header: ClaimSetHeader
  readonly kind: ClaimKind
  readonly claims: readonly ClaimContent[]
}

/** Claims that a set may hold. */
const MOST_CLAIMS = 5000

/** The set to put into an envelope's group. 422 without claims, with too many, or with those of another kind. */
export function writeClaimSet(controlNumber: number, { header, kind, claims }: ClaimSet): WrittenSet {
  if (claims.length === 0 || claims.length > MOST_CLAIMS)
    throw new FhirError('business-rule', `A transaction set 837 holds 1 to ${MOST_CLAIMS} claims.`)
  if (claims.some((claim) => claim.kind !== kind))
    throw new FhirError('business-rule', 'Professional and institutional claims need sets of their own.')
  const { submitter, receiver } = header
  const [date, time] = [header.date.replaceAll('-', ''), header.time.replace(':', '')]
  const segments: WrittenSegment[] = [
    ['BHT', '0019', header.purpose, header.reference, date, time, header.use],
    ['NM1', '41', '2', submitter.name, '', '', '', '', '46', submitter.id],
    ['PER', 'IC', submitter.contact, 'TE', submitter.telephone],
    ['NM1', '40', '2', receiver.name, '', '', '', '', '46', receiver.id],
    ...levelSegments(claims),
  ]
  return { id: '837', controlNumber, segments }
}

/** Claims that follow each other share the levels above them that are alike. */
function* levelSegments(claims: readonly ClaimContent[]): Generator<WrittenSegment> {
  let number = 0
  let [provider, subscriber, dependent] = ['', '', '']
  let [providerNumber, subscriberNumber] = [0, 0]
  for (const claim of claims) {
    const levels = [billingProviderSegments, subscriberSegments, dependentSegments] as const
    const [ofProvider, ofSubscriber, ofDependent] = levels.map((level) => level(claim)) as [
      WrittenSegment[],
      WrittenSegment[],
      WrittenSegment[],
    ]
    const [forProvider, forSubscriber, forDependent] = [ofProvider, ofSubscriber, ofDependent].map((one) =>
      JSON.stringify(one),
    ) as [string, string, string]
    if (forProvider !== provider) {
      providerNumber = ++number
      yield ['HL', String(providerNumber), '', '20', '1']
      yield* ofProvider
      subscriber = ''
    }
    if (forSubscriber !== subscriber) {
      subscriberNumber = ++number
      const below = claim.dependent === undefined ? '0' : '1'
      yield ['HL', String(subscriberNumber), String(providerNumber), '22', below]
      yield* ofSubscriber
      dependent = ''
    }
    if (claim.dependent !== undefined && forDependent !== dependent) {
      number += 1
      yield ['HL', String(number), String(subscriberNumber), '23', '0']
      yield* ofDependent
    }
    ;[provider, subscriber, dependent] = [forProvider, forSubscriber, forDependent]
    yield* claimSegments(claim)
  }
}

/**
 * The claims of a set that was read. 400, naming the segment and element, for what the guides or `writeClaimSet` do
 * not have: nothing that a set tells is left out in silence.
 */
export function readClaimSet(set: TransactionSet): ClaimSet {
  const kind = kindOf(set)
  const reader = new SetReader(set)
  const header = readHeader(reader)
  const claims = readLevels(reader, kind)
  reader.end()
  return { header, kind, claims }
}

function kindOf(set: TransactionSet): ClaimKind {
  if (set.id !== '837') throw set.start.fault(1, undefined, 'must be 837')
  if (set.version.startsWith('005010X222')) return 'professional'
  if (set.version.startsWith('005010X223')) return 'institutional'
  throw set.start.fault(3, undefined, `must be ${GUIDES.professional} or ${GUIDES.institutional}`)
}

function readHeader(reader: SetReader): ClaimSetHeader {
  const bht = reader.need('BHT')
  bht.oneOf(1, ['0019'])
  const from = reader.need('NM1', ['41'])
  from.oneOf(8, ['46'])
  const contact = reader.need('PER', ['IC'])
  contact.oneOf(3, ['TE'])
  const to = reader.need('NM1', ['40'])
  to.oneOf(8, ['46'])
  return {
    purpose: bht.oneOf(2, ['00', '18']),
    reference: bht.need(3),
    date: readDate(bht, 4),
    time: clockTime(bht, 5, bht.need(5).slice(0, 4)),
    use: bht.oneOf(6, ['CH', 'RP', '31']),
    submitter: {
      name: from.need(3),
      id: from.need(9),
      contact: contact.need(2),
      telephone: contact.need(4),
    },
    receiver: { name: to.need(3), id: to.need(9) },
  }
}
