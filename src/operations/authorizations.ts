// Patient/$authorizations: what payers authorized, how much of it is used, and how much is left.
import {
  authorizationsOf,
  isOnDay,
  shareUsed,
  type Authorization,
  type AuthorizedService,
} from '../billing/index.ts'
import { FhirError, isDate, parseReference } from '../fhir/index.ts'
import { group, parameters, text, type Parameter } from './answer-parameters.ts'
import { callerView } from './caller-view.ts'
import { BY_ANY_METHOD, type Operation, type OperationAnswer, type OperationCall } from './operation.ts'
import { refused, refuseOthers, single } from './parameters.ts'

export const PATIENT_AUTHORIZATIONS: Operation = {
  name: 'authorizations',
  type: 'Patient',
  levels: { instance: BY_ANY_METHOD },
  takesResource: [],
  affectsState: false,
  answers: 'Parameters',
  definition: 'https://alcove.health/fhir/OperationDefinition/authorizations',
  summary:
    'What payers authorized for a patient: number, payer, dates, and of each service the units that are approved, used by claims, and left; and what they have not decided yet.',
  parameters: [
    { name: 'payer', documentation: 'Only of this payer: Organization/[id], or its id.' },
    { name: 'date', documentation: 'Only those whose dates cover this day, such as 2026-03-02.' },
  ],
  run: authorizations,
}

async function authorizations(call: OperationCall): Promise<OperationAnswer> {
  const { repository, billing, id, pairs, handling } = call
  if (billing === undefined) throw new FhirError('not-implemented', 'This server does not bill.')
  const own = refuseOthers(pairs, ['payer', 'date'], handling)
  const payer = readPayer(single(own, 'payer'), billing.baseUrl)
  const date = readDay(single(own, 'date'))
  await repository.read('Patient', id)
  const all = await authorizationsOf(callerView(repository), id, billing.baseUrl)
  const wanted = all.filter(
    (one) =>
      (payer === undefined || one.payer === payer) && (date === undefined || isOnDay(one.period, date)),
  )
  const subject: Parameter = { name: 'subject', valueReference: { reference: `Patient/${id}` } }
  return { kind: 'resource', resource: parameters([subject, ...wanted.map(authorizationGroup)]) }
}

/** `Organization/[id]`. */
function readPayer(value: string | undefined, baseUrl: string): string | undefined {
  if (value === undefined) return undefined
  const parsed = parseReference(value.includes('/') ? value : `Organization/${value}`, baseUrl)
  if (parsed.kind === 'local' && parsed.type === 'Organization') return `Organization/${parsed.id}`
  throw refused('payer', 'it must be the id of an Organization, or a reference to one.')
}

function readDay(value: string | undefined): string | undefined {
  if (value === undefined || (isDate(value) && value.length === 'YYYY-MM-DD'.length)) return value
  throw refused('date', 'it must be a day, such as 2026-03-02.')
}

function authorizationGroup(authorization: Authorization): Parameter {
  const { number, decided, reference, request, payer, period, services } = authorization
  return group('authorization', [
    ...text('number', 'String', number),
    { name: 'decided', valueBoolean: decided },
    ...referenceTo('payer', payer),
    ...referenceTo('response', reference),
    ...referenceTo('request', request),
    ...(Object.keys(period).length === 0 ? [] : [{ name: 'period', valuePeriod: { ...period } }]),
    ...services.map(serviceGroup),
  ])
}

function serviceGroup(service: AuthorizedService): Parameter {
  const { codings, approved, used, left } = service
  const share = shareUsed(service)
  return group('service', [
    ...codings.map((one): Parameter => ({ name: 'code', valueCoding: { ...one } })),
    ...decimal('approved', approved),
    ...decimal('used', used),
    ...decimal('left', left),
    ...decimal('share', share === undefined ? undefined : Math.round(share * 10_000) / 10_000),
  ])
}

function referenceTo(name: string, key: string | undefined): readonly Parameter[] {
  return key === undefined ? [] : [{ name, valueReference: { reference: key } }]
}

function decimal(name: string, value: number | undefined): readonly Parameter[] {
  return value === undefined ? [] : [{ name, valueDecimal: value }]
}
