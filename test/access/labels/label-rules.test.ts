// Rules as a practice may edit them: what they can say, and that a mistake in one takes nothing from the others.
import * as fc from 'fast-check'
import t from 'tap'
import {
  ANY_CODING,
  ANY_IDENTIFIER,
  CODE_VALIDITY,
  labelsOf,
  MEDICATION_INGREDIENT,
  OWN_LABELS,
  ownLabels,
} from '../../../src/access/labels/index.ts'
import type { JsonObject, JsonValue, Resource } from '../../../src/fhir/index.ts'
import { runs } from '../../runs.ts'
import {
  ACT_CODE,
  action,
  compile,
  condition,
  CONFIDENTIALITY,
  found,
  input,
  plan,
  shipped,
  valueSet,
} from './rules.ts'

const ICD = 'http://hl7.org/fhir/sid/icd-10-cm'
const OWN = 'http://example.org/codes'

const concepts = (codes: string) => codes.split(' ').map((code) => ({ code }))

t.test('mistakes are told, and the rule matches all that can be told of it', async (t) => {
  const good = valueSet({ include: [{ system: OWN, concept: concepts('a') }] })
  const cases: readonly [
    name: string,
    resources: readonly Resource[],
    path: string,
    message: RegExp,
    still: string,
  ][] = [
    [
      'no such value set',
      [plan(action())],
      'PlanDefinition.action[0].input[0].codeFilter[0].valueSet',
      /no ValueSet/,
      '',
    ],
    [
      'no id',
      [plan(action({ id: null as unknown as string })), good],
      'PlanDefinition.action[0].id',
      /needs an id/,
      'SUD',
    ],
    ['two of one name', [plan(action(), action()), good], 'PlanDefinition.action[1].id', /Both hold/, 'SUD'],
    ['no label', [plan(action({ code: [] })), good], 'PlanDefinition.action[0].code', /adds no label/, ''],
    [
      'no input',
      [plan(action({ input: [] })), good],
      'PlanDefinition.action[0].input',
      /nothing that it matches/,
      '',
    ],
    [
      'a condition',
      [plan(action({ condition: [{ kind: 'applicability' }] })), good],
      'PlanDefinition.action[0].condition',
      /holds without/,
      'SUD',
    ],
    [
      'a date filter',
      [plan(action({ input: [input({ dateFilter: [] })] })), good],
      'PlanDefinition.action[0].input[0].dateFilter',
      /without it/,
      'SUD',
    ],
    [
      'no such type',
      [plan(action({ input: [input({ type: 'Diagnosis' })] })), good],
      'PlanDefinition.action[0].input[0].type',
      /no type/,
      'SUD',
    ],
    [
      'another path',
      [
        plan(
          action({ input: [input({ codeFilter: [{ path: 'code', valueSet: 'http://example.org/v' }] })] }),
        ),
        good,
      ],
      'PlanDefinition.action[0].input[0].codeFilter[0].path',
      /Every code/,
      'SUD',
    ],
    [
      'an unknown label',
      [plan(action({ code: [{ coding: [{ system: ACT_CODE, code: 'DV' }] }] })), good],
      'PlanDefinition.action[0].code[0].coding[0]',
      /no such security label/,
      'DV',
    ],
    [
      'an unknown level',
      [plan(action({ code: [{ coding: [{ system: CONFIDENTIALITY, code: 'X' }] }] })), good],
      'PlanDefinition.action[0].code[0].coding[0]',
      /no level/,
      '',
    ],
    [
      'a label without a system',
      [plan(action({ code: [{ coding: [{ code: 'SUD' }] }] })), good],
      'PlanDefinition.action[0].code[0].coding[0]',
      /needs a system/,
      '',
    ],
    [
      'an ingredient without a name',
      [
        plan(
          action({
            input: [{ ...input(), extension: [{ url: MEDICATION_INGREDIENT, valueString: ' / ' }] }],
          }),
        ),
        good,
      ],
      'PlanDefinition.action[0].input[0].extension',
      /needs a name/,
      'SUD',
    ],
    [
      'two filters',
      [
        plan(
          action({
            input: [
              input({
                codeFilter: [
                  { path: ANY_CODING, valueSet: 'http://example.org/v' },
                  { path: ANY_CODING, code: [{ system: OWN, code: 'b' }] },
                ],
              }),
            ],
          }),
        ),
        good,
      ],
      'PlanDefinition.action[0].input[0].codeFilter',
      /by itself/,
      'SUD',
    ],
    [
      'a filter that picks nothing',
      [plan(action({ input: [input({ codeFilter: [{ path: ANY_CODING }] })] })), good],
      'PlanDefinition.action[0].input[0].codeFilter[0]',
      /No code/,
      '',
    ],
    [
      'an unknown filter',
      [
        plan(action()),
        valueSet({
          include: [
            { system: OWN, concept: concepts('a') },
            { system: OWN, filter: [{ property: 'concept', op: 'regex', value: '.*' }] },
          ],
        }),
      ],
      'ValueSet.compose.include[1].filter[0]',
      /not known here/,
      'SUD',
    ],
    [
      'is-a where nothing tells what is below',
      [
        plan(action()),
        valueSet({
          include: [
            { system: OWN, concept: concepts('a') },
            {
              system: 'http://snomed.info/sct',
              filter: [{ property: 'concept', op: 'is-a', value: '66214007' }],
            },
          ],
        }),
      ],
      'ValueSet.compose.include[1].filter[0]',
      /ICD alone/,
      'SUD',
    ],
    [
      'an unknown property',
      [
        plan(action()),
        valueSet({
          include: [
            { system: OWN, concept: concepts('a') },
            { system: OWN, filter: [{ property: 'status', op: '=', value: 'x' }] },
          ],
        }),
      ],
      'ValueSet.compose.include[1].filter[0]',
      /use concept/,
      'SUD',
    ],
    [
      'an exclusion that cannot be told',
      [
        plan(action()),
        valueSet({
          include: [{ system: OWN, concept: concepts('a') }],
          exclude: [{ system: OWN, filter: [{ property: 'concept', op: 'regex', value: '.*' }] }],
        }),
      ],
      'ValueSet.compose.exclude[0].filter[0]',
      /not known here/,
      'SUD',
    ],
    [
      'an exclusion of an unknown set',
      [
        plan(action()),
        valueSet({
          include: [{ system: OWN, concept: concepts('a') }],
          exclude: [{ system: OWN, valueSet: ['http://example.org/none'] }],
        }),
      ],
      'ValueSet.compose.exclude[0].valueSet[0]',
      /no ValueSet/,
      'SUD',
    ],
    [
      'an exclusion of what is in an unknown set too',
      [
        plan(action()),
        valueSet({
          include: [{ system: OWN, concept: concepts('a') }],
          exclude: [{ system: OWN, concept: concepts('a'), valueSet: ['http://example.org/none'] }],
        }),
      ],
      'ValueSet.compose.exclude[0].valueSet[0]',
      /no ValueSet/,
      'SUD',
    ],
    [
      'an exclusion for a time',
      [
        plan(action()),
        valueSet({
          include: [{ system: OWN, concept: concepts('a') }],
          exclude: [
            {
              system: OWN,
              concept: [{ code: 'a', extension: [{ url: CODE_VALIDITY, valuePeriod: { end: '2020' } }] }],
            },
          ],
        }),
      ],
      'ValueSet.compose.exclude[0]',
      /stays included/,
      'SUD',
    ],
    [
      'one of two filters is unknown',
      [
        plan(action()),
        valueSet({
          include: [
            {
              system: OWN,
              filter: [
                { property: 'concept', op: 'in', value: 'a,b' },
                { property: 'x', op: '=', value: 'y' },
              ],
            },
          ],
        }),
      ],
      'ValueSet.compose.include[0].filter[1]',
      /use concept/,
      'SUD',
    ],
    [
      'a time that cannot be read',
      [
        plan(action()),
        valueSet({
          include: [
            {
              system: OWN,
              concept: [{ code: 'a', extension: [{ url: CODE_VALIDITY, valuePeriod: { start: 'x' } }] }],
            },
          ],
        }),
      ],
      'ValueSet.compose.include[0].concept[0].extension',
      /counts always/,
      'SUD',
    ],
    [
      'an empty value set',
      [plan(action()), { resourceType: 'ValueSet', id: 'v', url: 'http://example.org/v', status: 'active' }],
      'ValueSet',
      /lists no code/,
      '',
    ],
  ]
  for (const [name, resources, path, message, still] of cases) {
    const { rules, faults } = compile(...resources)
    const fault = faults.find((it) => it.path === path)
    t.match(fault?.message, message, `${name}: ${JSON.stringify(faults)}`)
    t.equal(fault?.resource, path.startsWith('ValueSet') ? 'ValueSet/v' : 'PlanDefinition/p', name)
    t.equal(found(rules, condition(OWN, 'a')).join(), still, `${name}: what it still adds`)
  }
})

