// The settings table: every default, every fault named, all at once.
import t from 'tap'
import { baseUrlOf, ConfigError, isLoopback, readConfig, SETTINGS } from '../src/config.ts'

const KEY = Buffer.from(Array.from({ length: 32 }, (_, i) => (i * 37 + 200) % 256))

function read(env: Record<string, string>, files: Record<string, Uint8Array> = {}) {
  return readConfig(env, {
    cwd: '/practice',
    readFile: (path) => {
      const bytes = files[path]
      if (bytes === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' })
      return bytes
    },
  })
}

function faults(env: Record<string, string>, files: Record<string, Uint8Array> = {}): readonly string[] {
  try {
    read(env, files)
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
  return []
}

t.test('an empty environment gives the defaults', async (t) => {
  const config = read({ PATH: '/bin', HOME: '/root' })
  t.same(config, {
    database: { kind: 'sqlite', file: '/practice/data/alcove.db' },
    encryptionKey: undefined,
    host: '127.0.0.1',
    port: 8080,
    baseUrl: undefined,
    auth: 'none',
    validation: 'enforce',
    references: 'enforce',
    scoresResponses: true,
    draftsClaims: false,
    noteHours: 72,
    x12Folder: undefined,
    x12Sender: { qualifier: 'ZZ', id: 'ALCOVE' },
    x12Receiver: { qualifier: 'ZZ', id: 'RECEIVER' },
    x12IsTest: true,
    maxBodyBytes: 52428800,
    requestTimeoutSeconds: 60,
    corsOrigins: [],
    maxBundleEntries: 10000,
    maxInFlight: 1000,
    maxQueuedWrites: 2000,
    drainSeconds: 0,
    shutdownSeconds: 25,
    maxConnections: 5000,
    answerTimeoutSeconds: 120,
    logLevel: 'info',
  })
  t.ok(Object.isFrozen(config))
  t.equal(baseUrlOf(config, 8080), 'http://127.0.0.1:8080')
})

t.test('an empty variable is one not set', async (t) => {
  t.equal(read({ ALCOVE_PORT: '', ALCOVE_LOG_LEVEL: '  ' }).port, 8080)
})

t.test('values are read', async (t) => {
  const cases: readonly [variable: string, text: string, key: string, value: unknown][] = [
    ['ALCOVE_DATABASE', 'sqlite::memory:', 'database', { kind: 'sqlite', file: ':memory:' }],
    ['ALCOVE_DATABASE', 'sqlite:/var/a b.db', 'database', { kind: 'sqlite', file: '/var/a b.db' }],
    ['ALCOVE_DATABASE', 'sqlite:a/../b.db', 'database', { kind: 'sqlite', file: '/practice/b.db' }],
    ['ALCOVE_HOST', '127.9.0.255', 'host', '127.9.0.255'],
    ['ALCOVE_HOST', '[::1]', 'host', '::1'],
    ['ALCOVE_HOST', 'LocalHost', 'host', 'localhost'],
    ['ALCOVE_PORT', '0', 'port', 0],
    ['ALCOVE_PORT', '65535', 'port', 65535],
    ['ALCOVE_BASE_URL', 'https://fhir.example.org/', 'baseUrl', 'https://fhir.example.org'],
    ['ALCOVE_BASE_URL', 'http://example.org/practice', 'baseUrl', 'http://example.org/practice'],
    ['ALCOVE_VALIDATION', 'warn', 'validation', 'warn'],
    ['ALCOVE_REFERENCES', 'off', 'references', 'off'],
    ['ALCOVE_DRAFT_CLAIMS', 'on', 'draftsClaims', true],
    ['ALCOVE_X12_FOLDER', 'edi', 'x12Folder', '/practice/edi'],
    ['ALCOVE_X12_SENDER', '30:clinic-7', 'x12Sender', { qualifier: '30', id: 'CLINIC-7' }],
    ['ALCOVE_X12_USAGE', 'production', 'x12IsTest', false],
    ['ALCOVE_MAX_BODY_MB', '2', 'maxBodyBytes', 2097152],
    [
      'ALCOVE_CORS_ORIGINS',
      'https://a.example, http://localhost:3000',
      'corsOrigins',
      ['https://a.example', 'http://localhost:3000'],
    ],
    ['ALCOVE_CORS_ORIGINS', '*', 'corsOrigins', ['*']],
    ['ALCOVE_LOG_LEVEL', 'silent', 'logLevel', 'silent'],
  ]
  for (const [variable, text, key, value] of cases)
    t.same(read({ [variable]: text })[key as keyof typeof SETTINGS], value, `${variable}=${text}`)
})

t.test('a base URL follows from the address listened on', async (t) => {
  t.equal(baseUrlOf({ host: '::1', baseUrl: undefined }, 81), 'http://[::1]:81')
  t.equal(baseUrlOf({ host: '127.0.0.1', baseUrl: 'https://x.example' }, 81), 'https://x.example')
})

t.test('a key is read as bytes, hex or base64', async (t) => {
  const env = { ALCOVE_ENCRYPTION_KEY_FILE: 'my.key' }
  const forms: readonly [string, Uint8Array][] = [
    ['raw', KEY],
    ['hex', Buffer.from(`${KEY.toString('hex').toUpperCase()}\n`)],
    ['base64', Buffer.from(`${KEY.toString('base64')}\n`)],
    ['base64url', Buffer.from(KEY.toString('base64url'))],
  ]
  for (const [form, bytes] of forms) t.same(read(env, { '/practice/my.key': bytes }).encryptionKey, KEY, form)
  for (const bytes of [
    Buffer.alloc(31),
    Buffer.alloc(33),
    Buffer.from('a passphrase of some length'),
    Buffer.alloc(0),
  ]) {
    const [fault, ...more] = faults(env, { '/practice/my.key': bytes })
    t.match(fault, /^ALCOVE_ENCRYPTION_KEY_FILE must name a file of 32 bytes/)
    t.same(more, [])
  }
  t.match(faults(env)[0], /^ALCOVE_ENCRYPTION_KEY_FILE cannot be read: ENOENT$/)
})

t.test('each fault names its variable and what would be right', async (t) => {
  const cases: readonly [variable: string, text: string, told: RegExp][] = [
    ['ALCOVE_DATABASE', 'alcove.db', /must be sqlite:PATH/],
    ['ALCOVE_DATABASE', 'sqlite:', /must be sqlite:PATH/],
    ['ALCOVE_DATABASE', 'sqlite::shared:', /must be sqlite:PATH/],
    ['ALCOVE_DATABASE', 'sqlite:///x', /must be sqlite:PATH/],
    ['ALCOVE_DATABASE', 'mongodb+srv://u:secret@h/db', /MongoDB, which this release cannot use yet/],
    ['ALCOVE_HOST', 'two words', /must be a host name or address/],
    ['ALCOVE_PORT', '65536', /"65536", but must be a whole number from 0 to 65535/],
    ['ALCOVE_PORT', '80.5', /whole number/],
    ['ALCOVE_PORT', '-1', /whole number/],
    ['ALCOVE_PORT', '0x50', /whole number/],
    ['ALCOVE_X12_RECEIVER', 'ZZ:', /must be a qualifier of two characters/],
    ['ALCOVE_X12_RECEIVER', 'ZZ:SIXTEEN-LETTERS-', /must be a qualifier of two characters/],
    ['ALCOVE_BASE_URL', 'fhir.example.org', /must be an absolute http or https URL/],
    ['ALCOVE_BASE_URL', 'ftp://x', /must be an absolute http or https URL/],
    ['ALCOVE_BASE_URL', 'http://x.example/fhir', /must not end in \/fhir/],
    ['ALCOVE_BASE_URL', 'http://me@x.example', /must have no user/],
    ['ALCOVE_AUTH', 'builtin', /comes with a later release/],
    ['ALCOVE_AUTH', 'off', /must be one of none/],
    ['ALCOVE_VALIDATION', 'ENFORCE', /must be one of enforce, warn/],
    ['ALCOVE_REFERENCES', 'on', /must be one of enforce, off/],
    ['ALCOVE_MAX_BODY_MB', '0', /from 1 to 1024/],
    ['ALCOVE_REQUEST_TIMEOUT_SECONDS', '1s', /from 1 to 3600/],
    ['ALCOVE_CORS_ORIGINS', 'https://a.example/app', /an origin is scheme, host and port alone/],
    ['ALCOVE_CORS_ORIGINS', 'a.example', /an origin is scheme, host and port alone/],
    ['ALCOVE_LOG_LEVEL', 'loud', /must be one of info/],
  ]
  for (const [variable, text, told] of cases) {
    const list = faults({ [variable]: text })
    t.equal(list.length, 1, `${variable}=${text}`)
    t.ok(list[0]?.startsWith(`${variable} `), `${variable}=${text} names itself`)
    t.match(list[0], told)
  }
  t.notMatch(faults({ ALCOVE_DATABASE: 'mongodb://u:secret@h/db' })[0], /secret/)
})

t.test('all faults are told at once', async (t) => {
  const list = faults({ ALCOVE_PORT: 'x', ALCOVE_AUTH: 'x', ALCOVE_VALIDATION: 'x', ALCOVE_PROT: '1' })
  t.same(
    list.map((it) => it.split(' ')[0]),
    ['ALCOVE_PORT', 'ALCOVE_AUTH', 'ALCOVE_VALIDATION', 'ALCOVE_PROT'],
  )
})

t.test('an unknown variable is a fault with a suggestion', async (t) => {
  t.same(faults({ ALCOVE_PROT: '1' }), ['ALCOVE_PROT is not a setting; did you mean ALCOVE_PORT?'])
  t.match(
    faults({ ALCOVE_SOMETHING_ELSE_ALTOGETHER: '1' })[0],
    /is not a setting; the settings are ALCOVE_DATABASE, /,
  )
})

t.test('without authorization only loopback can be listened on', async (t) => {
  for (const host of [
    '0.0.0.0',
    '::',
    '192.168.1.4',
    'example.org',
    '127.0.0.1.example.org',
    '128.0.0.1',
    '127.0.0.256',
  ])
    t.match(faults({ ALCOVE_HOST: host }), [/^ALCOVE_HOST is .* listen on 127.0.0.1, ::1 or localhost/], host)
  for (const host of ['127.0.0.1', '127.255.0.1', '::1', 'localhost']) t.ok(isLoopback(host), host)
})
