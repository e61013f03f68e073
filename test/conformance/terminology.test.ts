// Which codes a ValueSet holds, and which are above and below a code: by what is stored, and by R4's own definitions.
import t from 'tap'
import fc from 'fast-check'
import { readBundleResources, type SourceResource } from '../../scripts/build-definitions/sources.ts'
import { createTerminology, type StoredTerminology } from '../../src/conformance/index.ts'
import { loadDefinitions, type Resource } from '../../src/fhir/index.ts'
import type { CodeSet, StoredVersion } from '../../src/store/index.ts'

const NOTHING: StoredTerminology = { byUrl: async () => [], byId: async () => undefined }

/** These resources, as if they were stored. */
function stored(...resources: readonly object[]): StoredTerminology {
  const versions = (resources as readonly Resource[]).map(
    (resource, at): StoredVersion => ({
      type: resource.resourceType,
      id: (resource['id'] as string) ?? `r${at}`,
      versionId: 1,
      lastUpdated: 0,
      change: 'create',
      method: 'POST',
      body: Buffer.from(JSON.stringify(resource)),
    }),
  )
  return {
    byUrl: async (type, url) =>
      versions.filter((it, at) => it.type === type && (resources[at] as Resource)['url'] === url),
    byId: async (type, id) => versions.find((it) => it.type === type && it.id === id),
  }
}

const S = 'urn:s'
const V = 'http://practice.example/ValueSet/v'

const codeSystem = (concept: readonly object[], more: object = {}) => ({
  resourceType: 'CodeSystem',
  url: S,
  status: 'active',
  content: 'complete',
  concept,
  ...more,
})
const valueSet = (compose: object | undefined, more: object = {}) => ({
  resourceType: 'ValueSet',
  url: V,
  status: 'active',
  compose,
  ...more,
})
const codes = (...list: string[]) => list.map((code) => ({ code }))

/** `system: code code`, sorted. */
function plain(sets: readonly CodeSet[]): readonly string[] {
  return sets
    .map(({ system, codes: of }) => `${system}: ${of === 'all' ? '*' : of.toSorted().join(' ')}`)
    .toSorted()
}

const TREE = codeSystem([
  {
    code: 'a',
    concept: [
      { code: 'b', concept: [{ code: 'c', property: [{ code: 'dose', valueInteger: 5 }] }] },
      { code: 'd' },
    ],
  },
  {
    code: 'e',
    display: 'Eh',
    property: [
      { code: 'inactive', valueBoolean: true },
      { code: 'dose', valueInteger: 6 },
    ],
  },
])

t.test('compositions', async (t) => {
  const table: readonly (readonly [name: string, compose: object, expected: readonly string[]])[] = [
    ['a list', { include: [{ system: S, concept: codes('x', 'y') }] }, ['urn:s: x y']],
    ['a whole system', { include: [{ system: S }] }, ['urn:s: a b c d e']],
    ['a system that is not here', { include: [{ system: 'urn:far' }] }, ['urn:far: *']],
    [
      'several parts',
      { include: [{ system: S, concept: codes('a') }, { system: 'urn:far' }] },
      ['urn:far: *', 'urn:s: a'],
    ],
    [
      'without a list',
      { include: [{ system: S }], exclude: [{ system: S, concept: codes('b', 'zz') }] },
      ['urn:s: a c d e'],
    ],
    [
      'without a whole system',
      { include: [{ system: S }, { system: 'urn:far' }], exclude: [{ system: 'urn:far' }] },
      ['urn:s: a b c d e'],
    ],
    ['only those in use', { inactive: false, include: [{ system: S }] }, ['urn:s: a b c d']],
    [
      'listed, and only those in use',
      {
        inactive: false,
        include: [
          { system: S, concept: codes('a', 'e') },
          { system: 'urn:far', concept: codes('q') },
        ],
      },
      ['urn:far: q', 'urn:s: a'],
    ],
    [
      'no code at all',
      {
        include: [{ system: S, filter: [{ property: 'concept', op: 'is-a', value: 'c' }] }],
        exclude: [{ system: S }],
      },
      [],
    ],
  ]
  for (const [name, compose, expected] of table) {
    const found = await createTerminology().codesIn(V, stored(TREE, valueSet(compose)))
    t.strictSame(plain(found), expected, name)
  }
})

