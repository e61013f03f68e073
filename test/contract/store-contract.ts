// The contract of the store port: one suite that every adapter passes unchanged.
import { commitsContract } from './commits.ts'
import { versionsContract } from './versions.ts'
import type { OpenStore, Tester } from './world.ts'

/** Runs the whole suite against the stores that `open` opens. */
export function storeContract(t: Tester, name: string, open: OpenStore): void {
  for (const [part, contract] of Object.entries({ versions: versionsContract, commits: commitsContract }))
    void t.test(`${name}: ${part}`, async (t) => contract(t, open))
}
