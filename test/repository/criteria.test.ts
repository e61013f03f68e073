// Criteria within a transaction: answered as the store would answer once the deletes, creates and updates are done.
import fc from 'fast-check'
import t from 'tap'
import { FhirError, loadDefinitions, type JsonObject, type Resource } from '../../src/fhir/index.ts'
import { CriteriaResolver } from '../../src/repository/criteria.ts'
import { PendingChanges } from '../../src/repository/pending-changes.ts'
import { createSearch, NO_LOOKUP } from '../../src/search/index.ts'
import {
  and,
  chainMatch,
  containsMatch,
  hasMatch,
  not,
  or,
  SEE_EVERYTHING,
  typedCondition,
  type Expression,
  type Store,
} from '../../src/store/index.ts'
import { content, keys, nameOf, step, TYPES } from '../contract/arbitraries.ts'
import { openNaiveStore } from '../contract/naive-store.ts'
import { expression } from '../contract/questions.ts'
import { commit, indexOf, put, remove, template, write, type Content } from '../contract/world.ts'
import { runs } from '../runs.ts'

const definitions = loadDefinitions()

/** Answers criteria that are a condition already. */
function resolverOf(store: Store, where: Expression): CriteriaResolver {
  const search = createSearch({ definitions, baseUrl: 'http://alcove.example/fhir' })
  return new CriteriaResolver(
    store,
    { ...search, parseCriteria: async () => where },
    SEE_EVERYTHING,
    () => NO_LOOKUP,
  )
}

function pend(pending: PendingChanges, type: string, id: string, told: Content): void {
  const resource = JSON.parse(Buffer.from(template(type, id, told).bytes).toString('utf8')) as JsonObject
  pending.write(type, id, resource as Resource, () => indexOf(told))
}

/** The same condition, but for times: what is not written yet has none. */
function timeless(node: Expression): Expression {
  const typed = ({ type, where }: { type: string; where: Expression }) =>
    typedCondition(type, timeless(where))
  switch (node.kind) {
    case 'and':
      return and(node.all.map(timeless))
    case 'or':
      return or(node.any.map(timeless))
    case 'not':
      return not(timeless(node.node))
    case 'contains':
      return containsMatch(node.type, timeless(node.where))
    case 'chain':
      return chainMatch(node.param, node.targets.map(typed))
    case 'has':
      return hasMatch(typed(node.source), node.param)
    case 'last-updated':
      return and([])
    default:
      return node
  }
}

t.test('random transactions, random criteria: as the store answers afterwards, or refused', async (t) => {
  const told = { answers: 0, links: 0, refused: 0, some: 0 }
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 3, maxLength: 12, size: 'max' }),
      fc.uniqueArray(fc.record({ key: keys, content: fc.option(content, { nil: undefined, freq: 3 }) }), {
        minLength: 1,
        maxLength: 5,
        selector: ({ key }) => nameOf(key),
      }),
      fc.array(fc.tuple(fc.constantFrom(...TYPES), expression.map(timeless)), {
        minLength: 8,
        maxLength: 12,
      }),
      async (steps, changes, questions) => {
        const [before, after] = [openNaiveStore(), openNaiveStore()]
        for (const { writes } of steps)
          for (const store of [before, after])
            await write(
              store,
              ...writes.map(({ key: { type, id }, content: what }) =>
                what === undefined ? remove(type, id) : put(type, id, what),
              ),
            )
        const pending = new PendingChanges()
        for (const { key, content: what } of changes) {
          const { type, id } = key
          const stored = await before.read(key, SEE_EVERYTHING)
          if (stored?.body !== undefined || what === undefined) pending.replace(type, id)
          if (what !== undefined) pend(pending, type, id, what)
          await write(after, what === undefined ? remove(type, id) : put(type, id, what))
        }
        for (const [type, where] of questions) {
          const resolver = resolverOf(before, where)
          const expected = await after.matches(type, where, 100, SEE_EVERYTHING)
          told.answers += 1
          if (/"kind":"(?:chain|has)"/.test(JSON.stringify(where))) told.links += 1
          let found: readonly string[]
          try {
            found = await resolver.resolve(type, '', pending)
          } catch (error) {
            if (!(error instanceof FhirError) || error.code !== 'invalid-search') throw error
            told.refused += 1
            continue
          }
          if (found.length > 0) told.some += 1
          if (
            found.length !== Math.min(2, expected.length) ||
            new Set(found).size !== found.length ||
            !found.every((id) => expected.includes(id))
          )
            throw new Error(`${found.join()} for ${expected.join()}: ${type} ${JSON.stringify(where)}`)
          const again = await before.commit(commit([], { assertions: resolver.assertions }))
          if (again.kind !== 'committed') throw new Error('what was found is not found again')
        }
      },
    ),
    runs(200, 3000),
  )
  t.ok(told.links > told.answers / 5, `${told.links} of ${told.answers} look elsewhere`)
  t.ok(told.some > told.answers / 5, `${told.some} find something`)
  t.ok(told.refused < told.links / 3, `${told.refused} are refused`)
})
