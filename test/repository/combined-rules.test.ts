// Rules of several domains: each hears of its own types alone, and what all find and write counts.
import t from 'tap'
import { combinedRules, type DomainChange, type WriteRules } from '../../src/repository/index.ts'
import { patient, world } from './world.ts'

function rules(name: string, types: readonly string[]): WriteRules & { readonly heard: string[] } {
  const heard: string[] = []
  return {
    heard,
    types: new Set(types),
    check({ type }: DomainChange) {
      heard.push(`check ${type}`)
      return Promise.resolve(
        type === 'Basic' ? [{ severity: 'error', code: 'business-rule', diagnostics: name } as const] : [],
      )
    },
    follow({ type, id }: DomainChange) {
      heard.push(`follow ${type}`)
      const made = { resourceType: 'Basic', id: `${name}-${id}`, code: { text: name } }
      return Promise.resolve([
        { type: 'Basic', id: made.id, resource: made, expect: { kind: 'absent' } } as const,
      ])
    },
  }
}

t.test('all that follows is written, and all faults are told', async (t) => {
  const [one, two, other] = [
    rules('one', ['Patient', 'Basic']),
    rules('two', ['Patient', 'Basic']),
    rules('other', ['Group']),
  ]
  const writeRules = combinedRules([one, two, other])
  t.same([...writeRules.types].sort(), ['Basic', 'Group', 'Patient'])
  const { repository } = world({ writeRules })
  await repository.write({
    kind: 'update',
    target: { type: 'Patient', id: 'p' },
    resource: patient({ id: 'p' }),
  })
  for (const id of ['one-p', 'two-p']) await t.resolves(repository.read('Basic', id))
  t.same(one.heard, ['check Patient', 'follow Patient'])
  t.same(other.heard, [])
  const basic = { resourceType: 'Basic', code: { text: 'x' } }
  await t.rejects(repository.write({ kind: 'create', type: 'Basic', resource: basic }), {
    code: 'business-rule',
    issues: [{ diagnostics: 'one' }, { diagnostics: 'two' }],
  })
})
