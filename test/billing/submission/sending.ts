// Claims that are sent in tests, and what receivers read of it.
import {
  readClaimSet,
  readInterchanges,
  submitClaims,
  type BillingParts,
  type ClaimSubmission,
  type OutgoingFile,
} from '../../../src/billing/index.ts'
import { parseJson, type Resource } from '../../../src/fhir/index.ts'
import type { Store } from '../../../src/store/index.ts'
import { callerView } from '../../../src/operations/caller-view.ts'
import type { Repository } from '../../../src/repository/index.ts'
import { NOW, type BillingWorld } from '../practice.ts'

export interface Submits {
  readonly now?: number
  readonly parts?: BillingParts
  readonly repository?: Repository
}

export function submit(
  world: BillingWorld,
  claimIds: readonly string[],
  { now = NOW, parts = world.parts, repository = world.repository }: Submits = {},
): Promise<readonly ClaimSubmission[]> {
  return submitClaims(repository, callerView(repository), parts, claimIds, now)
}

/** The claims of a file, as a receiver reads them. */
export function received({ bytes }: OutgoingFile) {
  const [interchange, ...more] = readInterchanges(Buffer.from(bytes).toString('latin1'))
  const [group, ...groups] = interchange?.groups ?? []
  const [set, ...sets] = group?.sets ?? []
  if (interchange === undefined || group === undefined || set === undefined)
    throw new Error('there is no set in the file')
  if (more.length + groups.length + sets.length > 0) throw new Error('there is more than one set in the file')
  return { envelope: interchange.header, group, set, ...readClaimSet(set) }
}

/** Everything that is stored of a type. */
export async function allOf(store: Store, type: string): Promise<readonly Resource[]> {
  const found: Resource[] = []
  for await (const batch of store.maintenance.currentResources(500, { type }))
    found.push(...batch.map(({ body }) => parseJson(body as Buffer) as Resource))
  return found
}

export const statusOf = (task: Resource | undefined) => [
  task?.['status'],
  ((task?.['businessStatus'] as { coding?: { code?: string }[] } | undefined)?.coding ?? [])[0]?.code,
]
