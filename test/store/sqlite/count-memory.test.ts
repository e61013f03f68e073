// What the planner remembers of counts: roughly right, and no more of them than there is room for.
import t from 'tap'
import { CountMemory } from '../../../src/store/sqlite/count-memory.ts'

t.test('holds while little is written', async (t) => {
  const memory = new CountMemory()
  memory.keep('a', { limit: 1001, found: 800, seq: 5000 })
  t.match(memory.get('a', 5000), { limit: 1001, found: 800 })
  t.match(memory.get('a', 5100), { found: 800 }, 'an eighth may have come')
  t.equal(memory.get('a', 5101), undefined, 'more may have come')
  t.equal(memory.get('a', 5000), undefined, 'and then it is forgotten')
  memory.keep('a', { limit: 1001, found: 800, seq: 5000 })
  t.equal(memory.get('a', 4000), undefined, 'an earlier moment')
  t.equal(memory.get('b', 5000), undefined)
})

t.test('what is soon counted again is not kept', async (t) => {
  const memory = new CountMemory()
  memory.keep('few', { limit: 1001, found: 31, seq: 1 })
  memory.keep('x'.repeat(1001), { limit: 1001, found: 1001, seq: 1 })
  t.equal(memory.get('few', 1), undefined)
  t.equal(memory.get('x'.repeat(1001), 1), undefined, 'nor what is named at length')
})

t.test('the least lately used make room', async (t) => {
  const memory = new CountMemory()
  const counted = { limit: 1001, found: 1001, seq: 1 }
  for (let n = 0; n < 1000; n++) memory.keep(`k${n}`, counted)
  t.ok(memory.get('k0', 1))
  memory.keep('new', counted)
  t.ok(memory.get('k0', 1), 'used lately')
  t.equal(memory.get('k1', 1), undefined)
  t.ok(memory.get('new', 1))
})