t.test('only active rules of the right type count, as many as there are', async (t) => {
  const good = valueSet({ include: [{ system: OWN, concept: concepts('a') }] })
  const other = {
    ...plan(action({ id: 'own', code: [{ coding: [{ system: ACT_CODE, code: 'PSY' }] }] })),
    id: 'q',
  }
  const labels = (...resources: Resource[]) => found(compile(...resources, good).rules, condition(OWN, 'a'))
  t.same(labels(plan(action()), other), ['PSY', 'SUD'])
  t.same(labels({ ...plan(action()), status: 'retired' }, other), ['PSY'])
  t.same(labels({ ...plan(action()), type: { coding: [{ code: 'security-labels' }] } }, other), ['PSY'])
  t.same(labels({ ...plan(action()), resourceType: 'ActivityDefinition' }, other), ['PSY'])
  t.same(labels(), [])
})

t.test("rules within rules, and what they add is put into today's words", async (t) => {
  const good = valueSet({ include: [{ system: OWN, concept: concepts('a') }] })
  const coding = [
    { system: 'http://hl7.org/fhir/v3/ActCode', code: 'NORDSLCD' },
    { system: 'urn:oid:2.16.840.1.113883.5.25', code: 'r' },
    { system: CONFIDENTIALITY, code: 'HIV' },
  ]
  const { rules, faults } = compile(plan({ id: 'group', action: [action({ code: [{ coding }] })] }), good)
  t.same(faults, [])
  t.same(
    ownLabels(rules, condition(OWN, 'a')).map(({ label }) => label),
    [
      { system: ACT_CODE, code: 'NORDSCLCD' },
      { system: CONFIDENTIALITY, code: 'R' },
      { system: ACT_CODE, code: 'HIV' },
    ],
  )
})

