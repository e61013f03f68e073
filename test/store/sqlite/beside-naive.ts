// A SQLite store beside a naive one that holds the same, written at the same times.
import type { Store } from '../../../src/store/index.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { openNaiveStore } from '../../contract/naive-store.ts'
import { handClock } from '../../contract/world.ts'

/** @param start milliseconds since 1970 */
export async function openBesideNaive(
  t: { teardown(work: () => unknown): void },
  start: number,
  fill: (store: Store) => Promise<unknown>,
): Promise<{ readonly naive: Store; readonly store: Store }> {
  const { now } = handClock(start)
  const naive = openNaiveStore({ now })
  const store = await openSqliteStore({ file: ':memory:', now })
  t.teardown(() => store.close())
  await fill(naive)
  await fill(store)
  return { naive, store }
}
