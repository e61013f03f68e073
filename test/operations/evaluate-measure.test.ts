// $evaluate-measure: populations by each way of scoring, who is looked at, what is refused, and that what the caller
// may not see counts for nothing.
import t from 'tap'
import { UNAUTHENTICATED } from '../../src/access/index.ts'
import type { JsonObject, Resource } from '../../src/fhir/index.ts'
import { OPERATIONS, type OperationCall } from '../../src/operations/index.ts'
import { Repository } from '../../src/repository/index.ts'
import { ACT_CODE } from '../access/labels/rules.ts'
import { countsOf, populationCounts, subjectsOf, type Report } from '../behavioral/measures/practice.ts'
import { world } from '../repository/world.ts'
import { startServer, startSqliteServer, type TestServer } from '../rest/server.ts'

const YEAR = 'periodStart=2025&periodEnd=2025'
const VARIABLE = 'https://alcove.health/fhir/StructureDefinition/measure-variable'
const BASIS = 'http://hl7.org/fhir/us/cqfmeasures/StructureDefinition/cqfm-populationBasis'
const CODES = [
  'initial-population',
  'denominator',
  'denominator-exclusion',
  'denominator-exception',
  'numerator',
  'numerator-exclusion',
]

interface MeasureOf {
  readonly id?: string
  readonly scoring?: string
  readonly basis?: string
  readonly populations: Readonly<Record<string, string>>
  /** `name: expression`; a query where a type and a question mark begin it. */
  readonly variables?: Readonly<Record<string, string>>
  readonly required?: readonly string[]
  readonly more?: JsonObject
  readonly stratifier?: JsonObject[]
}

const fhirpath = (expression: string): JsonObject => ({ language: 'text/fhirpath', expression })

function measure(of: MeasureOf): Resource & { id: string } {
  const {
    id = 'm',
    scoring = 'proportion',
    basis,
    populations,
    variables = {},
    required = [],
    more,
    stratifier,
  } = of
  const extension: JsonObject[] = Object.entries(variables).map(([name, expression]) => ({
    url: VARIABLE,
    extension: [
      {
        url: 'expression',
        valueExpression: {
          name,
          expression,
          language: /^\w+\?/.test(expression) ? 'application/x-fhir-query' : 'text/fhirpath',
        },
      },
      ...(required.includes(name) ? [{ url: 'required', valueBoolean: true }] : []),
    ],
  }))
  if (basis !== undefined) extension.push({ url: BASIS, valueCode: basis })
  return {
    resourceType: 'Measure',
    id,
    status: 'active',
    url: `https://example.org/Measure/${id}`,
    ...(extension.length === 0 ? {} : { extension }),
    scoring: { coding: [{ code: scoring }] },
    group: [
      {
        population: Object.entries(populations).map(([code, expression]) => ({
          code: { coding: [{ code }] },
          criteria: fhirpath(expression),
        })),
        ...(stratifier === undefined ? {} : { stratifier }),
      },
    ],
    ...more,
  }
}

async function put(
  { ask }: TestServer,
  ...resources: readonly (JsonObject & { resourceType: string; id: string })[]
) {
  for (const resource of resources) {
    const reply = await ask(`PUT ${resource.resourceType}/${resource.id}`, resource)
    if (reply.status > 201) throw new Error(reply.text)
  }
}

async function report({ ask }: TestServer, query = '', id = 'm'): Promise<Report> {
  const reply = await ask(`GET Measure/${id}/$evaluate-measure?${YEAR}${query}`)
  if (reply.status !== 200) throw new Error(reply.text)
  return reply.json
}

const marked = (code: string): string => `identifier.where(value = '${code}').exists()`
const COUNTED = { 'initial-population': 'true', denominator: 'true', numerator: marked('numerator') }

