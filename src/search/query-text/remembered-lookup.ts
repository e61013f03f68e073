// A lookup that asks the same only once, and not without end: one search reads its values for each type that it is about.
import { FhirError } from '../../fhir/index.ts'
import type { CodeSet } from '../../store/index.ts'
import type { SearchLookup } from '../lookup.ts'
import { MOST_CODES, MOST_LOOKUPS } from './budget.ts'

/** For one search, whose answers are of one moment. Its promises reject with `too-costly` beyond the bounds. */
export function remembered(lookup: SearchLookup): SearchLookup {
  const answers = new Map<string, Promise<unknown>>()
  let codes = 0
  const once = <Answer>(question: readonly string[], ask: () => Promise<Answer>): Promise<Answer> => {
    const key = JSON.stringify(question)
    const known = answers.get(key) as Promise<Answer> | undefined
    if (known !== undefined) return known
    if (answers.size >= MOST_LOOKUPS)
      return Promise.reject(
        tooCostly(`The search names more than ${MOST_LOOKUPS} value sets, codes and places to be looked up.`),
      )
    const answer = ask()
    answers.set(key, answer)
    return answer
  }
  const counted = async (sets: Promise<readonly CodeSet[]>): Promise<readonly CodeSet[]> => {
    for (const set of await sets) if (set.codes !== 'all') codes += set.codes.length
    if (codes > MOST_CODES)
      throw tooCostly(`The value sets of the search hold more than ${MOST_CODES} codes together.`)
    return sets
  }
  return {
    codesIn: (valueSet) => once(['in', valueSet], () => counted(lookup.codesIn(valueSet))),
    codesBy: (direction, system, code) =>
      once([direction, system, code], () => lookup.codesBy(direction, system, code)),
    placesBy: (direction, type, id) =>
      once([direction, type, '', id], () => lookup.placesBy(direction, type, id)),
  }
}

function tooCostly(text: string): FhirError {
  return new FhirError('too-costly', `${text} Fewer are answered.`)
}
