// What the server knows of R4's types, compiled ahead from the official StructureDefinitions.

export interface TypeReference {
  /** FHIR type name: `string`, `HumanName`, `Reference`, or the path of a backbone type, `Patient.contact`. */
  readonly code: string
  /** For Reference and canonical: the resource types allowed; empty means any. */
  readonly targets: readonly string[]
  /** The datatype profile that narrows `code`: `SimpleQuantity`. */
  readonly profile?: string
  /** A value of a FHIRPath system type, which XML writes as an attribute: `id` and `Extension.url`. */
  readonly attribute?: true
}

export interface Binding {
  /** Canonical URL without version. */
  readonly valueSet: string
  readonly strength: 'required' | 'extensible' | 'preferred' | 'example'
}

export interface ElementDefinition {
  /** Name without `[x]`: `birthDate`, `value`. */
  readonly name: string
  /** FHIRPath of the element in its definition: `Observation.value[x]`. */
  readonly path: string
  readonly min: number
  /** `Infinity` for `*`. An element with max > 1 is a JSON array. */
  readonly max: number
  /** More than one, or `choice`, for `value[x]`. Content references are resolved to the backbone they name. */
  readonly types: readonly TypeReference[]
  readonly choice: boolean
  readonly summary: boolean
  readonly modifier: boolean
  readonly binding?: Binding
}

/** One property as it stands in JSON: `valueQuantity`, `birthDate` (its `_birthDate` sibling is implied for primitives). */
export interface Property {
  readonly element: ElementDefinition
  readonly type: TypeReference
  readonly array: boolean
  readonly primitive: boolean
  /** Whether `_name` may stand beside it: every primitive save `id`, `Extension.url` and xhtml. */
  readonly sibling: boolean
}

export interface TypeDefinition {
  /** `Patient`, `HumanName`, `string`, `Patient.contact`. */
  readonly name: string
  readonly kind: 'resource' | 'complex' | 'primitive' | 'backbone'
  readonly abstract: boolean
  /** Parent type: `DomainResource`, `Element`, `Quantity` (for Age), undefined at the root. */
  readonly base: string | undefined
  /** In the definition's order, inherited elements included. */
  readonly elements: readonly ElementDefinition[]
  /** JSON property name -> what it is; `value[x]` has one entry a type. */
  readonly properties: ReadonlyMap<string, Property>
}

export interface Definitions {
  /** The 146 concrete resource types, sorted by name. (R4 lists 148 with the abstract Resource and DomainResource.) */
  readonly resourceTypes: readonly string[]
  isResourceType(name: string): boolean
  /** By type name or backbone path; linked at first use. */
  type(name: string): TypeDefinition | undefined
  /**
   * Codes of a value set bound as required, keyed `system|code` and by bare `code`;
   * undefined when R4's own definitions cannot enumerate it (such as mime types).
   */
  codes(valueSet: string): ValueSetCodes | undefined
  /** Parameter codes by which a type belongs to the compartment of `Patient` and the other four, from CompartmentDefinition. */
  compartment(
    code: 'Patient' | 'Encounter' | 'Practitioner' | 'RelatedPerson' | 'Device',
    type: string,
  ): readonly string[]
}

export interface ValueSetCodes {
  readonly name: string
  readonly size: number
  readonly systems: readonly string[]
  hasCode(code: string): boolean
  has(system: string | undefined, code: string): boolean
  /** For an error message: a few of the codes, in the definition's order. */
  readonly sample: readonly string[]
}
