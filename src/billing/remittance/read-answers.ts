// The answers of payers in an X12 file, each set read whole before anything of it is stored.
import { isUtf8 } from 'node:buffer'
import { FhirError, type Issue } from '../../fhir/index.ts'
import {
  imbalancesOf,
  readAcknowledgement,
  readAuthorizationAnswer,
  readClaimAcknowledgement,
  readEligibilityAnswers,
  readInterchanges,
  readRemittance,
  type Acknowledgement,
  type AuthorizationAnswer,
  type ClaimAcknowledgement,
  type EligibilityAnswer,
  type Group,
  type Imbalance,
  type Remittance,
  type TransactionSet,
} from '../x12/index.ts'

export type Answer =
  /** `made`: when the group was made, `YYYYMMDD` and the time, which sorts. */
  | { readonly id: '999'; readonly made: string; readonly read: Acknowledgement }
  | { readonly id: '271'; readonly read: readonly EligibilityAnswer[] }
  | { readonly id: '277'; readonly read: ClaimAcknowledgement }
  | { readonly id: '278'; readonly read: AuthorizationAnswer }
  | { readonly id: '835'; readonly read: Remittance }

export interface ReadAnswers {
  readonly answers: readonly Answer[]
  /** Sets that cannot be read, or do not add up. */
  readonly faults: readonly Issue[]
}

/** Past what one file brings; more of them come in several. */
const MOST_SETS = 5000
const MOST_CLAIMS = 50_000

/**
 * @param takesTrials whether what is for trial only (ISA15 is `T`) is read, too
 * @throws FhirError `malformed` where the envelopes do not fit, `too-large`
 */
export function readAnswers(bytes: Uint8Array, takesTrials: boolean): ReadAnswers {
  const text = Buffer.from(bytes).toString(isUtf8(bytes) ? 'utf8' : 'latin1')
  const groups = readInterchanges(text).flatMap(({ header, groups: own }) =>
    own.map((group) => ({ ...group, isTrial: header.usage === 'T' && !takesTrials })),
  )
  const count = groups.reduce((all, { sets }) => all + sets.length, 0)
  if (count > MOST_SETS)
    throw new FhirError('too-large', `A file may have no more than ${MOST_SETS} transaction sets.`)
  const answers: Answer[] = []
  const faults: Issue[] = []
  let claims = 0
  for (const group of groups)
    for (const set of group.sets) {
      const { answer, issues } = group.isTrial
        ? { issues: [fault(set, 'business-rule', TRIAL)] }
        : readSet(set, group)
      faults.push(...issues)
      if (answer === undefined) continue
      answers.push(answer)
      claims += countOf(answer)
      if (claims > MOST_CLAIMS)
        throw new FhirError('too-large', `A file may answer no more than ${MOST_CLAIMS} claims.`)
    }
  return { answers, faults }
}

/** Claims that it answers; and others that payers were asked about. */
function countOf(answer: Answer): number {
  switch (answer.id) {
    case '999':
    case '278':
      return 1
    case '271':
      return answer.read.length
    case '277':
    case '835':
      return answer.read.claims.length
  }
}

const TRIAL = 'its interchange is for trial only (ISA15), and this server sends and reads in earnest.'

function readSet(
  set: TransactionSet,
  group: Group,
): { readonly answer?: Answer; readonly issues: readonly Issue[] } {
  try {
    switch (set.id) {
      case '999':
        return {
          answer: { id: '999', made: `${group.date}${group.time}`, read: readAcknowledgement(set) },
          issues: [],
        }
      case '271':
        return { answer: { id: '271', read: readEligibilityAnswers(set) }, issues: [] }
      case '277':
        return { answer: { id: '277', read: readClaimAcknowledgement(set) }, issues: [] }
      case '278':
        return { answer: { id: '278', read: readAuthorizationAnswer(set) }, issues: [] }
      case '835':
        return readPayment(set)
      default:
        return {
          issues: [
            fault(set, 'not-supported', 'it is none of 271, 277 (claim acknowledgement), 278, 835 and 999.'),
          ],
        }
    }
  } catch (error) {
    if (!(error instanceof FhirError) || error.code !== 'malformed') throw error
    return { issues: error.issues.map(({ diagnostics }) => fault(set, 'structure', diagnostics)) }
  }
}

/** One that does not add up is refused whole: what it pays for which claim would be a guess. */
function readPayment(set: TransactionSet): { readonly answer?: Answer; readonly issues: readonly Issue[] } {
  const read = readRemittance(set)
  const wrong = imbalancesOf(read)
  if (wrong.length === 0) return { answer: { id: '835', read }, issues: [] }
  return { issues: wrong.map((one) => fault(set, 'business-rule', `it does not add up: ${sumOf(one)}.`)) }
}

function sumOf({ of, position }: Imbalance): string {
  switch (of) {
    case 'line':
      return `at segment ${position}, SVC, the charge less the adjustments of the line is not what is paid`
    case 'claim':
      return `at segment ${position}, CLP, the charge less all adjustments of the claim is not what is paid`
    case 'charges':
      return `at segment ${position}, CLP, the charge is not the sum of the lines' charges`
    case 'payment':
      return 'the claims less the provider adjustments (PLB) are not what BPR02 pays'
  }
}

function fault({ start, id }: TransactionSet, code: Issue['code'], what: string): Issue {
  const named = /^\d{3}$/.test(id) ? id : 'unknown'
  const diagnostics = `The set ${named} that begins at X12 segment ${start.position} was not read: ${what}`
  return { severity: 'error', code, diagnostics }
}
