// The contract of the store port: one suite that every adapter passes unchanged.
import { accessContract } from './access.ts'
import { commitsContract } from './commits.ts'
import { compositesContract } from './composites.ts'
import { containedContract } from './contained.ts'
import { expressionsContract } from './expressions.ts'
import { findingContract } from './finding.ts'
import { historyContract } from './history.ts'
import { includesContract } from './includes.ts'
import { labelsContract } from './labels.ts'
import { linksContract } from './links.ts'
import { maintenanceContract } from './maintenance.ts'
import { momentsContract } from './moments.ts'
import { nonInterferenceContract } from './non-interference.ts'
import { pagingContract } from './paging.ts'
import { rangesContract } from './ranges.ts'
import { sortingContract } from './sorting.ts'
import { valuesContract } from './values.ts'
import { versionsContract } from './versions.ts'
import type { OpenStore, Tester } from './world.ts'

const PARTS = {
  versions: versionsContract,
  commits: commitsContract,
  expressions: expressionsContract,
  ranges: rangesContract,
  values: valuesContract,
  composites: compositesContract,
  links: linksContract,
  contained: containedContract,
  includes: includesContract,
  finding: findingContract,
  paging: pagingContract,
  sorting: sortingContract,
  moments: momentsContract,
  history: historyContract,
  labels: labelsContract,
  access: accessContract,
  'non-interference': nonInterferenceContract,
  maintenance: maintenanceContract,
}

export type Part = keyof typeof PARTS

/** Runs the suite against the stores that `open` opens: the whole, or `parts` of it. */
export function storeContract(
  t: Tester,
  name: string,
  open: OpenStore,
  parts: readonly Part[] = Object.keys(PARTS) as Part[],
): void {
  for (const part of parts) void t.test(`${name}: ${part}`, async (t) => PARTS[part](t, open))
}
