// The care team of a claim, with who they are and what they are.
import type { Resource } from '../../../fhir/index.ts'
import type { WorldView } from '../../../repository/index.ts'
import { codingsOf, referenced, taxonomiesOf } from '../../claims/index.ts'
import { codeIn, objectAt, objectsAt } from '../../elements.ts'
import { SYSTEMS } from '../../systems.ts'
import type { CheckedMember } from '../claim-under-check.ts'

const ACTORS = ['Practitioner', 'PractitionerRole', 'Organization']

export function membersOf(
  view: WorldView,
  claim: Resource,
  baseUrl: string,
): Promise<readonly CheckedMember[]> {
  return Promise.all(
    objectsAt(claim, 'careTeam').map(async (member, index): Promise<CheckedMember> => {
      const named = (await referenced(view, objectAt(member, 'provider'), baseUrl, ACTORS))?.resource
      const role = named?.resourceType === 'PractitionerRole' ? named : undefined
      const person =
        role === undefined
          ? named
          : (await referenced(view, objectAt(role, 'practitioner'), baseUrl, ACTORS))?.resource
      const told = codingsOf(objectAt(member, 'qualification')).filter(
        ({ system }) => system === SYSTEMS.nucc,
      )
      const own = [role, person].filter((one) => one !== undefined)
      return {
        sequence: Number(member['sequence']),
        at: `Claim.careTeam[${index}]`,
        role: codeIn(objectAt(member, 'role'), SYSTEMS.careTeamRole),
        resource: person,
        taxonomies: told.length > 0 ? told : taxonomiesOf(...own),
      }
    }),
  )
}
