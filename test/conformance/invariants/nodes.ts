// Nodes of resources for the invariants to be checked on: found in resources, or made up by a seeded generator.
import type { InvariantContext } from '../../../src/conformance/invariants/index.ts'
import {
  type Definitions,
  type ElementDefinition,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseFhirPath,
} from '../../../src/fhir/index.ts'

/** What a check is told about the surroundings of its node. */
export function contextOf(resource: JsonObject, rootResource: JsonObject): InvariantContext {
  return {
    resource,
    rootResource,
    containedById: (id) =>
      Array.isArray(rootResource.contained)
        ? rootResource.contained.filter(isJsonObject).find((contained) => contained.id === id)
        : undefined,
  }
}

export interface FoundNode {
  readonly node: JsonValue
  /** Type name or backbone path. */
  readonly type: string
  /** `ElementDefinition.path`; the type's name for a resource. */
  readonly path: string
  readonly context: InvariantContext
}

/** Every element of a resource that has a value, the resource itself first. */
export function* nodesOf(definitions: Definitions, root: JsonObject): IterableIterator<FoundNode> {
  yield* within(root, root.resourceType as string, root.resourceType as string, root, root)

  function* within(
    node: JsonValue,
    type: string,
    path: string,
    resource: JsonObject,
    rootResource: JsonObject,
  ): IterableIterator<FoundNode> {
    yield { node, type, path, context: contextOf(resource, rootResource) }
    if (!isJsonObject(node)) return
    for (const [name, property] of definitions.type(type)?.properties ?? []) {
      const held = node[name]
      for (const child of Array.isArray(held) ? held : [held]) {
        if (child === undefined || child === null) continue
        if (isJsonObject(child) && typeof child.resourceType === 'string') {
          const contained = property.element.name === 'contained'
          yield* within(
            child,
            child.resourceType,
            child.resourceType,
            child,
            contained ? rootResource : child,
          )
        } else {
          yield* within(child, property.type.code, property.element.path, resource, rootResource)
        }
      }
    }
  }
}

/** Numbers in [0, 1) that are the same at each run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** What an expression names: the elements it asks for, and the texts it compares with. */
export interface Vocabulary {
  readonly names: ReadonlySet<string>
  readonly texts: readonly string[]
}

export function vocabularyOf(expression: string, more: Partial<Vocabulary> = {}): Vocabulary {
  const names = new Set<string>(more.names)
  const texts = new Set<string>(more.texts)
  JSON.stringify(parseFhirPath(expression), (key, part) => {
    if (key === 'name' && typeof part === 'string') names.add(part)
    if ((key === 'value' || key === 'type') && typeof part === 'string') texts.add(part)
    return part
  })
  return { names, texts: [...texts] }
}

const INSTANTS = [
  '2024-03-05T10:00:00Z',
  '2024-03-05T10:00:00.5Z',
  '2024-03-05T11:30:00+02:00',
  '2025-01-01T00:00:00-05:00',
]
const DATES = ['2024', '2024-03', '2024-03-05', '2024-03-06', '2025-01']
const NUMBERS = [0, 1, 2, 3, 105, -1, 1.5]
const INTEGERS = [0, 1, 2, 3, -1]
const TEXTS = ['a', 'b', '1', '-1', '*', 'A1', 'x.y', 'http://example.org/_history/1', '#c', 'Name']
const RESOURCES = ['Patient', 'Composition', 'MessageHeader', 'ValueSet']

/** What makes two of them equal, named or not. */
const CODED: Readonly<Record<string, readonly string[]>> = {
  Coding: ['system', 'code'],
  Quantity: ['value', 'system', 'code'],
  Meta: ['versionId', 'lastUpdated'],
}

/** Makes up nodes that have, at random, what an expression names; not valid otherwise. */
export class NodeGenerator {
  private readonly definitions: Definitions
  private readonly random: () => number
  private readonly vocabulary: Vocabulary
  private dates = DATES

