// Resources that a List names (https://hl7.org/fhir/R4/search.html#list).
import { hasMatch, or, typedCondition, type Expression } from '../../store/index.ts'
import { splitUnescaped, unescaped } from './escapes.ts'
import { idExpression } from './plain-value.ts'
import type { Reading } from './reading.ts'
import { quoted, SearchFault } from './refusal.ts'

/** Ids of Lists; the List itself must be visible to the caller. */
export function listExpression(name: string, value: string, { budget }: Reading): Expression {
  const any = splitUnescaped(value, ',').map((item) => {
    budget.spend(2)
    const text = unescaped(item)
    if (text.startsWith('$')) {
      throw new SearchFault(
        name,
        'not-supported',
        `the functional list ${quoted(text)} is not kept here. Right would be the id of a List.`,
      )
    }
    return hasMatch(typedCondition('List', idExpression(name, text)), 'item')
  })
  return any.length === 1 ? (any[0] as Expression) : or(any)
}
