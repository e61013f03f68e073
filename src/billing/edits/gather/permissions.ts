// Whether the payer may be told of what a claim bills, as the consents on file stand now.
import { formatInstant, type Resource } from '../../../fhir/index.ts'
import type { WorldView } from '../../../repository/index.ts'
import { keyOfResource, localKeyOf } from '../../claims/index.ts'
import { consentRefusals } from '../../claims/payment-consent.ts'
import { objectAt, objectsAt, textAt } from '../../elements.ts'
import { payerBehind } from '../../submission/bundle/index.ts'
import { replacedClaimOf } from '../../submission/settle-replacement.ts'
import { linesOfClaim, type BilledLine } from '../billed-line.ts'
import type { CheckedVisit } from '../claim-under-check.ts'
import type { Fault } from '../finding.ts'
import { isVoid } from '../../claims/replacement.ts'
import { payerKeyOf } from './other-claims.ts'
import { visitsOf } from './visits.ts'

export interface PermissionAsked {
  readonly claim: Resource
  readonly payer: Resource | undefined
  readonly lines: readonly BilledLine[]
  readonly visits: ReadonlyMap<string, CheckedVisit>
  readonly baseUrl: string
  readonly now: number
}

/** Of each visit that is billed; of a claim that names none, of itself. Each fault once. */
export async function permissionFaults(view: WorldView, asked: PermissionAsked): Promise<readonly Fault[]> {
  const { claim, lines, visits, baseUrl, now } = asked
  const patient = localKeyOf(objectAt(claim, 'patient'), baseUrl)
  if (patient?.startsWith('Patient/') !== true) return [UNKNOWN_PATIENT]
  const payer = (await payerBehind(view, claim, baseUrl)) ?? asked.payer
  if (payer === undefined) return []
  const days = daysOf(claim, lines, now)
  const records = visits.size === 0 ? [claim] : [...visits.values()].map(({ resource }) => resource)
  const found = await Promise.all(
    records.map(async (record) => {
      const labels = [claim, record].flatMap((one) => objectsAt(objectAt(one, 'meta'), 'security'))
      const told = {
        patient,
        encounter: record,
        payer,
        days,
        labels,
        baseUrl,
        now,
      }
      const about = record === claim ? [] : [keyOfResource(record)]
      return (await consentRefusals(view, told)).map((issue) => ({ issue, about }))
    }),
  )
  // To take a claim back is what follows from such a restriction, and tells nothing new.
  const takesBack = await takesBackWhatIsKnown(view, claim, baseUrl)
  const faults = new Map<string, Fault>()
  for (const { issue, about } of found.flat()) {
    const edit = issue.details?.code === 'self-pay' ? 'self-pay-restriction' : 'payment-consent-missing'
    if (!faults.has(edit) && !(takesBack && edit === 'self-pay-restriction'))
      faults.set(edit, { edit, at: 'Consent.provision', what: issue.diagnostics.replace(/\.$/, ''), about })
  }
  return [...faults.values()]
}

/** Whether the claim voids one that was sent to the same payer, of the same patient, and has no other lines. */
async function takesBackWhatIsKnown(view: WorldView, claim: Resource, baseUrl: string): Promise<boolean> {
  if (!isVoid(claim)) return false
  const [type = '', id = ''] = replacedClaimOf(claim, baseUrl)?.split('/') ?? []
  const prior = (await view.read(type, id))?.resource
  if (prior === undefined || !SENT.has(prior['status'])) return false
  const known = new Set(linesOfClaim(prior, baseUrl).map(saidBy))
  return (
    ['patient', 'insurer'].every(
      (key) => localKeyOf(objectAt(claim, key), baseUrl) === localKeyOf(objectAt(prior, key), baseUrl),
    ) && linesOfClaim(claim, baseUrl).every((line) => known.has(saidBy(line)))
  )
}

const SENT: ReadonlySet<unknown> = new Set(['active', 'cancelled'])

function saidBy({ code, revenue, days, visits }: BilledLine): string {
  return JSON.stringify([code, revenue, days, visits])
}

const UNKNOWN_PATIENT: Fault = {
  edit: 'payment-consent-missing',
  at: 'Claim.patient',
  what: 'the patient is none that is known here, so that nobody can tell whether the payer may be told',
}

/** As `permissionFaults`, of a claim alone: before it is handed over again. */
export async function permissionFaultsOf(
  view: WorldView,
  claim: Resource,
  baseUrl: string,
  now: number,
): Promise<readonly Fault[]> {
  const lines = linesOfClaim(claim, baseUrl)
  const [payer, visits] = await Promise.all([
    payerKeyOf(view, claim, baseUrl).then((key) => organizationOf(view, key)),
    visitsOf(view, lines, baseUrl),
  ])
  return permissionFaults(view, { claim, payer, lines, visits, baseUrl, now })
}

async function organizationOf(view: WorldView, key = ''): Promise<Resource | undefined> {
  const [type = '', id = ''] = key.split('/')
  return type === 'Organization' ? (await view.read(type, id))?.resource : undefined
}

/** The first and last day of its lines; else of what it is for; of a claim that names none, today. */
function daysOf(claim: Resource, lines: readonly BilledLine[], now: number): readonly [string, string] {
  const ofLines = lines.flatMap(({ days }) => (days === undefined ? [] : [days.first, days.last]))
  const period = objectAt(claim, 'billablePeriod')
  const ofClaim = [textAt(period, 'start'), textAt(period, 'end')].flatMap((day) => day?.slice(0, 10) ?? [])
  const days = (ofLines.length > 0 ? ofLines : ofClaim).toSorted()
  const today = formatInstant(now).slice(0, 10)
  return [days[0] ?? today, days.at(-1) ?? today]
}
