// Thinned points draw the same line: in each stretch of time the same first, last, lowest and highest.
import fc from 'fast-check'
import t from 'tap'
import { thinned } from '../../../src/behavioral/index.ts'
import { runs } from '../../runs.ts'

const points = fc
  .array(fc.record({ at: fc.integer({ min: 0, max: 5000 }), value: fc.integer({ min: -50, max: 50 }) }), {
    minLength: 1,
    maxLength: 400,
  })
  .map((list) => list.toSorted((a, b) => a.at - b.at))

t.test('few are left as they are', (t) => {
  const few = [1, 2, 3, 4].map((at) => ({ at, value: at }))
  t.equal(thinned(few, 4), few)
  t.end()
})

t.test('no more than asked for, in their order, with what decides', (t) => {
  fc.assert(
    fc.property(points, fc.integer({ min: 4, max: 80 }), (all, most) => {
      const kept = thinned(all, most)
      const values = (list: typeof all): number[] => list.map(({ value }) => value)
      return (
        kept.length <= Math.max(most, 4) &&
        kept.every(
          (point, index) => index === 0 || all.indexOf(point) > all.indexOf(kept[index - 1] as never),
        ) &&
        kept[0] === all[0] &&
        kept.at(-1) === all.at(-1) &&
        Math.min(...values([...kept])) === Math.min(...values(all)) &&
        Math.max(...values([...kept])) === Math.max(...values(all))
      )
    }),
    runs(1000),
  )
  t.pass('each drawn series')
  t.end()
})

t.test('a column of pixels is as high and as low as with all of them', (t) => {
  fc.assert(
    fc.property(points, fc.integer({ min: 1, max: 20 }), (all, columns) => {
      const kept = thinned(all, columns * 4)
      const [from, to] = [(all[0] as { at: number }).at, (all.at(-1) as { at: number }).at]
      const column = ({ at }: { at: number }): number =>
        Math.min(columns - 1, Math.floor((at - from) / ((to - from) / columns || 1)))
      return Array.from({ length: columns }, (_, index) => index).every((index) => {
        const [inAll, inKept] = [all, kept].map((list) =>
          list.filter((one) => column(one) === index).map(({ value }) => value),
        ) as [number[], number[]]
        return (
          Math.min(...inAll) === Math.min(...inKept) &&
          Math.max(...inAll) === Math.max(...inKept) &&
          inAll[0] === inKept[0] &&
          inAll.at(-1) === inKept.at(-1)
        )
      })
    }),
    runs(1000),
  )
  t.pass('each drawn series')
  t.end()
})
