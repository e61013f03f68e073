// A server's whole HTTP face for somebody who may not see some labels, on a world that labels.
import { Writable } from 'node:stream'
import type { InjectOptions } from 'fastify'
import { pino } from 'pino'
import { UNAUTHENTICATED } from '../../../src/access/index.ts'
import { buildHttp } from '../../../src/http/index.ts'
import { Repository } from '../../../src/repository/index.ts'
import { capabilityBytes, createPageLinks } from '../../../src/rest/index.ts'
import type { SecurityLabel } from '../../../src/store/index.ts'
import type { LabelledWorld } from './labelled-world.ts'

export interface Heard {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
}

/** `GET Patient/1` below the FHIR base; an object is sent as FHIR JSON. */
export type Ask = (line: string, body?: unknown, headers?: Readonly<Record<string, string>>) => Promise<Heard>

/** @param withoutLabels what carries one of these is not seen */
export function restrictedDoor(
  t: { teardown(work: () => unknown): void },
  { parts }: LabelledWorld,
  withoutLabels: readonly SecurityLabel[],
): Ask {
  const { baseUrl, definitions, search } = parts
  const repository = new Repository(parts, UNAUTHENTICATED, {
    anyOf: [{ types: '*', patients: '*', withoutLabels }],
  })
  const statement = capabilityBytes({
    baseUrl,
    definitions,
    search,
    software: { name: 'Alcove', version: '0.0.0-test' },
    date: 0,
    enforcesReferences: true,
  })
  const app = buildHttp({
    rest: {
      baseUrl,
      definitions,
      search,
      pageLinks: createPageLinks(Buffer.alloc(32, 7)),
      now: Date.now,
      mostEntries: 5000,
      capabilityStatement: () => statement,
      reportFailure: () => {},
    },
    repositoryFor: ({ asker }) => repository.askedBy(asker),
    logger: pino({ level: 'silent' }, new Writable({ write: (_chunk, _encoding, done) => done() })),
    newId: () => 'test',
    version: '0.0.0-test',
  })
  t.teardown(() => app.close())
  return async (line, body, headers = {}) => {
    const [method = '', path = ''] = line.split(/ (.*)/s)
    const reply = await app.inject({
      method: method as NonNullable<InjectOptions['method']>,
      url: `/fhir/${path}`,
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
      headers: {
        ...(body === undefined
          ? {}
          : {
              'content-type': Array.isArray(body) ? 'application/json-patch+json' : 'application/fhir+json',
            }),
        ...headers,
      },
    })
    return { status: reply.statusCode, headers: reply.headers, text: reply.body }
  }
}
