// $populate and $extract show what the caller may see: as on a server that was never given the rest.
import t from 'tap'
import { UNAUTHENTICATED } from '../../src/access/index.ts'
import type { JsonObject, Resource } from '../../src/fhir/index.ts'
import { OPERATIONS, type OperationCall } from '../../src/operations/index.ts'
import { Repository } from '../../src/repository/index.ts'
import { ACT_CODE } from '../access/labels/rules.ts'
import { world } from '../repository/world.ts'

const SDC = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-'
const QUERY = 'application/x-fhir-query'
const HIDDEN = { system: 'urn:x', code: 'secret' }

const expression = (tail: string, text: string, more: JsonObject = {}): JsonObject => ({
  url: `${SDC}${tail}`,
  valueExpression: { language: 'text/fhirpath', expression: text, ...more },
})

/** Looks at the patient's Observations by a query, by their codes and by a reference. */
const FORM: Resource & { id: string } = {
  resourceType: 'Questionnaire',
  id: 'q',
  status: 'active',
  url: 'http://example.org/q',
  extension: [
    {
      url: 'http://hl7.org/fhir/StructureDefinition/variable',
      valueExpression: {
        name: 'found',
        language: QUERY,
        expression: 'Observation?patient={{%patient.id}}&_sort=_id',
      },
    },
    expression('itemExtractionContext', 'Basic?subject={{%patient.id}}', { language: QUERY }),
  ],
  item: [
    {
      linkId: 'count',
      type: 'integer',
      extension: [expression('initialExpression', '%found.entry.count()')],
    },
    { linkId: 'name', type: 'string', extension: [expression('initialExpression', '%patient.name.family')] },
    {
      linkId: 'value',
      type: 'integer',
      code: [{ system: 'urn:c', code: 'x' }],
      extension: [
        {
          url: `${SDC}observationLinkPeriod`,
          valueDuration: { value: 100, system: 'http://unitsofmeasure.org', code: 'a' },
        },
      ],
    },
    {
      linkId: 'panel',
      type: 'group',
      code: [{ system: 'urn:c', code: 'panel' }],
      extension: [
        {
          url: `${SDC}observationLinkPeriod`,
          valueDuration: { value: 100, system: 'http://unitsofmeasure.org', code: 'a' },
        },
      ],
      item: [
        {
          linkId: 'member',
          type: 'integer',
          code: [{ system: 'urn:c', code: 'member' }],
          extension: [
            {
              url: `${SDC}observationLinkPeriod`,
              valueDuration: { value: 100, system: 'http://unitsofmeasure.org', code: 'a' },
            },
          ],
        },
      ],
    },
    { linkId: 'basic', type: 'string', definition: 'Basic.code' },
    { linkId: 'id', type: 'string', definition: 'Basic.id' },
  ],
}

function observation(
  id: string,
  code: string,
  value: number,
  security: readonly JsonObject[] = [],
  more: JsonObject = {},
): Resource {
  return {
    resourceType: 'Observation',
    id,
    ...(security.length === 0 ? {} : { meta: { security: [...security] } }),
    status: 'final',
    code: { coding: [{ system: 'urn:c', code }] },
    subject: { reference: 'Patient/p' },
    effectiveDateTime: `2025-01-0${value}`,
    valueInteger: value,
    ...more,
  }
}

const SEEN: readonly Resource[] = [
  FORM,
  { resourceType: 'Patient', id: 'p', name: [{ family: 'Lee' }] },
  observation('o1', 'x', 1),
]

function hiddenBy(label: JsonObject): readonly Resource[] {
  return [
    observation('o2', 'x', 2, [label]),
    observation('o3', 'member', 3, [label]),
    observation('o4', 'panel', 4, [label], { hasMember: [{ reference: 'Observation/o3' }] }),
    {
      resourceType: 'Basic',
      id: 'b',
      meta: { security: [label] },
      code: { text: 'was' },
      subject: { reference: 'Patient/p' },
    },
  ]
}

async function door(
  resources: readonly Resource[],
): Promise<{ readonly repository: Repository; readonly call: object }> {
  const { parts } = world()
  const repository = new Repository(parts, UNAUTHENTICATED)
  for (const resource of resources)
    await repository.write({
      kind: 'update',
      target: { type: resource.resourceType, id: String(resource.id) },
      resource,
    })
  const call = {
    search: parts.search,
    definitions: parts.definitions,
    handling: 'strict',
    now: Date.UTC(2026, 0, 1),
    parts: new Map(),
    structures: new Map(),
  }
  return { repository, call }
}

async function ask(name: string, repository: Repository, call: object): Promise<unknown> {
  const operation = OPERATIONS.find((one) => one.name === name)
  try {
    return await operation?.run({ ...call, repository } as unknown as OperationCall)
  } catch (error) {
    return (error as Error).message
  }
}

const POPULATE = { type: 'Questionnaire', id: 'q', pairs: [['subject', 'Patient/p']] }
const extracting = (id: string): object => ({
  type: 'QuestionnaireResponse',
  id: '',
  pairs: [],
  parts: new Map([
    [
      'questionnaire-response',
      [
        {
          resourceType: 'QuestionnaireResponse',
          status: 'completed',
          questionnaire: 'http://example.org/q',
          subject: { reference: 'Patient/p' },
          item: [
            { linkId: 'basic', answer: [{ valueString: 'is' }] },
            ...(id === '' ? [] : [{ linkId: 'id', answer: [{ valueString: id }] }]),
          ],
        },
      ],
    ],
  ]),
})

t.test('what is hidden from the caller fills in nothing, and is no base of an update', async (t) => {
  const without = await door(SEEN)
  const all = await door([...SEEN, ...hiddenBy(HIDDEN)])
  const blind = all.repository.leavingOut([HIDDEN])
  for (const [name, asked] of [
    ['populate', POPULATE],
    ['extract', extracting('')],
    ['extract', extracting('b')],
  ] as const) {
    const shown = await ask(name, blind, { ...all.call, ...asked })
    t.same(shown, await ask(name, without.repository, { ...without.call, ...asked }), name)
    t.notSame(shown, await ask(name, all.repository, { ...all.call, ...asked }), `${name}, for who sees all`)
  }
})

t.test('notes that the law keeps apart are no answers', async (t) => {
  const without = await door(SEEN)
  const all = await door([...SEEN, ...hiddenBy({ system: ACT_CODE, code: 'PSYTHPN' })])
  t.same(
    await ask('populate', all.repository, { ...all.call, ...POPULATE }),
    await ask('populate', without.repository, { ...without.call, ...POPULATE }),
  )
})
