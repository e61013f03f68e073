// What the compiled step programs select and extraction makes of it, against fhirpath on R4's own expressions and examples.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import fhirpath, { type Model } from 'fhirpath'
import r4 from 'fhirpath/fhir-context/r4/index.js'
import t from 'tap'
import { readBundleResources, type SourceResource } from '../../scripts/build-definitions/sources.ts'
import { isJsonObject, loadDefinitions, parseReference } from '../../src/fhir/index.ts'
import type { JsonObject, JsonValue, Resource } from '../../src/fhir/index.ts'
import { createExtractors } from '../../src/search/extraction/extractors.ts'
import { linkProgram } from '../../src/search/extraction/paths.ts'
import { createWalk } from '../../src/search/extraction/walk.ts'
import { foldString } from '../../src/search/fold-string.ts'
import { createRegistry, type RegisteredParameter } from '../../src/search/registry.ts'
import { soundsOf } from '../../src/search/phonetic.ts'
import type { CompositeEntry, IndexEntry, ResourceIndex } from '../../src/store/index.ts'
import { asIfOwn } from './as-if-own.ts'

const EXAMPLES = new URL('../../../shared/data/r4-examples/', import.meta.url)
const BASE = 'http://localhost/fhir'

const definitions = loadDefinitions()
const registry = createRegistry(definitions)
const extractors = createExtractors({ registry, definitions, baseUrl: BASE })

/** What is asked of a parameter: the resource, and what contains it. */
interface Asked {
  readonly resource: Resource
  readonly container: Resource
}

function programOf({ selection }: RegisteredParameter) {
  return selection.kind === 'steps' ? selection.program : []
}

/** Values as our programs select them; `present` as the one boolean that it is; null for extensions alone. */
function ours({ resource, container }: Asked, parameter: RegisteredParameter): JsonValue[] {
  const paths = linkProgram(definitions, resource.resourceType, programOf(parameter))
  const values: JsonValue[] = []
  const walk = createWalk(
    paths.map((path) => ({ path, leaf: undefined })),
    BASE,
  )
  walk(resource, { resource, container }, (_, value) => values.push(value))
  return paths.some((path) => path.present) ? [values.some((value) => value !== false)] : values
}

interface Selected {
  readonly value: JsonValue
  readonly type: string
}
type Evaluate = (start: JsonObject, environment: object) => Selected[]
const compiled = new Map<string, Evaluate>()

/**
 * `resolve() is T` cannot be asked of a lone resource: the reference's own text and type, and what is contained,
 * answer instead. `as` is meant for every value, as R4's examples with several show, while fhirpath keeps it to one.
 */
function theirs(
  { resource, container }: Asked,
  expression: string,
  element?: { readonly base: string; readonly value: JsonObject },
): Selected[] {
  const text = expression
    .replace(/resolve\(\) is ([A-Za-z]+)/g, "pointsTo('$1')")
    .replaceAll('.as(', '.ofType(')
    .replaceAll('(DateTime)', '(dateTime)')
  const key = `${element?.base ?? ''} ${text}`
  let evaluate = compiled.get(key)
  if (evaluate === undefined) {
    const path = element === undefined ? text : { base: element.base, expression: text }
    const run = fhirpath.compile(path, r4 as Model, {
      async: false,
      resolveInternalTypes: false,
      userInvocationTable: {
        pointsTo: {
          arity: { 1: ['String'] },
          fn: (inputs: unknown[], type: string) => inputs.some((it) => pointsTo(it, type)),
        },
      },
    }) as unknown as (start: JsonObject, environment: object) => unknown[]
    evaluate = (start, environment) => run(start, environment).map(selected)
    compiled.set(key, evaluate)
  }
  around = container
  return evaluate(element?.value ?? resource, { resource, rootResource: container })
}

/** The container of the evaluation under way, for `pointsTo`. */
let around: Resource | undefined

function selected(node: unknown): Selected {
  const [type = ''] = fhirpath.types(node as never)
  const data = typeof node === 'object' && node !== null && 'data' in node ? node.data : node
  return { value: (data ?? null) as JsonValue, type: type.replace(/^(FHIR|System)\./, '') }
}

function pointsTo(input: unknown, type: string): boolean {
  const { reference, type: named } = ((input as { data?: unknown }).data ?? input) as Record<string, unknown>
  if (typeof reference === 'string') {
    if (reference === '#') return around?.resourceType === type
    if (reference.startsWith('#')) {
      const contained = (around?.contained ?? []) as Resource[]
      const target = contained.find((it) => `#${it.id}` === reference)
      if (target !== undefined) return target.resourceType === type
    }
    const parsed = parseReference(reference)
    if ('type' in parsed && parsed.type !== undefined) return parsed.type === type
  }
  return named === type
}