t.test('a patient in each set of criteria, and what each way of scoring makes of it', async (t) => {
  const server = startServer(t)
  const sets = Array.from({ length: 64 }, (_, bits) => CODES.filter((_, bit) => (bits & (1 << bit)) !== 0))
  await put(
    server,
    ...sets.map((set, at) => ({
      resourceType: 'Patient',
      id: `p${at}`,
      identifier: ['somebody', ...set].map((value) => ({ value })),
    })),
  )
  const all = Object.fromEntries(CODES.map((code) => [code, marked(code)]))
  const { 'denominator-exception': _, ...forRatio } = all
  await put(
    server,
    measure({ id: 'proportion', populations: all }),
    measure({ id: 'ratio', scoring: 'ratio', populations: forRatio }),
    measure({ id: 'cohort', scoring: 'cohort', populations: { 'initial-population': marked('numerator') } }),
  )
  const having = (test: (has: (code: string) => boolean) => boolean): number =>
    sets.filter((set) => test((code) => set.includes(code))).length

  const ip = 'initial-population'
  const proportion = await report(server, '', 'proportion')
  const eligible = (has: (code: string) => boolean): boolean =>
    has(ip) && has('denominator') && !has('denominator-exclusion')
  const counts = {
    [ip]: having((has) => has(ip)),
    denominator: having((has) => has(ip) && has('denominator')),
    'denominator-exclusion': having((has) => has(ip) && has('denominator') && has('denominator-exclusion')),
    'denominator-exception': having(
      (has) => eligible(has) && !has('numerator') && has('denominator-exception'),
    ),
    numerator: having((has) => eligible(has) && has('numerator')),
    'numerator-exclusion': having((has) => eligible(has) && has('numerator') && has('numerator-exclusion')),
  }
  t.same(countsOf(proportion), [counts])
  t.equal(proportion.group[0].measureScore.value, (4 - 2) / (16 - 8 - 2))

  const ratio = await report(server, '', 'ratio')
  t.same(countsOf(ratio), [
    {
      [ip]: having((has) => has(ip)),
      denominator: having((has) => has(ip) && has('denominator')),
      'denominator-exclusion': having((has) => has(ip) && has('denominator') && has('denominator-exclusion')),
      numerator: having((has) => has(ip) && has('numerator')),
      'numerator-exclusion': having((has) => has(ip) && has('numerator') && has('numerator-exclusion')),
    },
  ])
  t.equal(ratio.group[0].measureScore.value, (16 - 8) / (16 - 8))

  const cohort = await report(server, '', 'cohort')
  t.same(countsOf(cohort), [{ [ip]: 32 }])
  t.equal(cohort.group[0].measureScore, undefined)
})

t.test('resources are counted where the Measure says so', async (t) => {
  const server = await startSqliteServer(t)
  await put(
    server,
    { resourceType: 'Patient', id: 'many' },
    { resourceType: 'Patient', id: 'few' },
    { resourceType: 'Patient', id: 'none' },
  )
  const observation = (id: string, patient: string, value: number) => ({
    resource: {
      resourceType: 'Observation',
      id,
      status: 'final',
      code: { coding: [{ code: 'x' }] },
      subject: { reference: `Patient/${patient}` },
      valueInteger: value,
    },
    request: { method: 'PUT', url: `Observation/${id}` },
  })
  const entry = [
    ...Array.from({ length: 1203 }, (_, at) => observation(`a${at}`, 'many', at)),
    ...Array.from({ length: 7 }, (_, at) => observation(`b${at}`, 'few', at)),
  ]
  t.equal((await server.ask('POST ', { resourceType: 'Bundle', type: 'transaction', entry })).status, 200)
  await put(
    server,
    measure({
      basis: 'Observation',
      variables: { seen: 'Observation?subject=Patient/{{%patient.id}}&code=x' },
      populations: {
        'initial-population': '%seen',
        denominator: '%seen.where(value >= 2) | %patient',
        numerator: '%seen.where(value < 4)',
      },
    }),
  )
  const list = await report(server, '&reportType=subject-list')
  t.same(countsOf(list), [{ 'initial-population': 1210, denominator: 1201 + 5, numerator: 4 }])
  t.same(subjectsOf(list)[0]?.['numerator'], ['few', 'many'])
  const few = await report(server, '&subject=few')
  t.same(countsOf(few), [{ 'initial-population': 7, denominator: 5, numerator: 2 }])
  t.same(
    few.evaluatedResource.map(({ reference }: Report) => reference).toSorted(),
    ['Patient/few', ...Array.from({ length: 7 }, (_, at) => `Observation/b${at}`)].toSorted(),
  )
})

