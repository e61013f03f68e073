// A whole server on a store of its own, asked through `inject`: what the tests of rest/ and http/ start from.
import { Writable } from 'node:stream'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { pino } from 'pino'
import { UNAUTHENTICATED } from '../../src/access/index.ts'
import { createTerminology, createValidator } from '../../src/conformance/index.ts'
import { loadDefinitions } from '../../src/fhir/index.ts'
import { buildHttp, type HttpOptions } from '../../src/http/index.ts'
import { Repository, WriteLines, type RepositoryParts } from '../../src/repository/index.ts'
import { capabilityBytes, createPageLinks, type RestContext } from '../../src/rest/index.ts'
import { createSearch } from '../../src/search/index.ts'
import type { AccessFilter, Store } from '../../src/store/index.ts'
import { openSqliteStore, type SqliteStoreOptions } from '../../src/store/sqlite/index.ts'
import { openNaiveStore } from '../contract/naive-store.ts'

export const BASE = 'http://alcove.test/fhir'
export const START = Date.UTC(2026, 0, 31, 8, 0, 0, 123)

const definitions = loadDefinitions()
const validator = createValidator(definitions)
const search = createSearch({ definitions, baseUrl: BASE })

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  // oxlint-disable-next-line no-explicit-any -- tests look into bodies of every shape
  readonly json: any
}

export interface TestServer {
  readonly app: FastifyInstance
  readonly store: Store
  /** Everything logged, a line each. */
  readonly log: string[]
  /** Moves the clock. */
  tick(milliseconds: number): void
  /** `GET Patient/1`, below the FHIR base unless it starts with `/`; an object is sent as FHIR JSON. */
  ask(line: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Reply>
}

interface ServerOptions {
  readonly http?: Partial<HttpOptions>
  readonly repository?: Partial<RepositoryParts>
  readonly rest?: Partial<RestContext>
  /** What callers may see; everything when not given. */
  readonly access?: AccessFilter
  /** Stands between the Repository and the store, to make it slow or break it. */
  readonly wrap?: (store: Store) => Store
  /** In place of one of arrays; with the clock that its times come from. */
  readonly kept?: { readonly store: Store; readonly clock: { now: number } }
}

export function startServer(
  t: { teardown(work: () => unknown): void },
  options: ServerOptions = {},
): TestServer {
  const time = options.kept?.clock ?? { now: START }
  let ids = 0
  const clock = (): number => time.now
  const inner = options.kept?.store ?? openNaiveStore({ now: clock })
  const store = options.wrap?.(inner) ?? inner
  const parts: RepositoryParts = {
    store,
    definitions,
    validator,
    search,
    terminology: createTerminology(),
    lines: new WriteLines(),
    newId: () => `id-${++ids}`,
    validation: 'enforce',
    references: 'enforce',
    baseUrl: BASE,
    ...options.repository,
  }
  const log: string[] = []
  const logger = pino(
    { level: 'info', base: null },
    new Writable({
      write(chunk, _encoding, done) {
        log.push(String(chunk))
        done()
      },
    }),
  )
  const statement = capabilityBytes({
    baseUrl: BASE,
    definitions,
    search,
    software: { name: 'Alcove', version: '0.0.0-test' },
    date: START,
    enforcesReferences: true,
  })
  const rest: RestContext = {
    baseUrl: BASE,
    definitions,
    search,
    pageLinks: createPageLinks(Buffer.alloc(32, 7)),
    now: clock,
    mostEntries: 5000,
    capabilityStatement: () => statement,
    reportFailure: (error) => logger.error({ error: (error as Error).name }),
    ...options.rest,
  }
  const repository = new Repository(parts, UNAUTHENTICATED, options.access)
  const app = buildHttp({
    rest,
    repositoryFor: ({ asker }) => repository.askedBy(asker),
    logger,
    newId: () => 'test',
    version: '0.0.0-test',
    ...options.http,
  })
  t.teardown(() => app.close())

  return {
    app,
    store,
    log,
    tick: (milliseconds) => {
      time.now += milliseconds
    },
    async ask(line, body, headers = {}) {
      const [method = '', path = ''] = line.split(/ (.*)/s)
      const sent = body === undefined ? undefined : encode(body)
      const reply = await app.inject({
        method: method as NonNullable<InjectOptions['method']>,
        url: path.startsWith('/') ? path : `/fhir/${path}`,
        ...(sent === undefined ? {} : { payload: sent.payload }),
        headers: { ...sent?.headers, ...headers },
      })
      const text = reply.body
      return {
        status: reply.statusCode,
        headers: reply.headers as Record<string, string>,
        text,
        get json() {
          return JSON.parse(text)
        },
      }
    },
  }
}

/** The same on a real store, in a temporary file. */
export async function startSqliteServer(
  t: { teardown(work: () => unknown): void },
  options: Omit<ServerOptions, 'kept'> & { readonly sqlite?: Partial<SqliteStoreOptions> } = {},
): Promise<TestServer> {
  const clock = { now: START }
  const store = await openSqliteStore({ file: ':memory:', now: () => clock.now, ...options.sqlite })
  const server = startServer(t, { ...options, kept: { store, clock } })
  t.teardown(async () => {
    await server.app.close()
    await store.close()
  })
  return server
}

function encode(body: unknown): { payload: string | Buffer; headers: Record<string, string> } {
  const payload = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  return { payload, headers: { 'content-type': 'application/fhir+json' } }
}
