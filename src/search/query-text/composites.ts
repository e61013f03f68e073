// Values that stand together, joined by `$` (https://hl7.org/fhir/R4/search.html#composite).
import type { SearchParameterDefinition } from '../../fhir/index.ts'
import { and, compositeMatch, type Expression } from '../../store/index.ts'
import type { RegisteredComponent, Registry } from '../registry.ts'
import { splitUnescaped } from './escapes.ts'
import { plainExpression } from './plain-value.ts'
import type { Reading, ValueTarget } from './reading.ts'
import { quoted, SearchFault } from './refusal.ts'
import { targetOf } from './target.ts'
import { anyOf, whereKept } from './where-kept.ts'

/** What a component's values are compared with: the entries of its place. */
export function componentTarget(
  name: string,
  component: RegisteredComponent,
  place: number,
  registry: Registry,
): ValueTarget {
  const { definition, valueTypes } = component
  return { ...targetOf(name, definition, registry), param: String(place), valueTypes }
}

/** As many values as components, each perhaps with a prefix. */
export function compositeExpression(
  name: string,
  { base, code }: SearchParameterDefinition,
  text: string,
  reading: Reading,
): Expression {
  const { registry } = reading
  const components = registry.components(base, code)
  const values = splitUnescaped(text, '$')
  if (values.length !== components.length || values.includes('')) {
    const right = components.map(({ definition }) => `[${definition.code}]`).join('$')
    throw new SearchFault(
      name,
      'value',
      `${quoted(text)} is not ${components.length} values. Right would be ${right}; a $ within a value is written \\$.`,
    )
  }
  const conditions = components.map((component, place) =>
    plainExpression(componentTarget(name, component, place, registry), values[place] as string, reading),
  )
  const kept = registry.kept(base)
  const any: Expression[] = []
  // Whatever values the resource itself has stand together.
  const itself = kept.ofResource(code)
  if (itself !== undefined)
    any.push(
      and(itself.map((names, place) => whereKept(conditions[place] as Expression, String(place), names))),
    )
  if (kept.hasEntries(code)) {
    const together = compositeMatch(code, conditions)
    // What the parameters of the components ask by themselves says no more, but lets a store begin with an index.
    const alone = components.flatMap(({ definition }, place) => {
      const names = registry.aside(base, code, place)
      if (names.length === 0) return []
      const own = plainExpression(targetOf(name, definition, registry), values[place] as string, reading)
      return [whereKept(own, definition.code, names)]
    })
    any.push(alone.length === 0 ? together : and([...alone, together]))
  }
  return anyOf(any)
}
