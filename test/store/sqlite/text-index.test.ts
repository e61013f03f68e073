// Full text: the table knows every version before a search by words reads it, and is brought up to date when nobody asks.
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3-multiple-ciphers'
import fc from 'fast-check'
import t from 'tap'
import type { FhirError } from '../../../src/fhir/errors.ts'
import { and, not, textMatch, tokenMatch, type Store, type TextMatch } from '../../../src/store/index.ts'
import { Batches } from '../../../src/store/sqlite/batches.ts'
import { GrowingDictionary } from '../../../src/store/sqlite/dictionary.ts'
import { IdleWork } from '../../../src/store/sqlite/idle-work.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { migrate } from '../../../src/store/sqlite/migrations.ts'
import { raw, sql } from '../../../src/store/sqlite/sql.ts'
import { Statements } from '../../../src/store/sqlite/statements.ts'
import { textClause, textIsCurrent, textSource, wordsHold } from '../../../src/store/sqlite/text-index.ts'
import { Turn } from '../../../src/store/sqlite/turn.ts'
import { wordsOf } from '../../../src/store/words.ts'
import { commit, ids, put, remove, search, write } from '../../contract/world.ts'
import { testFolder } from './folder.ts'

async function found(store: Store, where: TextMatch, type = 'Observation'): Promise<string[]> {
  return ids((await search(store, { type, where })).matches)
}

t.test('words are found as soon as they are written, and no longer than they stand there', async (t) => {
  const store = await openSqliteStore({ file: ':memory:' })
  t.teardown(() => store.close())
  const asks = (text: string, scope: TextMatch['scope'] = 'content') =>
    found(store, textMatch(scope, wordsOf(text)))
  await write(
    store,
    put('Observation', 'a', {
      notes: ['Feels no Angst', 'today, again'],
      narrative: 'calm &amp; <b>co</b>llected',
    }),
    put('Observation', 'b', { notes: ['Angst since the move'] }),
    put('Patient', 'p', { notes: ['angst'] }),
  )
  t.strictSame(await asks('ANGST'), ['a', 'b'])
  t.strictSame(await asks('no angst'), ['a'])
  t.strictSame(await asks('angst no'), [])
  t.strictSame(await asks('angst today'), [], 'no phrase reaches into the next string')
  t.strictSame(await asks('calm collected', 'narrative'), ['a'])
  t.strictSame(await asks('calm collected'), ['a'], 'the narrative is content too')
  t.strictSame(await asks('angst', 'narrative'), [])
  t.strictSame(await found(store, textMatch('content', ['angst']), 'Patient'), ['p'])
  t.strictSame(
    ids((await search(store, { type: 'Observation', where: not(textMatch('content', ['no'])) })).matches),
    ['b'],
  )

  await write(store, put('Observation', 'a', { notes: ['well'] }), remove('Observation', 'b'))
  t.strictSame(await asks('angst'), [])
  t.strictSame(await asks('well'), ['a'])
  await write(store, put('Observation', 'b', { notes: ['back again'] }))
  t.strictSame(await asks('back'), ['b'])
  t.strictSame(await store.maintenance.verify(), [])
})

t.test('whoever was told of a write finds its words while others write', async (t) => {
  const store = await openSqliteStore({ file: ':memory:' })
  t.teardown(() => store.close())
  let writing = true
  const others = Array.from({ length: 4 }, async (_, other) => {
    for (let n = 0; writing; n++) await write(store, put('Patient', `o${other}`, { notes: [`noise ${n}`] }))
  })
  for (let n = 0; n < 40; n++) {
    await write(store, put('Observation', `x${n % 3}`, { notes: [`word${n}`] }))
    const again = await Promise.all([
      found(store, textMatch('content', [`word${n}`])),
      found(store, textMatch('content', [`word${n - 3}`])),
    ])
    if (again[0].join() !== `x${n % 3}` || again[1].length > 0) t.fail(`round ${n}: ${JSON.stringify(again)}`)
  }
  writing = false
  await Promise.all(others)
  t.strictSame(await store.maintenance.verify(), [])
})

