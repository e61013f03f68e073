// A patient event (loop 2000E) and its services (2000F) as 278 segments.
import { printShortest } from '../../money.ts'
import type { ClaimKind, Provider } from '../claim-837/content.ts'
import { partySegments } from '../claim-837/write-parties.ts'
import type { WrittenSegment } from '../segments.ts'
import { traceSegments } from '../traces.ts'
import { compactDate, dateSegment } from '../values.ts'
import {
  DELIVERY_UNITS,
  DIAGNOSIS_QUALIFIERS,
  SPECIALTIES,
  type AuthorizationRequest,
  type RequestedService,
  type Review,
  type ReviewRole,
} from './request.ts'

const given = (segment: WrittenSegment, value: string | undefined): WrittenSegment[] =>
  value === undefined ? [] : [segment]

/** After the HL of the event. */
export function eventSegments(request: AuthorizationRequest): WrittenSegment[] {
  const { review, previous, admission, discharge, diagnoses, admissionType, pointOfOrigin, facility } =
    request
  return [
    ...traceSegments(request.trace),
    reviewSegment(review, review.level),
    ...given(['REF', 'BB', previous], previous),
    ...dateSegment('AAH', request.event),
    ...given(['DTP', '435', 'D8', compactDate(admission ?? '')], admission),
    ...given(['DTP', '096', 'D8', compactDate(discharge ?? '')], discharge),
    ...(diagnoses.length === 0
      ? []
      : [
          [
            'HI',
            ...diagnoses.map(({ kind, code }) => [
              DIAGNOSIS_QUALIFIERS[kind as keyof typeof DIAGNOSIS_QUALIFIERS],
              code,
            ]),
          ] as const,
        ]),
    ...given(['CL1', admissionType, pointOfOrigin], admissionType ?? pointOfOrigin),
    ...request.attachments.map(
      ({ type, transmission, control }): WrittenSegment => [
        'PWK',
        type,
        transmission,
        '',
        '',
        control === undefined ? '' : 'AC',
        control,
      ],
    ),
    ...given(['MSG', request.message], request.message),
    ...request.providers.flatMap(({ role, provider }) => providerSegments(role, provider)),
    ...(facility === undefined ? [] : partySegments('FA', facility, 'XX')),
  ]
}

function reviewSegment(
  { category, certification, serviceType, place }: Review,
  level?: string,
): WrittenSegment {
  return [
    'UM',
    category,
    certification,
    serviceType,
    place === undefined ? '' : [place.code, place.kind],
    '',
    level,
  ]
}

function providerSegments(role: ReviewRole, provider: Provider): WrittenSegment[] {
  const { taxonomy } = provider
  const specialty: WrittenSegment[] =
    taxonomy === undefined ? [] : [['PRV', SPECIALTIES[role], 'PXC', taxonomy]]
  return [...partySegments(role, provider, 'XX'), ...specialty]
}

/** After the HL of the service. */
export function serviceSegments(service: RequestedService, kind: ClaimKind): WrittenSegment[] {
  const { review, previous, refused, quantity, provider } = service
  const delivered = quantity !== undefined && DELIVERY_UNITS.includes(quantity.unit)
  return [
    ...traceSegments(service.trace),
    ...(review === undefined ? [] : [reviewSegment(review)]),
    ...given(['REF', 'BB', previous], previous),
    ...given(['REF', 'NT', refused], refused),
    ...dateSegment('472', service.serviced),
    codeSegment(service, kind, delivered ? undefined : quantity),
    ...(delivered ? [['HSD', quantity.unit, quantity.value] as const] : []),
    ...(provider === undefined ? [] : providerSegments('SJ', provider)),
  ]
}

function codeSegment(
  { code, modifiers, charge, revenue, pointers }: RequestedService,
  kind: ClaimKind,
  quantity: RequestedService['quantity'],
): WrittenSegment {
  const service = code === undefined ? '' : ['HC', code, ...modifiers]
  const counted = [charge === undefined ? '' : printShortest(charge), quantity?.unit, quantity?.value]
  return kind === 'professional'
    ? ['SV1', service, ...counted, '', '', pointers.map(String)]
    : ['SV2', revenue, service, ...counted]
}