t.test('a mistake in one rule takes nothing from the others', async (t) => {
  // Whatever one element of one of the shipped resources is replaced by, and whatever is left out, the rules that do not
  // use that resource find what they found before.
  const plans = shipped.filter(({ resourceType }) => resourceType === 'PlanDefinition')
  const sets = shipped.filter(({ resourceType }) => resourceType === 'ValueSet')
  const [shippedPlan] = plans as [Resource]
  const actions = shippedPlan['action'] as JsonObject[]
  const junk = fc.constantFrom<JsonValue | undefined>(
    undefined,
    null,
    '',
    'x',
    7,
    [],
    {},
    [null],
    [{}],
    { code: 1 },
    'http://example.org/none',
  )
  const sample = [
    condition(ICD, 'F10.20'),
    condition(ICD, 'F32.1'),
    condition(ICD, 'B20'),
    condition('http://loinc.org', '80203-3'),
    { resourceType: 'MedicationRequest', medicationCodeableConcept: { text: 'abacavir, methadone' } },
  ] as Resource[]
  const named = (resources: readonly Resource[], except: (rule: string) => boolean) => {
    const { rules } = compile(...resources)
    return sample.map((it) => ownLabels(rules, it).filter(({ rule }) => !except(rule)))
  }
  fc.assert(
    fc.property(fc.nat(), fc.nat(), junk, fc.boolean(), (which, at, value, inPlan) => {
      if (inPlan) {
        const broken = structuredClone(actions[which % actions.length]) as JsonObject
        const name = String(broken['id'])
        spoil(broken, at, value)
        const spoiled = { ...shippedPlan, action: actions.with(which % actions.length, broken) } as Resource
        const others = (rule: string): boolean => rule === name || !actions.some(({ id }) => id === rule)
        t.strictSame(named([spoiled, ...sets], others), named([shippedPlan, ...sets], others))
      } else {
        const set = sets[which % sets.length] as Resource
        const broken = structuredClone(set) as Resource
        spoil(broken, at, value)
        const users = new Set(
          actions
            .filter((it) => JSON.stringify(it).includes(`"${String(set['url'])}"`))
            .map(({ id }) => String(id)),
        )
        const spoiled = sets.with(which % sets.length, broken)
        const others = (rule: string): boolean => users.has(rule)
        t.strictSame(named([shippedPlan, ...spoiled], others), named([shippedPlan, ...sets], others))
      }
    }),
    runs(150),
  )
})

