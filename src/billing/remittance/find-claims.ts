// The claims that an answer names by their control numbers.
import { FhirError, type Resource } from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import { or, searchQuery, tokenMatch } from '../../store/index.ts'
import { identifierOfType } from '../elements.ts'

/** Numbers that one search asks for, and claims that may have them. */
const AT_ONCE = 50
const MOST_FOUND = 1000

/** Nobody could tell which is meant by a number that hundreds of claims have: none of those. */
async function claimsWith(view: WorldView, numbers: readonly string[]): Promise<readonly Resource[]> {
  const where = or(numbers.map((number) => tokenMatch('identifier', undefined, number)))
  try {
    return (await view.every(searchQuery({ type: 'Claim', where }), MOST_FOUND)).map(
      ({ resource }) => resource,
    )
  } catch (error) {
    if (!(error instanceof FhirError) || error.code !== 'too-costly') throw error
    if (numbers.length === 1) return []
    const half = Math.ceil(numbers.length / 2)
    return [
      ...(await claimsWith(view, numbers.slice(0, half))),
      ...(await claimsWith(view, numbers.slice(half))),
    ]
  }
}

/**
 * By control number; a number that no claim has, or more than one, is not there: nobody could tell which is meant.
 */
export async function claimsByControlNumber(
  view: WorldView,
  numbers: readonly string[],
): Promise<ReadonlyMap<string, Resource>> {
  const wanted = [...new Set(numbers)]
  const found = new Map<string, Resource[]>()
  for (let at = 0; at < wanted.length; at += AT_ONCE) {
    const asked = wanted.slice(at, at + AT_ONCE)
    for (const resource of await claimsWith(view, asked)) {
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
