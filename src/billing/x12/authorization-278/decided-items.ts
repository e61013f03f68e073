// What a payer decided of a service, as an item of a ClaimResponse.
import { setDecimalText, type JsonObject } from '../../../fhir/index.ts'
import { objectAt } from '../../elements.ts'
import { fhirMoney, writtenDecimal } from '../../money.ts'
import { BILLING_TERMS } from '../../rules/urls.ts'
import { SYSTEMS } from '../../systems.ts'
import { modifierConcept, serviceConcept } from '../claim-837/to-bundle.ts'
import { X12_CODES } from '../code-systems.ts'
import { deliveryText, type Delivery } from '../deliveries.ts'
import { traceIdentifier } from '../traces.ts'
import type { DecidedService, Decision } from './answer.ts'
import { PAS_EXTENSIONS } from './pas.ts'

const SUBMITTED = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/adjudication', code: 'submitted' }],
}
const AUTHORIZED_UNITS = { coding: [{ system: BILLING_TERMS, code: 'authorized-units' }] }

/** HCR01 of all that was asked, of what the payer tells, and of nothing. */
const CERTIFIED = 'A1'
const CHANGED: ReadonlySet<string> = new Set(['A2', 'A6'])
const REFUSED = 'A3'
const PENDED: ReadonlySet<string> = new Set(['A4', 'CT'])

/** Whether the payer has yet to decide, by itself or once it is called. */
export function isPended({ action }: Pick<Decision, 'action'>): boolean {
  return PENDED.has(action)
}

/** Whether all is certified that was asked for. */
export function isCertified({ action }: Pick<Decision, 'action'>): boolean {
  return action === CERTIFIED
}

/** Whether services may be given under its number. */
export function authorizes({ action }: Pick<Decision, 'action'>): boolean {
  return action === CERTIFIED || CHANGED.has(action)
}

/**
 * The action, then the units that are authorized: what the payer tells; where it tells none, all that `item` asked for when
 * it is certified, and 0 when refused. None without a decision.
 */
export function adjudicationsOf(
  decision: Decision | undefined,
  service: DecidedService | undefined,
  item: JsonObject | undefined,
): JsonObject[] {
  if (decision === undefined) return []
  const units = unitsOf(decision, service, item)
  const action: JsonObject = { extension: [reviewAction(decision)], category: SUBMITTED }
  if (units === undefined) return [action]
  const authorized: JsonObject = { category: AUTHORIZED_UNITS, value: Number(units) }
  setDecimalText(authorized, 'value', units)
  return [action, authorized]
}

function unitsOf(
  decision: Decision,
  service: DecidedService | undefined,
  item: JsonObject | undefined,
): string | undefined {
  if (decision.action === REFUSED) return '0'
  if (!authorizes(decision)) return undefined
  const told = service && quantityOf(service)?.value
  if (told !== undefined || decision.action !== CERTIFIED) return told
  const asked = objectAt(item, 'quantity')
  return asked?.value === undefined ? undefined : writtenDecimal(asked, 'value', 'Claim.item.quantity.value')
}

/** Of SV1 or SV2, else of HSD where that is a plain count. */
function quantityOf({ quantity, deliveries }: DecidedService): DecidedService['quantity'] {
  if (quantity !== undefined) return quantity
  const [plain] = deliveries.filter(isPlain)
  return plain && { unit: plain.qualifier ?? 'UN', value: plain.quantity ?? '' }
}

function isPlain({ quantity, each, during }: Delivery): boolean {
  return quantity !== undefined && each === undefined && during === undefined
}

/** Messages, and how often services may be given where that is no plain count. */
export function wordsOf({
  messages,
  deliveries,
}: {
  readonly messages: readonly string[]
  readonly deliveries: readonly Delivery[]
}): readonly string[] {
  const often = deliveries.filter((one) => !isPlain(one)).map(deliveryText)
  return [...messages, ...often].filter((text) => text.trim() !== '')
}

