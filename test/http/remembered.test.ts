// A function with a memory answers as it does without, whatever is asked before, and remembers no more than a few texts.
import fc from 'fast-check'
import t from 'tap'
import { remembered } from '../../src/http/remembered.ts'

t.test('answers are the same', async (t) => {
  const read = (text: string): number => {
    if (text.startsWith('x')) throw new Error(text)
    return text.length % 3
  }
  const told = (ask: (text: string) => number, text: string): unknown => {
    try {
      return ask(text)
    } catch (error) {
      return (error as Error).message
    }
  }
  const texts = fc.array(fc.stringMatching(/^[xy]{0,3}[0-9]{0,3}$/), { minLength: 1, maxLength: 400 })
  const same = fc.property(texts, (asked) => {
    const again = remembered(read)
    return asked.every((text) => told(again, text) === told(read, text))
  })
  t.doesNotThrow(() => fc.assert(same))
})

t.test('each text is read once, until there are too many or they are too long', async (t) => {
  const asked: string[] = []
  const ask = remembered((text) => asked.push(text))
  ask('a')
  ask('a')
  t.equal(asked.length, 1)
  for (let n = 0; n < 200; n++) ask(`text ${n}`)
  ask('a')
  t.equal(asked.length, 202, 'forgotten meanwhile')
  const long = 'l'.repeat(1000)
  ask(long)
  ask(long)
  t.equal(asked.length, 204)
})
