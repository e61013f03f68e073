// What is remembered lately: up to a number, up to a size, the last in any case.
import t from 'tap'
import { BoundedMemory } from '../../../src/behavioral/assessments/bounded-memory.ts'

const kept = (memory: BoundedMemory<string>, ...keys: readonly string[]) =>
  keys.filter((key) => memory.get(key) !== undefined)

t.test('up to a number: what was not asked for the longest goes', async (t) => {
  const memory = new BoundedMemory<string>(2, 100)
  memory.set('a', 'A', 1)
  memory.set('b', 'B', 1)
  t.equal(memory.get('a'), 'A')
  memory.set('c', 'C', 1)
  t.strictSame(kept(memory, 'a', 'b', 'c'), ['a', 'c'])
})

t.test('up to a size, told anew for what is put in again', async (t) => {
  const memory = new BoundedMemory<string>(10, 10)
  memory.set('a', 'A', 6)
  memory.set('a', 'A again', 3)
  memory.set('b', 'B', 7)
  t.equal(memory.get('a'), 'A again')
  memory.set('c', 'C', 1)
  t.strictSame(kept(memory, 'a', 'b', 'c'), ['a', 'c'])
})

t.test('the last stays, however large', async (t) => {
  const memory = new BoundedMemory<string>(10, 10)
  memory.set('a', 'A', 3)
  memory.set('large', 'L', 1000)
  t.strictSame(kept(memory, 'a', 'large'), ['large'])
  memory.set('b', 'B', 3)
  t.strictSame(kept(memory, 'large', 'b'), ['b'])
})