function reviewAction({ action, number, reasons, secondOpinion }: Decision): JsonObject {
  return {
    url: PAS_EXTENSIONS.reviewAction,
    extension: [
      {
        url: PAS_EXTENSIONS.reviewActionCode,
        valueCodeableConcept: { coding: [{ system: X12_CODES.action, code: action }] },
      },
      ...(number === undefined ? [] : [{ url: 'number', valueString: number }]),
      ...reasons.map((code) => ({
        url: 'reasonCode',
        valueCodeableConcept: { coding: [{ system: X12_CODES.decisionReason, code }] },
      })),
      ...(secondOpinion === undefined
        ? []
        : [{ url: 'secondSurgicalOpinionFlag', valueBoolean: secondOpinion }]),
    ],
  }
}

/** Of an item that was asked for: numbers, dates, and what is authorized, as the payer tells them. */
export function itemExtensions(service: DecidedService | undefined): { readonly extension?: JsonObject[] } {
  if (service === undefined) return {}
  const detail = detailParts(service)
  const all = [
    ...numbersAndDates(service),
    ...(detail.length === 0 ? [] : [{ url: PAS_EXTENSIONS.authorized, extension: detail }]),
  ]
  return all.length === 0 ? {} : { extension: all }
}

function numbersAndDates({ traces, issued, effective, previous, refused }: DecidedService): JsonObject[] {
  const told: (readonly [key: keyof typeof PAS_EXTENSIONS, value: JsonObject | undefined])[] = [
    ...traces.map(
      ({ number, origin }) =>
        [
          'traceNumber',
          { valueIdentifier: origin === undefined ? { value: number } : traceIdentifier({ number, origin }) },
        ] as const,
    ),
    ['issued', issued === undefined ? undefined : { valueDate: issued }],
    ['period', effective === undefined ? undefined : { valuePeriod: { ...effective } }],
    ['authorizationNumber', previous === undefined ? undefined : { valueString: previous }],
    ['referenceNumber', refused === undefined ? undefined : { valueString: refused }],
  ]
  return told.flatMap(([key, value]) => (value === undefined ? [] : [{ url: PAS_EXTENSIONS[key], ...value }]))
}

function detailParts(service: DecidedService): JsonObject[] {
  const { code, modifiers, revenue } = service
  const quantity = quantityOf(service)
  return [
    ...(code === undefined
      ? []
      : [{ url: 'productOrServiceCode', valueCodeableConcept: serviceConcept(code) }]),
    ...modifiers.map((one) => ({ url: 'modifier', valueCodeableConcept: modifierConcept(one) })),
    ...(quantity === undefined ? [] : [{ url: 'quantity', valueQuantity: quantityElement(quantity) }]),
    ...(revenue === undefined
      ? []
      : [
          {
            url: 'revenue',
            valueCodeableConcept: { coding: [{ system: SYSTEMS.revenue, code: revenue }] },
          },
        ]),
  ]
}

function quantityElement({ unit, value }: { readonly unit: string; readonly value: string }): JsonObject {
  const quantity: JsonObject = { value: Number(value), unit }
  setDecimalText(quantity, 'value', value)
  return quantity
}

/** A service that the payer decided on and that is none of the claim's items. */
export function addedItem(service: DecidedService, decision: Decision): JsonObject {
  const { code, modifiers, serviced, amount } = service
  const extension = numbersAndDates(service)
  const quantity = quantityOf(service)
  return {
    ...(extension.length === 0 ? {} : { extension }),
    productOrService: serviceConcept(code),
    ...(modifiers.length === 0 ? {} : { modifier: modifiers.map(modifierConcept) }),
    ...(serviced === undefined
      ? {}
      : serviced.start === serviced.end
        ? { servicedDate: serviced.start }
        : { servicedPeriod: { ...serviced } }),
    ...(quantity === undefined ? {} : { quantity: quantityElement(quantity) }),
    ...(amount === undefined ? {} : { net: fhirMoney(amount) }),
    adjudication: adjudicationsOf(decision, service, undefined),
  }
}
