// One criterion of a search, `name=value`, to the condition that it sets: on a parameter of the type itself, on what it
// refers to (https://hl7.org/fhir/R4/search.html#chaining) or on what refers to it (#has).
import { nearestName } from '../../fhir/index.ts'
import { hasMatch, typedCondition, type Expression } from '../../store/index.ts'
import { requireSteps } from './budget.ts'
import { chainOver, chainTypes } from './chain.ts'
import { filterExpression } from './filter-meaning.ts'
import { listExpression } from './list.ts'
import { parameterExpression } from './parameter-value.ts'
import type { Place, Reading } from './reading.ts'
import { quoted, SearchFault } from './refusal.ts'
import { textExpression } from './text-query.ts'
import { LackingHere, unknownParameter, UnknownParameter } from './unknown-parameter.ts'

const HAS = '_has:'

/**
 * Values between commas are alternatives. A promise where it leads to another type, or something must be looked up.
 * @throws SearchFault, `UnknownParameter` when no type at hand has such a parameter; FhirError of the lookup, `too-costly`
 */
export function criterion(
  place: Place,
  name: string,
  value: string,
  reading: Reading,
): Expression | Promise<Expression> {
  requireSteps(place.path + name, place.steps)
  if (name.startsWith(HAS)) return reverseChain(place, name, value, reading)
  const { code, modifier, rest } = splitName(name)
  if (rest !== undefined) return chain(place, { name, code, modifier, rest }, value, reading)
  const written = place.path + name
  const special = SPECIAL[code]
  if (special !== undefined && Object.hasOwn(SPECIAL, code)) {
    if (code === '_text' && !reading.registry.offered(place.type).has(code))
      throw unknownParameter(place, name, code, reading)
    if (modifier !== undefined)
      throw new SearchFault(
        written,
        'not-supported',
        `${quoted(modifier)} is no modifier of it; it takes none.`,
      )
    if (value === '') throw new SearchFault(written, 'value', 'it has no value.')
    return special(place, written, value, reading)
  }
  const definition = reading.registry.offered(place.type).get(code)
  if (definition === undefined) throw unknownParameter(place, name, code, reading)
  return parameterExpression(written, definition, modifier, value, reading)
}

type Special = (
  place: Place,
  name: string,
  value: string,
  reading: Reading,
) => Expression | Promise<Expression>

const SPECIAL: Readonly<Record<string, Special>> = {
  _text: (_place, name, value, reading) => textExpression('narrative', name, value, reading),
  _content: (_place, name, value, reading) => textExpression('content', name, value, reading),
  _list: (_place, name, value, reading) => listExpression(name, value, reading),
  _filter: filterExpression,
  _query: (_place, name, value) => {
    throw new SearchFault(
      name,
      'not-supported',
      `there is no query named ${quoted(value)}: none is defined here.`,
    )
  },
  _has: (_place, name) => {
    throw new SearchFault(name, 'value', `it lacks its parts. ${HAS_FORM}`)
  },
  _type: (_place, name) => {
    throw new UnknownParameter(
      name,
      'not-supported',
      'it goes with searches of all types or of a whole compartment; here the type is given.',
    )
  },
}

const HAS_FORM =
  'Right would be _has:[type]:[reference parameter]:[parameter], such as _has:Observation:patient:code.'

interface Name {
  readonly code: string
  readonly modifier: string | undefined
  /** What follows the first point. */
  readonly rest: string | undefined
}

export function splitName(name: string): Name {
  const point = name.indexOf('.')
  const head = point < 0 ? name : name.slice(0, point)
  const colon = head.indexOf(':')
  return {
    code: colon < 0 ? head : head.slice(0, colon),
    modifier: colon < 0 ? undefined : head.slice(colon + 1),
    rest: point < 0 ? undefined : name.slice(point + 1),
  }
}

/** On each type that the reference may lead to and that has what is asked for; the others are left out. */
async function chain(
  place: Place,
  { name, code, modifier, rest }: Name & { readonly name: string; readonly rest: string },
  value: string,
  reading: Reading,
): Promise<Expression> {
  const types = chainTypes(place, name, code, modifier, splitName(rest).code, reading)
  const path = `${place.path}${name.slice(0, name.length - rest.length)}`
  return chainOver(
    code,
    types,
    (type) =>
      criterion(
        { type, path, steps: place.steps + 1, single: place.single && types.length === 1 },
        rest,
        value,
        reading,
      ),
    {
      name: place.path + name,
      reading,
    },
  )
}

async function reverseChain(
  place: Place,
  name: string,
  value: string,
  reading: Reading,
): Promise<Expression> {
  const { registry, definitions, budget } = reading
  const written = place.path + name
  const [source = '', code = '', ...parts] = name.slice(HAS.length).split(':')
  const rest = parts.join(':')
  if (rest === '' || code === '')
    throw new SearchFault(written, 'value', `it lacks some of its parts. ${HAS_FORM}`)
  if (!definitions.isResourceType(source)) {
    const near = nearestName(source, definitions.resourceTypes)
    const hint = near === undefined ? '' : ` Did you mean ${quoted(near)}?`
    throw new SearchFault(written, 'value', `${quoted(source)} is no resource type.${hint}`)
  }
  const path = written.slice(0, written.length - rest.length)
  const there = { type: source, path, steps: place.steps + 1, single: place.single }
  const definition = registry.offered(source).get(code)
  if (definition === undefined) throw unknownParameter({ ...there, path: place.path }, name, code, reading)
  if (definition.type !== 'reference' || !definition.targets.includes(place.type)) {
    const those = [...registry.offered(source).values()]
      .filter((it) => it.type === 'reference' && it.targets.includes(place.type))
      .map((it) => it.code)
    throw new LackingHere(
      written,
      'not-supported',
      `${source}:${code} never refers to ${place.type}. ` +
        (those.length === 0 ? `No parameter of ${source} does.` : `Right would be ${those.join(', ')}.`),
    )
  }
  budget.spend()
  return hasMatch(typedCondition(source, await criterion(there, rest, value, reading)), code)
}
