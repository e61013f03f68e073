// One parameter of a search, `name[:modifier]=value,value`, to the condition that it sets.
import {
  ID_PATTERN,
  nearestName,
  type Definitions,
  type SearchParameterDefinition,
} from '../../fhir/index.ts'
import {
  dateMatch,
  idMatch,
  lastUpdatedMatch,
  or,
  stringMatch,
  uriMatch,
  type Expression,
} from '../../store/index.ts'
import { foldString } from '../fold-string.ts'
import type { SearchLookup } from '../lookup.ts'
import type { Registry } from '../registry.ts'
import { numberExpression, quantityExpression } from './amounts.ts'
import { dateComparison } from './dates.ts'
import { splitUnescaped, unescaped } from './escapes.ts'
import { referenceExpression } from './references.ts'
import { quoted, SearchFault } from './refusal.ts'
import { tokenExpression } from './tokens.ts'

export interface CriterionParts {
  readonly registry: Registry
  readonly definitions: Definitions
  readonly baseUrl: string
  readonly lookup: SearchLookup
  /** Milliseconds since 1970, for `ap` with dates. */
  readonly now: () => number
}

/** A parameter that the type does not have, or that the server does not offer: lenient handling leaves it out. */
export class UnknownParameter extends SearchFault {}

/** R4's modifiers that are not offered (https://hl7.org/fhir/R4/search.html#modifiers). */
const OTHER_MODIFIERS = [
  'missing',
  'exact',
  'contains',
  'text',
  'not',
  'above',
  'below',
  'in',
  'not-in',
  'of-type',
  'identifier',
  'iterate',
]

/**
 * Values between commas are alternatives.
 * @throws SearchFault, `UnknownParameter` when the name is at fault
 */
export function criterion(
  type: string,
  name: string,
  value: string,
  alsoKnown: readonly string[],
  parts: CriterionParts,
): Expression {
  const [code = '', modifier] = splitModifier(name)
  const parameter = parts.registry.offered(type).get(code)
  if (parameter === undefined) throw unknown(type, name, code, alsoKnown, parts.registry)
  const read = reader(type, name, parameter, modifier, parts)
  if (value === '') throw new SearchFault(name, 'value', 'it has no value.')
  const alternatives = splitUnescaped(value, ',').map((item) => {
    if (item === '') throw new SearchFault(name, 'value', 'a value between its commas is empty.')
    return read(item)
  })
  return alternatives.length === 1 ? (alternatives[0] as Expression) : or(alternatives)
}

/** The name up to its first colon, and what follows. */
export function splitModifier(name: string): [code: string, modifier: string | undefined] {
  const colon = name.indexOf(':')
  return colon < 0 ? [name, undefined] : [name.slice(0, colon), name.slice(colon + 1)]
}

function reader(
  type: string,
  name: string,
  parameter: SearchParameterDefinition,
  modifier: string | undefined,
  parts: CriterionParts,
): (text: string) => Expression {
  const { code } = parameter
  if (modifier !== undefined && parameter.type !== 'reference') throw noModifier(name, modifier, 'none')
  if (code === '_id') return (text) => idExpression(code, text)
  if (code === '_lastUpdated') {
    return (text) => lastUpdatedMatch(dateComparison(code, unescaped(text), parts.now()))
  }
  switch (parameter.type) {
    case 'string':
      return (text) => stringExpression(code, unescaped(text))
    case 'token': {
      const boolean = parts.registry.valueTypes(type, code).every((it) => it === 'boolean')
      return (text) => tokenExpression(code, text, boolean)
    }
    case 'reference': {
      const typed = modifier !== undefined
      if (typed && !parameter.targets.includes(modifier)) {
        throw noModifier(name, modifier, `a resource type that it may refer to (${few(parameter.targets)})`)
      }
      const rules = {
        definitions: parts.definitions,
        baseUrl: parts.baseUrl,
        targets: typed ? [modifier] : parameter.targets,
        typed,
        canonical: parts.registry.valueTypes(type, code).some((it) => it === 'canonical' || it === 'uri'),
      }
      return (text) => referenceExpression(name, code, unescaped(text), rules)
    }
    case 'date':
      return (text) => dateMatch(code, dateComparison(code, unescaped(text), parts.now()))
    case 'number':
      return (text) => numberExpression(code, unescaped(text))
    case 'quantity':
      return (text) => quantityExpression(code, text)
    case 'uri':
      return (text) => uriMatch(code, unescaped(text))
    case 'composite':
    case 'special':
      throw new Error(`${code} is offered, but there is no reader for ${parameter.type}`)
  }
}

function idExpression(code: string, text: string): Expression {
  if (!ID_PATTERN.test(text)) {
    throw new SearchFault(
      code,
      'value',
      `${quoted(text)} is not an id. Right would be 1 to 64 letters, digits, - and .`,
    )
  }
  return idMatch(text)
}

function stringExpression(code: string, text: string): Expression {
  const folded = foldString(text)
  if (folded === '') throw new SearchFault(code, 'value', `${quoted(text)} holds nothing to search for.`)
  return stringMatch(code, folded)
}

function unknown(
  type: string,
  name: string,
  code: string,
  alsoKnown: readonly string[],
  registry: Registry,
): UnknownParameter {
  const codes = [...registry.offered(type).keys(), ...alsoKnown]
  const supported = `Supported for ${type}: ${codes.join(', ')}.`
  const later = registry.of(type).get(code)
  if (later !== undefined) {
    const kind = later.definition.type === 'composite' || later.definition.type === 'special'
    const what = kind ? `${later.definition.type} parameters are` : 'it is'
    return new UnknownParameter(name, 'not-supported', `${what} not supported yet. ${supported}`)
  }
  if (code === '_has') {
    return new UnknownParameter(name, 'not-supported', `reverse chaining is not supported yet. ${supported}`)
  }
  if (name.includes('.')) {
    return new UnknownParameter(
      name,
      'not-supported',
      `chained parameters are not supported yet. ${supported}`,
    )
  }
  const near = nearestName(code, codes)
  const hint = near === undefined ? '' : ` Did you mean ${quoted(near)}?`
  return new UnknownParameter(name, 'not-supported', `${type} has no such parameter.${hint} ${supported}`)
}

function noModifier(name: string, modifier: string, supported: string): SearchFault {
  if (modifier.includes('.')) {
    return new UnknownParameter(name, 'not-supported', 'chained parameters are not supported yet.')
  }
  const what = OTHER_MODIFIERS.includes(modifier)
    ? `the modifier ${quoted(modifier)} is not supported yet`
    : `${quoted(modifier)} is no modifier of it`
  return new SearchFault(name, 'not-supported', `${what}. Supported: ${supported}.`)
}

function few(names: readonly string[]): string {
  return names.length > 12 ? `${names.slice(0, 12).join(', ')}, ...` : names.join(', ')
}
