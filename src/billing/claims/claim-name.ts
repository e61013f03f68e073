// The name of a claim: the same for the same thing billed to the same payer, so that there is one claim of it.
import type { WorldView } from '../../repository/index.ts'
import { and, searchQuery, tokenMatch } from '../../store/index.ts'
import { MADE_FROM, madeName } from '../made.ts'
import type { ClaimType } from './claim-plan.ts'
import { isWithdrawn } from './replacement.ts'

/** How often something may be billed anew after its claim was taken back. */
const MOST_RENEWALS = 100

export interface ClaimSubject {
  /** `Encounter/id` or `EpisodeOfCare/id`. */
  readonly source: string
  /** Of a claim of an episode: its days. */
  readonly period?: string
  /** The id of the Organization that pays. */
  readonly payer: string
  readonly type: ClaimType
  /** The id of the Claim that it corrects. */
  readonly correctionOf?: string
}

/** Another one where the claim of the last name was taken back. */
export async function claimName(view: WorldView, subject: ClaimSubject): Promise<string> {
  const { source, period = '', payer, type, correctionOf = '' } = subject
  let name = madeName('claim', source, period, payer, type, correctionOf)
  for (let renewal = 0; renewal < MOST_RENEWALS; renewal++) {
    const where = and([tokenMatch('identifier', MADE_FROM, name)])
    const made = await view.search(searchQuery({ type: 'Claim', where }))
    if (made.length === 0 || !made.every(({ resource }) => isWithdrawn(resource))) return name
    name = madeName('again', name)
  }
  return name
}
