// A server that bills and finds claims by the search parameters that ship, with payers and clinicians, asked through `inject`.
import { readdirSync, readFileSync } from 'node:fs'
import {
  decimalText,
  loadDefinitions,
  parseJson,
  type JsonObject,
  type Resource,
} from '../../../src/fhir/index.ts'
import { createSearch, type Search } from '../../../src/search/index.ts'
import type { AccessFilter } from '../../../src/store/index.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { openNaiveStore } from '../../contract/naive-store.ts'
import { BASE, startServer, type Reply, type TestServer } from '../../rest/server.ts'
import { billingParts, coverage, patient, payer, resource, therapist, therapistRole } from '../practice.ts'

export const NOW = Date.UTC(2026, 5, 30, 9, 0, 0)
export const TODAY = '2026-06-30'

const folder = new URL('../../../profiles/billing/', import.meta.url)
export const SHIPPED_PARAMETERS: readonly Resource[] = readdirSync(folder)
  .filter((name) => name.startsWith('search-parameter-'))
  .map((name) => parseJson(readFileSync(new URL(name, folder))) as Resource)

/** With the parameters that ship, live. */
export async function searchThatFindsClaims(): Promise<Search> {
  const search = createSearch({ definitions: loadDefinitions(), baseUrl: BASE })
  const parameters = []
  for (const one of SHIPPED_PARAMETERS) parameters.push(await search.checkCustom(one))
  search.setCustom(parameters.map((one) => ({ ...one, state: 'live' })))
  return search
}

export interface RevenueServer extends TestServer {
  put(...resources: readonly (Resource | JsonObject)[]): Promise<void>
  revenue(query?: string): Promise<Told>
  /** The same server for who sees no more than this. */
  seenBy(access: AccessFilter): RevenueServer
}

/** Two payers, three clinicians, of whom one has a role, and two members each. */
export const PEOPLE: readonly Resource[] = [
  payer('payer1'),
  payer('payer2', { name: 'Valley Mutual' }),
  payer('clinic1', { name: 'Harbor Behavioral Health' }),
  therapist('therapist1'),
  therapist('therapist2', { name: [{ text: 'Dr. Bo Chen' }] }),
  therapist('therapist3', { name: [] }),
  therapistRole(),
  ...['p1', 'p2', 'p3', 'p4'].map((id) => patient(id)),
  ...['p1', 'p2', 'p3', 'p4'].map((id, at) =>
    coverage(`cov-${id}`, id, { payor: [{ reference: `Organization/payer${(at % 2) + 1}` }] }),
  ),
].map((one) => (one['name'] instanceof Array && one['name'].length === 0 ? without(one, 'name') : one))

function without(one: Resource, key: string): Resource {
  return resource(Object.fromEntries(Object.entries(one).filter(([name]) => name !== key)) as Resource)
}

export async function revenueServer(
  t: { teardown(work: () => unknown): void },
  { findsByDay = true, onArrays = false } = {},
): Promise<RevenueServer> {
  const clock = { now: NOW }
  const now = (): number => clock.now
  const store = onArrays ? openNaiveStore({ now }) : await openSqliteStore({ file: ':memory:', now })
  const search = findsByDay
    ? await searchThatFindsClaims()
    : createSearch({ definitions: loadDefinitions(), baseUrl: BASE })
  const servers: TestServer[] = []
  const start = (access?: AccessFilter): RevenueServer => {
    const server = startServer(t, {
      kept: { store, clock },
      repository: { search },
      rest: { search, billing: billingParts(BASE) },
      ...(access === undefined ? {} : { access }),
    })
    servers.push(server)
    return {
      ...server,
      async put(...resources) {
        const entry = resources.map((one) => ({
          resource: one,
          request: { method: 'PUT', url: `${one['resourceType']}/${one['id']}` },
        }))
        const reply = await server.ask('POST /fhir', { resourceType: 'Bundle', type: 'transaction', entry })
        if (reply.status !== 200) throw new Error(reply.text)
      },
      revenue: async (query = '') => toldBy(await server.ask(`GET $revenue${query}`)),
      seenBy: start,
    }
  }
  const server = start()
  t.teardown(async () => {
    for (const one of servers) await one.app.close()
    await store.close()
  })
  await server.put(...PEOPLE)
  return server
}

export type Figures = Readonly<Record<string, string | number>>

/** What $revenue tells, each value as it is written. */
export interface Told {
  readonly reply: Reply
  readonly total: Figures
  /** By the keys of the row, one after the other. */
  readonly rows: ReadonlyMap<string, Figures>
  readonly order: readonly string[]
}

function toldBy(reply: Reply): Told {
  const parameters = (
    reply.status === 200 ? (parseJson(Buffer.from(reply.text)) as JsonObject)['parameter'] : []
  ) as JsonObject[]
  const rows = parameters.filter(({ name }) => name === 'row').map(({ part }) => part as JsonObject[])
  const total = parameters.find(({ name }) => name === 'total')?.['part'] as JsonObject[] | undefined
  const keyed = rows.map((parts): [string, Figures] => [keyOf(parts), figuresOf(parts)])
  return { reply, total: figuresOf(total ?? []), rows: new Map(keyed), order: keyed.map(([key]) => key) }
}

const KEYS = ['payer', 'month', 'clinician', 'code']

function keyOf(parts: readonly JsonObject[]): string {
  return parts
    .filter(({ name }) => KEYS.includes(name as string))
    .map(({ valueReference, valueDate, valueCoding }) => {
      if (valueReference !== undefined) return (valueReference as JsonObject)['reference']
      return valueDate ?? (valueCoding as JsonObject)['code']
    })
    .join(' ')
}

/** Money as it is written; the parts of a group under its name: `aging 0-30`, `daysToPayment median`. */
function figuresOf(parts: readonly JsonObject[]): Figures {
  const figures: Record<string, string | number> = {}
  for (const one of parts) {
    const name = one['name'] as string
    if (KEYS.includes(name)) continue
    const { part } = one
    if (!Array.isArray(part)) figures[name] = valueIn(one)
    else if (name === 'aging') {
      const [days, claims, open] = part as JsonObject[]
      figures[`aging ${String(days?.['valueCode'])}`] = valueIn(open as JsonObject)
      figures[`aging claims ${String(days?.['valueCode'])}`] = valueIn(claims as JsonObject)
    } else
      for (const inner of part as JsonObject[]) figures[`${name} ${String(inner['name'])}`] = valueIn(inner)
  }
  return figures
}

function valueIn({ valueMoney, valueUnsignedInt, valueDecimal }: JsonObject): string | number {
  if (valueMoney !== undefined) {
    const money = valueMoney as JsonObject
    return decimalText(money, 'value') ?? String(money['value'])
  }
  return (valueUnsignedInt ?? valueDecimal) as number
}
