// Stops what would not end, such as a regular expression that tries everything: all else waits for it.
import { type Context, createContext, Script } from 'node:vm'

/** Runs something and returns its result; throws what `late` makes when it has not ended in time. */
export type TimeLimit = <Result>(run: () => Result, late: (cause: unknown) => Error) => Result

/** `milliseconds`: for each run. What is stopped is stopped wherever it is: whatever it was changing is of no more use. */
export function timeLimit(milliseconds: number): TimeLimit {
  const script = new Script('run()')
  let context: Context | undefined
  return <Result>(run: () => Result, late: (cause: unknown) => Error): Result => {
    context ??= createContext({})
    context['run'] = run
    try {
      return script.runInContext(context, { timeout: milliseconds }) as Result
    } catch (cause) {
      if ((cause as { code?: unknown } | undefined)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw cause
      throw late(cause)
    } finally {
      context['run'] = undefined
    }
  }
}
