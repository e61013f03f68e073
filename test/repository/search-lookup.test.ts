// What searches look up in stored resources, as the caller may see them.
import t from 'tap'
import { SEE_EVERYTHING, type AccessFilter, type CodeSet } from '../../src/store/index.ts'
import type { Resource } from '../../src/fhir/index.ts'
import { createSearchLookup } from '../../src/repository/search-lookup.ts'
import { world } from './world.ts'

const SECRET = { system: 'urn:label', code: 'secret' }
const NOT_SECRET: AccessFilter = { anyOf: [{ types: '*', patients: '*', withoutLabels: [SECRET] }] }
const V = 'http://practice.example/ValueSet/v'

function lookups() {
  const { repository, parts } = world({ references: 'off' })
  return {
    put: (resource: object) => {
      const { resourceType: type, id } = resource as { resourceType: string; id: string }
      return repository.write({ kind: 'update', target: { type, id }, resource: resource as Resource })
    },
    remove: (type: string, id: string) => repository.write({ kind: 'delete', target: { type, id } }),
    all: createSearchLookup(parts, SEE_EVERYTHING),
    some: createSearchLookup(parts, NOT_SECRET),
    repository,
    parts,
  }
}

const secret = { meta: { security: [SECRET] } }
const valueSet = (id: string, codes: readonly string[], more: object = {}) => ({
  resourceType: 'ValueSet',
  id,
  url: V,
  status: 'active',
  compose: { include: [{ system: 'urn:s', concept: codes.map((code) => ({ code })) }] },
  ...more,
})

const plain = (sets: readonly CodeSet[]) => sets.flatMap(({ codes }) => codes).join(' ')

t.test('value sets show as they are now, to whom may see them', async (t) => {
  const { put, remove, all, some, parts } = lookups()
  await t.rejects(all.codesIn(V), { code: 'invalid-search' })
  await put(valueSet('one', ['a', 'b']))
  t.equal(plain(await all.codesIn(V)), 'a b')
  await put(valueSet('one', ['a', 'c'], { version: '1' }))
  t.equal(plain(await all.codesIn(V)), 'a c')
  t.equal(plain(await all.codesIn('ValueSet/one')), 'a c')
  t.equal(plain(await all.codesIn(`${parts.baseUrl}/ValueSet/one`)), 'a c')
  await put(valueSet('two', ['z'], { version: '2', ...secret }))
  t.equal(plain(await all.codesIn(V)), 'z')
  t.equal(plain(await some.codesIn(V)), 'a c', 'a hidden version is as if it were not')
  await t.rejects(some.codesIn(`${V}|2`), { code: 'invalid-search' })
  await t.rejects(some.codesIn('ValueSet/two'), { code: 'invalid-search', message: /not known/ })
  await remove('ValueSet', 'two')
  t.equal(plain(await all.codesIn(V)), 'a c')
  await put(valueSet('one', ['a'], secret))
  t.equal(plain(await all.codesIn(V)), 'a')
  await t.rejects(some.codesIn(V), { code: 'invalid-search' })
  await remove('ValueSet', 'one')
  await t.rejects(all.codesIn(V), { code: 'invalid-search' })
})

t.test('code systems too', async (t) => {
  const { put, all, some } = lookups()
  const system = (codes: readonly string[], more: object = {}) => ({
    resourceType: 'CodeSystem',
    id: 'cs',
    url: 'urn:s',
    status: 'active',
    content: 'complete',
    concept: [{ code: 'top', concept: codes.map((code) => ({ code })) }],
    ...more,
  })
  await put(system(['a']))
  t.strictSame(await all.codesBy('below', 'urn:s', 'top'), ['top', 'a'])
  await put(system(['a', 'b'], secret))
  t.strictSame(await all.codesBy('below', 'urn:s', 'top'), ['top', 'a', 'b'])
  await t.rejects(some.codesBy('below', 'urn:s', 'top'), { code: 'invalid-search' })
})

