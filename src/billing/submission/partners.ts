// Who sends claims and to whom, as the envelope and the head of an 837 name them.
import { collectFaults, extensionPartsOf, extensionsOf, type Issue, type Resource } from '../../fhir/index.ts'
import { hasCode, objectAt, objectsAt, textAt, textsAt } from '../elements.ts'
import type { BillingSettings, TradingPartnerId } from '../parts.ts'
import { x12Text, type ClaimSetHeader } from '../x12/index.ts'

/** Extension of a payer's Organization, of parts `qualifier`, `id` and `name`: to whom its claims go. */
export const X12_RECEIVER = 'https://alcove.health/fhir/StructureDefinition/x12-receiver'

export interface Receiver {
  readonly partner: TradingPartnerId
  readonly name: string
}

const PARTS = { qualifier: 'code', id: 'string', name: 'string' } as const

/** Whom the payer names, else the one of the settings, of whom no name is known but the id. */
export function receiverOf(
  payer: Resource,
  { receiver }: Pick<BillingSettings, 'receiver'>,
): { readonly receiver: Receiver; readonly issues: readonly Issue[] } {
  const usual = { partner: receiver, name: receiver.id }
  const [own] = extensionsOf(payer, payer.resourceType, X12_RECEIVER)
  if (own === undefined) return { receiver: usual, issues: [] }
  const faults = collectFaults()
  const parts = extensionPartsOf(own, PARTS, faults)
  const [qualifier, id, name] = [parts.one('qualifier'), parts.one('id'), parts.one('name')]
  if (!/^[A-Z0-9]{2}$/.test(qualifier?.value ?? ''))
    faults.add(own.element, 'it needs a qualifier of two characters, such as ZZ or 30')
  if (!/^[A-Z0-9][A-Z0-9-]{0,14}$/.test(id?.value ?? ''))
    faults.add(own.element, 'it needs an id of 1 to 15 capital letters, digits and hyphens')
  if (faults.issues.length > 0) return { receiver: usual, issues: faults.issues }
  const partner = { qualifier: String(qualifier?.value), id: String(id?.value) }
  return {
    receiver: { partner, name: x12Text(name?.value ?? textAt(payer, 'name') ?? partner.id, 60, own.element) },
    issues: [],
  }
}

/**
 * Whom a receiver calls when a file cannot be read: the contact of the biller that is for bills, else any, else the
 * biller itself.
 */
export function submitterOf(
  biller: Resource,
  { sender }: Pick<BillingSettings, 'sender'>,
): { readonly submitter: ClaimSetHeader['submitter']; readonly issues: readonly Issue[] } {
  const type = biller.resourceType
  const contacts = objectsAt(biller, 'contact')
  const contact = contacts.find((one) => hasCode(objectAt(one, 'purpose'), 'BILL')) ?? contacts[0]
  const name = nameOf(biller) ?? sender.id
  const telephone = telephoneOf(contact) ?? telephoneOf(biller)
  const at = `${type}.telecom`
  return {
    submitter: {
      name: x12Text(name, 60, `${type}.name`),
      id: sender.id,
      contact: x12Text(personName(objectAt(contact, 'name')) ?? name, 60, `${type}.contact.name`),
      telephone: telephone ?? '',
    },
    issues:
      telephone !== undefined
        ? []
        : [
            {
              severity: 'error',
              code: 'required',
              diagnostics: `${at} must have a phone number of ten digits at which the receiver of a file can ask.`,
              expression: at,
            },
          ],
  }
}

function nameOf(biller: Resource): string | undefined {
  return textAt(biller, 'name') ?? personName(objectsAt(biller, 'name')[0])
}

function personName(name: ReturnType<typeof objectAt>): string | undefined {
  const parts = [...textsAt(name, 'given'), textAt(name, 'family')].filter((one) => one !== undefined)
  return textAt(name, 'text') ?? (parts.length === 0 ? undefined : parts.join(' '))
}

/** Ten digits, as X12 has a telephone number; what is dialled behind them is left out. */
function telephoneOf(holder: ReturnType<typeof objectAt>): string | undefined {
  for (const telecom of objectsAt(holder, 'telecom')) {
    if (telecom['system'] !== 'phone' || telecom['use'] === 'old') continue
    const digits = (textAt(telecom, 'value') ?? '').replace(/(x|ext).*$/i, '').replace(/\D/g, '')
    const national = digits.length === 11 && digits.startsWith('1') ? digits.slice(1) : digits
    if (national.length === 10) return national
  }
  return undefined
}