t.test('variables look at the period, at each other, and at what is required', async (t) => {
  const server = startServer(t)
  const encounter = (id: string, patient: string, day: string) => ({
    resourceType: 'Encounter',
    id,
    status: 'finished',
    class: { code: 'AMB' },
    subject: { reference: `Patient/${patient}` },
    period: { start: day, end: day },
  })
  for (const id of ['within', 'before', 'never']) await put(server, { resourceType: 'Patient', id })
  await put(server, encounter('e1', 'within', '2025-06-01'), encounter('e2', 'before', '2024-06-01'))
  const variables = {
    visits:
      'Encounter?date=ge{{%measurementPeriod.start}}&date=le{{(%measurementPeriod.end.toDate() + 1 day).toString()}}&patient={{%patient.id}}',
    first: '%visits.first()',
    day: '%first.period.start.toString().substring(0, 10)',
  }
  const populations = { ...COUNTED, 'initial-population': "%day.empty() or %day = '2025-06-01'" }
  await put(
    server,
    measure({ variables, populations }),
    measure({ id: 'required', variables, populations, required: ['visits'] }),
  )
  t.same(subjectsOf(await report(server, '&reportType=subject-list'))[0]?.['initial-population'], [
    'before',
    'never',
    'within',
  ])
  t.same(
    subjectsOf(await report(server, '&reportType=subject-list', 'required'))[0]?.['initial-population'],
    ['within'],
  )
  const one = await report(server, '&subject=before', 'required')
  t.same(
    countsOf(one),
    [{ 'initial-population': 0, denominator: 0, numerator: 0 }],
    'of one who is outside too',
  )
  const each = await report(server, '&reportType=subject', 'required')
  t.same(
    each.entry.map(({ resource }: Report) => resource.subject.reference),
    ['Patient/within'],
  )
  t.same(
    (
      await server.ask(
        `GET Measure/required/$evaluate-measure?periodStart=2023&periodEnd=2023&reportType=subject`,
      )
    ).json,
    { resourceType: 'Bundle', type: 'collection' },
  )
})

t.test('strata by values, by components, and of those without', async (t) => {
  const server = startServer(t)
  const patients = [
    { id: 'a', gender: 'female', birthDate: '1980-01-01', identifier: [{ value: 'numerator' }] },
    { id: 'b', gender: 'female', birthDate: '2010-01-01' },
    { id: 'c', gender: 'male', birthDate: '1980-01-01', identifier: [{ value: 'numerator' }] },
    { id: 'd', birthDate: '1980-01-01' },
  ]
  for (const one of patients)
    await put(server, { resourceType: 'Patient', ...one, maritalStatus: { text: 'known' } })
  await put(
    server,
    measure({
      populations: COUNTED,
      stratifier: [
        { code: { text: 'gender' }, criteria: fhirpath('gender') },
        {
          component: [
            { code: { text: 'gender' }, criteria: fhirpath('gender') },
            { code: { text: 'adult' }, criteria: fhirpath('birthDate < @2007-01-01') },
          ],
        },
        { code: { text: 'marriage' }, criteria: fhirpath('maritalStatus') },
      ],
    }),
  )
  const { stratifier } = (await report(server)).group[0]
  const [gender, both, marriage] = stratifier
  t.same(gender.code, [{ text: 'gender' }])
  t.same(
    gender.stratum.map((one: Report) => [one.value.text, populationCounts(one), one.measureScore.value]),
    [
      ['female', { 'initial-population': 2, denominator: 2, numerator: 1 }, 0.5],
      ['male', { 'initial-population': 1, denominator: 1, numerator: 1 }, 1],
      ['unknown', { 'initial-population': 1, denominator: 1, numerator: 0 }, 0],
    ],
  )
  t.same(
    both.stratum.map((one: Report) => one.component.map(({ value }: Report) => value.text).join(' ')),
    ['female true', 'female false', 'male true', 'unknown true'],
  )
  t.same(
    marriage.stratum.map(({ value }: Report) => value),
    [{ text: 'known' }],
  )
  const list = await report(server, '&reportType=subject-list')
  t.equal((await server.ask('POST MeasureReport', list)).status, 201, 'a MeasureReport that can be kept')
})

