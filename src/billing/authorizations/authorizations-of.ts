// The ledger of what payers authorized for a patient, as far as the caller may see it.
import type { WorldView } from '../../repository/index.ts'
import { and, localReferenceMatch, searchQuery, tokenMatch } from '../../store/index.ts'
import { referenced } from '../claims/references.ts'
import { objectAt } from '../elements.ts'
import { approvalsOf } from './approvals.ts'
import type { Authorization } from './authorization.ts'
import { countUnits } from './count-units.ts'
import type { Answered } from './told-services.ts'
import { usingLines } from './using-lines.ts'

const MOST_ANSWERS = 2000
/** Claims of one patient. */
const MOST_CLAIMS = 20_000

/**
 * All that stand, whatever their dates, and what payers have not decided yet. It is read by what makes claims (a claim
 * names the authorization of its service, or is refused), by the edits before sending, and by the worklist, which tells
 * of those that run out.
 * @param patientId of `Patient/[id]`
 * @param except `Claim/[id]` of claims whose own units are not to count: those that are about to be made anew
 * @throws FhirError `too-costly`
 */
export async function authorizationsOf(
  view: WorldView,
  patientId: string,
  baseUrl: string,
  { except = [] }: { readonly except?: readonly string[] } = {},
): Promise<readonly Authorization[]> {
  const ofPatient = (use: string) =>
    and([localReferenceMatch('patient', ['Patient'], patientId), tokenMatch('use', undefined, use)])
  const answers = await view.every(
    searchQuery({ type: 'ClaimResponse', where: ofPatient('preauthorization') }),
    MOST_ANSWERS,
  )
  const answered: Answered[] = []
  for (const { resource: response } of answers) {
    const request = await referenced(view, objectAt(response, 'request'), baseUrl, ['Claim'])
    answered.push({ response, ...(request === undefined ? {} : { request: request.resource }) })
  }
  const approvals = approvalsOf(answered, baseUrl)
  if (approvals.length === 0) return []
  const claims = await view.every(searchQuery({ type: 'Claim', where: ofPatient('claim') }), MOST_CLAIMS)
  const lines = usingLines(
    claims.map(({ resource }) => resource),
    baseUrl,
    new Set(except),
  )
  return countUnits(approvals, lines)
}
