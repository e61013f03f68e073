// Compiled expressions against the library, on random ones.
import t from 'tap'
import { randomExpressions } from './expressions.ts'
import { agree, byLibrary, byUs, type Outcome } from './oracle.ts'
import { environment, resources } from './samples.ts'

t.test('random expressions select what the library selects, and fail where it fails', async (t) => {
  let compiled = 0
  let selecting = 0
  let failing = 0
  const expressions = randomExpressions(20_240_611, 700)
  for (const expression of expressions) {
    const theirs = byLibrary(expression, resources, environment)
    for (const [at, resource] of resources.entries()) {
      const ours = byUs(expression, resource, environment)
      if (ours === undefined) continue
      compiled += 1
      if (ours === 'fails') failing += 1
      else if (ours.length > 0) selecting += 1
      const expected = theirs[at] as Outcome
      if (!agree(ours, expected))
        t.same(ours, expected, `${expression} on ${String(resource['resourceType'])}`)
    }
  }
  // The expressions are worth something: most are compiled, and many select.
  const all = expressions.length * resources.length
  t.ok(compiled > 0.9 * all, `${compiled} of ${all} compiled`)
  t.ok(selecting > 0.4 * all, `${selecting} select`)
  t.ok(failing > 0.02 * all, `${failing} fail`)
})
