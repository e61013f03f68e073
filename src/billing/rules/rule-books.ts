// The rules of billing that are stored, read anew when one of them has changed.
import type { Resource } from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import { searchQuery } from '../../store/index.ts'
import type { PrepareExpression } from './conditions.ts'
import { readServiceRules, type RuleBook } from './rule-book.ts'

/** Far above the codes of a practice times its payers. */
const MOST_DEFINITIONS = 20_000

export interface RuleBooks {
  /** Of the ChargeItemDefinitions that can be seen in `view`. @throws FhirError `too-costly` */
  of(view: WorldView): Promise<RuleBook>
}

export function createRuleBooks(prepare: PrepareExpression): RuleBooks {
  let last: { readonly state: number; readonly book: Promise<RuleBook> } | undefined
  const read = async (view: WorldView): Promise<RuleBook> => {
    const found = await view.every(searchQuery({ type: 'ChargeItemDefinition' }), MOST_DEFINITIONS)
    return readServiceRules(
      found.map(({ resource }): Resource => resource),
      prepare,
    )
  }
  return {
    of(view) {
      const state = view.stateOf?.('ChargeItemDefinition')
      if (state === undefined) return read(view)
      if (last?.state === state) return last.book
      const book = read(view)
      last = { state, book }
      book.catch(() => {
        if (last?.book === book) last = undefined
      })
      return book
    },
  }
}
