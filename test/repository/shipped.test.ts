// What ships with a release: there from the first start, renewed by the next release, the practice's own left alone.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { loadDefinitions, type Resource } from '../../src/fhir/index.ts'
import { CustomParameters, installShipped, Repository } from '../../src/repository/index.ts'
import { UNAUTHENTICATED } from '../../src/access/index.ts'
import { createSearch } from '../../src/search/index.ts'
import { openNaiveStore } from '../contract/naive-store.ts'
import { world } from './world.ts'

/** A release's folder of resources, written anew for each release. */
function releases(t: {
  teardown(handler: () => void): void
}): (resources: Record<string, object | string>) => string {
  const folder = mkdtempSync(path.join(tmpdir(), 'shipped-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return (resources) => {
    rmSync(folder, { recursive: true, force: true })
    for (const [file, content] of Object.entries(resources)) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
      writeFileSync(path.join(folder, file), typeof content === 'string' ? content : JSON.stringify(content))
    }
    return folder
  }
}

const codeSystem = (id: string, title: string): Resource => ({
  resourceType: 'CodeSystem',
  id,
  url: `http://example.org/CodeSystem/${id}`,
  title,
  status: 'active',
  content: 'complete',
})

const read = async (repository: Repository, id: string) => {
  const { versionId, body } = await repository.read('CodeSystem', id)
  return { versionId, title: (JSON.parse(String(body)) as { title: string }).title }
}

t.test('the first start creates, the next does nothing, the next release updates', async (t) => {
  const { repository, parts } = world()
  const release = releases(t)
  const first = release({
    'a.json': codeSystem('a', 'A'),
    'deep/er/b.json': codeSystem('b', 'B'),
    'notes.md': 'no resource',
  })
  t.strictSame(await installShipped(parts, repository, first), { created: 2, updated: 0, kept: [] })
  t.strictSame(await read(repository, 'b'), { versionId: 1, title: 'B' })
  t.strictSame(await installShipped(parts, repository, first), { created: 0, updated: 0, kept: [] })

  const second = release({
    'a.json': codeSystem('a', 'A, better'),
    'b.json': codeSystem('b', 'B'),
    'c.json': codeSystem('c', 'C'),
  })
  t.strictSame(await installShipped(parts, repository, second), { created: 1, updated: 1, kept: [] })
  t.strictSame(await read(repository, 'a'), { versionId: 2, title: 'A, better' })
  t.strictSame(await read(repository, 'b'), { versionId: 1, title: 'B' })
  t.strictSame(await read(repository, 'c'), { versionId: 1, title: 'C' })

  const third = release({ 'a.json': codeSystem('a', 'A, best') })
  t.strictSame(await installShipped(parts, repository, third), { created: 0, updated: 1, kept: [] })
  t.strictSame(await read(repository, 'a'), { versionId: 3, title: 'A, best' })
  t.strictSame(await read(repository, 'c'), { versionId: 1, title: 'C' }, 'what ships no more stays')
})

t.test('what the practice edited, deleted or made itself is left alone, and said', async (t) => {
  const { repository, parts } = world()
  const release = releases(t)
  const put = (id: string, title: string) =>
    repository.write({ kind: 'update', target: { type: 'CodeSystem', id }, resource: codeSystem(id, title) })
  await put('own', 'Own')
  const ids = ['edited', 'deleted', 'undone']
  const all = (title: string, more: string[] = []) =>
    release(Object.fromEntries([...ids, ...more].map((id) => [`${id}.json`, codeSystem(id, title)])))
  t.match(await installShipped(parts, repository, all('1')), { created: 3, kept: [] })
  await put('edited', 'Mine')
  await repository.write({ kind: 'delete', target: { type: 'CodeSystem', id: 'deleted' } })
  await put('undone', 'Mine')
  await put('undone', '1')

  t.match(
    await installShipped(parts, repository, all('1')),
    { created: 0, updated: 0, kept: [] },
    'no news, no word',
  )
  const kept = ['CodeSystem/deleted', 'CodeSystem/edited', 'CodeSystem/own']
  const second = all('2', ['own'])
  t.strictSame(await installShipped(parts, repository, second), { created: 0, updated: 1, kept })
  t.strictSame(
    await installShipped(parts, repository, second),
    { created: 0, updated: 0, kept },
    'said at each start',
  )
  t.strictSame(await read(repository, 'undone'), { versionId: 4, title: '2' }, 'an edit undone is no edit')
  t.strictSame(await read(repository, 'edited'), { versionId: 2, title: 'Mine' })
  t.strictSame(await read(repository, 'own'), { versionId: 1, title: 'Own' })
  await t.rejects(repository.read('CodeSystem', 'deleted'), { code: 'deleted' })

  await put('edited', '2')
  t.match(await installShipped(parts, repository, all('2')), { updated: 0, kept: ['CodeSystem/deleted'] })
  t.match(await installShipped(parts, repository, all('3')), { updated: 2, kept: ['CodeSystem/deleted'] })
  t.strictSame(
    await read(repository, 'edited'),
    { versionId: 4, title: '3' },
    'as shipped again, so updated again',
  )
})

