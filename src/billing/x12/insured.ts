// Who is insured, with whom: the payer, subscriber and dependent of an inquiry or request, to and from FHIR's resources.
import type { JsonObject, Resource } from '../../fhir/index.ts'
import { SYSTEMS } from '../systems.ts'
import type { Party, Person } from './claim-837/content.ts'
import { codeIn, hasCode, identifierIn, identifierOfType, objectAt, objectsAt, textAt } from '../elements.ts'
import { partyOf, personOf } from './claim-837/parties-of.ts'
import { noMoreThan, optional, readDemographics, readParty, readPerson } from './claim-837/read-parties.ts'
import { payerResource, personResource } from './claim-837/resources-of.ts'
import { demographics, partySegments } from './claim-837/write-parties.ts'
import { x12Code } from './characters.ts'
import { required } from './fault.ts'
import type { SetReader } from './loops.ts'
import type { WrittenSegment } from './segments.ts'

/** The subscriber; the id is the plan's member number. */
export interface Insured extends Person {
  readonly id: string
  readonly groupNumber?: string
}

/** A patient who is not the subscriber. */
export interface DependentOf extends Person {
  /** INS02. */
  readonly relationship: string
}

export interface InsuredResources {
  readonly patient: Resource
  readonly coverage: Resource
  /** Patient or RelatedPerson; absent when the patient is the subscriber. */
  readonly subscriber?: Resource
  /** Organization. */
  readonly payer: Resource
}

/** Coverage.relationship as a set's INS02 has it, and the code for all others. */
export interface Relationships {
  readonly codes: Readonly<Record<string, string>>
  readonly other: string
  /** Whether any other code of X12's own list may stand as well. */
  readonly own: boolean
}

/** By payer id or NAIC number; 422 when there is neither. */
export function payerOf(resource: Resource): Party {
  const id = identifierOfType(resource, 'payerid') ?? identifierIn(resource, SYSTEMS.naic)
  const at = 'Organization.identifier'
  return { ...partyOf(resource, false), id: x12Code(required(id, at, 'must have a payer id'), 80, at, 2) }
}

/** Subscriber and, when that is not the patient, the patient as dependent. No address is told. */
export function insuredOf(
  { patient, coverage, subscriber }: InsuredResources,
  relationships: Relationships,
): { readonly subscriber: Insured; readonly dependent?: DependentOf } {
  const relationship = objectAt(coverage, 'relationship')
  const self = hasCode(relationship, 'self')
  const person = personOf(self ? patient : required(subscriber, 'Coverage.subscriber', 'is required'), false)
  const member = textAt(coverage, 'subscriberId') ?? identifierOfType(coverage, 'MB')
  const group = objectsAt(coverage, 'class').find((one) => hasCode(objectAt(one, 'type'), 'group'))
  const number = textAt(group, 'value')
  const at = 'Coverage.subscriberId'
  const told: Insured = {
    ...person,
    id: x12Code(required(member, at, 'is required'), 80, at, 2),
    ...(number === undefined ? {} : { groupNumber: x12Code(number, 50, 'Coverage.class.value') }),
  }
  if (self) return { subscriber: told }
  return {
    subscriber: told,
    dependent: { ...personOf(patient, false), relationship: relationshipOf(relationship, relationships) },
  }
}

function relationshipOf(concept: JsonObject | undefined, { codes, other, own }: Relationships): string {
  const at = 'Coverage.relationship'
  const told = codeIn(concept, SYSTEMS.relationshipX12)
  const known = codeIn(concept, SYSTEMS.relationship)
  const code = required(told ?? known, at, 'is required')
  if (told !== undefined && (own || Object.values(codes).includes(told))) return x12Code(told, 2, at)
  return codes[code] ?? other
}

export function subscriberSegments(subscriber: Insured): WrittenSegment[] {
  const { groupNumber } = subscriber
  return [
    ...partySegments('IL', subscriber, 'MI'),
    ...(groupNumber === undefined ? [] : [['REF', '6P', groupNumber] as const]),
    ...demographics(subscriber),
  ]
}

/** `entity` is NM101. */
export function dependentSegments(entity: string, dependent: DependentOf): WrittenSegment[] {
  return [
    ...partySegments(entity, dependent, ''),
    ...demographics(dependent),
    ['INS', 'N', dependent.relationship],
  ]
}

export function readSubscriber(reader: SetReader): Insured {
  const { id = '', ...party } = readParty(reader, 'IL', { idQualifier: 'MI', idNeeded: true })
  const group = reader.take('REF', ['6P'])
  if (group !== undefined) noMoreThan(group, 2)
  return { ...party, id, ...optional('groupNumber', group?.need(2) ?? ''), ...readDemographics(reader) }
}

export function readDependent(reader: SetReader, entity: string): DependentOf {
  const person = readPerson(reader, entity, {})
  const relationship = reader.need('INS', ['N'])
  noMoreThan(relationship, 2)
  return { ...person, relationship: relationship.need(2) }
}

/** Resources of which `payerOf` and `insuredOf` tell the same again. */
export function insuredResources(
  told: { readonly payer: Party; readonly subscriber: Insured; readonly dependent?: DependentOf },
  { codes, other }: Relationships,
): InsuredResources {
  const { payer, subscriber, dependent } = told
  const { groupNumber } = subscriber
  const known = Object.entries(codes).find(([, one]) => one === dependent?.relationship)?.[0]
  const relationship =
    dependent === undefined
      ? { system: SYSTEMS.relationship, code: 'self' }
      : known !== undefined || dependent.relationship === other
        ? { system: SYSTEMS.relationship, code: known ?? 'other' }
        : { system: SYSTEMS.relationshipX12, code: dependent.relationship }
  return {
    patient: personResource('Patient', 'patient', dependent ?? subscriber),
    ...(dependent === undefined
      ? {}
      : { subscriber: personResource('RelatedPerson', 'subscriber', subscriber) }),
    payer: payerResource(payer),
    coverage: {
      resourceType: 'Coverage',
      id: 'coverage',
      status: 'active',
      subscriber: { reference: dependent === undefined ? 'Patient/patient' : 'RelatedPerson/subscriber' },
      subscriberId: subscriber.id,
      beneficiary: { reference: 'Patient/patient' },
      relationship: { coding: [relationship] },
      payor: [{ reference: 'Organization/payer' }],
      ...(groupNumber === undefined
        ? {}
        : {
            class: [
              {
                type: { coding: [{ system: SYSTEMS.coverageClass, code: 'group' }] },
                value: groupNumber,
              },
            ],
          }),
    },
  }
}
