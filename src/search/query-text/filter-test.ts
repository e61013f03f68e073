// One test of `_filter`, a parameter compared with a value (https://hl7.org/fhir/R4/search_filter.html#ops).
import type { SearchParameterType } from '../../fhir/index.ts'
import {
  and,
  dateMatch,
  lastUpdatedMatch,
  not,
  stringOrderMatch,
  unlikeMatch,
  uriMatch,
  type Expression,
  type RangeComparison,
  type StringMatch,
  type TokenMatch,
} from '../../store/index.ts'
import { numberExpression, quantityExpression } from './amounts.ts'
import { dateComparison, dateRange } from './dates.ts'
import { splitUnescaped } from './escapes.ts'
import { idExpression } from './plain-value.ts'
import type { Reading, ValueTarget } from './reading.ts'
import { quoted, SearchFault } from './refusal.ts'
import { referenceExpression } from './references.ts'
import { foldedText, stringExpression } from './strings.ts'
import { modifiersOf } from './support.ts'
import { LackingHere } from './unknown-parameter.ts'
import { tokenBy, tokenExpression, tokenIn } from './tokens.ts'
import { presenceExpression, whereKept } from './where-kept.ts'

const ORDER = ['gt', 'lt', 'ge', 'le']
const RANGE = [...ORDER, 'ap', 'sa', 'eb']

/** What R4 has each operator mean for; a uri it does not speak of is compared whole. */
export const FILTER_OPERATORS: Readonly<Record<SearchParameterType, readonly string[]>> = {
  string: ['eq', 'ne', 'co', 'sw', 'ew', ...ORDER, 'pr'],
  number: ['eq', 'ne', ...RANGE, 'pr'],
  date: ['eq', 'ne', 'co', ...RANGE, 'po', 'pr'],
  token: ['eq', 'ne', 'ss', 'sb', 'in', 'ni', 'pr'],
  reference: ['re', 'pr'],
  quantity: ['eq', 'ne', ...RANGE, 'pr'],
  uri: ['eq', 'ne', 'pr'],
  composite: [],
  special: [],
}

/** Of a parameter by sound, which has no order and no parts. */
const SOUND_OPERATORS = ['eq', 'pr']
const OF_A_SET: readonly string[] = ['ss', 'sb', 'in', 'ni']

/** R4's names for code systems within filters. */
const SYSTEMS: Readonly<Record<string, string>> = {
  loinc: 'http://loinc.org',
  snomed: 'http://snomed.info/sct',
  rxnorm: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  ucum: 'http://unitsofmeasure.org',
}

/**
 * @param value as it is meant; tokens and quantities with the bars and escapes of R4's search values
 * @param within whether the values are those of one composite, which are always there
 * @throws SearchFault
 */
export async function filterTest(
  target: ValueTarget,
  operator: string,
  value: string,
  reading: Reading,
  within = false,
): Promise<Expression> {
  const { name, param, base, code } = target
  requireOperator(target, operator)
  if (value === '') throw new SearchFault(name, 'value', 'a value of its filter is empty.')
  reading.budget.spend()
  if (operator === 'pr') return presence(target, value, within, reading)
  if (param === '_id') {
    const id = idExpression(name, value)
    return operator === 'ne' ? not(id) : id
  }
  const condition = await comparison(target, operator, value, reading)
  return within ? condition : whereKept(condition, code, reading.registry.kept(base).names(code))
}

async function comparison(
  target: ValueTarget,
  operator: string,
  value: string,
  reading: Reading,
): Promise<Expression> {
  const { param, type } = target
  switch (type) {
    case 'string':
      return stringTest(target, operator, value)
    case 'token':
      return tokenTest(target, operator, value, reading)
    case 'reference':
      return referenceExpression(target, value, reading)
    case 'date':
      return dateTest(target, operator, value, reading)
    case 'number':
      return numberExpression(target, operator + value)
    case 'quantity':
      return quantityExpression(target, operator + withSystem(value, 1))
    case 'uri':
      return operator === 'ne' ? unlikeMatch(uriMatch(param, value)) : uriMatch(param, value)
    case 'composite':
    case 'special':
      throw new Error(`${type} parameters have no operators`)
  }
}