/** Evaluated one by one, for a union drops values that are equal by unit conversion. */
const branches = (expression: string) => expression.split(' | ')

const allTheirs = (asked: Asked, { definition }: RegisteredParameter): Selected[] =>
  branches(definition.expression).flatMap((branch) => theirs(asked, branch))

const sorted = (values: readonly unknown[]) => [...new Set(values.map((it) => JSON.stringify(it)))].sort()

/** Some of R4's own definitions, which are resources too. */
function packaged(): (Asked & { readonly name: string })[] {
  const sources = [
    ['valuesets', 'ValueSet'],
    ['valuesets', 'CodeSystem'],
    ['conceptmaps', 'ConceptMap'],
    ['search-parameters', 'SearchParameter'],
    ['profiles-others', 'StructureDefinition'],
  ] as const
  return sources.flatMap(([file, type]) => {
    const all = readBundleResources<SourceResource>('hl7', `${file}.json`, type) as unknown as Resource[]
    return all
      .filter((_, at) => at % 40 === 0)
      .map((resource) => ({ name: `${file} ${resource.id}`, resource, container: resource }))
  })
}

/** Every example, and whatever is contained in it. */
function* examples(): Generator<Asked & { readonly name: string }> {
  for (const file of readdirSync(EXAMPLES).filter((name) => name.endsWith('.json'))) {
    const container = JSON.parse(readFileSync(new URL(file, EXAMPLES), 'utf8')) as Resource
    yield { name: file, resource: container, container }
    for (const resource of (container.contained ?? []) as Resource[]) {
      yield { name: `${file}#${resource.id}`, resource, container }
    }
  }
}

/** A few resources for what the examples hardly reach. */
const TELECOM = [{ system: 'phone', value: '555' }, { system: 'email', value: 'a@b.c' }, { value: 'neither' }]
const MADE_UP: readonly Resource[] = [
  { resourceType: 'Patient', telecom: TELECOM },
  { resourceType: 'Patient', deceasedBoolean: false },
  { resourceType: 'Patient', deceasedBoolean: true },
  { resourceType: 'Patient', deceasedDateTime: '2020' },
  { resourceType: 'Patient', _deceasedBoolean: { extension: [{ url: 'u', valueString: 'x' }] } },
  {
    resourceType: 'Patient',
    _birthDate: { extension: [{ url: 'u', valueString: 'x' }] },
    _gender: { extension: [{ url: 'u', valueString: 'x' }] },
    name: [{ given: [null, 'Eve'], _given: [{ extension: [{ url: 'u', valueString: 'x' }] }, null] }],
    generalPractitioner: [{ display: 'somebody' }, { identifier: { system: 's', value: 'v' } }],
    managingOrganization: { identifier: { system: 's', value: 'v' } },
  },
  {
    resourceType: 'Patient',
    name: [{ _given: [{ extension: [{ url: 'u', valueString: 'x' }] }] }],
    address: [{ use: 'home' }],
  },
  { resourceType: 'OrganizationAffiliation', telecom: TELECOM },
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
    code: {
      text: 'c',
      coding: [
        { system: 's', code: '1', display: 'One' },
        { system: 's', code: '2', display: 'ONE' },
      ],
    },
    valueCodeableConcept: { text: 'a', coding: [{ code: 'b' }, { code: 'c' }] },
    component: [
      { code: { coding: [{ code: 'k' }] }, valueQuantity: { value: 1 } },
      { code: { coding: [{ code: 'l' }] }, valueString: 'no' },
      { code: { text: 'no code' }, valueSampledData: { data: '1' } },
    ],
  },
  {
    resourceType: 'Observation',
    code: { coding: [{ code: 'k' }] },
    valueDateTime: '2020-01',
    subject: { reference: '#p' },
    performer: [{ reference: '#q' }, { reference: '#nobody', type: 'Patient' }],
    contained: [
      { resourceType: 'Patient', id: 'p' },
      { resourceType: 'Practitioner', id: 'q' },
    ],
  },
  { resourceType: 'Observation', code: { coding: [{ code: 'k' }] }, valueString: 'A text' },
  {
    resourceType: 'Observation',
    code: { coding: [{ code: 'k' }] },
    valuePeriod: { start: '2020', end: '2021' },
  },
  {
    resourceType: 'MolecularSequence',
    referenceSeq: {
      chromosome: { coding: [{ code: '1' }] },
      referenceSeqId: { coding: [{ code: 'NC' }] },
      windowStart: 1,
      windowEnd: 9,
    },
    variant: [{ start: 2, end: 3 }, { start: 4 }, { start: 5, end: 6 }],
  },
  {
    resourceType: 'DocumentReference',
    relatesTo: [
      { code: 'replaces', target: { reference: 'DocumentReference/1' } },
      { code: 'appends', target: { display: 'lost' } },
    ],
  },
  {
    resourceType: 'Library',
    relatedArtifact: [{ type: 'depends-on', resource: 'x' }, { type: 'successor' }],
    useContext: [
      { code: { code: 'age' }, valueRange: { low: { value: 1 }, high: { value: 2 } } },
      { code: { code: 'focus' }, valueCodeableConcept: { coding: [{ code: 'f' }] } },
    ],
  },
  {
    resourceType: 'Condition',
    onsetAge: { value: 3 },
    abatementString: 'gone',
    subject: { reference: 'http://elsewhere/Patient/1' },
  },
  { resourceType: 'Condition', subject: { reference: 'Group/1' } },
  { resourceType: 'Condition', subject: { reference: 'urn:uuid:1', type: 'Patient' } },
  { resourceType: 'Procedure', performedString: 'long ago', subject: { display: 'him' } },
  {
    resourceType: 'Appointment',
    participant: [{ actor: { reference: 'Location/1' } }, { actor: { reference: 'Patient/1/_history/2' } }],
  },
  {
    resourceType: 'Group',
    characteristic: [
      { code: { coding: [{ code: 'a' }] }, valueBoolean: true },
      { code: { coding: [{ code: 'b' }] }, valueCodeableConcept: { text: 'x' } },
    ],
  },
  { resourceType: 'ConceptMap', sourceUri: 'http://a', targetCanonical: 'http://b|1' },
]

