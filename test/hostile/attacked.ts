// A server under attack: every answer is held to the law, and a record that it knows must still be told afterwards.
import type { Test } from 'tap'
import { startSqliteServer, type Reply, type TestServer } from '../rest/server.ts'
import { faultOf } from './judge.ts'

export const KNOWN = { resourceType: 'Patient', id: 'known', name: [{ family: 'Known', given: ['A', 'B'] }] }

export interface Attacked extends TestServer {
  /** Asks and holds the answer to the law; a fault fails the test under `name`. */
  attack(
    name: string,
    line: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Reply>
  /** The server goes on as if nothing had been, and has logged no failure. */
  survives(): Promise<void>
}

type Options = Parameters<typeof startSqliteServer>[1]

export async function attacked(t: Test, options: Options = {}): Promise<Attacked> {
  const server = await startSqliteServer(t, options)
  const stored = await server.ask('PUT Patient/known', KNOWN)
  if (stored.status !== 201) throw new Error(stored.text)
  const known = await server.ask('GET Patient/known')
  return {
    ...server,
    async attack(name, line, body, headers = {}) {
      const reply = await server.ask(line, body, headers)
      const sent = [line, Object.values(headers).join(' '), textOf(body)].join(' ')
      const fault = faultOf(reply, sent, line.split(' ', 1)[0])
      if (fault !== undefined) t.fail(`${name}: ${fault}`)
      return reply
    },
    async survives() {
      const again = await server.ask('GET Patient/known')
      t.equal(again.status, 200, 'the server goes on')
      t.equal(again.text, known.text, 'and tells what it told before')
      t.same(server.log.filter(isFailure), [], 'nothing failed inside')
    },
  }
}

/** pino's levels: 50 is error, 60 fatal. */
export function isFailure(line: string): boolean {
  return (JSON.parse(line) as { level: number }).level >= 50
}

function textOf(body: unknown): string {
  if (body === undefined || typeof body === 'string') return body ?? ''
  return Buffer.isBuffer(body) ? body.toString('latin1') : JSON.stringify(body)
}
