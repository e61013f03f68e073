// What a practice lives by: charged, allowed, paid, denied and open, from its claims and what payers answered to them.
import { FhirError, type Resource } from '../../fhir/index.ts'
import type { Repository, WorldView } from '../../repository/index.ts'
import type { Search } from '../../search/index.ts'
import { localKeyOf } from '../claims/index.ts'
import { objectAt } from '../elements.ts'
import type { Coding } from '../rules/index.ts'
import { claimsOf, type ClaimsAsked } from './asked-claims.ts'
import { readBilledClaim, type BilledClaim } from './billed-claim.ts'
import { accountOf, type ClaimAccount } from './claim-account.ts'
import { personsOf, type Persons } from './clinicians.ts'
import type { Figures } from './figures.ts'
import { paymentDates } from './payment-dates.ts'
import { Tally, type Group, type Row } from './tally.ts'

export interface RevenueAsked {
  /** Days of service, both inclusive: `YYYY-MM-DD`. */
  readonly start: string
  readonly end: string
  readonly groups: readonly Group[]
  /** Ids of Organizations; empty for all. */
  readonly payers: readonly string[]
  /** Keys such as `Practitioner/1`; empty for all. */
  readonly clinicians: readonly string[]
  /** The day from which ages are told: `YYYY-MM-DD`. */
  readonly today: string
}

export interface Revenue {
  readonly asked: RevenueAsked
  readonly total: Figures
  readonly rows: readonly Row[]
  /** Names of payers and clinicians, by the key of a row. */
  readonly names: ReadonlyMap<string, string>
  readonly codes: ReadonlyMap<string, Coding>
  /** `Claim/[id]` of those whose amounts or days cannot be read: they are in no number. */
  readonly unreadable: readonly string[]
}

export interface RevenueParts {
  readonly repository: Repository
  readonly view: WorldView
  readonly search: Search
  readonly baseUrl: string
}

/** @throws FhirError `too-costly` */
export async function revenueOf(asked: RevenueAsked, parts: RevenueParts): Promise<Revenue> {
  const { view, baseUrl } = parts
  const persons = personsOf(view, baseUrl)
  const clinicians =
    asked.clinicians.length === 0 ? undefined : new Set(await persons.allKeysOf(asked.clinicians))
  const wanted = clinicians && new Set(await Promise.all([...clinicians].map((key) => persons.personOf(key))))
  const tally = new Tally({ ...asked, clinicians: wanted })
  const unreadable: string[] = []
  const priors = new Map<string, boolean>()
  const claimsAsked: ClaimsAsked = { ...asked, clinicians }
  for await (const { claims, responses } of claimsOf(claimsAsked, parts)) {
    const byClaim = Map.groupBy(responses, (one) => localKeyOf(objectAt(one, 'request'), baseUrl))
    const accounts: ClaimAccount[] = []
    for (const claim of claims) {
      const key = `Claim/${String(claim['id'])}`
      try {
        const billed = readBilledClaim(claim, baseUrl)
        if (billed === undefined) continue
        const known = await withPersons(billed, persons)
        accounts.push(accountOf(known, byClaim.get(key) ?? [], await stands(billed.prior, priors, view)))
      } catch (error) {
        if (!(error instanceof FhirError) || error.code !== 'business-rule') throw error
        unreadable.push(key)
      }
    }
    const dates = await paymentDates(
      accounts.flatMap(({ undated }) => undated),
      parts,
    )
    for (const account of accounts) tally.add(dated(account, dates))
  }
  const { total, codes } = tally
  const rows = tally.rows
  return { asked, total, rows, codes, unreadable, names: await persons.namesOf(keysIn(rows, asked.groups)) }
}

async function withPersons(billed: BilledClaim, persons: Persons): Promise<BilledClaim> {
  const lines: BilledClaim['lines'][number][] = []
  for (const line of billed.lines)
    lines.push(
      line.clinician === undefined ? line : { ...line, clinician: await persons.personOf(line.clinician) },
    )
  return { ...billed, lines: lines as unknown as BilledClaim['lines'] }
}

/** Whether the claim that is replaced is still in force. */
async function stands(
  prior: string | undefined,
  known: Map<string, boolean>,
  view: WorldView,
): Promise<boolean> {
  if (prior === undefined) return false
  const before = known.get(prior)
  if (before !== undefined) return before
  const [, id = ''] = prior.split('/')
  const claim: Resource | undefined = (await view.read('Claim', id))?.resource
  const isInForce = claim?.['status'] === 'active'
  known.set(prior, isInForce)
  return isInForce
}

function dated(account: ClaimAccount, dates: ReadonlyMap<string, string>): ClaimAccount {
  const all = [account.paidOn, ...account.undated.map((id) => dates.get(id))].filter(
    (one) => one !== undefined,
  )
  return all.length === 0 ? account : { ...account, paidOn: all.reduce((a, b) => (a < b ? a : b)) }
}

function keysIn(rows: readonly Row[], groups: readonly Group[]): readonly string[] {
  const named = groups.flatMap((group, at) => (group === 'payer' || group === 'clinician' ? at : []))
  return [...new Set(rows.flatMap(({ keys }) => named.flatMap((at) => keys[at] ?? [])))]
}