function* madeUp(): Generator<Asked & { readonly name: string }> {
  for (const resource of MADE_UP) {
    yield { name: JSON.stringify(resource).slice(0, 90), resource, container: resource }
  }
}

const skip = existsSync(EXAMPLES) ? false : 'the R4 examples are not here (../shared/data/r4-examples)'

/** What `find` says differs, and how much was compared. */
function compare(
  all: Iterable<Asked & { readonly name: string }>,
  find: (
    asked: Asked,
    parameter: RegisteredParameter,
    code: string,
  ) => readonly [unknown[], unknown[]] | undefined,
) {
  let compared = 0
  let values = 0
  const differing: string[] = []
  for (const asked of all) {
    for (const [code, parameter] of registry.of(asked.resource.resourceType)) {
      if (!parameter.extracted) continue
      const found = find(asked, parameter, code)
      if (found === undefined) continue
      const [mine, other] = [sorted(found[0]), sorted(found[1])]
      compared += 1
      values += other.length
      if (mine.join() !== other.join())
        differing.push(`${asked.name} ${code}: ${mine.join()} and not ${other.join()}`)
    }
  }
  return { compared, values, differing }
}

const selectedValues = (asked: Asked, parameter: RegisteredParameter) =>
  [ours(asked, parameter), allTheirs(asked, parameter).map((it) => it.value)] as const

t.test('every parameter selects the same on every example', { skip }, async (t) => {
  const { compared, values, differing } = compare(examples(), selectedValues as never)
  t.strictSame(differing, [])
  t.ok(compared > 3000, `${compared} parameters compared`)
  t.ok(values > 3000, `${values} values selected`)
})

t.test('and on definitions', async (t) => {
  const definitions = packaged()
  const { values, differing } = compare(definitions, selectedValues as never)
  t.strictSame(differing, [])
  t.ok(values > 300, `${values} values selected`)
  t.strictSame(compare(definitions, presences as never).differing, [])
  t.strictSame(compare(definitions, derived as never).differing, [])
})

t.test('and on what the examples hardly reach', async (t) => {
  const { values, differing } = compare(madeUp(), selectedValues as never)
  t.strictSame(differing, [])
  t.ok(values > 100, `${values} values selected`)
})

const extracted = new WeakMap<Resource, ResourceIndex>()

/** All the entries of a resource; those of a contained one are within its container's. */
function entriesOf({ resource, container }: Asked): readonly IndexEntry[] {
  const index = extracted.get(container) ?? extractors.extract(container)
  extracted.set(container, index)
  if (resource === container) return index.entries
  return (
    index.contained.find((it) => it.id === resource.id && it.type === resource.resourceType)?.entries ?? []
  )
}

