// Diagnoses that may be billed on the days of the services that are for them.
import { codeIn, objectAt, objectsAt, textAt } from '../elements.ts'
import { SYSTEMS } from '../systems.ts'
import { isDay } from './calendar.ts'
import type { ClaimUnderCheck, Edit } from './claim-under-check.ts'

export const DIAGNOSES: Edit = (context) =>
  objectsAt(context.claim, 'diagnosis').flatMap((diagnosis, index) => {
    const code = codeIn(objectAt(diagnosis, 'diagnosisCodeableConcept'), SYSTEMS.icd10cm)
    if (code === undefined) return []
    for (const day of daysOf(context, Number(diagnosis['sequence']))) {
      const fault = context.diagnosisFaultOf(code, day)
      if (fault === undefined) continue
      const { severity, text } = fault
      const at = `Claim.diagnosis[${index}].diagnosisCodeableConcept`
      return [{ edit: 'diagnosis-not-billable' as const, at, what: text, severity }]
    }
    return []
  })

/** Of a stay the last day, by which its codes go; else the first and last of the lines that point to it, or of all. */
function daysOf({ claim, kind, lines }: ClaimUnderCheck, sequence: number): readonly string[] {
  const statement = textAt(objectAt(claim, 'billablePeriod'), 'end')?.slice(0, 10)
  if (kind === 'institutional' && isDay(statement)) return [statement]
  const pointing = lines.filter(({ pointers }) => pointers.includes(sequence))
  const days = (pointing.length > 0 ? pointing : lines)
    .flatMap((line) => (line.days === undefined ? [] : [line.days.first, line.days.last]))
    .toSorted()
  return [...new Set([days[0], days.at(-1)])].filter((day) => day !== undefined)
}