  constructor(definitions: Definitions, vocabulary: Vocabulary, random: () => number) {
    this.definitions = definitions
    this.vocabulary = vocabulary
    this.random = random
  }

  /** A node of a type: an object, or the value of a primitive. */
  node(type: string): JsonValue {
    // Whether a date is before an instant depends on a zone that nobody knows: one node has either.
    this.dates = this.random() < 0.5 ? DATES : INSTANTS
    return this.value(type, 0)
  }

  /** The node with one property, somewhere in it, taken away or made up anew. */
  mutate(node: JsonValue, type: string): JsonValue {
    if (!isJsonObject(node)) return this.value(type, 0)
    const copy = { ...node }
    const properties = [...(this.definitions.type(type)?.properties ?? [])].filter(([name, property]) => {
      return node[name] !== undefined || this.vocabulary.names.has(property.element.name)
    })
    const [name, property] = this.pick(properties) ?? []
    if (name === undefined || property === undefined) return copy
    const held = copy[name]
    const deeper = this.random() < 0.6
    if (deeper && Array.isArray(held) && held.every(isJsonObject)) {
      const at = Math.floor(this.random() * held.length)
      copy[name] = held.map((item, index) => (index === at ? this.mutate(item, property.type.code) : item))
    } else if (deeper && isJsonObject(held)) copy[name] = this.mutate(held, property.type.code)
    else {
      for (const other of this.definitions.type(type)?.properties.keys() ?? []) {
        if (this.definitions.type(type)?.properties.get(other)?.element === property.element)
          delete copy[other]
      }
      if (held === undefined || this.random() < 0.5) this.fill(copy, property.element, 1)
    }
    return copy
  }

  private value(type: string, depth: number): JsonValue {
    const definition = this.definitions.type(type)
    if (definition === undefined || definition.kind === 'primitive') return this.primitive(type)
    if (type === 'Resource') {
      const resource = this.value(this.pick(RESOURCES) as string, depth + 1) as JsonObject
      return { ...resource, id: this.pick(['c', 'a']) as string }
    }
    const made: JsonObject = definition.kind === 'resource' ? { resourceType: type } : {}
    for (const element of definition.elements) {
      const named = this.vocabulary.names.has(element.name) || CODED[type]?.includes(element.name)
      if (named && depth < 5 && this.random() < 0.7) this.fill(made, element, depth + 1)
    }
    if (definition.kind !== 'resource' && Object.keys(made).length === 0) made.unknown = true
    return made
  }

  private fill(owner: JsonObject, element: ElementDefinition, depth: number): void {
    const type = this.pick(element.types)?.code
    if (type === undefined) return
    const name = element.choice ? element.name + type.charAt(0).toUpperCase() + type.slice(1) : element.name
    const primitive = this.definitions.type(type)?.kind === 'primitive'
    if (primitive && element.max === 1 && this.random() < 0.1) {
      owner[`_${name}`] = { extension: [{ url: 'http://example.org', valueString: 'why' }] }
    } else if (element.max > 1) {
      const items = [this.value(type, depth)]
      if (this.random() < 0.5)
        items.push(this.random() < 0.5 ? (items[0] as JsonValue) : this.value(type, depth))
      if (element.name === 'enableWhen' && this.random() < 0.5) items.push(this.value(type, depth))
      owner[name] = items
    } else owner[name] = this.value(type, depth)
  }

  private primitive(type: string): JsonValue {
    switch (type) {
      case 'boolean':
        return this.random() < 0.5
      case 'decimal':
        return this.pick(NUMBERS) as number
      case 'integer':
      case 'positiveInt':
      case 'unsignedInt':
        return this.pick(INTEGERS) as number
      case 'date':
        return this.pick(DATES) as string
      case 'dateTime':
        return this.pick(this.dates) as string
      case 'instant':
        return this.pick(INSTANTS) as string
      default:
        return this.pick(
          this.random() < 0.75 && this.vocabulary.texts.length > 0 ? this.vocabulary.texts : TEXTS,
        ) as string
    }
  }

  private pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.random() * from.length)]
  }
}
