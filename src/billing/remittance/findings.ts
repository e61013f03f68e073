// What a Task about a claim that was refused or denied tells: codes for programs, and a sentence of our own for each.
import { printMoney } from '../money.ts'
import type { WorkFinding } from '../worklist/index.ts'
import { BILLING_TASKS } from '../worklist/index.ts'
import type { ClaimAnswer } from './claim-answers.ts'
import type { ClaimPosition, DeniedLine } from './claim-position.ts'
import type { SetAnswer } from './claim-state.ts'
import { ANSWERED } from './urls.ts'

/** Findings of one Task. */
const MOST_FINDINGS = 200

/** Each reason and remark of each line that was ever denied, and whether anything was taken back. */
export function denialFindings({ denied, wasTakenBack }: ClaimPosition): readonly WorkFinding[] {
  const findings: WorkFinding[] = denied.flatMap((line) => [
    ...line.reasons.map(({ group, reason, amount }) => ({
      system: ANSWERED.reason,
      code: reason,
      text: `${whichLine(line)}: ${group} ${reason}, ${printMoney(amount)} of ${printMoney(line.charged)} not paid.`,
    })),
    ...line.remarks.map((code) => ({
      system: ANSWERED.remark,
      code,
      text: `${whichLine(line)}: remark ${code}.`,
    })),
  ])
  for (const line of denied)
    if (line.reasons.length === 0)
      findings.push({
        system: BILLING_TASKS,
        code: 'denied',
        text: `${whichLine(line)}: not paid, no reason told.`,
      })
  if (wasTakenBack)
    findings.push({
      system: BILLING_TASKS,
      code: 'reversed',
      text: 'The payer took back a decision.',
    })
  return inOrder(findings)
}

/** Each reason why a payer, or who is between, did not take the claim on. */
export function rejectionFindings(
  answers: readonly ClaimAnswer[],
  ofSets: readonly SetAnswer[],
): readonly WorkFinding[] {
  const findings: WorkFinding[] = answers
    .flatMap((answer) => (answer.kind === 'taken-on' ? answer.refusals : []))
    .flatMap(({ line, category, status }) => {
      const where = line === undefined ? 'The claim' : `Line ${line}`
      const text = `${where}: ${category}, status ${status}.`
      return [
        { system: ANSWERED.statusCategory, code: category, text },
        { system: ANSWERED.status, code: status, text },
      ]
    })
  for (const { accepted, text } of ofSets)
    if (!accepted)
      findings.push({
        code: 'rejected',
        text: `The file was refused (999): ${text.split(' ').slice(2).join(' ')}.`,
      })
  return inOrder(findings)
}

function whichLine({ sequence }: DeniedLine): string {
  return sequence === undefined ? 'The claim' : `Line ${sequence}`
}

/** The same whatever came first, each once. */
function inOrder(findings: readonly WorkFinding[]): readonly WorkFinding[] {
  const unique = new Map(findings.map((one) => [`${one.text}\n${one.system ?? ''}\n${one.code}`, one]))
  return [...unique.keys()]
    .toSorted()
    .slice(0, MOST_FINDINGS)
    .map((key) => unique.get(key) as WorkFinding)
}