const under = (asked: Asked, param: string) =>
  asIfOwn(asked.resource.resourceType, entriesOf(asked), registry).filter((entry) => entry.param === param)

/** `:missing` is about values, not about entries. */
function presences(asked: Asked, parameter: RegisteredParameter, code: string) {
  const { definition } = parameter
  if (['composite', 'special'].includes(definition.type) || ['_id', '_lastUpdated'].includes(code)) return
  const mine = under(asked, code).length > 0 || under(asked, `${code}:valueless`).length > 0
  return [[mine], [allTheirs(asked, parameter).length > 0]]
}

t.test(
  'a parameter has an entry, or the word that it has a value, exactly when it has a value',
  { skip },
  async (t) => {
    const { compared, differing } = compare(examples(), presences as never)
    t.strictSame(differing, [])
    t.ok(compared > 3000, `${compared} parameters compared`)
  },
)

t.test('and so where the values are hardly any', async (t) => {
  t.strictSame(compare(madeUp(), presences as never).differing, [])
  const valueless = (resource: Resource) =>
    extractors
      .extract(resource)
      .entries.filter((entry) => entry.param.endsWith(':valueless'))
      .map((entry) => entry.param.replace(':valueless', ''))
  t.strictSame(valueless(MADE_UP[5] as Resource), [
    'birthdate',
    'gender',
    'general-practitioner',
    'organization',
  ])
  t.strictSame(valueless({ resourceType: 'Procedure', performedString: 'x', subject: { display: 'y' } }), [
    'date',
    'subject',
  ])
})

/** Token and the like as one text each: what a plain reading of the specification makes of one value. */
function plainly({ value, type }: Selected, kind: string): string[] {
  if (kind === 'token') {
    if (type === 'CodeableConcept') {
      const { coding = [] } = value as { coding?: JsonObject[] }
      return coding.flatMap((it) => plainly({ value: it, type: 'Coding' }, kind))
    }
    if (type === 'Coding') {
      const { system = '', code } = value as JsonObject
      return code === undefined ? [] : [`${system}|${code}`]
    }
    return isJsonObject(value) ? [] : [`|${value}`]
  }
  if (kind === 'quantity') {
    const { value: number, low, high, comparator = '=' } = value as Record<string, any>
    if (type === 'Range') return [`${low?.value ?? -Infinity}..${high?.value ?? Infinity}`]
    if (number === undefined) return []
    return [
      `${comparator.startsWith('<') ? -Infinity : number}..${comparator.startsWith('>') ? Infinity : number}`,
    ]
  }
  if (kind === 'number') return [String(value)]
  if (kind === 'string') return [String(value)]
  if (kind === 'date') return [JSON.stringify(value)]
  const { reference } = value as JsonObject
  return reference === undefined ? [] : [String(reference)]
}

/** The same of an entry; a date by what it was made of cannot be told, so it is only counted. */
function entryPlainly(entry: CompositeEntry['components'][number]): string {
  switch (entry.kind) {
    case 'token':
      return `${entry.system}|${entry.code}`
    case 'quantity':
      return `${entry.low}..${entry.high}`
    case 'number':
      return String(entry.low)
    case 'string':
      return entry.exact
    case 'reference':
      return entry.target.kind === 'local' ? `${entry.target.type}/${entry.target.id}` : '?'
    case 'date':
      return 'date'
    case 'uri':
      return entry.value
  }
}

function combinations(parts: readonly (readonly string[])[]): string[] {
  return parts.reduce<string[]>(
    (sofar, part) => sofar.flatMap((it) => part.map((next) => (it === '' ? next : `${it} $ ${next}`))),
    [''],
  )
}

/** The composites of a resource, by fhirpath on each of their elements. */
function composites(asked: Asked, parameter: RegisteredParameter, code: string) {
  const { definition } = parameter
  if (definition.type !== 'composite') return
  const mine = under(asked, code).flatMap((entry) => {
    if (entry.kind !== 'composite') throw new Error(`${code} has an entry of kind ${entry.kind}`)
    // Those in base units stand beside the plain ones.
    if (entry.components.some((it) => it.param.endsWith(':ucum'))) return []
    return [entry.components.map(entryPlainly).join(' $ ')]
  })
  const other = branches(definition.expression).flatMap((base) =>
    theirs(asked, base).flatMap(({ value }) => {
      if (!isJsonObject(value)) return []
      const parts = definition.components.map((component) => {
        const [, kind] = [...registry.of(asked.resource.resourceType).values()]
          .filter((it) => it.definition.url === component.definition)
          .flatMap((it) => [it.definition.code, it.definition.type])
        return branches(component.expression)
          .flatMap((branch) => theirs(asked, branch, { base, value }))
          .flatMap((it) => (kind === 'date' ? ['date'] : plainly(it, kind ?? '')))
          .map((text) => withImpliedSystem(text, definition.base, component.definition))
      })
      return combinations(parts).filter((text) => text !== '')
    }),
  )
  return [mine, other]
}

