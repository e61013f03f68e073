// What a profile fixes of the resources that are made after it
// (https://hl7.org/fhir/uv/sdc/extraction.html#definition-based-extraction).
import { cloneJson, equalJson, type JsonObject, type JsonValue, type Resource } from '../../fhir/index.ts'
import { objectOf, objectsOf, textOf } from './elements.ts'
import type { MadeElement } from './element-writer.ts'

/** A value that an element of the profile has. */
interface Fixed {
  /** The element's name, and of a choice the type: `value`, `Quantity`. */
  readonly name: string
  readonly type: string
  readonly value: JsonValue
  readonly isSlice: boolean
  /** Part of a value, of an element that may be missing: alone it would say what nobody has said. */
  readonly isPartial: boolean
}

/** By the id of the element that has them. */
export type ProfileValues = ReadonlyMap<string, readonly Fixed[]>

/** From its snapshot, else its differential: fixed values, patterns, and the URLs of extensions. */
export function readProfileValues(profile: Resource): ProfileValues {
  const values = new Map<string, Fixed[]>()
  const add = (id: string, fixed: Fixed): void => {
    const list = values.get(id)
    if (list === undefined) values.set(id, [fixed])
    else list.push(fixed)
  }
  const elements = objectOf(profile.snapshot)?.element ?? objectOf(profile.differential)?.element
  for (const element of objectsOf(elements)) {
    const id = textOf(element.id) ?? ''
    const at = id.lastIndexOf('.')
    if (at < 0 || element.max === '0') continue
    const [name = '', slice] = id.slice(at + 1).split(':')
    const url = name === 'extension' ? extensionUrl(element) : undefined
    if (url !== undefined) add(id, { name: 'url', type: '', value: url, isSlice: false, isPartial: false })
    for (const key of Object.keys(element)) {
      const [, kind, type] = /^(fixed|pattern)([A-Z]\w*)$/.exec(key) ?? []
      const value = element[key]
      if (type === undefined || value === undefined) continue
      // A slice that may be missing is not there for its value's sake.
      if (slice !== undefined && !isNeeded(element) && !name.endsWith('[x]')) continue
      add(id.slice(0, at), {
        name: name.replace('[x]', ''),
        type,
        value,
        isSlice: slice !== undefined,
        isPartial: kind === 'pattern' && typeof value === 'object' && !isNeeded(element),
      })
    }
  }
  return values
}

/** Sets what the profile has of the elements that were made, where nothing else was said. */
export function addProfileValues(values: ProfileValues, made: readonly MadeElement[]): void {
  for (const { object, type, id } of made)
    for (const fixed of values.get(id) ?? []) {
      const element = type.elements.find(({ name }) => name === fixed.name)
      if (element === undefined || (fixed.isPartial && element.min === 0)) continue
      const property = element.choice ? `${fixed.name}${fixed.type}` : fixed.name
      const entry = type.properties.get(property)
      if (entry === undefined) continue
      if (entry.array) addToList(object, property, fixed)
      else if (!Object.keys(object).some((key) => type.properties.get(key)?.element === element))
        object[property] = cloneJson(fixed.value)
    }
}

/** Of a list its slices are added; else what each of its items has is there when the list is empty. */
function addToList(object: JsonObject, property: string, { value, isSlice }: Fixed): void {
  const list = object[property]
  const array = Array.isArray(list) ? list : []
  if (isSlice ? array.some((one) => equalJson(one, value)) : array.length > 0) return
  array.push(cloneJson(value))
  object[property] = array
}

function isNeeded({ min }: JsonObject): boolean {
  return typeof min === 'number' && min > 0
}

/** A slice of extensions names the definition of the extension as its type's profile. */
function extensionUrl({ type }: JsonObject): string | undefined {
  const [profile] = objectsOf(type).flatMap(({ profile: profiles }) =>
    Array.isArray(profiles) ? profiles : [],
  )
  return typeof profile === 'string' ? profile.replace(/\|.*$/s, '') : undefined
}
