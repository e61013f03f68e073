// When payments came, of answers that do not say: the PaymentReconciliation that names them does.
import { everyMatch, type Repository } from '../../repository/index.ts'
import type { Search } from '../../search/index.ts'
import { localReferenceMatch, or, searchQuery } from '../../store/index.ts'
import { localKeyOf } from '../claims/index.ts'
import { objectAt, objectsAt, textAt } from '../elements.ts'
import { isOffered } from './asked-claims.ts'

/** Answers that are asked for at once. */
const AT_ONCE = 50
/** Of one payment each answer has one, or a few. */
const MOST_PAYMENTS = 1000

/**
 * By id of the ClaimResponse: `YYYY-MM-DD`, the first where there are several.
 * @throws FhirError `too-costly`
 */
export async function paymentDates(
  responses: readonly string[],
  {
    repository,
    search,
    baseUrl,
  }: { readonly repository: Repository; readonly search: Search; readonly baseUrl: string },
): Promise<ReadonlyMap<string, string>> {
  const dates = new Map<string, string>()
  if (!isOffered(search, 'PaymentReconciliation', 'response')) return dates
  for (let from = 0; from < responses.length; from += AT_ONCE) {
    const some = responses.slice(from, from + AT_ONCE)
    const where = or(some.map((id) => localReferenceMatch('response', ['ClaimResponse'], id)))
    const found = await everyMatch(
      searchQuery({ type: 'PaymentReconciliation', where }),
      MOST_PAYMENTS,
      (query) => repository.search(query),
    )
    for (const { resource } of found) {
      const date = textAt(resource, 'paymentDate')?.slice(0, 'YYYY-MM-DD'.length)
      if (date === undefined || resource['status'] !== 'active') continue
      for (const detail of objectsAt(resource, 'detail')) {
        const [type, id = ''] = localKeyOf(objectAt(detail, 'response'), baseUrl)?.split('/') ?? []
        if (type !== 'ClaimResponse') continue
        const known = dates.get(id)
        if (known === undefined || date < known) dates.set(id, date)
      }
    }
  }
  return dates
}
