// Stores what an 835 says: first that the payment is being read, then each claim in a commit of its own, then the payment
// whole, then what follows for the claims. Whoever reads the same again goes on where another has ended.
import type { JsonObject, Resource } from '../../fhir/index.ts'
import { or, searchQuery, tokenMatch } from '../../store/index.ts'
import { identifierIn, objectAt } from '../elements.ts'
import { createOnce, madeId } from '../made.ts'
import { printMoney } from '../money.ts'
import type { RemittanceParty } from '../x12/index.ts'
import { readAnswer, type Decision } from './claim-answers.ts'
import { isDenied } from './claim-position.ts'
import { decidedResponse } from './claim-response-of.ts'
import type { CostSharing } from './cost-sharing.ts'
import { explanationOf } from './explanation-of.ts'
import { claimsByControlNumber } from './find-claims.ts'
import type { ClaimOutcome, ImportTally } from './import-report.ts'
import { inTurns } from './in-turns.ts'
import { madePlace, writePlanned, writeTo } from './made-place.ts'
import { announcedPayment, paymentReconciliation, type PaidFor } from './payment-of.ts'
import type { NamedClaim, NamedRemittance } from './remittance-names.ts'
import { settleClaim, type Settling } from './settle-claim.ts'
import { closeUnmatched, keepUnmatched } from './unmatched.ts'
import { REMITTANCE_CONTENT } from './urls.ts'

export interface Importing extends Settling {
  readonly shares: CostSharing
  readonly tally: ImportTally
}

export async function importRemittance(importing: Importing, named: NamedRemittance): Promise<void> {
  const { repository, view, tally } = importing
  const { remittance, name, content, claims } = named
  const [announced] = (
    await createOnce(repository, name, (attempt) => [announcedPayment(named, madeId(name, attempt))])
  ).resources
  if (identifierIn(announced, REMITTANCE_CONTENT) !== content) return tally.fault(OTHER_CONTENT)
  const known = await claimsByControlNumber(
    view,
    claims.map(({ paid }) => paid.controlNumber),
  )
  const issuer = await organizationOf(importing, remittance.payer)
  const paidFor = await inTurns(claims, async (one): Promise<PaidFor> => {
    const claim = known.get(one.paid.controlNumber)
    const { controlNumber, paid } = one.paid
    if (claim === undefined) return { known: undefined, controlNumber, name: one.name, paid }
    const response = await storeDecision(importing, named, one, claim, issuer)
    tally.claim(outcomeOf(response))
    return {
      known: { claim: `Claim/${String(claim['id'])}`, response: `ClaimResponse/${String(response['id'])}` },
      controlNumber,
      name: one.name,
      paid,
    }
  })
  await writePlanned(repository, async () => {
    const place = await madePlace(view, 'PaymentReconciliation', name)
    return writeTo(place, paymentReconciliation(named, place, issuer, paidFor))
  })
  const reference = `PaymentReconciliation/${String(announced['id'])}`
  tally.set('835')
  tally.payment(reference)
  await inTurns(claims, (one) => keepTrackOf(importing, one, known.get(one.paid.controlNumber), reference))
  const ids = [...new Set(claims.flatMap(({ paid }) => known.get(paid.controlNumber)?.['id'] ?? []))]
  await inTurns(ids, (id) => settleClaim(importing, String(id)))
}

const OTHER_CONTENT = {
  severity: 'error',
  code: 'conflict',
  diagnostics:
    'A set 835 was not read: a payment of this number, payer and day has been read, and it says something else.',
} as const

/** ClaimResponse and ExplanationOfBenefit in one commit; resolves to the ClaimResponse as it is stored. */
async function storeDecision(
  { repository, shares }: Importing,
  { remittance }: NamedRemittance,
  { paid, name }: NamedClaim,
  claim: Resource,
  issuer: string | undefined,
): Promise<Resource> {
  const insurer: JsonObject =
    issuer === undefined
      ? (objectAt(claim, 'insurer') ?? { display: remittance.payer.name ?? 'Payer' })
      : { reference: issuer }
  const decided = { claim, paid, remittance, insurer, shares, name }
  const { resources } = await createOnce(repository, name, (attempt) => {
    const id = madeId(name, attempt)
    return [decidedResponse(decided, id), explanationOf(decided, id, id)]
  })
  return resources[0]
}

async function keepTrackOf(
  importing: Importing,
  { paid, name }: NamedClaim,
  claim: Resource | undefined,
  payment: string,
): Promise<void> {
  if (claim !== undefined) return closeUnmatched(importing, name)
  const { controlNumber, payerControlNumber, charged } = paid
  importing.tally.unmatched({ set: '835', controlNumber })
  const number = payerControlNumber === undefined ? '' : `, the payer's number ${payerControlNumber}`
  await keepUnmatched(importing, {
    answer: name,
    focus: payment,
    description: 'A payer paid or denied a claim that is not known here, or that several claims may be.',
    findings: [
      {
        code: 'unmatched-answer',
        text: `Claim number ${controlNumber}${number}: charged ${printMoney(charged)}, paid ${printMoney(paid.paid)}.`,
      },
    ],
  })
}

/** `Organization/[id]` of the payer; undefined where none is known by its numbers, or more than one. */
async function organizationOf(
  { view }: Importing,
  { id, references }: RemittanceParty,
): Promise<string | undefined> {
  const numbers = [id, ...references.map(({ value }) => value)].filter((one) => one !== undefined)
  if (numbers.length === 0) return undefined
  const where = or(numbers.map((number) => tokenMatch('identifier', undefined, number)))
  const [found, other] = await view.search(searchQuery({ type: 'Organization', where, count: 2 }))
  return found === undefined || other !== undefined ? undefined : `Organization/${found.id}`
}

function outcomeOf(response: Resource): ClaimOutcome {
  const answer = readAnswer(response)
  if (answer?.kind !== 'decision') return 'undecided'
  return OUTCOMES[answer.status] ?? outcomeByLines(answer)
}

/** By CLP02, where it is no decision to pay or deny. */
const OUTCOMES: Readonly<Record<string, ClaimOutcome>> = { 22: 'reversed', 23: 'undecided' }

function outcomeByLines({ lines }: Decision): ClaimOutcome {
  const denied = lines.filter(isDenied).length
  if (denied === 0) return 'paid'
  return denied === lines.length ? 'denied' : 'partly-paid'
}