t.test('filters', async (t) => {
  const table: readonly (readonly [property: string, op: string, value: string, expected: string])[] = [
    ['concept', 'is-a', 'b', 'b c'],
    ['code', 'is-a', 'a', 'a b c d'],
    ['concept', 'descendent-of', 'a', 'b c d'],
    ['concept', 'is-not-a', 'b', 'a d e'],
    ['concept', 'generalizes', 'c', 'a b c'],
    ['concept', 'in', 'a, c,zz', 'a c'],
    ['concept', 'not-in', 'a,c', 'b d e'],
    ['code', 'regex', '[a-c]', 'a b c'],
    ['display', 'regex', 'E.', 'e'],
    ['display', '=', 'Eh', 'e'],
    ['parent', '=', 'a', 'b d'],
    ['child', '=', 'c', 'b'],
    ['parent', 'exists', 'false', 'a e'],
    ['child', 'exists', 'true', 'a b'],
    ['dose', '=', '5', 'c'],
    ['dose', 'in', '5,6', 'c e'],
    ['dose', 'not-in', '5', 'a b d e'],
    ['dose', 'exists', 'true', 'c e'],
    ['inactive', '=', 'true', 'e'],
  ]
  const terminology = createTerminology()
  for (const [property, op, value, expected] of table) {
    const filter = [{ property, op, value }]
    const found = await createTerminology().codesIn(
      V,
      stored(TREE, valueSet({ include: [{ system: S, filter }] })),
    )
    t.strictSame(plain(found), expected === '' ? [] : [`urn:s: ${expected}`], `${property} ${op} ${value}`)
  }
  const two = [
    { property: 'concept', op: 'is-a', value: 'a' },
    { property: 'concept', op: 'is-not-a', value: 'b' },
  ]
  t.strictSame(
    plain(await terminology.codesIn(V, stored(TREE, valueSet({ include: [{ system: S, filter: two }] })))),
    ['urn:s: a d'],
    'all of several hold',
  )
})

t.test('imports are met, not added; circles are refused', async (t) => {
  const [one, two] = [`${V}1`, `${V}2`]
  const sets = [
    valueSet({ include: [{ system: S, concept: codes('a', 'b') }, { system: 'urn:other' }] }, { url: one }),
    valueSet(
      {
        include: [
          { system: S, concept: codes('b', 'c') },
          { system: 'urn:other', concept: codes('o') },
        ],
      },
      { url: two },
    ),
  ]
  const inAll = async (include: readonly object[], exclude: readonly object[] = []) =>
    plain(await createTerminology().codesIn(V, stored(TREE, ...sets, valueSet({ include, exclude }))))
  t.strictSame(await inAll([{ valueSet: [one, two] }]), ['urn:other: o', 'urn:s: b'])
  t.strictSame(await inAll([{ valueSet: [one] }, { valueSet: [two] }]), ['urn:other: *', 'urn:s: a b c'])
  t.strictSame(await inAll([{ system: S, valueSet: [two] }]), ['urn:s: b c'])
  t.strictSame(await inAll([{ valueSet: [two] }], [{ valueSet: [one] }]), ['urn:s: c'])
  const circle = [
    valueSet({ include: [{ valueSet: [one] }] }),
    valueSet({ include: [{ valueSet: [two] }] }, { url: one }),
    valueSet({ include: [{ valueSet: [V] }] }, { url: two }),
  ]
  await t.rejects(createTerminology().codesIn(V, stored(...circle)), {
    code: 'invalid-search',
    message: /circle/,
  })
})

t.test('which of several versions', async (t) => {
  const listing = (code: string, more: object) =>
    valueSet({ include: [{ system: S, concept: codes(code) }] }, more)
  const some = stored(
    listing('old', { id: 'old', version: '1.9.0' }),
    listing('new', { id: 'new', version: '1.10.0' }),
    listing('preview', { id: 'preview', version: '2.0.0', status: 'draft' }),
    listing('gone', { id: 'gone', version: '3', status: 'retired' }),
  )
  const ask = async (named: string) => plain(await createTerminology().codesIn(named, some))[0]
  t.equal(await ask(V), 'urn:s: new', 'the highest of the active')
  t.equal(await ask(`${V}|1.9.0`), 'urn:s: old')
  t.equal(await ask(`${V}|3`), 'urn:s: gone')
  t.equal(await ask('ValueSet/preview'), 'urn:s: preview')
  await t.rejects(createTerminology().codesIn(`${V}|4`, some), {
    code: 'invalid-search',
    message: /not known/,
  })
  await t.rejects(createTerminology().codesIn('ValueSet/none', some), { code: 'invalid-search' })
  await t.rejects(createTerminology().codesIn('http://nowhere.example/vs', some), { code: 'invalid-search' })
})

