// What the server says of its own work names no record: anybody may ask whether it is ready, and logs are read by many.
import t from 'tap'
import { labelNotes, tellOfLabels } from '../src/background.ts'

t.test('records that cannot be labelled anew are counted, and not named', async (t) => {
  const status = {
    state: 'finished',
    done: 3,
    total: 3,
    pending: 0,
    setAside: ['Patient/jane-doe', 'Condition/jane-doe-opioids'],
  }
  const notes = labelNotes({ faults: [] } as never, { status } as never)
  t.equal(notes.length, 1)
  t.match(notes[0], /^labels: 2 resources cannot be labelled anew/)
  t.notMatch(notes[0], 'jane')
  t.same(labelNotes({ faults: [] } as never, { status: { ...status, setAside: [] } } as never), [])

  const lines: unknown[] = []
  const logger = { error: (...line: unknown[]) => lines.push(line) }
  tellOfLabels(logger as never, {} as never, { kind: 'set-aside', resource: 'Condition/jane-doe-opioids' })
  t.match(JSON.stringify(lines), 'Condition')
  t.notMatch(JSON.stringify(lines), 'jane')
})