/** DocumentReference.relatesTo.code is the one component of type code. */
function withImpliedSystem(text: string, type: string, component: string): string {
  return type === 'DocumentReference' && component.endsWith('-relation')
    ? `http://hl7.org/fhir/document-relationship-type${text}`
    : text
}

t.test('composites are of what stands in one element', { skip }, async (t) => {
  const { values, differing } = compare(examples(), composites as never)
  t.strictSame(differing, [])
  t.ok(values > 50, `${values} combinations`)
})

t.test('and so in what the examples hardly reach', async (t) => {
  const { values, differing } = compare(madeUp(), composites as never)
  t.strictSame(differing, [])
  t.ok(values > 15, `${values} combinations`)
})

const texts = (values: unknown[]) =>
  values
    .filter((it) => typeof it === 'string')
    .map(foldString)
    .filter(Boolean)

/** `:text` of a value, as R4 says it. */
function textsOf({ value, type }: Selected): string[] {
  const { text, coding, display, type: kind } = (value ?? {}) as Record<string, any>
  if (type === 'CodeableConcept') return texts([text, ...(coding ?? []).map((it: JsonObject) => it.display)])
  if (type === 'Coding') return texts([display])
  return type === 'Identifier' ? texts([kind?.text]) : []
}

function ofTypes({ value, type }: Selected): string[] {
  const { value: own, type: kind } = (value ?? {}) as Record<string, any>
  if (type !== 'Identifier' || own === undefined) return []
  return (kind?.coding ?? [])
    .filter((it: JsonObject) => it.code !== undefined)
    .map((it: JsonObject) => `${it.system ?? ''}|${it.code}|${own}`)
}

function identifiersOf({ value, type }: Selected): string[] {
  const { identifier } = (value ?? {}) as Record<string, any>
  return type === 'Reference' && identifier?.value !== undefined
    ? [`${identifier.system ?? ''}|${identifier.value}`]
    : []
}

const tokenText = (entry: IndexEntry) => (entry.kind === 'token' ? `${entry.system}|${entry.code}` : '?')
const stringText = (entry: IndexEntry) => (entry.kind === 'string' ? entry.folded : '?')

/** What modifiers ask for, of every parameter that they are for. */
function derived(asked: Asked, parameter: RegisteredParameter, code: string) {
  const { type } = parameter.definition
  if (type === 'token') {
    const values = allTheirs(asked, parameter)
    return [
      [...under(asked, `${code}:text`).map(stringText), ...under(asked, `${code}:of-type`).map(tokenText)],
      [...values.flatMap(textsOf), ...values.flatMap(ofTypes)],
    ]
  }
  if (type !== 'reference') return
  return [
    under(asked, `${code}:identifier`).map(tokenText),
    allTheirs(asked, parameter).flatMap(identifiersOf),
  ]
}

t.test('what :text, :of-type and :identifier ask for', { skip }, async (t) => {
  const { values, differing } = compare(examples(), derived as never)
  t.strictSame(differing, [])
  t.ok(values > 500, `${values} values`)
})

t.test('names as they sound', { skip }, async (t) => {
  const { compared, differing } = compare(examples(), ((
    asked: Asked,
    parameter: RegisteredParameter,
    code: string,
  ) => {
    if (code !== 'phonetic') return
    const names = allTheirs(asked, parameter).flatMap(({ value }) => {
      if (typeof value === 'string') return [value]
      const { family, given = [], text } = value as { family?: string; given?: string[]; text?: string }
      return [family, ...given, text].filter((it) => it !== undefined)
    })
    return [under(asked, code).map(stringText), names.flatMap(soundsOf)]
  }) as never)
  t.strictSame(differing, [])
  t.ok(compared > 20, `${compared} compared`)
})

t.test('whatever is contained is indexed', { skip }, async (t) => {
  let count = 0
  for (const { resource, container, name } of examples()) {
    if (resource === container) continue
    count += 1
    const found = extractors.extract(container).contained.find((it) => it.id === resource.id)
    t.equal(found?.type, resource.resourceType, name)
  }
  t.ok(count > 20, `${count} contained resources`)
})