t.test('an expansion stands in where the composition cannot be worked out, if it is whole', async (t) => {
  const compose = {
    include: [{ system: 'urn:far', filter: [{ property: 'concept', op: 'is-a', value: 'x' }] }],
  }
  const contains = [
    { system: 'urn:far', code: 'x', contains: [{ system: 'urn:far', code: 'y' }] },
    { display: 'a group', contains: [{ system: 'urn:far', code: 'z' }] },
    { system: 'urn:far', code: 'up', abstract: true },
  ]
  const ask = (expansion: object | undefined, composed: object | undefined = compose) =>
    createTerminology().codesIn(V, stored(valueSet(composed, { expansion })))
  t.strictSame(plain(await ask({ contains })), ['urn:far: x y z'])
  t.strictSame(plain(await ask({ total: 4, contains })), ['urn:far: x y z'])
  t.strictSame(
    plain(await createTerminology().codesIn(V, stored({ ...valueSet(undefined), expansion: { contains } }))),
    ['urn:far: x y z'],
  )
  const cut = [
    { total: 400, contains },
    { offset: 100, contains },
    { parameter: [{ name: 'count', valueInteger: 3 }], contains },
    { parameter: [{ name: 'filter', valueString: 'x' }], contains },
    {
      extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/valueset-unclosed', valueBoolean: true }],
      contains,
    },
  ]
  for (const expansion of cut)
    await t.rejects(
      ask(expansion),
      { code: 'invalid-search', message: /cannot be told/ },
      JSON.stringify(expansion).slice(0, 60),
    )
  t.strictSame(
    plain(await ask({ contains }, { include: [{ system: 'urn:far', concept: codes('now') }] })),
    ['urn:far: now'],
    'what it was expanded to once does not count where the composition can be',
  )
})

t.test('what cannot be told is refused, not guessed', async (t) => {
  const far = { system: 'urn:far' }
  const fragment = codeSystem(codes('a'), { content: 'fragment' })
  const parts = codeSystem([{ code: 'a', concept: codes('b') }], { hierarchyMeaning: 'part-of' })
  const is = (property: string, op: string, value: string, system = S) => ({
    system,
    filter: [{ property, op, value }],
  })
  const table: readonly (readonly [name: string, compose: object, why: RegExp, system?: object])[] = [
    [
      'codes left out of an unknown system',
      { include: [far], exclude: [{ ...far, concept: codes('x') }] },
      /urn:far/,
    ],
    ['a filter on an unknown system', { include: [is('concept', 'is-a', 'a', 'urn:far')] }, /not known here/],
    ['a filter on a fragment', { include: [is('concept', 'is-a', 'a')] }, /in part/, fragment],
    ['those in use of an unknown system', { inactive: false, include: [far] }, /in use/],
    ['an unknown value set', { include: [{ valueSet: ['http://nowhere.example/vs'] }] }, /nowhere/],
    ['an unknown code', { include: [is('concept', 'is-a', 'zz')] }, /no code 'zz'/],
    ['an unknown operator', { include: [is('concept', 'smells-like', 'a')] }, /smells-like/],
    ['an unknown property', { include: [is('colour', '=', 'red')] }, /colour/],
    ['no regular expression', { include: [is('code', 'regex', '(')] }, /regular expression/],
    ['a hierarchy of parts', { include: [is('concept', 'is-a', 'a')] }, /part-of/, parts],
    ['nothing named', { include: [{}] }, /names neither/],
  ]
  for (const [name, compose, why, system = TREE] of table)
    await t.rejects(
      createTerminology().codesIn(V, stored(system, valueSet(compose))),
      { code: 'invalid-search', message: why },
      name,
    )
  await t.rejects(createTerminology().codesIn(V, stored(valueSet(undefined))), { code: 'invalid-search' })
})