/** A writer without its thread: nothing happens but what it is told. */
function makeWriter(t: { teardown(end: () => void): void }) {
  const db = new Database(':memory:')
  t.teardown(() => db.close())
  migrate(db)
  const statements = new Statements(db)
  const dictionary = new GrowingDictionary(statements)
  const reading = { statements, dictionary }
  const batches = new Batches(statements, dictionary, new Turn(reading, dictionary))
  return { db, statements, batches }
}

const time = Date.UTC(2026, 0, 1)

t.test('a turn knows the words of what its batch has written before', async (t) => {
  const { batches, statements } = makeWriter(t)
  const asserting = (id: string, asked: readonly string[]) => ({
    kind: 'commit' as const,
    time,
    commit: commit([put('Observation', id, { notes: ['conditional'] })], {
      assertions: [
        {
          type: 'Observation',
          where: and([textMatch('content', ['conditional']), not(tokenMatch('code', undefined, 'x'))]),
          ids: asked,
        },
      ],
    }),
  })
  const answers = batches.run([asserting('a', []), asserting('b', []), asserting('c', ['a'])])
  t.match(answers, [
    { result: { kind: 'committed' } },
    { result: { kind: 'matches-changed', assertion: 0 } },
    { result: { kind: 'committed' } },
  ])
  t.notOk(textIsCurrent(statements), 'the last write is not in the table yet')
  batches.run([{ kind: 'index-words' }])
  t.ok(textIsCurrent(statements))
})

t.test('a turn does not take in more than others can wait for', async (t) => {
  const { batches, statements } = makeWriter(t)
  const large = { text: `"data":"${'x'.repeat(1024 * 1024)}"` }
  for (let n = 0; n < 42; n++)
    batches.run([{ kind: 'commit', time, commit: commit([put('Binary', `b${n}`, large)]) }])
  const asserting = {
    kind: 'commit' as const,
    time,
    commit: commit([put('Observation', 'a')], {
      assertions: [{ type: 'Observation', where: textMatch('content', ['x']), ids: [] }],
    }),
  }
  t.match(batches.run([asserting]), [{ kind: 'failed', code: 'overloaded' }])
  batches.run([{ kind: 'index-words' }])
  batches.run([{ kind: 'index-words' }, { kind: 'index-words' }])
  t.match(batches.run([asserting]), [{ result: { kind: 'committed' } }], 'the next try has less to do')
  t.equal(statements.value<number>(sql`SELECT count(*) FROM words_docsize`), 42)
})

t.test('the table says what the versions say', async (t) => {
  const { batches, statements } = makeWriter(t)
  const word = fc.constantFrom(
    'a',
    'B',
    'ä',
    'ß',
    'İ',
    '東京',
    '\u00a6',
    '"',
    'NEAR',
    'a*',
    '1½',
    'x\u0301y',
    '\u{1F600}',
    '-',
  )
  const string = fc.array(word, { maxLength: 5 }).map((words) => words.join(' '))
  const content = fc.record({
    notes: fc.array(string, { maxLength: 3 }),
    narrative: fc.option(
      string.map((text) => text.replaceAll('"', '')),
      { nil: undefined },
    ),
  })
  const phrase = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => wordsOf(words.join(' ')))
  const property = fc.property(
    fc.array(content, { minLength: 1, maxLength: 4 }),
    fc.array(
      phrase.filter((words) => words.length > 0),
      { minLength: 1, maxLength: 6 },
    ),
    fc.constantFrom('narrative' as const, 'content' as const),
    (contents, phrases, scope) => {
      contents.forEach((one, n) =>
        batches.run([{ kind: 'commit', time, commit: commit([put('A', `${n}`, one)]) }]),
      )
      batches.run([{ kind: 'index-words' }])
      for (const words of phrases) {
        const match = textMatch(scope, words)
        const source = textSource(match, statements.work)
        const byClause = statements.rows<[number]>(
          sql`SELECT r.rid FROM res r WHERE ${textClause(match, raw('r.rid'), statements.work)} ORDER BY 1`,
        )
        const bySource = statements.rows<[number]>(
          sql`SELECT d.rid FROM ${raw(source.from)} WHERE ${source.where} ORDER BY 1`,
        )
        const byBody = statements
          .rows<[number, Buffer]>(
            sql`SELECT r.rid, b.body FROM res r JOIN body b ON b.vid = r.seq ORDER BY 1`,
          )
          .filter(([, body]) => wordsHold(body, match))
          .map(([rid]) => [rid])
        const all = [byClause, bySource, byBody].map((rids) => JSON.stringify(rids))
        if (new Set(all).size > 1) throw new Error(`${JSON.stringify(match)}: ${all.join(' ')}`)
      }
    },
  )
  t.doesNotThrow(() => fc.assert(property, { numRuns: 150 }))
})

