// Who has little in a line does not wait behind one who has much; nothing is lost, doubled or out of its asker's order.
import fc from 'fast-check'
import t from 'tap'
import { FairLine } from '../../src/store/index.ts'
import { runs } from '../runs.ts'

interface Item {
  readonly name: string
  readonly nth: number
}

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('join' as const), name: fc.constantFrom('a', 'b', 'c') }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('next' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), at: fc.nat() }) },
)

t.test('as a plain list of lists would', async (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const line = new FairLine<Item>()
      const lanes: Item[][] = []
      let nth = 0
      for (const one of steps) {
        if (one.do === 'join') {
          const item = { name: one.name, nth: nth++ }
          line.join(item.name, item)
          const lane = lanes.find(([first]) => first?.name === item.name)
          if (lane === undefined) lanes.push([item])
          else lane.push(item)
        } else if (one.do === 'next') {
          const lane = lanes.shift()
          if (line.next() !== lane?.shift()) return false
          if (lane !== undefined && lane.length > 0) lanes.push(lane)
        } else {
          const all = lanes.flat()
          const item = all[one.at % all.length]
          if (item === undefined) continue
          if (!line.leave(item.name, item) || line.leave(item.name, item)) return false
          const lane = lanes.find((it) => it.includes(item)) as Item[]
          lane.splice(lane.indexOf(item), 1)
          if (lane.length === 0) lanes.splice(lanes.indexOf(lane), 1)
        }
        if (line.length !== lanes.flat().length) return false
      }
      return true
    }),
    runs(300),
  )
  t.pass('holds')
})

t.test('one among many thousands of another', async (t) => {
  const line = new FairLine<Item>()
  for (let nth = 0; nth < 5000; nth++) line.join('many', { name: 'many', nth })
  for (let nth = 0; nth < 3; nth++) line.join('few', { name: 'few', nth })
  const first = Array.from({ length: 6 }, () => line.next()?.name)
  t.same(first, ['many', 'few', 'many', 'few', 'many', 'few'])
  for (let nth = 3; nth < 5000; nth++) if (line.next()?.nth !== nth) t.fail(`not ${nth}`)
  t.equal(line.next(), undefined)
  t.equal(line.length, 0)
})
