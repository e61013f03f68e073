// Long work in steps, so that other requests are answered between them.
import { setImmediate } from 'node:timers/promises'

const STEPS_AT_ONCE = 50

/**
 * To be awaited at each step of a long loop: lets others, if there are any, have their turn every now and then.
 * undefined where nothing need be awaited.
 */
export function breathe(step: number, servesOthers = true): Promise<void> | undefined {
  return servesOthers && step % STEPS_AT_ONCE === STEPS_AT_ONCE - 1 ? setImmediate() : undefined
}
