// Names by their sound: what ordinary names have in common, and what is no name at all.
import t from 'tap'
import { soundsOf, soundsOfWords } from '../../src/search/phonetic.ts'

t.test('names that sound alike share a key, others none', async (t) => {
  for (const [one, other] of [
    ['Catherine', 'Kathryn'],
    ['Meyer', 'Maier'],
    ['Stephen', 'Steven'],
    ['Philippa', 'Filipa'],
  ] as const)
    t.ok(
      soundsOf(one).some((key) => soundsOf(other).includes(key)),
      `${one}, ${other}`,
    )
  t.notOk(soundsOf('Catherine').some((key) => soundsOf('Robert').includes(key)))
})

t.test('words are listened to one by one', async (t) => {
  t.equal(soundsOfWords('Rosa Delgado-Klein').length, 3)
  t.same(soundsOf('Иван'), ['иван'], 'what has no Latin letters sounds like itself')
  t.same(soundsOf('123 --- !'), [])
})

t.test('of a word that is no name only the beginning is listened to', async (t) => {
  const long = 'Catherine'.repeat(100_000)
  t.same(soundsOf(long), soundsOf(long.slice(0, 100)))
  t.same(soundsOf('я'.repeat(1_000_000)), ['я'.repeat(100)])
  t.ok(soundsOf(`${'a'.repeat(99)}𝒜b`).every((key) => key.isWellFormed()))
})
