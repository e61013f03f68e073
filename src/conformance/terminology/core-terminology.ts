// R4's own CodeSystems and ValueSets, read when first asked for; what each holds is linked at its first use.
import { codeSystemOf, type CodeSystem, type ConceptRow } from './code-system.ts'
import type { ValueSet, ValueSetPart } from './value-set.ts'

/** A concept without narrower ones; or its code, and behind it the narrower ones. */
type NestedCode = string | NestedCodes
interface NestedCodes extends ReadonlyArray<NestedCode> {}

interface CodeSystemRow {
  readonly version?: string
  readonly status: string
  readonly content: string
  readonly caseSensitive?: false
  readonly hierarchyMeaning?: string
  readonly codes?: readonly NestedCode[]
  /** Property -> value -> the codes that have it. */
  readonly properties?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
}

interface PartRow {
  readonly system?: string
  readonly version?: string
  readonly concept?: readonly string[]
  readonly filter?: readonly (readonly [property: string, op: string, value: string])[]
  readonly valueSet?: readonly string[]
}

interface ValueSetRow {
  readonly version?: string
  readonly status: string
  readonly inactive?: boolean
  readonly include: readonly PartRow[]
  readonly exclude?: readonly PartRow[]
}

export interface CoreTerminology {
  /** `url` as it stands in R4, which has a few with `|version` in it. */
  codeSystem(url: string): CodeSystem | undefined
  valueSet(url: string): ValueSet | undefined
}

const PARENT = new Set(['parent'])
const CHILD = new Set(['child'])

/** Some hundred kilobytes, which most servers never need. */
export async function loadCoreTerminology(): Promise<CoreTerminology> {
  const [codeSystemRows, valueSetRows] = await Promise.all([
    import('./generated/code-systems.json', { with: { type: 'json' } }),
    import('./generated/value-sets.json', { with: { type: 'json' } }),
  ])
  const codeSystems = codeSystemRows.default as object as Readonly<Record<string, CodeSystemRow>>
  const valueSets = valueSetRows.default as object as Readonly<Record<string, ValueSetRow>>
  const linked = new Map<string, CodeSystem>()
  return {
    codeSystem(url) {
      const known = linked.get(url)
      if (known !== undefined) return known
      const row = rowOf(codeSystems, url)
      const system = row && linkCodeSystem(url, row)
      if (system !== undefined) linked.set(url, system)
      return system
    },
    valueSet(url) {
      const row = rowOf(valueSets, url)
      return row && linkValueSet(url, row)
    },
  }
}

/** The row '' says by what the file was generated. */
function rowOf<Row>(rows: Readonly<Record<string, Row>>, url: string): Row | undefined {
  return url !== '' && Object.hasOwn(rows, url) ? rows[url] : undefined
}

function linkCodeSystem(url: string, row: CodeSystemRow): CodeSystem {
  const {
    version,
    status,
    content,
    caseSensitive = true,
    hierarchyMeaning,
    codes = [],
    properties = {},
  } = row
  const ofCode = new Map<string, Map<string, string[]>>()
  for (const [property, values] of Object.entries(properties))
    for (const [value, holders] of Object.entries(values))
      for (const code of holders) {
        const own = ofCode.get(code) ?? new Map<string, string[]>()
        own.set(property, [...(own.get(property) ?? []), value])
        ofCode.set(code, own)
      }
  return codeSystemOf(
    {
      url,
      version,
      status,
      content,
      caseSensitive,
      hierarchyMeaning,
      parentProperties: PARENT,
      childProperties: CHILD,
    },
    rowsOf(codes, undefined, ofCode),
  )
}

type Properties = ReadonlyMap<string, readonly string[]>

const NO_PROPERTIES: Properties = new Map()

function* rowsOf(
  codes: readonly NestedCode[],
  parent: string | undefined,
  properties: ReadonlyMap<string, Properties>,
): Iterable<ConceptRow> {
  for (const nested of codes) {
    const [code, ...narrower] = (typeof nested === 'string' ? [nested] : nested) as [string, ...NestedCode[]]
    yield { code, display: undefined, parent, properties: properties.get(code) ?? NO_PROPERTIES }
    yield* rowsOf(narrower, code, properties)
  }
}

function linkValueSet(
  url: string,
  { version, status, inactive, include, exclude = [] }: ValueSetRow,
): ValueSet {
  return {
    url,
    version,
    status,
    compose: {
      activeOnly: inactive === false,
      include: include.map(linkPart),
      exclude: exclude.map(linkPart),
    },
    expansion: undefined,
  }
}

function linkPart({ system, version, concept, filter = [], valueSet = [] }: PartRow): ValueSetPart {
  return {
    system,
    version,
    concept,
    filter: filter.map(([property, op, value]) => ({ property, op, value })),
    valueSet,
  }
}
