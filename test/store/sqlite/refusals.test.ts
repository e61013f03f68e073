// What the writer refuses for now comes back with when it is worth to try again.
import t from 'tap'
import { failed } from '../../../src/store/sqlite/batches.ts'
import { storageFailed } from '../../../src/store/sqlite/failures.ts'
import { wordsNotKnown } from '../../../src/store/sqlite/text-index.ts'

t.test('a refusal keeps its code and its time on the way from the writer', (t) => {
  t.match(failed(wordsNotKnown()), { kind: 'failed', code: 'overloaded', retryAfterSeconds: 1 })
  t.match(failed(storageFailed('the disk is away')), {
    kind: 'failed',
    code: 'storage-failed',
    retryAfterSeconds: 5,
  })
  t.end()
})
