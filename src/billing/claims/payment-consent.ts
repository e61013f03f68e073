// Whether the patient lets a payer be told of a visit: 42 CFR 2.31 and 2.33, and restrictions of who pays in full
// (45 CFR 164.522(a)(1)(vi)).
import {
  formatInstant,
  type Issue,
  type JsonObject,
  parseDateRange,
  type Resource,
} from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import { and, localReferenceMatch, searchQuery } from '../../store/index.ts'
import { hasCode, objectAt, objectsAt, textAt } from '../elements.ts'
import { type Disclosure, type Effect, effectOf, mentions } from './disclosure.ts'
import { problem } from './problems.ts'
import { keyOfResource, localKeyOf } from './references.ts'

const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
const PART_2 = '42CFRPart2'
const PART_2_CONSENT = '42CFRPart2CD'
const SELF_PAY = 'HIPAASelfPay'
const MOST_CONSENTS = 1000

export interface ConsentAsked {
  /** `Patient/id`. */
  readonly patient: string
  readonly encounter: Resource
  readonly payer: Resource
  /** First and last day of service. */
  readonly days: readonly [string, string]
  /** Labels of the visit and of all that it is billed by. */
  readonly labels: readonly JsonObject[]
  readonly baseUrl: string
  /** Milliseconds since 1970: when it would be told. */
  readonly now: number
}

/** What stands against telling the payer; nothing where nothing does. A consent must be in force when it is told. */
export async function consentRefusals(view: WorldView, asked: ConsentAsked): Promise<readonly Issue[]> {
  const where = and([localReferenceMatch('patient', ['Patient'], asked.patient.slice('Patient/'.length))])
  const consents = (await view.every(searchQuery({ type: 'Consent', where }), MOST_CONSENTS))
    .map(({ resource }) => resource)
    .filter(({ status }) => status === 'active')
  const disclosure = disclosureOf(asked)
  const carries = (code: string) => disclosure.labels.has(`${ACT_CODE}|${code}`)
  const refusals: Issue[] = []
  if (carries(SELF_PAY) || consents.some((consent) => restricts(consent, disclosure)))
    refusals.push(
      problem(
        'self-pay',
        'Consent.provision',
        'The patient pays in full, and has restricted what the payer is told.',
      ),
    )
  if (carries(PART_2) && !permits(consents, disclosure))
    refusals.push(
      problem(
        'consent-missing',
        'Consent.provision',
        'The record is under 42 CFR Part 2, and no consent for payment is on file that is in force today.',
      ),
    )
  return refusals
}

function disclosureOf(asked: ConsentAsked): Disclosure {
  const { encounter, payer, days, labels, baseUrl, now } = asked
  const episodes = objectsAt(encounter, 'episodeOfCare').flatMap((one) => localKeyOf(one, baseUrl) ?? [])
  return {
    baseUrl,
    today: formatInstant(now).slice(0, 10),
    days,
    payer,
    records: [keyOfResource(encounter), ...episodes],
    labels: new Set(labels.map(({ system, code }) => `${String(system)}|${String(code)}`)),
  }
}

/** A permission of payment that no denial of the same time or later takes back. */
function permits(consents: readonly Resource[], disclosure: Disclosure): boolean {
  const told = consents.flatMap((consent) => {
    const effect = effectOfConsent(consent, disclosure)
    return effect === undefined ? [] : [{ effect, at: timeOf(consent) }]
  })
  // A consent without a date is as old as can be, a denial without one as new.
  const denied = Math.max(
    ...told.flatMap(({ effect, at }) => (effect === 'deny' ? [at ?? Number.POSITIVE_INFINITY] : [])),
  )
  return told.some(({ effect, at }) => effect === 'permit' && (at ?? Number.MIN_SAFE_INTEGER) > denied)
}

/** Of a consent under 42 CFR Part 2, or one about privacy in general. */
function effectOfConsent(consent: Resource, disclosure: Disclosure): Effect | undefined {
  const ofPart2 = [objectAt(consent, 'policyRule'), ...objectsAt(consent, 'category')].some((concept) =>
    hasCode(concept, PART_2_CONSENT),
  )
  if (!ofPart2 && !hasCode(objectAt(consent, 'scope'), 'patient-privacy')) return undefined
  const provision = objectAt(consent, 'provision')
  const otherwise = ofPart2 ? 'permit' : undefined
  const effect =
    provision === undefined
      ? otherwise
      : effectOf(provision, disclosure, otherwise ?? effectOfPolicy(consent), [PART_2_CONSENT, PART_2])
  // What changes the meaning of a consent, and is not understood, can only take a permission away.
  return effect === 'permit' && consent['modifierExtension'] !== undefined ? undefined : effect
}

function effectOfPolicy(consent: Resource): Effect | undefined {
  const policy = objectAt(consent, 'policyRule')
  if (['OPTIN', 'OPTINR'].some((code) => hasCode(policy, code))) return 'permit'
  return ['OPTOUT', 'OPTOUTE'].some((code) => hasCode(policy, code)) ? 'deny' : undefined
}

/** Whether it is a restriction of one who pays in full, and speaks of this visit. */
function restricts(consent: Resource, disclosure: Disclosure): boolean {
  const { policyRule, category, provision, meta } = consent
  if (![policyRule, category, provision, meta].some((part) => mentions(part, SELF_PAY))) return false
  const root = objectAt(consent, 'provision')
  return root === undefined || effectOf(root, disclosure, 'deny', [SELF_PAY]) === 'deny'
}

function timeOf(consent: Resource): number | undefined {
  const text = textAt(consent, 'dateTime')
  return text === undefined ? undefined : parseDateRange(text)?.low
}
