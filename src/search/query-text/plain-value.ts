// One value of a parameter without a modifier, to the condition that it sets.
import { ID_PATTERN } from '../../fhir/index.ts'
import { dateMatch, idMatch, lastUpdatedMatch, type Expression } from '../../store/index.ts'
import { numberExpression, quantityExpression } from './amounts.ts'
import { dateComparison } from './dates.ts'
import { unescaped } from './escapes.ts'
import { nearExpression } from './near.ts'
import type { Reading, ValueTarget } from './reading.ts'
import { quoted, SearchFault } from './refusal.ts'
import { referenceExpression } from './references.ts'
import { stringExpression } from './strings.ts'
import { tokenExpression } from './tokens.ts'
import { uriExpression } from './uris.ts'

/** @param text with its escapes, and not empty */
export function plainExpression(target: ValueTarget, text: string, reading: Reading): Expression {
  const { name, param } = target
  reading.budget.spend()
  if (param === '_id') return idExpression(name, unescaped(text))
  if (param === '_lastUpdated') return lastUpdatedMatch(dateComparison(name, unescaped(text), reading.now))
  switch (target.type) {
    case 'string':
      return stringExpression(target, 'starts', unescaped(text))
    case 'token':
      return tokenExpression(target, text)
    case 'reference':
      return referenceExpression(target, unescaped(text), reading)
    case 'date':
      return dateMatch(
        param,
        dateComparison(name, unescaped(text), reading.now),
        reading.registry.isClinicalDate(target.base, target.code),
      )
    case 'number':
      return numberExpression(target, unescaped(text))
    case 'quantity':
      return quantityExpression(target, text)
    case 'uri':
      return uriExpression(target, unescaped(text), reading.registry)
    case 'special':
      return nearExpression(target, text)
    case 'composite':
      throw new Error(`${param} is a composite: its components have values`)
  }
}

/** @param text without escapes */
export function idExpression(name: string, text: string): Expression {
  if (!ID_PATTERN.test(text)) {
    throw new SearchFault(
      name,
      'value',
      `${quoted(text)} is not an id. Right would be 1 to 64 letters, digits, - and .`,
    )
  }
  return idMatch(text)
}