t.test('what would cost too much is refused', async (t) => {
  const many = Array.from({ length: 100_001 }, (_, at) => `c${at}`)
  await t.rejects(
    createTerminology().codesIn(V, stored(valueSet({ include: [{ system: S, concept: codes(...many) }] }))),
    { code: 'too-costly' },
  )
  const slow = codeSystem(codes(`${'a'.repeat(60)}!`))
  const filter = [{ property: 'code', op: 'regex', value: '(a+)+' }]
  await t.rejects(
    createTerminology().codesIn(V, stored(slow, valueSet({ include: [{ system: S, filter }] }))),
    { code: 'too-costly', message: /regular expression/ },
  )
})

t.test('above and below', async (t) => {
  const many = codeSystem(
    [
      { code: 'a', property: [{ code: 'kid', valueCode: 'd' }] },
      { code: 'b', property: [{ code: 'parent', valueCode: 'a' }] },
      {
        code: 'c',
        property: [
          { code: 'parent', valueCode: 'b' },
          { code: 'parent', valueCode: 'd' },
        ],
      },
      { code: 'd', property: [{ code: 'parent', valueCode: 'nobody' }] },
      { code: 'e' },
    ],
    {
      property: [
        { code: 'parent', type: 'code' },
        { code: 'kid', uri: 'http://hl7.org/fhir/concept-properties#child', type: 'code' },
      ],
    },
  )
  const ask = async (system: object, direction: 'above' | 'below', code: string) =>
    (await createTerminology().codesBy(direction, S, code, stored(system))).toSorted().join(' ')
  t.equal(await ask(TREE, 'below', 'a'), 'a b c d')
  t.equal(await ask(TREE, 'above', 'c'), 'a b c')
  t.equal(await ask(TREE, 'below', 'e'), 'e')
  t.equal(await ask(many, 'below', 'a'), 'a b c d')
  t.equal(await ask(many, 'above', 'c'), 'a b c d')
  t.equal(await ask(many, 'above', 'd'), 'a d')
  const circle = codeSystem(
    [
      { code: 'x', property: [{ code: 'parent', valueCode: 'y' }] },
      { code: 'y', property: [{ code: 'parent', valueCode: 'x' }] },
    ],
    { property: [{ code: 'parent', type: 'code' }] },
  )
  t.equal(await ask(circle, 'above', 'x'), 'x y', 'a circle ends')

  const refused: readonly (readonly [string, object])[] = [
    ['an unknown code', TREE],
    ['a fragment', codeSystem(codes('zz'), { content: 'fragment' })],
    ['another hierarchy', codeSystem(codes('zz'), { hierarchyMeaning: 'grouped-by' })],
    ['a supplement', codeSystem(codes('zz'), { content: 'supplement' })],
  ]
  for (const [name, system] of refused)
    await t.rejects(ask(system, 'below', 'zz'), { code: 'invalid-search' }, name)
  await t.rejects(createTerminology().codesBy('below', 'urn:far', 'a', NOTHING), { code: 'invalid-search' })
})

t.test('a code system that does not tell codes apart by case', async (t) => {
  const loose = codeSystem([{ code: 'Ab', concept: codes('cD') }, { code: 'E' }], { caseSensitive: false })
  const inSet = async (compose: object) =>
    plain(await createTerminology().codesIn(V, stored(loose, valueSet(compose))))
  t.strictSame(await createTerminology().codesBy('below', S, 'AB', stored(loose)), [
    'Ab',
    'ab',
    'AB',
    'cD',
    'cd',
    'CD',
  ])
  t.strictSame(
    await inSet({ include: [{ system: S }], exclude: [{ system: S, concept: codes('aB', 'e') }] }),
    ['urn:s: CD cD cd'],
  )
  t.strictSame(await inSet({ include: [{ system: S, concept: codes('ab') }] }), ['urn:s: AB ab'])
})

