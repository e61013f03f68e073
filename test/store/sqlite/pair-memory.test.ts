// What was looked up is remembered by two keys, up to a bound, as long as it is asked for.
import fc from 'fast-check'
import t from 'tap'
import { PairMemory } from '../../../src/store/sqlite/pair-memory.ts'

t.test('what it says is what was put in last, and what was asked for lately is there', (t) => {
  const key = fc.tuple(fc.constantFrom('a', 'b', undefined), fc.constantFrom('', 'x', 'y', '\ud800'))
  const step = fc.record({ what: fc.constantFrom('get', 'set', 'delete', 'clear'), key })
  const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const memory = new PairMemory<string | undefined, number>(8)
    const all = new Map<string, number>()
    const lately: string[] = []
    for (const [time, { what, key }] of steps.entries()) {
      const name = JSON.stringify(key)
      if (what === 'clear') {
        memory.clear()
        all.clear()
        continue
      }
      if (what === 'delete') {
        memory.delete(...key)
        all.delete(name)
        continue
      }
      if (what === 'set') {
        memory.set(...key, time)
        all.set(name, time)
      } else {
        const found = memory.get(...key)
        if (found !== undefined || lately.slice(-3).includes(name)) if (found !== all.get(name)) return false
      }
      lately.push(name)
    }
    return true
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 500 }))
  t.end()
})

t.test('it keeps no more than it may', (t) => {
  const memory = new PairMemory<number, number>(100)
  for (let n = 0; n < 1000; n++) memory.set(n % 7, String(n), n)
  const kept = Array.from({ length: 1000 }, (_, n) => memory.get(n % 7, String(n))).filter(
    (found) => found !== undefined,
  )
  t.ok(kept.length <= 100 && kept.length >= 50, `${kept.length} are kept`)
  t.end()
})
