// The settings: one table, read once from the environment into a frozen object, every error named at once.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { nearestName } from './fhir/index.ts'

/** `file` is absolute, or `:memory:` for a throwaway store. */
export interface DatabaseSetting {
  readonly kind: 'sqlite'
  readonly file: string
}

interface Setting<T> {
  /** The environment variable. */
  readonly name: string
  /** What may stand in it, for people. */
  readonly type: string
  /** As one would write it; '' for none. */
  readonly default: string
  readonly secret: boolean
  readonly meaning: string
  /** @throws Error whose message completes "NAME ..." */
  readonly read: (text: string, sources: Sources) => T
}

interface Sources {
  readonly cwd: string
  readonly readFile: (path: string) => Uint8Array
}

function setting<T>(
  name: string,
  type: string,
  fallback: string,
  meaning: string,
  read: Setting<T>['read'],
  secret = false,
): Setting<T> {
  return { name, type, default: fallback, secret, meaning, read }
}

const MEGABYTE = 1024 * 1024

export const SETTINGS = {
  database: setting(
    'ALCOVE_DATABASE',
    '`sqlite:PATH` or `sqlite::memory:`',
    'sqlite:./data/alcove.db',
    'Where records are kept. `sqlite::memory:` is a throwaway store, gone when the process ends.',
    readDatabase,
  ),
  encryptionKey: setting(
    'ALCOVE_ENCRYPTION_KEY_FILE',
    'path',
    '',
    'A file with the key that encrypts the database at rest: 32 bytes, raw, as 64 hex digits or as base64.',
    readKeyFile,
    true,
  ),
  host: setting('ALCOVE_HOST', 'address', '127.0.0.1', 'The address listened on.', readHost),
  port: setting(
    'ALCOVE_PORT',
    'number, 0 to 65535',
    '8080',
    'The port listened on; 0 takes a free one.',
    integer(0, 65535),
  ),
  baseUrl: setting(
    'ALCOVE_BASE_URL',
    'URL',
    '',
    'The address clients use, without `/fhir`; set it when a proxy stands in front. `http://HOST:PORT` when not set.',
    readBaseUrl,
  ),
  auth: setting(
    'ALCOVE_AUTH',
    '`none`',
    'none',
    'Who may call. `none` asks nobody for a token, and is possible on loopback addresses only.',
    readAuth,
  ),
  validation: setting(
    'ALCOVE_VALIDATION',
    '`enforce` or `warn`',
    'enforce',
    'Whether an invalid resource is refused, or stored with warnings.',
    oneOf('enforce', 'warn'),
  ),
  references: setting(
    'ALCOVE_REFERENCES',
    '`enforce` or `off`',
    'enforce',
    'Whether a reference to a resource of this server must find it. With `off`, callers from whom something is hidden must still see whatever their records take security labels from.',
    oneOf('enforce', 'off'),
  ),
  scoresResponses: setting(
    'ALCOVE_SCORE_RESPONSES',
    '`on` or `off`',
    'on',
    'Whether a questionnaire response that is done is scored when it is saved: its scores, and the alerts that it raises, are written with it. What has been made from a response follows its changes in any case.',
    (text) => oneOf('on', 'off')(text) === 'on',
  ),
  draftsClaims: setting(
    'ALCOVE_DRAFT_CLAIMS',
    '`on` or `off`',
    'off',
    'Whether a final note on a finished visit makes its draft claim, or a Task that says what is missing.',
    (text) => oneOf('on', 'off')(text) === 'on',
  ),
  noteHours: setting(
    'ALCOVE_NOTE_HOURS',
    'number, 1 to 8760',
    '72',
    'Hours after the end of a visit from which a note that is not there is late.',
    integer(1, 8760),
  ),
  x12Folder: setting(
    'ALCOVE_X12_FOLDER',
    'path',
    '',
    'Where files for payers are put (`out/`) and their answers are read (`in/`); `x12` beside the database when not set. What stands there is not encrypted.',
    (text, { cwd }) => (text === '' ? undefined : resolve(cwd, text)),
  ),
  x12Sender: setting(
    'ALCOVE_X12_SENDER',
    '`QUALIFIER:ID`',
    'ZZ:ALCOVE',
    'By whom files are sent (ISA05, ISA06): as the payer or clearing house has it.',
    readPartner,
  ),
  x12Receiver: setting(
    'ALCOVE_X12_RECEIVER',
    '`QUALIFIER:ID`',
    'ZZ:RECEIVER',
    'To whom files are sent (ISA07, ISA08): a clearing house, or the payer.',
    readPartner,
  ),
  x12IsTest: setting(
    'ALCOVE_X12_USAGE',
    '`test` or `production`',
    'test',
    'Whether files are for trial, or count (ISA15).',
    (text) => oneOf('test', 'production')(text) === 'test',
  ),
  maxBodyBytes: setting(
    'ALCOVE_MAX_BODY_MB',
    'number, 1 to 1024',
    '50',
    'The largest request body accepted, in megabytes, after decompression.',
    (text) => integer(1, 1024)(text) * MEGABYTE,
  ),
  requestTimeoutSeconds: setting(
    'ALCOVE_REQUEST_TIMEOUT_SECONDS',
    'number, 1 to 3600',
    '60',
    'How long a request may take to arrive.',
    integer(1, 3600),
  ),
  corsOrigins: setting(
    'ALCOVE_CORS_ORIGINS',
    'list of origins, or `*`',
    '',
    'Web pages of these origins, separated by commas, may call the server from a browser.',
    readOrigins,
  ),
  maxBundleEntries: setting(
    'ALCOVE_MAX_BUNDLE_ENTRIES',
    'number, 1 to 1000000',
    '10000',
    'The most entries that a batch or transaction may have. Each takes some 25 KB of memory while it is worked on.',
    integer(1, 1_000_000),
  ),
  maxInFlight: setting(
    'ALCOVE_MAX_IN_FLIGHT',
    'number, 1 to 100000',
    '1000',
    'Requests worked on at once; a further one is answered 503 with Retry-After.',
    integer(1, 100_000),
  ),
  maxQueuedWrites: setting(
    'ALCOVE_MAX_QUEUED_WRITES',
    'number, 1 to 100000',
    '2000',
    'Writes that may wait for their turn; a further one is answered 503 with Retry-After.',
    integer(1, 100_000),
  ),
  drainSeconds: setting(
    'ALCOVE_DRAIN_SECONDS',
    'number, 0 to 300',
    '0',
    'How long, once asked to end, the server goes on accepting while `/readyz` says 503, so that a load balancer sends requests elsewhere first.',
    integer(0, 300),
  ),
  shutdownSeconds: setting(
    'ALCOVE_SHUTDOWN_SECONDS',
    'number, 1 to 3600',
    '25',
    'How long, once it stops accepting, the server finishes what it accepted before it cuts connections off.',
    integer(1, 3600),
  ),
  maxConnections: setting(
    'ALCOVE_MAX_CONNECTIONS',
    'number, 16 to 1000000',
    '5000',
    'Connections open at once; a further one is ended.',
    integer(16, 1_000_000),
  ),
  answerTimeoutSeconds: setting(
    'ALCOVE_ANSWER_TIMEOUT_SECONDS',
    'number, 1 to 3600',
    '120',
    'How long the server may work on a request that has come; then it is answered 503.',
    integer(1, 3600),
  ),
  logLevel: setting(
    'ALCOVE_LOG_LEVEL',
    '`trace` to `fatal`, or `silent`',
    'info',
    'How much is logged. No line ever holds patient data.',
    oneOf('info', 'trace', 'debug', 'warn', 'error', 'fatal', 'silent'),
  ),
} as const