t.test('when no writes come the table is brought up to date, also that of a file of before', async (t) => {
  const at = testFolder(t)
  const store = await openSqliteStore({ file: at('a.db') })
  const many = Array.from({ length: 300 }, (_, n) => put('Observation', `o${n}`, { notes: [`note ${n}`] }))
  await write(store, ...many)
  await untilCurrent(at('a.db'))
  await store.close()

  const db = new Database(at('a.db'))
  db.exec("DELETE FROM words; DELETE FROM setting WHERE name = 'text-index'")
  db.close()
  const again = await openSqliteStore({ file: at('a.db') })
  await untilCurrent(at('a.db'))
  t.strictSame(await again.maintenance.verify(), [])
  await again.close()
})

/** Never, when nobody does it: then the test runs into its timeout. */
async function untilCurrent(file: string): Promise<void> {
  const db = new Database(file, { readonly: true })
  try {
    while (!textIsCurrent(new Statements(db))) await pause(20)
  } finally {
    db.close()
  }
}

t.test('a failure that nobody waits for is told, and a search by words fails in words', async (t) => {
  const at = testFolder(t)
  const first = await openSqliteStore({ file: at('a.db') })
  await write(first, put('Observation', 'o'))
  await first.close()
  const db = new Database(at('a.db'))
  db.exec("DROP TABLE words; DELETE FROM setting WHERE name = 'text-index'")
  db.close()
  const told = Promise.withResolvers<FhirError>()
  const store = await openSqliteStore({
    file: at('a.db'),
    reports: { failed: (_job, error) => told.resolve(error), worked: () => {} },
  })
  // An idle store keeps no process.
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))
  t.match(await told.promise, { code: 'storage-failed', detail: /no such table: words/ })
  await t.rejects(found(store, textMatch('content', ['x'])), { name: 'FhirError' })
  await write(store, put('Observation', 'p'))
  t.equal((await store.maintenance.counts()).resources, 2, 'writes go on')
  await store.close()
})

t.test('idle work goes on until none remains, and rests after a failure', async (t) => {
  const steps = [false, false, true]
  const done = Promise.withResolvers<void>()
  const failures: unknown[] = []
  let ran = 0
  const work = new IdleWork({
    step: () => {
      ran++
      if (steps.length === 0) throw new Error('no more')
      const last = steps.shift()!
      if (last) done.resolve()
      return last
    },
    failed: (error) => {
      failures.push(error)
      failed.resolve()
    },
  })
  const failed = Promise.withResolvers<void>()
  work.postpone()
  const alive = setInterval(() => {}, 1000)
  await done.promise
  t.equal(ran, 3)
  work.postpone()
  await failed.promise
  work.postpone()
  work.stop()
  clearInterval(alive)
  t.match(failures, [{ message: 'no more' }])
  t.equal(ran, 4)
})
