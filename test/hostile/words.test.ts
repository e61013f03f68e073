// Narratives that validation would refuse, and that a server which only warns keeps: their words are found in one pass.
import t from 'tap'
import { resourceWords } from '../../src/store/words.ts'

function shown(div: string): readonly (readonly string[])[] {
  return resourceWords({ resourceType: 'Patient', text: { status: 'generated', div } }).narrative
}

t.test('mark-up that does not end hides the rest', async (t) => {
  t.same(shown('<div>seen <!-- hidden'), [['seen']])
  t.same(shown('<div>seen <p title="hidden'), [['seen']])
  t.same(shown('<div>seen <!-- hidden --> again</div>'), [['seen', 'again']])
  t.same(shown('<p>one</p><p>two</p>'), [['one', 'two']])
})

t.test('bait by the megabyte', async (t) => {
  t.same(shown('<!--'.repeat(1_000_000)), [])
  t.same(shown('<p '.repeat(1_000_000)), [])
  t.same(shown(`</${'h1'.repeat(1_000_000)}`), [])
})