type Settings = typeof SETTINGS

/** The settings as read: sizes in bytes, times in seconds, `baseUrl` undefined when it follows from host and port. */
export type Config = { readonly [K in keyof Settings]: ReturnType<Settings[K]['read']> }

/** Every fault of the settings, one a line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
    this.faults = faults
  }
}

/**
 * Reads all settings; `env` is the process environment, of which only `ALCOVE_*` is looked at.
 * @throws ConfigError naming every fault
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  sources: Sources = { cwd: process.cwd(), readFile: (path) => readFileSync(path) },
): Config {
  const faults: string[] = []
  const values: Record<string, unknown> = {}
  for (const [key, it] of Object.entries(SETTINGS) as [keyof Settings, Setting<unknown>][]) {
    const text = env[it.name]?.trim()
    try {
      values[key] = it.read(text === undefined || text === '' ? it.default : text, sources)
    } catch (error) {
      faults.push(`${it.name} ${(error as Error).message}`)
    }
  }
  faults.push(...unknownVariables(Object.keys(env)))
  const { auth, host } = values as Partial<Config>
  if (auth === 'none' && host !== undefined && !isLoopback(host))
    faults.push(
      `ALCOVE_HOST is ${JSON.stringify(host)}, which other machines can reach, but ALCOVE_AUTH=none lets in anyone ` +
        'without asking: listen on 127.0.0.1, ::1 or localhost',
    )
  if (faults.length > 0) throw new ConfigError(faults)
  return Object.freeze(values) as Config
}

/** The address clients use when it is not set, of a server on this port. */
export function baseUrlOf(config: Pick<Config, 'baseUrl' | 'host'>, port: number): string {
  if (config.baseUrl !== undefined) return config.baseUrl
  return `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`
}