/** Replaces one property, anywhere below `root`. */
function spoil(root: JsonObject, at: number, value: JsonValue | undefined): void {
  const places: [container: JsonObject, key: string][] = []
  const visit = (container: JsonObject): void => {
    for (const [key, child] of Object.entries(container)) {
      places.push([container, key])
      if (typeof child === 'object' && child !== null) visit(child as JsonObject)
    }
  }
  visit(root)
  const [container, key] = places[at % places.length] as [JsonObject, string]
  container[key] = value
}

t.test('a rule may be for identifiers, for a type, for everything, or for labels', async (t) => {
  const label = (code: string) => [{ coding: [{ system: ACT_CODE, code }] }]
  const npi = { system: 'http://hl7.org/fhir/sid/us-npi', code: '1234567893' }
  const { rules, faults } = compile(
    plan(
      action({
        id: 'program',
        code: label('42CFRPart2'),
        input: [{ type: 'Resource', codeFilter: [{ path: ANY_IDENTIFIER, code: [npi] }] }],
      }),
      action({ id: 'always', code: label('PRS'), input: [{ type: 'Communication' }] }),
      action({
        id: 'brings',
        code: label('VIP'),
        input: [
          { type: 'Resource', codeFilter: [{ path: OWN_LABELS, code: [{ system: ACT_CODE, code: 'PRS' }] }] },
        ],
      }),
    ),
  )
  t.same(faults, [])
  const identifier = { system: 'https://hl7.org/fhir/sid/us-npi', value: ' 1234567893' }
  const encounter = { resourceType: 'Encounter', serviceProvider: { identifier } }
  t.same(ownLabels(rules, encounter as Resource), [
    {
      label: { system: ACT_CODE, code: '42CFRPart2' },
      rule: 'program',
      path: 'Encounter.serviceProvider.identifier',
      coding: { system: identifier.system, code: identifier.value },
    },
  ])
  t.same(
    found(rules, {
      resourceType: 'Organization',
      identifier: [{ value: '1234567893' }, { ...identifier, value: '1' }],
    }),
    [],
  )
  t.same(ownLabels(rules, { resourceType: 'Communication' }), [
    { label: { system: ACT_CODE, code: 'PRS' }, rule: 'always', path: 'Communication', coding: undefined },
  ])
  t.same(
    labelsOf(rules, [{ system: ACT_CODE, code: 'PRS' }]).map(({ code }) => code),
    ['PRS', 'VIP'],
  )
})
