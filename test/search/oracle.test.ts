// What the compiled step programs select, against fhirpath on R4's own expressions and R4's own examples.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import fhirpath, { type Model } from 'fhirpath'
import r4 from 'fhirpath/fhir-context/r4/index.js'
import t from 'tap'
import { loadDefinitions, parseReference, type JsonValue, type Resource } from '../../src/fhir/index.ts'
import { linkProgram } from '../../src/search/extraction/paths.ts'
import { createWalk } from '../../src/search/extraction/walk.ts'
import { createRegistry } from '../../src/search/registry.ts'

const EXAMPLES = new URL('../../../shared/data/r4-examples/', import.meta.url)
const BASE = 'http://localhost/fhir'

const definitions = loadDefinitions()
const registry = createRegistry(definitions)

/** Values as our programs select them; `present` as the one boolean that it is. */
function ours(resource: Resource, code: string): JsonValue[] {
  const program = registry.of(resource.resourceType).get(code)?.program ?? []
  const paths = linkProgram(definitions, resource.resourceType, program)
  const values: JsonValue[] = []
  const walk = createWalk(
    paths.map((path) => ({ path, leaf: undefined })),
    BASE,
  )
  walk(resource, (_, value) => values.push(value))
  return paths.some((path) => path.present) ? [values.some((value) => value !== false)] : values
}

type Evaluate = (resource: Resource) => JsonValue[]
const compiled = new Map<string, Evaluate>()

/**
 * `resolve() is T` cannot be asked of a lone resource: the reference's own text and type answer instead. And
 * `as` is meant for every value, as R4's examples with several show, while fhirpath keeps it to one.
 */
function theirs(resource: Resource, expression: string): JsonValue[] {
  const text = expression
    .replace(/resolve\(\) is ([A-Za-z]+)/g, "pointsTo('$1')")
    .replaceAll('.as(', '.ofType(')
  let evaluate = compiled.get(text)
  if (evaluate === undefined) {
    evaluate = fhirpath.compile(text, r4 as Model, {
      async: false,
      userInvocationTable: {
        pointsTo: {
          arity: { 1: ['String'] },
          fn: (inputs: unknown[], type: string) => inputs.some((it) => pointsTo(it, type)),
        },
      },
    }) as unknown as Evaluate
    compiled.set(text, evaluate)
  }
  return evaluate(resource)
}

function pointsTo(input: unknown, type: string): boolean {
  const { reference, type: named } = ((input as { data?: unknown }).data ?? input) as Record<string, unknown>
  if (typeof reference === 'string') {
    const parsed = parseReference(reference)
    if ('type' in parsed && parsed.type !== undefined) return parsed.type === type
  }
  return named === type
}

/** Evaluated one by one, for a union drops values that are equal by unit conversion. */
const branches = (expression: string) => expression.split(' | ')

const sorted = (values: readonly JsonValue[]) => [...new Set(values.map((it) => JSON.stringify(it)))].sort()

const skip = existsSync(EXAMPLES) ? false : 'the R4 examples are not here (../shared/data/r4-examples)'

t.test('every parameter on every example', { skip }, async (t) => {
  let compared = 0
  let selected = 0
  const differing: string[] = []
  for (const file of readdirSync(EXAMPLES).filter((name) => name.endsWith('.json'))) {
    const resource = JSON.parse(readFileSync(new URL(file, EXAMPLES), 'utf8')) as Resource
    for (const [code, { definition, program }] of registry.of(resource.resourceType)) {
      if (program.length === 0) continue
      const mine = sorted(ours(resource, code))
      const other = sorted(branches(definition.expression).flatMap((it) => theirs(resource, it)))
      compared += 1
      selected += other.length
      if (mine.join() !== other.join()) {
        differing.push(`${file} ${code}: ${mine.join()} and not ${other.join()}`)
      }
    }
  }
  t.strictSame(differing, [])
  t.ok(compared > 3000, `${compared} parameters compared`)
  t.ok(selected > 3000, `${selected} values selected`)
})

t.test('expressions that the examples hardly reach', async (t) => {
  const telecom = [
    { system: 'phone', value: '555' },
    { system: 'email', value: 'a@b.c' },
    { value: 'neither' },
  ]
  const resources: Resource[] = [
    { resourceType: 'Patient', telecom },
    { resourceType: 'Patient', deceasedBoolean: false },
    { resourceType: 'Patient', deceasedBoolean: true },
    { resourceType: 'Patient', deceasedDateTime: '2020' },
    { resourceType: 'OrganizationAffiliation', telecom },
    { resourceType: 'InsurancePlan', name: 'Gold', alias: ['Au', 'Or'] },
    {
      resourceType: 'Bundle',
      entry: [{ resource: { resourceType: 'Composition', id: 'c' } }, { fullUrl: 'x' }],
    },
    {
      resourceType: 'Bundle',
      entry: [{ fullUrl: 'x' }, { resource: { resourceType: 'Composition', id: 'c' } }],
    },
    {
      resourceType: 'Observation',
      valueCodeableConcept: { text: 'a', coding: [{ code: 'b' }] },
      component: [
        { valueQuantity: { value: 1 } },
        { valueString: 'no' },
        { valueSampledData: { data: '1' } },
      ],
    },
    {
      resourceType: 'Library',
      relatedArtifact: [{ type: 'depends-on', resource: 'x' }, { type: 'successor' }],
    },
    {
      resourceType: 'Condition',
      onsetAge: { value: 3 },
      abatementString: 'gone',
      subject: { reference: 'http://elsewhere/Patient/1' },
    },
    { resourceType: 'Condition', subject: { reference: 'Group/1' } },
    { resourceType: 'Condition', subject: { reference: 'urn:uuid:1', type: 'Patient' } },
    {
      resourceType: 'Appointment',
      participant: [{ actor: { reference: 'Location/1' } }, { actor: { reference: 'Patient/1/_history/2' } }],
    },
    {
      resourceType: 'Group',
      characteristic: [{ valueBoolean: true }, { valueCodeableConcept: { text: 'x' } }],
    },
    { resourceType: 'ConceptMap', sourceUri: 'http://a', targetCanonical: 'http://b|1' },
  ]
  for (const resource of resources) {
    for (const [code, { definition, program }] of registry.of(resource.resourceType)) {
      if (program.length === 0) continue
      const name = `${JSON.stringify(resource).slice(0, 80)} ${code}`
      t.strictSame(
        sorted(ours(resource, code)),
        sorted(branches(definition.expression).flatMap((it) => theirs(resource, it))),
        name,
      )
    }
  }
})