/** True for 127.0.0.0/8, ::1 and localhost: addresses that only this machine reaches. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true
  const parts = host.split('.')
  return (
    parts.length === 4 && parts[0] === '127' && parts.every((it) => /^\d{1,3}$/.test(it) && Number(it) <= 255)
  )
}

function unknownVariables(names: readonly string[]): string[] {
  const known = Object.values(SETTINGS).map((it) => it.name)
  return names
    .filter((name) => name.startsWith('ALCOVE_') && !(known as string[]).includes(name))
    .sort()
    .map((name) => {
      const near = nearestName(name, known)
      return `${name} is not a setting${near === undefined ? `; the settings are ${known.join(', ')}` : `; did you mean ${near}?`}`
    })
}

function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new Error(`is ${JSON.stringify(text)}, but must be a whole number from ${min} to ${max}`)
    return value
  }
}

function oneOf<const Choice extends string>(...choices: readonly Choice[]): (text: string) => Choice {
  return (text) => {
    const choice = choices.find((it) => it === text)
    if (choice === undefined)
      throw new Error(`is ${JSON.stringify(text)}, but must be one of ${choices.join(', ')}`)
    return choice
  }
}

function readDatabase(text: string, { cwd }: Sources): DatabaseSetting {
  if (text === 'sqlite::memory:') return Object.freeze({ kind: 'sqlite', file: ':memory:' })
  if (/^mongodb(\+srv)?:/.test(text))
    throw new Error(
      'names a MongoDB, which this release cannot use yet: write sqlite:PATH or sqlite::memory:',
    )
  const path = /^sqlite:(?!\/\/)(.+)$/.exec(text)?.[1]
  // The text is not repeated: a connection string may hold a password.
  if (path === undefined || path.startsWith(':'))
    throw new Error('must be sqlite:PATH, such as sqlite:./data/alcove.db, or sqlite::memory:')
  return Object.freeze({ kind: 'sqlite', file: resolve(cwd, path) })
}

function readKeyFile(text: string, { cwd, readFile }: Sources): Buffer | undefined {
  if (text === '') return undefined
  let bytes: Uint8Array
  try {
    bytes = readFile(resolve(cwd, text))
  } catch (error) {
    throw new Error(`cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`)
  }
  if (bytes.length === 32) return Buffer.from(bytes)
  const written = Buffer.from(bytes).toString('latin1').trim()
  if (/^[0-9A-Fa-f]{64}$/.test(written)) return Buffer.from(written, 'hex')
  if (/^[A-Za-z0-9+/_-]{43}=?$/.test(written)) return Buffer.from(written, 'base64')
  throw new Error(
    'must name a file of 32 bytes, raw, as 64 hex digits or as base64; one is made by: ' +
      'head -c 32 /dev/urandom > alcove.key',
  )
}

function readHost(text: string): string {
  const host = /^\[(.+)\]$/.exec(text)?.[1] ?? text
  if (!/^[A-Za-z0-9.:_-]+$/.test(host))
    throw new Error(`is ${JSON.stringify(text)}, but must be a host name or address`)
  return host.toLowerCase()
}

function readBaseUrl(text: string): string | undefined {
  if (text === '') return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  const fault =
    url === undefined || !/^https?:$/.test(url.protocol)
      ? 'must be an absolute http or https URL'
      : url.username !== '' || url.search !== '' || url.hash !== ''
        ? 'must have no user, query or fragment'
        : /\/fhir\/?$/.test(url.pathname)
          ? 'must not end in /fhir, which the server adds'
          : undefined
  if (fault !== undefined) throw new Error(`${fault}, such as https://fhir.example.org`)
  return text.replace(/\/+$/, '')
}

function readAuth(text: string): 'none' {
  if (text === 'builtin' || text === 'external')
    throw new Error(`is ${text}, which comes with a later release: only none is possible yet`)
  return oneOf('none')(text)
}

function readPartner(text: string): { readonly qualifier: string; readonly id: string } {
  const [, qualifier, id] = /^([A-Z0-9]{2}):([A-Za-z0-9-]{1,15})$/.exec(text) ?? []
  if (qualifier === undefined || id === undefined)
    throw new Error(
      'must be a qualifier of two characters, a colon and an id of at most 15, such as ZZ:CLINIC7',
    )
  return Object.freeze({ qualifier, id: id.toUpperCase() })
}

function readOrigins(text: string): readonly string[] {
  const origins = text
    .split(',')
    .map((it) => it.trim())
    .filter((it) => it !== '')
  for (const it of origins)
    if (it !== '*' && !(URL.canParse(it) && /^https?:/.test(it) && new URL(it).origin === it))
      throw new Error(
        `has ${JSON.stringify(it)}, but an origin is scheme, host and port alone: https://app.example.org`,
      )
  return Object.freeze(origins)
}
