// Whether somebody bills here: no price ships, so a practice that bills has given a service its price.
import type { Resource } from '../../fhir/index.ts'
import type { Repository } from '../../repository/index.ts'
import { tokenMatch } from '../../store/index.ts'
import { objectAt, objectsAt } from '../elements.ts'
import { pagesOf } from './pages.ts'

export async function pricesServices(repository: Repository, isStopped: () => boolean): Promise<boolean> {
  const active = tokenMatch('status', undefined, 'active')
  for await (const page of pagesOf(repository, 'ChargeItemDefinition', active, isStopped))
    if (page.some(({ resource }) => hasPrice(resource))) return true
  return false
}

function hasPrice(definition: Resource): boolean {
  return objectsAt(definition, 'propertyGroup').some((group) =>
    objectsAt(group, 'priceComponent').some((component) => objectAt(component, 'amount') !== undefined),
  )
}
