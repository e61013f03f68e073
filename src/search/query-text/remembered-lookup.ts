// A lookup that asks the same only once: one search reads its values for each type that it is about.
import type { SearchLookup } from '../lookup.ts'

/** For one search, whose answers are of one moment. */
export function remembered(lookup: SearchLookup): SearchLookup {
  const answers = new Map<string, Promise<unknown>>()
  const once = <Answer>(question: readonly string[], ask: () => Promise<Answer>): Promise<Answer> => {
    const key = JSON.stringify(question)
    const answer = (answers.get(key) as Promise<Answer> | undefined) ?? ask()
    answers.set(key, answer)
    return answer
  }
  return {
    codesIn: (valueSet) => once(['in', valueSet], () => lookup.codesIn(valueSet)),
    codesBy: (direction, system, code) =>
      once([direction, system, code], () => lookup.codesBy(direction, system, code)),
    placesBy: (direction, type, id) =>
      once([direction, type, '', id], () => lookup.placesBy(direction, type, id)),
  }
}