t.test('for a group, for a practitioner, for both', async (t) => {
  const server = startServer(t)
  await put(
    server,
    { resourceType: 'Practitioner', id: 'doc' },
    { resourceType: 'Practitioner', id: 'other' },
  )
  for (let at = 0; at < 60; at++)
    await put(server, {
      resourceType: 'Patient',
      id: `p${at}`,
      ...(at % 2 === 0 ? { generalPractitioner: [{ reference: 'Practitioner/doc' }] } : {}),
    })
  const member = (reference: string, more: JsonObject = {}) => ({ entity: { reference }, ...more })
  await put(
    server,
    {
      resourceType: 'Group',
      id: 'g',
      type: 'person',
      actual: true,
      member: [
        ...Array.from({ length: 40 }, (_, at) => member(`Patient/p${at}`)),
        member('Patient/p3'),
        member('Patient/p50', { inactive: true }),
        member('Practitioner/doc'),
      ],
    },
    { resourceType: 'Group', id: 'empty', type: 'person', actual: true },
    measure({ populations: COUNTED }),
  )
  const total = async (query: string): Promise<unknown> =>
    countsOf(await report(server, query))[0]?.['denominator']
  t.equal(await total(''), 60)
  t.equal(await total('&subject=Group/g&reportType=population'), 40)
  t.equal(await total('&subject=Group/empty&reportType=population'), 0)
  t.equal(await total('&practitioner=doc'), 30)
  t.equal(await total('&practitioner=Practitioner/other'), 0)
  t.equal(await total('&subject=Group/g&practitioner=doc&reportType=population'), 20)
  t.equal((await report(server, '&subject=Group/g')).entry.length, 40, 'a report of each')
  t.equal((await report(server, '&subject=Patient/p50')).resourceType, 'MeasureReport')
  const bundle = await report(server, '&subject=p1&practitioner=doc')
  t.same(bundle, { resourceType: 'Bundle', type: 'collection' }, 'whose patient this is not')
  for (const subject of ['Patient/none', 'Group/none'])
    t.equal(
      (await server.ask(`GET Measure/m/$evaluate-measure?${YEAR}&subject=${subject}`)).status,
      404,
      subject,
    )
})

t.test('by id, by canonical URL, by POST', async (t) => {
  const server = startServer(t)
  await put(server, { resourceType: 'Patient', id: 'p' })
  const url = 'https://example.org/Measure/one'
  for (const [id, version, status] of [
    ['old', '1.9', 'active'],
    ['new', '1.10', 'active'],
    ['draft', '2.0', 'draft'],
  ] as const)
    await put(server, measure({ id, populations: COUNTED, more: { url, version, status } }))
  const ask = async (name: string): Promise<unknown> => {
    const reply = await server.ask(
      `GET Measure/$evaluate-measure?${YEAR}&measure=${encodeURIComponent(name)}`,
    )
    return reply.status === 200 ? reply.json.measure : reply.status
  }
  t.equal(await ask(url), `${url}|1.10`, 'the newest that is active')
  t.equal(await ask(`${url}|1.9`), `${url}|1.9`)
  t.equal(await ask(`${url}|3`), 404)
  t.equal(await ask('https://example.org/Measure/other'), 404)
  t.equal(await ask('draft'), `${url}|2.0`)
  t.equal(await ask('Measure/old'), `${url}|1.9`)
  t.equal(await ask('gone'), 404)
  await put(server, measure({ id: 'plain', populations: COUNTED, more: { url: undefined } }))
  t.equal(await ask('plain'), 'Measure/plain')
  await server.ask('DELETE Measure/plain')
  t.equal(await ask('plain'), 410)

  const posted = await server.ask('POST Measure/new/$evaluate-measure', {
    resourceType: 'Parameters',
    parameter: [
      { name: 'periodStart', valueDate: '2025-02' },
      { name: 'periodEnd', valueDate: '2025-03' },
      { name: 'subject', valueString: 'Patient/p' },
      { name: 'lastReceivedOn', valueDateTime: '2025-01-01T00:00:00Z' },
    ],
  })
  t.equal(posted.status, 200)
  t.same(posted.json.period, { start: '2025-02-01', end: '2025-03-31' })
  const [outcome] = posted.json.contained
  t.match(outcome.issue[0].diagnostics, /lastReceivedOn has no effect/)
  t.equal(posted.json.extension[0].valueReference.reference, `#${outcome.id}`)
  t.equal((await server.ask('POST MeasureReport', posted.json)).status, 201)
  const xml = await server.ask(`GET Measure/new/$evaluate-measure?${YEAR}&_format=xml`)
  t.match(xml.text, /<MeasureReport xmlns="http:\/\/hl7.org\/fhir">/)
})

