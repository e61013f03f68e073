// The value of one parameter, `[modifier]=value,value`, to the condition that it sets.
import type { SearchParameterDefinition } from '../../fhir/index.ts'
import { not, type Expression, type IndexEntry } from '../../store/index.ts'
import { compositeExpression } from './composites.ts'
import { splitUnescaped, unescaped } from './escapes.ts'
import { plainExpression } from './plain-value.ts'
import type { Reading, ValueTarget } from './reading.ts'
import { isHierarchical, referenceBy, referenceExpression, referenceIdentifier } from './references.ts'
import { quoted, SearchFault } from './refusal.ts'
import { stringExpression } from './strings.ts'
import { modifiersOf, SUPPORT, type Modifier } from './support.ts'
import { targetOf } from './target.ts'
import { mimeTypeBelow, tokenBy, tokenIn, tokenOfType, tokenText } from './tokens.ts'
import { LackingHere } from './unknown-parameter.ts'
import { uriBy } from './uris.ts'
import { anyOf, presenceExpression, whereKept } from './where-kept.ts'

/** Their values name what must be looked up: sets of codes, or of places. */
const LOOKING_UP: ReadonlySet<Modifier> = new Set(['in', 'not-in', 'above', 'below'])

/**
 * At once, unless something must be looked up: a search of a few parameters costs more in promises than in reading.
 * @param name as written, from the start of the chain
 * @throws SearchFault
 */
export function parameterExpression(
  name: string,
  definition: SearchParameterDefinition,
  modifier: string | undefined,
  value: string,
  reading: Reading,
): Expression | Promise<Expression> {
  const target = targetOf(name, definition, reading.registry)
  const asked = modifier === undefined ? undefined : readModifier(target, modifier, reading)
  if (value === '') throw new SearchFault(name, 'value', 'it has no value.')
  if (asked === 'missing') return missingExpression(target, value, reading)
  const names = reading.registry.kept(definition.base).names(definition.code)
  const texts = splitUnescaped(value, ',')
  const requireText = (text: string): void => {
    if (text === '') throw new SearchFault(name, 'value', 'a value between its commas is empty.')
    reading.budget.spend(names.length - 1)
  }
  if (asked !== undefined && LOOKING_UP.has(asked)) {
    const all = async (): Promise<Expression> => {
      const any: Expression[] = []
      for (const text of texts) {
        requireText(text)
        any.push(whereKept(await setExpression(target, asked, text, reading), definition.code, names))
      }
      return asked === 'not-in' ? not(anyOf(any)) : anyOf(any)
    }
    return all()
  }
  const any = texts.map((text) => {
    requireText(text)
    return definition.type === 'composite'
      ? compositeExpression(name, definition, text, reading)
      : whereKept(valueExpression(target, asked, modifier, text, reading), definition.code, names)
  })
  return asked === 'not' ? not(anyOf(any)) : anyOf(any)
}

function valueExpression(
  target: ValueTarget,
  modifier: Modifier | undefined,
  written: string | undefined,
  text: string,
  reading: Reading,
): Expression {
  if (modifier === undefined || modifier === 'not') return plainExpression(target, text, reading)
  reading.budget.spend()
  switch (modifier) {
    case 'exact':
      return stringExpression(target, 'exact', unescaped(text))
    case 'contains':
      return stringExpression(target, 'contains', unescaped(text))
    case 'text':
      return tokenText(target, unescaped(text))
    case 'of-type':
      return tokenOfType(target, text)
    case 'identifier':
      return referenceIdentifier(target, text)
    case '[type]':
      return referenceExpression(target, unescaped(text), reading, written)
    default:
      throw new Error(`${modifier} is no modifier of a single value`)
  }
}

/** Of modifiers that look something up. */
async function setExpression(
  target: ValueTarget,
  modifier: Modifier,
  text: string,
  reading: Reading,
): Promise<Expression> {
  reading.budget.spend()
  if (modifier !== 'above' && modifier !== 'below') return tokenIn(target, unescaped(text), reading)
  if (modifier === 'below' && reading.registry.hasMimeTypes(target.base, target.code))
    return mimeTypeBelow(target, unescaped(text))
  if (target.type === 'token') return tokenBy(target, modifier, text, reading)
  if (target.type === 'uri') return uriBy(target, modifier, unescaped(text))
  return referenceBy(target, modifier, unescaped(text), reading)
}

/** @throws LackingHere that says which modifiers it takes */
function readModifier(target: ValueTarget, written: string, { registry, definitions }: Reading): Modifier {
  const { name, type, targets } = target
  const allowed = modifiersOf({
    ...target,
    hierarchical: type === 'reference' && targets.some((it) => isHierarchical(it, registry)),
  })
  const named = allowed.find((it) => it === written)
  if (named !== undefined && named !== '[type]') return named
  if (allowed.includes('[type]') && definitions.isResourceType(written)) {
    if (targets.includes(written)) return '[type]'
    throw new SearchFault(
      name,
      'not-supported',
      `it never refers to ${written}. It refers to ${few(targets)}.`,
    )
  }
  const elsewhere = Object.values(SUPPORT).some(({ modifiers }) => modifiers.some((it) => it === written))
  const reason = elsewhere
    ? `the modifier ${quoted(written)} does not go with ${type} parameters of this kind`
    : `${quoted(written)} is no modifier of it`
  const right = allowed.map((it) => (it === '[type]' ? `a resource type (${few(targets)})` : it)).join(', ')
  throw new LackingHere(name, 'not-supported', `${reason}. Supported: ${right === '' ? 'none' : right}.`)
}

/** https://hl7.org/fhir/R4/search.html#missing */
function missingExpression(target: ValueTarget, value: string, { registry }: Reading): Expression {
  const { name, base, code, type } = target
  if (value !== 'true' && value !== 'false')
    throw new SearchFault(name, 'value', `${quoted(value)} is neither true nor false.`)
  const present = presenceExpression({ base, code, type: type as IndexEntry['kind'] }, registry)
  return value === 'true' ? not(present) : present
}

export function few(names: readonly string[]): string {
  return names.length > 12 ? `${names.slice(0, 12).join(', ')}, ...` : names.join(', ')
}
