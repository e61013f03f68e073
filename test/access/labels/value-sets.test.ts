// What a value set lists, as rules match it: lists, filters, other value sets, exclusions, versions, expansions.
import t from 'tap'
import { ANY_CODING, ownLabels } from '../../../src/access/labels/index.ts'
import type { JsonObject, Resource } from '../../../src/fhir/index.ts'
import { action, compile, condition, found, input, plan, valueSet } from './rules.ts'

const ICD = 'http://hl7.org/fhir/sid/icd-10-cm'
const OWN = 'http://example.org/codes'

/** Codes of the system `OWN` (or another) that a value set lists, of those asked for. */
const lists = (codes: string, compose: JsonObject, ...more: Resource[]): string => {
  const { rules, faults } = compile(plan(action()), valueSet(compose), ...more)
  t.same(faults, [], JSON.stringify(compose))
  return codes
    .split(' ')
    .filter((code) => found(rules, condition(OWN, code)).length > 0)
    .join(' ')
}

const concepts = (codes: string) => codes.split(' ').map((code) => ({ code }))

t.test('what a value set can list', async (t) => {
  const v = (id: string, compose: JsonObject) => valueSet(compose, { id, url: `http://example.org/${id}` })
  const ab = v('ab', { include: [{ system: OWN, concept: concepts('a b') }] })
  const bc = v('bc', { include: [{ system: OWN, concept: concepts('b c') }] })
  const named = (...ids: string[]) => ids.map((id) => `http://example.org/${id}`)
  const all = 'a b c d'
  t.equal(lists(all, { include: [{ system: OWN, concept: concepts('a c') }] }), 'a c')
  t.equal(lists(all, { include: [{ system: OWN }] }), all, 'a whole system')
  t.equal(
    lists(all, { include: [{ system: OWN }], exclude: [{ system: OWN, concept: concepts('b') }] }),
    'a c d',
  )
  t.equal(lists(all, { include: [{ valueSet: named('ab') }, { valueSet: named('bc') }] }, ab, bc), 'a b c')
  t.equal(
    lists(all, { include: [{ valueSet: named('ab', 'bc') }] }, ab, bc),
    'b',
    'all of one include must hold',
  )
  t.equal(
    lists(all, { include: [{ valueSet: named('ab'), system: OWN, concept: concepts('b c') }] }, ab),
    'b',
  )
  t.equal(lists(all, { include: [{ valueSet: named('ab'), system: OWN }] }, ab), 'a b')
  t.equal(lists(all, { include: [{ system: OWN }], exclude: [{ valueSet: named('bc') }] }, bc), 'a d')
  const both = { valueSet: named('ab'), system: OWN, concept: concepts('b c') }
  t.equal(lists(all, { include: [{ system: OWN }], exclude: [both] }, ab), 'a c d')
  const except = v('except', {
    include: [{ valueSet: named('ab') }],
    exclude: [{ system: OWN, concept: concepts('a') }],
  })
  t.equal(
    lists(all, { include: [{ valueSet: named('except') }] }, except, ab),
    'b',
    'an exclusion goes along',
  )
  t.equal(
    lists(all, { include: [{ system: OWN }], exclude: [{ valueSet: named('except') }] }, except, ab),
    'a c d',
    'also into what excludes it',
  )
  const withoutA = v('without-a', {
    include: [{ system: OWN }],
    exclude: [{ system: OWN, concept: concepts('a') }],
  })
  t.equal(
    lists(
      all,
      { include: [{ valueSet: named('without-a') }], exclude: [{ system: OWN, concept: concepts('b') }] },
      withoutA,
    ),
    'c d',
    'and adds to those of what includes it',
  )
  t.equal(
    lists(all, { include: [{ system: OWN, filter: [{ property: 'code', op: '=', value: 'a' }] }] }),
    'a',
  )
  t.equal(
    lists(all, { include: [{ system: OWN, filter: [{ property: 'concept', op: 'in', value: 'a, d' }] }] }),
    'a d',
  )
})

t.test('what a value set can list of ICD', async (t) => {
  const filter = (op: string, value: string) => ({
    system: ICD,
    filter: [{ property: 'concept', op, value }],
  })
  const codes = 'F1 F10 F10.1 F10.10 F101 F11'
  const listed = (compose: JsonObject) => {
    const { rules } = compile(plan(action()), valueSet(compose))
    return codes
      .split(' ')
      .filter((code) => found(rules, condition(ICD, code)).length > 0)
      .join(' ')
  }
  t.equal(listed({ include: [filter('is-a', 'F10')] }), 'F10 F10.1 F10.10 F101')
  t.equal(listed({ include: [filter('descendent-of', 'F10')] }), 'F10.1 F10.10 F101')
  t.equal(listed({ include: [filter('is-a', 'f10.1')] }), 'F10.1 F10.10 F101')
  t.equal(
    listed({ include: [filter('is-a', 'F10')], exclude: [{ system: ICD, concept: [{ code: 'F10.10' }] }] }),
    'F10 F10.1 F101',
  )
  t.equal(listed({ include: [filter('is-a', 'F10')], exclude: [filter('is-a', 'F10.1')] }), 'F10')
  t.equal(
    listed({ include: [{ system: ICD }], exclude: [filter('is-a', '10')] }),
    codes,
    'what has it in the middle is not below it',
  )
  t.equal(
    listed({
      include: [
        {
          system: ICD,
          filter: [
            { property: 'concept', op: 'is-a', value: 'F10' },
            { property: 'concept', op: 'is-a', value: 'F10.1' },
          ],
        },
      ],
    }),
    'F10.1 F10.10 F101',
  )
})