t.test('hierarchies by any of the three ways are the same', async (t) => {
  // A node's parents are among those before it, so that it can be nested too.
  const trees = fc.array(fc.nat(), { minLength: 1, maxLength: 12 })
  await t.resolves(
    fc.assert(
      fc.asyncProperty(trees, fc.nat(), async (picks, from) => {
        const parents = picks.map((pick, at) =>
          at === 0 ? undefined : pick % (at + 1) === at ? undefined : pick % (at + 1),
        )
        const nest = (of: number | undefined): object[] =>
          parents.flatMap((parent, at) => (parent === of ? [{ code: `n${at}`, concept: nest(at) }] : []))
        const byParent = parents.map((parent, at) => ({
          code: `n${at}`,
          property: parent === undefined ? [] : [{ code: 'parent', valueCode: `n${parent}` }],
        }))
        const byChild = parents.map((_, at) => ({
          code: `n${at}`,
          property: parents.flatMap((parent, child) =>
            parent === at ? [{ code: 'child', valueCode: `n${child}` }] : [],
          ),
        }))
        const property = [{ code: 'parent' }, { code: 'child' }]
        const node = from % parents.length
        const isBelow = (at: number | undefined): boolean =>
          at === node || (at !== undefined && isBelow(parents[at]))
        const expected = parents.flatMap((_, at) => (isBelow(at) ? [`n${at}`] : [])).toSorted()
        for (const concept of [nest(undefined), byParent, byChild]) {
          const system = stored(codeSystem(concept, { property }))
          const below = await createTerminology().codesBy('below', S, `n${node}`, system)
          if (below.toSorted().join() !== expected.join()) return false
          for (const at of parents.keys()) {
            const above = await createTerminology().codesBy('above', S, `n${at}`, system)
            if (above.includes(`n${node}`) !== isBelow(at)) return false
          }
        }
        return true
      }),
      { numRuns: 30 },
    ),
  )
})

t.test("R4's own", async (t) => {
  const terminology = createTerminology()
  const definitions = loadDefinitions()
  interface Source extends SourceResource {
    readonly resourceType: 'ValueSet'
  }
  const sources = readBundleResources<Source>('hl7', 'valuesets.json', 'ValueSet')
  let compared = 0
  for (const { url } of sources) {
    const bound = definitions.codes(url)
    if (bound === undefined) continue
    const found = await terminology.codesIn(url, NOTHING)
    const listed = found.flatMap(({ system, codes: of }) =>
      of === 'all' ? [] : of.map((code) => [system, code] as const),
    )
    t.ok(
      listed.every(([system, code]) => bound.has(system, code)),
      url,
    )
    t.equal(new Set(listed.map(([, code]) => code)).size, bound.size, url)
    compared++
  }
  t.ok(compared > 150, `as the table for required bindings has them: ${compared} value sets`)

  let told = 0
  for (const { url } of sources) {
    const found = await terminology.codesIn(url, NOTHING).catch((error: { code: string }) => error.code)
    if (found === 'invalid-search') continue
    t.ok(Array.isArray(found), url)
    told++
  }
  t.ok(told > sources.length * 0.85, `${told} of ${sources.length} can be told`)

  const ACT = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
  t.strictSame(await terminology.codesBy('above', ACT, 'AMB', NOTHING), [
    'AMB',
    '_ActEncounterCode',
    '_ActCareProvisionCode',
  ])
  const encounters = await terminology.codesIn(
    'http://terminology.hl7.org/ValueSet/v3-ActEncounterCode',
    NOTHING,
  )
  t.ok(encounters.every(({ codes: of }) => of.includes('AMB') && !of.includes('_ActEncounterCode')))
  await t.rejects(terminology.codesBy('below', 'http://snomed.info/sct', '73211009', NOTHING), {
    code: 'invalid-search',
  })
  await t.rejects(terminology.codesIn('', NOTHING), { code: 'invalid-search' })

  const status = 'http://hl7.org/fhir/ValueSet/observation-status'
  t.ok((await terminology.codesIn(`${status}|4.0.1`, NOTHING)).length > 0)
  await t.rejects(terminology.codesIn(`${status}|3.0.2`, NOTHING), { code: 'invalid-search' })
  const own = stored(valueSet({ include: [{ system: S, concept: codes('mine') }] }, { url: status }))
  t.strictSame(plain(await terminology.codesIn(status, own)), ['urn:s: mine'], 'what is stored comes first')
})
