// The names that `_filter` adds to search parameters for values that stand together: `characteristic[code eq x].value`
// (https://hl7.org/fhir/R4/search_filter.html#params). They are composites, asked in another way.
import { and, compositeMatch, not, or, type Expression } from '../../store/index.ts'
import { componentTarget } from './composites.ts'
import type { Filter, FilterPath, FilterTest } from './filter-grammar.ts'
import { filterTest } from './filter-test.ts'
import type { Place, Reading } from './reading.ts'
import { quoted, SearchFault } from './refusal.ts'

interface Group {
  readonly composite: string
  /** The place of the component that a name stands for. */
  readonly children: Readonly<Record<string, number>>
}

/** Those of R4's table whose parameters R4 has; of the others it has only the names. */
const GROUPS: Readonly<Record<string, Readonly<Record<string, Group>>>> = {
  Group: { characteristic: { composite: 'characteristic-value', children: { code: 0, value: 1 } } },
  DocumentReference: { relatesTo: { composite: 'relationship', children: { code: 0, target: 1 } } },
}

/** A condition on the component at a place; all of them must hold within one composite. */
type Together = readonly { readonly place: number; readonly condition: Expression }[]

/** undefined when the name begins no group of the type: it is a search parameter of its own then, or nothing. */
export async function groupTest(
  { type, path }: Place,
  test: FilterTest,
  name: string,
  reading: Reading,
): Promise<Expression | undefined> {
  const { path: names, operator, value } = test
  const groups = Object.hasOwn(GROUPS, type) ? GROUPS[type] : undefined
  const group = groups !== undefined && Object.hasOwn(groups, names.name) ? groups[names.name] : undefined
  if (group === undefined || (names.filter === undefined && names.next === undefined)) return undefined
  if (names.filter === undefined || names.next === undefined) {
    throw new SearchFault(
      path + name,
      'value',
      `${quoted(names.name)} needs a filter and a name, as in ${names.name}[code eq x].${Object.keys(group.children).at(-1)}.`,
    )
  }
  const { registry, budget } = reading
  const components = registry.components(type, group.composite)
  const leaf = async (child: FilterPath, comparator: string, text: string): Promise<Together> => {
    const place = Object.hasOwn(group.children, child.name) ? group.children[child.name] : undefined
    const component = place === undefined ? undefined : components[place]
    if (place === undefined || component === undefined || child.next !== undefined) {
      throw new SearchFault(
        path + name,
        'not-supported',
        `within ${quoted(names.name)} there are ${Object.keys(group.children).join(' and ')} alone, and nothing is chained to them.`,
      )
    }
    const target = componentTarget(path + name, component, place, registry)
    return [{ place, condition: await filterTest(target, comparator, text, reading, true) }]
  }
  const ways = async (filter: Filter, reversed: boolean): Promise<readonly Together[]> => {
    if (filter.kind === 'test') {
      const [one] = await leaf(filter.path, filter.operator, filter.value)
      if (one === undefined) return []
      return [[reversed ? { place: one.place, condition: not(one.condition) } : one]]
    }
    if (filter.kind === 'not') return ways(filter.filter, !reversed)
    const parts: (readonly Together[])[] = []
    for (const part of filter.filters) parts.push(await ways(part, reversed))
    if ((filter.kind === 'or') !== reversed) return parts.flat()
    return parts.reduce((left, right) => {
      budget.spend(left.length * right.length)
      return left.flatMap((a) => right.map((b) => [...a, ...b]))
    })
  }
  const last = await leaf(names.next, operator, value)
  const any = (await ways(names.filter, false)).map((together) => {
    const all = [...together, ...last]
    return compositeMatch(
      group.composite,
      components.map((_, place) => {
        const here = all.filter((it) => it.place === place).map(({ condition }) => condition)
        return here.length === 1 ? (here[0] as Expression) : and(here)
      }),
    )
  })
  return any.length === 1 ? any[0] : or(any)
}