t.test('an expansion stands in for what cannot be told', async (t) => {
  const expansion = {
    contains: [
      { system: OWN, code: 'g', abstract: true, contains: [{ system: OWN, code: 'x' }] },
      { system: OWN, code: 'y' },
    ],
  }
  const filtered = { include: [{ system: OWN, filter: [{ property: 'concept', op: 'is-a', value: 'a' }] }] }
  const listed = (compose: JsonObject | undefined) => {
    const set = { ...valueSet({}), expansion } as Resource
    if (compose === undefined) delete set['compose']
    else set['compose'] = compose
    const { rules, faults } = compile(plan(action()), set)
    return [
      ['a', 'g', 'x', 'y'].filter((it) => found(rules, condition(OWN, it)).length > 0).join(''),
      faults.length,
    ]
  }
  t.same(listed(undefined), ['xy', 0])
  t.same(listed(filtered), ['xy', 1])
  t.same(
    listed({ include: [{ system: OWN, concept: concepts('a') }] }),
    ['a', 0],
    'a compose that can be told is enough',
  )
})

t.test('where there is doubt, more is listed', async (t) => {
  const v = (id: string, compose: JsonObject) => valueSet(compose, { id, url: `http://example.org/${id}` })
  const of = (...ids: string[]) => ids.map((id) => `http://example.org/${id}`)
  const own = (codes: string) => ({ system: OWN, concept: concepts(codes) })
  const unknown = [{ property: 'concept', op: 'regex', value: 'a' }]
  const partly = v('partly', { include: [own('a'), { system: OWN, filter: unknown }] })
  const untold = v('untold', { include: [{ system: OWN, filter: unknown }] })
  const looser = v('looser', { include: [own('a b')], exclude: [{ system: OWN, filter: unknown }] })
  const self = v('v', { include: [{ valueSet: of('v'), system: OWN, concept: concepts('a b') }] })
  const listed = (compose: JsonObject, ...more: Resource[]) => {
    const { rules, faults } = compile(plan(action()), valueSet(compose), ...more)
    t.ok(faults.length > 0, JSON.stringify(compose))
    return 'abcd'
      .split('')
      .filter((code) => found(rules, condition(OWN, code)).length > 0)
      .join('')
  }
  t.equal(listed({ include: [{ valueSet: of('partly') }] }, partly), 'a', 'what can be told of it')
  t.equal(
    listed({ include: [{ valueSet: of('partly'), ...own('c d') }] }, partly),
    'cd',
    'passed over beside others',
  )
  t.equal(listed({ include: [{ valueSet: of('untold'), ...own('c d') }] }, untold), 'cd')
  t.equal(listed({ include: [{ valueSet: of('none'), ...own('c d') }] }), 'cd')
  t.equal(listed({ include: [{ valueSet: of('none'), system: OWN }] }), '', 'but it is not all of a system')
  t.equal(
    listed({ include: [own('a b c')], exclude: [{ valueSet: of('looser') }] }, looser),
    'abc',
    'excludes nothing',
  )
  t.equal(listed({ include: [own('a b c')], exclude: [{ valueSet: of('partly') }] }, partly), 'abc')
  t.equal(listed({ include: [own('a b c')], exclude: [own('a'), { system: OWN, filter: unknown }] }), 'bc')
  const { rules } = compile(plan(action()), self)
  t.same(found(rules, condition(OWN, 'a')), ['SUD'], 'includes itself, and lists what it lists besides')
})

t.test('value sets by version, and in a circle', async (t) => {
  const set = (version: string, code: string) =>
    valueSet({ include: [{ system: OWN, concept: concepts(code) }] }, { id: `v${version}`, version })
  const ask = (canonical: string) => {
    const { rules } = compile(
      plan(action({ input: [input({ codeFilter: [{ path: ANY_CODING, valueSet: canonical }] })] })),
      set('1', 'a'),
      set('2', 'b'),
    )
    return ['a', 'b'].filter((it) => found(rules, condition(OWN, it)).length > 0).join('')
  }
  t.equal(ask('http://example.org/v|1'), 'a')
  t.equal(ask('http://example.org/v|2'), 'b')
  t.equal(ask('http://example.org/v|3'), 'b', 'another rather than none')
  const to = (id: string, other: string, code: string) =>
    valueSet(
      { include: [{ valueSet: [`http://example.org/${other}`] }, { system: OWN, concept: concepts(code) }] },
      { id, url: `http://example.org/${id}` },
    )
  for (const [first, second] of [
    ['v', 'w'],
    ['w', 'v'],
  ] as const) {
    const { rules, faults } = compile(
      plan(
        action({
          input: [input({ codeFilter: [{ path: ANY_CODING, valueSet: `http://example.org/${first}` }] })],
        }),
        action({
          id: 's',
          input: [input({ codeFilter: [{ path: ANY_CODING, valueSet: `http://example.org/${second}` }] })],
        }),
      ),
      to('v', 'w', 'a'),
      to('w', 'v', 'b'),
    )
    t.ok(faults.length > 0)
    for (const code of ['a', 'b'])
      t.same(
        ownLabels(rules, condition(OWN, code)).map(({ rule }) => rule),
        ['r', 's'],
        'each lists what the other does',
      )
  }
})
