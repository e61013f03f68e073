// At rest nothing can be read without the key, and no wrong key harms a file.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { SEE_EVERYTHING } from '../../../src/store/index.ts'
import { backupSqlite, openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { put, write } from '../../contract/world.ts'
import { testFolder } from './folder.ts'

const KEY = Buffer.alloc(32, 7)
const OTHER = Buffer.alloc(32, 8)
const PATIENT = { type: 'Patient', id: 'a' }
const SECRET = 'a-word-that-must-not-be-found'

async function makeStore(file: string, key: Buffer | undefined) {
  const store = await openSqliteStore({ file, key })
  const content = {
    text: `"note":"${SECRET}"`,
    entries: [
      { kind: 'string', param: 'name', folded: `${SECRET}-name`, exact: SECRET },
      { kind: 'token', param: 'identifier', system: 'http://a.test', code: `${SECRET}-id` },
    ],
  } as const
  await write(store, put('Patient', 'a', content))
  return store
}

/** Files of the folder in which the bytes stand. */
function filesHolding(folder: string, text: string): string[] {
  return readdirSync(folder).filter((name) => readFileSync(join(folder, name)).includes(text))
}

t.test('with a key, neither database, log nor backup shows what is in it', async (t) => {
  const at = testFolder(t)
  const store = await makeStore(at('a.db'), KEY)
  t.ok(existsSync(at('a.db-wal')), 'the log is there while the store is open')
  await store.maintenance.backup(at('backup.db'))
  t.strictSame(filesHolding(dirname(at('a.db')), SECRET), [], 'while open')
  await store.close()
  t.strictSame(filesHolding(dirname(at('a.db')), SECRET), [], 'when closed')

  const again = await openSqliteStore({ file: at('a.db'), key: KEY })
  t.match((await again.read(PATIENT, SEE_EVERYTHING))?.body?.toString(), SECRET)
  await again.close()
  const copy = await openSqliteStore({ file: at('backup.db'), key: KEY })
  t.match((await copy.read(PATIENT, SEE_EVERYTHING))?.body?.toString(), SECRET, 'the backup has the same key')
  t.strictSame(await copy.maintenance.verify(), [])
  await copy.close()

  const plain = await makeStore(at('plain.db'), undefined)
  await plain.close()
  t.strictSame(
    filesHolding(dirname(at('a.db')), SECRET),
    ['plain.db'],
    'without a key it does, so the search works',
  )
})

t.test(
  'a key that is wrong, missing, needless or no key says so and leaves the file as it was',
  async (t) => {
    const at = testFolder(t)
    for (const [name, key] of [
      ['sealed.db', KEY],
      ['plain.db', undefined],
    ] as const) {
      const store = await makeStore(at(name), key)
      await store.close()
    }
    writeFileSync(
      at('letter.db'),
      'Dear Sir or Madam, this is not a database, however long it may go on.'.repeat(100),
    )
    const cases = [
      ['sealed.db', OTHER, /the encryption key is not the one it was made with/],
      ['sealed.db', undefined, /is encrypted, or no database at all/],
      ['plain.db', KEY, /is not encrypted, but an encryption key was given/],
      ['letter.db', undefined, /is encrypted, or no database at all/],
      ['letter.db', KEY, /cannot be opened/],
      ['sealed.db', Buffer.alloc(16), /must have 32 bytes; this one has 16/],
    ] as const
    for (const [name, key, message] of cases) {
      const before = readFileSync(at(name))
      await t.rejects(openSqliteStore({ file: at(name), key }), { message }, `${name}: ${message}`)
      t.ok(readFileSync(at(name)).equals(before), `${name} is as it was`)
    }
    await t.rejects(backupSqlite({ file: at('sealed.db'), key: OTHER }, at('b.db')), {
      code: 'storage-failed',
    })
    t.notOk(existsSync(at('b.db')), 'no backup with a wrong key')
    for (const [name, key] of [
      ['sealed.db', KEY],
      ['plain.db', undefined],
    ] as const) {
      const store = await openSqliteStore({ file: at(name), key })
      t.strictSame(await store.maintenance.verify(), [], `${name} opens as before`)
      await store.close()
    }
  },
)
