// How much a claim of each kind has room for.
import { objectsAt } from '../elements.ts'
import { MOST_DIAGNOSES, MOST_LINES } from '../x12/index.ts'
import type { Edit } from './claim-under-check.ts'
import type { Fault } from './finding.ts'

const MOST_MODIFIERS = 4

export const LIMITS: Edit = ({ claim, kind, lines }) => {
  const faults: Fault[] = []
  const mostLines = kind === undefined ? Infinity : MOST_LINES[kind]
  if (lines.length > mostLines)
    faults.push({
      edit: 'too-many-lines',
      at: 'Claim.item',
      what: `the claim has ${lines.length} lines, and a ${kind} claim may have ${mostLines}`,
    })
  const mostDiagnoses =
    kind === undefined ? Infinity : Object.values(MOST_DIAGNOSES[kind]).reduce((sum, most) => sum + most, 0)
  const diagnoses = objectsAt(claim, 'diagnosis').length
  if (diagnoses > mostDiagnoses)
    faults.push({
      edit: 'too-many-diagnoses',
      at: 'Claim.diagnosis',
      what: `the claim has ${diagnoses} diagnoses, and a ${kind} claim may have ${mostDiagnoses}`,
    })
  for (const { at, name, item } of lines) {
    const modifiers = objectsAt(item, 'modifier').length
    if (modifiers > MOST_MODIFIERS)
      faults.push({
        edit: 'too-many-modifiers',
        at: `${at}.modifier`,
        what: `${name} has ${modifiers} modifiers, and a line may have ${MOST_MODIFIERS}`,
      })
  }
  return faults
}
