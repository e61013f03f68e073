// However greedy the others are, there is room for one who holds little; and never more is out than there is.
import fc from 'fast-check'
import t from 'tap'
import { Shares } from '../../src/store/index.ts'
import { runs } from '../runs.ts'

t.test('bounds hold whoever takes and gives', async (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 30 }), fc.boolean()), {
        maxLength: 100,
      }),
      (most, steps) => {
        const shares = new Shares(most)
        const held: [string, number][] = []
        const sum = (name?: string): number =>
          held.reduce((all, [by, amount]) => all + (name === undefined || name === by ? amount : 0), 0)
        for (const [name, amount, gives] of steps) {
          const own = held.findIndex(([by]) => by === name)
          if (gives && own >= 0) {
            const [[by, given]] = held.splice(own, 1) as [[string, number]]
            shares.give(by, given)
          } else {
            const before = sum()
            const taken = shares.take(name, amount)
            if (taken && before > 0 && before + amount > most) return false
            if (!taken && before === 0) return false
            // No more than an eighth of all in one hand: refused only when there is no room at all.
            if (!taken && before + amount <= most && sum(name) + amount <= Math.floor(most / 16) * 2)
              return false
            if (taken) held.push([name, amount])
          }
          if (shares.total !== sum() || shares.heldBy(name) !== sum(name)) return false
        }
        return true
      },
    ),
    runs(300),
  )
  t.pass('holds')
})

t.test('one alone cannot take all', async (t) => {
  const shares = new Shares(1000)
  let greedy = 0
  while (shares.take('greedy', 1)) greedy++
  t.ok(greedy >= 700 && greedy <= 800, `${greedy} of 1000`)
  let modest = 0
  while (shares.take('modest', 1)) modest++
  t.equal(modest, 124, 'an eighth, in the room that is kept')
  t.equal(shares.take('greedy', 0), true, 'nothing is there for all')
  t.equal(shares.heldBy('greedy'), greedy)
  t.equal(shares.take('third', 1), true)
  shares.give('greedy', greedy)
  t.equal(shares.take('modest', 500), true, 'what was given back is for anyone')
})