t.test('a start that was killed before it could remember is taken up', async (t) => {
  const { repository, parts } = world()
  const release = releases(t)
  const forgetful = {
    store: {
      ...parts.store,
      maintenance: {
        ...parts.store.maintenance,
        getSetting: async () => undefined,
        setSetting: async () => {},
      },
    },
  }
  const first = release({ 'a.json': { ...codeSystem('a', '1'), meta: { tag: [{ code: 'x' }] } } })
  t.match(await installShipped(forgetful, repository, first), { created: 1 })
  t.strictSame(await installShipped(parts, repository, first), { created: 0, updated: 0, kept: [] })
  const second = release({ 'a.json': codeSystem('a', '2') })
  t.match(await installShipped(parts, repository, second), { updated: 1, kept: [] })
})

t.test('several servers that start at once agree', async (t) => {
  const { parts } = world()
  const folder = releases(t)({ 'a.json': codeSystem('a', '1'), 'b.json': codeSystem('b', '1') })
  const starts = [1, 2, 3].map(() => installShipped(parts, new Repository(parts, UNAUTHENTICATED), folder))
  const reports = await Promise.all(starts)
  t.equal(
    reports.reduce((sum, { created }) => sum + created, 0),
    2,
  )
  t.strictSame(
    reports.flatMap(({ kept }) => kept),
    [],
  )
})

t.test('a release that is broken says which file', async (t) => {
  const { repository, parts } = world()
  const release = releases(t)
  const install = (resources: Record<string, object | string>) =>
    installShipped(parts, repository, release(resources))
  await t.rejects(install({ 'a.json': '{' }), { code: 'invalid', message: /^a\.json: Line 1, column 2/ })
  await t.rejects(install({ 'a.json': { resourceType: 'CodeSystem' } }), /a\.json: a shipped resource needs/)
  await t.rejects(install({ 'a.json': [] }), /a\.json: a shipped resource needs/)
  await t.rejects(
    install({ 'a.json': codeSystem('a', '1'), 'b.json': codeSystem('a', '1') }),
    /b\.json holds CodeSystem\/a/,
  )
  await t.rejects(
    install({ 'a.json': codeSystem('a', '1'), 'b.json': { ...codeSystem('b', '1'), status: 'x' } }),
    { code: 'invalid' },
  )
  await t.rejects(repository.read('CodeSystem', 'a'), { code: 'not-found' }, 'all or nothing')
  t.strictSame(await installShipped(parts, repository, '/no/such/folder'), {
    created: 0,
    updated: 0,
    kept: [],
  })
})

t.test(
  "a search parameter that a practice has under a URL of its own stays the practice's; all else comes",
  async (t) => {
    const store = openNaiveStore()
    const definitions = loadDefinitions()
    const search = createSearch({ definitions, baseUrl: 'http://127.0.0.1:8080/fhir' })
    const customParameters = new CustomParameters({ store, search, definitions, report: () => {} })
    await customParameters.load()
    const { repository, parts } = world({ store, search, customParameters })
    const release = releases(t)
    const parameter = (url: string, code: string): Resource => ({
      resourceType: 'SearchParameter',
      id: code,
      url,
      name: 'Claims',
      status: 'active',
      description: 'Of claims.',
      code,
      base: ['Claim'],
      type: 'token',
      expression: 'Claim.type',
    })
    const own = { ...parameter('http://practice.example/type', 'type'), id: 'own' }
    await repository.write({ kind: 'update', target: { type: 'SearchParameter', id: 'own' }, resource: own })

    const folder = release({
      'a.json': codeSystem('a', 'A'),
      'kind.json': parameter('http://example.org/kind', 'kind'),
      'type.json': parameter('http://example.org/type', 'type'),
    })
    const report = { created: 2, updated: 0, kept: ['SearchParameter/type'] }
    t.strictSame(await installShipped(parts, repository, folder), report)
    t.strictSame(await read(repository, 'a'), { versionId: 1, title: 'A' })
    t.strictSame((await repository.read('SearchParameter', 'kind')).versionId, 1)
    await t.rejects(repository.read('SearchParameter', 'type'), { code: 'not-found' })
    t.strictSame(
      await installShipped(parts, repository, folder),
      { ...report, created: 0 },
      'told at every start',
    )

    await repository.write({ kind: 'delete', target: { type: 'SearchParameter', id: 'own' } })
    t.strictSame(await installShipped(parts, repository, folder), { created: 1, updated: 0, kept: [] })
    t.strictSame(customParameters.status.failed, [])
  },
)