t.test('parameters that are refused', async (t) => {
  const server = startServer(t)
  await put(server, measure({ populations: COUNTED }))
  for (const [query, named] of [
    ['periodEnd=2025', 'periodStart'],
    ['periodStart=2025', 'periodEnd'],
    ['periodStart=2025&periodEnd=2024', 'periodEnd'],
    ['periodStart=2025-13&periodEnd=2025', 'periodStart'],
    ['periodStart=2025-01-01T00:00:00Z&periodEnd=2025', 'periodStart'],
    [`${YEAR}&periodStart=2024`, 'periodStart'],
    [`${YEAR}&reportType=toString`, 'reportType'],
    [`${YEAR}&reportType=data-collection`, 'reportType'],
    [`${YEAR}&subject=Practitioner/1`, 'subject'],
    [`${YEAR}&subject=Patient/1/_history/2`, 'subject'],
    [`${YEAR}&practitioner=Patient/1`, 'practitioner'],
    [`${YEAR}&lastReceivedOn=yesterday`, 'lastReceivedOn'],
    [`${YEAR}&measure=m`, 'measure'],
    [`${YEAR}&periodBegin=2025`, 'periodBegin'],
  ] as const) {
    const reply = await server.ask(`GET Measure/m/$evaluate-measure?${query}`)
    t.equal(reply.status, 400, query)
    t.match(reply.json.issue?.[0].expression, [`http.${named}`], query)
  }
  t.equal((await server.ask(`GET Measure/$evaluate-measure?${YEAR}`)).status, 400, 'no Measure is named')
})

