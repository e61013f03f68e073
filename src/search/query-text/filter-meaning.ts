// What a filter asks (https://hl7.org/fhir/R4/search_filter.html): its tree to conditions on a type.
import { and, not, or, type Expression } from '../../store/index.ts'
import { requireSteps } from './budget.ts'
import { chainOver, chainTypes } from './chain.ts'
import { FilterFault, parseFilter, type Filter, type FilterTest } from './filter-grammar.ts'
import { groupTest } from './filter-group.ts'
import { filterTest, FILTER_OPERATORS } from './filter-test.ts'
import type { Place, Reading } from './reading.ts'
import { quoted, SearchFault } from './refusal.ts'
import { targetOf } from './target.ts'
import { unknownParameter, UnknownParameter } from './unknown-parameter.ts'

/** @param name as written, `_filter` itself */
export async function filterExpression(
  place: Place,
  name: string,
  value: string,
  reading: Reading,
): Promise<Expression> {
  try {
    return await meaning({ ...place, path: `${name} ` }, parsed(name, value), reading)
  } catch (error) {
    if (error instanceof UnknownParameter) error.inValue = true
    throw error
  }
}

function parsed(name: string, value: string): Filter {
  try {
    return parseFilter(value)
  } catch (error) {
    if (!(error instanceof FilterFault)) throw error
    throw new SearchFault(
      name,
      'value',
      `${error.message}. Right would be: name co "pet" and not (birthdate lt 1950).`,
    )
  }
}

async function meaning(place: Place, filter: Filter, reading: Reading): Promise<Expression> {
  if (filter.kind === 'test') return test(place, filter, reading)
  if (filter.kind === 'not') return not(await meaning(place, filter.filter, reading))
  const parts: Expression[] = []
  for (const part of filter.filters) parts.push(await meaning(place, part, reading))
  return filter.kind === 'and' ? and(parts) : or(parts)
}

async function test(place: Place, filter: FilterTest, reading: Reading): Promise<Expression> {
  const { path, operator, value } = filter
  const { name, next } = path
  requireSteps(place.path + name, place.steps)
  const grouped = await groupTest(place, filter, name, reading)
  if (grouped !== undefined) return grouped
  if (next !== undefined) {
    const types = chainTypes(place, name, name, undefined, next.name, reading)
    const along = (type: string): Place => ({
      type,
      path: `${place.path}${name}.`,
      steps: place.steps + 1,
      single: place.single && types.length === 1,
    })
    const where = async (type: string): Promise<Expression> => {
      const rest = await test(along(type), { ...filter, path: next }, reading)
      return path.filter === undefined ? rest : and([await meaning(along(type), path.filter, reading), rest])
    }
    return chainOver(name, types, where, { name: place.path + name, reading })
  }
  const definition = reading.registry.offered(place.type).get(name)
  if (definition === undefined) throw unknownParameter(place, name, name, reading)
  const target = targetOf(place.path + name, definition, reading.registry)
  if (name === '_text' || name === '_content' || FILTER_OPERATORS[definition.type].length === 0) {
    throw new SearchFault(
      target.name,
      'not-supported',
      `${quoted(name)} has no operators in a filter; it goes beside it, as a parameter of its own.`,
    )
  }
  return filterTest(target, operator, value, reading)
}
