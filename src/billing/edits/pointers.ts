// Each line points to diagnoses of its claim, one to four.
import { objectsAt } from '../elements.ts'
import type { Edit } from './claim-under-check.ts'
import type { Fault } from './finding.ts'

/** Of an element of the 837: SV107. */
const MOST_POINTERS = 4

export const POINTERS: Edit = ({ claim, kind, lines }) => {
  const known = new Set(objectsAt(claim, 'diagnosis').map(({ sequence }) => sequence))
  return lines.flatMap(({ at, name, pointers }): readonly Fault[] => {
    const element = `${at}.diagnosisSequence`
    if (pointers.length === 0)
      // Lines of an institutional claim need none: its diagnoses are those of the whole stay.
      return kind === 'institutional'
        ? []
        : [{ edit: 'pointer-missing', at: element, what: `${name} points to no diagnosis` }]
    const unknown = pointers.filter((pointer) => !known.has(pointer))
    if (unknown.length > 0)
      return [
        {
          edit: 'pointer-unknown',
          at: element,
          what: `the claim has no diagnosis of sequence ${unknown.join(', ')}`,
        },
      ]
    return pointers.length <= MOST_POINTERS
      ? []
      : [
          {
            edit: 'too-many-pointers',
            at: element,
            what: `${name} points to ${pointers.length} diagnoses, and a line may point to ${MOST_POINTERS}`,
          },
        ]
  })
}
