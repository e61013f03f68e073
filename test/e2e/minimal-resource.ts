// The least valid resource of a type, made from R4's definitions alone: what must be there is there.
import type { Definitions, ElementDefinition, Property, TypeDefinition } from '../../src/fhir/index.ts'
import type { Resource, ResourceType } from '../clients/client.ts'

type Json = string | number | boolean | Json[] | { [name: string]: Json }

const PRIMITIVES: Readonly<Record<string, Json>> = {
  base64Binary: 'AQID',
  boolean: true,
  canonical: 'http://example.org/canonical',
  code: 'en',
  date: '2026-01-31',
  dateTime: '2026-01-31T08:00:00Z',
  decimal: 1,
  id: 'a',
  instant: '2026-01-31T08:00:00Z',
  integer: 1,
  markdown: 'text',
  oid: 'urn:oid:1.2.3',
  positiveInt: 1,
  string: 'text',
  time: '08:00:00',
  unsignedInt: 1,
  uri: 'http://example.org/uri',
  url: 'http://example.org/url',
  uuid: 'urn:uuid:0b0f1a2c-5d3e-4f60-8a71-92b3c4d5e6f7',
  xhtml: '<div xmlns="http://www.w3.org/1999/xhtml">text</div>',
}

/** What invariants demand beyond cardinality, by type. */
const DEMANDED: Readonly<Record<string, { readonly [name: string]: Json }>> = {
  AllergyIntolerance: {
    clinicalStatus: {
      coding: [
        { system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' },
      ],
    },
  },
  Appointment: { participant: [{ status: 'accepted', actor: { display: 'somebody' } }] },
  AppointmentResponse: { actor: { display: 'somebody' } },
  Bundle: { type: 'collection' },
  CapabilityStatement: { kind: 'requirements', description: 'text', rest: [{ mode: 'server' }] },
  Consent: { policyRule: { text: 'text' } },
  EventDefinition: { trigger: [{ type: 'named-event', name: 'text' }] },
  ImmunizationRecommendation: {
    recommendation: [{ forecastStatus: { text: 'text' }, targetDisease: { text: 'text' } }],
  },
  InsurancePlan: { name: 'text' },
  Linkage: {
    item: [
      { type: 'source', resource: { display: 'somebody' } },
      { type: 'alternate', resource: { display: 'somebody else' } },
    ],
  },
  Organization: { name: 'text' },
  StructureDefinition: { type: 'Text', differential: { element: [{ id: 'Text', path: 'Text' }] } },
  TerminologyCapabilities: { kind: 'requirements', description: 'text' },
}

export function minimalResource(type: ResourceType, definitions: Definitions): Resource {
  const definition = definitionOf(type, definitions)
  return { resourceType: type, ...mandatory(definition, definitions), ...DEMANDED[type] }
}

function mandatory(definition: TypeDefinition, definitions: Definitions): { [name: string]: Json } {
  const made: { [name: string]: Json } = {}
  for (const element of definition.elements) {
    if (element.min === 0) continue
    const [name, property] = propertyOf(element, definition)
    const value = valueOf(property, definitions)
    made[name] = property.array ? Array.from({ length: element.min }, () => value) : value
  }
  return made
}

/** Of a choice, the first type. */
function propertyOf(element: ElementDefinition, { name, properties }: TypeDefinition): [string, Property] {
  for (const [key, property] of properties) if (property.element === element) return [key, property]
  throw new Error(`${name} has no property for ${element.path}`)
}

function valueOf({ element, type, primitive }: Property, definitions: Definitions): Json {
  const codes =
    element.binding?.strength === 'required' ? definitions.codes(element.binding.valueSet) : undefined
  const [code] = codes?.sample ?? []
  if (primitive) return code ?? primitiveOf(type.code)
  if (type.code === 'Reference') return { display: 'somebody' }
  if (type.code === 'Resource') return { resourceType: 'Basic', code: { text: 'text' } }
  if (code !== undefined && type.code === 'CodeableConcept')
    return { coding: [{ system: codes?.systems[0] as string, code }] }
  if (code !== undefined && type.code === 'Coding') return { system: codes?.systems[0] as string, code }
  const inner = mandatory(definitionOf(type.code, definitions), definitions)
  return Object.keys(inner).length > 0 ? inner : smallest(definitionOf(type.code, definitions))
}

/** An element may not be empty: one with nothing mandatory gets its first text. */
function smallest(definition: TypeDefinition): Json {
  for (const wanted of ['text', 'display', 'value', 'start', 'title', 'name', 'description']) {
    const property = definition.properties.get(wanted)
    if (property?.primitive === true && property.element.binding?.strength !== 'required') {
      const value = primitiveOf(property.type.code)
      return { [wanted]: property.array ? [value] : value }
    }
  }
  return { extension: [{ url: 'http://example.org/extension', valueBoolean: true }] }
}

function primitiveOf(code: string): Json {
  const value = PRIMITIVES[code]
  if (value === undefined) throw new Error(`no value is known for ${code}`)
  return value
}

function definitionOf(name: string, definitions: Definitions): TypeDefinition {
  const definition = definitions.type(name)
  if (definition === undefined) throw new Error(`${name} is not defined`)
  return definition
}
