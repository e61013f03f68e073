// Whether a provision of a Consent speaks of telling a payer of a visit to be paid for it.
import { isJsonObject, type JsonObject, type JsonValue, type Resource } from '../../fhir/index.ts'
import { hasCode, objectAt, objectsAt, textAt } from '../elements.ts'
import { isWithin } from './parties-of.ts'
import { localKeyOf } from './references.ts'

/** What would be told, to whom and when. */
export interface Disclosure {
  readonly baseUrl: string
  /** `YYYY-MM-DD`: the day on which it would be told. */
  readonly today: string
  /** First and last day of service. */
  readonly days: readonly [string, string]
  /** `Organization/id`, with its identifiers. */
  readonly payer: Resource
  /** `Type/id` of the visit and what it is part of. */
  readonly records: readonly string[]
  /** Labels that the record carries, as `system|code`. */
  readonly labels: ReadonlySet<string>
}

export type Effect = 'permit' | 'deny'

/** https://terminology.hl7.org/CodeSystem-v3-ActReason.html: payment. What is asked for narrower ends says nothing of claims. */
const PAYMENT = 'HPAYMT'
/** Classes of recipients that a payer is of, as v3-RoleClass has them. */
const PAYER_CLASSES = ['PAYOR', 'UNDWRT']
/** Who holds the record, and no recipient: v3-ParticipationType. */
const CUSTODIAN = 'CST'
const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
/** https://terminology.hl7.org/CodeSystem-consentaction.html */
const TELLING: Readonly<Record<Effect, readonly string[]>> = {
  permit: ['disclose', 'access'],
  deny: ['disclose', 'access', 'use'],
}
/** Types of resources by which a payer is told: a provision for others alone is about something else. */
const TOLD_IN: Readonly<Record<Effect, readonly string[]>> = {
  permit: ['Claim'],
  deny: ['Claim', 'Encounter', 'ExplanationOfBenefit', 'Coverage', 'Account'],
}

const KNOWN: ReadonlySet<string> = new Set([
  'id',
  'type',
  'period',
  'actor',
  'action',
  'securityLabel',
  'purpose',
  'class',
  'code',
  'dataPeriod',
  'data',
  'provision',
])

/**
 * What a provision, with the exceptions in it, says of the disclosure: the innermost that speaks of it, a denial before a
 * permission; undefined where it does not speak of it.
 * @param otherwise its effect where it states none
 * @param marks codes whose presence in `code` or `securityLabel` says what the provision is, and narrows nothing
 */
export function effectOf(
  provision: JsonObject,
  disclosure: Disclosure,
  otherwise: Effect | undefined,
  marks: readonly string[] = [],
): Effect | undefined {
  const { type } = provision
  const own = type === 'permit' || type === 'deny' ? type : otherwise
  if (own === undefined || !speaksOf(provision, own, disclosure, marks)) return undefined
  // An exception that names no records is about those that carry the label.
  const exceptions = objectsAt(provision, 'provision').map((one) =>
    effectOf(one, disclosure, 'deny', one['data'] === undefined ? [] : marks),
  )
  if (exceptions.includes('deny')) return 'deny'
  return exceptions.includes('permit') ? 'permit' : own
}

/** What is not understood never widens a permission, and never narrows a denial. */
function speaksOf(
  provision: JsonObject,
  effect: Effect,
  disclosure: Disclosure,
  marks: readonly string[],
): boolean {
  const { today, days, records, baseUrl } = disclosure
  if (!isWithin(objectAt(provision, 'period'), today)) return false
  const dataPeriod = objectAt(provision, 'dataPeriod')
  const inPeriod = days.map((day) => isWithin(dataPeriod, day))
  if (effect === 'permit' ? inPeriod.includes(false) : !inPeriod.includes(true)) return false
  const data = objectsAt(provision, 'data')
  if (
    data.length > 0 &&
    !data.some((one) => records.includes(localKeyOf(objectAt(one, 'reference'), baseUrl) ?? ''))
  )
    return false
  return (
    actorsFit(objectsAt(provision, 'actor'), disclosure) &&
    anyOf(objectsAt(provision, 'action'), (action) =>
      TELLING[effect].some((code) => hasCode(action, code)),
    ) &&
    anyOf(objectsAt(provision, 'purpose'), ({ code }) => code === PAYMENT) &&
    anyOf(objectsAt(provision, 'class'), ({ code }) => TOLD_IN[effect].some((type) => type === code)) &&
    anyOf(objectsAt(provision, 'securityLabel'), (label) => labelFits(label, effect, disclosure, marks)) &&
    anyOf(objectsAt(provision, 'code'), (concept) =>
      effect === 'deny' ? true : marks.some((mark) => hasCode(concept, mark)),
    ) &&
    (effect === 'deny' || Object.keys(provision).every(isUnderstood))
  )
}

function isUnderstood(key: string): boolean {
  return KNOWN.has(key) || key.startsWith('_')
}

function anyOf(list: readonly JsonObject[], fits: (one: JsonObject) => boolean): boolean {
  return list.length === 0 || list.some(fits)
}

function labelFits(
  label: JsonObject,
  effect: Effect,
  { labels }: Disclosure,
  marks: readonly string[],
): boolean {
  const [system, code] = [textAt(label, 'system') ?? '', textAt(label, 'code') ?? '']
  if (marks.includes(code) || labels.has(`${system}|${code}`)) return true
  // How confidential a record is, is a matter of more or less.
  return effect === 'deny' && system === CONFIDENTIALITY
}

/** No recipient is named, or the payer is, or those who pay. */
function actorsFit(actors: readonly JsonObject[], { payer, baseUrl }: Disclosure): boolean {
  const recipients = actors.filter((actor) => !hasCode(objectAt(actor, 'role'), CUSTODIAN))
  return anyOf(recipients, (actor) => {
    const reference = objectAt(actor, 'reference')
    const key = localKeyOf(reference, baseUrl)
    if (key !== undefined) return key === `Organization/${String(payer['id'])}`
    const identifier = objectAt(reference, 'identifier')
    if (identifier !== undefined) return objectsAt(payer, 'identifier').some((one) => isSame(one, identifier))
    return (
      textAt(reference, 'reference') === undefined &&
      PAYER_CLASSES.some((code) => hasCode(objectAt(actor, 'role'), code))
    )
  })
}

function isSame(one: JsonObject, other: JsonObject): boolean {
  return one['value'] !== undefined && one['value'] === other['value'] && one['system'] === other['system']
}

/** Whether a code stands anywhere in it. */
export function mentions(value: JsonValue | undefined, code: string): boolean {
  if (Array.isArray(value)) return value.some((one) => mentions(one, code))
  if (!isJsonObject(value)) return false
  return value['code'] === code || Object.values(value).some((one) => mentions(one, code))
}
