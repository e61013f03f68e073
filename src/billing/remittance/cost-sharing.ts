// Which adjustment reasons are the patient's share of what is covered: a ConceptMap says it, so that no code is named here.
import type { WorldView } from '../../repository/index.ts'
import { objectsAt, textAt } from '../elements.ts'
import { ANSWERED } from './urls.ts'

/** In profiles/billing. */
const MAP_ID = 'remittance-cost-sharing'

export interface ShareCategory {
  readonly system: string
  readonly code: string
}

/** By reason: deductible, coinsurance, copay. */
export type CostSharing = ReadonlyMap<string, ShareCategory>

/** Empty where there is no such map. */
export async function readCostSharing(view: WorldView): Promise<CostSharing> {
  const shares = new Map<string, ShareCategory>()
  const map = await view.read('ConceptMap', MAP_ID)
  for (const group of objectsAt(map?.resource, 'group')) {
    const system = textAt(group, 'target')
    if (textAt(group, 'source') !== ANSWERED.reason || system === undefined) continue
    for (const element of objectsAt(group, 'element')) {
      const reason = textAt(element, 'code')
      const code = textAt(objectsAt(element, 'target')[0], 'code')
      if (reason !== undefined && code !== undefined) shares.set(reason, { system, code })
    }
  }
  return shares
}
