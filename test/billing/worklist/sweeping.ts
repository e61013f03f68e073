// Sweeps of the worklist in tests, and the Tasks that they leave.
import { sweepWorklist, type SweepReport, type WorkKind } from '../../../src/billing/index.ts'
import type { Resource } from '../../../src/fhir/index.ts'
import { searchQuery, type Store } from '../../../src/store/index.ts'
import { openNaiveStore } from '../../contract/naive-store.ts'
import { billingWorld, NOW, type BillingWorld } from '../practice.ts'

export const HOUR = 3_600_000
export const DAY_MS = 24 * HOUR

export interface SweptWorld extends BillingWorld {
  readonly store: Store
  sweep(now?: number, isStopped?: () => boolean): Promise<SweepReport>
  /** Of a kind, by what they are about: the status, with `settled` where the server has completed it. */
  tasks(kind: WorkKind): Promise<Readonly<Record<string, string>>>
  resources(type: string): Promise<readonly Resource[]>
}

/** A practice whose clock is that of what is written. */
export async function sweptWorld(make: (store: Store) => Store = (store) => store): Promise<SweptWorld> {
  const store = make(openNaiveStore({ now: () => NOW }))
  const world = await billingWorld(store)
  const resources = async (type: string): Promise<readonly Resource[]> =>
    (await world.view().every(searchQuery({ type }), 10_000)).map(({ resource }) => resource)
  return {
    ...world,
    store,
    resources,
    sweep: (now = NOW, isStopped = () => false) =>
      sweepWorklist(world.repository, world.view(), world.parts, now, isStopped),
    tasks: async (kind) => {
      const ofKind = (await resources('Task')).filter((task) => codeOf(task['code']) === kind)
      const states = ofKind.map((task) => [focusOf(task), stateOf(task)] as const)
      if (new Set(states.map(([focus]) => focus)).size < states.length)
        throw new Error('two Tasks of one thing')
      return Object.fromEntries(states)
    },
  }
}

function codeOf(concept: unknown): string | undefined {
  return (concept as { coding?: { code?: string }[] } | undefined)?.coding?.[0]?.code
}

function focusOf(task: Resource): string {
  return (task['focus'] as { reference: string }).reference
}

function stateOf(task: Resource): string {
  return [task['status'], codeOf(task['businessStatus'])].filter((one) => one !== undefined).join(' ')
}

/** What was done, without what was not. */
export const done = ({ made, opened, changed, completed, failures }: SweepReport) =>
  Object.entries({ made, opened, changed, completed, failures: failures.length })
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${what} ${count}`)
    .join(', ')