t.test('Measures that cannot be evaluated, and where the fault is', async (t) => {
  const server = startServer(t)
  await put(server, { resourceType: 'Patient', id: 'p', name: [{ family: 'Secret' }, { family: 'Hidden' }] })
  const withVariable = (expression: string, more: Partial<MeasureOf> = {}) =>
    measure({ variables: { found: expression }, populations: COUNTED, ...more })
  const criteria = (expression: string) =>
    measure({ populations: { ...COUNTED, 'initial-population': expression } })
  const variable = 'Measure.extension[0]'
  const first = 'Measure.group[0].population[0].criteria.expression'
  const cases: readonly (readonly [string, JsonObject, string])[] = [
    ['scoring', measure({ scoring: 'continuous-variable', populations: COUNTED }), 'Measure.scoring'],
    ['no scoring', measure({ populations: COUNTED, more: { scoring: undefined } }), 'Measure.scoring'],
    ['no group', measure({ populations: COUNTED, more: { group: undefined } }), 'Measure.group'],
    ['basis', measure({ basis: 'Visit', populations: COUNTED }), `${variable}.valueCode`],
    [
      'no numerator',
      measure({ populations: { 'initial-population': 'true', denominator: 'true' } }),
      'Measure.group[0].population',
    ],
    [
      'another population',
      measure({ populations: { ...COUNTED, 'measure-observation': 'true' } }),
      'Measure.group[0].population[3].code',
    ],
    [
      'twice',
      measure({
        populations: COUNTED,
        more: {
          group: [
            {
              population: [0, 1].map(() => ({
                code: { coding: [{ code: 'numerator' }] },
                criteria: fhirpath('true'),
              })),
            },
          ],
        },
      }),
      'Measure.group[0].population[1]',
    ],
    [
      'CQL',
      measure({
        populations: COUNTED,
        more: {
          group: [
            {
              population: [
                {
                  code: { coding: [{ code: 'numerator' }] },
                  criteria: { language: 'text/cql', expression: 'Numerator' },
                },
              ],
            },
          ],
        },
      }),
      'Measure.group[0].population[0].criteria.language',
    ],
    ['syntax', criteria('name.where('), first],
    ['unknown variable', criteria('%visits.exists()'), first],
    ['no such function', criteria('name.frobnicate()'), first],
    ['several values', criteria("name.family.startsWith('S')"), first],
    [
      'stratifier',
      measure({ populations: COUNTED, stratifier: [{ component: [{ criteria: fhirpath('true') }] }] }),
      'Measure.group[0].stratifier[0].component[0].code',
    ],
    ['own name', measure({ variables: { patient: 'true' }, populations: COUNTED }), variable],
    [
      'later variable',
      measure({ variables: { a: '%b', b: 'true' }, populations: COUNTED }),
      `${variable}.expression`,
    ],
    ['required and computed', withVariable('true', { required: ['found'] }), variable],
    ['no patient', withVariable('Observation?code=x'), variable],
    ['two patients', withVariable('Observation?patient={{%patient.id}}&subject={{%patient.id}}'), variable],
    ['a patient within', withVariable('Observation?patient={{%patient.id}}&code=a{{%patient.id}}'), variable],
    ['of Patients', withVariable('Patient?_id={{%patient.id}}'), variable],
    ['of no type', withVariable('Visit?patient={{%patient.id}}'), variable],
    ['no reference', withVariable('Observation?code={{%patient.id}}'), variable],
    ['a reference elsewhere', withVariable('Observation?encounter={{%patient.id}}'), variable],
    ['no such parameter', withVariable('Observation?patient={{%patient.id}}&colour=red'), variable],
    [
      'no such value set',
      withVariable('Observation?patient={{%patient.id}}&code:in=https://example.org/none'),
      variable,
    ],
    [
      'brings along',
      withVariable('Observation?patient={{%patient.id}}&_include=Observation:subject'),
      variable,
    ],
    ['percent', withVariable('Observation?patient={{%patient.id}}&code=%zz'), variable],
    [
      'braces of braces',
      withVariable(`Observation?patient={{%patient.id}}&code=%7B%7B7%7D%7D${'{{'.repeat(20_000)}`),
      variable,
    ],
    ['braces', withVariable('Observation?patient={{%patient.id}}&code={{)}}'), variable],
  ]
  for (const [what, broken, where] of cases) {
    await put(server, broken as Resource & { id: string })
    const reply = await server.ask(`GET Measure/m/$evaluate-measure?${YEAR}`)
    if (what === 'braces of braces') {
      t.equal(reply.status, 200, 'an open brace is text')
      continue
    }
    t.equal(reply.status, 422, `${what}: ${reply.text.slice(0, 300)}`)
    t.same(reply.json.issue?.[0].expression, [where], what)
    t.notMatch(reply.text, /Secret|Hidden/, 'nothing of a record')
  }
})

