// What a Measure looks at of patients: the searches that it declares, asked for several patients at once.
import { setImmediate } from 'node:timers/promises'
import { FhirError, parseJson, type Resource } from '../../fhir/index.ts'
import type { Repository } from '../../repository/index.ts'
import type { Search } from '../../search/index.ts'
import {
  and,
  localReferenceMatch,
  or,
  searchQuery,
  type Expression,
  type SortKey,
} from '../../store/index.ts'
import type { Measure, QueryVariable } from './measure.ts'
import { refusedMeasure } from './refused-measure.ts'

/** By the name of the variable, in the order that its query asks for. */
export type PatientData = ReadonlyMap<string, readonly Resource[]>

/** The days that are measured, both inclusive: `YYYY-MM-DD`. */
export interface MeasurementPeriod {
  readonly start: string
  readonly end: string
}

/** Resources a page, and of all patients that are asked for at once. */
const PAGE = 500
const MOST_RESOURCES = 50_000

/** Others have their turn after so many resources. */
const IN_A_ROW = 25

interface ReadyQuery {
  readonly variable: QueryVariable
  readonly where: Expression
  readonly sort: readonly SortKey[]
}

export interface DataParts {
  readonly repository: Repository
  readonly search: Search
}

export class MeasureData {
  readonly #queries: readonly ReadyQuery[]
  readonly #parts: DataParts

  private constructor(queries: readonly ReadyQuery[], parts: DataParts) {
    this.#queries = queries
    this.#parts = parts
  }

  /** @throws FhirError `business-rule` for a query of the Measure that cannot be asked */
  static async of(measure: Measure, period: MeasurementPeriod, parts: DataParts): Promise<MeasureData> {
    const queries: ReadyQuery[] = []
    for (const variable of measure.variables.values())
      if (variable.kind === 'query') queries.push(await readyQuery(variable, period, parts))
    // Most patients are done with when there is nothing of what is required.
    queries.sort((a, b) => Number(b.variable.isRequired) - Number(a.variable.isRequired))
    return new MeasureData(queries, parts)
  }

  /**
   * Of each of these patients, what the caller may see; undefined for one without anything that is required.
   * @throws FhirError `too-costly`
   */
  async load(ids: readonly string[]): Promise<ReadonlyMap<string, PatientData | undefined>> {
    const found = new Map<string, Map<string, Resource[]> | undefined>(ids.map((id) => [id, new Map()]))
    let asked = ids
    let resources = 0
    for (const { variable, where, sort } of this.#queries) {
      const { name, type, patientParameter, isRequired } = variable
      const references = or(asked.map((id) => localReferenceMatch(patientParameter, ['Patient'], id)))
      const query = searchQuery({ type, where: and([references, where]), sort, count: PAGE })
      for await (const resource of this.#everyMatch(query)) {
        if (++resources > MOST_RESOURCES) throw tooMany(variable)
        if (resources % IN_A_ROW === 0) await setImmediate()
        for (const id of this.#patientsOf(resource, patientParameter)) {
          const data = found.get(id)
          if (data === undefined) continue
          const list = data.get(name)
          if (list === undefined) data.set(name, [resource])
          else list.push(resource)
        }
      }
      if (!isRequired) continue
      asked = asked.filter((id) => found.get(id)?.has(name))
      for (const id of ids) if (!found.get(id)?.has(name)) found.set(id, undefined)
      if (asked.length === 0) break
    }
    return found
  }

  async *#everyMatch(query: ReturnType<typeof searchQuery>): AsyncIterable<Resource> {
    let cursor: string | undefined
    do {
      const page = await this.#parts.repository.search({ ...query, cursor })
      for (const { body } of page.matches) yield parseJson(body as Buffer) as Resource
      cursor = page.next
    } while (cursor !== undefined)
  }

  #patientsOf(resource: Resource, parameter: string): readonly string[] {
    const { entries } = this.#parts.search.extract(resource)
    const ids = entries.flatMap((entry) =>
      entry.kind === 'reference' &&
      entry.param === parameter &&
      entry.target.kind === 'local' &&
      entry.target.type === 'Patient'
        ? [entry.target.id]
        : [],
    )
    return [...new Set(ids)]
  }
}

async function readyQuery(
  variable: QueryVariable,
  period: MeasurementPeriod,
  { repository, search }: DataParts,
): Promise<ReadyQuery> {
  const { type, path, patientParameter, parameters } = variable
  const definition = search.parameters(type).get(patientParameter)
  if (definition?.type !== 'reference' || !definition.targets.includes('Patient'))
    throw refusedMeasure(path, `${type} has no search parameter of that name that leads to a Patient.`)
  const environment = { measurementPeriod: { ...period } }
  const pairs = parameters.map(({ name, value }): readonly [string, string] => [
    name,
    value
      .map((piece) => (typeof piece === 'string' ? piece : piece.evaluate({}, environment).join(',')))
      .join(''),
  ])
  try {
    const scope = { kind: 'type', type } as const
    const options = { handling: 'strict', defaultCount: PAGE, maxCount: PAGE } as const
    const { query, contained } = await search.parse(scope, pairs, options, repository.lookup)
    const [condition] = query.from
    if (condition === undefined || contained !== undefined || query.includes.length > 0)
      throw refusedMeasure(
        path,
        'A query of a Measure has criteria and _sort, and brings nothing else along.',
      )
    return { variable, where: condition.where, sort: query.sort }
  } catch (cause) {
    if (!(cause instanceof FhirError) || cause.code !== 'invalid-search') throw cause
    throw refusedMeasure(path, `The query cannot be asked: ${cause.message}`, cause)
  }
}

function tooMany({ path }: QueryVariable): FhirError {
  return new FhirError('too-costly', [
    {
      severity: 'error',
      code: 'too-costly',
      diagnostics: `${path}: its query finds too much of some patients; narrow it, as by date=ge{{%measurementPeriod.start}}.`,
      expression: path,
    },
  ])
}