t.test('places above and below', async (t) => {
  const { put, remove, all, some } = lookups()
  const place = (id: string, within?: string, more: object = {}) => ({
    resourceType: 'Location',
    id,
    ...(within === undefined ? {} : { partOf: { reference: `Location/${within}` } }),
    ...more,
  })
  for (const [id, within] of [
    ['site'],
    ['wing', 'site'],
    ['hall', 'site'],
    ['room', 'wing'],
    ['bed', 'room'],
  ])
    await put(place(id as string, within))
  const ask = async (lookup: typeof all, direction: 'above' | 'below', id: string) =>
    (await lookup.placesBy(direction, 'Location', id)).toSorted().join(' ')
  t.equal(await ask(all, 'below', 'site'), 'bed hall room site wing')
  t.equal(await ask(all, 'below', 'wing'), 'bed room wing')
  t.equal(await ask(all, 'above', 'bed'), 'bed room site wing')
  t.equal(await ask(all, 'above', 'site'), 'site')
  t.equal(await ask(all, 'below', 'never'), 'never', 'one that is not there may still be named')

  await put(place('wing', 'site', secret))
  t.equal(await ask(some, 'below', 'site'), 'hall site', 'what is hidden leads nowhere')
  t.equal(await ask(some, 'above', 'bed'), 'bed room wing', 'and is named by what refers to it, no more')
  t.equal(await ask(all, 'below', 'site'), 'bed hall room site wing')
  await remove('Location', 'room')
  t.equal(await ask(all, 'below', 'site'), 'hall site wing')
  t.equal(await ask(all, 'above', 'bed'), 'bed room')

  await put(place('site', 'hall'))
  t.equal(await ask(all, 'below', 'hall'), 'hall site wing', 'a circle ends')
  t.equal(await ask(all, 'above', 'hall'), 'hall site')

  await put({ resourceType: 'Organization', id: 'o1', name: 'x' })
  await put({ resourceType: 'Organization', id: 'o2', name: 'y', partOf: { reference: 'Organization/o1' } })
  t.strictSame(await all.placesBy('below', 'Organization', 'o1'), ['o1', 'o2'])
  await t.rejects(all.placesBy('below', 'Patient', 'p'), { code: 'invalid-search', message: /Patient/ })
})

t.test('very many places', async (t) => {
  const { parts, put } = lookups()
  await put({ resourceType: 'Location', id: 'top' })
  const store = Object.assign(Object.create(parts.store) as typeof parts.store, {
    matches: async () => Array.from({ length: 10_001 }, (_, at) => `l${at}`),
  })
  const lookup = createSearchLookup({ ...parts, store }, SEE_EVERYTHING)
  await t.rejects(lookup.placesBy('below', 'Location', 'top'), { code: 'too-costly' })
})

t.test('searches ask it', async (t) => {
  const { put, repository, parts } = lookups()
  await put(valueSet('one', ['a', 'b']))
  for (const code of ['a', 'b', 'c'])
    await put({
      resourceType: 'Observation',
      id: code,
      status: 'final',
      code: { coding: [{ system: 'urn:s', code }] },
    })
  const found = async (query: string) => {
    const where = await parts.search.parseCriteria('Observation', query, repository.lookup)
    return (await parts.store.matches('Observation', where, 9, SEE_EVERYTHING)).toSorted().join()
  }
  t.equal(await found(`code:in=${V}`), 'a,b')
  t.equal(await found(`code:not-in=${V}`), 'c')
  t.equal(await found('status:in=http://hl7.org/fhir/ValueSet/observation-status'), 'a,b,c')
  await put(valueSet('one', ['c']))
  t.equal(await found(`code:in=${V}`), 'c')
  await t.rejects(found('code:in=http://nowhere.example/vs'), { code: 'invalid-search', message: /nowhere/ })
})
