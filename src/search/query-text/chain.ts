// What a reference parameter leads to, for conditions on it (https://hl7.org/fhir/R4/search.html#chaining).
import { chainMatch, typedCondition, type Expression, type TypedCondition } from '../../store/index.ts'
import { few } from './parameter-value.ts'
import type { Place, Reading } from './reading.ts'
import { quoted } from './refusal.ts'
import { LackingHere, unknownParameter, UnknownParameter } from './unknown-parameter.ts'

/**
 * The types that a chain over a reference parameter leads to.
 * @param next the code of the parameter that follows
 * @throws LackingHere when the parameter is no reference, or never refers to the type named as modifier
 */
export function chainTypes(
  place: Place,
  name: string,
  code: string,
  modifier: string | undefined,
  next: string,
  reading: Reading,
): readonly string[] {
  const written = place.path + name
  const definition = reading.registry.offered(place.type).get(code)
  if (definition === undefined) throw unknownParameter(place, name, code, reading)
  if (definition.type !== 'reference') {
    throw new LackingHere(
      written,
      'not-supported',
      `${quoted(code)} is no reference of ${place.type}, so nothing can be chained to it.`,
    )
  }
  if (modifier === undefined) {
    const types = typesWith(next, definition.targets, reading)
    if (types.length > 0) return types
    throw new UnknownParameter(
      written,
      'not-supported',
      `none of the types that ${quoted(code)} refers to (${few(definition.targets)}) has ${quoted(next)}.`,
    )
  }
  if (!definition.targets.includes(modifier)) {
    throw new LackingHere(
      written,
      'not-supported',
      `${quoted(code)} never refers to ${quoted(modifier)}. It refers to ${few(definition.targets)}.`,
    )
  }
  return [modifier]
}

/** Of several types those that may have the parameter: that the others lack it needs no telling. */
function typesWith(code: string, types: readonly string[], { registry }: Reading): readonly string[] {
  if (code.startsWith('_') || types.length === 1) return types
  const having = types.filter(
    (type) => registry.offered(type).has(code) || registry.statusOf(type, code) !== undefined,
  )
  return having
}

/** @throws LackingHere when none of the types has what `where` asks for */
export async function chainOver(
  code: string,
  types: readonly string[],
  where: (type: string) => Expression | Promise<Expression>,
  { name, reading }: { readonly name: string; readonly reading: Reading },
): Promise<Expression> {
  const targets: TypedCondition[] = []
  const lacking: LackingHere[] = []
  for (const type of types) {
    reading.budget.spend()
    try {
      targets.push(typedCondition(type, await where(type)))
    } catch (error) {
      if (!(error instanceof LackingHere)) throw error
      lacking.push(error)
    }
  }
  if (targets.length > 0) return chainMatch(code, targets)
  const known = lacking.find((it) => !(it instanceof UnknownParameter))
  if (known !== undefined) throw known
  const [only] = lacking
  if (lacking.length === 1 && only !== undefined) throw only
  const unknown = new UnknownParameter(
    name,
    'not-supported',
    `none of the types that ${quoted(code)} refers to (${few(types)}) has what follows it.`,
  )
  unknown.inValue = lacking.some((it) => it instanceof UnknownParameter && it.inValue)
  throw unknown
}
