// Work on many things, some at once, so that the store makes one commit of several and others are served between them.
import { setImmediate } from 'node:timers/promises'

const AT_ONCE = 16

/** The results in the order of the things; the first failure ends it once what was begun is done. */
export async function inTurns<Thing, Result>(
  things: readonly Thing[],
  work: (thing: Thing) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = []
  for (let at = 0; at < things.length; at += AT_ONCE) {
    const begun = await Promise.allSettled(things.slice(at, at + AT_ONCE).map(work))
    for (const one of begun) {
      if (one.status === 'rejected') throw one.reason
      results.push(one.value)
    }
    await setImmediate()
  }
  return results
}