t.test('what the caller may not see counts for nothing', async (t) => {
  const label = { system: ACT_CODE, code: 'PSY' }
  const security = { meta: { security: [label] } }
  const observation = (id: string, patient: string, more: JsonObject = {}): Resource => ({
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { coding: [{ code: 'x' }] },
    subject: { reference: `Patient/${patient}` },
    ...more,
  })
  const seen: Resource[] = [
    { resourceType: 'Patient', id: 'a' },
    { resourceType: 'Patient', id: 'b' },
    observation('o1', 'a'),
    {
      resourceType: 'Group',
      id: 'g',
      type: 'person',
      actual: true,
      member: ['a', 'b'].map((id) => ({ entity: { reference: `Patient/${id}` } })),
    },
    measure({
      variables: { found: 'Observation?patient={{%patient.id}}&code=x', count: '%found.count()' },
      populations: { 'initial-population': 'true', denominator: '%count > 0', numerator: '%count > 1' },
      stratifier: [{ criteria: fhirpath('%count') }],
    }),
  ]
  const hidden: Resource[] = [
    { resourceType: 'Patient', id: 'c', ...security },
    observation('o2', 'a', security),
    observation('o3', 'b', security),
    observation('o4', 'c', security),
  ]
  const evaluate = OPERATIONS.find(({ name }) => name === 'evaluate-measure')
  const doors = await Promise.all(
    [seen, [...seen, ...hidden]].map(async (resources) => {
      const { repository, parts } = world()
      for (const resource of resources)
        await repository.write({
          kind: 'update',
          target: { type: resource.resourceType, id: String(resource.id) },
          resource,
        })
      return { door: new Repository(parts, UNAUTHENTICATED), parts }
    }),
  )
  const [without, all] = doors as [(typeof doors)[0], (typeof doors)[0]]
  const ask = async (
    repository: Repository,
    { parts }: (typeof doors)[0],
    query: string,
  ): Promise<unknown> => {
    const pairs = [...new URLSearchParams(`${YEAR}${query}`)]
    const call = { ...parts, repository, type: 'Measure', id: 'm', pairs, handling: 'strict' }
    try {
      return await evaluate?.run(call as unknown as OperationCall)
    } catch (error) {
      return (error as Error).message
    }
  }
  const queries = [
    '',
    '&reportType=subject-list',
    '&reportType=subject',
    '&subject=a',
    '&subject=c',
    '&subject=Group/g',
    '&practitioner=d',
  ]
  for (const query of queries)
    t.same(
      await ask(all.door.leavingOut([label]), all, query),
      await ask(without.door, without, query),
      `as on a server that was never given it: ${query}`,
    )
  const open = (await ask(all.door, all, '')) as Report
  t.same(
    countsOf(open.resource),
    [{ 'initial-population': 3, denominator: 3, numerator: 1 }],
    'for who sees all',
  )
})

t.test('notes that the law keeps apart are not measured', async (t) => {
  const server = startServer(t)
  const note = (id: string, security: JsonObject[]) => ({
    resourceType: 'Observation',
    id,
    ...(security.length === 0 ? {} : { meta: { security } }),
    status: 'final',
    code: { coding: [{ code: 'x' }] },
    subject: { reference: 'Patient/p' },
  })
  await put(
    server,
    { resourceType: 'Patient', id: 'p' },
    note('plain', []),
    note('therapy', [{ system: ACT_CODE, code: 'PSYTHPN' }]),
    measure({
      basis: 'Observation',
      variables: { found: 'Observation?patient={{%patient.id}}' },
      populations: { 'initial-population': '%found', denominator: '%found', numerator: '%found' },
    }),
  )
  t.same(countsOf(await report(server)), [{ 'initial-population': 1, denominator: 1, numerator: 1 }])
})

t.test('it ends when nobody waits for the answer any more', async (t) => {
  const { parts, repository } = world()
  const measured = measure({ populations: COUNTED })
  const patients = Array.from({ length: 80 }, (_, at) => ({ resourceType: 'Patient', id: `p${at}` }))
  for (const resource of [measured, ...patients])
    await repository.write({
      kind: 'update',
      target: { type: resource.resourceType, id: resource.id },
      resource,
    })
  let asked = 0
  let mostAsked = Infinity
  const asker = {
    name: 'somebody',
    get gone() {
      return asked > mostAsked
    },
    onGone: () => () => {},
  }
  const store = Object.create(parts.store) as typeof parts.store
  store.search = (query, access) => {
    if (query.from[0]?.type === 'Patient') asked++
    return parts.store.search(query, access)
  }
  const door = new Repository({ ...parts, store }, UNAUTHENTICATED).askedBy(asker)
  const evaluation = OPERATIONS.find(({ name }) => name === 'evaluate-measure')
  const pairs = [...new URLSearchParams(YEAR)]
  const call = { ...parts, repository: door, type: 'Measure', id: 'm', pairs, handling: 'strict' }
  await evaluation?.run(call as unknown as OperationCall)
  t.equal(asked, 4, 'pages of patients')
  asked = 0
  mostAsked = 1
  await t.rejects(evaluation?.run(call as unknown as OperationCall) as Promise<unknown>, {
    code: 'timed-out',
  })
  t.equal(asked, 2)
})
