// The claims that an answer names by their control numbers.
import type { Resource } from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import { or, searchQuery, tokenMatch } from '../../store/index.ts'
import { identifierOfType } from '../elements.ts'

/** Numbers that one search asks for, and claims that may have them. */
const AT_ONCE = 50
const MOST_FOUND = 1000

/**
 * By control number; a number that no claim has, or more than one, is not there: nobody could tell which is meant.
 * @throws FhirError `too-costly` where hundreds of claims have one number
 */
export async function claimsByControlNumber(
  view: WorldView,
  numbers: readonly string[],
): Promise<ReadonlyMap<string, Resource>> {
  const wanted = [...new Set(numbers)]
  const found = new Map<string, Resource[]>()
  for (let at = 0; at < wanted.length; at += AT_ONCE) {
    const asked = wanted.slice(at, at + AT_ONCE)
    const where = or(asked.map((number) => tokenMatch('identifier', undefined, number)))
    for (const { resource } of await view.every(searchQuery({ type: 'Claim', where }), MOST_FOUND)) {
      const number = identifierOfType(resource, 'PLAC')
      if (number === undefined || !isClaim(resource)) continue
      found.set(number, [...(found.get(number) ?? []), resource])
    }
  }
  const single = new Map<string, Resource>()
  for (const number of wanted) {
    const [claim, other] = found.get(number) ?? []
    if (claim !== undefined && other === undefined) single.set(number, claim)
  }
  return single
}

function isClaim({ use, status }: Resource): boolean {
  return use === 'claim' && status !== 'entered-in-error'
}
