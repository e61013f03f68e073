// The longer sentences by which a fault says what would be right.
import type { ElementDefinition, JsonValue, ValueSetCodes } from '../../fhir/index.ts'
import { nearestName } from '../../fhir/index.ts'
import type { Shape } from './shape.ts'

const MAX_QUOTE = 80
const MAX_NAMES = 12

/** The client's own value, cut short. */
export function quote(value: JsonValue | undefined): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > MAX_QUOTE ? `${text.slice(0, MAX_QUOTE)}…` : text
}

export function listNames(names: readonly string[], total: number = names.length): string {
  const shown = names.slice(0, MAX_NAMES).join(', ')
  return total > Math.min(names.length, MAX_NAMES) ? `${shown} … (${total} in all)` : shown
}

export function allowedCodes(codes: ValueSetCodes): string {
  return `${codes.name}: ${listNames(codes.sample, codes.size)}`
}

export function missingElement(element: ElementDefinition, shape: Shape): string {
  const names = element.choice ? namesOfChoice(element.name, shape) : [element.name]
  const what = element.choice ? `one of ${listNames(names)}` : element.name
  return `${shape.name} must have ${what} (at least ${element.min}).`
}

export function ambiguousChoice(step: string, names: readonly string[]): string {
  return `${step}[x] may have one type only, but ${names.join(' and ')} are there.`
}

export function unknownProperty(key: string, shape: Shape): string {
  const name = quote(key).slice(1, -1)
  const choice = [...shape.slots.values()].find(
    ({ step, property }) => property.element.choice && isTyped(key.replace(/^_/, ''), step),
  )
  if (choice) {
    const names = namesOfChoice(choice.step, shape)
    return `${name} is not how ${shape.name}.${choice.step}[x] may be written: ${listNames(names)}.`
  }
  const primary = key.startsWith('_') ? shape.slots.get(key.slice(1)) : undefined
  if (primary) return `${name} may not stand beside ${primary.key}, whose type has no extensions there.`
  const meant = nearestName(key, shape.slots.keys())
  return `${shape.name} has no element ${name}.${meant === undefined ? '' : ` Did you mean ${meant}?`}`
}

/** `valueFoo`, or the bare `value`, for `value`. */
function isTyped(key: string, step: string): boolean {
  return key.startsWith(step) && /^(?:[A-Z]|$)/.test(key.slice(step.length))
}

function namesOfChoice(step: string, shape: Shape): string[] {
  return [...shape.slots.values()]
    .filter((it) => it.step === step && it.kind !== 'sibling')
    .map((it) => it.key)
}
