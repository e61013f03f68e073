// One line for what a payer would else take for the same thing twice: one code with the same modifiers, of one day.
import { writeJson } from '../../fhir/index.ts'
import { keyOf, type ServiceLine } from '../rules/index.ts'

/** Units and minutes are added; the line stands where the first of them stood, and is for the service of the first. */
export function mergedLines(lines: readonly ServiceLine[]): readonly ServiceLine[] {
  const merged = new Map<string, ServiceLine>()
  for (const line of lines) {
    const { code, modifiers, place, revenue, unitPrice, rule } = line
    const key = [
      keyOf(code),
      rule,
      modifiers.map(keyOf).join(),
      place === undefined ? '' : keyOf(place),
      revenue === undefined ? '' : keyOf(revenue),
      unitPrice === undefined ? '' : writeJson(unitPrice),
    ].join('\n')
    const first = merged.get(key)
    merged.set(key, first === undefined ? line : together(first, line))
  }
  return [...merged.values()]
}

function together(first: ServiceLine, other: ServiceLine): ServiceLine {
  const minutes = (first.minutes ?? 0) + (other.minutes ?? 0)
  return { ...first, units: first.units + other.units, ...(minutes === 0 ? {} : { minutes }) }
}
