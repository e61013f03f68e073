// What the invariants' compiler must know of R4's types: which property an element is in JSON.
import type { SourceElement, SourceStructure } from './sources.ts'

/** An element as the compiler sees it. */
export interface CompiledElement {
  readonly many: boolean
  /** Type name, or the path of a backbone; empty for a choice. */
  readonly type: string
  readonly primitive: boolean
  /** For a choice: JSON property, its type, and whether that is primitive. */
  readonly choices: readonly {
    readonly property: string
    readonly type: string
    readonly primitive: boolean
  }[]
}

export interface Types {
  element(type: string, name: string): CompiledElement | undefined
  isPrimitive(type: string): boolean
  isResource(type: string): boolean
}

export function typesOf(structures: readonly SourceStructure[]): Types {
  const primitives = new Set<string>()
  const resources = new Set<string>()
  const elements = new Map<string, SourceElement>()
  for (const structure of structures) {
    if (structure.kind === 'primitive-type') primitives.add(structure.name)
    if (structure.kind === 'resource') resources.add(structure.name)
    for (const element of structure.snapshot.element) elements.set(element.path, element)
  }

  function typeOf(element: SourceElement): string {
    if (element.contentReference !== undefined) return element.contentReference.slice(1)
    const code = element.type?.[0]?.code ?? ''
    // `Resource.id`, `Element.id` and `Extension.url` are of a FHIRPath type.
    if (code.startsWith('http://hl7.org/fhirpath/')) return 'string'
    return code === 'BackboneElement' || code === 'Element' ? element.path : code
  }

  return {
    isPrimitive: (type) => primitives.has(type),
    isResource: (type) => resources.has(type),
    element(type, name) {
      const plain = elements.get(`${type}.${name}`)
      if (plain !== undefined) {
        const elementType = typeOf(plain)
        const many = plain.max !== '1' && plain.max !== '0'
        return { many, type: elementType, primitive: primitives.has(elementType), choices: [] }
      }
      const choice = elements.get(`${type}.${name}[x]`)
      if (choice === undefined) return undefined
      const choices = (choice.type ?? []).map(({ code }) => ({
        property: name + code.charAt(0).toUpperCase() + code.slice(1),
        type: code,
        primitive: primitives.has(code),
      }))
      return { many: false, type: '', primitive: false, choices }
    },
  }
}
