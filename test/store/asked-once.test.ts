// What is asked again is known by its hash, until others have taken its place.
import t from 'tap'
import { AskedOnce } from '../../src/store/index.ts'

t.test('told from each other, by text and number', (t) => {
  const asked = new AskedOnce(65_536)
  const texts = Array.from({ length: 1000 }, (_, n) => `Patient?name=${n}`)
  const first = texts.filter((text) => asked.isAgain(text)).length
  t.ok(first <= 1, 'what was never asked is hardly ever taken for what was')
  const again = texts.filter((text) => asked.isAgain(text)).length
  t.ok(again > 950, 'what was asked is known, but where another has its place')
  t.notOk(asked.isAgain('p', 1))
  t.notOk(asked.isAgain('p', 2), 'of another number')
  t.ok(asked.isAgain('p', 1))
  t.end()
})

t.test('nothing is remembered for ever', (t) => {
  const asked = new AskedOnce(16)
  t.notOk(asked.isAgain('first'))
  for (let n = 0; n < 1000; n++) asked.isAgain(`other ${n}`)
  t.notOk(asked.isAgain('first'))
  t.end()
})