function requireOperator(target: ValueTarget, operator: string): void {
  const { name, type, phonetic } = target
  const coded = modifiersOf({ ...target, hierarchical: false }).includes('in')
  const allowed = phonetic
    ? SOUND_OPERATORS
    : FILTER_OPERATORS[type].filter((it) => coded || !OF_A_SET.includes(it))
  if (allowed.includes(operator)) return
  const known = Object.values(FILTER_OPERATORS).some((operators) => operators.includes(operator))
  throw new LackingHere(
    name,
    'not-supported',
    `${quoted(operator)} is no operator ${known ? 'for ' : 'of a filter, nor one for '}${type} parameters of this kind. ` +
      (allowed.length === 0 ? 'None is.' : `Right would be ${allowed.join(', ')}.`),
  )
}

function presence(
  { name, base, code, type }: ValueTarget,
  value: string,
  within: boolean,
  { registry }: Reading,
): Expression {
  if (value !== 'true' && value !== 'false')
    throw new SearchFault(name, 'value', `${quoted(value)} is neither true nor false, which pr takes.`)
  const present = within
    ? and([])
    : presenceExpression({ base, code, type: type as Exclude<SearchParameterType, 'special'> }, registry)
  return value === 'true' ? present : not(present)
}

function stringTest(target: ValueTarget, operator: string, value: string): Expression {
  const { name, param } = target
  switch (operator) {
    case 'eq':
      return stringExpression(target, 'equals', value)
    case 'ne':
      return unlikeMatch(stringExpression(target, 'equals', value) as StringMatch)
    case 'co':
      return stringExpression(target, 'contains', value)
    case 'sw':
      return stringExpression(target, 'starts', value)
    case 'ew':
      return stringExpression(target, 'ends', value)
    default:
      return stringOrderMatch(param, operator as 'gt' | 'lt' | 'ge' | 'le', foldedText(name, value))
  }
}

async function tokenTest(
  target: ValueTarget,
  operator: string,
  value: string,
  reading: Reading,
): Promise<Expression> {
  const text = withSystem(value, 0)
  switch (operator) {
    case 'ne':
      return unlikeMatch(tokenExpression(target, text) as TokenMatch)
    case 'in':
      return tokenIn(target, value, reading)
    case 'ni':
      return not(await tokenIn(target, value, reading))
    case 'ss':
      return tokenBy(target, 'below', text, reading)
    case 'sb':
      return tokenBy(target, 'above', text, reading)
    default:
      return tokenExpression(target, text)
  }
}

function dateTest(target: ValueTarget, operator: string, value: string, { now }: Reading): Expression {
  const { name, param } = target
  const match = (comparison: RangeComparison): Expression =>
    param === '_lastUpdated' ? lastUpdatedMatch(comparison) : dateMatch(param, comparison)
  if (operator === 'po') return match({ comparator: 'ap', ...dateRange(name, value) })
  if (operator !== 'co') return match(dateComparison(name, operator + value, now))
  // A period holds another when it holds its first and its last moment.
  const { low, high } = dateRange(name, value)
  return and([
    match({ comparator: 'ap', low, high: low + 1 }),
    match({ comparator: 'ap', low: high - 1, high }),
  ])
}

/** The text with the short name of a code system at this place among its bars written out. */
function withSystem(text: string, place: number): string {
  const parts = splitUnescaped(text, '|')
  const short = parts[place]
  if (short === undefined || parts.length <= place + 1 || !Object.hasOwn(SYSTEMS, short)) return text
  parts[place] = SYSTEMS[short] as string
  return parts.join('|')
}
